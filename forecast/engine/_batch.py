"""The filter over a block of draws at once: the draws are the inner loop, so it vectorises.

States are held as ``x[state, draw]``. The same sweeps run forwards for likelihoods and backwards
(transposed) for smoothing: the chance of a joint state at a time given the evidence on both sides.

The innermost kernels take the few arrays that they read, and no plan: they compile sooner.
"""

import numpy as np

from forecast.engine._chances import WAYS, chances_of
from forecast.engine._choice import (
    FOUND,
    TOTAL,
    bounds,
    choose,
    doubtful,
    extremes,
    foresee,
    reconsider,
)
from forecast.engine._jit import bare_kernel, entry, inlined, kernel
from forecast.engine._packing import plan_at
from forecast.engine._plan import DIAGONAL, STATE_FLIP, STAYS_OFF, Plan
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine._series import pass_by_series

FORWARDS, BACKWARDS = np.int64(0), np.int64(1)  # of no literal type: `_hazards` is compiled once


@inlined
def _chances(plan: Plan, theta: Parameters) -> Floats:
    """Return `chances_of` for each draw, shape (chance x 6, draw)."""
    draws = len(theta.base_rate)
    chances = np.empty((WAYS * plan.first_chance[-1], draws))
    for d in range(draws):
        one = chances_of(
            plan,
            Parameters(
                theta.base_rate[d],
                theta.off_rate[d],
                theta.initial[d],
                theta.effect[d],
                theta.factors[d],
            ),
        )
        for c in range(len(one)):
            for way in range(WAYS):
                chances[WAYS * c + way, d] = one[c, way]
    return chances


@bare_kernel
def _fill(x: Floats, value: float) -> None:
    for s in range(len(x)):
        for d in range(x.shape[1]):
            x[s, d] = value


@bare_kernel
def initial_row(plan: Plan, bit: int, s: int) -> int:
    """Return the row of a live event's chances in a joint state at the start."""
    row = 0
    for i in range(plan.first_given[bit], plan.first_given[bit + 1]):
        row += plan.stride[i] * ((s >> plan.given[i]) & 1)
    return int(row)


@inlined
def _initial(plan: Plan, theta: Parameters) -> Floats:
    draws = len(theta.base_rate)
    x = np.empty((1 << plan.bits[0], draws))
    _fill(x, 1.0)
    for bit in range(plan.bits[0]):
        value, first = plan.initial_value[bit], plan.initial_first[bit]
        for s in range(len(x)):
            row = initial_row(plan, bit, s)
            for d in range(draws):
                p = float(value)
                if value < 0:
                    p = theta.initial[d, first + row] if row < plan.initial_rows[bit] else 0.0
                x[s, d] *= p if (s >> bit) & 1 else 1 - p
    return x


@bare_kernel
def _survive(survival: Floats, chances: Floats, contexts: Ints, several: int) -> None:
    """Multiply in the chance that a known event stays as it is; `several` is 0 for one context."""
    for s in range(len(survival)):
        row = WAYS * contexts[s] if several else 0
        for d in range(survival.shape[1]):
            survival[s, d] *= chances[row, d]


@inlined
def _survival(plan: Plan, k: int, chances: Floats) -> Floats:
    """Return the chance that known events stay as they are in a step, shape (state, draw)."""
    survival = np.empty((1 << plan.bits[k + 1], chances.shape[1]))
    _fill(survival, 1.0)
    for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
        if plan.hazard_kind[j] >= STAYS_OFF:
            table = chances[WAYS * plan.first_chance[plan.hazard_table[j]] :]
            contexts = plan.contexts[plan.hazard_map[j] :]
            _survive(survival, table, contexts, plan.hazard_contexts[j] - 1)
    return survival


