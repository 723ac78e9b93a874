"""The map from standard normals to what every item says, in plain NumPy: the specification.

Slow, obvious, and stated once: `forecast.engine._channels` is held to it, and readers start here.
"""

from collections.abc import Iterator, Mapping, Sequence

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
from forecast.engine._opinions import LEAST_MASS
from forecast.engine._problem import Floats, Parameters
from forecast.model._factors import Factor
from forecast.model._lower import Lowered
from forecast.model._opinions import Crowd, crowds_of, known_for_sure
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
    if factor.form == FORECAST:
        b = expit(factor.own)
        up, down = (expit(factor.own + sign * factor.number * hit) for sign in (1, -1))
        often = np.divide(b - down, up - down, out=np.full(len(hit), 0.5), where=up != down)
        return np.stack([often * (1 - up) / (1 - b), often * up / b], axis=1)
    if factor.false_alarm is None:
        return np.stack([1 / (1 + hit), hit / (1 + hit)], axis=1)
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
    for crowd in crowds_of(lowered.opinions, still_open(lowered)):
        for i, said in zip(
            [row for row, *_ in crowd.spoken], opined(crowd, factors, values), strict=True
        ):
            out[:, i] = said
    for i, factor in enumerate(factors):
        if factor.form == OPENS:  # with the next row: one chance within the days, one elsewhere
            out[:, i] = np.stack([np.ones(draws), out[:, i + 1, 0] / out[:, i + 1, 1]], axis=1)
    return out


def still_open(lowered: Lowered) -> dict[tuple[int, float], float]:
    """What the network itself says of what is not known for sure."""
    asked = {(one.event, time) for one in lowered.opinions for time in one.times}
    record = lowered.record
    unsure = [one for one in sorted(asked) if not known_for_sure(lowered.structure, record, *one)]
    return dict(zip(unsure, lowered.own.chances(unsure), strict=True))


def opined(crowd: Crowd, factors: Sequence[Factor], values: Values) -> list[Floats]:
    """What each opinion of a crowd says of its event at its deadline, (draw, 2)."""
    kappa = np.stack([values[name][:, i] for (name, i), *_ in crowd.voices], axis=1)
    apart = np.array([alone for _, alone, _ in crowd.voices])
    weight = kappa.copy()
    if not apart.all():
        shared = 1 - np.prod(1 - kappa[:, ~apart], axis=1)
        weight[:, ~apart] *= (shared / kappa[:, ~apart].sum(axis=1))[:, None]
    weight *= [share for *_, share in crowd.voices]
    sign = {voice: 1 if factors[row].said else -1 for row, voice, _ in crowd.spoken}
    weight *= [sign.get(voice, 1) for voice in range(len(crowd.voices))]
    p = expit(np.array(crowd.own) + weight @ np.array(crowd.surprise))  # (draw, deadline)
    p = np.maximum.accumulate(p, axis=1)
    ends = (np.zeros((len(p), 1)), np.ones((len(p), 1)))
    told = np.maximum(np.diff(p, axis=1, prepend=ends[0], append=ends[1]), LEAST_MASS)
    mass = np.maximum(np.diff(expit(crowd.own), prepend=0, append=1), LEAST_MASS)
    worth = told / mass
    found = []
    marks = [mark for *_, mark in crowd.spoken]
    for mark in marks:
        both = np.stack([np.ones(len(p)), worth[:, mark] / worth[:, mark + 1]], axis=1)
        if mark == len(crowd.own) - 1:
            both = worth[:, [mark + 1, mark]]
        found.append(both ** (1 / marks.count(mark)))
    return found


def _one(factors: tuple[Factor, ...], i: int, own: Floats) -> Floats:
    factor = factors[i]
    if factor.form == COUNT:
        return own
    if factor.form == SETTLED:
        assert factor.share is not None
        mean = own @ np.array([1 - factor.share, factor.share])
        log_chance = factor.said * np.log(mean) - mean - gammaln(factor.said + 1)
        return np.stack([np.exp(np.maximum(log_chance, LEAST_LOG_CHANCE))] * 2, axis=1)
    if factor.form == FORECAST:
        return np.ones_like(own)  # told together
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
