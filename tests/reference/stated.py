"""The map from standard normals to what every item says, in plain NumPy: the specification.

Slow, obvious, and stated once: `forecast.engine._channels` is held to it, and readers start here.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import expit, gammaln, logit

from forecast.engine._channels import (
    COUNT,
    FORECAST,
    LEAST_LOG_CHANCE,
    OPENS,
    REPORT,
    SETTLED,
    SILENCE,
    Channels,
    parameters_at,
    values_at,
)
from forecast.engine._problem import Floats, Parameters
from forecast.model._factors import Factor
from forecast.model._lower import Lowered
from forecast.model._parameters import Against, ParameterTable, Pooled
from forecast.network import Event, Fixed
from tests.reference.parts import speed, times_of

type Values = Mapping[str, Floats]
"""Natural values by group, each (draw, label)."""


def stated_numbers(table: ParameterTable, z: Floats) -> dict[str, Floats]:
    """Natural values at standard normals, shape (draw, dimension)."""
    values: dict[str, Floats] = {}
    columns = {place: column for column, place in enumerate(table.free)}
    for group in table.groups:
        values[group.name] = out = np.empty((len(z), len(group.labels)))
        for i, prior in enumerate(group.priors):
            column = columns.get((group.name, i))
            if isinstance(prior, Fixed):
                out[:, i] = prior.value
            elif isinstance(prior, Pooled):
                own = 0.0 if column is None else prior.spread * z[:, column]
                out[:, i] = expit(logit(table.about(values, prior)) + own)
            elif isinstance(prior, Against):
                rate = prior.on.rate.from_z(z[:, column])
                out[:, i] = prior.on.strength(rate, table.about(values, prior))
            else:
                out[:, i] = prior.from_z(z[:, column])
    return values


def says_on(factor: Factor, values: Values) -> Floats:
    """P(says on | off) and P(says on | on) before copying, (draw, 2); counts: numbers expected."""
    hit = values[factor.hit[0]][:, factor.hit[1]]
    if factor.form == SILENCE:
        silent = np.exp(np.maximum(-hit * factor.number, LEAST_LOG_CHANCE))
        both = np.stack([np.ones(len(hit)), silent], axis=1)
        return both * hit[:, None] if factor.broken else both
    if factor.false_alarm is None:
        log_ratio = factor.number * hit if factor.form == FORECAST else np.log(hit)
        return np.stack([expit(-log_ratio), expit(log_ratio)], axis=1)
    both = np.stack([values[factor.false_alarm[0]][:, factor.false_alarm[1]], hit], axis=1)
    if factor.form not in (REPORT, OPENS):
        return both * factor.number
    return factor.credibility * both + (1 - factor.credibility) / 2


def item_chances(lowered: Lowered, values: Values) -> Floats:
    """P(item | off) and P(item | on), shape (draw, item, 2)."""
    factors = lowered.factors
    rows = [_one(factors, i, says_on(factor, values)) for i, factor in enumerate(factors)]
    draws = len(next(iter(values.values())))
    out = np.stack([np.zeros((draws, 2)), *rows], axis=1)[:, 1:]
    for told in lowered.hidden:
        names = (told.false_alarm, told.hit)
        on = np.stack([values[name][:, i] for name, i in names], axis=1)
        weights = np.stack([1 - on, on])  # (claim, draw, 2): P(c and the reports so far | x)
        before = weights.sum(axis=0)
        for i in told.members:
            said, claim = says_on(factors[i], values), factors[i].said
            own = said if claim else 1 - said
            passed = np.array([1.0 - claim, claim])[:, None, None]
            weights *= factors[i].check * own + (1 - factors[i].check) * passed
            total = weights.sum(axis=0)
            out[:, i] = np.divide(total, before, out=np.zeros_like(total), where=before > 0)
            before = total
    for i, factor in enumerate(factors):
        if factor.form == OPENS:  # with the next row: one chance within the days, one elsewhere
            out[:, i] = np.stack([np.ones(draws), out[:, i + 1, 0] / out[:, i + 1, 1]], axis=1)
    return out


def _one(factors: tuple[Factor, ...], i: int, own: Floats) -> Floats:
    factor = factors[i]
    if factor.form == COUNT:
        return own
    if factor.form == SETTLED:
        assert factor.share is not None
        mean = own @ np.array([1 - factor.share, factor.share])
        log_chance = factor.said * np.log(mean) - mean - gammaln(factor.said + 1)
        return np.stack([np.exp(np.maximum(log_chance, LEAST_LOG_CHANCE))] * 2, axis=1)
    said = own if factor.said else 1 - own
    claims = [factors[k].said for k in factor.repeats]
    claims += [0] * factor.settled[0] + [1] * factor.settled[1]
    copied = claims.count(factor.said) / len(claims) if claims else 0.0
    return factor.check * said + (1 - factor.check) * copied


def rates(lowered: Lowered, values: Values) -> Parameters:
    """The engine's parameters, item by item and event by event."""
    table, events = lowered.table, lowered.events
    draws = len(next(iter(values.values())))
    base, off, initial = (np.zeros((draws, len(events))) for _ in range(3))
    effect = np.ones((draws, lowered.size[1]))
    fields = {"base_rate": base, "off_rate": off, "initial_probability": initial}
    for name, field in fields.items():
        group = table.group(name)
        for i, label in enumerate(group.labels if group else ()):
            field[:, events.index(label)] = values[name][:, i]
    for event in lowered.network.events:
        for name, like in _alike(event):
            base[:, events.index(name)] = base[:, events.index(like)]
        if event.outcomes is not None:
            names = [f"{event.id}.{outcome}" for outcome in event.outcomes.names]
            labels = table.known_group("outcome_weight").labels
            weights = values["outcome_weight"][:, [labels.index(name) for name in names]]
            base[:, [events.index(name) for name in names]] = weights * speed(
                lowered.network, event
            )
    for stage in lowered.stages:
        delay = values["delay"][:, table.known_group("delay").labels.index(stage.link)]
        base[:, events.index(stage.event)] = stage.stages / delay
    for column, link in enumerate(lowered.links):
        for name in ("extra_rate", "hazard_ratio", "odds_ratio"):
            group = table.group(name)
            if link is not None and group is not None and link.id in group.labels:
                effect[:, column] = values[name][:, group.labels.index(link.id)]
    ratios = table.group("regime_ratio")
    for i, label in enumerate(ratios.labels if ratios else ()):
        hidden = next(pace.event for pace in lowered.regimes if pace.item.id == label)
        links = lowered.structure.link_parent == events.index(hidden)
        effect[:, links] = values["regime_ratio"][:, [i]]
    return Parameters(base, off, initial, effect, item_chances(lowered, values))


def _alike(event: Event) -> Iterator[tuple[str, str]]:
    """Of what happens again, or is confirmed again: what has the rate of what."""
    again = event.id if event.rate_after is None else f"{event.id}.2"
    for k in range(2, times_of(event) + 1):
        yield f"{event.id}.{k}", again
        if event.lag is not None:
            yield f"{event.id}.{k}.confirmed", f"{event.id}.confirmed"


def compiled(c: Channels, z: Floats, events: int, links: int) -> tuple[Floats, Parameters]:
    """What compiled code makes of standard normals, shape (dimension,): values and parameters."""
    values = values_at(c, z)
    return values, parameters_at(c, values, events, links)
