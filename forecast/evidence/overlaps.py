"""Windows of one source on one event that lie over each other: what they tell would count twice."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from forecast.evidence.item import Item
from forecast.evidence.watched import Watched

__all__ = ["overlaps"]

NEVER = datetime.max.replace(tzinfo=UTC)


def overlaps[W: Watched](kind: type[W], items: Iterable[Item]) -> Iterator[tuple[W, W]]:
    """Yield pairs of items of a kind, source and event whose windows lie over each other.

    The one published first comes first; of two at once, that of the lesser id. There was a time
    at which both counted: an item that takes the place of another, and retracts it, does not lie
    over it. Windows that only touch do not either.

    Parameters
    ----------
    kind
        The kind.
    items
        The record, whose other items may retract.
    """
    known = list(items)
    until: dict[str, datetime] = {}  # by item, from when on it does not count
    for item in known:
        for name in item.retracts:
            until[name] = min(item.published_instant, until.get(name, item.published_instant))
    series: dict[tuple[str, str], list[W]] = {}
    for item in known:
        if isinstance(item, kind):
            series.setdefault((item.source, item.event), []).append(item)
    for watched in series.values():
        stretches = [
            _Stretch(*item.window, item.published_instant, until.get(item.id, NEVER), place)
            for place, item in enumerate(watched)
        ]
        for pair in _lying_over(stretches):
            one, other = sorted((watched[k] for k in pair), key=_by_publication)
            yield one, other


class _Stretch(NamedTuple):
    """What an item tells of, and when it counts; its place among those of its series."""

    begin: datetime
    end: datetime
    published: datetime
    until: datetime
    place: int


def _by_publication(item: Watched) -> tuple[datetime, str]:
    return item.published_instant, item.id


def _lying_over(stretches: Iterable[_Stretch]) -> Iterator[tuple[int, int]]:
    """Yield the place of each stretch that lies over one that begins before it, with that one."""
    open_still: list[tuple[datetime, int, _Stretch]] = []  # the first to end comes first
    for one in sorted(stretches):
        while open_still and open_still[0][0] <= one.begin:
            heappop(open_still)
        for _, _, other in open_still:
            if max(one.published, other.published) < min(one.until, other.until):
                yield other.place, one.place
                break
        heappush(open_still, (one.end, one.place, one))