@bare_kernel
def _flip(x: Floats, chances: Floats, contexts: Ints, stride: int, goes_back: int) -> None:
    """Apply one flip to all states, in place."""
    draws = x.shape[1]
    for pair in range(len(x) // 2):
        low = pair % stride
        s = 2 * (pair - low) + low
        row = WAYS * contexts[pair]
        a, off, on = chances[row], x[s], x[s + stride]
        if goes_back:
            b = chances[row + 1]
            for d in range(draws):
                flow = a[d] * off[d] - b[d] * on[d]
                off[d] -= flow
                on[d] += flow
        else:
            for d in range(draws):
                flow = a[d] * off[d]
                off[d] -= flow
                on[d] += flow


@bare_kernel
def _flip_back(y: Floats, chances: Floats, contexts: Ints, stride: int) -> None:
    """Apply the transpose of a flip to all states, in place."""
    draws = y.shape[1]
    for pair in range(len(y) // 2):
        low = pair % stride
        s = 2 * (pair - low) + low
        row = WAYS * contexts[pair]
        a, b, off, on = chances[row], chances[row + 1], y[s], y[s + stride]
        for d in range(draws):
            gain = on[d] - off[d]
            off[d] += a[d] * gain
            on[d] -= b[d] * gain


@kernel
def _hazards(plan: Plan, k: int, chances: Floats, x: Floats, way: int) -> None:
    """Sweep all states through interval k, in place; `BACKWARDS` by the transpose."""
    first, sweeps, last = plan.first_sweep[k], plan.sweeps[k], plan.first_hazard[k + 1] - 1
    survival = x
    if last >= plan.first_hazard[k] and plan.hazard_kind[last] >= STAYS_OFF:
        survival = _survival(plan, k, chances)
    for n in range(sweeps):
        sweep = plan.sweep[first + (sweeps - 1 - n if way == BACKWARDS else n)]
        if sweep == DIAGONAL:
            _multiply(x, survival)
            continue
        j = plan.first_hazard[k] + sweep // 2
        table = chances[WAYS * plan.first_chance[plan.hazard_table[j]] + 2 * (sweep % 2) :]
        contexts, stride = plan.contexts[plan.hazard_map[j] :], 1 << plan.hazard_bit[j]
        if way == BACKWARDS:
            _flip_back(x, table, contexts, stride)
        else:
            _flip(x, table, contexts, stride, plan.hazard_kind[j] == STATE_FLIP)


@kernel
def _pass_on(
    plan: Plan,
    k: int,
    chances: Floats,
    factors: Floats,
    extreme: Floats,
    x: Floats,
    by_series: Ints,
) -> None:
    """Carry all states through interval k, in place, and mark the draws that went by the series.

    `extreme` are the highest rates of the tables, and how far they vary, shape (2, table, draw).
    """
    found = np.empty((FOUND, x.shape[1]))
    bounds(plan, k, extreme[0], extreme[1], found)
    marked = choose(plan, k, found, by_series)
    if marked == len(by_series):
        _by_series(plan, k, chances, found[TOTAL], by_series, x, x, FORWARDS)
        return
    doubt = doubtful(plan, k, factors, found, by_series)
    before = x.copy() if marked > 0 or doubt else x
    _hazards(plan, k, chances, x, FORWARDS)
    if doubt:
        marked = reconsider(plan, k, x, factors, found, by_series)
    if marked > 0:
        _by_series(plan, k, chances, found[TOTAL], by_series, before, x, FORWARDS)


@kernel
def _by_series(
    plan: Plan,
    k: int,
    chances: Floats,
    total: Floats,
    by_series: Ints,
    before: Floats,
    after: Floats,
    way: int,
) -> None:
    """Carry the states of the marked draws through interval k by the series."""
    marked = np.flatnonzero(by_series)
    pass_by_series(plan, k, chances, marked[np.argsort(total[marked])], before, after, way)


@kernel
def _pass_back(
    plan: Plan, k: int, chances: Floats, extreme: Floats, y: Floats, by_series: Ints
) -> None:
    """Carry all states back through interval k, in place, as they were carried on."""
    marked = by_series.sum()
    before = y.copy() if 0 < marked < len(by_series) else y
    if marked < len(by_series):
        _hazards(plan, k, chances, y, BACKWARDS)
    if marked > 0:
        found = np.empty((FOUND, y.shape[1]))
        bounds(plan, k, extreme[0], extreme[1], found)
        _by_series(plan, k, chances, found[TOTAL], by_series, before, y, BACKWARDS)


@bare_kernel
def _item(x: Floats, factors: Floats, item: int, bit: int) -> None:
    """Multiply the states by an item's factors, in place."""
    for s in range(len(x)):
        value = (s >> bit) & 1 if bit >= 0 else -1 - bit
        for d in range(x.shape[1]):
            x[s, d] *= factors[d, item, value]


@bare_kernel
def _multiply(x: Floats, y: Floats) -> None:
    for s in range(len(x)):
        for d in range(x.shape[1]):
            x[s, d] *= y[s, d]


@kernel
def _normalise(x: Floats, log_total: Floats) -> None:
    """Divide each draw's states by their sum; add its log to `log_total`, -inf if none is left."""
    total = np.empty(x.shape[1])
    for d in range(len(total)):
        total[d] = 0.0
    for s in range(len(x)):
        for d in range(x.shape[1]):
            total[d] += x[s, d]
    for d in range(len(total)):
        fine = total[d] > 0.0 and np.isfinite(total[d])
        log_total[d] += np.log(total[d]) if fine else -np.inf
        total[d] = 1 / total[d] if fine else 0.0
    for s in range(len(x)):
        for d in range(x.shape[1]):
            x[s, d] *= total[d]


@bare_kernel
def _regroup(x: Floats, remap: Ints, new: Floats) -> None:
    """Map the states that reach a cut to those that leave it, `new`."""
    _fill(new, 0.0)
    for s in range(len(x)):
        target = remap[s]
        if target >= 0:
            for d in range(x.shape[1]):
                new[target, d] += x[s, d]


@bare_kernel
def _regroup_back(y: Floats, remap: Ints, old: Floats) -> None:
    """Transpose of `_regroup`."""
    for s in range(len(old)):
        target = remap[s]
        for d in range(y.shape[1]):
            old[s, d] = y[target, d] if target >= 0 else 0.0


@inlined
def _sure(plan: Plan, theta: Parameters, log_total: Floats) -> None:
    """Add the log prior probability of what is known from the start though it was uncertain."""
    for s in range(len(plan.sure_event)):
        for d in range(len(log_total)):
            p = theta.initial[d, plan.sure_event[s]]
            log_total[d] += np.log(p if plan.sure_value[s] == 1 else 1 - p)


@inlined
def _forward(
    plan: Plan,
    theta: Parameters,
    chances: Floats,
    extreme: Floats,
    increments: Floats,
    kept: Floats,
    keep: Ints,
    by_series: Ints,
    start: Floats,
    begin: int,
    end: int,
) -> None:
    """Run the filter; add log increments; keep the states that reach the cuts in `keep`."""
    x = start.copy() if len(start) > 0 else _initial(plan, theta)
    row, at, last = 0, 0, len(increments) - 1
    if begin == 0:
        _sure(plan, theta, increments[last])
    for k in range(begin, len(plan.cuts)):
        if row < len(keep) and keep[row] == k:
            for s in range(len(x)):
                for d in range(x.shape[1]):
                    kept[at + s, d] = x[s, d]
            at += len(x)
            row += 1
        if k == end:
            break
        for i in range(plan.first_item[k], plan.first_item[k + 1]):
            _item(x, theta.factors, plan.item[i], plan.item_bit[i])
            _normalise(x, increments[plan.item[i]])
        new = np.empty((1 << plan.bits[k + 1], x.shape[1]))
        _regroup(x, plan.remap[plan.first_state[k] :], new)
        x = new
        _normalise(x, increments[last])
        if k < len(plan.sweeps):
            _pass_on(plan, k, chances, theta.factors, extreme, x, by_series[k])


@inlined
def _smooth(
    plan: Plan,
    theta: Parameters,
    chances: Floats,
    extreme: Floats,
    kept: Floats,
    keep: Ints,
    last_evidence: int,
    by_series: Ints,
) -> None:
    """Turn the kept filtered states into smoothed ones, in place."""
    draws = kept.shape[1]
    unused = np.empty(draws)
    row, at = len(keep) - 1, len(kept)
    while row >= 0 and keep[row] > last_evidence:
        at -= 1 << plan.bits[keep[row]]
        _normalise(kept[at : at + (1 << plan.bits[keep[row]])], unused)
        row -= 1
    y = np.empty((1 << plan.bits[last_evidence + 1], draws))
    _fill(y, 1.0)
    for k in range(last_evidence, -1, -1):
        if row < 0:
            break
        if k < last_evidence:
            _pass_back(plan, k, chances, extreme, y, by_series[k])
        old = np.empty((1 << plan.bits[k], draws))
        _regroup_back(y, plan.remap[plan.first_state[k] :], old)
        y = old
        for i in range(plan.first_item[k], plan.first_item[k + 1]):
            _item(y, theta.factors, plan.item[i], plan.item_bit[i])
        _normalise(y, unused)
        if keep[row] == k:
            at -= len(y)
            _multiply(kept[at : at + len(y)], y)
            _normalise(kept[at : at + len(y)], unused)
            row -= 1


@entry
def filter_block(
    integers: Ints,
    reals: Floats,
    number: int,
    theta: Parameters,
    increments: Floats,
    keep: Ints,
    last_evidence: int,
    start: Floats,
    begin: int,
    end: int,
) -> Floats:
    """Filter a block of draws; return P(joint state at each cut in `keep` | all evidence).

    One function filters and smooths, since each that Python calls takes seconds to compile. The
    states of the kept cuts stand one below the other, shape (states, draw).

    Parameters
    ----------
    integers, reals, number
        Packed plans, and which of them: one component.
    increments
        Shape (item + 1, draw): added to it is the log predictive probability of each item given
        those before it, and last that of what is known for sure, survivals included. Their sum is
        the log likelihood.
    keep, last_evidence
        Rising cut indices, shape (kept,); without any, nothing is smoothed. And the last cut at
        which the plan holds evidence.
    start
        The chances of the joint states at first, shape (state, draw), where they do not follow from
        the plan; else empty.
    begin, end
        The cuts from which and up to which it is filtered: what is seen at `begin` counts, what is
        seen at `end` does not, and then nothing is smoothed. To the end of all: the number of cuts.
    """
    plan = plan_at(integers, reals, number)
    draws = len(theta.base_rate)
    size = 0
    for k in keep:
        size += 1 << plan.bits[k]
    chances = _chances(plan, theta)
    kept = np.empty((size, draws))
    extreme = np.empty((2, len(plan.table_hazard), draws))
    extremes(plan, chances, extreme[0], extreme[1])
    by_series = np.zeros((len(plan.steps), draws), dtype=np.int64)
    _forward(plan, theta, chances, extreme, increments, kept, keep, by_series, start, begin, end)
    if len(keep) > 0 and end >= len(plan.cuts):
        _smooth(plan, theta, chances, extreme, kept, keep, last_evidence, by_series)
    return kept


@entry
def choices(integers: Ints, reals: Floats, number: int, theta: Parameters, found: Floats) -> Ints:
    """Return whether a block of draws passes each interval by the series, shape (interval, draw).

    What only shows on the way, a great surprise at the end of an interval, is not foreseen. What
    `bounds` finds is filled in, shape (interval, 3, draw).
    """
    plan = plan_at(integers, reals, number)
    chances = _chances(plan, theta)
    extreme = np.empty((2, len(plan.table_hazard), len(theta.base_rate)))
    by_series = np.zeros((len(plan.steps), len(theta.base_rate)), dtype=np.int64)
    foresee(plan, chances, extreme, found, by_series)
    return by_series
