"""Slopes of the map of `forecast.engine._channels`: by its inputs, from those by its results.

Each function here undoes one of that module: `pull_values` those that set values, `pull_parameters`
those that set parameters and what each item says.
"""

import numpy as np

from forecast.engine._channels import (
    BASE_RATE,
    COUNT,
    FORECAST,
    INITIAL,
    LEAST_DATED,
    LEAST_LOG_CHANCE,
    NOTHING,
    OFF_RATE,
    OPENS,
    SETTLED,
    SHARE,
    SILENCE,
    STATED,
    Channels,
    cell_chance,
    own,
    parameters_at,
    passed_on,
    poisson,
    set_crowd,
    values_at,
)
from forecast.engine._jit import bare, entry, folded
from forecast.engine._lines import (
    EXP,
    FIXED,
    POOLED,
    TABLE,
    expit,
    from_line,
    from_table,
    log_odds,
)
from forecast.engine._opinions import pull_said, pull_weights, weights
from forecast.engine._problem import Floats, Parameters


@entry
def pull_values(c: Channels, z: Floats, slope: Floats) -> Floats:
    """Return slopes by standard normals, shape (dimension,), from those by the stated numbers."""
    values, slope, out = values_at(c, z), slope.copy(), np.zeros(len(z))
    for v in range(len(values) - 1, -1, -1):
        form, along, middle, steep = c.form[v], slope[v], c.centre[v], c.spread[v]
        about = values[c.around[v]] if form == POOLED else 0.5
        line = 0.0
        if form >= TABLE:
            line, steep = from_table(c.node, c.table, c.around[v], z[c.normal[v]])
        elif form != FIXED:
            middle = log_odds(about) if form == POOLED else middle
            line = middle + steep * z[c.normal[v]]
        rate = middle if form == FIXED else from_line(form, line)
        if c.over[v] != NOTHING:
            base = values[c.over[v]]
            if c.softness[v] == 0.0:
                slope[c.over[v]] -= along * rate / base / base
                along /= base
            else:
                along *= values[v] / np.hypot(rate - base, 2.0 * c.softness[v])
                slope[c.over[v]] -= along
        if form == FIXED:
            continue
        along *= rate if form in (EXP, TABLE) else rate * expit(-line)
        if form == POOLED and 0.0 < about < 1.0:
            slope[c.around[v]] += along / (about * (1.0 - about))
        out[c.normal[v]] += along * steep
    return out


@bare
def _pull_own(c: Channels, item: int, values: Floats, off: float, on: float, out: Floats) -> None:
    """Add to slopes by stated numbers, from those by what `_own` returns."""
    form, place = c.item_form[item], c.item_hit[item]
    hit, number = values[place], c.item_number[item]
    if form >= COUNT:
        out[c.item_false[item]] += number * off
        out[place] += number * on
    elif form == SILENCE:
        kept = np.exp(max(-hit * number, LEAST_LOG_CHANCE))
        density = hit ** c.item_counted[item]
        out[place] += c.item_counted[item] * (off + on * kept)
        if -hit * number > LEAST_LOG_CHANCE:
            out[place] -= on * density * kept * number
    elif form <= OPENS:
        out[c.item_false[item]] += c.item_credibility[item] * off
        out[place] += c.item_credibility[item] * on
    else:
        chance_off, chance_on = own(c, item, values)
        out[place] += (on - off) * chance_off * chance_on / hit


@bare
def _pull_factors(c: Channels, item: int, values: Floats, along: Floats, out: Floats) -> None:
    """Add to slopes by stated numbers, from those by what `set_factors` sets."""
    off, on = along[item, 0], along[item, 1]
    if c.item_form[item] == SETTLED:
        share, counted = c.item_share[item], c.item_counted[item]
        expected_off, expected_on = own(c, item, values)
        mean = (1.0 - share) * expected_off + share * expected_on
        log_chance = poisson(counted, mean)
        steep = 0.0
        if log_chance > LEAST_LOG_CHANCE:
            steep = (off + on) * np.exp(log_chance) * (counted / mean - 1.0)
        _pull_own(c, item, values, steep * (1.0 - share), steep * share, out)
    elif c.item_form[item] == COUNT:
        _pull_own(c, item, values, off, on, out)
    else:
        sign = c.item_check[item] if c.item_on[item] == 1 else -c.item_check[item]
        _pull_own(c, item, values, sign * off, sign * on, out)


@folded
def _pull_statement(
    c: Channels, statement: int, values: Floats, along: Floats, out: Floats
) -> None:
    """Add to slopes by stated numbers, from those by what `set_statement` sets."""
    first, last = c.first_member[statement], c.first_member[statement + 1]
    so_far = np.empty((last - first + 1, 2))  # P(the origin says on, off, and the reports so far)
    for x in range(2):
        origin = c.origin_hit[statement] if x == 1 else c.origin_false[statement]
        so_far[0, 0], so_far[0, 1] = values[origin], 1.0 - values[origin]
        for k in range(last - first):
            if_on, if_off = passed_on(c, c.member[first + k], x, values)
            so_far[k + 1, 0], so_far[k + 1, 1] = so_far[k, 0] * if_on, so_far[k, 1] * if_off
        by_on = by_off = later = 0.0
        for k in range(last - first - 1, -1, -1):
            item = c.member[first + k]
            before = so_far[k].sum() if k > 0 else 1.0
            total = so_far[k + 1].sum()
            step = along[item, x] / before if before > 0.0 else 0.0
            by_on += step - later
            by_off += step - later
            later = step * total / before if before > 0.0 else 0.0
            if_on, if_off = passed_on(c, item, x, values)
            sign = c.item_check[item] if c.item_on[item] == 1 else -c.item_check[item]
            along_own = sign * (by_on * so_far[k, 0] + by_off * so_far[k, 1])
            _pull_own(c, item, values, along_own * (1 - x), along_own * x, out)
            by_on, by_off = by_on * if_on, by_off * if_off
        out[origin] += by_on - by_off


