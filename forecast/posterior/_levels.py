"""Levels of a forecast: what it would be on part of the record, or as of an earlier time.

Draws of the prior and of the posterior are taken together, each weighed for each part by the
balance heuristic [1]_: with L the likelihood of a part and L₁ that of the whole record, of
evidence Z, a draw's weight is L / ((1 − a) + a L₁ / Z), a being the share that the posterior has.
Parts near nothing lean on the prior's draws and parts near the whole on the posterior's, and as all
use the same ones their differences are less noisy than they are.

References
----------
.. [1] Veach & Guibas (1995). Optimally combining sampling techniques for Monte Carlo rendering.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp

from forecast.engine._importance import Prior, importance_sample, pareto_smooth
from forecast.engine._problem import Parameters
from forecast.engine._relevance import Target
from forecast.errors import QueryError
from forecast.estimate._cost import filter_seconds
from forecast.gate import khat_limit
from forecast.model._lower import Lowered
from forecast.model._parameters import Group
from forecast.posterior._draws import Draws
from forecast.posterior._exact import STEP, Case, Point, case_of, plan_sweep
from forecast.posterior._given import beyond
from forecast.posterior._parts import Part, part_of, sees, soft_places
from forecast.seeds import child_seed
from forecast.time import DAYS_PER_YEAR

type Floats = NDArray[np.float64]


LEAST = 1e-12
"""Probabilities are kept this far from 0 and 1, so that all log-odds are finite and add up."""
CELLS, FEWEST, MOST = 2**19, 128, 512
"""States times draws of either kind, and how few and how many draws at any rate."""
AFFORDABLE = 15.0
"""Estimated seconds of one core that the exact filter may take to explain one forecast: beyond that
a pass with particles tells of all events in the time."""
ROUNDS = 50
LONG_STEP = 14 / DAYS_PER_YEAR
"""Of the filter: the error of two-week steps is far below that of so few draws; but a silence of a
quick source acts like a high rate, and takes the steps of forecasts."""


class BeyondError(QueryError):
    """The exact filter cannot answer: paths may."""


@dataclass(frozen=True)
class Level:
    """A forecast on part of the record.

    Parameters
    ----------
    log_odds
        Of the forecast.
    influence
        What each draw adds to the error of the log-odds, shape (draw,).
    khat
        Pareto k of the weights.
    refitted
        Whether it has draws of its own, since the shared ones would not do.
    log_evidence
        The log of how probable the part of the record is under the network.
    mass
        What each draw adds to the error of that, shape (draw,).
    """

    log_odds: float
    influence: Floats
    khat: float = np.nan
    refitted: bool = False
    log_evidence: float = np.nan
    mass: Floats = field(default_factory=lambda: np.zeros(0))
    effective: float = np.nan  # draws that the weights leave

    @property
    def probability(self) -> float:
        """The forecast."""
        return float(expit(self.log_odds))


@dataclass(frozen=True)
class Mixture:
    """Draws of the prior and of the posterior together.

    Parameters
    ----------
    values
        Natural values by group, shape (draw, label).
    theta
        The same as engine parameters.
    log_density
        Of the mixture relative to the prior, at each draw, shape (draw,).
    """

    values: dict[str, Floats]
    theta: Parameters
    log_density: Floats

    def level(self, log_likelihood: Floats, chance: Floats) -> Level:
        """Return the forecast on a part of the record.

        Parameters
        ----------
        log_likelihood
            Of the part, shape (draw,).
        chance
            Of what is asked, given the draw and the part, shape (draw,).
        """
        log_weights = log_likelihood - self.log_density
        possible = np.isfinite(log_weights)
        weights = np.where(possible, np.exp(log_weights - log_weights[possible].max()), 0.0)
        weights /= weights.sum()
        flat = np.ptp(log_weights[possible]) < LEAST
        khat = -np.inf if flat else pareto_smooth(np.maximum(log_weights, -700))[1]
        evidence = float(logsumexp(log_weights) - np.log(len(log_weights)))
        return _level(weights, np.where(possible, chance, 0.0), khat, evidence)


@dataclass(frozen=True)
class Explainer:
    """One forecast, ready to be asked for on any part of the record.

    Parameters
    ----------
    draws
        The posterior.
    event, time
        What is asked.
    mixture
        Draws for all parts.
    """

    draws: Draws
    event: int
    time: float
    mixture: Mixture

    def told(self, some: Lowered) -> Level:
        """Return the forecast by what a part of the record says, as of when it is."""
        values = {
            group.name: self.mixture.values[group.name][:, _places(group, self.draws.lowered)]
            for group in some.table.groups
        }
        part = Part(case_of(some), np.arange(len(some.record.item_event)))
        return self._level(part, repeated(some.theta(values), self.mixture.log_density), some)

    def without(self, ids: Collection[str]) -> Level:
        """Return the forecast with some items struck out."""
        lowered = self.draws.lowered
        left = {item.id for item in lowered.evidence} - set(ids)
        places = soft_places(lowered)
        struck = {row for i in ids for row in places.get(i, ())}
        theta = self.mixture.theta
        if struck & set().union(*lowered.tied):
            factors = lowered.without_rows(struck).theta(self.mixture.values).factors
            theta = theta._replace(factors=factors)
        return self._level(part_of(lowered, left, lowered.now), theta, lowered)

    def _level(self, part: Part, theta: Parameters, lowered: Lowered) -> Level:
        found = evaluate(part.case, part.theta(theta), self.event, self.time)
        level, number = self.mixture.level(*found), len(theta.base_rate)
        if level.khat > khat_limit(number):
            return refitted(lowered, self.draws.seed, part, self.event, self.time, number)
        return level

    def one_by_one(self) -> dict[str, Level]:
        """Return the forecast without each of the items for which one smoothing serves all.

        With x the state that an item speaks of and f(x) its chance, the evidence without it is
        E[1 / f(x)] times as likely, and what is asked is weighed by 1 / f(x) likewise.
        """
        lowered, theta = self.draws.lowered, self.mixture.theta
        record = lowered.record
        names = self._simple()
        targets = [
            Target(float(record.item_time[i]), (int(record.item_event[i]),)) for i in names.values()
        ]
        whole = part_of(lowered, [item.id for item in lowered.evidence], lowered.now)
        point = Point(self.event, self.time, on=True)
        asked = [*targets, Target(self.time, (self.event,))]
        step = step_of(whole.case)
        sweep = plan_sweep(whole.case, [point], asked, np.array([self.time]), every=True, step=step)
        plain, held = sweep.read(theta, [False]), sweep.read(theta)
        chance = np.where(np.isfinite(held.log_likelihood), plain.chance(self.event, self.time), 0)
        found = {}
        for name, i in names.items():
            event, time = int(record.item_event[i]), float(record.item_time[i])
            odds = 1 / theta.factors[:, i]  # (draw, state)
            all_of = _mean_of(odds, plain.chance(event, time))
            some_of = np.where(chance > 0, _mean_of(odds, held.chance(event, time)), 0.0)
            log_likelihood = plain.log_likelihood + np.log(all_of)
            level = self.mixture.level(log_likelihood, chance * some_of / all_of)
            if level.khat <= khat_limit(len(chance)):
                found[name] = level
        return found

    def _simple(self) -> dict[str, int]:
        """Return the places of items of a moment whose chances are their own and never zero."""
        lowered, theta = self.draws.lowered, self.mixture.theta
        shared = set().union(*lowered.tied)
        return {
            name: rows[0]
            for name, rows in soft_places(lowered).items()
            if len(rows) == 1
            and not lowered.record.watched[rows[0]]
            and rows[0] not in shared
            and not sees(lowered.evidence.item(name))
            and (theta.factors[:, rows[0]] > 0).all()
        }


def explainer(draws: Draws, event: int, by: datetime) -> Explainer:
    """Return an explainer of one forecast.

    Raises
    ------
    BeyondError
        If the exact filter cannot take the evidence and the event, or not in some seconds.
    QueryError
        If the event is settled.
    """
    lowered, time = draws.lowered, draws.calendar.years(by)
    everything = [item.id for item in lowered.evidence]
    parts = [part_of(lowered, ids, lowered.now).case for ids in (everything, [])]
    sweeps = [
        plan_sweep(case, [], [Target(time, (event,))], np.array([time]), every=True)
        for case in parts
    ]
    bits, name = max(sweep.bits for sweep in sweeps), lowered.events[event]
    if (event, time) in sweeps[0].known:
        raise nothing_left(name)
    if reason := beyond(draws, bits):
        msg = f"what moved '{name}' is beyond the exact filter: {reason}"
        raise BeyondError(msg)
    number = max(FEWEST, min(MOST, CELLS >> bits))
    seconds = 2 * len(everything) * filter_seconds(lowered, sweeps[0].plans, 2 * number)
    if seconds > AFFORDABLE:
        msg = f"what moved '{name}' would take the exact filter some {seconds:.0f} s of one core"
        raise BeyondError(msg)
    return Explainer(draws, event, time, mixture(draws, number, parts[0]))


def _places(group: Group, lowered: Lowered) -> list[int]:
    """Return where the numbers of a group of part of a record are among those of the whole."""
    labels = lowered.table.known_group(group.name).labels
    return [labels.index(label) for label in group.labels]


def repeated(theta: Parameters, like: Floats) -> Parameters:
    """Return parameters that have a draw dimension, where no number is uncertain too."""
    if len(theta.base_rate) == len(like):
        return theta
    return Parameters(*(np.repeat(part, len(like), axis=0) for part in theta))


def nothing_left(name: str) -> QueryError:
    """Return the error about an event that is settled."""
    return QueryError(
        f"'{name}' is settled by then: nothing is left to explain. Ask for an event that is "
        "still open, or ask a posterior as of an earlier date"
    )


def mixture(draws: Draws, number: int, whole: Case) -> Mixture:
    """Return so many draws of the prior and as many of the posterior."""
    lowered = draws.lowered
    seed = child_seed(draws.seed, "levels")
    dimensions = lowered.table.dimensions
    z = Prior().draw(number, dimensions, seed) if dimensions else np.zeros((number, 0))
    before, rows = lowered.table.from_z(z), draws.some(number)
    values = {name: np.concatenate([before[name], draws.natural[name][rows]]) for name in before}
    theta = lowered.theta(values)
    if not values:
        theta = Parameters(*(np.repeat(part, number + len(rows), axis=0) for part in theta))
    sweep = plan_sweep(whole, [], [], np.array([whole.now]), every=True, step=step_of(whole))
    log_likelihood = sweep.log_likelihood(theta)
    share = np.array([1 - len(rows) / len(log_likelihood), len(rows) / len(log_likelihood)])
    log_evidence = float(logsumexp(log_likelihood) - np.log(len(log_likelihood)))
    for _ in range(ROUNDS):
        log_density = _density(log_likelihood, log_evidence, share)
        again = float(logsumexp(log_likelihood - log_density) - np.log(len(log_likelihood)))
        moved, log_evidence = abs(again - log_evidence), again
        if moved < LEAST:
            break
    return Mixture(values, theta, _density(log_likelihood, log_evidence, share))


def bounded_logit(p: float) -> float:
    """Return log-odds, finite for 0 and 1 too."""
    return float(logit(min(max(p, LEAST), 1 - LEAST)))


def _level(weights: Floats, chance: Floats, khat: float, log_evidence: float) -> Level:
    chance = np.clip(chance, 0.0, 1.0)
    p = float(weights @ chance)
    slope = max(p * (1 - p), LEAST)
    influence, mass = weights * (chance - p) / slope, weights - 1 / len(weights)
    effective = float(1 / (weights**2).sum())
    return Level(
        bounded_logit(p),
        influence,
        khat,
        log_evidence=log_evidence,
        mass=mass,
        effective=effective,
    )


def refitted(  # noqa: PLR0917
    lowered: Lowered, seed: int, part: Part, event: int, time: float, number: int
) -> Level:
    """Return the forecast on a part of the record by importance sampling of its own."""

    def theta(z: Floats) -> Parameters:
        return part.theta(lowered.theta(lowered.table.from_z(z)))

    found = importance_sample(
        lambda z: evaluate(part.case, theta(z), event, time)[0],
        lowered.table.dimensions,
        draws=number,
        seed=child_seed(seed, "refit"),
    )
    chance = evaluate(part.case, theta(found.z), event, time)[1]
    level = _level(found.weights, chance, found.khat, found.log_evidence)
    return replace(level, refitted=True)


def difference(level: Level, before: Level) -> tuple[float, float]:
    """Return by how much the log-odds moved, and its Monte Carlo error."""
    if level.refitted or before.refitted:
        both = (level.influence**2).sum() + (before.influence**2).sum()
    else:
        both = ((level.influence - before.influence) ** 2).sum()
    error = float(np.sqrt(both))
    return level.log_odds - before.log_odds, error


def step_of(case: Case) -> float:
    """Return how long the filter's steps may be on a record."""
    return STEP if case.record.watched.any() else LONG_STEP


def evaluate(case: Case, theta: Parameters, event: int, time: float) -> tuple[Floats, Floats]:
    """Return the log likelihood of a record, and the chance of an event at a time, draw by draw."""
    asked = [Target(time, (event,))]
    sweep = plan_sweep(case, [], asked, np.array([time]), every=True, step=step_of(case))
    reading = sweep.read(theta)
    return reading.log_likelihood, reading.chance(event, time)


def _density(log_likelihood: Floats, log_evidence: float, share: Floats) -> Floats:
    posterior = np.log(share[1]) + log_likelihood - log_evidence
    return np.asarray(np.logaddexp(np.log(share[0]), posterior))


def _mean_of(values: Floats, chance_on: Floats) -> Floats:
    return np.asarray(values[:, 0] * (1 - chance_on) + values[:, 1] * chance_on)
