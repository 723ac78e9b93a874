"""What a block sees while it is redrawn: marks and outsiders' jumps by time, and its hazards.

Between two such moments every hazard is constant given the members' joint state s:
``scale * factor[s] * (rate + extra[s])``, in which outsiders and the calendar make up `scale` and
`rate`, and the members `factor` and `extra`.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.inline import inlined
from forecast.engine.paths.problem import NOTHING, OVER, Problem
from forecast.engine.paths.state import Paths
from forecast.engine.structure import CAUSES, MULTIPLIES, REQUIRES, Floats, Ints, Parameters

__all__ = [
    "Around",
    "finish_of",
    "large_enough",
    "look_around",
    "new_around",
    "set_hazard",
    "shell_sort",
    "silence_rate",
]


IMPOSSIBLE = 1e-300  # stands in for a chance of 0 over a window


class Around(NamedTuple):
    """Working space for one block, and how closed a gate is."""

    closed: float  # what a closed gate multiplies a rate with: 0, but in search of a first path

    time: Floats  # (moment,)
    slot: Ints  # (moment,)
    mark: Ints  # (moment,) or NOTHING: an outsider's jump
    share: Floats  # (moment,) of a single event: chance that it is on at a moment only just
    fall: Floats  # (moment,) how its density falls before that
    jump_time: Floats  # (jump,)
    jump_slot: Ints  # (jump,)
    state: Ints  # (slot,) of outsiders, as time goes by
    now: Ints  # (slot,) the last mark passed
    scale: Floats  # (slot,)
    rate: Floats  # (slot,)


@inlined
def _space(closed: float, moments: int, jumps: int, slots: int) -> Around:
    return Around(
        closed,
        np.empty(moments),
        np.empty(moments, dtype=np.int64),
        np.empty(moments, dtype=np.int64),
        np.empty(moments),
        np.empty(moments),
        np.empty(jumps),
        np.empty(jumps, dtype=np.int64),
        np.empty(slots, dtype=np.int64),
        np.empty(slots, dtype=np.int64),
        np.empty(slots),
        np.empty(slots),
    )


@inlined
def new_around(closed: float) -> Around:
    """Return working space, to be made `large_enough`."""
    around: Around = _space(closed, 0, 0, 0)
    return around


@inlined
def large_enough(w: Blocks, block: int, paths: Paths, around: Around) -> Around:
    """Return working space that is large enough for a block."""
    slots = w.first_slot[block + 1] - w.first_slot[block]
    jumps = 0
    for i in range(w.first_slot[block] + w.size[block], w.first_slot[block + 1]):
        jumps += paths.jumps[w.slot_event[i]]
    moments = jumps + w.first_mark[block + 1] - w.first_mark[block]
    if moments <= len(around.time) and jumps <= len(around.jump_time) and slots <= len(around.now):
        return around
    larger: Around = _space(
        around.closed,
        max(2 * moments, len(around.time)),
        max(2 * jumps, len(around.jump_time)),
        max(2 * slots, len(around.now)),
    )
    return larger


@inlined
def shell_sort(time: Floats, tag: Ints, n: int) -> None:
    """Sort the first `n` times, and their tags with them, in place."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            t, g, j = time[i], tag[i], i
            while j >= gap and time[j - gap] > t:
                time[j], tag[j] = time[j - gap], tag[j - gap]
                j -= gap
            time[j], tag[j] = t, g
        gap //= 3


@inlined
def finish_of(p: Problem, w: Blocks, block: int) -> float:
    """Return the time up to which a block's paths matter."""
    finish = 0.0
    for i in range(w.first_slot[block], w.first_slot[block] + w.size[block]):
        finish = max(finish, p.end[w.slot_event[i]])
    return float(finish)


@inlined
def look_around(
    p: Problem, w: Blocks, block: int, paths: Paths, finish: float, around: Around
) -> int:
    """Fill in the moments that a block sees, and how the outsiders start; return their number."""
    base, size = w.first_slot[block], w.size[block]
    n = 0
    for slot in range(w.first_slot[block + 1] - base):
        event = w.slot_event[base + slot]
        around.now[slot] = p.first_mark[event]
        around.state[slot] = 0
        if slot < size:
            continue
        around.state[slot] = paths.initial[event]
        start, end = paths.first[event], min(finish, p.end[event])
        for i in range(start, start + paths.jumps[event]):
            if paths.time[i] < end:
                around.jump_time[n] = paths.time[i]
                around.jump_slot[n] = slot
                n += 1
    shell_sort(around.jump_time, around.jump_slot, n)
    first, marks = w.first_mark[block], w.first_mark[block + 1] - w.first_mark[block]
    i = j = 0
    while i < n or j < marks:
        k = i + j
        if i == n or (j < marks and w.mark_time[first + j] <= around.jump_time[i]):
            around.time[k] = w.mark_time[first + j]
            around.slot[k] = w.mark_slot[first + j]
            around.mark[k] = w.mark[first + j]
            j += 1
        else:
            around.time[k], around.slot[k] = around.jump_time[i], around.jump_slot[i]
            around.mark[k] = NOTHING
            i += 1
    return int(n + marks)


@inlined
def silence_rate(p: Problem, theta: Parameters, item: int, state: int) -> float:
    """Return the rate at which what an item says would be belied while its event is in a state."""
    chance = np.log(max(theta.factors[item, state], IMPOSSIBLE))
    return -float(chance * p.item_weight[item])


@inlined
def set_hazard(
    p: Problem, w: Blocks, theta: Parameters, block: int, slot: int, around: Around
) -> None:
    """Set `scale` and `rate` of one hazard, from the calendar and the outsiders' states."""
    row = w.first_slot[block] + slot
    event, mark = w.slot_event[row], around.now[slot]
    started = slot >= w.size[block] and around.state[slot] == 1
    if p.mark_known[mark] == OVER or started:
        around.scale[slot] = 0.0
        return
    scale, rate = max(p.mark_weight[mark], around.closed), theta.base_rate[event]
    for i in range(w.first_outer[row], w.first_outer[row + 1]):
        link, on = w.outer_link[i], around.state[w.outer_slot[i]] == 1
        kind = p.link_kind[link]
        if kind == CAUSES:
            if on:
                rate += theta.effect[link]
        elif kind == MULTIPLIES:
            if on:
                scale *= theta.effect[link]
        elif on != (kind == REQUIRES):
            scale *= around.closed
    around.scale[slot], around.rate[slot] = scale, rate
