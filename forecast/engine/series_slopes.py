"""An interval without steps, for one draw and with its slopes: see `forecast.engine.series`.

Only the states at the ends of its stretches are kept on the way; those in between are found again
on the way back. The rate L of the turns is a choice that the result does not depend on, so it is
held fixed in the slopes.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine.choice import terms
from forecast.engine.jit import kernel
from forecast.engine.plan import STATE_FLIP, STAYS_OFF, Plan
from forecast.engine.rates import RATE
from forecast.engine.series import MOST_MEAN, MOST_SURVIVAL, TINY_RATE, pair_of
from forecast.engine.structure import Floats

__all__ = ["series_adjoint", "series_forward"]


class Turns(NamedTuple):
    """P, and how often it is applied.

    Parameters
    ----------
    on, off
        Each hazard's chances to go on and off in a turn, shape (hazard, pair of states).
    stay
        The chance that a state is kept in a turn, shape (state,).
    rate
        Of the turns, per year.
    stretches, mean
        How many there are, and the mean number of turns in each.
    grown
        What chances are multiplied with over a stretch: the lowest rate of leaving a state is below
        0 where what is said adds chance, and is taken out of all of them. The result does not hang
        on how much is taken out, so no slope comes of it.
    """

    on: Floats
    off: Floats
    stay: Floats
    rate: float
    stretches: int
    mean: float
    grown: float


@kernel
def _turns(plan: Plan, k: int, chances: Floats) -> Turns:
    states, first, last = 1 << plan.bits[k + 1], plan.first_hazard[k], plan.first_hazard[k + 1]
    on, off = np.zeros((last - first, states // 2)), np.zeros((last - first, states // 2))
    leaving, length = np.zeros(states), plan.cuts[k + 1] - plan.cuts[k]
    for j in range(first, last):
        begin, bit = plan.hazard_map[j], plan.hazard_bit[j]
        own = chances[plan.first_chance[plan.hazard_table[j]] :]
        if plan.hazard_kind[j] >= STAYS_OFF:
            several = plan.hazard_contexts[j] > 1
            for s in range(states):
                c = plan.contexts[begin + s] if several else 0
                leaving[s] += min(own[c, RATE], MOST_SURVIVAL / length)
            continue
        for pair in range(states // 2):
            c = plan.contexts[begin + pair]
            on[j - first, pair], off[j - first, pair] = own[c, RATE], own[c, RATE + 1]
        for s in range(states):
            side = off if (s >> bit) & 1 else on
            leaving[s] += side[j - first, pair_of(s, bit)]
    least = min(leaving.min(), 0.0)
    leaving -= least
    most = max(leaving.max(), TINY_RATE)
    stretches = max(1, int(np.ceil(most * length / MOST_MEAN)))
    return Turns(
        on / most,
        off / most,
        1 - leaving / most,
        most,
        stretches,
        most * length / stretches,
        np.exp(-least * length / stretches),
    )


@kernel
def _turn(plan: Plan, k: int, turns: Turns, x: Floats, y: Floats) -> None:
    """Apply P to the states `x`, into `y`."""
    for s in range(len(x)):
        y[s] = turns.stay[s] * x[s]
    first = plan.first_hazard[k]
    for j in range(first, plan.first_hazard[k + 1]):
        if plan.hazard_kind[j] >= STAYS_OFF:
            break
        stride, pair = 1 << plan.hazard_bit[j], 0
        on, off, back = turns.on[j - first], turns.off[j - first], plan.hazard_kind[j] == STATE_FLIP
        for high in range(0, len(x), 2 * stride):
            for low in range(high, high + stride):
                y[low + stride] += on[pair] * x[low]
                if back:
                    y[low] += off[pair] * x[low + stride]
                pair += 1


@kernel
def series_forward(plan: Plan, k: int, chances: Floats, rows: Floats) -> int:
    """Carry the first row of states through interval k, a row for each stretch.

    Returns how far the last row is, as the steps do.
    """
    states, turns = 1 << plan.bits[k + 1], _turns(plan, k, chances)
    last = terms(turns.mean, plan.depth[k])
    v, w = np.empty(states), np.empty(states)
    for n in range(turns.stretches):
        x, y = rows[n * states : (n + 1) * states], rows[(n + 1) * states : (n + 2) * states]
        weight = turns.grown * np.exp(-turns.mean)
        for s in range(states):
            v[s] = x[s]
            y[s] = weight * x[s]
        for term in range(1, last + 1):
            _turn(plan, k, turns, v, w)
            v, w = w, v
            weight *= turns.mean / term
            for s in range(states):
                y[s] += weight * v[s]
    return int(turns.stretches * states)


@kernel
def series_adjoint(
    plan: Plan, k: int, chances: Floats, sums: Floats, rows: Floats, adjoint: Floats
) -> None:
    """Pull the adjoint back through interval k, in place; `rows` begins with its first state."""
    states, turns = 1 << plan.bits[k + 1], _turns(plan, k, chances)
    last = terms(turns.mean, plan.depth[k])
    weight = np.empty(last + 1)
    weight[0] = turns.grown * np.exp(-turns.mean)
    for term in range(1, last + 1):
        weight[term] = weight[term - 1] * turns.mean / term
    v = np.empty((last + 1, states))
    d_on, d_off, d_leaving = np.zeros_like(turns.on), np.zeros_like(turns.off), np.zeros(states)
    gain, before = np.empty(states), np.empty(states)
    for n in range(turns.stretches - 1, -1, -1):
        v[0] = rows[n * states : (n + 1) * states]
        for term in range(1, last):
            _turn(plan, k, turns, v[term - 1], v[term])
        for s in range(states):
            gain[s] = weight[last] * adjoint[s]
        for term in range(last - 1, -1, -1):
            _turn_adjoint(plan, k, turns, v[term], gain, before, d_on, d_off, d_leaving)
            for s in range(states):
                gain[s] = before[s] + weight[term] * adjoint[s]
        adjoint[:] = gain
    _spread(plan, k, turns, sums, d_on, d_off, d_leaving)


@kernel
def _turn_adjoint(
    plan: Plan,
    k: int,
    turns: Turns,
    x: Floats,
    gain: Floats,
    before: Floats,
    d_on: Floats,
    d_off: Floats,
    d_leaving: Floats,
) -> None:
    """Pull a gain back through a turn, into `before`; gather the slopes of its chances."""
    for s in range(len(x)):
        before[s] = turns.stay[s] * gain[s]
        d_leaving[s] -= x[s] * gain[s]
    first = plan.first_hazard[k]
    for j in range(first, plan.first_hazard[k + 1]):
        if plan.hazard_kind[j] >= STAYS_OFF:
            break
        stride, pair = 1 << plan.hazard_bit[j], 0
        on, off = turns.on[j - first], turns.off[j - first]
        for high in range(0, len(x), 2 * stride):
            for low in range(high, high + stride):
                more = gain[low + stride] - gain[low]
                before[low] += on[pair] * gain[low + stride]
                before[low + stride] += off[pair] * gain[low]
                d_on[j - first, pair] += x[low] * more
                d_off[j - first, pair] -= x[low + stride] * more
                pair += 1


@kernel
def _spread(
    plan: Plan,
    k: int,
    turns: Turns,
    sums: Floats,
    d_on: Floats,
    d_off: Floats,
    d_leaving: Floats,
) -> None:
    """Add the slopes of a turn's chances to those of the rates, context by context."""
    first = plan.first_hazard[k]
    for j in range(first, plan.first_hazard[k + 1]):
        begin, table = plan.hazard_map[j], plan.hazard_table[j]
        total = sums[plan.first_chance[table] :]
        if plan.hazard_kind[j] >= STAYS_OFF:
            several = plan.hazard_contexts[j] > 1
            scale = 1 / (turns.rate * plan.table_time[table])
            for s in range(len(d_leaving)):  # of minus the log of the chance over a step
                total[plan.contexts[begin + s] if several else 0, 0] -= d_leaving[s] * scale
            continue
        for pair in range(len(d_leaving) // 2):
            c = plan.contexts[begin + pair]
            total[c, RATE] += d_on[j - first, pair] / turns.rate
            total[c, RATE + 1] += d_off[j - first, pair] / turns.rate
