"""How an interval is passed: by the steps of its plan, or by a series that has no step.

A step of symmetric splitting errs by a third of its order: by nested commutators of the transitions
that it takes apart, of which only those of events that a link joins do not vanish [1]_. For the
chance of an event that comes to, with h the step and the sum over the live parents of the event,

    h³ / 12 · Σ r_parent · (spread of its rate over their states) · (A_parent + A_event),

r being the highest rate of an event and A that of an event and its live parents together. Where
this, over an interval, is more than the interval's share of the error allowed, or than that share
of the chance of what is seen at the end of it, the interval is passed by the series
(`forecast.engine._series`) for that draw; so it is where that is less work.

References
----------
.. [1] Childs, Su, Tran, Wiebe & Zhu (2021). Theory of Trotter error with commutator scaling.
   Phys. Rev. X 11, 011020.
"""

import numpy as np

from forecast.engine._chances import RATE, WAYS
from forecast.engine._jit import bare_kernel, kernel
from forecast.engine._plan import STATE_FLIP, STAYS_OFF, Plan
from forecast.engine._problem import Floats, Ints

ERROR, SHARE, TOTAL = 0, 1, 2  # rows of what `bounds` finds
FOUND = 3
LOCAL = 1 / 12
MOST_SHARE = 5e-3  # of the chance of a turn, that a step may have wrong: what is rare may be seen
SURPRISE = 0.1  # a chance of what is seen, below which its own error counts in proportion
TINY = 1e-300
TERM = 2.0  # work of a term of the series, in steps
TAIL = 1e-9  # of the series, left out
MOST_TURNS = 2e4  # in an interval: beyond, no series is affordable, and steps have the word
LEAST_SEEN = 1e-12  # a chance that nothing which is seen falls below


@bare_kernel
def extremes(plan: Plan, chances: Floats, top: Floats, spread: Floats) -> None:
    """Find each table's highest rate, to and fro together, and how far it varies: (table, draw)."""
    for table in range(len(plan.table_hazard)):
        j = plan.table_hazard[table]
        first = WAYS * plan.first_chance[table] + RATE
        for d in range(top.shape[1]):
            low = high = chances[first, d]
            for c in range(1, plan.hazard_contexts[j]):
                rate = chances[first + WAYS * c, d]
                low, high = min(low, rate), max(high, rate)
            off = chances[first + 1, d] if plan.hazard_kind[j] == STATE_FLIP else 0.0
            top[table, d], spread[table, d] = high + off, high - low


@kernel
def bounds(plan: Plan, k: int, top: Floats, spread: Floats, found: Floats) -> None:
    """Find what interval k asks of its steps, draw by draw: `found` has shape (3, draw).

    Their `ERROR` in the chance of an event, the same for one turn in proportion to its chance
    (`SHARE`), and the sum of all rates (`TOTAL`).
    """
    first, last, draws = plan.first_hazard[k], plan.first_hazard[k + 1], found.shape[1]
    error, share, total = found[ERROR], found[SHARE], found[TOTAL]
    near = np.zeros((last - first, draws))
    for d in range(draws):
        error[d] = share[d] = total[d] = 0.0
    for j in range(first, last):
        table = plan.hazard_table[j]
        own = spread[table] if plan.hazard_kind[j] >= STAYS_OFF else top[table]
        for d in range(draws):
            total[d] += top[table, d]
            near[j - first, d] = own[d]
        for p in range(plan.first_parent[j], plan.first_parent[j + 1]):
            rate = top[plan.hazard_table[first + plan.parent[p]]]
            for d in range(draws):
                near[j - first, d] += rate[d]
    length = plan.cuts[k + 1] - plan.cuts[k]
    scale, here = LOCAL * (length / plan.steps[k]) ** 2, np.empty(draws)
    for j in range(first, last):
        if plan.first_parent[j] == plan.first_parent[j + 1]:
            continue
        varies = spread[plan.hazard_table[j]]
        for d in range(draws):
            here[d] = 0.0
        for p in range(plan.first_parent[j], plan.first_parent[j + 1]):
            rate = top[plan.hazard_table[first + plan.parent[p]]]
            around = near[plan.parent[p]]
            for d in range(draws):
                both = around[d] + near[j - first, d]
                here[d] += rate[d] * both
                share[d] = max(share[d], scale * max(rate[d], varies[d]) * both)
        for d in range(draws):
            error[d] = max(error[d], scale * length * varies[d] * here[d])


@bare_kernel
def terms(mean: float, depth: int) -> int:
    """Return how many terms of the series leave out no more than its tail.

    The chance of what takes `depth` rare turns is right in proportion, as it is theirs that the
    terms beyond the first as many are spent on.
    """
    weight = total = np.exp(-mean)
    number = 0
    while total < 1 - TAIL:
        number += 1
        weight *= mean / number
        total += weight
    return number + depth


