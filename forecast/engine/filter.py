"""The forward filter and its adjoint: one parameter value, with the exact gradient.

A step of length h applies every live event's own two-by-two transition over h/2, then the chance
that events known to be off stay off over h, then the transitions again in reverse order over h/2:
symmetric Strang splitting, second order in h, for acyclic and cyclic networks alike [1]_ [2]_.

References
----------
.. [1] Nodelman, Shelton & Koller (2002). Continuous time Bayesian networks. UAI.
.. [2] Strang (1968). On the construction and comparison of difference schemes. SIAM J. Numer. Anal.
"""

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.plan import ALWAYS, STATE_FLIP, STAYS_OFF, STAYS_ON, Plan
from forecast.engine.structure import (
    CAUSES,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    Floats,
    Ints,
    Parameters,
)

__all__ = [
    "DIAGONAL",
    "chances_of",
    "flip_chances",
    "flips_in",
    "log_likelihood_and_gradient",
    "on_rate",
    "schedule",
    "survival_rate",
]

DIAGONAL = -1
TINY, SMALL = 1e-300, 1e-8  # below these, limits stand in for quotients


@kernel
def on_rate(plan: Plan, hazard: int, context: int, theta: Parameters) -> float:
    """Return the on-rate of a hazard's event while its live parents are in a joint state."""
    total = theta.base_rate[plan.hazard_event[hazard]]
    factor = plan.hazard_weight[hazard]
    for r in range(plan.first_reference[hazard], plan.first_reference[hazard + 1]):
        bit = plan.reference_bit[r]
        link = plan.reference_link[r]
        on = bit == ALWAYS or (context >> bit) & 1 == 1
        kind = plan.link_kind[link]
        if kind == CAUSES and on:
            total += theta.effect[link]
        elif kind == MULTIPLIES and on:
            factor *= theta.effect[link]
        elif (kind == REQUIRES and not on) or (kind == PREVENTS and on):
            return 0.0
    return float(total * factor)


@kernel
def survival_rate(plan: Plan, hazard: int, context: int, theta: Parameters) -> float:
    """Return the rate at which an event of known state would leave it."""
    if plan.hazard_kind[hazard] == STAYS_ON:
        return float(theta.off_rate[plan.hazard_event[hazard]])
    return float(on_rate(plan, hazard, context, theta))


@kernel
def flips_in(plan: Plan, k: int) -> int:
    """Return how many live events can change in interval k."""
    flips = 0
    for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
        if plan.hazard_kind[j] < STAYS_OFF:
            flips += 1
    return flips


@kernel
def flip_chances(on: float, off: float, time: float) -> tuple[float, float]:
    """Return P(off to on) and P(on to off) of a two-state process over a time."""
    total = on + off
    if total * time < TINY:
        return 0.0, 0.0
    share = -np.expm1(-total * time) / total
    return on * share, off * share


@kernel
def flip_slopes(on: float, off: float, time: float) -> tuple[float, float, float, float]:
    """Return the derivatives of `flip_chances`: da/don, da/doff, db/don, db/doff."""
    total = on + off
    if total * time < SMALL:
        half = 0.5 * time * time
        return time - (2 * on + off) * half, -on * half, -off * half, time - (on + 2 * off) * half
    share = -np.expm1(-total * time) / total
    slope = (time * np.exp(-total * time) - share) / total
    return share + on * slope, on * slope, off * slope, share + off * slope


