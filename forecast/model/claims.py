"""What items say as data: 1 for on, 0 for off; its chances, and claims drawn from a world.

Likelihood ratios and forecasts are virtual claims, which say on (see `forecast.model.factors`). An
unchecked copy repeats one of its origins, each as likely.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine.simulate import Wiring, sample_path
from forecast.engine.structure import Floats, Ints, Parameters, Record, Structure
from forecast.evidence import Evidence, Report
from forecast.model.factors import FactorTable, items_in_force

__all__ = ["Claims", "build_claims", "draw_claims", "draw_world"]


@dataclass(frozen=True)
class Claims:
    """The items in force: what they say, and how they depend on each other.

    Parameters
    ----------
    items
        Ids, in the order of the record.
    observed
        1 where an item says on, 0 where it says off, shape (item,).
    check
        The chance that an item does not just repeat its origins, shape (item,).
    origins
        The chance that an unchecked item repeats another one, shape (item, item).
    settled
        The chance that it repeats an origin that is not in force and says off, or says on;
        shape (item, 2). What such origins say is part of the design.
    """

    items: tuple[str, ...]
    observed: Ints
    check: Floats
    origins: Floats
    settled: Floats

    @property
    def copies(self) -> bool:
        """Whether any item may repeat another."""
        return bool((self.check < 1).any())

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

    def factors(self, claims: Any, says_on: Any) -> Any:
        """Return P(item | off) and P(item | on), for arrays and for PyTensor's variables.

        Parameters
        ----------
        claims
            1 or 0 for each item, shape (item,).
        says_on
            P(says on | off) and P(says on | on) of what was checked, shape (item, 2).
        """
        on = claims[:, None]
        said = on * says_on + (1 - on) * (1 - says_on)
        if not self.copies:
            return said
        repeats_on = self.origins @ claims + self.settled[:, 1]
        repeats_off = self.origins @ (1 - claims) + self.settled[:, 0]
        repeated = claims * repeats_on + (1 - claims) * repeats_off
        check = self.check[:, None]
        return check * said + (1 - check) * repeated[:, None]


def build_claims(seen: Evidence, table: FactorTable) -> Claims:
    """Return the claims of the seen items in force."""
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
    observed = [_says(seen, item.id) if isinstance(item, Report) else 1 for item in items]
    return Claims(
        items=tuple(index),
        observed=np.array(observed, dtype=np.int64),
        check=np.array([factor.check for factor in table.factors]),
        origins=origins,
        settled=settled,
    )


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


def draw_claims(
    claims: Claims, says_on: Floats, states: NDArray[np.bool_], rng: np.random.Generator
) -> Ints:
    """Return what each item says in a world.

    Parameters
    ----------
    claims
        The items.
    says_on
        P(says on | off) and P(says on | on), shape (item, 2).
    states
        Whether each item's event is on when it speaks of it, shape (item,).
    rng
        Source of randomness.
    """
    said = np.zeros(len(claims.items), dtype=np.int64)
    for i in claims.order:
        chance = says_on[i, int(states[i])]
        if rng.uniform() >= claims.check[i]:
            chance = claims.settled[i, 1] + claims.origins[i] @ said
        said[i] = rng.uniform() < chance
    return said


def draw_world(
    structure: Structure,
    wires: Wiring,
    record: Record,
    theta: Parameters,
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], bool]:
    """Return the state that each item speaks of in a simulated world, and if the record holds.

    Parameters
    ----------
    structure, wires
        The network.
    record
        Times at which states are read, and what is known for sure.
    theta
        One value of the parameters.
    rng
        Source of randomness.
    """
    chance = np.where(structure.initially < 0, theta.initial, structure.initially)
    start = (rng.uniform(size=len(chance)) < chance).astype(np.int64)
    finite = record.known_to[np.isfinite(record.known_to)]
    end = max([0.0, *record.item_time, *record.known_from, *finite])
    seed = int(rng.integers(2**32))
    times, jumped = sample_path(wires, theta, start.copy(), 0.0, end, seed)

    def jumps(event: int, first: float, last: float) -> int:
        return int(np.sum((jumped == event) & (times > first) & (times <= last)))

    def on(event: int, time: float) -> bool:
        return bool((start[event] + jumps(event, -np.inf, time)) % 2)

    states = [on(event, t) for event, t in zip(record.item_event, record.item_time, strict=True)]
    spans = zip(
        record.known_event, record.known_from, record.known_to, record.known_value, strict=True
    )
    holds = all(
        on(event, first) == value and jumps(event, first, last) == 0
        for event, first, last, value in spans
    )
    return np.array(states, dtype=bool), holds
