"""Retractions: items that take earlier ones back, and which items stand once they have spoken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import model_validator

from forecast.evidence._item import Item
from forecast.network._base import bad


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

    def words(self) -> str:
        """Return which items it takes back."""
        return f"takes back {', '.join(self.retracts)}"

    @model_validator(mode="after")
    def _retracts_something(self) -> "Retraction":
        if not self.retracts:
            raise bad("a retraction names no item", "Name in retracts what it takes back.")
        return self


def withdrawn(items: Sequence[Item]) -> set[str]:
    """Return the ids of the items that do not stand, because others retract them.

    Taking back a correction does not bring back what it corrected: what was retracted stays so,
    whatever becomes of the item that retracted it. Two things bring it back: an item that takes
    that one back and names the first in `reinstates`; and the retraction of a `Retraction`, which
    said nothing but that it takes back. Of items that retract each other in a ring, which
    `Evidence.check` refuses, all stand.
    """
    known = {item.id: item for item in items}
    retracted_by = _retracted_by(items)
    if not retracted_by:
        return set()
    fallen: set[str] = set()
    holds: set[tuple[str, str]] = set()  # which item still takes back which
    for name in _latest_first(items, retracted_by):
        for by in retracted_by.get(name, ()):
            undone = any(
                (later, by) in holds and _brings_back(known[later], known[by], name)
                for later in retracted_by.get(by, ())
            )
            if not undone:
                holds.add((by, name))
                fallen.add(name)
    return fallen


def _brings_back(later: Item, taken_back: Item, name: str) -> bool:
    """Return whether taking back an item brings back one that it had retracted."""
    return isinstance(taken_back, Retraction) or name in later.reinstates


def still_retracting(item: Item, name: str, items: Iterable[Item]) -> list[str]:
    """Return which items retract one that an item reinstates, and are not undone by that item.

    Parameters
    ----------
    item
        It reinstates.
    name
        What it reinstates.
    items
        The record.
    """
    earlier = [each for each in items if each.published_instant <= item.published_instant]
    others = [each for each in earlier if name in each.retracts and each.id not in item.retracts]
    return [
        other.id
        for other in others
        if not any(
            other.id in each.retracts and _brings_back(each, other, name) for each in earlier
        )
    ]


def rings(items: Iterable[Item]) -> set[str]:
    """Return the ids of the items that are, over several steps, retracted by what they retract."""
    known = list(items)
    retracted_by = _retracted_by(known)
    settled = set(_latest_first(known, retracted_by))
    left = {item.id for item in known} - settled
    # What a ring retracts in passing is no part of it: it retracts nothing that is left.
    return {item.id for item in known if item.id in left and left.intersection(item.retracts)}


def _retracted_by(items: Iterable[Item]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in items:
        for name in item.retracts:
            found.setdefault(name, []).append(item.id)
    return found


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
