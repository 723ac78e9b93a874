"""What goes into the ledger and comes out of it: frozen records, no database in sight."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

__all__ = [
    "ArtifactRecord",
    "Entry",
    "ForecastRecord",
    "ItemRecord",
    "Outcome",
    "ResolutionRecord",
    "RunRecord",
]

type Outcome = Literal["happened", "not_by", "void"]


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """One forecast: how probable an event is by a deadline, under a condition or none.

    Parameters
    ----------
    event
        The event's id.
    deadline
        The instant that it is on by.
    probability
        From 0 to 1.
    lower, upper
        The central 90% interval over the uncertain parameters; None where there is none.
    mcse
        The Monte Carlo standard error of `probability`.
    prior
        The probability without the evidence.
    valid_until
        From when on it is no longer held to: the deadline at the latest.
    condition
        What it is conditional on, as JSON such as ``{"given":{"pact":"2024-10-01"}}``; empty where
        on nothing.
    lower_mcse, upper_mcse
        The Monte Carlo standard errors of `lower` and `upper`; None where they are not known, as in
        what was published before they were kept.
    """

    event: str
    deadline: datetime
    probability: float
    lower: float | None
    upper: float | None
    mcse: float | None
    prior: float | None
    valid_until: datetime
    condition: str = ""
    lower_mcse: float | None = None
    upper_mcse: float | None = None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item of evidence as it was seen: its id, and all of it as JSON."""

    item: str
    body: str


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """A file that belongs to a run: where it stands in the folder of runs, and what it holds."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of one network.

    Parameters
    ----------
    key
        The SHA-256 of everything that the run was made from; published once.
    network, network_body
        The network's name, and all of it as JSON.
    as_of
        The knowledge cut-off.
    settings, gate
        How it was estimated, and what the convergence gate said: JSON.
    forced
        Whether it was kept although the gate failed.
    forecasts, evidence, artifacts
        What it said, from what, and the files with its draws; their order is kept.
    versions
        Of this library and of those that the numbers depend on.
    """

    key: str
    network: str
    network_body: str
    as_of: datetime
    settings: str
    gate: str
    forced: bool
    forecasts: tuple[ForecastRecord, ...]
    evidence: tuple[ItemRecord, ...] = ()
    artifacts: tuple[ArtifactRecord, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolutionRecord:
    """What became of an event.

    Parameters
    ----------
    event
        The event's id.
    outcome
        ``"happened"``: it began by `at`, and not before the day that ends then. ``"not_by"``: it
        had not begun by `at`. ``"void"``: its questions are annulled.
    at
        The end of the day; None where void.
    note
        How it is known; free text.
    """

    event: str
    outcome: Outcome
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain.

    Parameters
    ----------
    seq
        Its place: 1 is the first.
    kind
        ``"run"`` or ``"resolution"``.
    made_at
        When it was appended; never earlier than the entry before it.
    previous
        The digest of the entry before it; zeros for the first.
    digest
        The SHA-256 of all of this and of the entry's rows in canonical JSON.
    """

    seq: int
    kind: str
    made_at: datetime
    previous: str
    digest: str

    @property
    def head(self) -> str:
        """The entry's place and digest, to note elsewhere and hold the ledger against later."""
        return f"{self.seq}:{self.digest}"
