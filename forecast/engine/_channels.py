"""The one map from standard normals to what every item says, and its slopes.

    z  →  stated numbers  →  rates and chances of the engine, and what each item says of its event

A stated number (a rate, a ratio, a source's chance) is a function of one standard normal, or of two
where a source varies around its type, or where a link's strength follows from its child's base
rate. The engine's parameters are these numbers, each in its place; and an item says, of its event,

    P(item | off) and P(item | on),

by its form. With h the first number that it reads and f the second:

- `REPORT`: it says on with w · f + (1 - w) / 2 while the event is off, and w · h + (1 - w) / 2
  while it is on, with w the credibility of the report itself; it says off with one minus that.
- `OPENS`: the first row of a report that dates an onset, at the beginning of its days; the row
  after it is a `REPORT` at their end. With off and on the chances of that row, this one is worth 1
  while the event is off and off / on while it is on: together they are worth `on` where the onset
  lies between, and `off` on any other course.
- `RATIO`: a virtual claim, on with P = h / (1 + h) while the event is on, 1 / (1 + h) while off.
- `FORECAST`: an opinion. What those on one event say together is in `forecast.engine._opinions`;
  here is how one is drawn. It speaks for or against the event, which moves the odds of the event
  by exp(±shift · h), as often as leaves the network's own probability what it is on average.
- `SILENCE`: of being silent all through a window, 1 and exp(-h · window); both times h, the density
  of the word, if a word ended it.
- `COUNT`: the numbers expected over the window, (f, h) · window, whose Poisson probability does not
  factor over time; `SETTLED` has that probability, where it is known how long the event was on.

A claim that its outlet may have copied is, with v the chance that it checked,

    v · P(claim | x) + (1 - v) · (the share of its origins that make the same claim),

and reports i of a hidden origin share what that said, c, which is summed out,

    P(claims | x) = Σ_c P_origin(c | x) Π_i ( v_i · P_i(claim_i | x) + (1 - v_i) · 1[claim_i = c] ),

each having its chance given those of the group before it.

Everything here takes and gives arrays. The path sampler sets single numbers as it moves
(`set_value` …), estimates ask for many draws at once (`values_over`, `parameters_over`), and
samplers that need slopes find them in `forecast.engine._pullback`.
"""

from math import lgamma
from typing import NamedTuple

import numpy as np

from forecast.engine._jit import bare, entry, folded
from forecast.engine._lines import FIXED, POOLED, TABLE, expit, from_line, from_table, log_odds
from forecast.engine._opinions import log_worth, part_of_all, rising
from forecast.engine._problem import Floats, Ints, Parameters

NOTHING = -1
REPORT, OPENS, RATIO, FORECAST, SILENCE, COUNT, SETTLED = 0, 1, 2, 3, 4, 5, 6
BASE_RATE, OFF_RATE, INITIAL, EFFECT = 0, 1, 2, 3
STATED, SHARE, ODDS = 0, 1, 2
LEAST_LOG_CHANCE = -700.0
"""Of silences and counts: what is next to impossible is not to become impossible by rounding."""
LEAST_DATED = 1e-100
"""Of a claim that dates an onset, were it within its days: what it is worth on any other course is
told relative to that."""


