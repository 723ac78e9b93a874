"""What the page shows, as plain records: gathered by those above, drawn by those beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from forecast.report.event import EventPart, NamedItem

__all__ = [
    "Calibration",
    "Influence",
    "Making",
    "NetworkPart",
    "PageContent",
    "Range",
    "Scored",
    "SourceRow",
]


class Range(NamedTuple):
    """A mean and the central 90% interval."""

    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Influence:
    """A link: from one event, by id, to another, of a kind, as it was stated."""

    parent: str
    child: str
    kind: str
    strength: str
    ratio: float | None


@dataclass(frozen=True)
class SourceRow:
    """What was stated of a source's rate, and what was learned: means and central 90% intervals."""

    source: str
    rate: str
    prior: Range
    posterior: Range
    items: int


@dataclass(frozen=True)
class Making:
    """How a run was made.

    Parameters
    ----------
    entry, head, key
        Its place in the ledger with its digest, and the digest of all that it was made from.
    method, draws, seed, known
        How it was estimated, and by which clock items were seen.
    checks
        The gate: name, value, limit, and whether it passed.
    forced
        Whether it was kept although the gate failed.
    files
        Path, SHA-256 and size in bytes.
    versions
        By package.
    """

    entry: int
    head: str
    key: str
    method: str
    draws: int
    seed: int
    known: str
    checks: tuple[tuple[str, float | None, float, bool], ...]
    forced: bool
    files: tuple[tuple[str, str, int], ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class NetworkPart:
    """One network's last run.

    Parameters
    ----------
    name, title
        The network.
    as_of, made_at
        Of the run.
    previous
        The cut-off of the run before; None where there is none.
    seen, fresh
        How many items were seen, and those that the run before had not, or had otherwise.
    events
        Open ones first, the probable before the others; then those that are settled.
    influences
        The links.
    sources
        What is known of the sources; empty where the draws are not here.
    items
        Every item that the page names, by id.
    making
        How the run was made.
    notes
        What a reader should know of this part as a whole.
    """

    name: str
    title: str
    as_of: datetime
    made_at: datetime
    previous: datetime | None
    seen: int
    fresh: tuple[NamedItem, ...]
    events: tuple[EventPart, ...]
    influences: tuple[Influence, ...]
    sources: tuple[SourceRow, ...]
    items: Mapping[str, NamedItem]
    making: Making
    notes: tuple[str, ...] = ()

    @property
    def titles(self) -> dict[str, str]:
        """What each event is called, by id."""
        return {event.id: event.title or event.id for event in self.events}

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt of any event."""
        return all(event.settled for event in self.events)


@dataclass(frozen=True)
class Scored:
    """A question that is resolved; `gain` is over the network's prior, in Brier score."""

    event: str
    by: datetime
    outcome: bool
    first: float
    last: float
    gain: float


@dataclass(frozen=True)
class Calibration:
    """The ledger's forecasts against what came about; the figures are None where nothing is scored.

    Parameters
    ----------
    questions
        One by one.
    brier, log, gain, miscalibration, discrimination, uncertainty
        Together; see `forecast score`.
    open, annulled, late
        How many questions are left out, and why.
    """

    questions: tuple[Scored, ...]
    brier: float | None
    log: float | None
    gain: float | None
    miscalibration: float | None
    discrimination: float | None
    uncertainty: float | None
    open: int
    annulled: int
    late: int


@dataclass(frozen=True)
class PageContent:
    """The page: one part a network, and what all have in common."""

    networks: tuple[NetworkPart, ...]
    calibration: Calibration