@bare_kernel
def choose(plan: Plan, k: int, found: Floats, by_series: Ints) -> int:
    """Mark the draws for which interval k is passed by the series; return how many they are."""
    allowed, number = plan.tolerance[k], 0
    length = plan.cuts[k + 1] - plan.cuts[k]
    for d in range(len(by_series)):
        by_series[d] = 0
        if np.isfinite(allowed):
            mean = found[TOTAL, d] * length
            long = mean + 5 * np.sqrt(mean) + 4 + plan.depth[k]
            coarse = found[ERROR, d] > allowed or found[SHARE, d] > MOST_SHARE
            if mean < MOST_TURNS and (coarse or TERM * long < plan.steps[k]):
                by_series[d] = 1
        number += by_series[d]
    return number


@kernel
def foresee(plan: Plan, chances: Floats, extreme: Floats, found: Floats, by_series: Ints) -> None:
    """Choose how every interval is passed, but for a great surprise that only shows on the way.

    Parameters
    ----------
    chances
        Of all contexts, six rows each, shape (row, draw).
    extreme, found, by_series
        Filled in: by `extremes`, shape (2, table, draw), by `bounds`, shape (interval, 3, draw),
        and by `choose`, shape (interval, draw).
    """
    extremes(plan, chances, extreme[0], extreme[1])
    for k in range(len(plan.steps)):
        bounds(plan, k, extreme[0], extreme[1], found[k])
        choose(plan, k, found[k], by_series[k])


@bare_kernel
def _least_seen(plan: Plan, k: int, factors: Floats, draw: int) -> float:
    """Return a bound below for the chance of what is seen at the end of interval k."""
    least = 0.0 if plan.sees[k] > 1 else 1.0
    for i in range(plan.first_item[k + 1], plan.first_item[k + 2]):
        if plan.item_bit[i] >= 0:
            off, on = factors[draw, plan.item[i], 0], factors[draw, plan.item[i], 1]
            least *= min(off, on) / max(off, on, TINY)
    return least


@bare_kernel
def doubtful(plan: Plan, k: int, factors: Floats, found: Floats, by_series: Ints) -> bool:
    """Return whether there is a draw to which the end of interval k may be a great surprise."""
    if plan.sees[k] == 0 or not np.isfinite(plan.tolerance[k]):
        return False
    for d in range(len(by_series)):
        if by_series[d] == 0 and found[ERROR, d] > 0:
            least = _least_seen(plan, k, factors, d)
            if SURPRISE * found[ERROR, d] > plan.tolerance[k] * max(least, LEAST_SEEN):
                return True
    return False


@kernel
def reconsider(
    plan: Plan, k: int, x: Floats, factors: Floats, found: Floats, by_series: Ints
) -> int:
    """Mark the draws to which what is seen at the end of interval k is too great a surprise.

    The steps lead to the states `x`, shape (state, draw). Returned is how many marks there are now.
    """
    number = 0
    for d in range(len(by_series)):
        least = SURPRISE * found[ERROR, d] / plan.tolerance[k]
        doubt = least > max(_least_seen(plan, k, factors, d), LEAST_SEEN)
        affordable = found[TOTAL, d] * (plan.cuts[k + 1] - plan.cuts[k]) < MOST_TURNS
        if by_series[d] == 0 and affordable and doubt and _seen(plan, k, x, factors, d) < least:
            by_series[d] = 1
        number += by_series[d]
    return number


@kernel
def _seen(plan: Plan, k: int, x: Floats, factors: Floats, draw: int) -> float:
    """Return the chance of what is seen, relative to the state that speaks for it most."""
    bits, remap = plan.bits[k + 1], plan.remap[plan.first_state[k + 1] :]
    side, said = np.ones((bits, 2)), np.ones(len(x))
    for i in range(plan.first_item[k + 1], plan.first_item[k + 2]):
        bit, item = plan.item_bit[i], plan.item[i]
        if bit >= 0:
            off, on = factors[draw, item, 0], factors[draw, item, 1]
            side[bit, 0] *= off / max(off, on, TINY)
            side[bit, 1] *= on / max(off, on, TINY)
    for bit in range(bits):
        for s in range(1 << bit):
            said[s + (1 << bit)] = said[s] * side[bit, 1]
            said[s] *= side[bit, 0]
    seen, whole = 0.0, 0.0
    for s in range(len(x)):
        whole += x[s, draw]
        if remap[s] >= 0:
            seen += x[s, draw] * said[s]
    return float(seen / whole) if whole > 0 else 1.0
