"""The recipe: how the engine's parameters follow from standard normals, for compiled code.

Natural values (rates, ratios, a source's chances) are functions of one standard normal each, or of
two where a source varies around its type, or a link's strength follows the base rate; the
parameters are these values, and what items say of them. The same map in NumPy is
`forecast.model.lower.Lowered.theta`, against which it is held.
"""

from math import lgamma
from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry, folded
from forecast.engine.paths.marks import NOTHING
from forecast.engine.problem import Floats, Ints, Parameters

__all__ = [
    "COUNT",
    "EXP",
    "EXPIT",
    "FIXED",
    "FORECAST",
    "ODDS_TABLE",
    "POOLED",
    "RATIO",
    "REPORT",
    "SETTLED",
    "SILENCE",
    "TABLE",
    "Recipe",
    "blank_theta",
    "natural_values",
    "poisson",
    "set_factors",
    "set_statement",
    "set_uses",
    "set_value",
]

FIXED, EXP, EXPIT, POOLED, TABLE, ODDS_TABLE = 0, 1, 2, 3, 4, 5
REPORT, RATIO, FORECAST, SILENCE, COUNT, SETTLED = 0, 1, 2, 3, 4, 5
BASE_RATE, OFF_RATE, INITIAL, EFFECT = 0, 1, 2, 3
LEAST_LOG_CHANCE = -700.0


class Recipe(NamedTuple):
    """How parameters follow from standard normals (a NamedTuple, so that Numba takes it whole).

    Values stand in an order in which the value of a type comes before those pooled around it, and a
    base rate before the strengths that follow it.
    """

    form: Ints  # (value,) FIXED, EXP, EXPIT, POOLED, TABLE or ODDS_TABLE
    centre: Floats  # (value,) the value itself, or mu
    spread: Floats  # (value,) sigma
    normal: Ints  # (value,) which standard normal, or NOTHING
    around: Ints  # (value,) the value that a pooled one varies around: or the row of its table
    over: Ints  # (value,) the base rate that a strength takes to the rate while on, or NOTHING
    softness: Floats  # (value,) of a strength that adds to the base; 0 where it multiplies
    node: Floats  # (node,) evenly spaced standard normals
    table: Floats  # (row, node, 2) logarithm (log-odds) of a value, and its slope
    first_use: Ints  # (value + 1,)
    use_field: Ints  # BASE_RATE, OFF_RATE, INITIAL or EFFECT
    use_at: Ints
    use_over: Floats  # 0, or what the value divides
    item_form: Ints  # (item,)
    item_hit: Ints  # (item,) value
    item_false: Ints  # (item,) value, or NOTHING
    item_number: Floats  # (item,) the shift of a forecast, the window of a silence or a count
    item_on: Ints  # (item,) whether it says on
    item_credibility: Floats  # (item,)
    item_check: Floats  # (item,)
    item_copied: Floats  # (item,)
    item_counted: Floats  # (item,) by a settled count; words that broke a silence
    item_share: Floats  # (item,) of the window of a settled count that its event was on
    origin_hit: Ints  # (statement,)
    origin_false: Ints  # (statement,)
    origin_credibility: Floats  # (statement,)
    first_member: Ints  # (statement + 1,)
    member: Ints  # items


@folded
def _expit(x: float) -> float:
    if x >= 0.0:
        return float(1.0 / (1.0 + np.exp(-x)))
    e = np.exp(x)
    return float(e / (1.0 + e))


@folded
def poisson(number: float, mean: float) -> float:
    """Return the logarithm of a Poisson probability."""
    return float((number * np.log(mean) if number > 0.0 else 0.0) - mean - lgamma(number + 1.0))


@folded
def _from_table(r: Recipe, row: int, z: float) -> float:
    """Return a logarithm or log-odds by cubic interpolation, straight beyond the last node."""
    last = len(r.node) - 1
    step = (r.node[last] - r.node[0]) / last
    k = min(max(int((z - r.node[0]) / step), 0), last - 1)
    low, high = r.table[row, k], r.table[row, k + 1]
    t = (z - r.node[k]) / step
    if t < 0.0:
        return float(low[0] + low[1] * (z - r.node[0]))
    if t > 1.0:
        return float(high[0] + high[1] * (z - r.node[last]))
    u = 1.0 - t
    return float(
        u * u * ((1.0 + 2.0 * t) * low[0] + t * step * low[1])
        + t * t * ((3.0 - 2.0 * t) * high[0] - u * step * high[1])
    )


@folded
def _strength(rate: float, base: float, softness: float) -> float:
    """Return what takes a base rate to a rate while on: see `forecast.network.while_on`."""
    if softness == 0.0:
        return float(rate / base)
    above = rate - base
    root = np.sqrt(above * above + 4.0 * softness * softness)
    if above > 0.0:
        return float((above + root) / 2.0)
    return float(2.0 * softness * softness / (root - above))


