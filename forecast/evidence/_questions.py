"""Questions: an event, a deadline of their own, and what is known of the answer.

A question is what forecasters trade in: whether an event (or an outcome of a decision, a
confirmation, an n-th time) is on by a day, as some platform words it. Questions say what is told,
alerted on and scored. An answer is an observation as well, from when it was public
(`forecast.workspace._followed`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, final

from pydantic import BeforeValidator, WithJsonSchema

from forecast.errors import Fault, InputError
from forecast.evidence._asked import AskedList
from forecast.evidence._item import Place
from forecast.evidence._moment import Moment, begin, finish, moment_or_none
from forecast.evidence._resolutions import Resolution, Resolutions, resolution_faults
from forecast.network import Network
from forecast.network._base import EventId, Id, Model, bad
from forecast.network._source import to_share
from forecast.network._units import unknown_event

WORDS = ("yes", "no", "annulled")


def _to_answer(value: object) -> object:
    """Return yes, no, annulled, or the share that a question was resolved to."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = value.strip().lower()
        if text in WORDS:
            return text
        if not any(character.isdigit() for character in text):
            raise bad(
                "is no answer to a question",
                "Write yes, no, annulled, or the share that it was resolved to, such as 40%; "
                "leave it empty while the question is open.",
            )
    return to_share(value)


OneAnswer = Annotated[
    Literal["yes", "no", "annulled"] | float,
    BeforeValidator(_to_answer),
    WithJsonSchema({"type": ["string", "number"], "examples": ["yes", "no", "annulled", "40%"]}),
]


