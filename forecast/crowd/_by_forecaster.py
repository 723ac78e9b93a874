r"""Laplace's approximation over forecasters' weights and shifts: linear in the number of questions.

The same model as over questions, seen from its other side: log-odds are
:math:`m + X b + Z g` with standard normal b, whose columns are the crowd's shift, the cost of
straying, and each forecaster's weight and shift, and with g of linked questions. The mode is the
same point, and the determinant the same number, as
:math:`|1 + W^{1/2} X X^T W^{1/2}| = |1 + X^T W X|`; g, one for each cluster, is eliminated.

With many forecasters the square of :math:`1 + X^T W X` would be as bad as that of the questions.
The *core*, those with the most information, keep theirs. For the *rest* it is replaced by its
diagonal in the determinant and in variances: each of them moves a question by little, so that they
hardly tell on each other. The mode stays exact: it is found by conjugate gradients, with the core's
factor and the rest's diagonal as preconditioner.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg
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

MOST_CORE = 60
MOST_STEPS = 60
CLOSE = 1e-4
"""The gain, in log likelihood, of a last step: what Newton's method leaves is of its square."""
DUST = 1e-8
SHORTEST = 1e-4
SOLVED = 1e-6
COMMON = 2  # columns before those of forecasters: the crowd's shift, the cost of straying


class _Columns(NamedTuple):
    """X of some questions: dense for the core, sparse for the rest, and their cluster."""

    core: Floats  # (question, 2 + 2 core)
    rest: csr_array | None  # (question, 2 rest)
    cluster: Ints  # (question,): places in the list of clusters learned from, or -1

    def of(self, b: Floats) -> Floats:
        """Return X b."""
        size = self.core.shape[1]
        whole = self.core @ b[:size]
        return whole if self.rest is None else np.asarray(whole + self.rest @ b[size:])

    def back(self, v: Floats) -> Floats:
        """Return v X."""
        core = v @ self.core
        return core if self.rest is None else np.concatenate([core, self.rest.T @ v])


class _Curvature(NamedTuple):
    """Minus the second derivative, with the clusters eliminated."""

    factor: Floats  # lower Cholesky factor of the core's block
    rest: Floats  # (2 rest,): the diagonal of the rest's
    within: Floats  # (cluster,): 1 + link^2 times the sum of curvatures
    shared: Floats  # (cluster, 2 + 2 core): link times their sum with the columns
    root: Floats  # (question,): square roots of curvatures