class Channels(NamedTuple):
    """What the map is of one network and its record (a NamedTuple, so that Numba takes it whole).

    Values stand in an order in which the value of a type comes before those pooled around it, and a
    base rate before the strengths that follow it. What the items say is
    `forecast.engine._speak`'s to set.
    """

    form: Ints  # (value,) FIXED, EXP, EXPIT, POOLED, TABLE or ODDS_TABLE
    normal: Ints  # (value,) which standard normal, or NOTHING
    around: Ints  # (value,) the value that a pooled one varies around: or the row of its table
    over: Ints  # (value,) the base rate that a strength takes to the rate while on, or NOTHING
    first_use: Ints  # (value + 1,)
    use_field: Ints  # BASE_RATE, OFF_RATE, INITIAL or EFFECT
    use_at: Ints
    item_form: Ints  # (item,)
    item_hit: Ints  # (item,) value
    item_false: Ints  # (item,) value, or NOTHING
    item_on: Ints  # (item,) whether it says on
    first_repeat: Ints  # (item + 1,)
    repeat: Ints  # items, of which a copy repeats one
    repeat_off: Ints  # (item,) other origins, which say off: they are design, and never drawn
    repeat_on: Ints  # (item,) those which say on
    origin_hit: Ints  # (statement,) of a hidden origin
    origin_false: Ints  # (statement,)
    first_member: Ints  # (statement + 1,)
    member: Ints  # items
    cell_form: Ints  # (cell,) STATED, SHARE or ODDS
    cell_value: Ints  # (cell,) value
    first_part: Ints  # (cell + 1,)
    part: Ints  # values: the weights that a share is of, or the odds ratios that count
    first_cell: Ints  # (value + 1,)
    cell: Ints  # cells that follow from the value
    first_voice: Ints  # (crowd + 1,) a crowd: sources whose opinions on one event are told together
    voice: Ints  # values: how much their forecasts weigh
    first_own: Ints  # (crowd + 1,) deadlines of a crowd
    first_surprise: Ints  # (crowd + 1,)
    first_spoken: Ints  # (crowd + 1,)
    spoken: Ints  # items
    spoken_voice: Ints  # which of the crowd's sources says it
    spoken_mark: Ints  # of which of its deadlines
    item_number: Floats  # (item,) the shift of a forecast, the window of a silence or a count
    item_counted: Floats  # (item,) by a settled count; words that broke a silence; log-odds moved
    item_copied: Floats  # (item,) share of its origins that make the same claim
    item_credibility: Floats  # (item,)
    item_check: Floats  # (item,)
    item_share: Floats  # (item,) of the window of a settled count that its event was on
    centre: Floats  # (value,) the value itself, or mu
    spread: Floats  # (value,) sigma
    softness: Floats  # (value,) of a strength that adds to the base; 0 where it multiplies
    use_over: Floats  # 0, or what the value divides
    use_times: Floats  # what it is multiplied with where it divides nothing
    node: Floats  # (node,) evenly spaced standard normals
    table: Floats  # (row, node, 2) logarithm (log-odds) of a value, and its slope
    voice_apart: Floats  # 1 where a source knows nothing that the others know
    voice_share: Floats  # of its weight that goes to the deadlines of this crowd
    voice_sign: Floats  # 1, or -1 where it speaks against what it is on file with
    own: Floats  # (deadline,) the network's own log-odds, rising
    surprise: Floats  # (voice, deadline) of each crowd, row by row
    spoken_share: Floats  # of what is said of its deadline that counts as this item's


# ---- From standard normals to stated numbers


@bare
def _strength(rate: float, base: float, softness: float) -> float:
    """Return what takes a base rate to a rate while on: see `forecast.network._while_on`."""
    if softness == 0.0:
        return float(rate / base)
    above = rate - base
    root = np.sqrt(above * above + 4.0 * softness * softness)
    if above > 0.0:
        return float((above + root) / 2.0)
    return float(2.0 * softness * softness / (root - above))


@bare
def set_value(c: Channels, v: int, z: Floats, values: Floats) -> None:
    """Set one stated number; that of its type, or of its base rate, if any, is set already."""
    form, found = c.form[v], c.centre[v]
    if form >= TABLE:
        found = from_line(form, from_table(c.node, c.table, c.around[v], z[c.normal[v]])[0])
    elif form != FIXED:
        middle = log_odds(values[c.around[v]]) if form == POOLED else found
        found = from_line(form, middle + c.spread[v] * z[c.normal[v]])
    if c.over[v] != NOTHING:
        found = _strength(found, values[c.over[v]], c.softness[v])
    values[v] = found


@entry
def values_over(c: Channels, z: Floats, lines: Floats) -> Floats:
    """Return the stated numbers of many draws, shape (draw, value).

    Parameters
    ----------
    c
        The map.
    z
        Shape (draw, dimension).
    lines
        The lines that have tables, exactly: whoever holds the priors has them, shape (draw, row).
    """
    values = np.empty((len(z), len(c.form)))
    for v in range(len(c.form)):  # number by number: what does not depend on the draw is read once
        form, centre, spread, normal = c.form[v], c.centre[v], c.spread[v], c.normal[v]
        around, over, softness = c.around[v], c.over[v], c.softness[v]
        for d in range(len(z)):
            found = centre
            if form >= TABLE:
                found = from_line(form, lines[d, around])
            elif form != FIXED:
                middle = log_odds(values[d, around]) if form == POOLED else centre
                found = from_line(form, middle + spread * z[d, normal])
            if over != NOTHING:
                found = _strength(found, values[d, over], softness)
            values[d, v] = found
    return values


