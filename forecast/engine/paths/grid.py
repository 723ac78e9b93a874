"""The grid of real and virtual jumps of a block: steps of its discrete chain, and the way back."""

from typing import NamedTuple

import numpy as np

from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.inline import inlined
from forecast.engine.paths.problem import NOTHING
from forecast.engine.paths.state import Paths, room_for
from forecast.engine.structure import Floats, Ints

__all__ = ["Trace", "go_back", "grown", "new_trace", "step"]


class Trace(NamedTuple):
    """What the way forward leaves behind for the way back."""

    time: Floats  # (point,)
    era: Ints  # (point,)
    mass: Floats  # (point, state) just before the point
    flip: Floats  # (era, member, state) chance that the member jumps
    stay: Floats  # (era, state) chance that none does
    fixed: Ints  # (era, member) 1 where it cannot


@inlined
def new_trace(points: int, eras: int, size: int) -> Trace:
    """Return room for so many points and eras of a block."""
    states = 1 << size
    return Trace(
        np.empty(points),
        np.empty(points, dtype=np.int64),
        np.empty((points, states)),
        np.empty((eras, size, states)),
        np.empty((eras, states)),
        np.empty((eras, size), dtype=np.int64),
    )


@inlined
def grown(trace: Trace, points: int, eras: int, size: int) -> Trace:
    """Return the same trace with room for as many points and eras again."""
    new: Trace = new_trace(2 * points + 32, 2 * eras + 8, size)
    for i in range(points):
        new.time[i], new.era[i] = trace.time[i], trace.era[i]
        for s in range(1 << size):
            new.mass[i, s] = trace.mass[i, s]
    for i in range(eras):
        for s in range(1 << size):
            new.stay[i, s] = trace.stay[i, s]
        for j in range(size):
            new.fixed[i, j] = trace.fixed[i, j]
            for s in range(1 << size):
                new.flip[i, j, s] = trace.flip[i, j, s]
    return new


@inlined
def step(trace: Trace, point: int, time: float, era: int, size: int, mass: Floats) -> float:
    """Note a point of the grid and take a step of the chain there; return the total mass."""
    states = len(mass)
    trace.time[point], trace.era[point] = time, era
    for s in range(states):
        trace.mass[point, s] = mass[s]
        mass[s] *= trace.stay[era, s]
    for i in range(size):
        if trace.fixed[era, i] == 1:
            continue
        bit = 1 << i
        for high in range(0, states, 2 * bit):
            for s in range(high, high + bit):
                t = s + bit
                mass[t] += trace.mass[point, s] * trace.flip[era, i, s]
                mass[s] += trace.mass[point, t] * trace.flip[era, i, t]
    total = 0.0
    for s in range(states):
        total += mass[s]
    return total


@inlined
def _drawn(mass: Floats) -> int:
    """Return a state drawn in proportion to its mass."""
    total = 0.0
    for s in range(len(mass)):
        total += mass[s]
    level = np.random.random() * total  # noqa: NPY002
    chosen = 0
    for s in range(len(mass)):
        if mass[s] > 0.0:
            chosen = s
            level -= mass[s]
            if level < 0.0:
                break
    return chosen


@inlined
def _came_from(trace: Trace, point: int, s: int, size: int) -> int:
    """Return the member that jumped into state `s` at a point of the grid, or NOTHING."""
    era = trace.era[point]
    stays = trace.mass[point, s] * trace.stay[era, s]
    total = stays
    for i in range(size):
        if trace.fixed[era, i] == 0:
            total += trace.mass[point, s ^ (1 << i)] * trace.flip[era, i, s ^ (1 << i)]
    level = np.random.random() * total - stays  # noqa: NPY002
    if level < 0.0:
        return NOTHING
    chosen = NOTHING
    for i in range(size):
        if trace.fixed[era, i] == 0:
            chance = trace.mass[point, s ^ (1 << i)] * trace.flip[era, i, s ^ (1 << i)]
            if chance > 0.0:
                chosen = i
                level -= chance
                if level < 0.0:
                    break
    return chosen


@inlined
def go_back(w: Blocks, block: int, trace: Trace, points: int, mass: Floats, paths: Paths) -> Paths:
    """Draw the joint path from its end to its start, and write it into the paths."""
    base, size = w.first_slot[block], w.size[block]
    s = _drawn(mass)
    moved, counts = np.empty(points, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for point in range(points - 1, -1, -1):
        moved[point] = _came_from(trace, point, s, size)
        if moved[point] != NOTHING:
            s ^= 1 << moved[point]
            counts[moved[point]] += 1
    for i in range(size):
        event = w.slot_event[base + i]
        paths = room_for(paths, event, counts[i])
        paths.initial[event], paths.jumps[event] = (s >> i) & 1, counts[i]
        counts[i] = paths.first[event]
    for point in range(points):
        i = moved[point]
        if i != NOTHING:
            paths.time[counts[i]] = trace.time[point]
            counts[i] += 1
    return paths