class ByForecaster:
    """A `Solver` with a row and a column for each forecaster's weight and shift.

    Parameters
    ----------
    problem
        What was said.
    seen
        The places of the questions that it learns from, shape (resolved,).
    most_core
        How many forecasters keep the whole of their curvature.
    """

    def __init__(self, problem: Problem, seen: Ints, most_core: int = MOST_CORE) -> None:
        seen = seen[np.argsort(problem.cluster[seen], kind="stable")]  # clusters side by side
        self._problem, self._seen = problem, seen
        known = (problem.one[:, seen] ** 2).sum(axis=1)  # (forecaster,)
        order = np.argsort(-known, kind="stable")
        self._core, self._rest = np.sort(order[:most_core]), np.sort(order[most_core:])
        self._clusters = np.unique(problem.cluster[seen])
        self._y = problem.y[seen]
        self._dense = _plain(problem, self._core)  # (question, 2 core)
        self._sparse = csr_array(_plain(problem, self._rest)) if self._rest.size else None
        self._learned = self._unscaled(seen)

    def given(self, hyper: Hyper, start: Floats | None, targets: Ints | None) -> Found:
        """Return the mode and its evidence, with predictions of the targets."""
        columns = self._columns(hyper, self._seen)
        mean = (hyper.factor * self._problem.mean)[self._seen]
        scales = self._scales(hyper)
        clusters = self._clusters.size if hyper.link else 0
        size = scales.size
        at = np.zeros(size + clusters)
        if start is not None:
            at[:size] = start[:size] / scales
            at[size:] = start[size:] / hyper.link if clusters else 0.0
        at, height, curved = self._mode(columns, hyper.link, mean, at)
        evidence = (
            height
            - float(np.log(np.diag(curved.factor)).sum())
            - 0.5 * float(np.log(curved.rest).sum() + np.log(curved.within).sum())
        )
        b = at[:size]
        effects = self._effects(b * scales)
        predicted = None
        if targets is not None:
            predicted = self._predicted(hyper, targets, at, curved, effects)
        natural = np.concatenate([b * scales, at[size:] * hyper.link])
        return Found(evidence, natural, effects, predicted)

    def _scales(self, hyper: Hyper) -> Floats:
        """Return the prior standard deviation of each column's coefficient."""
        core, rest = self._core.size, self._rest.size
        return np.concatenate(
            [
                [CROWD_SHIFT, STRAY_COST],
                np.full(core, hyper.weight),
                np.full(core, hyper.shift),
                np.full(rest, hyper.weight),
                np.full(rest, hyper.shift),
            ]
        )

    def _unscaled(self, at: Ints) -> _Columns:
        """Return shares of some questions, before the hyperparameters."""
        lean = self._problem.lean[at][:, None]
        dense = np.concatenate([np.ones_like(lean), lean, self._dense[at]], axis=1)
        rest = None if self._sparse is None else self._sparse[at]
        found = np.searchsorted(self._clusters, self._problem.cluster[at])
        found = np.minimum(found, self._clusters.size - 1)
        there = self._clusters[found] == self._problem.cluster[at]
        return _Columns(dense, rest, np.where(there, found, -1))

    def _columns(self, hyper: Hyper, at: Ints) -> _Columns:
        plain = self._learned if at is self._seen else self._unscaled(at)
        factor = hyper.factor[at]
        scales = self._scales(hyper)
        size = plain.core.shape[1]
        dense = plain.core * factor[:, None] * scales[:size]
        dense[:, 0] = CROWD_SHIFT  # the crowd's shift is not extremised
        if plain.rest is None:
            return _Columns(dense, None, plain.cluster)
        rest = plain.rest.copy()
        row = np.repeat(np.arange(at.size), np.diff(rest.indptr))
        rest.data = rest.data * factor[row] * scales[size:][rest.indices]
        return _Columns(dense, rest, plain.cluster)

    def _effects(self, natural: Floats) -> Effects:
        """Return the mode by forecaster from coefficients on their own scales."""
        core, rest = self._core.size, self._rest.size
        ends = np.cumsum([COMMON, core, core, rest])
        _, weight, shift, other_weight, other_shift = np.split(natural, ends)
        people = core + rest
        weights, shifts = np.empty(people), np.empty(people)
        weights[self._core], weights[self._rest] = weight, other_weight
        shifts[self._core], shifts[self._rest] = shift, other_shift
        return Effects(float(natural[0]), weights - natural[1] * self._problem.stray, shifts)

    def _mode(
        self, columns: _Columns, link: float, mean: Floats, at: Floats
    ) -> tuple[Floats, float, _Curvature]:
        """Return the mode of b and g, its height, and the curvature there, by Newton's method."""
        sign = 2 * self._y - 1
        size = at.size - (self._clusters.size if link else 0)

        def odds(point: Floats) -> Floats:
            whole = mean + columns.of(point[:size])
            return np.asarray(whole + link * point[size:][columns.cluster]) if link else whole

        def height(point: Floats) -> float:
            return float(-0.5 * point @ point - np.logaddexp(0, -sign * odds(point)).sum())

        reached = height(at)
        for _ in range(MOST_STEPS):
            chance = expit(odds(at))
            curved = _curvature(columns, link, chance, self._clusters.size)
            slope = self._y - chance
            uphill = columns.back(slope) - at[:size]
            of_cluster = np.zeros(0)
            if link:
                of_cluster = link * _summed(columns, slope, self._clusters.size) - at[size:]
            move = _solved(columns, link, curved, uphill, of_cluster)
            step = 1.0
            while True:
                tried = at + step * move
                found = height(tried)
                if found >= reached - DUST or step < SHORTEST:
                    break
                step /= 2
            gained, at, reached = found - reached, tried, found
            if abs(gained) < CLOSE:
                break
        curved = _curvature(columns, link, expit(odds(at)), self._clusters.size)
        return at, reached, curved

    def _predicted(
        self, hyper: Hyper, targets: Ints, at: Floats, curved: _Curvature, effects: Effects
    ) -> Predicted:
        columns = self._columns(hyper, targets)
        size = at.size - (self._clusters.size if hyper.link else 0)
        centre = hyper.factor[targets] * self._problem.mean[targets] + columns.of(at[:size])
        apart, own = columns.core, np.zeros(targets.size)
        if hyper.link:
            known = columns.cluster >= 0
            within = np.where(known, curved.within[columns.cluster], 1.0)
            own = hyper.link**2 / within
            centre = centre + hyper.link * np.where(known, at[size:][columns.cluster], 0.0)
            told = np.where(known, hyper.link / within, 0.0)[:, None]
            apart = apart - told * curved.shared[columns.cluster]
        spread = solve_triangular(curved.factor, apart.T, lower=True, check_finite=False)
        variance = own + (spread**2).sum(axis=0)
        if columns.rest is not None:
            variance = variance + columns.rest.power(2) @ (1 / curved.rest)
        shift = shift_of(self._problem, hyper, effects, targets)
        return Predicted(centre, np.asarray(variance), shift)


