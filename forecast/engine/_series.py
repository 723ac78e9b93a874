"""An interval without steps: uniformisation [1]_, over many draws, or for one with its slopes.

With Q the generator of an interval and no rate of leaving a state above L, e^(Qt) is the mean of
P^N over a Poisson number N of mean L t, with P = I + Q / L, whose entries are not negative: no
splitting, nothing to cancel, and an error that is the tail of the Poisson weights.

For the slopes only the states at the ends of its stretches are kept on the way; those in between
are found again on the way back. The rate L of the turns is a choice that the result does not depend
on, so it is held fixed in the slopes.

References
----------
.. [1] Jensen (1953). Markoff chains as an aid in the study of Markoff processes.
   Skandinavisk Aktuarietidskrift 36.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine._chances import RATE, WAYS
from forecast.engine._choice import terms
from forecast.engine._jit import bare_kernel, kernel
from forecast.engine._plan import STATE_FLIP, STAYS_OFF, Plan
from forecast.engine._problem import Floats, Ints

MOST_MEAN = 256.0  # turns a stretch, so that the weights do not underflow
MOST_SURVIVAL = 700.0  # the most that a survival's rate adds up to: beyond it, nothing survives
TINY_RATE = 1e-300
CELLS, FEWEST, MOST = 32768, 64, 128  # states times draws at a time, and draws at least and most


@kernel
def _rates(plan: Plan, k: int, chances: Floats, chosen: Ints) -> Floats:
    """Return the rates of interval k's hazards for some draws, two rows a context."""
    first, last = plan.first_hazard[k], plan.first_hazard[k + 1]
    rows = 0
    for j in range(first, last):
        rows += 2 * plan.hazard_contexts[j]
    most = MOST_SURVIVAL / (plan.cuts[k + 1] - plan.cuts[k])
    rates = np.empty((rows, len(chosen)))
    row = 0
    for j in range(first, last):
        begin = WAYS * plan.first_chance[plan.hazard_table[j]] + RATE
        limit = most if plan.hazard_kind[j] >= STAYS_OFF else np.inf
        for c in range(plan.hazard_contexts[j]):
            for d in range(len(chosen)):
                rates[row, d] = min(chances[begin + WAYS * c, chosen[d]], limit)
                rates[row + 1, d] = chances[begin + WAYS * c + 1, chosen[d]]
            row += 2
    return rates


@bare_kernel
def pair_of(s: int, bit: int) -> int:
    """Return which pair of states, alike but for a bit, a state belongs to."""
    return int(((s >> (bit + 1)) << bit) | (s & ((1 << bit) - 1)))


@bare_kernel
def _leaving(plan: Plan, k: int, rates: Floats, leaving: Floats) -> None:
    """Add up the rate of leaving each state, being found out included."""
    row = 0
    for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
        kind, bit = plan.hazard_kind[j], plan.hazard_bit[j]
        first, several = plan.hazard_map[j], plan.hazard_contexts[j] > 1
        for s in range(len(leaving)):
            if kind >= STAYS_OFF:
                r = row + 2 * plan.contexts[first + s] if several else row
            else:
                on = (s >> bit) & 1
                if on and kind != STATE_FLIP:
                    continue
                r = row + 2 * plan.contexts[first + pair_of(s, bit)] + on
            for d in range(leaving.shape[1]):
                leaving[s, d] += rates[r, d]
        row += 2 * plan.hazard_contexts[j]


@bare_kernel
def _term(
    plan: Plan,
    k: int,
    rates: Floats,
    stay: Floats,
    weight: Floats,
    x: Floats,
    y: Floats,
    sums: Floats,
    back: int,
) -> None:
    """Apply P to the states `x`, into `y`, its transpose if `back` is 1; add to `sums`."""
    draws = x.shape[1]
    for s in range(len(x)):
        row = 0
        for d in range(draws):
            y[s, d] = stay[s, d] * x[s, d]
        for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
            kind, bit = plan.hazard_kind[j], plan.hazard_bit[j]
            if kind >= STAYS_OFF:
                break  # flips come before the rest
            from_on = ((s >> bit) & 1) ^ 1 ^ back  # whether the event goes off in this turn
            if from_on == 0 or kind == STATE_FLIP:
                c = plan.contexts[plan.hazard_map[j] + pair_of(s, bit)]
                r, other = row + 2 * c + from_on, s ^ (1 << bit)
                for d in range(draws):
                    y[s, d] += rates[r, d] * x[other, d]
            row += 2 * plan.hazard_contexts[j]
        for d in range(draws):
            sums[s, d] += weight[d] * y[s, d]


