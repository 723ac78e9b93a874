"""Items about a window of time in which a source watched, and windows that overlap."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from pydantic import Field, model_validator

from forecast.errors import Fault
from forecast.evidence._channel import Bearing
from forecast.evidence._item import Item
from forecast.evidence._moment import Moment, begin, finish, span_words
from forecast.network._base import Id, bad


class Watched(Item):
    """A source watched an event over a window; `Silence` and `Count` build on this class.

    Parameters
    ----------
    source
        Who watched.
    watched_from
        When it began to watch; a date means the beginning of that day.
    watched_to
        When it stopped watching, not after `published`; a date means the end of that day.
    """

    source: Id
    watched_from: Moment = Field(examples=["2024-07-01"])
    watched_to: Moment = Field(examples=["2024-07-31"])

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of an item that watches."""
        if fields.get("speaks_of") is not None:
            kind = cls.model_fields["kind"].default
            yield Fault(f"a {kind} speaks of its window", "Leave it out.", field="speaks_of")

    @model_validator(mode="after")
    def _watched_the_past(self) -> "Watched":
        first, last = self.window
        if last <= first:
            raise bad(
                f"the window from {self.watched_from} to {self.watched_to} is empty",
                "Correct one of the two dates.",
            )
        if last > self.published_instant:
            raise bad(
                f"a {self.kind} until {self.watched_to}, published {self.published}, would see the "
                "future",
                "Correct one of the two dates.",
            )
        return self

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The instants between which the source watched."""
        return begin(self.watched_from), finish(self.watched_to, cut=self.published)

    @property
    def window_words(self) -> str:
        """From when to when it watched: "1–30 June 2024", or the two times in words."""
        return span_words(*self.window)

    @property
    def speaks_of_instant(self) -> datetime:
        """The end of the window."""
        return self.window[1]

    def bears(self) -> tuple[Bearing, ...]:
        """Return the window over which it tells of each of its events."""
        return tuple(Bearing(event, *self.window) for event in self.events)


NEVER = datetime.max.replace(tzinfo=UTC)


def overlaps[W: Watched](kind: type[W], items: Iterable[Item]) -> Iterator[tuple[W, W]]:
    """Yield pairs of items of one kind, source and event whose windows overlap.

    The one published first comes first; on a tie, the one with the lesser id. Both must have
    counted at some time: an item does not overlap one that it retracts and replaces. Windows that
    only touch do not overlap.

    Parameters
    ----------
    kind
        The kind.
    items
        The record, whose other items may retract.
    """
    known = list(items)
    until: dict[str, datetime] = {}  # by item, when it is retracted
    for item in known:
        for name in item.retracts:
            until[name] = min(item.published_instant, until.get(name, item.published_instant))
    series: dict[tuple[str, str], list[W]] = {}
    for item in known:
        if isinstance(item, kind):
            for event in item.events:
                series.setdefault((item.source, event), []).append(item)
    told: set[tuple[str, str]] = set()  # two silences may share several events
    for watched in series.values():
        stretches = [
            _Stretch(*item.window, item.published_instant, until.get(item.id, NEVER), place)
            for place, item in enumerate(watched)
        ]
        for pair in _overlapping(stretches):
            one, other = sorted((watched[k] for k in pair), key=_by_publication)
            if (one.id, other.id) not in told:
                told.add((one.id, other.id))
                yield one, other


class _Stretch(NamedTuple):
    """An item's window, when it counts, and its index in its series."""

    begin: datetime
    end: datetime
    published: datetime
    until: datetime
    place: int


def _by_publication(item: Watched) -> tuple[datetime, str]:
    return item.published_instant, item.id


def _overlapping(stretches: Iterable[_Stretch]) -> Iterator[tuple[int, int]]:
    """Yield the indices of each stretch and of one that begins before it and overlaps it."""
    open_still: list[tuple[datetime, int, _Stretch]] = []  # the first to end comes first
    for one in sorted(stretches):
        while open_still and open_still[0][0] <= one.begin:
            heappop(open_still)
        for _, _, other in open_still:
            if max(one.published, other.published) < min(one.until, other.until):
                yield other.place, one.place
                break
        heappush(open_still, (one.end, one.place, one))
