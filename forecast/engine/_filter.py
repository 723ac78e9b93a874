"""The forward filter and its adjoint: one parameter value, with the exact gradient.

An interval between cuts is passed by steps where their error is small, and else by a series
without steps (`forecast.engine._choice`). A step of length h applies every live event's own
two-by-two transition over h/2, then the chance that events known to be off stay off over h, then
the transitions again in reverse order over h/2: symmetric Strang splitting, second order in h, for
acyclic and cyclic networks alike [1]_ [2]_.

References
----------
.. [1] Nodelman, Shelton & Koller (2002). Continuous time Bayesian networks. UAI.
.. [2] Strang (1968). On the construction and comparison of difference schemes. SIAM J. Numer. Anal.
"""

import numpy as np

from forecast.engine._batch import initial_row
from forecast.engine._chances import chances_of, slopes_of
from forecast.engine._choice import (
    FOUND,
    TOTAL,
    doubtful,
    foresee,
    reconsider,
)
from forecast.engine._jit import bare_kernel, entry, kernel
from forecast.engine._packing import plan_at
from forecast.engine._plan import DIAGONAL, STATE_FLIP, STAYS_OFF, Plan
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine._series import MOST_MEAN, series_adjoint, series_forward


@kernel
def _flip(bit: int, a: Floats, b: Floats | None, x: Floats, y: Floats) -> None:
    """Apply a flip to the states `x`, into `y`; without `b` it never goes back."""
    stride, pair = 1 << bit, 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            flow = a[pair] * x[low]
            if b is not None:
                flow -= b[pair] * x[low + stride]
            y[low] = x[low] - flow
            y[low + stride] = x[low + stride] + flow
            pair += 1


@bare_kernel
def _flip_adjoint(
    bit: int, a: Floats, b: Floats | None, x: Floats, adjoint: Floats, da: Floats, db: Floats
) -> None:
    """Pull the adjoint back through a flip, in place; gather the slopes of its chances."""
    stride, pair = 1 << bit, 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            gain = adjoint[low + stride] - adjoint[low]
            da[pair] += x[low] * gain
            adjoint[low] += a[pair] * gain
            if b is not None:
                db[pair] -= x[low + stride] * gain
                adjoint[low + stride] -= b[pair] * gain
            pair += 1


