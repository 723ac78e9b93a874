"""What the page shows of one event, as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = [
    "Arrival",
    "EventPart",
    "Figure",
    "Lean",
    "Moved",
    "NamedItem",
    "PastRun",
    "Point",
    "Reasons",
    "Watch",
]


@dataclass(frozen=True)
class Figure:
    """What is said of an event by one deadline.

    Parameters
    ----------
    by
        The deadline.
    probability, mcse, lower, upper, prior
        As in the ledger: the central 90% interval, the Monte Carlo error, and the probability
        without the evidence.
    before
        What the run before said of the same deadline; None where it said nothing.
    lower_mcse, upper_mcse
        The Monte Carlo errors of the interval's ends.
    """

    by: datetime
    probability: float
    mcse: float | None = None
    lower: float | None = None
    upper: float | None = None
    prior: float | None = None
    before: float | None = None
    lower_mcse: float | None = None
    upper_mcse: float | None = None

    @property
    def change(self) -> float | None:
        """The difference from the run before."""
        return None if self.before is None else self.probability - self.before

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt."""
        return self.probability in (0.0, 1.0)


@dataclass(frozen=True)
class Point:
    """A probability at a date, with its central 90% interval."""

    at: datetime
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class PastRun:
    """One run's forecasts of an event, by deadline.

    Parameters
    ----------
    entry
        Its place in the ledger.
    as_of, made_at
        The knowledge cut-off, and when it was published.
    forced
        Whether its gate failed.
    figures
        What it said.
    """

    entry: int
    as_of: datetime
    made_at: datetime
    forced: bool
    figures: tuple[Figure, ...]


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
        What it says of the event, in a word.
    text, citation
        In words, and where it stands.
    """

    id: str
    event: str
    published: datetime
    kind: str
    source: str = ""
    claim: str = ""
    text: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Moved:
    """A step from the prior to the forecast, in log-odds.

    Parameters
    ----------
    item
        The item's id; or what else moved it, in parentheses.
    log_odds
        What it added, in order of publication.
    probability
        The forecast so far.
    copies
        How many items more, that copy it or share its origin, are counted with it.
    """

    item: str
    log_odds: float
    probability: float
    copies: int = 0


@dataclass(frozen=True)
class Lean:
    """A number that a forecast leans on.

    Parameters
    ----------
    number
        Which, in words.
    share
        Of the forecast's variance, the part that goes with it.
    low, high
        The forecast, were it in the lowest or the highest tenth of what is still held possible.
    """

    number: str
    share: float
    low: float
    high: float


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
    """

    source: str
    event: str
    says_on: float
    if_on: float
    if_off: float
    change: float


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
    """

    by: datetime
    moved: tuple[Moved, ...] = ()
    leans: tuple[Lean, ...] = ()
    watch: tuple[Watch, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


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
        The event.
    resolution, why, prior
        How to tell that it has happened, why its numbers are what they are, and its rate as stated.
    figures
        By deadline.
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
    figures: tuple[Figure, ...]
    curve: tuple[Point, ...] = ()
    history: tuple[PastRun, ...] = ()
    items: tuple[NamedItem, ...] = ()
    reasons: Reasons | None = None
    outcome: Arrival | None = None

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt at any deadline."""
        return all(figure.settled for figure in self.figures)
