r"""The Bayesian pool: a posterior of forecasters' weights and shifts, and of extremising.

With :math:`l_{jq}` the log-odds that forecaster j gives question q, and :math:`n_q` forecasters,

.. math:: \operatorname{logit} P(y_q = 1) = \alpha + g_{c(q)} + k(n_q) \,
          \tfrac{1}{n_q} \sum_j \left[ (1 + u_j - \delta s_j) \, l_{jq} + v_j \right],
          \qquad k(n) = k_1 \frac{n (1 + r)}{1 + r n} .

- :math:`k(n)` extremises: :math:`k_1` for one forecaster, up to :math:`k_1 (1 + r) / r` for very
  many. It follows if forecasters' errors have a shared and a private part in the ratio r: the more
  is shared, the less is gained by asking more of them.
- :math:`1 + u_j` is a forecaster's weight and :math:`v_j` the shift that calibrates them, both
  partially pooled: :math:`u_j \sim N(0, \omega^2)`, :math:`v_j \sim N(0, \gamma^2)`.
- :math:`s_j` is how far a forecaster strays from the median of all, standardised; it needs no
  outcomes, and :math:`\delta` is its cost. :math:`\alpha` is the shift of the whole crowd, and
  :math:`g_c` is common to linked questions.

Given :math:`k_1, r, \omega, \gamma` and the spread of g, log-odds are Gaussian and are integrated
by Laplace's approximation [1]_. Those five are integrated by importance sampling: Sobol points of
their prior, then of a normal fitted to these, weighted as one mixture. The priors, below, were set
before the benchmark was run.

References
----------
.. [1] Rasmussen, C. E. & Williams, C. K. I. (2006). Gaussian Processes for Machine Learning. MIT
   Press. Algorithms 3.1 and 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit, logsumexp, ndtri
from scipy.stats import multivariate_normal, qmc

from forecast.crowd._pools import log_odds
from forecast.crowd._table import Crowd
from forecast.scoring._inputs import Floats

MOST_STEPS = 60
CLOSE = 1e-8
SHORTEST = 1e-4


class Mode(NamedTuple):
    """The mode of the latent log-odds, and what predictions need from it.

    Parameters
    ----------
    offset
        The mode less the prior mean, shape (question,).
    slope
        The slope of the log likelihood there, y - p, shape (question,).
    root
        The square root of its curvature, p (1 - p), shape (question,).
    factor
        The lower Cholesky factor of 1 + root K root.
    log_evidence
        The log of the marginal likelihood.
    """

    offset: Floats
    slope: Floats
    root: Floats
    factor: Floats
    log_evidence: float


def find_mode(covariance: Floats, mean: Floats, y: Floats, start: Floats | None = None) -> Mode:
    """Return the mode of log-odds ~ N(mean, covariance) given outcomes, by Newton's method.

    Parameters
    ----------
    covariance, mean
        Prior of the log-odds, shapes (question, question) and (question,).
    y
        Outcomes, shape (question,).
    start
        Dual coordinates to start from, as `Mode.slope` of a similar problem.
    """
    sign = 2 * y - 1

    def height(offset: Floats, dual: Floats) -> float:
        return float(-0.5 * dual @ offset - np.logaddexp(0, -sign * (offset + mean)).sum())

    dual = np.zeros_like(y) if start is None else start
    offset = covariance @ dual
    reached = height(offset, dual)
    for _ in range(MOST_STEPS):
        slope, root, factor = _curvature(covariance, mean + offset, y)
        target = root**2 * offset + slope
        newton = target - root * cho_solve((factor, True), root * (covariance @ target))
        step, move = 1.0, newton - dual
        while True:
            tried = dual + step * move
            at = covariance @ tried
            found = height(at, tried)
            if found >= reached - CLOSE or step < SHORTEST:
                break
            step /= 2
        dual, offset, gained, reached = tried, at, found - reached, found
        if abs(gained) < CLOSE:
            break
    slope, root, factor = _curvature(covariance, mean + offset, y)
    evidence = reached - float(np.log(np.diag(factor)).sum())
    return Mode(offset, slope, root, factor, evidence)


def predict(mode: Mode, cross: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Return mean (less its prior mean) and variance of log-odds of other questions.

    Parameters
    ----------
    mode
        From `find_mode`.
    cross
        Prior covariance of theirs with those of the mode, shape (other, question).
    own
        Their prior variances, shape (other,).
    """
    spread = solve_triangular(mode.factor, mode.root[:, None] * cross.T, lower=True)
    return cross @ mode.slope, np.maximum(own - (spread**2).sum(axis=0), 0.0)