@kernel
def schedule(flips: int, steps: int, diagonal: bool) -> Ints:  # noqa: FBT001
    """Return the sweeps of an interval: 2 * flip + (1 if over a whole step), or `DIAGONAL`.

    Neighbouring half steps of the same flip are merged into whole ones.
    """
    sweeps = np.empty(steps * (2 * flips + 1) + 1, dtype=np.int64)
    n = 0
    for step in range(steps):
        for flip in range(flips):
            if flip == 0 and step > 0 and (flips > 1 or diagonal):
                continue  # merged with the end of the step before
            if flip == flips - 1 and not diagonal:
                continue  # merged below with its own way back
            sweeps[n] = 2 * flip
            n += 1
        if diagonal:
            sweeps[n] = DIAGONAL
            n += 1
        for flip in range(flips - 1, -1, -1):
            turning = flip == flips - 1 and not diagonal
            joining = flip == 0 and step < steps - 1 and (flips > 1 or diagonal)
            sweeps[n] = 2 * flip + (1 if turning or joining else 0)
            n += 1
    return sweeps[:n]


@kernel
def _flip(bit: int, a: Floats, b: Floats, x: Floats, y: Floats) -> None:
    """Apply a flip to the states `x`, into `y`."""
    stride = 1 << bit
    pair = 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            flow = a[pair] * x[low] - b[pair] * x[low + stride]
            y[low] = x[low] - flow
            y[low + stride] = x[low + stride] + flow
            pair += 1


@kernel
def _flip_onset(bit: int, a: Floats, x: Floats, y: Floats) -> None:
    """Apply a flip that never goes back."""
    stride = 1 << bit
    pair = 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            flow = a[pair] * x[low]
            y[low] = x[low] - flow
            y[low + stride] = x[low + stride] + flow
            pair += 1


@kernel
def _flip_adjoint(
    bit: int, a: Floats, b: Floats, x: Floats, adjoint: Floats, da: Floats, db: Floats
) -> None:
    """Pull the adjoint back through a flip, in place; gather the slopes of its chances."""
    stride = 1 << bit
    pair = 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            gain = adjoint[low + stride] - adjoint[low]
            da[pair] += x[low] * gain
            db[pair] -= x[low + stride] * gain
            adjoint[low] += a[pair] * gain
            adjoint[low + stride] -= b[pair] * gain
            pair += 1


@kernel
def _flip_onset_adjoint(bit: int, a: Floats, x: Floats, adjoint: Floats, da: Floats) -> None:
    stride = 1 << bit
    pair = 0
    for high in range(0, len(x), 2 * stride):
        for low in range(high, high + stride):
            gain = adjoint[low + stride] - adjoint[low]
            da[pair] += x[low] * gain
            adjoint[low] += a[pair] * gain
            pair += 1


@kernel
def chances_of(plan: Plan, theta: Parameters) -> Floats:
    """Return for each table and context the chances of a hazard, shape (chance, 4).

    Off to on and on to off over half a step, then over a whole one; for the survival of a known
    state, its probability over a whole step comes first.
    """
    chances = np.zeros((plan.first_chance[-1], 4))
    for table in range(len(plan.table_hazard)):
        j, time = plan.table_hazard[table], plan.table_time[table]
        goes_back = plan.hazard_kind[j] == STATE_FLIP
        off = theta.off_rate[plan.hazard_event[j]] if goes_back else 0.0
        for context in range(plan.hazard_contexts[j]):
            row = chances[plan.first_chance[table] + context]
            if plan.hazard_kind[j] >= STAYS_OFF:
                row[0] = np.exp(-time * survival_rate(plan, j, context, theta))
                continue
            rate = on_rate(plan, j, context, theta)
            row[0], row[1] = flip_chances(rate, off, time / 2)
            row[2], row[3] = flip_chances(rate, off, time)
    return chances


