"""What questions and resolutions have in common: an event and a deadline, listed once each."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, Self

from forecast.errors import Fault, InputError
from forecast.evidence._item import Place
from forecast.network import Network

NO_PLACE = Place()


class Asked(Protocol):
    """One of them: it asks whether an event is on by a deadline."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def event(self) -> str:
        """The event."""

    @property
    def deadline(self) -> object:
        """The deadline as it was written."""

    @property
    def by(self) -> datetime:
        """The instant of the deadline."""

    @property
    def counts(self) -> bool:
        """Whether no other may ask the same: it is, or may come to be, scored."""


class AskedList[One: Asked]:
    """An immutable list of them, with where each stands.

    Parameters
    ----------
    everything
        In order.
    places
        Where each stands, by id, for messages.

    Raises
    ------
    InputError
        If two have one id, or two that count ask for one event by one deadline.
    """

    __slots__ = ("_all", "_places")
    noun = "question"

    def __init__(
        self, everything: Iterable[One] = (), *, places: Mapping[str, Place] | None = None
    ) -> None:
        self._all = tuple(everything)
        self._places = dict(places or {})
        faults = list(self._twins())
        if faults:
            raise InputError(faults)

    @property
    def places(self) -> Mapping[str, Place]:
        """Where those that were read from files stand, by id."""
        return self._places

    def about(self, network: Network) -> Self:
        """Return those about events of a network."""
        events = {event.id for event in network.nodes}
        return type(self)((each for each in self if each.event in events), places=self._places)

    def fault(self, each: One, field: str, problem: str, remedy: str, value: object) -> Fault:
        """Return what is wrong with one of them, with its place."""
        file, line = self._places.get(each.id, NO_PLACE)
        return Fault(problem, remedy, file, line, f"{self.noun} '{each.id}': {field}", str(value))

    def where(self, each: One) -> str:
        """Return the place of one of them for the middle of a sentence; empty if it has none."""
        place = self._places.get(each.id)
        return "" if place is None or not place.file else f", {place.file}:{place.line}"

    def outside(self, each: One, network: Network) -> Iterator[Fault]:
        """Yield a fault if a deadline lies outside a network's period."""
        if not network.start_instant < each.by <= network.horizon_instant:
            yield self.fault(
                each,
                "deadline",
                f"the deadline lies outside the period of network '{network.name}' "
                f"({network.start} to {network.horizon})",
                "Correct it, move the network's horizon, or remove the question.",
                each.deadline,
            )

    def _twins(self) -> Iterator[Fault]:
        names: set[str] = set()
        asked: dict[tuple[str, datetime], One] = {}
        for each in self._all:
            if each.id in names:
                problem = f"two {self.noun}s have one id"
                yield self.fault(each, "id", problem, "Rename one.", each.id)
            names.add(each.id)
            if not each.counts:
                continue
            before = asked.setdefault((each.event, each.by), each)
            if before is not each:
                yield self.fault(
                    each,
                    "deadline",
                    f"'{before.id}'{self.where(before)} asks the same: this event by this deadline",
                    "Keep one, and give the other a reason in left_out.",
                    each.deadline,
                )

    def __iter__(self) -> Iterator[One]:
        """Iterate over all, in order."""
        return iter(self._all)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same."""
        return isinstance(other, type(self)) and self._all == other._all

    def __hash__(self) -> int:
        """Return a hash of the ids."""
        return hash(tuple(each.id for each in self._all))
