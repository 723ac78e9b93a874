"""One onset or one fact by itself: an independent draw of its path given all other paths.

Such a path is a single number, the time of its jump. Between two moments at which anything
around it changes, its density given the others is that of an exponential, so the two-state
forward filter is closed form and no virtual jumps are needed.
"""

import numpy as np

from forecast.engine._course import Paths
from forecast.engine._jit import bare
from forecast.engine._problem import FACT, Parameters
from forecast.engine._rate import take_in
from forecast.engine._start import start_masses
from forecast.engine.paths._blocks import (
    Around,
    Blocks,
    finish_of,
    look_around,
    set_hazard,
    silence_rate,
)
from forecast.engine.paths._marks import FREE, NOTHING, OVER, Marks

SMALL = 1e-12  # below this, limits stand in for quotients
TINY = 1e-100  # masses are scaled up below this


@bare
def _two_rates(
    p: Marks, w: Blocks, theta: Parameters, row: int, slot: int, around: Around
) -> tuple[float, float]:
    """Return a hazard while the member is off, and while it is on."""
    scale = around.scale[slot]
    if scale == 0.0:
        return 0.0, 0.0
    off, on, extra = scale, scale, 0.0
    for i in range(w.first_inner[row], w.first_inner[row + 1]):
        link = w.inner_link[i]
        kind = p.graph.link_kind[link]
        _, off = take_in(kind, 0, theta.effect, link, around.closed, 0.0, off)
        extra, on = take_in(kind, 1, theta.effect, link, around.closed, extra, on)
    return off * around.rate[slot], on * (around.rate[slot] + extra)


@bare
def _truncated_exponential(rate: float, length: float) -> float:
    """Return a draw from the density that falls as exp(-rate t) on [0, length]; any sign."""
    u = np.random.random()  # noqa: NPY002
    x = abs(rate) * length
    if x < SMALL:
        return u * length
    t = float(-np.log1p(u * np.expm1(-x)) / abs(rate))
    return min(t, length) if rate > 0 else max(length - t, 0.0)


@bare
def _pass(
    off: float, on: float, start: float, fall: float, length: float
) -> tuple[float, float, float]:
    """Carry the masses of off and on over a time; return them and the share of on just begun.

    `start` is the rate of the jump, `fall` how much faster the mass of off falls than that of on.
    """
    x = abs(fall) * length
    lost = -np.expm1(-x)
    share = length if x < SMALL else lost / abs(fall)
    less = 1.0 - lost if x < 1.0 else np.exp(-x)
    begun = off * start * share
    if fall >= 0:
        off *= less
    else:
        on *= less
    on += begun
    return off, on, begun / on if begun > 0 else 0.0


@bare
def redraw_one(
    p: Marks, w: Blocks, theta: Parameters, block: int, paths: Paths, around: Around
) -> bool:
    """Redraw the path of a block's one event, in place; return whether any is possible."""
    base, hazards = w.first_slot[block], w.hazards[block]
    event = w.slot_event[base]
    finish = finish_of(p, w, block)
    moments = look_around(p, w, block, paths, finish, around)
    for slot in range(hazards):
        set_hazard(p, w, theta, block, slot, around)
    off, on = start_masses(p.graph, theta, event, paths.initial, p.end)
    time, stale = 0.0, True
    start = fall = 0.0
    for k in range(moments):
        length = around.time[k] - time
        around.share[k], around.fall[k] = 0.0, fall
        if length > 0:
            if stale:
                start, fall = _rates(p, w, theta, block, around)
                around.fall[k], stale = fall, False
            off, on, around.share[k] = _pass(off, on, start, fall, length)
            time = around.time[k]
        slot, mark = around.slot[k], around.mark[k]
        if mark == NOTHING:
            while_off, while_on = _jump_of_outsider(p, w, theta, block, slot, around)
            off, on = off * while_off, on * while_on
            stale = True
        elif slot > 0:
            around.now[slot] = mark
            set_hazard(p, w, theta, block, slot, around)
            stale = True
        else:
            around.now[0] = mark
            if p.mark_alters[mark] == 1:
                set_hazard(p, w, theta, block, 0, around)
                stale = True
            if p.mark_must[mark] == 0:
                on = 0.0
            elif p.mark_must[mark] == 1:
                off = 0.0
            for i in range(p.first_item[mark], p.first_item[mark + 1]):
                off *= theta.factors[p.item[i], 0]
                on *= theta.factors[p.item[i], 1]
        total = off + on
        if not 0.0 < total < np.inf:
            return False
        if total < TINY:
            off, on = off / total, on / total
    paths.initial[event], paths.jumps[event] = 0, 0
    if np.random.random() * (off + on) >= on:  # noqa: NPY002
        return True
    for k in range(moments - 1, -1, -1):
        if np.random.random() < around.share[k]:  # noqa: NPY002
            since = around.time[k - 1] if k > 0 else 0.0
            wait = _truncated_exponential(around.fall[k], around.time[k] - since)
            paths.time[paths.first[event]], paths.jumps[event] = since + wait, 1
            return True
    paths.initial[event] = 1
    return True


@bare
def _rates(
    p: Marks, w: Blocks, theta: Parameters, block: int, around: Around
) -> tuple[float, float]:
    """Return the rate of the jump, and how much faster the mass of off falls than that of on."""
    base = w.first_slot[block]
    known = p.mark_known[around.now[0]]
    start = fall = 0.0
    if p.graph.kind[w.slot_event[base]] != FACT and known != OVER:
        fall = around.scale[0] * around.rate[0]
        start = fall if known == FREE else 0.0
    for slot in range(1, w.hazards[block]):
        while_off, while_on = _two_rates(p, w, theta, base + slot, slot, around)
        fall += while_off - while_on
    mark = around.now[0]
    for i in range(p.first_watch[mark], p.first_watch[mark + 1]):
        fall += silence_rate(p, theta, p.watch[i], 0) - silence_rate(p, theta, p.watch[i], 1)
    return start, fall


@bare
def _jump_of_outsider(
    p: Marks, w: Blocks, theta: Parameters, block: int, slot: int, around: Around
) -> tuple[float, float]:
    """Let an outsider jump; return how likely that was while the member is off, and while on."""
    row = w.first_slot[block] + slot
    while_off = while_on = 1.0
    if slot < w.hazards[block] and around.state[slot] == 0:
        while_off, while_on = _two_rates(p, w, theta, row, slot, around)
    around.state[slot] = 1 - around.state[slot]
    for i in range(w.first_touched[row], w.first_touched[row + 1]):
        set_hazard(p, w, theta, block, w.touched[i], around)
    return while_off, while_on