@kernel
def _tables(plan: Plan, k: int, chances: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the chances of each pair of states (half, whole step), and the survival of each."""
    states, flips = 1 << plan.bits[k + 1], flips_in(plan, k)
    first = plan.first_hazard[k]
    a = np.zeros((2 * flips, max(states // 2, 1)))  # (flip and scale, pair)
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
            p = _initial_chance(plan, theta, bit)
            x[s] *= p if (s >> bit) & 1 else 1 - p
    return x


@kernel
def _initial_chance(plan: Plan, theta: Parameters, bit: int) -> float:
    value = plan.initial_value[bit]
    return float(theta.initial[plan.initial_event[bit]] if value < 0 else value)


@kernel
def _cells_needed(plan: Plan) -> int:
    cells = 0
    for k in range(len(plan.cuts)):
        cells += (plan.first_item[k + 1] - plan.first_item[k] + 2) << plan.bits[k]
        if k < len(plan.steps):
            sweeps = plan.steps[k] * (2 * flips_in(plan, k) + 1) + 2
            cells += sweeps << plan.bits[k + 1]
    return int(cells)


@entry
def log_likelihood_and_gradient(plan: Plan, theta: Parameters, slope: Parameters) -> float:
    """Return the log likelihood of one plan, and add its gradient to `slope`.

    Every state on the way is kept, so memory is (sweeps x states) numbers.
    """
    rows = np.empty(_cells_needed(plan))
    start = np.zeros(len(plan.cuts), dtype=np.int64)  # where the rows of a cut begin
    scale = np.ones(len(plan.cuts))
    chances = chances_of(plan, theta)
    log_likelihood = _forward(plan, theta, chances, rows, start, scale)
    if np.isfinite(log_likelihood):
        _adjoint(plan, theta, chances, slope, rows, start, scale)
    return log_likelihood


@kernel
def _forward(
    plan: Plan, theta: Parameters, chances: Floats, rows: Floats, start: Ints, scale: Floats
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
            at += _apply_hazards(plan, k, chances, rows[at:])
    return log_likelihood


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
def _apply_hazards(plan: Plan, k: int, chances: Floats, rows: Floats) -> int:
    """Sweep through interval k, a row for each sweep; return how far the last row is."""
    states, first = 1 << plan.bits[k + 1], plan.first_hazard[k]
    flips = flips_in(plan, k)
    diagonal = plan.first_hazard[k + 1] - first > flips
    a, b, survival = _tables(plan, k, chances)
    at = 0
    for sweep in schedule(flips, plan.steps[k], diagonal):
        x, y = rows[at : at + states], rows[at + states : at + 2 * states]
        j = first + sweep // 2
        if sweep == DIAGONAL:
            for s in range(states):
                y[s] = x[s] * survival[s]
        elif plan.hazard_kind[j] == STATE_FLIP:
            _flip(plan.hazard_bit[j], a[sweep], b[sweep], x, y)
        else:
            _flip_onset(plan.hazard_bit[j], a[sweep], x, y)
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
) -> None:
    """Run the filter backwards for the gradient of the log likelihood."""
    adjoint = np.ones(1)
    sums = np.zeros_like(chances)  # slopes of the chances; of minus the log, for a survival
    for k in range(len(plan.cuts) - 1, -1, -1):
        old = 1 << plan.bits[k]
        items = plan.first_item[k + 1] - plan.first_item[k]
        if k < len(plan.steps):
            _hazards_adjoint(plan, k, chances, sums, rows[start[k] + (items + 1) * old :], adjoint)
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
        _chance_slopes(plan, table, sums[plan.first_chance[table] :], theta, slope)


@kernel
def _initial_adjoint(plan: Plan, theta: Parameters, slope: Parameters, adjoint: Floats) -> None:
    for bit in range(len(plan.initial_event) - 1, -1, -1):
        half = 1 << bit
        x = _initial_states(plan, theta, bit)
        p = _initial_chance(plan, theta, bit)
        for s in range(half):
            if plan.initial_value[bit] < 0:
                gain = x[s] * (adjoint[half + s] - adjoint[s])
                slope.initial[plan.initial_event[bit]] += gain
            adjoint[s] = (1 - p) * adjoint[s] + p * adjoint[half + s]
    for s in range(len(plan.sure_event)):
        p = theta.initial[plan.sure_event[s]]
        slope.initial[plan.sure_event[s]] += 1 / p if plan.sure_value[s] == 1 else -1 / (1 - p)


@kernel
def _hazards_adjoint(
    plan: Plan, k: int, chances: Floats, sums: Floats, rows: Floats, adjoint: Floats
) -> None:
    """Pull the adjoint back through interval k, in place; `rows` begins with its first state."""
    states, first = 1 << plan.bits[k + 1], plan.first_hazard[k]
    flips = flips_in(plan, k)
    a, b, survival = _tables(plan, k, chances)
    da, db, d_log_survival = np.zeros_like(a), np.zeros_like(b), np.zeros(states)
    sweeps = schedule(flips, plan.steps[k], plan.first_hazard[k + 1] - first > flips)
    for n in range(len(sweeps) - 1, -1, -1):
        sweep, x = sweeps[n], rows[n * states : (n + 1) * states]
        j = first + sweep // 2
        if sweep == DIAGONAL:
            for s in range(states):
                adjoint[s] *= survival[s]
                d_log_survival[s] += adjoint[s] * x[s]
        elif plan.hazard_kind[j] == STATE_FLIP:
            _flip_adjoint(plan.hazard_bit[j], a[sweep], b[sweep], x, adjoint, da[sweep], db[sweep])
        else:
            _flip_onset_adjoint(plan.hazard_bit[j], a[sweep], x, adjoint, da[sweep])
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
def _chance_slopes(
    plan: Plan, table: int, sums: Floats, theta: Parameters, slope: Parameters
) -> None:
    """Turn the slopes of a table's chances into those of rates, context by context."""
    j, time = plan.table_hazard[table], plan.table_time[table]
    event, kind = plan.hazard_event[j], plan.hazard_kind[j]
    off = theta.off_rate[event] if kind == STATE_FLIP else 0.0
    for c in range(plan.hazard_contexts[j]):
        d = sums[c]
        if kind == STAYS_ON:
            slope.off_rate[event] -= time * d[0]
        elif kind == STAYS_OFF:
            _add_rate_slope(plan, j, c, -time * d[0], theta, slope)
        else:
            rate = on_rate(plan, j, c, theta)
            h, w = flip_slopes(rate, off, time / 2), flip_slopes(rate, off, time)
            on_slope = d[0] * h[0] + d[1] * h[2] + d[2] * w[0] + d[3] * w[2]
            _add_rate_slope(plan, j, c, on_slope, theta, slope)
            if kind == STATE_FLIP:
                slope.off_rate[event] += d[0] * h[1] + d[1] * h[3] + d[2] * w[1] + d[3] * w[3]


@kernel
def _add_rate_slope(
    plan: Plan, j: int, context: int, gain: float, theta: Parameters, slope: Parameters
) -> None:
    """Spread the slope with respect to one on-rate over the base rate and the links."""
    factor = plan.hazard_weight[j]
    total = theta.base_rate[plan.hazard_event[j]]
    first, last = plan.first_reference[j], plan.first_reference[j + 1]
    for r in range(first, last):
        on = plan.reference_bit[r] == ALWAYS or (context >> plan.reference_bit[r]) & 1 == 1
        link = plan.reference_link[r]
        if plan.link_kind[link] == MULTIPLIES and on:
            factor *= theta.effect[link]
        elif plan.link_kind[link] == CAUSES and on:
            total += theta.effect[link]
        elif (plan.link_kind[link] == REQUIRES and not on) or (
            plan.link_kind[link] == PREVENTS and on
        ):
            return
    slope.base_rate[plan.hazard_event[j]] += gain * factor
    for r in range(first, last):
        on = plan.reference_bit[r] == ALWAYS or (context >> plan.reference_bit[r]) & 1 == 1
        link = plan.reference_link[r]
        if plan.link_kind[link] == CAUSES and on:
            slope.effect[link] += gain * factor
        elif plan.link_kind[link] == MULTIPLIES and on:
            slope.effect[link] += gain * factor * total / theta.effect[link]