@folded
def _pull_opened(c: Channels, values: Floats, along: Parameters) -> Floats:
    """Return slopes by what items say, with those of the rows that open a dated onset passed on."""
    events, links = len(along.base_rate), len(along.effect)
    factors = parameters_at(c, values, events, links).factors
    found = along.factors.copy()
    for item in range(len(c.item_form) - 1):
        if c.item_form[item] == OPENS:
            outside, inside = factors[item + 1]
            found[item + 1, 0] += found[item, 1] / inside
            found[item + 1, 1] -= found[item, 1] * outside / inside / inside
            if inside <= LEAST_DATED:
                found[item + 1, 1] = 0.0
    return found


@folded
def _pull_crowd(c: Channels, crowd: int, values: Floats, along: Parameters, out: Floats) -> None:
    """Add to slopes by stated numbers, from those by what `set_crowd` sets."""
    v, w = c.first_voice[crowd], c.first_voice[crowd + 1]
    voice, apart, share = c.voice[v:w], c.voice_apart[v:w], c.voice_share[v:w]
    own = c.own[c.first_own[crowd] : c.first_own[crowd + 1]]
    surprise = c.surprise[c.first_surprise[crowd] : c.first_surprise[crowd + 1]]
    weight = weights(values, voice, apart, share) * c.voice_sign[v:w]
    factors, by_said = np.ones((len(c.item_form), 2)), np.zeros((len(own), 2))
    set_crowd(c, crowd, values, factors)
    for i in range(c.first_spoken[crowd], c.first_spoken[crowd + 1]):
        item, mark = c.spoken[i], c.spoken_mark[i]
        for x in range(2):
            by_said[mark, x] += along.factors[item, x] * factors[item, x] * c.spoken_share[i]
    by_weight = pull_said(weight, own, surprise, by_said) * c.voice_sign[v:w]
    pull_weights(values, voice, apart, share, by_weight, out)


@bare
def _pull_cell(c: Channels, cell: int, values: Floats, along: float, out: Floats) -> None:
    """Add to slopes by stated numbers, from that by what `cell_chance` gives."""
    value, p = c.cell_value[cell], cell_chance(c, cell, values)
    if c.cell_form[cell] == STATED:
        out[value] += along
    elif c.cell_form[cell] == SHARE:
        total = 0.0
        for i in range(c.first_part[cell], c.first_part[cell + 1]):
            total += values[c.part[i]]
        if total > 0.0:
            out[value] += along / total
            for i in range(c.first_part[cell], c.first_part[cell + 1]):
                out[c.part[i]] -= along * p / total
    else:
        steep = along * p * (1.0 - p)
        out[value] += steep / (values[value] * (1.0 - values[value]))
        for i in range(c.first_part[cell], c.first_part[cell + 1]):
            out[c.part[i]] += steep / values[c.part[i]]


@entry
def pull_parameters(c: Channels, values: Floats, along: Parameters) -> Floats:
    """Return slopes by stated numbers, shape (value,), from those by the engine's parameters."""
    out = np.zeros(len(values))
    for v in range(len(values)):
        for i in range(c.first_use[v], c.first_use[v + 1]):
            field, at, steep = c.use_field[i], c.use_at[i], c.use_times[i]
            if c.use_over[i] > 0.0:
                steep = -c.use_over[i] / values[v] ** 2
            if field == BASE_RATE:
                out[v] += steep * along.base_rate[at]
            elif field == OFF_RATE:
                out[v] += steep * along.off_rate[at]
            elif field == INITIAL:
                out[v] += steep * along.initial[at]
            else:
                out[v] += steep * along.effect[at]
    first = len(along.initial) - len(c.cell_form)
    for cell in range(len(c.cell_form)):
        _pull_cell(c, cell, values, along.initial[first + cell], out)
    said = along.factors
    if (c.item_form == OPENS).any():
        said = _pull_opened(c, values, along)
    shared = np.zeros(len(c.item_form), dtype=np.bool_)
    for i in range(len(c.member)):
        shared[c.member[i]] = True
    for item in range(len(c.item_form)):
        if not shared[item] and c.item_form[item] not in (OPENS, FORECAST):
            _pull_factors(c, item, values, said, out)
    for statement in range(len(c.origin_hit)):
        _pull_statement(c, statement, values, said, out)
    for crowd in range(len(c.first_own) - 1):
        _pull_crowd(c, crowd, values, along, out)
    return out
