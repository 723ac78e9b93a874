"""What items say as data: 1 for on, 0 for off; 1 for a silence that was kept; the number counted.

Likelihood ratios and forecasts are virtual claims, which say on (see `forecast.model.chances`). An
unchecked copy repeats one of its origins, each as likely; a report of a hidden origin repeats that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine.problem import Floats, Ints
from forecast.evidence import Count, Evidence, Item, Report, Watched
from forecast.model.chances import FactorTable
from forecast.model.factors import items_in_force
from forecast.model.lower import Lowered
from forecast.time import years_between

__all__ = ["CLAIM", "COUNT", "SILENCE", "Claims", "build_claims"]

CLAIM, SILENCE, COUNT = 0, 1, 2


@dataclass(frozen=True)
class Claims:
    """The items in force: what they say, and how they depend on each other.

    Rows are the items, in the order of the record, then the statements of hidden origins.

    Parameters
    ----------
    items
        Ids.
    form
        `CLAIM`, `SILENCE` or `COUNT`, shape (item,).
    observed
        What each item says, shape (item,): 1 for on, 0 for off; 1 for a silence, which was kept;
        the number counted.
    event, first, last
        Of which event each row speaks, and between which times, in years from the start; equal
        times are a moment. Shape (row,).
    check
        The chance that an item does not just repeat its origins, shape (item,).
    origins
        The chance that an unchecked item repeats another one, shape (item, item).
    settled
        The chance that it repeats an origin that is not in force and says off, or says on;
        shape (item, 2). What such origins say is part of the design.
    members
        The items that pass on each hidden statement, in order.
    share
        The share of its window that a count's event was on, known for sure; shape (item,).
    """

    items: tuple[str, ...]
    form: Ints
    observed: Ints
    event: Ints
    first: Floats
    last: Floats
    check: Floats
    origins: Floats
    settled: Floats
    members: tuple[tuple[int, ...], ...]
    share: Floats

    @property
    def copies(self) -> bool:
        """Whether any item may repeat another."""
        return bool((self.origins.any() or self.settled.any()) and (self.check < 1).any())

    @property
    def order(self) -> list[int]:
        """The items, each after its origins."""
        found: list[int] = []
        left = list(range(len(self.items)))
        while left:
            ready = [i for i in left if not self.origins[i, left].any()]
            found += ready
            left = [i for i in left if i not in ready]
        return found


def build_claims(lowered: Lowered) -> Claims:
    """Return the claims of the seen items in force."""
    seen, table = lowered.evidence, lowered.factors
    items = items_in_force(seen)
    index = {item.id: i for i, item in enumerate(items)}
    origins, settled = np.zeros((len(items), len(items))), np.zeros((len(items), 2))
    for i, item in enumerate(items):
        if not isinstance(item, Report):
            continue
        for name in item.derived_from:
            origin, share = _source_of(seen, name, index), 1 / len(item.derived_from)
            if origin in index:
                origins[i, index[origin]] += share
            else:
                settled[i, _says(seen, origin)] += share
    heads = [told.members[0] for told in table.hidden]
    rows = [*range(len(items)), *heads]
    first = [_begun(lowered, item, i) for i, item in enumerate(items)]
    return Claims(
        items=tuple(index),
        form=_forms(items),
        observed=np.array([_observed(seen, item) for item in items], dtype=np.int64),
        event=lowered.record.item_event[rows],
        first=np.array(first)[rows] if rows else np.zeros(0),
        last=lowered.record.item_time[rows],
        check=np.array([factor.check for factor in table.factors]),
        origins=origins,
        settled=settled,
        members=tuple(told.members for told in table.hidden),
        share=_shares(table),
    )


def _forms(items: Sequence[Item]) -> NDArray[np.int64]:
    forms = {"silence": SILENCE, "count": COUNT}
    return np.array([forms.get(item.kind, CLAIM) for item in items], dtype=np.int64)


def _begun(lowered: Lowered, item: Item, place: int) -> float:
    """Return from when an item speaks: the begin of its window, also where that is settled."""
    if isinstance(item, Watched):
        return years_between(lowered.network.start_instant, item.window[0])
    return float(lowered.record.item_time[place])


def _shares(table: FactorTable) -> Floats:
    return np.array([0.0 if f.share is None else f.share for f in table.factors])


def _observed(seen: Evidence, item: Item) -> int:
    if isinstance(item, Count):
        return item.counted
    return _says(seen, item.id) if isinstance(item, Report) else 1


def _says(seen: Evidence, name: str) -> int:
    item = seen.item(name)
    assert isinstance(item, Report), name  # noqa: S101 - only reports are copied
    return int(item.claim == "on")


def _source_of(seen: Evidence, name: str, in_force: dict[str, int]) -> str:
    """Return the item in force that an origin repeats for sure, or else the origin itself."""
    item = seen.item(name)
    if name in in_force or not isinstance(item, Report) or len(item.derived_from) != 1:
        return name
    (before,) = item.derived_from
    repeats = item.check == 0 and _says(seen, before) == _says(seen, name)
    return _source_of(seen, before, in_force) if repeats else name
