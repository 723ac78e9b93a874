"""Retractions: items that take earlier ones back, and which items stand once they have spoken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import model_validator

from forecast.evidence.item import Item
from forecast.network.fault import bad

__all__ = ["Retraction", "rings", "withdrawn"]


class Retraction(Item):
    """Earlier items are taken back, and nothing is said in their place.

    From its publication on the items that it `retracts` do not count; forecasts made before stay
    as they were. An item of any other kind may retract too: then it is a correction.

    Parameters
    ----------
    retracts
        The items taken back, at least one.
    """

    kind: Literal["retraction"] = "retraction"

    @model_validator(mode="after")
    def _retracts_something(self) -> "Retraction":
        if not self.retracts:
            raise bad("a retraction names no item", "Name in retracts what it takes back.")
        return self


def withdrawn(items: Sequence[Item]) -> set[str]:
    """Return the ids of the items that do not stand, because one that stands retracts them.

    An item whose retraction is itself retracted stands again. Of items that retract each other
    in a ring, which `Evidence.check` refuses, all stand.
    """
    retracted_by: dict[str, list[str]] = {}
    for item in items:
        for name in item.retracts:
            retracted_by.setdefault(name, []).append(item.id)
    if not retracted_by:
        return set()
    fallen: set[str] = set()
    for name in _latest_first(items, retracted_by):
        if any(by not in fallen for by in retracted_by.get(name, ())):
            fallen.add(name)
    return fallen


def rings(items: Iterable[Item]) -> set[str]:
    """Return the ids of the items that are, over several steps, retracted by what they retract."""
    known = list(items)
    retracted_by: dict[str, list[str]] = {}
    for item in known:
        for name in item.retracts:
            retracted_by.setdefault(name, []).append(item.id)
    settled = set(_latest_first(known, retracted_by))
    left = {item.id for item in known} - settled
    # What a ring retracts in passing is no part of it: it retracts nothing that is left.
    return {item.id for item in known if item.id in left and left.intersection(item.retracts)}


def _latest_first(items: Sequence[Item], retracted_by: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the ids in an order in which whatever retracts an item stands before it."""
    waiting = {item.id: set(retracted_by.get(item.id, ())) for item in items}
    retracts = {item.id: item.retracts for item in items}
    ready = [name for name, by in waiting.items() if not by]
    order: list[str] = []
    while ready:
        name = ready.pop()
        order.append(name)
        for taken in retracts[name]:
            if taken in waiting and name in waiting[taken]:
                waiting[taken].discard(name)
                if not waiting[taken]:
                    ready.append(taken)
    return order
