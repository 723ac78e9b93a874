"""Levels of a forecast: what it would be on part of the record, by draws that serve all parts.

Draws of the prior and of the posterior are taken together, each weighed for each part by the
balance heuristic [1]_: with L the likelihood of a part and L₁ that of the whole record, of
evidence Z, a draw's weight is L / ((1 − a) + a L₁ / Z), a being the share that the posterior has.
Parts near nothing lean on the prior's draws and parts near the whole on the posterior's, and as all
use the same ones their differences are less noisy than they are.

References
----------
.. [1] Veach & Guibas (1995). Optimally combining sampling techniques for Monte Carlo rendering.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp

from forecast.engine.problem import Parameters
from forecast.engine.relevance import Target
from forecast.estimate.importance import importance_sample
from forecast.estimate.proposal import Prior
from forecast.estimate.psis import pareto_smooth
from forecast.posterior.draws import Draws
from forecast.posterior.exact import Case, plan_sweep
from forecast.posterior.partial import Part
from forecast.seeds import child_seed
from forecast.time import DAYS_PER_YEAR

__all__ = [
    "Level",
    "Mixture",
    "bounded_logit",
    "difference",
    "evaluate",
    "mixture",
    "refitted",
    "step_of",
]

type Floats = NDArray[np.float64]

LEAST = 1e-12
"""Probabilities are kept this far from 0 and 1, so that all log-odds are finite and add up."""
ROUNDS = 50
STEP, FINE_STEP = 14 / DAYS_PER_YEAR, 7 / DAYS_PER_YEAR
"""Of the filter: the error of two-week steps is far below that of so few draws; but a silence of a
quick source acts like a high rate, and takes the steps of forecasts."""


def bounded_logit(p: float) -> float:
    """Return log-odds, finite for 0 and 1 too."""
    return float(logit(min(max(p, LEAST), 1 - LEAST)))


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
    """

    log_odds: float
    influence: Floats
    khat: float
    refitted: bool = False

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
        return _level(weights, np.where(possible, chance, 0.0), khat)


def _level(weights: Floats, chance: Floats, khat: float) -> Level:
    chance = np.clip(chance, 0.0, 1.0)
    p = float(weights @ chance)
    slope = max(p * (1 - p), LEAST)
    return Level(bounded_logit(p), weights * (chance - p) / slope, khat)


def refitted(draws: Draws, part: Part, event: int, time: float, number: int) -> Level:
    """Return the forecast on a part of the record by importance sampling of its own.

    Parameters
    ----------
    draws
        Of the posterior.
    part
        The part.
    event, time
        What is asked.
    number
        How many draws, a power of two.
    """
    lowered = draws.lowered

    def theta(z: Floats) -> Parameters:
        return part.theta(lowered.theta(lowered.table.from_z(z)))

    found = importance_sample(
        lambda z: evaluate(part.case, theta(z), event, time)[0],
        lowered.table.dimensions,
        draws=number,
        seed=child_seed(draws.seed, "refit"),
    )
    chance = evaluate(part.case, theta(found.z), event, time)[1]
    return replace(_level(found.weights, chance, found.khat), refitted=True)


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
    return FINE_STEP if case.record.watched.any() else STEP


def evaluate(case: Case, theta: Parameters, event: int, time: float) -> tuple[Floats, Floats]:
    """Return the log likelihood of a record, and the chance of an event at a time, draw by draw."""
    asked = [Target(time, (event,))]
    sweep = plan_sweep(case, [], asked, np.array([time]), every=True, step=step_of(case))
    reading = sweep.read(theta)
    return reading.log_likelihood, reading.chance(event, time)


def mixture(draws: Draws, number: int, whole: Case) -> Mixture:
    """Return so many draws of the prior and as many of the posterior.

    Parameters
    ----------
    draws
        Of the posterior.
    number
        A power of two.
    whole
        The whole record.
    """
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


def _density(log_likelihood: Floats, log_evidence: float, share: Floats) -> Floats:
    posterior = np.log(share[1]) + log_likelihood - log_evidence
    return np.asarray(np.logaddexp(np.log(share[0]), posterior))
