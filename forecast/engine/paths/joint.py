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

from forecast.engine.paths.around import (
    Around,
    finish_of,
    look_around,
    set_hazard,
    shell_sort,
    silence_rate,
)
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.grid import Trace, go_back, grown, new_trace, step
from forecast.engine.paths.inline import inlined
from forecast.engine.paths.problem import FALLS, FREE, NOTHING, OVER, RISES, Problem
from forecast.engine.paths.state import Paths
from forecast.engine.structure import (
    CAUSES,
    FACT,
    MULTIPLIES,
    REQUIRES,
    STATE,
    Floats,
    Ints,
    Parameters,
)

__all__ = ["redraw_jointly"]

POINTS = 12.0  # virtual jumps, at the least, that a block of two expects over its whole time
POINTS_EACH = 4.0  # and more for each member besides
SLACK = 1.0  # Omega exceeds what it must be by this share of the members' highest rate
TINY = 1e-100  # masses are scaled up below this
DONE, STUCK, FULL = 0, 1, 2


class Chain(NamedTuple):
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


class Here(NamedTuple):
    """How far the way forward has come."""

    moment: int
    time: float
    era: int
    points: int
    own: int  # real jumps of the current path that are behind
    state: int  # of the current path
    omega: float  # 0 where the rates have changed since it was set
    status: int  # DONE, STUCK or FULL


@inlined
def _tables(p: Problem, w: Blocks, theta: Parameters, around: Around, chain: Chain) -> None:
    """Fill in what the members' joint states do to each hazard."""
    block = chain.block
    base, states = w.first_slot[block], len(chain.leave)
    for slot in range(w.hazards[block]):
        for s in range(states):
            chain.factor[slot, s], chain.extra[slot, s] = 1.0, 0.0
        for i in range(w.first_inner[base + slot], w.first_inner[base + slot + 1]):
            link, bit = w.inner_link[i], w.inner_bit[i]
            kind, effect = p.link_kind[link], theta.effect[link]
            for s in range(states):
                on = (s >> bit) & 1 == 1
                if kind == CAUSES:
                    if on:
                        chain.extra[slot, s] += effect
                elif kind == MULTIPLIES:
                    if on:
                        chain.factor[slot, s] *= effect
                elif on != (kind == REQUIRES):
                    chain.factor[slot, s] *= around.closed


@inlined
def _update(
    p: Problem, w: Blocks, theta: Parameters, slot: int, around: Around, chain: Chain
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


@inlined
def _leaving(
    p: Problem, w: Blocks, theta: Parameters, around: Around, chain: Chain
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
        if p.kind[event] == FACT or known in (1, OVER):
            continue
        off = theta.off_rate[event] if p.kind[event] == STATE and known != 0 else 0.0
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


@inlined
def _begin_era(
    p: Problem, w: Blocks, theta: Parameters, around: Around, chain: Chain, trace: Trace, era: int
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
        moves = p.kind[event] != FACT and known in (FREE, RISES, FALLS)
        trace.fixed[era, i] = 0 if moves else 1
        off = theta.off_rate[event] if p.kind[event] == STATE else 0.0
        if moves:
            for s in range(states):
                if (s >> i) & 1:
                    rate = 0.0 if known == RISES else off
                else:
                    rate = 0.0 if known == FALLS else chain.hazard[i, s]
                trace.flip[era, i, s] = rate / omega
    return float(omega)


@inlined
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


@inlined
def _moment(p: Problem, w: Blocks, theta: Parameters, k: int, around: Around, chain: Chain) -> bool:
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


@inlined
def _initial_mass(p: Problem, w: Blocks, theta: Parameters, block: int, mass: Floats) -> None:
    for s in range(len(mass)):
        mass[s] = 1.0
    for i in range(w.size[block]):
        event = w.slot_event[w.first_slot[block] + i]
        on = theta.initial[event] if p.initially[event] < 0 else float(p.initially[event])
        for s in range(len(mass)):
            mass[s] *= on if (s >> i) & 1 else 1.0 - on


@inlined
def _own_jumps(p: Problem, w: Blocks, block: int, paths: Paths) -> tuple[int, Floats, Ints]:
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


@inlined
def _forward(
    p: Problem, w: Blocks, theta: Parameters, around: Around, chain: Chain, trace: Trace, here: Here
) -> Here:
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
                return Here(k, time, era, points, own, s, omega, FULL)
            era += 1
            omega = _begin_era(p, w, theta, around, chain, trace, era)
            if not omega < np.inf:
                return Here(k, time, era, points, own, s, omega, STUCK)
        while time < end:
            if points == len(trace.time):
                return Here(k, time, era, points, own, s, omega, FULL)
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
            if step(trace, points, time, era, size, mass) < TINY and not _scaled(mass):
                return Here(k, time, era, points, own, s, omega, STUCK)
            points += 1
        time = end
        if _moment(p, w, theta, k, around, chain):
            omega = 0.0
        if not _scaled(mass):
            return Here(k, time, era, points, own, s, omega, STUCK)
        k += 1
    return Here(k, time, era, points, own, s, omega, DONE)


@inlined
def redraw_jointly(
    p: Problem, w: Blocks, theta: Parameters, block: int, paths: Paths, around: Around
) -> tuple[bool, Paths]:
    """Return whether any path is possible, and the paths with a block's redrawn (in place).

    Parameters
    ----------
    p, w, theta, block
        The problem, its blocks, parameters, and which block.
    paths
        Of all events.
    around
        Working space.
    """
    size, hazards = w.size[block], w.hazards[block]
    states, finish = 1 << size, finish_of(p, w, block)
    moments = look_around(p, w, block, paths, finish, around)
    state, own_time, own_member = _own_jumps(p, w, block, paths)
    chain = Chain(
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
    _initial_mass(p, w, theta, block, chain.mass)
    trace = new_trace(64, 16, size)
    here = Here(0, 0.0, NOTHING, 0, 0, state, 0.0, FULL)
    while True:
        here = _forward(p, w, theta, around, chain, trace, here)  # fmt: skip
        if here.status == STUCK:
            return False, paths
        if here.status == DONE:
            return True, go_back(w, block, trace, here.points, chain.mass, paths)
        trace = grown(trace, here.points, here.era + 1, size)