@kernel
def _tables(plan: Plan, k: int, chances: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the chances of each pair of states (half, whole step), and the survival of each."""
    states, first = 1 << plan.bits[k + 1], plan.first_hazard[k]
    hazards = plan.first_hazard[k + 1] - first
    a = np.zeros((2 * hazards, max(states // 2, 1)))  # (hazard and scale, pair)
    b = np.zeros_like(a)
    survival = np.ones(states)
    for j in range(first, plan.first_hazard[k + 1]):
        begin, row = plan.hazard_map[j], 2 * (j - first)
        chance = chances[plan.first_chance[plan.hazard_table[j]] :]
        if plan.hazard_kind[j] >= STAYS_OFF:
            several = plan.hazard_contexts[j] > 1
            for s in range(states):
                survival[s] *= chance[plan.contexts[begin + s] if several else 0, 0]
            continue
        for pair in range(states // 2):
            c = plan.contexts[begin + pair]
            a[row, pair], b[row, pair] = chance[c, 0], chance[c, 1]
            a[row + 1, pair], b[row + 1, pair] = chance[c, 2], chance[c, 3]
    return a, b, survival


@kernel
def _initial_states(plan: Plan, theta: Parameters, bits: int) -> Floats:
    """Return the initial distribution of the first `bits` live events."""
    x = np.ones(1 << bits)
    for s in range(len(x)):
        for bit in range(bits):
            p = _initial_chance(plan, theta, bit, s)
            x[s] *= p if (s >> bit) & 1 else 1 - p
    return x


@bare_kernel
def _initial_chance(plan: Plan, theta: Parameters, bit: int, s: int) -> float:
    """Return the chance that a live event is on at the start, given the others' states."""
    if plan.initial_value[bit] >= 0:
        return float(plan.initial_value[bit])
    row = initial_row(plan, bit, s)
    if row >= plan.initial_rows[bit]:
        return 0.0
    return float(theta.initial[plan.initial_first[bit] + row])


@bare_kernel
def _cells_needed(plan: Plan, found: Floats) -> int:
    cells = 0
    for k in range(len(plan.cuts)):
        cells += (plan.first_item[k + 1] - plan.first_item[k] + 2) << plan.bits[k]
        if k < len(plan.steps):
            turns = found[k, TOTAL, 0] * (plan.cuts[k + 1] - plan.cuts[k])
            cells += (max(plan.sweeps[k], int(turns / MOST_MEAN) + 1) + 2) << plan.bits[k + 1]
    return int(cells)


@kernel
def filter_with_gradient(plan: Plan, theta: Parameters, slope: Parameters) -> float:
    """Return the log likelihood of one plan, and add its gradient to `slope`.

    Every state on the way is kept, so memory is (sweeps x states) numbers.
    """
    start = np.zeros(len(plan.cuts), dtype=np.int64)  # where the rows of a cut begin
    scale = np.ones(len(plan.cuts))
    chances = chances_of(plan, theta)
    found = np.zeros((len(plan.steps), FOUND, 1))
    by_series = np.zeros((len(plan.steps), 1), dtype=np.int64)
    extreme = np.empty((2, len(plan.table_hazard), 1))
    foresee(plan, chances.reshape(chances.size, 1), extreme, found, by_series)
    rows = np.empty(_cells_needed(plan, found))
    log_likelihood = _forward(plan, theta, chances, rows, start, scale, found, by_series)
    if np.isfinite(log_likelihood):
        _adjoint(plan, theta, chances, slope, rows, start, scale, by_series)
    return float(log_likelihood)


@kernel
def _forward(
    plan: Plan,
    theta: Parameters,
    chances: Floats,
    rows: Floats,
    start: Ints,
    scale: Floats,
    found: Floats,
    by_series: Ints,
) -> float:
    """Run the filter; keep every state in `rows`, and the normalisers of the cuts in `scale`."""
    log_likelihood = 0.0
    for s in range(len(plan.sure_event)):
        p = theta.initial[plan.sure_event[s]]
        log_likelihood += np.log(p) if plan.sure_value[s] == 1 else np.log1p(-p)
    x = _initial_states(plan, theta, plan.bits[0])
    for s in range(len(x)):
        rows[s] = x[s]
    at = 0
    for k in range(len(plan.cuts)):
        start[k] = at
        log_likelihood += _apply_items(plan, k, theta, rows[at:])
        old = 1 << plan.bits[k]
        at += old * (plan.first_item[k + 1] - plan.first_item[k])
        total, states = 0.0, 1 << plan.bits[k + 1]
        new = rows[at + old :]
        for s in range(states):
            new[s] = 0.0
        for s in range(old):
            target = plan.remap[plan.first_state[k] + s]
            if target >= 0:
                new[target] += rows[at + s]
                total += rows[at + s]
        if not (total > 0.0 and np.isfinite(total)):
            return -np.inf
        for s in range(states):
            new[s] /= total
        scale[k] = total
        log_likelihood += np.log(total)
        at += old
        if k < len(plan.steps):
            at += _pass_on(plan, k, theta, chances, rows[at:], found[k], by_series[k])
    return float(log_likelihood)


@kernel
def _apply_items(plan: Plan, k: int, theta: Parameters, rows: Floats) -> float:
    """Multiply in the items at cut k, a row for each; return the log of the sure ones."""
    states, sure = 1 << plan.bits[k], 0.0
    for row, i in enumerate(range(plan.first_item[k], plan.first_item[k + 1])):
        bit, item = plan.item_bit[i], plan.item[i]
        x, y = rows[row * states : (row + 1) * states], rows[(row + 1) * states :]
        if bit < 0:
            sure += np.log(theta.factors[item, -1 - bit])
            for s in range(states):
                y[s] = x[s]
            continue
        for s in range(states):
            y[s] = x[s] * theta.factors[item, (s >> bit) & 1]
    return sure


@kernel
def _pass_on(
    plan: Plan,
    k: int,
    theta: Parameters,
    chances: Floats,
    rows: Floats,
    found: Floats,
    by_series: Ints,
) -> int:
    """Pass interval k, from the first row; return how far the last row is."""
    if by_series[0] == 0:
        at, states = _apply_hazards(plan, k, chances, rows), 1 << plan.bits[k + 1]
        factors = theta.factors.reshape(1, len(theta.factors), 2)
        if not doubtful(plan, k, factors, found, by_series):
            return int(at)
        reached = rows[at : at + states].reshape(states, 1)
        if reconsider(plan, k, reached, factors, found, by_series) == 0:
            return int(at)
    return int(series_forward(plan, k, chances, rows))


@kernel
def _apply_hazards(plan: Plan, k: int, chances: Floats, rows: Floats) -> int:
    """Sweep through interval k, a row for each sweep; return how far the last row is."""
    states, first = 1 << plan.bits[k + 1], plan.first_hazard[k]
    a, b, survival = _tables(plan, k, chances)
    at = 0
    for n in range(plan.sweeps[k]):
        sweep = plan.sweep[plan.first_sweep[k] + n]
        x, y = rows[at : at + states], rows[at + states : at + 2 * states]
        j = first + sweep // 2
        if sweep == DIAGONAL:
            for s in range(states):
                y[s] = x[s] * survival[s]
        elif plan.hazard_kind[j] == STATE_FLIP:
            _flip(plan.hazard_bit[j], a[sweep], b[sweep], x, y)
        else:
            _flip(plan.hazard_bit[j], a[sweep], None, x, y)
        at += states
    return at


@kernel
def _adjoint(
    plan: Plan,
    theta: Parameters,
    chances: Floats,
    slope: Parameters,
    rows: Floats,
    start: Ints,
    scale: Floats,
    by_series: Ints,
) -> None:
    """Run the filter backwards for the gradient of the log likelihood."""
    adjoint = np.ones(1)
    sums = np.zeros_like(chances)  # slopes of the chances; of minus the log, for a survival
    for k in range(len(plan.cuts) - 1, -1, -1):
        old = 1 << plan.bits[k]
        items = plan.first_item[k + 1] - plan.first_item[k]
        if k < len(plan.steps):
            reached = rows[start[k] + (items + 1) * old :]
            if by_series[k, 0]:
                series_adjoint(plan, k, chances, sums, reached, adjoint)
            else:
                _hazards_adjoint(plan, k, chances, sums, reached, adjoint)
        before = np.zeros(old)
        for s in range(old):
            target = plan.remap[plan.first_state[k] + s]
            if target >= 0:
                before[s] = adjoint[target] / scale[k]
        adjoint = before
        for i in range(plan.first_item[k + 1] - 1, plan.first_item[k] - 1, -1):
            bit, item = plan.item_bit[i], plan.item[i]
            if bit < 0:
                slope.factors[item, -1 - bit] += 1 / theta.factors[item, -1 - bit]
                continue
            x = rows[start[k] + (i - plan.first_item[k]) * old :]
            for s in range(old):
                value = (s >> bit) & 1
                slope.factors[item, value] += adjoint[s] * x[s]
                adjoint[s] *= theta.factors[item, value]
    _initial_adjoint(plan, theta, slope, adjoint)
    for table in range(len(plan.table_hazard)):
        slopes_of(plan, table, sums[plan.first_chance[table] :], theta, slope)


@kernel
def _initial_adjoint(plan: Plan, theta: Parameters, slope: Parameters, adjoint: Floats) -> None:
    if len(plan.given) > 0:
        _joint_adjoint(plan, theta, slope, adjoint)
    for bit in range(len(plan.initial_event) - 1 if len(plan.given) == 0 else -1, -1, -1):
        half = 1 << bit
        x = _initial_states(plan, theta, bit)
        p = _initial_chance(plan, theta, bit, 0)
        for s in range(half):
            if plan.initial_value[bit] < 0:
                gain = x[s] * (adjoint[half + s] - adjoint[s])
                slope.initial[plan.initial_first[bit]] += gain
            adjoint[s] = (1 - p) * adjoint[s] + p * adjoint[half + s]
    for s in range(len(plan.sure_event)):
        p = theta.initial[plan.sure_event[s]]
        slope.initial[plan.sure_event[s]] += 1 / p if plan.sure_value[s] == 1 else -1 / (1 - p)


@kernel
def _joint_adjoint(plan: Plan, theta: Parameters, slope: Parameters, adjoint: Floats) -> None:
    """Add the slopes of the start where events depend on each other there."""
    bits = len(plan.initial_event)
    before = np.ones(bits + 1)  # the product over the bits before each
    for s in range(1 << bits):
        for bit in range(bits):
            p = _initial_chance(plan, theta, bit, s)
            before[bit + 1] = before[bit] * (p if (s >> bit) & 1 else 1 - p)
        after = adjoint[s]
        for bit in range(bits - 1, -1, -1):
            p, on = _initial_chance(plan, theta, bit, s), (s >> bit) & 1
            row = initial_row(plan, bit, s)
            if plan.initial_value[bit] < 0 and row < plan.initial_rows[bit]:
                gain = before[bit] * after
                slope.initial[plan.initial_first[bit] + row] += gain if on else -gain
            after *= p if on else 1 - p


@kernel
def _hazards_adjoint(
    plan: Plan, k: int, chances: Floats, sums: Floats, rows: Floats, adjoint: Floats
) -> None:
    """Pull the adjoint back through interval k, in place; `rows` begins with its first state."""
    states, first = 1 << plan.bits[k + 1], plan.first_hazard[k]
    a, b, survival = _tables(plan, k, chances)
    da, db, d_log_survival = np.zeros_like(a), np.zeros_like(b), np.zeros(states)
    for n in range(plan.sweeps[k] - 1, -1, -1):
        sweep, x = plan.sweep[plan.first_sweep[k] + n], rows[n * states : (n + 1) * states]
        j = first + sweep // 2
        if sweep == DIAGONAL:
            for s in range(states):
                adjoint[s] *= survival[s]
                d_log_survival[s] += adjoint[s] * x[s]
        elif plan.hazard_kind[j] == STATE_FLIP:
            _flip_adjoint(plan.hazard_bit[j], a[sweep], b[sweep], x, adjoint, da[sweep], db[sweep])
        else:
            _flip_adjoint(plan.hazard_bit[j], a[sweep], None, x, adjoint, da[sweep], db[sweep])
    for j in range(first, plan.first_hazard[k + 1]):
        begin, row = plan.hazard_map[j], 2 * (j - first)
        total = sums[plan.first_chance[plan.hazard_table[j]] :]
        if plan.hazard_kind[j] >= STAYS_OFF:
            several = plan.hazard_contexts[j] > 1
            for s in range(states):
                total[plan.contexts[begin + s] if several else 0, 0] += d_log_survival[s]
            continue
        for pair in range(states // 2):
            c = plan.contexts[begin + pair]
            total[c, 0] += da[row, pair]
            total[c, 1] += db[row, pair]
            total[c, 2] += da[row + 1, pair]
            total[c, 3] += db[row + 1, pair]


@kernel
def add_value_and_slope(
    integers: Ints, reals: Floats, theta: Parameters, slope: Parameters
) -> float:
    """Return the log likelihood of packed plans, and add its slopes to `slope`.

    Where the evidence is impossible, the value is -inf and the slopes mean nothing.
    """
    total = 0.0
    for number in range(integers[0]):
        total += filter_with_gradient(plan_at(integers, reals, number), theta, slope)
        if not np.isfinite(total):
            return -np.inf
    return float(total)


@entry
def log_likelihood_and_gradient(
    integers: Ints, reals: Floats, theta: Parameters, slope: Parameters
) -> float:
    """Return the log likelihood of packed plans, and add its gradient to `slope`.

    Where the evidence is impossible it is -inf, and the gradient means nothing.
    """
    return float(add_value_and_slope(integers, reals, theta, slope))