@folded
def set_value(r: Recipe, v: int, z: Floats, values: Floats) -> None:
    """Set one natural value; that of its type, or of its base rate, if any, is set already."""
    form = r.form[v]
    if form == FIXED:
        values[v] = r.centre[v]
    elif form == EXP:
        values[v] = np.exp(r.centre[v] + r.spread[v] * z[r.normal[v]])
    elif form == EXPIT:
        values[v] = _expit(r.centre[v] + r.spread[v] * z[r.normal[v]])
    elif form == POOLED:
        about = values[r.around[v]]
        values[v] = _expit(np.log(about) - np.log1p(-about) + r.spread[v] * z[r.normal[v]])
    elif form == ODDS_TABLE:
        values[v] = _expit(_from_table(r, r.around[v], z[r.normal[v]]))
    else:
        values[v] = np.exp(_from_table(r, r.around[v], z[r.normal[v]]))
    if r.over[v] != NOTHING:
        values[v] = _strength(values[v], values[r.over[v]], r.softness[v])


@folded
def set_uses(r: Recipe, v: int, values: Floats, theta: Parameters) -> None:
    """Put one value where it belongs among the rates."""
    for i in range(r.first_use[v], r.first_use[v + 1]):
        field, at, value = r.use_field[i], r.use_at[i], values[v]
        if r.use_over[i] > 0.0:
            value = r.use_over[i] / value
        if field == BASE_RATE:
            theta.base_rate[at] = value
        elif field == OFF_RATE:
            theta.off_rate[at] = value
        elif field == INITIAL:
            theta.initial[at] = value
        else:
            theta.effect[at] = value


@folded
def set_factors(r: Recipe, item: int, values: Floats, theta: Parameters) -> None:
    """Set P(item | off) and P(item | on) of an item that passes on no hidden claim."""
    form, hit = r.item_form[item], values[r.item_hit[item]]
    off = on = 1.0
    if form >= COUNT:
        off, on = r.item_number[item] * values[r.item_false[item]], r.item_number[item] * hit
        if form == SETTLED:
            mean = (1.0 - r.item_share[item]) * off + r.item_share[item] * on
            off = on = np.exp(max(poisson(r.item_counted[item], mean), LEAST_LOG_CHANCE))
        theta.factors[item, 0], theta.factors[item, 1] = off, on
        return
    if form == SILENCE:
        off = hit ** r.item_counted[item]
        on = off * np.exp(max(-hit * r.item_number[item], LEAST_LOG_CHANCE))
    elif form == REPORT:
        w = r.item_credibility[item]
        off = w * values[r.item_false[item]] + (1.0 - w) / 2.0
        on = w * hit + (1.0 - w) / 2.0
    else:
        ratio = np.log(hit) if form == RATIO else r.item_number[item] * hit
        off, on = _expit(-ratio), _expit(ratio)
    if r.item_on[item] == 0:
        off, on = 1.0 - off, 1.0 - on
    check = r.item_check[item]
    theta.factors[item, 0] = check * off + (1.0 - check) * r.item_copied[item]
    theta.factors[item, 1] = check * on + (1.0 - check) * r.item_copied[item]


@folded
def set_statement(r: Recipe, statement: int, values: Floats, theta: Parameters) -> None:
    """Set the chances of the reports of one hidden claim, each given those before it."""
    w = r.origin_credibility[statement]
    for x in range(2):
        rate = values[r.origin_hit[statement] if x == 1 else r.origin_false[statement]]
        said_on = w * rate + (1.0 - w) / 2.0
        said_off, before = 1.0 - said_on, 1.0
        for i in range(r.first_member[statement], r.first_member[statement + 1]):
            item = r.member[i]
            own = values[r.item_hit[item] if x == 1 else r.item_false[item]]
            w_own, check = r.item_credibility[item], r.item_check[item]
            chance = w_own * own + (1.0 - w_own) / 2.0
            if r.item_on[item] == 0:
                chance = 1.0 - chance
            said_on *= check * chance + (1.0 - check) * r.item_on[item]
            said_off *= check * chance + (1.0 - check) * (1.0 - r.item_on[item])
            total = said_on + said_off
            theta.factors[item, x] = total / before if before > 0.0 else 0.0
            before = total


@folded
def blank_theta(events: int, links: int, items: int) -> Parameters:
    """Return parameters to be filled in."""
    return Parameters(
        np.zeros(events),
        np.zeros(events),
        np.zeros(events),
        np.ones(links),
        np.empty((items, 2)),
    )


@entry
def natural_values(r: Recipe, z: Floats, events: int, links: int) -> tuple[Floats, Parameters]:
    """Return the natural values and the parameters at standard normals.

    Parameters
    ----------
    r
        The recipe.
    z
        Shape (dimension,).
    events, links
        How many the parameters have.
    """
    values, theta = np.empty(len(r.form)), blank_theta(events, links, len(r.item_form))
    for v in range(len(values)):
        set_value(r, v, z, values)
        set_uses(r, v, values, theta)
    for item in range(len(r.item_form)):
        set_factors(r, item, values, theta)
    for statement in range(len(r.origin_hit)):
        set_statement(r, statement, values, theta)
    return values, theta
