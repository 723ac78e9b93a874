"""Several events at once: their joint path redrawn by uniformisation, given all other paths.

Virtual jumps are added along the current path, from a Poisson process with rate Omega less the
rate of leaving; given the grid of real and virtual jumps the path is a discrete chain, drawn by
forward filtering and backward sampling; self-transitions are then dropped [1]_. Here Omega is
constant between moments at which something outside changes, and a child outside the block that
has not started counts as a way of leaving that was not taken, so its survival needs no factor of
its own. The draw is exact; it depends on the current path through the grid alone.

References
----------
.. [1] Rao & Teh (2013). Fast MCMC sampling for Markov jump processes and extensions. JMLR 14.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine._course import Paths, room_for, shell_sort
from forecast.engine._jit import bare, folded
from forecast.engine._problem import FACT, STATE, Floats, Ints, Parameters
from forecast.engine._rate import take_in
from forecast.engine._start import start_chance
from forecast.engine.paths._blocks import (
    Around,
    Blocks,
    finish_of,
    look_around,
    set_hazard,
    silence_rate,
)
from forecast.engine.paths._marks import FALLS, FREE, NOTHING, OVER, RISES, Marks


class _Trace(NamedTuple):
    """What the way forward leaves behind for the way back."""

    time: Floats  # (point,)
    era: Ints  # (point,)
    mass: Floats  # (point, state) just before the point
    flip: Floats  # (era, member, state) chance that the member jumps
    stay: Floats  # (era, state) chance that none does
    fixed: Ints  # (era, member) 1 where it cannot


@folded
def _new_trace(points: int, eras: int, size: int) -> _Trace:
    """Return room for so many points and eras of a block."""
    states = 1 << size
    return _Trace(
        np.empty(points),
        np.empty(points, dtype=np.int64),
        np.empty((points, states)),
        np.empty((eras, size, states)),
        np.empty((eras, states)),
        np.empty((eras, size), dtype=np.int64),
    )


@folded
def _grown(trace: _Trace, points: int, eras: int, size: int) -> _Trace:
    """Return the same trace with room for as many points and eras again."""
    new: _Trace = _new_trace(2 * points + 32, 2 * eras + 8, size)
    new.time[:points], new.era[:points] = trace.time[:points], trace.era[:points]
    new.mass[:points] = trace.mass[:points]
    new.flip[:eras], new.stay[:eras] = trace.flip[:eras], trace.stay[:eras]
    new.fixed[:eras] = trace.fixed[:eras]
    return new


@bare
def _step(trace: _Trace, point: int, time: float, era: int, size: int, mass: Floats) -> float:
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


@bare
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


@bare
def _came_from(trace: _Trace, point: int, s: int, size: int) -> int:
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


@folded
def _go_back(
    w: Blocks, block: int, trace: _Trace, points: int, mass: Floats, paths: Paths
) -> Paths:
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


POINTS = 12.0  # virtual jumps, at the least, that a block of two expects over its whole time
POINTS_EACH = 4.0  # and more for each member besides
SLACK = 1.0  # Omega exceeds what it must be by this share of the members' highest rate
TINY = 1e-100  # masses are scaled up below this
DONE, STUCK, FULL = 0, 1, 2


class _Chain(NamedTuple):
    """The joint states of a block, and what its hazards are in each."""

    factor: Floats  # (hazard, state)
    extra: Floats  # (hazard, state)
    hazard: Floats  # (hazard, state) now
    leave: Floats  # (state,) rate of leaving now, children's starts included
    mass: Floats  # (state,) of all that has been seen so far and the state now
    own_time: Floats  # (jump,) of the members, in the current path
    own_member: Ints  # (jump,)
    block: int
    moments: int  # how many the block sees
    least: float  # virtual jumps a year, at the least


class _Here(NamedTuple):
    """How far the way forward has come."""

    moment: int
    time: float
    era: int
    points: int
    own: int  # real jumps of the current path that are behind
    state: int  # of the current path
    omega: float  # 0 where the rates have changed since it was set
    status: int  # DONE, STUCK or FULL


@bare
def _tables(p: Marks, w: Blocks, theta: Parameters, around: Around, chain: _Chain) -> None:
    """Fill in what the members' joint states do to each hazard."""
    block = chain.block
    base, states = w.first_slot[block], len(chain.leave)
    for slot in range(w.hazards[block]):
        for s in range(states):
            chain.factor[slot, s], chain.extra[slot, s] = 1.0, 0.0
        for i in range(w.first_inner[base + slot], w.first_inner[base + slot + 1]):
            link, bit = w.inner_link[i], w.inner_bit[i]
            kind = p.graph.link_kind[link]
            for s in range(states):
                extra, factor = chain.extra[slot, s], chain.factor[slot, s]
                chain.extra[slot, s], chain.factor[slot, s] = take_in(
                    kind, (s >> bit) & 1, theta.effect, link, around.closed, extra, factor
                )