@entry
def values_at(c: Channels, z: Floats) -> Floats:
    """Return the stated numbers at standard normals, shape (value,)."""
    values = np.empty(len(c.form))
    for v in range(len(values)):
        set_value(c, v, z, values)
    return values


# ---- From stated numbers to the engine's rates, and to what each item says


@bare
def set_uses(c: Channels, v: int, values: Floats, theta: Parameters) -> None:
    """Put one value where it belongs among the rates."""
    for i in range(c.first_use[v], c.first_use[v + 1]):
        field, at, value = c.use_field[i], c.use_at[i], values[v] * c.use_times[i]
        if c.use_over[i] > 0.0:
            value = c.use_over[i] / value
        if field == BASE_RATE:
            theta.base_rate[at] = value
        elif field == OFF_RATE:
            theta.off_rate[at] = value
        elif field == INITIAL:
            theta.initial[at] = value
        else:
            theta.effect[at] = value


@bare
def cell_chance(c: Channels, cell: int, values: Floats) -> float:
    """Return a chance of a fact that depends on others.

    It is the stated number; or the share of a weight among those that are left; or it has the odds
    of the stated number times the odds ratios of the parents that are on.
    """
    value = values[c.cell_value[cell]]
    if c.cell_form[cell] == SHARE:
        total = 0.0
        for i in range(c.first_part[cell], c.first_part[cell + 1]):
            total += values[c.part[i]]
        return float(value / total) if total > 0.0 else 1.0
    if c.cell_form[cell] == ODDS:
        line = log_odds(value)
        for i in range(c.first_part[cell], c.first_part[cell + 1]):
            line += np.log(values[c.part[i]])
        return float(expit(line))
    return float(value)


@bare
def set_cells(c: Channels, v: int, values: Floats, theta: Parameters) -> None:
    """Set the chances at the start that follow from one value."""
    first = len(theta.initial) - len(c.cell_form)
    for i in range(c.first_cell[v], c.first_cell[v + 1]):
        theta.initial[first + c.cell[i]] = cell_chance(c, c.cell[i], values)


@bare
def poisson(number: float, mean: float) -> float:
    """Return the logarithm of a Poisson probability."""
    return float((number * np.log(mean) if number > 0.0 else 0.0) - mean - lgamma(number + 1.0))


@bare
def _says(
    form: int, hit: float, false_alarm: float, number: float, counted: float, w: float
) -> tuple[float, float]:
    """Return P(says on | off) and P(says on | on) of what was checked.

    Of a silence these are the chances that it was kept, of a count the numbers expected.
    """
    if form >= COUNT:
        return number * false_alarm, number * hit
    if form == SILENCE:
        off = hit**counted
        return float(off), float(off * np.exp(max(-hit * number, LEAST_LOG_CHANCE)))
    if form <= OPENS:
        return w * false_alarm + (1.0 - w) / 2.0, w * hit + (1.0 - w) / 2.0
    if form == FORECAST:
        b, up, down = expit(counted), expit(counted + number * hit), expit(counted - number * hit)
        often = (b - down) / (up - down) if up != down else 0.5
        return often * (1.0 - up) / (1.0 - b), often * up / b
    return float(1.0 / (1.0 + hit)), float(hit / (1.0 + hit))


@bare
def own(c: Channels, item: int, values: Floats) -> tuple[float, float]:
    """Return P(says on | off) and P(says on | on) of an item: see `_says`."""
    off, on = _says(
        c.item_form[item],
        values[c.item_hit[item]],
        values[c.item_false[item]],  # where there is none, one that is not read
        c.item_number[item],
        c.item_counted[item],
        c.item_credibility[item],
    )
    return float(off), float(on)


@bare
def _settled(number: float, off: float, on: float, share: float) -> float:
    """Return the chance of a count whose event was on for a known share of its window."""
    mean = (1.0 - share) * off + share * on
    return float(np.exp(max(poisson(number, mean), LEAST_LOG_CHANCE)))


