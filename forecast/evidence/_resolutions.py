"""Resolutions: how questions about events came out. No estimate ever sees them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, final

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence._item import Place
from forecast.evidence._moment import Moment, finish
from forecast.network import Network
from forecast.network._base import EventId, Id, Model


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
    def together(self) -> str:
        """The cluster: the one that is given, else the event."""
        return self.cluster or self.event


NO_PLACE = Place()


@final
class Resolutions:
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

    __slots__ = ("_all", "_places")

    def __init__(
        self, resolutions: Iterable[Resolution] = (), *, places: Mapping[str, Place] | None = None
    ) -> None:
        self._all = tuple(sorted(resolutions, key=lambda each: (each.event, each.by, each.id)))
        self._places = dict(places or {})
        faults = list(_twins(self._all, self._places))
        if faults:
            raise InputError(faults)

    @property
    def scored(self) -> tuple[Resolution, ...]:
        """Those that forecasts are scored against."""
        return tuple(each for each in self._all if each.scored)

    @property
    def places(self) -> Mapping[str, Place]:
        """Where resolutions that were read from files stand, by id."""
        return self._places

    def about(self, network: Network) -> "Resolutions":
        """Return those about events of a network."""
        events = {event.id for event in network.nodes}
        return Resolutions((each for each in self if each.event in events), places=self._places)

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

    def __iter__(self) -> Iterator[Resolution]:
        """Iterate over all, by event and deadline."""
        return iter(self._all)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same resolutions."""
        return isinstance(other, Resolutions) and self._all == other._all

    def __hash__(self) -> int:
        """Return a hash of the ids."""
        return hash(tuple(each.id for each in self._all))

    def __repr__(self) -> str:
        """Return the number of resolutions, and how many are scored."""
        return f"Resolutions({len(self)}, {len(self.scored)} scored)"


def resolution_faults(resolutions: Resolutions, network: Network) -> Iterator[Fault]:
    """Yield the faults of resolutions on a network's events."""
    places = resolutions.places
    events = {event.id: event for event in network.nodes}
    for each in resolutions:
        if each.event not in events:
            remedy = did_you_mean(each.event, events)
            yield _fault(each, places, "event", "unknown event", remedy, each.event)
        elif not network.start_instant < each.by <= network.horizon_instant:
            yield _fault(
                each,
                places,
                "deadline",
                f"the deadline lies outside the period of network '{network.name}' "
                f"({network.start} to {network.horizon})",
                "Correct it, or remove the question.",
                str(each.deadline),
            )
    yet: dict[str, Resolution] = {}
    for each in resolutions.scored:  # those of one event in order of deadline
        lasting = each.event in events and events[each.event].kind != "state"
        if lasting and each.outcome == "no" and each.event in yet:
            before = yet[each.event]
            yield _fault(
                each,
                places,
                "outcome",
                f"the event was on by {before.deadline} ('{before.id}'"
                f"{_where(before, places)}), and once on it stays on",
                "Correct or remove one of the two.",
                each.outcome,
            )
        elif each.outcome == "yes":
            yet.setdefault(each.event, each)


def _twins(resolutions: Iterable[Resolution], places: Mapping[str, Place]) -> Iterator[Fault]:
    names: dict[str, Resolution] = {}
    questions: dict[tuple[str, object], Resolution] = {}
    for each in resolutions:
        if each.id in names:
            yield _fault(each, places, "id", "two resolutions have one id", "Rename one.", each.id)
        names.setdefault(each.id, each)
        if not each.scored:
            continue
        before = questions.setdefault((each.event, each.by), each)
        if before is not each:
            yield _fault(
                each,
                places,
                "deadline",
                f"'{before.id}'{_where(before, places)} asks the same: this event by this deadline",
                "Keep one, and give the other a reason in left_out.",
                str(each.deadline),
            )


def _where(each: Resolution, places: Mapping[str, Place]) -> str:
    place = places.get(each.id)
    return "" if place is None or not place.file else f", {place.file}:{place.line}"


def _fault(  # noqa: PLR0917  # one call for each fault
    each: Resolution,
    places: Mapping[str, Place],
    field: str,
    problem: str,
    remedy: str,
    value: str,
) -> Fault:
    file, line = places.get(each.id, NO_PLACE)
    return Fault(problem, remedy, file, line, f"resolution '{each.id}': {field}", value)