@bare
def _update(
    p: Marks, w: Blocks, theta: Parameters, slot: int, around: Around, chain: _Chain
) -> None:
    """Bring one hazard up to date."""
    block = chain.block
    set_hazard(p, w, theta, block, slot, around)
    scale, rate = around.scale[slot], around.rate[slot]
    for s in range(len(chain.leave)):
        if scale == 0.0:
            chain.hazard[slot, s] = 0.0
        else:
            chain.hazard[slot, s] = scale * chain.factor[slot, s] * (rate + chain.extra[slot, s])


@bare
def _leaving(
    p: Marks, w: Blocks, theta: Parameters, around: Around, chain: _Chain
) -> tuple[float, float]:
    """Fill in the rates of leaving; return the highest, and the highest of the members alone."""
    block = chain.block
    base, size, states = w.first_slot[block], w.size[block], len(chain.leave)
    mask = value = 0
    for s in range(states):
        chain.leave[s] = 0.0
    for i in range(size):
        event, known = w.slot_event[base + i], p.mark_known[around.now[i]]
        if known in (0, 1):
            mask |= 1 << i
            value |= known << i
        if p.graph.kind[event] == FACT or known in (1, OVER):
            continue
        off = theta.off_rate[event] if p.graph.kind[event] == STATE and known != 0 else 0.0
        for s in range(states):
            chain.leave[s] += off if (s >> i) & 1 else chain.hazard[i, s]
    own = 0.0
    for s in range(states):
        if s & mask == value:
            own = max(own, chain.leave[s])
    for i in range(size, w.hazards[block]):
        if around.scale[i] > 0.0:
            for s in range(states):
                chain.leave[s] += chain.hazard[i, s]
    for i in range(size):
        mark = around.now[i]
        sure = p.mark_known[mark] in (0, 1, OVER)
        if sure or p.first_watch[mark] == p.first_watch[mark + 1]:
            continue
        off = on = 0.0
        for j in range(p.first_watch[mark], p.first_watch[mark + 1]):
            off += silence_rate(p, theta, p.watch[j], 0)
            on += silence_rate(p, theta, p.watch[j], 1)
        least = min(off, on)  # taken off both: chances matter up to a constant
        for s in range(states):
            chain.leave[s] += (on if (s >> i) & 1 else off) - least
    high = 0.0
    for s in range(states):
        if s & mask == value:
            high = max(high, chain.leave[s])
    return high, own


@bare
def _begin_era(
    p: Marks, w: Blocks, theta: Parameters, around: Around, chain: _Chain, trace: _Trace, era: int
) -> float:
    """Set the chances of a step of the chain from now on; return Omega."""
    block = chain.block
    base, size, states = w.first_slot[block], w.size[block], len(chain.leave)
    high, own = _leaving(p, w, theta, around, chain)
    omega = high + max(SLACK * own, chain.least)
    for s in range(states):
        trace.stay[era, s] = 1.0 - chain.leave[s] / omega
    for i in range(size):
        event, known = w.slot_event[base + i], p.mark_known[around.now[i]]
        moves = p.graph.kind[event] != FACT and known in (FREE, RISES, FALLS)
        trace.fixed[era, i] = 0 if moves else 1
        off = theta.off_rate[event] if p.graph.kind[event] == STATE else 0.0
        if moves:
            for s in range(states):
                if (s >> i) & 1:
                    rate = 0.0 if known == RISES else off
                else:
                    rate = 0.0 if known == FALLS else chain.hazard[i, s]
                trace.flip[era, i, s] = rate / omega
    return float(omega)