@bare
def _copied(chance: float, on: int, check: float, copied: float) -> float:
    """Return the chance of a claim, which is on or off, of an outlet that may have copied."""
    if on == 0:
        chance = 1.0 - chance
    return check * chance + (1.0 - check) * copied


@bare
def open_dated(form: Ints, item: int, factors: Floats) -> None:
    """Set the row before an item's, shape (item, 2), where that is the first of a dated onset."""
    if item > 0 and form[item - 1] == OPENS:
        factors[item, 1] = max(factors[item, 1], LEAST_DATED)
        factors[item - 1, 0], factors[item - 1, 1] = 1.0, factors[item, 0] / factors[item, 1]


@bare
def set_factors(c: Channels, item: int, values: Floats, theta: Parameters) -> None:
    """Set P(item | off) and P(item | on) of an item that passes on no hidden claim.

    The first row of a dated onset is set with the second, and opinions are set together.
    """
    if c.item_form[item] in (OPENS, FORECAST):
        return
    off, on = _says(  # not `own`: each time that `c` is passed, its arrays are counted
        c.item_form[item],
        values[c.item_hit[item]],
        values[c.item_false[item]],
        c.item_number[item],
        c.item_counted[item],
        c.item_credibility[item],
    )
    if c.item_form[item] == SETTLED:
        off = on = _settled(c.item_counted[item], off, on, c.item_share[item])
    elif c.item_form[item] != COUNT:
        check, copied = c.item_check[item], c.item_copied[item]
        off = _copied(off, c.item_on[item], check, copied)
        on = _copied(on, c.item_on[item], check, copied)
    theta.factors[item, 0], theta.factors[item, 1] = off, on
    open_dated(c.item_form, item, theta.factors)


@bare
def passed_on(c: Channels, item: int, x: int, values: Floats) -> tuple[float, float]:
    """Return the chance of a report if its hidden origin said on, and if that said off."""
    chance, check, on = own(c, item, values)[x], c.item_check[item], c.item_on[item]
    return _copied(chance, on, check, float(on)), _copied(chance, on, check, 1.0 - on)


@bare
def set_statement(c: Channels, statement: int, values: Floats, theta: Parameters) -> None:
    """Set the chances of the reports of one hidden claim, each given those before it."""
    for x in range(2):
        said_on = values[c.origin_hit[statement] if x == 1 else c.origin_false[statement]]
        said_off, before = 1.0 - said_on, 1.0
        for i in range(c.first_member[statement], c.first_member[statement + 1]):
            if_on, if_off = passed_on(c, c.member[i], x, values)
            said_on *= if_on
            said_off *= if_off
            total = said_on + said_off
            theta.factors[c.member[i], x] = total / before if before > 0.0 else 0.0
            before = total
    for i in range(c.first_member[statement], c.first_member[statement + 1]):
        open_dated(c.item_form, c.member[i], theta.factors)


@bare
def set_crowd(c: Channels, crowd: int, values: Floats, factors: Floats) -> None:
    """Set what the opinions of a crowd say of their event at each deadline, shape (item, 2)."""
    v, w, first = c.first_voice[crowd], c.first_voice[crowd + 1], c.first_own[crowd]
    marks, at = c.first_own[crowd + 1] - first, c.first_surprise[crowd]
    part = part_of_all(values, c.voice, c.voice_apart, v, w)
    p = b = worth = 0.0
    for k in range(marks + 1):
        after, told, earlier = 1.0, 1.0, worth
        if k < marks:
            line = c.own[first + k]
            after = expit(line)
            for s in range(v, w):
                weight = c.voice_sign[s] * c.voice_share[s] * values[c.voice[s]]
                weight *= part if c.voice_apart[s] == 0.0 else 1.0
                line += weight * c.surprise[at + (s - v) * marks + k]
            told = rising(line, p)
        worth = log_worth(told - p, after - b)
        p, b = told, after
        for i in range(c.first_spoken[crowd], c.first_spoken[crowd + 1]):
            if c.spoken_mark[i] == k - 1:
                off, on = (worth, earlier) if k == marks else (0.0, earlier - worth)
                factors[c.spoken[i], 0] = np.exp(c.spoken_share[i] * off)
                factors[c.spoken[i], 1] = np.exp(c.spoken_share[i] * on)


