"""Chances of a plan's hazards from its rates, and the slopes of both, context by context."""

import numpy as np

from forecast.engine._jit import bare, bare_kernel, kernel
from forecast.engine._plan import ALWAYS, STATE_FLIP, STAYS_OFF, STAYS_ON, WATCHED, Plan
from forecast.engine._problem import Floats, Parameters
from forecast.engine._rate import SHUT, acts, add_link_slope, flip_chances, flip_slopes, take_in

WAYS = 6  # numbers for a context: see `chances_of`
RATE = 4  # where its rates begin


@bare
def _parent(plan: Plan, reference: int, context: int) -> int:
    """Return the state of a parent in a context."""
    bit = plan.reference_bit[reference]
    return 1 if bit == ALWAYS else int((context >> bit) & 1)


@bare_kernel
def _on_rate(plan: Plan, j: int, context: int, theta: Parameters) -> tuple[float, float]:
    """Return the sum and the factor of a hazard's on-rate, its live parents in a joint state."""
    total, factor = theta.base_rate[plan.hazard_event[j]], plan.hazard_weight[j]
    for r in range(plan.first_reference[j], plan.first_reference[j + 1]):
        kind, link = plan.reference_kind[r], plan.reference_link[r]
        parent = _parent(plan, r, context)
        total, factor = take_in(kind, parent, theta.effect, link, SHUT, total, factor)
    return total, factor


@bare_kernel
def _own_state(plan: Plan, hazard: int, context: int) -> int:
    """Return the state that an event watched, or staying on, has in a context."""
    return int(context if plan.hazard_contexts[hazard] == 2 else plan.hazard_bit[hazard])  # noqa: PLR2004


@kernel
def chances_of(plan: Plan, theta: Parameters) -> Floats:
    """Return for each table and context the chances of a hazard, shape (chance, 6).

    Off to on and on to off over half a step, then over a whole one, then the rates of both; for
    the survival of a known state, or of a silence, its probability over a whole step comes first,
    and the rate at which it would end stands for the first of the rates.
    """
    chances = np.zeros((plan.first_chance[-1], WAYS))
    for table in range(len(plan.table_hazard)):
        j, time = plan.table_hazard[table], plan.table_time[table]
        event, kind = plan.hazard_event[j], plan.hazard_kind[j]
        off = theta.off_rate[event] if kind == STATE_FLIP else 0.0
        for context in range(plan.hazard_contexts[j]):
            row = chances[plan.first_chance[table] + context]
            if kind == WATCHED:
                said = theta.factors[event, _own_state(plan, j, context)]
                rate = -np.log(said) * plan.hazard_weight[j]
            elif kind == STAYS_ON:
                rate = theta.off_rate[event] * _own_state(plan, j, context)
            else:
                total, factor = _on_rate(plan, j, context, theta)
                rate = total * factor
            row[RATE], row[RATE + 1] = rate, off
            if kind >= STAYS_OFF:
                row[0] = np.exp(-time * rate)
            else:
                row[0], row[1] = flip_chances(rate, off, time / 2)
                row[2], row[3] = flip_chances(rate, off, time)
    return chances


@bare_kernel
def slopes_of(plan: Plan, table: int, sums: Floats, theta: Parameters, slope: Parameters) -> None:
    """Turn the slopes of a table's chances into those of rates, context by context."""
    j, time = plan.table_hazard[table], plan.table_time[table]
    event, kind = plan.hazard_event[j], plan.hazard_kind[j]
    if kind == WATCHED:
        for c in range(plan.hazard_contexts[j]):
            state = _own_state(plan, j, c)
            if theta.factors[event, state] > 0.0:
                share = time * plan.hazard_weight[j]
                slope.factors[event, state] += share * sums[c, 0] / theta.factors[event, state]
        return
    off = theta.off_rate[event] if kind == STATE_FLIP else 0.0
    for c in range(plan.hazard_contexts[j]):
        d = sums[c]
        if kind == STAYS_ON:
            slope.off_rate[event] -= time * d[0] * _own_state(plan, j, c)
        elif kind == STAYS_OFF:
            _add_rate_slope(plan, j, c, -time * d[0], theta, slope)
        else:
            total, factor = _on_rate(plan, j, c, theta)
            rate = total * factor
            h, w = flip_slopes(rate, off, time / 2), flip_slopes(rate, off, time)
            on_slope = d[0] * h[0] + d[1] * h[2] + d[2] * w[0] + d[3] * w[2] + d[RATE]
            _add_rate_slope(plan, j, c, on_slope, theta, slope)
            if kind == STATE_FLIP:
                off_slope = d[0] * h[1] + d[1] * h[3] + d[2] * w[1] + d[3] * w[3] + d[RATE + 1]
                slope.off_rate[event] += off_slope


@bare_kernel
def _add_rate_slope(
    plan: Plan, j: int, context: int, gain: float, theta: Parameters, slope: Parameters
) -> None:
    """Spread the slope with respect to one on-rate over the base rate and the links."""
    total, factor = _on_rate(plan, j, context, theta)
    if factor == 0.0:
        return
    slope.base_rate[plan.hazard_event[j]] += gain * factor
    for r in range(plan.first_reference[j], plan.first_reference[j + 1]):
        kind, link = plan.reference_kind[r], plan.reference_link[r]
        if acts(kind, _parent(plan, r, context)):
            add_link_slope(kind, theta.effect, link, gain, total, factor, slope.effect)