@bare
def _scaled(mass: Floats) -> bool:
    """Scale masses up where they are low; return whether any state is possible."""
    total = 0.0
    for s in range(len(mass)):
        total += mass[s]
    if not 0.0 < total < np.inf:
        return False
    if total < TINY:
        for s in range(len(mass)):
            mass[s] /= total
    return True


@bare
def _moment(p: Marks, w: Blocks, theta: Parameters, k: int, around: Around, chain: _Chain) -> bool:
    """Let a mark or an outsider's jump happen; return whether the rates change."""
    block = chain.block
    base = w.first_slot[block]
    slot, mark, mass = around.slot[k], around.mark[k], chain.mass
    states = len(mass)
    if mark == NOTHING:
        if slot < w.hazards[block] and around.state[slot] == 0:
            for s in range(states):
                mass[s] *= chain.hazard[slot, s]
        around.state[slot] = 1 - around.state[slot]
        for i in range(w.first_touched[base + slot], w.first_touched[base + slot + 1]):
            _update(p, w, theta, w.touched[i], around, chain)
        return True
    around.now[slot] = mark
    if slot < w.size[block]:
        must = p.mark_must[mark]
        for i in range(p.first_item[mark], p.first_item[mark + 1]):
            for s in range(states):
                mass[s] *= theta.factors[p.item[i], (s >> slot) & 1]
        if must != FREE:
            for s in range(states):
                if (s >> slot) & 1 != must:
                    mass[s] = 0.0
    if slot < w.size[block] and p.mark_alters[mark] == 0:
        return False
    _update(p, w, theta, slot, around, chain)
    return True


@folded
def _initial_mass(
    p: Marks, w: Blocks, theta: Parameters, block: int, paths: Paths, mass: Floats
) -> None:
    """Fill in the chances of the members' joint states at the start, given all others then."""
    start, base, size = p.graph.start, w.first_slot[block], w.size[block]
    before = np.empty(size, dtype=np.int64)
    for i in range(size):
        before[i] = paths.initial[w.slot_event[base + i]]
    for s in range(len(mass)):
        mass[s] = 1.0
        for i in range(size):
            paths.initial[w.slot_event[base + i]] = (s >> i) & 1
        for i in range(size):
            event = w.slot_event[base + i]
            on = start_chance(p.graph, theta, event, paths.initial)
            mass[s] *= on if (s >> i) & 1 else 1.0 - on
            for j in range(start.first_ruled[event], start.first_ruled[event + 1]):
                ruled = start.ruled[j]
                if p.end[ruled] >= 0.0 and not _told_before(p, w, block, i, ruled):
                    on = start_chance(p.graph, theta, ruled, paths.initial)
                    mass[s] *= on if paths.initial[ruled] == 1 else 1.0 - on
    for i in range(size):
        paths.initial[w.slot_event[base + i]] = before[i]


@bare
def _told_before(p: Marks, w: Blocks, block: int, member: int, ruled: int) -> bool:
    """Return whether an event is a member, or depends on a member before this one."""
    start, base = p.graph.start, w.first_slot[block]
    for i in range(w.size[block]):
        if w.slot_event[base + i] == ruled:
            return True
    for i in range(member):
        for j in range(start.first_given[ruled], start.first_given[ruled + 1]):
            if start.given[j] == w.slot_event[base + i]:
                return True
    return False