def _curvature(covariance: Floats, at: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    chance = expit(at)
    root = np.sqrt(chance * (1 - chance))
    matrix = root[:, None] * covariance * root
    matrix[np.diag_indices_from(matrix)] += 1
    return y - chance, root, cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)


class Hyperprior(NamedTuple):
    """A log-normal prior by its median and the standard deviation of its logarithm."""

    median: float
    spread: float


HYPERPRIORS = {
    "single": Hyperprior(0.9, 0.3),  # k_1: one forecaster alone is a little too bold
    "shared": Hyperprior(1.0, 1.0),  # r: with 1, very many extremise by 2 k_1
    "weight_spread": Hyperprior(0.3, 0.7),  # omega
    "shift_spread": Hyperprior(0.3, 0.7),  # gamma, in log-odds
    "link_spread": Hyperprior(0.5, 0.7),  # of g, in log-odds
}
CROWD_SHIFT = 0.5  # standard deviation of alpha, in log-odds
STRAY_COST = 0.3  # standard deviation of delta
FEW = 3.0  # straying counts as if a forecaster had answered this many more like the others

FIRST, SECOND = 64, 128
LEAST_EFFECTIVE = 16.0
WIDER = 1.5
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(25)


@dataclass(frozen=True)
class BayesianPool:
    """Pooled probabilities, and draws of what is uncertain.

    Parameters
    ----------
    probability
        The pooled probability, shape (question,).
    weights
        Of the hyperparameters' draws, summing to 1, shape (draw,).
    hyper
        The hyperparameters by name, each of shape (draw,).
    factor
        k(n) of each question, shape (draw, question).
    centre, spread
        Mean and standard deviation of log-odds given each draw, shape (draw, question).
    forecaster_weight, forecaster_shift
        BayesianPool means, shape (forecaster,).
    """

    probability: Floats
    weights: Floats
    hyper: dict[str, Floats]
    factor: Floats
    centre: Floats
    spread: Floats
    forecaster_weight: Floats
    forecaster_shift: Floats

    @property
    def effective_draws(self) -> float:
        """The effective number of draws of the hyperparameters."""
        return float(1 / (self.weights**2).sum())


class _Problem(NamedTuple):
    """What does not depend on the hyperparameters."""

    mean: Floats  # (question,): mean log-odds
    answers: Floats  # (question,): forecasters
    share: Floats  # (forecaster, question): log-odds over the count
    one: Floats  # (forecaster, question): 1 over the count
    stray: Floats  # (forecaster,): s
    lean: Floats  # (question,): minus the mean of s times log-odds
    by_weight: Floats  # (question, question): covariance of the terms in u
    by_shift: Floats  # (question, question): of the terms in v
    linked: Floats  # (question, question): 1 within a cluster


class _Found(NamedTuple):
    log_evidence: float
    dual: Floats
    factor: Floats
    centre: Floats
    variance: Floats
    weight: Floats
    shift: Floats


def fit(crowd: Crowd, seed: int) -> BayesianPool:
    """Return the posterior, learned from the resolved questions, for every question."""
    problem = _problem(crowd)
    start = _given(problem, crowd, np.zeros(len(HYPERPRIORS)), None).dual
    z, found, weights = _integrated(lambda at: _given(problem, crowd, at, start), seed)
    centre = np.array([one.centre for one in found])  # (draw, question)
    spread = np.sqrt([one.variance for one in found])
    chances = expit(centre[..., None] + spread[..., None] * NODES) @ NODE_WEIGHTS
    return BayesianPool(
        probability=weights @ chances / NODE_WEIGHTS.sum(),
        weights=weights,
        hyper={name: _natural(name, z[:, i]) for i, name in enumerate(HYPERPRIORS)},
        factor=np.array([one.factor for one in found]),
        centre=centre,
        spread=spread,
        forecaster_weight=1 + weights @ np.array([one.weight for one in found]),
        forecaster_shift=weights @ np.array([one.shift for one in found]),
    )