class Question(Model):
    """Whether an event is on by a deadline, as somebody asks it, with its answer once known.

    Parameters
    ----------
    id
        Its name; not that of an event.
    event
        The event, or one of its parts: ``vote.left``, ``troops.confirmed``, ``summit.2`` (at least
        twice).
    deadline
        On by the end of this day, or by this time.
    opened
        The first day on which it is forecast and scored; from the first run on, unless given.
    wording
        The question in its own words; never interpreted.
    source
        Where it is resolved, or who settled it; never interpreted.
    cluster
        A name shared by questions that are linked; default the event's.
    url
        Its page on a platform; never opened.
    outcome
        ``"yes"``, ``"no"``, ``"annulled"`` (not scored), or the share from 0 to 1 that it was
        resolved to; None while it is open.
    resolved
        The day by whose end the answer was public. A yes and a share need it; a no closes with its
        deadline.
    left_out
        Why the wording does not fit the event, so that it is not scored; empty if it fits.
    notes
        Anything else; never interpreted.

    Examples
    --------
    >>> asked = Question(
    ...     id="q1", event="pact", deadline="2024-12-31", wording="Will they sign in 2024?"
    ... )
    >>> asked.outcome is None
    True
    """

    id: Id
    event: EventId
    deadline: Moment
    opened: Moment | None = None
    wording: str = ""
    source: str = ""
    cluster: str = ""
    url: str = ""
    outcome: OneAnswer | None = None
    resolved: Moment | None = None
    left_out: str = ""
    notes: str = ""

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a question."""
        outcome, resolved = fields.get("outcome"), fields.get("resolved")
        needs_day = outcome is not None and str(outcome).strip().lower() not in {"no", "annulled"}
        if needs_day and outcome is not False and resolved is None:
            yield Fault(
                "an answer needs the day on which it was known",
                "Write the day by whose end the answer was public.",
                field="resolved",
            )
        if outcome is None and resolved is not None:
            yield Fault(
                "a question that is resolved has an answer",
                "Write yes, no, annulled or a share such as 40% as its outcome.",
                field="outcome",
            )
        opened = moment_or_none(fields.get("opened"))
        deadline = moment_or_none(fields.get("deadline"))
        if opened is not None and deadline is not None and begin(opened) >= finish(deadline):
            yield Fault(
                f"it is opened only after its deadline ({fields['deadline']})",
                "Correct one of the two days, or leave opened empty: it is forecast from the first "
                "run on then.",
                field="opened",
                value=str(fields["opened"]),
            )

    @property
    def by(self) -> datetime:
        """The instant of the deadline."""
        return finish(self.deadline)

    @property
    def closed(self) -> datetime:
        """The instant at which it closes: its deadline, or an answer before it."""
        return self.by if self.resolved is None else min(self.by, finish(self.resolved))

    @property
    def together(self) -> str:
        """The cluster: the one that is given, else the event."""
        return self.cluster or self.event

    @property
    def counts(self) -> bool:
        """Whether no other may ask the same: unless it is left out or annulled."""
        return not self.left_out and self.outcome != "annulled"

    @property
    def share(self) -> float | None:
        """How far it came out yes, from 0 to 1; None while it is open, and where annulled."""
        if isinstance(self.outcome, float):
            return self.outcome
        return {"yes": 1.0, "no": 0.0}.get(self.outcome or "")

    def is_open(self, at: datetime) -> bool:
        """Return whether it can be forecast at an instant: opened, not past, not yet answered."""
        begun = self.opened is None or begin(self.opened) <= at
        return begun and at < self.closed and not (self.outcome == "annulled" and self._told(at))

    def _told(self, at: datetime) -> bool:
        return self.resolved is None or finish(self.resolved) <= at

    @property
    def resolution(self) -> Resolution | None:
        """The answer as a resolution: yes, no or annulled; None while open, and of a share."""
        if self.outcome is None or isinstance(self.outcome, float):
            return None
        same: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("id", "event", "deadline", "resolved", "cluster", "left_out", "source")
        }
        return Resolution(
            **same,
            outcome=self.outcome,
            question=self.wording,
            citation=self.url,
            notes=self.notes,
        )


@final
class Questions(AskedList[Question]):
    """An immutable list of questions, by deadline.

    Parameters
    ----------
    questions
        In any order.
    places
        Where each stands, by id, for messages.

    Raises
    ------
    InputError
        If two have one id, or two that are scored ask for one event by one deadline.

    Examples
    --------
    >>> asked = Questions([Question(id="q1", event="pact", deadline="2024-12-31")])
    >>> [each.id for each in asked]
    ['q1']
    """

    __slots__ = ()

    def __init__(
        self, questions: Iterable[Question] = (), *, places: Mapping[str, Place] | None = None
    ) -> None:
        super().__init__(
            sorted(questions, key=lambda each: (each.by, each.event, each.id)), places=places
        )

    @property
    def resolutions(self) -> Resolutions:
        """The answers that are yes, no or annulled."""
        answers = (each.resolution for each in self._all)
        return Resolutions((each for each in answers if each is not None), places=self._places)

    def open_at(self, at: datetime) -> tuple[Question, ...]:
        """Return those that can be forecast at an instant, by deadline."""
        return tuple(each for each in self._all if each.is_open(at))

    def check(self, network: Network) -> None:
        """Check every question against a network.

        Raises
        ------
        InputError
            With every fault: an unknown event, a deadline outside the network's period, an onset
            that was on by one deadline and not by a later one.
        """
        faults = list(question_faults(self, [network]))
        if faults:
            raise InputError(faults)

    def __repr__(self) -> str:
        """Return the number of questions, and how many have an answer."""
        answered = sum(each.outcome is not None for each in self._all)
        return f"Questions({len(self)}, {answered} answered)"


def question_faults(questions: Questions, networks: Iterable[Network]) -> Iterator[Fault]:
    """Yield what is wrong with questions against the networks that they may ask about."""
    networks = list(networks)
    events = {event.id for network in networks for event in network.nodes}
    for each in questions:
        if each.event not in events:
            told = unknown_event(each.event, events)
            yield questions.fault(each, told.field, told.problem, told.remedy, told.value)
        if each.id in events:
            problem = "the question is called like an event"
            yield questions.fault(each, "id", problem, "Rename the question.", each.id)
    for network in networks:
        mine = questions.about(network)
        yield from resolution_faults(mine.resolutions, network)
        for each in mine:
            if each.resolution is None:
                yield from mine.outside(each, network)