def _plain(problem: Problem, people: Ints) -> Floats:
    """Return some forecasters' shares of log-odds and shares alone, (question, 2 people)."""
    return np.concatenate([problem.share[people].T, problem.one[people].T], axis=1)


def _summed(columns: _Columns, values: Floats, clusters: int) -> Floats:
    """Return sums over clusters, (cluster,)."""
    return np.asarray(np.bincount(columns.cluster, weights=values, minlength=clusters))


def _curvature(columns: _Columns, link: float, chance: Floats, clusters: int) -> _Curvature:
    root = np.sqrt(chance * (1 - chance))
    weighted = root[:, None] * columns.core
    matrix = weighted.T @ weighted  # a symmetric product, at half the cost
    matrix[np.diag_indices_from(matrix)] += 1
    within, shared = np.ones(0), np.zeros((0, matrix.shape[0]))
    effective = root**2
    if link:
        within = 1 + link**2 * _summed(columns, root**2, clusters)
        begins = np.searchsorted(columns.cluster, np.arange(clusters))
        shared = link * np.add.reduceat(root[:, None] * weighted, begins, axis=0)
        scaled = shared / np.sqrt(within)[:, None]
        matrix -= scaled.T @ scaled
        effective = root**2 * (1 - link**2 * root**2 / within[columns.cluster])
    rest = np.zeros(0)
    if columns.rest is not None:
        rest = 1 + columns.rest.power(2).T @ effective
    factor = cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)
    return _Curvature(factor, np.asarray(rest), within, shared, root)


def _solved(
    columns: _Columns, link: float, curved: _Curvature, uphill: Floats, of_cluster: Floats
) -> Floats:
    """Return Newton's step, of b and g, up the slope."""
    clusters = of_cluster.size
    core = columns.core.shape[1]

    def thinned(v: Floats) -> Floats:
        """Return the curvature of log-odds times v, the clusters eliminated."""
        whole = curved.root**2 * v
        if not link:
            return whole
        sums = link**2 * _summed(columns, whole, clusters) / curved.within
        return np.asarray(whole - curved.root**2 * sums[columns.cluster])

    target = uphill
    if link:
        target = uphill - columns.back(
            link * curved.root**2 * (of_cluster / curved.within)[columns.cluster]
        )

    def near(v: Floats) -> Floats:
        first = cho_solve((curved.factor, True), v[:core], check_finite=False)
        return np.concatenate([first, v[core:] / curved.rest])

    if columns.rest is None:
        step = near(target)
    else:
        shape = (target.size, target.size)
        whole = LinearOperator(
            shape, matvec=lambda v: v + columns.back(thinned(columns.of(v))), dtype=np.float64
        )
        nearby = LinearOperator(shape, matvec=near, dtype=np.float64)
        step, _ = cg(whole, target, rtol=SOLVED, atol=0.0, M=nearby)
    if not link:
        return np.asarray(step)
    pulled = link * _summed(columns, curved.root**2 * columns.of(step), clusters)
    return np.concatenate([step, (of_cluster - pulled) / curved.within])
