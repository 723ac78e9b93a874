"""Windows of one source on one event that lie over each other: what they tell would count twice."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from forecast.evidence.item import Item
from forecast.evidence.watched import Watched

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["overlaps"]


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

    def together(one: W, other: W) -> bool:
        both = max(one.published_instant, other.published_instant)
        return all(each.id not in until or both < until[each.id] for each in (one, other))

    for watched in series.values():
        open_still: list[W] = []
        for item in sorted(watched, key=lambda each: each.window):
            open_still = [each for each in open_still if each.window[1] > item.window[0]]
            other = next((each for each in open_still if together(each, item)), None)
            if other is not None:
                first, second = sorted((item, other), key=lambda e: (e.published_instant, e.id))
                yield first, second
            open_still.append(item)
