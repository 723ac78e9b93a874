"""Resolutions: how questions about events came out, to score forecasts against."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, final

from forecast.errors import Fault, InputError
from forecast.evidence._asked import AskedList
from forecast.evidence._item import Place
from forecast.evidence._moment import Moment, finish
from forecast.network import Network
from forecast.network._base import EventId, Id, Model
from forecast.network._units import unknown_event


class Resolution(Model):
    """A question, whether an event would be on by a deadline, and how it came out.

    Parameters
    ----------
    id
        Its name.
    event
        The event that the question is about, under the event's own rule of resolution.
    deadline
        On by the end of this day, or by this time.
    outcome
        ``"yes"``, ``"no"``, or ``"annulled"``, which is not scored.
    resolved
        The day by whose end the answer was public: a yes closes the question then, if that is
        before its deadline. A no needs none, as it closes with the deadline.
    cluster
        A name shared by questions that are linked; default the event's.
    left_out
        Why the question's wording does not fit the event, so that it is not scored; empty if it
        fits.
    question
        The question in its own words; never interpreted.
    source, citation, notes
        Who settled it, where to read that, and anything else; never interpreted.

    Examples
    --------
    >>> Resolution(
    ...     id="q1", event="pact", deadline="2024-12-31", outcome="yes", resolved="2024-10-18"
    ... ).closed.isoformat()
    '2024-10-19T00:00:00+00:00'
    """

    id: Id
    event: EventId
    deadline: Moment
    outcome: Literal["yes", "no", "annulled"]
    resolved: Moment | None = None
    cluster: str = ""
    left_out: str = ""
    question: str = ""
    source: str = ""
    citation: str = ""
    notes: str = ""

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a resolution."""
        if fields.get("outcome") == "yes" and fields.get("resolved") is None:
            yield Fault(
                "a yes needs the day on which it was known",
                "Write the day by whose end the answer was public.",
                field="resolved",
            )

    @property
    def by(self) -> datetime:
        """The instant of the deadline."""
        return finish(self.deadline)

    @property
    def closed(self) -> datetime:
        """The instant at which the question closed: its deadline, or an answer before it."""
        return self.by if self.resolved is None else min(self.by, finish(self.resolved))

    @property
    def scored(self) -> bool:
        """Whether forecasts of the event are scored against it."""
        return self.outcome != "annulled" and not self.left_out

    @property
    def counts(self) -> bool:
        """Whether no other may ask the same: where it is scored."""
        return self.scored

    @property
    def together(self) -> str:
        """The cluster: the one that is given, else the event."""
        return self.cluster or self.event


@final
class Resolutions(AskedList[Resolution]):
    """An immutable list of resolutions, by event and deadline.

    Parameters
    ----------
    resolutions
        In any order.
    places
        Where each stands, by id, for messages.

    Raises
    ------
    InputError
        If two have one id, or two that are scored have one event and deadline.

    Examples
    --------
    >>> no = Resolution(id="q1", event="pact", deadline="2024-12-31", outcome="no")
    >>> len(Resolutions([no]).scored)
    1
    """

    __slots__ = ()
    noun = "resolution"

    def __init__(
        self, resolutions: Iterable[Resolution] = (), *, places: Mapping[str, Place] | None = None
    ) -> None:
        super().__init__(
            sorted(resolutions, key=lambda each: (each.event, each.by, each.id)), places=places
        )

    @property
    def scored(self) -> tuple[Resolution, ...]:
        """Those that forecasts are scored against."""
        return tuple(each for each in self._all if each.scored)

    def check(self, network: Network) -> None:
        """Check every resolution against a network, and those of one event against each other.

        Raises
        ------
        InputError
            With every fault: an unknown event, a deadline outside the network's period, an onset
            that was on by one deadline and not by a later one.
        """
        faults = list(resolution_faults(self, network))
        if faults:
            raise InputError(faults)

    def __repr__(self) -> str:
        """Return the number of resolutions, and how many are scored."""
        return f"Resolutions({len(self)}, {len(self.scored)} scored)"


def resolution_faults(resolutions: Resolutions, network: Network) -> Iterator[Fault]:
    """Yield the faults of resolutions on a network's events."""
    events = {event.id: event for event in network.nodes}
    for each in resolutions:
        if each.event not in events:
            told = unknown_event(each.event, events)
            yield resolutions.fault(each, told.field, told.problem, told.remedy, told.value)
        else:
            yield from resolutions.outside(each, network)
    yet: dict[str, Resolution] = {}
    for each in resolutions.scored:  # those of one event in order of deadline
        lasting = each.event in events and events[each.event].kind != "state"
        if lasting and each.outcome == "no" and each.event in yet:
            before = yet[each.event]
            yield resolutions.fault(
                each,
                "outcome",
                f"the event was on by {before.deadline} ('{before.id}'"
                f"{resolutions.where(before)}), and once on it stays on",
                "Correct or remove one of the two.",
                each.outcome,
            )
        elif each.outcome == "yes":
            yet.setdefault(each.event, each)