@bare
def _set_all(c: Channels, values: Floats, theta: Parameters) -> None:
    for v in range(len(c.form)):
        set_uses(c, v, values, theta)
    first = len(theta.initial) - len(c.cell_form)
    for cell in range(len(c.cell_form)):
        theta.initial[first + cell] = cell_chance(c, cell, values)
    for item in range(len(c.item_form)):
        set_factors(c, item, values, theta)
    for statement in range(len(c.origin_hit)):
        set_statement(c, statement, values, theta)
    for crowd in range(len(c.first_own) - 1):
        set_crowd(c, crowd, values, theta.factors)


@folded
def blank_theta(events: int, links: int, items: int, cells: int) -> Parameters:
    """Return parameters to be filled in; `cells` are the chances of facts that depend on others."""
    return Parameters(
        np.zeros(events),
        np.zeros(events),
        np.zeros(events + cells),
        np.ones(links),
        np.ones((items, 2)),
    )


@entry
def parameters_at(c: Channels, values: Floats, events: int, links: int) -> Parameters:
    """Return the engine's parameters for stated numbers, shape (value,)."""
    theta: Parameters = blank_theta(events, links, len(c.item_form), len(c.cell_form))
    _set_all(c, values, theta)
    return theta


@entry
def heard_over(c: Channels, values: Floats) -> Floats:
    """Return P(says on | off) and P(says on | on) of what was checked, (draw, item + statement, 2).

    This is what is drawn from: before copying, and whatever was said. Of silences these are the
    chances that they are kept, of counts the numbers expected. After the items come the statements
    of hidden origins.
    """
    items, statements = len(c.item_form), len(c.origin_hit)
    out = np.empty((len(values), items + statements, 2))
    for item in range(items):
        form, hit, false_alarm = c.item_form[item], c.item_hit[item], c.item_false[item]
        number, counted, w = c.item_number[item], c.item_counted[item], c.item_credibility[item]
        for d in range(len(values)):
            out[d, item] = _says(form, values[d, hit], values[d, false_alarm], number, counted, w)
    for j in range(statements):
        for d in range(len(values)):
            out[d, items + j, 0] = values[d, c.origin_false[j]]
            out[d, items + j, 1] = values[d, c.origin_hit[j]]
    return out


@entry
def parameters_over(c: Channels, values: Floats, events: int, links: int) -> Parameters:
    """Return what `parameters_at` gives, for many draws of the stated numbers: (draw, value)."""
    draws, items = len(values), len(c.item_form)
    base, off = np.zeros((draws, events)), np.zeros((draws, events))
    initial = np.zeros((draws, events + len(c.cell_form)))
    effect = np.ones((draws, links))
    factors = np.ones((draws, items, 2))
    for v in range(len(c.form)):
        for i in range(c.first_use[v], c.first_use[v + 1]):
            field, at, over, times = c.use_field[i], c.use_at[i], c.use_over[i], c.use_times[i]
            into = (base, off, initial, effect)[field]
            for d in range(draws):
                into[d, at] = over / values[d, v] if over > 0.0 else values[d, v] * times
    for cell in range(len(c.cell_form)):
        for d in range(draws):
            initial[d, events + cell] = cell_chance(c, cell, values[d])
    heard = heard_over(c, values)
    for item in range(items):
        form, number, share = c.item_form[item], c.item_counted[item], c.item_share[item]
        claim, check, copied = c.item_on[item], c.item_check[item], c.item_copied[item]
        for d in range(draws):
            first, second = heard[d, item, 0], heard[d, item, 1]
            if form == SETTLED:
                first = second = _settled(number, first, second, share)
            elif form == FORECAST:
                first = second = 1.0  # set below
            elif form != COUNT:
                first = _copied(first, claim, check, copied)
                second = _copied(second, claim, check, copied)
            factors[d, item, 0], factors[d, item, 1] = first, second
    for item in range(1, items):
        if c.item_form[item - 1] == OPENS:
            for d in range(draws):
                open_dated(c.item_form, item, factors[d])
    for d in range(draws if len(c.origin_hit) > 0 else 0):
        one = Parameters(base[d], off[d], initial[d], effect[d], factors[d])
        for statement in range(len(c.origin_hit)):
            set_statement(c, statement, values[d], one)
    for crowd in range(len(c.first_own) - 1):
        for d in range(draws):
            set_crowd(c, crowd, values[d], factors[d])
    return Parameters(base, off, initial, effect, factors)