def _integrated(
    given: Callable[[Floats], "_Found"], seed: int
) -> tuple[Floats, list["_Found"], Floats]:
    """Return points of the hyperparameters, the result at each, and their weights."""
    size = len(HYPERPRIORS)
    first, second = (
        ndtri(qmc.Sobol(size, rng=np.random.default_rng([seed, part])).random(count))
        for part, count in enumerate((FIRST, SECOND))
    )
    found = [given(z) for z in first]
    centre, covariance = _fitted(first, np.array([one.log_evidence for one in found]))
    second = centre + second @ np.linalg.cholesky(covariance).T
    found += [given(z) for z in second]
    z = np.concatenate([first, second])  # (draw, hyperparameter)
    prior = multivariate_normal(np.zeros(size)).logpdf(z)
    proposal = multivariate_normal(centre, covariance).logpdf(z)
    mixture = logsumexp(
        [prior + np.log(FIRST / len(z)), proposal + np.log(SECOND / len(z))], axis=0
    )
    log_weight = np.array([one.log_evidence for one in found]) + prior - mixture
    return z, found, np.exp(log_weight - logsumexp(log_weight))


def _problem(crowd: Crowd) -> _Problem:
    given = ~np.isnan(crowd.p)
    odds = np.where(given, log_odds(crowd.p), 0.0)  # (forecaster, question)
    count = given.sum(axis=0).astype(np.float64)
    stray = _straying(np.where(given, odds, np.nan))
    share, one = odds / count, given / count
    return _Problem(
        mean=share.sum(axis=0),
        answers=count,
        share=share,
        one=one,
        stray=stray,
        lean=-stray @ share,
        by_weight=share.T @ share,
        by_shift=one.T @ one,
        linked=_linked(crowd),
    )


def _linked(crowd: Crowd) -> Floats:
    """Return which questions are linked; all zero if none are."""
    same = np.equal.outer(crowd.cluster, crowd.cluster)
    if np.unique(crowd.cluster).size == crowd.cluster.size:
        return np.zeros(same.shape)
    return np.asarray(same, dtype=np.float64)


def _straying(odds: Floats) -> Floats:
    """Return how far each forecaster strays from the median, standardised; (forecaster,)."""
    away = np.abs(odds - np.nanmedian(odds, axis=0))
    usual = float(np.nanmean(away))
    if not usual > 0:
        return np.zeros(len(odds))
    answers = (~np.isnan(odds)).sum(axis=1)
    ratio = (np.nansum(away, axis=1) / usual + FEW) / (answers + FEW)
    log_ratio = np.log(ratio)
    spread = float(log_ratio.std())
    if not spread > 0:
        return np.zeros(len(odds))
    return np.asarray((log_ratio - log_ratio.mean()) / spread)


def _natural(name: str, z: Floats) -> Floats:
    prior = HYPERPRIORS[name]
    return np.asarray(prior.median * np.exp(prior.spread * z))


def _given(problem: _Problem, crowd: Crowd, z: Floats, start: Floats | None) -> _Found:
    """Return everything given one value of the hyperparameters."""
    single, shared, weight, shift, link = (
        float(_natural(name, value)) for name, value in zip(HYPERPRIORS, z, strict=True)
    )
    factor = single * problem.answers * (1 + shared) / (1 + shared * problem.answers)
    inside = (
        weight**2 * problem.by_weight
        + shift**2 * problem.by_shift
        + STRAY_COST**2 * np.outer(problem.lean, problem.lean)
    )
    prior = CROWD_SHIFT**2 + link**2 * problem.linked + factor[:, None] * inside * factor
    mean = factor * problem.mean
    seen = crowd.resolved
    mode = find_mode(prior[np.ix_(seen, seen)], mean[seen], crowd.y[seen], start)
    moved, variance = predict(mode, prior[:, seen], np.diag(prior))
    pull = factor[seen] * mode.slope  # (resolved question,)
    cost = STRAY_COST**2 * (problem.lean[seen] @ pull)
    return _Found(
        log_evidence=mode.log_evidence,
        dual=mode.slope,
        factor=factor,
        centre=mean + moved,
        variance=variance,
        weight=weight**2 * (problem.share[:, seen] @ pull) - cost * problem.stray,
        shift=shift**2 * (problem.one[:, seen] @ pull),
    )


def _fitted(z: Floats, log_evidence: Floats) -> tuple[Floats, Floats]:
    """Return mean and covariance of weighted draws of the prior, tempered until enough count."""
    power = 1.0
    while True:
        log_weight = power * log_evidence
        weights = np.exp(log_weight - logsumexp(log_weight))
        if 1 / (weights**2).sum() >= LEAST_EFFECTIVE:
            break
        power *= 0.8
    centre = weights @ z
    around = z - centre
    return centre, WIDER * (around.T * weights) @ around + 0.05 * np.eye(z.shape[1])
