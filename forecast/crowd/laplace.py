"""Laplace's approximation for yes-or-no outcomes of a Gaussian latent quantity.

References
----------
.. [1] Rasmussen, C. E. & Williams, C. K. I. (2006). Gaussian Processes for Machine Learning. MIT
   Press. Algorithms 3.1 and 3.2.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit

from forecast.scoring.checks import Floats

__all__ = ["Mode", "find_mode", "predict"]

MOST_STEPS = 60
CLOSE = 1e-8
SHORTEST = 1e-4


class Mode(NamedTuple):
    """The mode of the latent log-odds, and what predictions need of it.

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
        Dual coordinates to start from, as `Mode.slope` of a like problem.
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