@kernel
def _stretch(
    plan: Plan, k: int, rates: Floats, stay: Floats, x: Floats, mean: Floats, back: int
) -> None:
    """Carry the states `x` over a stretch with `mean` turns, in place."""
    draws = len(mean)
    last, weight = np.empty(draws, dtype=np.int64), np.empty(draws)
    most = 0
    for d in range(draws):
        last[d] = terms(mean[d], plan.depth[k]) if mean[d] > 0 else 0
        most = max(most, last[d])
        weight[d] = np.exp(-mean[d])
    v, w = x.copy(), np.empty_like(x)
    for s in range(len(x)):
        for d in range(draws):
            x[s, d] *= weight[d]
    for n in range(1, most + 1):
        for d in range(draws):
            weight[d] = weight[d] * mean[d] / n if n <= last[d] else 0.0
        _term(plan, k, rates, stay, weight, v, w, x, back)
        v, w = w, v


@kernel
def _pass_chunk(plan: Plan, k: int, chances: Floats, chosen: Ints, x: Floats, back: int) -> None:
    """Carry the states `x` of a few draws through interval k, in place."""
    draws, length = len(chosen), plan.cuts[k + 1] - plan.cuts[k]
    rates, stay = _rates(plan, k, chances, chosen), np.zeros_like(x)
    _leaving(plan, k, rates, stay)
    most, mean, stretches = np.empty(draws), np.empty(draws), np.empty(draws, dtype=np.int64)
    least = np.zeros(draws)  # below 0 where what is said adds chance, as a word of a density does
    for d in range(draws):
        most[d] = TINY_RATE
    for s in range(len(x)):
        for d in range(draws):
            least[d] = min(least[d], stay[s, d])
    for s in range(len(x)):
        for d in range(draws):
            stay[s, d] -= least[d]
            most[d] = max(most[d], stay[s, d])
    for s in range(len(x)):
        for d in range(draws):
            stay[s, d] = 1 - stay[s, d] / most[d]
            x[s, d] *= np.exp(-least[d] * length)
    for row in range(len(rates)):
        for d in range(draws):
            rates[row, d] /= most[d]
    longest = 0
    for d in range(draws):
        stretches[d] = max(1, int(np.ceil(most[d] * length / MOST_MEAN)))
        longest = max(longest, stretches[d])
    for n in range(longest):
        for d in range(draws):
            mean[d] = most[d] * length / stretches[d] if n < stretches[d] else 0.0
        _stretch(plan, k, rates, stay, x, mean, back)


@kernel
def pass_by_series(
    plan: Plan, k: int, chances: Floats, order: Ints, before: Floats, after: Floats, back: int
) -> None:
    """Carry the states of some draws through interval k; by the transpose if `back` is 1.

    Parameters
    ----------
    order
        The draws, those of like numbers of terms side by side.
    before, after
        States, shape (state, draw): `after` is filled for these draws alone.
    """
    chunk = min(max(CELLS // len(before), FEWEST), MOST)
    for begin in range(0, len(order), chunk):
        chosen = order[begin : begin + chunk]
        x = np.empty((len(before), len(chosen)))
        for s in range(len(x)):
            for d in range(len(chosen)):
                x[s, d] = before[s, chosen[d]]
        _pass_chunk(plan, k, chances, chosen, x, back)
        for s in range(len(x)):
            for d in range(len(chosen)):
                after[s, chosen[d]] = x[s, d]


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


@bare_kernel
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


@bare_kernel
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
    plan: Plan, k: int, turns: Turns, sums: Floats, d_on: Floats, d_off: Floats, d_leaving: Floats
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
