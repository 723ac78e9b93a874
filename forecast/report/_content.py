"""What the page shows, as plain records: gathered by those above, drawn by those beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # the database library, and what is wanted for types alone
    from forecast.calibration._record import Scores
    from forecast.gate import Gate
    from forecast.layout import Diagram
    from forecast.ledger import Entry, ForecastRecord, RunRecord


type Figure = bool | float | str | None
"""A cell of a table; None where there is nothing to tell."""


@dataclass(frozen=True)
class Point:
    """A probability at a date, with its central 90% interval."""

    at: datetime
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class PastRun:
    """One run's forecasts of an event, by deadline; `forced` where its gate failed."""

    entry: int
    as_of: datetime
    made_at: datetime
    forced: bool
    figures: "tuple[ForecastRecord, ...]"


@dataclass(frozen=True)
class NamedItem:
    """An item of evidence; all but the id and the date may be empty.

    Parameters
    ----------
    id, event
        Its name, and the event that it bears on.
    published
        When.
    kind
        In a word: report, observation, …
    source
        Who said so.
    claim
        What it says of the event, in the words of its kind.
    text, citation
        In words, and where it stands.
    more_events
        The others that it bears on.
    probability, deadline
        Of an opinion: what it puts the event at, by when; else None.
    """

    id: str
    event: str
    published: datetime
    kind: str
    source: str = ""
    claim: str = ""
    text: str = ""
    citation: str = ""
    more_events: tuple[str, ...] = ()
    probability: float | None = None
    deadline: datetime | None = None

    @property
    def events(self) -> tuple[str, ...]:
        """All events that it bears on."""
        return (self.event, *self.more_events)


@dataclass(frozen=True)
class OddsStep:
    """A step from the prior, or from an earlier forecast, to the forecast.

    Parameters
    ----------
    item
        The item's id; or what else moved it, in parentheses.
    log_odds
        What it added, in order of publication.
    probability
        What the steps so far come to: of the first where they begin, of the last the forecast.
    points
        What it added to the probability; of the first step all of it.
    copies
        How many items more, that copy it or share its origin, are counted with it.
    mcse
        The Monte Carlo standard error of the log-odds; None where it is not known.
    """

    item: str
    log_odds: float
    probability: float
    points: float
    copies: int = 0
    mcse: float | None = None


@dataclass(frozen=True)
class Lean:
    """A number that a forecast leans on.

    `share` is the part of the forecast's variance that goes with it; `low` and `high` are the
    forecast, were it in the lowest or the highest tenth of what is still held possible. `parameter`
    and `label` are its name, and its place there, in the posterior.
    """

    number: str
    share: float
    low: float
    high: float
    parameter: str = ""
    label: str = ""


@dataclass(frozen=True)
class Watch:
    """A report still to come.

    Parameters
    ----------
    source, event
        Who would speak of what; an empty source where it would be seen for sure.
    says_on
        How probable it is to say that the event is on.
    if_on, if_off
        The forecast after either.
    change
        How far it would move, on average.
    says_on_mcse, if_on_mcse, if_off_mcse, change_mcse
        The Monte Carlo standard errors; None where they are not known.
    """

    source: str
    event: str
    says_on: float
    if_on: float
    if_off: float
    change: float
    says_on_mcse: float | None = None
    if_on_mcse: float | None = None
    if_off_mcse: float | None = None
    change_mcse: float | None = None


@dataclass(frozen=True)
class Reasons:
    """Why a forecast is what it is; each part with a note in its place where it cannot be told.

    Parameters
    ----------
    by
        The deadline that the reasons are of.
    moved, leans, watch
        What moved it, what it leans on, what to watch next.
    notes
        Why a part is missing, by its name: ``moved``, ``leans``, ``watch``.
    figures
        Item by item, copies each by itself, all the figures of what moved it, by column.
    """

    by: datetime
    moved: tuple[OddsStep, ...] = ()
    leans: tuple[Lean, ...] = ()
    watch: tuple[Watch, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, "tuple[Figure, ...]"] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """How an event came out: in words, and when that was entered."""

    words: str
    note: str
    made_at: datetime


