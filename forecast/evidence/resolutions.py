"""All resolutions together, held against the events that they are about and against each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence.item import Place
from forecast.evidence.resolution import Resolution
from forecast.network import Network

__all__ = ["Resolutions", "resolution_faults"]

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
        If two have one id, or two that are scored are of one event and deadline.

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
        """Those that forecasts are held to."""
        return tuple(each for each in self._all if each.scored)

    @property
    def places(self) -> Mapping[str, Place]:
        """Where resolutions that were read from files stand, by id."""
        return self._places

    def about(self, network: Network) -> "Resolutions":
        """Return those about events of a network."""
        events = {event.id for event in network.events}
        return Resolutions((each for each in self if each.event in events), places=self._places)

    def check(self, network: Network) -> None:
        """Hold every resolution against a network, and those of one event against each other.

        Raises
        ------
        InputError
            With every fault: an unknown event, a deadline outside the network's time, an onset
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
    """Yield what is wrong with resolutions on a network's events."""
    places = resolutions.places
    events = {event.id: event for event in network.events}
    for each in resolutions:
        if each.event not in events:
            remedy = did_you_mean(each.event, events)
            yield _fault(each, places, "event", "unknown event", remedy, each.event)
        elif not network.start_instant < each.by <= network.horizon_instant:
            yield _fault(
                each,
                places,
                "deadline",
                f"the deadline lies outside the time of network '{network.name}' "
                f"({network.start} to {network.horizon})",
                "Correct it, or take the question out.",
                str(each.deadline),
            )
    yet: dict[str, Resolution] = {}
    for each in resolutions.scored:  # of one event by rising deadline
        lasting = each.event in events and events[each.event].kind != "state"
        if lasting and each.outcome == "no" and each.event in yet:
            before = yet[each.event]
            yield _fault(
                each,
                places,
                "outcome",
                f"the event was on by {before.deadline} ('{before.id}'"
                f"{_where(before, places)}), and what has begun stays on",
                "Correct one of the two, or leave one out.",
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
