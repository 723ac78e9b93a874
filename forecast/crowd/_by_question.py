"""Laplace's approximation over log-odds of resolved questions, at the cube of their number.

References
----------
.. [1] Rasmussen, C. E. & Williams, C. K. I. (2006). Gaussian Processes for Machine Learning. MIT
   Press. Algorithms 3.1 and 3.2.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit

from forecast.crowd._problem import (
    CROWD_SHIFT,
    STRAY_COST,
    Effects,
    Found,
    Hyper,
    Predicted,
    Problem,
    shift_of,
)
from forecast.scoring._inputs import Floats, Ints

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


class ByQuestion:
    """A `Solver` with a row and a column for each resolved question.

    Parameters
    ----------
    problem
        What was said.
    seen
        The places of the questions that it learns from, shape (resolved,).
    """

    def __init__(self, problem: Problem, seen: Ints) -> None:
        self._problem, self._seen = problem, seen
        share, one = problem.share[:, seen], problem.one[:, seen]
        self._share, self._one = share, one
        self._lean, self._cluster = problem.lean[seen], problem.cluster[seen]
        self._by_weight = problem.share.T @ share  # (question, resolved)
        self._by_shift = problem.one.T @ one  # (question, resolved)

    def given(self, hyper: Hyper, start: Floats | None, targets: Ints | None) -> Found:
        """Return the mode and its evidence, with predictions of the targets."""
        problem, seen = self._problem, self._seen
        mean = hyper.factor * problem.mean
        mode = find_mode(self._covariance(hyper, seen), mean[seen], problem.y[seen], start)
        pull = hyper.factor[seen] * mode.slope  # (resolved,)
        cost = STRAY_COST**2 * float(self._lean @ pull)
        effects = Effects(
            CROWD_SHIFT**2 * float(mode.slope.sum()),
            hyper.weight**2 * (self._share @ pull) - cost * problem.stray,
            hyper.shift**2 * (self._one @ pull),
        )
        predicted = None
        if targets is not None:
            cross, own = self._covariance(hyper, targets), self._variance(hyper, targets)
            moved, variance = predict(mode, cross, own)
            shift = shift_of(problem, hyper, effects, targets)
            predicted = Predicted(mean[targets] + moved, variance, shift)
        return Found(mode.log_evidence, mode.slope, effects, predicted)

    def _covariance(self, hyper: Hyper, rows: Ints) -> Floats:
        """Return the prior covariance of some questions with those learned from."""
        inside = (
            hyper.weight**2 * self._by_weight[rows]
            + hyper.shift**2 * self._by_shift[rows]
            + STRAY_COST**2 * np.outer(self._problem.lean[rows], self._lean)
        )
        linked = np.equal.outer(self._problem.cluster[rows], self._cluster)
        stretched = hyper.factor[rows][:, None] * inside * hyper.factor[self._seen]
        return np.asarray(CROWD_SHIFT**2 + hyper.link**2 * linked + stretched)

    def _variance(self, hyper: Hyper, rows: Ints) -> Floats:
        """Return the prior variances of some questions."""
        problem = self._problem
        inside = (
            hyper.weight**2 * (problem.share[:, rows] ** 2).sum(axis=0)
            + hyper.shift**2 * (problem.one[:, rows] ** 2).sum(axis=0)
            + STRAY_COST**2 * problem.lean[rows] ** 2
        )
        return np.asarray(CROWD_SHIFT**2 + hyper.link**2 + hyper.factor[rows] ** 2 * inside)
