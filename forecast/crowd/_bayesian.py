r"""The Bayesian pool: a posterior of forecasters' weights and shifts, and of extremising.

With :math:`l_{jq}` the log-odds that forecaster j gives question q, and :math:`n_q` forecasters,

.. math:: \operatorname{logit} P(y_q = 1) = \alpha + g_{c(q)} + k(n_q) \,
          \sum_j a_{jq} \left[ (1 + u_j - \delta s_j) \, l_{jq} + v_j \right],
          \qquad k(n) = k_1 \frac{n (1 + r)}{1 + r n} .

- :math:`a_{jq}` is a forecast's share of the question's weights, :math:`1 / n_q` if all weigh
  alike, and otherwise :math:`n_q` is the effective number, :math:`1 / \sum_j a_{jq}^2`.

- :math:`k(n)` extremises: :math:`k_1` for one forecaster, up to :math:`k_1 (1 + r) / r` for very
  many. It follows if forecasters' errors have a shared and a private part in the ratio r: the more
  is shared, the less is gained by asking more of them.
- :math:`1 + u_j` is a forecaster's weight and :math:`v_j` the shift that calibrates them, both
  partially pooled: :math:`u_j \sim N(0, \omega^2)`, :math:`v_j \sim N(0, \gamma^2)`.
- :math:`s_j` is how far a forecaster strays from the median of all, standardised; it needs no
  outcomes, and :math:`\delta` is its cost. :math:`\alpha` is the shift of the whole crowd, and
  :math:`g_c` is common to linked questions.

Given :math:`k_1, r, \omega, \gamma` and the spread of g, all else is Gaussian and is integrated by
Laplace's approximation [1]_: over questions where these are few, else over forecasters. Those five
are integrated by importance sampling: Sobol points of their prior, then of a normal fitted to
these, weighted as one mixture. The priors, in `_problem`, were set before the benchmark was run.

Where questions tell when they resolved, the shift that was learned is held to what it did forward
in time, and multiplied by what is left of it (`_forward`).

References
----------
.. [1] Rasmussen, C. E. & Williams, C. K. I. (2006). Gaussian Processes for Machine Learning. MIT
   Press. Algorithms 3.1 and 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp, ndtri
from scipy.stats import multivariate_normal, qmc

from forecast.crowd._by_forecaster import MOST_CORE, ByForecaster
from forecast.crowd._by_question import ByQuestion
from forecast.crowd._forward import carried
from forecast.crowd._problem import (
    HYPERPRIORS,
    Found,
    Problem,
    Solver,
    hyper_of,
    natural,
    problem_of,
)
from forecast.crowd._table import Crowd
from forecast.scoring._inputs import Floats, Ints

FIRST, SECOND = 64, 128
FEW_QUESTIONS = 300
"""Where questions are many, the first look at the hyperparameters is at a sample of these."""
SEARCH = 64, 32
"""Points of each further look: for few forecasters, and for more than have a core of their own."""
LEAST_POWER = 0.5
"""However much the weights were tempered, the next proposal shrinks no further than to this."""
LEAST_EFFECTIVE = 16.0
WIDER = 1.5
COUNTS = 1e-6
"""Draws with less weight than this are left out: together they could not move a probability by more
than 0.0002."""
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(25)
MOST_BY_QUESTION = 600
"""With more resolved questions, the cube of their number costs more than what is exact is worth."""


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
        Posterior means, shape (forecaster,).
    carried
        The share of the learned shift that is applied, from 0 to 1: 1 unless judged in time.
    """

    probability: Floats
    weights: Floats
    hyper: dict[str, Floats]
    factor: Floats
    centre: Floats
    spread: Floats
    forecaster_weight: Floats
    forecaster_shift: Floats
    carried: float

    @property
    def effective_draws(self) -> float:
        """The effective number of draws of the hyperparameters."""
        return float(1 / (self.weights**2).sum())


def fit(crowd: Crowd, weight: Floats, seed: int) -> BayesianPool:
    """Return the posterior, learned from the resolved questions, for every question.

    Parameters
    ----------
    crowd
        What was said.
    weight
        How much each forecast counts, shape (forecaster, question).
    seed
        Of the quasi-random points.
    """
    problem = problem_of(crowd, weight)
    solver = solver_of(problem, problem.seen)
    start = solver.given(hyper_of(problem, np.zeros(len(HYPERPRIORS))), None, None).start

    def given(at: Floats) -> Found:
        return solver.given(hyper_of(problem, at), start, None)

    if problem.seen.size <= MOST_BY_QUESTION:
        z, weights, found = _integrated(given, seed)
    else:
        z, weights, found = _narrowed(given, problem, seed)
    counted = weights >= COUNTS
    z, weights = z[counted], weights[counted] / weights[counted].sum()
    share = carried(problem, weights @ z, crowd.resolved, solver_of)
    every = np.arange(problem.y.size)
    shape = (weights.size, every.size)
    factor, centre, variance = np.empty(shape), np.empty(shape), np.empty(shape)
    kept = [one for one, there in zip(found, counted, strict=True) if there]
    for row, (at, one) in enumerate(zip(z, kept, strict=True)):
        hyper = hyper_of(problem, at)
        predicted = solver.given(hyper, one.start, every).predicted
        assert predicted is not None  # noqa: S101  targets were given
        factor[row], variance[row] = hyper.factor, predicted.variance
        centre[row] = predicted.centre - (1 - share) * predicted.shift
    spread = np.sqrt(variance)
    return BayesianPool(
        probability=_chances(weights, centre, spread),
        weights=weights,
        hyper={name: natural(name, z[:, i]) for i, name in enumerate(HYPERPRIORS)},
        factor=factor,
        centre=centre,
        spread=spread,
        forecaster_weight=1 + weights @ np.array([one.effects.weight for one in kept]),
        forecaster_shift=weights @ np.array([one.effects.shift for one in kept]),
        carried=share,
    )