@folded
def _own_jumps(p: Marks, w: Blocks, block: int, paths: Paths) -> tuple[int, Floats, Ints]:
    """Return the members' joint initial state, and their jumps by time."""
    n = state = 0
    base, size = w.first_slot[block], w.size[block]
    for i in range(size):
        n += paths.jumps[w.slot_event[base + i]]
    time, member = np.empty(n), np.empty(n, dtype=np.int64)
    n = 0
    for i in range(size):
        event = w.slot_event[base + i]
        state |= paths.initial[event] << i
        for j in range(paths.first[event], paths.first[event] + paths.jumps[event]):
            if paths.time[j] < p.end[event]:
                time[n], member[n] = paths.time[j], i
                n += 1
    shell_sort(time, member, n)
    return state, time[:n], member[:n]


@bare
def _forward(
    p: Marks,
    w: Blocks,
    theta: Parameters,
    around: Around,
    chain: _Chain,
    trace: _Trace,
    here: _Here,
) -> _Here:
    """Go forward until the end, until no state is possible, or until the trace has no more room."""
    block = chain.block
    size, mass = w.size[block], chain.mass
    k, time, era, points, own, s = (
        here.moment, here.time, here.era, here.points, here.own, here.state
    )  # fmt: skip
    omega = here.omega
    while k < chain.moments:
        end = around.time[k]
        if end > time and omega == 0.0:
            if era + 1 == len(trace.stay):
                return _Here(k, time, era, points, own, s, omega, FULL)
            era += 1
            omega = _begin_era(p, w, theta, around, chain, trace, era)
            if not omega < np.inf:
                return _Here(k, time, era, points, own, s, omega, STUCK)
        while time < end:
            if points == len(trace.time):
                return _Here(k, time, era, points, own, s, omega, FULL)
            gap = np.random.exponential(1.0 / max(omega - chain.leave[s], chain.least))  # noqa: NPY002
            jump = chain.own_time[own] if own < len(chain.own_time) else np.inf
            if not time + gap < min(jump, end):
                if not jump < end:
                    break
                time = jump
                s ^= 1 << chain.own_member[own]
                own += 1
            else:
                time += gap
            if _step(trace, points, time, era, size, mass) < TINY and not _scaled(mass):
                return _Here(k, time, era, points, own, s, omega, STUCK)
            points += 1
        time = end
        if _moment(p, w, theta, k, around, chain):
            omega = 0.0
        if not _scaled(mass):
            return _Here(k, time, era, points, own, s, omega, STUCK)
        k += 1
    return _Here(k, time, era, points, own, s, omega, DONE)


@folded
def redraw_jointly(
    p: Marks, w: Blocks, theta: Parameters, block: int, paths: Paths, around: Around
) -> tuple[bool, Paths]:
    """Return whether any path is possible, and the paths with a block's redrawn (in place)."""
    size, hazards = w.size[block], w.hazards[block]
    states, finish = 1 << size, finish_of(p, w, block)
    moments = look_around(p, w, block, paths, finish, around)
    state, own_time, own_member = _own_jumps(p, w, block, paths)
    chain = _Chain(
        np.empty((hazards, states)),
        np.empty((hazards, states)),
        np.empty((hazards, states)),
        np.empty(states),
        np.empty(states),
        own_time,
        own_member,
        block,
        moments,
        (POINTS + POINTS_EACH * (size - 2)) / finish if finish > 0 else 1.0,
    )
    _tables(p, w, theta, around, chain)
    for slot in range(hazards):
        _update(p, w, theta, slot, around, chain)
    _initial_mass(p, w, theta, block, paths, chain.mass)
    trace = _new_trace(64, 16, size)
    here = _Here(0, 0.0, NOTHING, 0, 0, state, 0.0, FULL)
    while True:
        here = _forward(p, w, theta, around, chain, trace, here)  # fmt: skip
        if here.status == STUCK:
            return False, paths
        if here.status == DONE:
            return True, _go_back(w, block, trace, here.points, chain.mass, paths)
        trace = _grown(trace, here.points, here.era + 1, size)
