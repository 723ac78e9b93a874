"""Worlds simulated one jump at a time in plain NumPy, all side by side, to throw away and count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    REQUIRES,
    STATE,
    Floats,
    Parameters,
    Structure,
)

type Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Worlds:
    """States at times, each (world, event), and when each event first came on, (world, event)."""

    at: Mapping[float, Flags]
    onset: Floats


def simulated(
    structure: Structure,
    theta: Parameters,
    times: Sequence[float],
    rng: np.random.Generator,
    imposed: Mapping[int, float] | None = None,
) -> Worlds:
    """Simulate a world for each draw of the parameters.

    `imposed` are events held off from the start and put on from a time on (infinite: never).
    """
    forced = dict(imposed or {})
    worlds = len(theta.base_rate)
    chance = np.where(structure.initially < 0, theta.initial, structure.initially)
    x = rng.uniform(size=chance.shape) < chance
    onset = np.where(x, -np.inf, np.inf)
    edges = {0.0, *times, *(t for t in forced.values() if np.isfinite(t))}
    edges |= {float(t) for w in structure.windows if w is not None for t in w.edges}
    cuts = sorted(t for t in edges if 0 <= t <= max(times))
    found: dict[float, Flags] = {}
    for k, cut in enumerate(cuts):
        for event, when in forced.items():
            x[:, event] = when <= cut
            onset[:, event] = when
        if cut in times:
            found[cut] = x.copy()
        if k + 1 == len(cuts):
            break
        t, running = np.full(worlds, cut), np.ones(worlds, dtype=bool)
        while running.any():
            rates = jump_rates(structure, theta, x, (cut + cuts[k + 1]) / 2)  # (world, event)
            rates[:, list(forced)] = 0.0
            total = rates.sum(axis=1)
            with np.errstate(divide="ignore"):
                t = np.where(running, t + rng.exponential(size=worlds) / total, t)
            running &= t < cuts[k + 1]
            level = rng.uniform(size=worlds) * total
            which = (np.cumsum(rates, axis=1) <= level[:, None]).sum(axis=1)
            rows = np.flatnonzero(running)
            x[rows, which[rows]] ^= True
            onset[rows, which[rows]] = np.minimum(onset[rows, which[rows]], t[rows])
    return Worlds(found, onset)


def jump_rates(structure: Structure, theta: Parameters, x: Flags, time: float) -> Floats:
    """The rate at which each event changes in each world."""
    on = np.array(theta.base_rate, dtype=float)
    for kinds in ((CAUSES,), (MULTIPLIES,), None):
        for link, kind in enumerate(structure.link_kind):
            parent, child = x[:, structure.link_parent[link]], structure.link_child[link]
            if kinds is not None and kind not in kinds:
                continue
            if kinds == (CAUSES,):
                on[:, child] += theta.effect[:, link] * parent
            elif kinds == (MULTIPLIES,):
                on[:, child] *= np.where(parent, theta.effect[:, link], 1.0)
            elif kind not in (CAUSES, MULTIPLIES):
                on[:, child] *= parent == (kind == REQUIRES)
    on *= [structure.weight(event, time) for event in range(len(structure.kind))]
    off = np.where(structure.kind == STATE, theta.off_rate, 0.0)
    return np.where(structure.kind == FACT, 0.0, np.where(x, off, on))