def solver_of(problem: Problem, seen: Ints) -> Solver:
    """Return the cheaper way: by question where these are few, else by forecaster."""
    if seen.size <= min(2 * len(problem.one), MOST_BY_QUESTION):
        return ByQuestion(problem, seen)
    return ByForecaster(problem, seen)


def _chances(weights: Floats, centre: Floats, spread: Floats) -> Floats:
    """Return the mean of the logistic of normals over draws, (question,)."""
    total = np.zeros(centre.shape[1])
    for weight, mean, deviation in zip(weights, centre, spread, strict=True):
        total += weight * (expit(mean[:, None] + deviation[:, None] * NODES) @ NODE_WEIGHTS)
    return np.asarray(total / NODE_WEIGHTS.sum())


def _integrated(given: Callable[[Floats], Found], seed: int) -> tuple[Floats, Floats, list[Found]]:
    """Return points of the hyperparameters, their weights, and the result at each."""
    size = len(HYPERPRIORS)
    first, second = (
        ndtri(qmc.Sobol(size, rng=np.random.default_rng([seed, part])).random(count))
        for part, count in enumerate((FIRST, SECOND))
    )
    found = [given(z) for z in first]
    centre, covariance, _ = _fitted(first, np.array([one.log_evidence for one in found]))
    second = centre + second @ np.linalg.cholesky(covariance).T
    found += [given(z) for z in second]
    z = np.concatenate([first, second])  # (draw, hyperparameter)
    prior = multivariate_normal(np.zeros(size)).logpdf(z)
    proposal = multivariate_normal(centre, covariance).logpdf(z)
    mixture = logsumexp(
        [prior + np.log(FIRST / len(z)), proposal + np.log(SECOND / len(z))], axis=0
    )
    log_weight = np.array([one.log_evidence for one in found]) + prior - mixture
    return z, np.exp(log_weight - logsumexp(log_weight)), found


def _narrowed(
    given: Callable[[Floats], Found], problem: Problem, seed: int
) -> tuple[Floats, Floats, list[Found]]:
    """Return the same where questions are many, with fewer points on all of them.

    A sample of the questions says roughly where the hyperparameters are; some points on all of
    them say it better; the last are drawn from there.
    """
    rng = np.random.default_rng([seed, 3])
    sample = np.sort(rng.choice(problem.seen, size=FEW_QUESTIONS, replace=False))
    rough = solver_of(problem, sample)
    size = len(HYPERPRIORS)

    def points(part: int, count: int) -> Floats:
        return ndtri(qmc.Sobol(size, rng=np.random.default_rng([seed, part])).random(count))

    first = points(0, FIRST)
    prior = multivariate_normal(np.zeros(size))
    start = rough.given(hyper_of(problem, np.zeros(size)), None, None).start
    heights = [rough.given(hyper_of(problem, at), start, None).log_evidence for at in first]
    centre, covariance, _ = _fitted(first, np.array(heights))
    proposals, z = [], np.empty((0, size))
    found: list[Found] = []
    count = SEARCH[len(problem.one) > MOST_CORE]
    for part in (1, 4, 5):
        proposals.append((count, multivariate_normal(centre, covariance)))
        drawn = centre + points(part, count) @ np.linalg.cholesky(covariance).T
        z, found = np.concatenate([z, drawn]), found + [given(at) for at in drawn]
        mixture = logsumexp(
            [normal.logpdf(z) + np.log(share / len(z)) for share, normal in proposals], axis=0
        )
        evidence = np.array([one.log_evidence for one in found])
        log_weight = evidence + prior.logpdf(z) - mixture
        centre, wide, power = _fitted(z, log_weight, floor=0.002)
        covariance = max(power, LEAST_POWER) * wide  # tempered, a normal is wider by 1 / power
    return z, np.exp(log_weight - logsumexp(log_weight)), found


def _fitted(z: Floats, log_evidence: Floats, floor: float = 0.05) -> tuple[Floats, Floats, float]:
    """Return mean, covariance and power of weighted draws, tempered until enough of them count.

    No variance is below the floor.
    """
    power = 1.0
    while True:
        log_weight = power * log_evidence
        weights = np.exp(log_weight - logsumexp(log_weight))
        if 1 / (weights**2).sum() >= LEAST_EFFECTIVE:
            break
        power *= 0.8
    centre = weights @ z
    around = z - centre
    return centre, WIDER * (around.T * weights) @ around + floor * np.eye(z.shape[1]), power