@dataclass(frozen=True)
class EventPart:
    """One event.

    Parameters
    ----------
    id, title, kind
        The event; its kind in words.
    resolution, why, prior
        How to tell that it has happened, why its numbers are what they are, and these as stated.
    figures
        By deadline.
    before
        What the run before said, by deadline.
    curve
        Over dates; empty where the draws are not here.
    history
        Run by run, oldest first, this one last.
    items
        The items on it that were seen, by date.
    reasons
        None where it is settled, or where the draws are not here.
    outcome
        None where nothing is recorded.
    """

    id: str
    title: str
    kind: str
    resolution: str
    why: str
    prior: str
    figures: "tuple[ForecastRecord, ...]"
    before: Mapping[datetime, float] = field(default_factory=dict)
    curve: tuple[Point, ...] = ()
    history: tuple[PastRun, ...] = ()
    items: tuple[NamedItem, ...] = ()
    reasons: Reasons | None = None
    outcome: Arrival | None = None

    def change(self, figure: "ForecastRecord") -> float | None:
        """Return by how much a forecast differs from the run before's."""
        before = self.before.get(figure.deadline)
        return None if before is None else figure.probability - before

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt at any deadline."""
        return all(figure.settled for figure in self.figures)


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
    """How a run was made: as the ledger has it, with its settings and its gate read.

    Parameters
    ----------
    entry, run
        As the ledger has them.
    settings
        How it was estimated: ``method``, ``draws``, ``seed``, and ``known``, the clock.
    gate
        What the convergence gate said.
    """

    entry: "Entry"
    run: "RunRecord"
    settings: Mapping[str, Any]
    gate: "Gate"


@dataclass(frozen=True)
class Ranked:
    """A unit of a panel in a ranking: with its items, and whether it is told in detail."""

    place: int
    unit: str
    group: str
    event: EventPart
    figure: "ForecastRecord"
    items: int
    detailed: bool


@dataclass(frozen=True)
class Ranking:
    """All units of a panel by the probability of one event at a deadline."""

    event: str
    title: str
    deadline: datetime
    rows: tuple[Ranked, ...]


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
        The links, one for each event that a link acts on.
    drawn
        What the drawing of the network shows.
    sources
        What is known of the sources; empty where the draws are not here.
    items
        Every item that the page names, by id.
    making
        How the run was made.
    notes
        What a reader should know of this part as a whole.
    by_question
        Whether its figures answer questions, each by its own deadline.
    wordings
        The words of questions, by event and deadline.
    rankings
        Of a panel, its units by each event; `events` then holds those of some units only.
    every
        Of a panel, the events of all units, with their figures alone.
    asked
        What its questions ask, by event and deadline.
    called
        The titles of all events of the network, by id: some have no section, where only questions
        are told.
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
    drawn: "Diagram"
    sources: tuple[SourceRow, ...]
    items: Mapping[str, NamedItem]
    making: Making
    notes: tuple[str, ...] = ()
    by_question: bool = False
    wordings: Mapping[tuple[str, datetime], str] = field(default_factory=dict)
    rankings: tuple[Ranking, ...] = ()
    every: tuple[EventPart, ...] = ()
    asked: frozenset[tuple[str, datetime]] = frozenset()
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_urgency(self) -> list[tuple[EventPart, "ForecastRecord", str]]:
        """The figures of all events with the words of their questions, the next to close first."""
        rows = [
            (event, figure, self.wordings.get((event.id, figure.deadline), ""))
            for event in self.events
            for figure in event.figures
            if not self.rankings or (event.id, figure.deadline) in self.asked
        ]
        return sorted(rows, key=lambda row: (row[1].deadline, row[0].id))

    @property
    def titles(self) -> dict[str, str]:
        """What each event is called, by id."""
        told = {event.id: event.title or event.id for event in self.every or self.events}
        return {**self.called, **told}

    @property
    def deadlines(self) -> tuple[datetime, ...]:
        """The deadlines that all open events have alike; empty where they have their own."""
        of_each = {
            tuple(figure.deadline for figure in event.figures)
            for event in self.events
            if not event.settled
        }
        return of_each.pop() if len(of_each) == 1 else ()

    @property
    def detailed(self) -> frozenset[str]:
        """The events that have a section of their own."""
        return frozenset(event.id for event in self.events)

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt of any event."""
        return all(event.settled for event in self.events)


@dataclass(frozen=True)
class PageContent:
    """The page: one part a network, and what all have in common."""

    networks: tuple[NetworkPart, ...]
    scores: "Scores"
    removed: tuple[str, ...] = ()
    """Networks that the ledger has runs of, and the workspace no longer lists."""

    @property
    def titles(self) -> dict[str, str]:
        """What each event is called, by id."""
        return {name: title for part in self.networks for name, title in part.titles.items()}
