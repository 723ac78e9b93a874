"""Rates from parameters, chances from rates, and the slopes of both, hazard by hazard."""

import numpy as np

from forecast.engine.jit import kernel
from forecast.engine.plan import ALWAYS, STATE_FLIP, STAYS_OFF, STAYS_ON, WATCHED, Plan
from forecast.engine.structure import (
    CAUSES,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    Floats,
    Parameters,
)

__all__ = ["RATE", "WAYS", "chances_of", "flip_chances", "on_rate", "slopes_of"]

WAYS = 6  # numbers for a context: see `chances_of`
RATE = 4  # where its rates begin

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
            factor = 0.0
    return float(total * factor)


@kernel
def _own_state(plan: Plan, hazard: int, context: int) -> int:
    """Return the state that an event watched, or staying on, has in a context."""
    return int(context if plan.hazard_contexts[hazard] == 2 else plan.hazard_bit[hazard])  # noqa: PLR2004


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
                rate = on_rate(plan, j, context, theta)
            row[RATE], row[RATE + 1] = rate, off
            if kind >= STAYS_OFF:
                row[0] = np.exp(-time * rate)
            else:
                row[0], row[1] = flip_chances(rate, off, time / 2)
                row[2], row[3] = flip_chances(rate, off, time)
    return chances


@kernel
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
            rate = on_rate(plan, j, c, theta)
            h, w = flip_slopes(rate, off, time / 2), flip_slopes(rate, off, time)
            on_slope = d[0] * h[0] + d[1] * h[2] + d[2] * w[0] + d[3] * w[2] + d[RATE]
            _add_rate_slope(plan, j, c, on_slope, theta, slope)
            if kind == STATE_FLIP:
                off_slope = d[0] * h[1] + d[1] * h[3] + d[2] * w[1] + d[3] * w[3] + d[RATE + 1]
                slope.off_rate[event] += off_slope


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
