r"""The test of calibration: whether shifting, stretching or bending log-odds would help.

Forecasts are calibrated if recalibrating them by
:math:`\operatorname{logit} q = l + a + b l + c l^2`, with :math:`l = \operatorname{logit} p`,
cannot improve them: a says too high or too low, b too bold or too timid, c that one end is wrong
[1]_ [2]_. The statistic is the score test of a = b = c = 0; its p-value comes from outcomes drawn
anew as if the forecasts were calibrated, so for independent questions it is exact for any number.

Outcomes of a cluster are drawn with dependence: two of them share one uniform number with chance
:math:`\lambda`, so that their covariance is :math:`\lambda (\min(p_i, p_j) - p_i p_j)`, and
:math:`\lambda` is what makes this agree with the residuals' products. Each drawn set of outcomes
has its own :math:`\lambda` estimated again, so its uncertainty is in the p-value. Of what is rare
too little is seen to tell :math:`\lambda`, so outcomes are drawn at :math:`\lambda = 1` as well,
and the larger p-value stands: the statistic is in units of its own spread, so this costs little
elsewhere. Where favourites win and lose together rather than yes and yes (both candidates of one
race), the uniform number is shared by the favourites' outcomes. Dependence of any other shape is
met by the variance of the clusters' own sums, where that is larger [3]_. The documentation gives
the false-alarm rates found by simulation.

References
----------
.. [1] Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika
   45(3/4), 562-565.
.. [2] Miller, M. E., Langefeld, C. D., Tierney, W. M., Hui, S. L. & McDonald, C. J. (1993).
   Validation of probabilistic predictions. Medical Decision Making 13(1), 49-57.
.. [3] Liang, K.-Y. & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear
   models. Biometrika 73(1), 13-22.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError
from forecast.scoring.checks import Floats, Ints, cluster_codes, written_vectors

__all__ = ["FEWEST_CLUSTERS", "Recalibration", "recalibration_test"]

FEWEST_CLUSTERS = 20
"""With fewer, the dependence within clusters cannot be told from chance."""

MOST_LOG_ODDS = 7.0
"""Log-odds are cut here (0.1% and 99.9%), lest one forecast outweigh all others."""

DRAWS_AT_ONCE = 2_000_000
NEXT_TO_NOTHING = 1e-9
LEAST_VARIANCE = 0.05
EVEN = 0.5


@dataclass(frozen=True)
class Recalibration:
    """The outcome of the test of calibration.

    Parameters
    ----------
    p_value
        The chance that calibrated forecasts look as bad as these; 0 where something said to be
        certain did not happen.
    statistic
        Squared distance from calibration, in standard errors.
    dependence
        What part of the covariance that clusters could have they do have; 0 without clusters.
    forecasts, clusters
        How many there are.
    """

    p_value: float
    statistic: float
    dependence: float
    forecasts: int
    clusters: int


def recalibration_test(
    p: ArrayLike,
    y: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    resamples: int = 999,
    seed: int = 1,
) -> Recalibration:
    """Test whether forecasts are calibrated.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast: those of one question, or of linked questions, share one.
        Without it questions are independent.
    resamples
        How many sets of outcomes are drawn; p-values are multiples of 1 / (resamples + 1).
    seed
        Of the draws.

    Returns
    -------
    Recalibration

    Raises
    ------
    InputError
        If the input holds no probabilities and outcomes of one length, or there are clusters, but
        fewer than 20.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.1, 0.3, 0.7, 0.9], 100)
    >>> said = np.random.default_rng(1).random(400) < p
    >>> recalibration_test(p, said).p_value > 0.01
    True
    >>> recalibration_test(np.where(p > 0.5, 0.99, 0.01), said).p_value
    0.001
    """
    forecasts, happened = written_vectors(p, y)
    codes = cluster_codes(cluster, forecasts.size)
    count = int(codes.max()) + 1
    if cluster is not None and count < FEWEST_CLUSTERS:
        raise InputError(
            Fault(
                f"the test by cluster needs {FEWEST_CLUSTERS} clusters or more",
                "Gather more questions, or leave the cluster out if they are independent.",
                field="cluster",
                value=str(count),
            )
        )
    if ((forecasts * (1 - forecasts) == 0) & (forecasts != happened)).any():
        return Recalibration(0.0, np.inf, 0.0, forecasts.size, count)
    problem, residuals = _problem(forecasts, happened, codes)
    dependence = problem.dependence(residuals)
    statistic = float(problem.statistic(residuals, dependence)[0])
    estimated = float(np.clip(dependence[0], 0, 1))
    as_bad = 0
    for level in {estimated, 1.0 if problem.pairs > 0 else estimated}:
        rng, beyond = np.random.default_rng(seed), 0
        for drawn in problem.drawn(level, resamples, rng):
            drawn_statistic = problem.statistic(drawn, problem.dependence(drawn))
            beyond += int((drawn_statistic >= statistic * (1 - NEXT_TO_NOTHING)).sum())
        as_bad = max(as_bad, beyond)
    p_value = (1 + as_bad) / (resamples + 1)
    return Recalibration(p_value, statistic, float(dependence[0]), forecasts.size, count)


@dataclass(frozen=True)
class _Problem:
    """What does not depend on outcomes: rows sorted by cluster, then by probability."""

    p: Floats  # (row,)
    begins: Ints  # (cluster,)
    sizes: Ints  # (cluster,)
    basis: Floats  # (row, direction): orthonormal if rows were independent
    shared: Floats  # (direction,): by how much full dependence adds to the variance of 1
    pairs: float  # the sum of all covariances within clusters under full dependence

    def dependence(self, residuals: Floats) -> Floats:
        """Return what part of full dependence the residuals show, shape (draw,)."""
        if self.pairs <= 0:
            return np.zeros(len(residuals))
        sums = np.add.reduceat(residuals, self.begins, axis=1)  # (draw, cluster)
        found = (sums**2).sum(axis=1) - (residuals**2).sum(axis=1)
        return np.asarray(np.maximum(found / self.pairs, 0.0))

    def statistic(self, residuals: Floats, dependence: Floats) -> Floats:
        """Return the score statistic, shape (draw,).

        The variance of scores is what the dependence makes it, or that of the clusters' own sums
        along each of its axes, whichever is larger.
        """
        if self.pairs <= 0:
            return np.asarray(((residuals @ self.basis) ** 2).sum(axis=1))
        spread = dependence[:, None]  # above 1 for repeated questions; no variance below 0
        variance = 1 + np.where(self.shared > 0, spread, np.minimum(spread, 1)) * self.shared
        scale = np.sqrt(np.maximum(variance, LEAST_VARIANCE))  # (draw, direction)
        terms = np.stack(  # (draw, cluster, direction)
            [np.add.reduceat(residuals * d, self.begins, axis=1) for d in self.basis.T], axis=-1
        )
        terms /= scale[:, None]
        scores = terms.sum(axis=1)  # (draw, direction)
        centred = terms - scores[:, None] / self.sizes.size
        seen, axes = np.linalg.eigh(np.swapaxes(centred, 1, 2) @ centred)  # (draw, axis)
        along = (scores[:, None] @ axes)[:, 0]
        return np.asarray((along**2 / np.maximum(seen, 1.0)).sum(axis=1))

    def drawn(
        self, dependence: float, resamples: int, rng: np.random.Generator
    ) -> Iterator[Floats]:
        """Yield blocks of residuals of outcomes drawn as if calibrated, shape (draw, row)."""
        rows = self.p.size
        block = max(1, DRAWS_AT_ONCE // rows)
        for begin in range(0, resamples, block):
            shape = (min(block, resamples - begin), rows)
            uniform = rng.random(shape)
            if dependence > 0:
                common = rng.random((shape[0], self.sizes.size))
                sharing = rng.random(shape) < np.sqrt(dependence)
                uniform = np.where(sharing, np.repeat(common, self.sizes, axis=1), uniform)
            yield (uniform < self.p) - self.p


def _problem(p: Floats, y: Floats, codes: Ints) -> tuple[_Problem, Floats]:
    """Return the problem and its residuals, as asked or by favourite: whichever hangs together."""
    favourite = np.where(p < EVEN, -1.0, 1.0)
    ways = [_turned(p, y, codes, side) for side in (np.ones_like(p), favourite)]
    return max(ways, key=lambda way: float(way[0].dependence(way[1])[0]))


def _turned(p: Floats, y: Floats, codes: Ints, side: Floats) -> tuple[_Problem, Floats]:
    """Return the problem with some questions turned into their opposites, and its residuals.

    The basis is that of the questions as they were asked, so that turning changes nothing but which
    outcomes of a cluster count as alike.
    """
    said = np.where(side > 0, p, 1 - p)
    order = np.lexsort((said, codes))
    basis = (_basis(p) * side[:, None])[order]
    said, codes = said[order], codes[order]
    begins = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    sizes = np.diff(np.r_[begins, said.size])
    added, axes = np.linalg.eigh(_pair_sums(said, basis, begins, sizes))
    total = float(_pair_sums(said, np.ones((said.size, 1)), begins, sizes)[0, 0])
    residuals = ((y - p) * side)[order][None]  # (1, row)
    return _Problem(said, begins, sizes, basis @ axes, added, total), residuals


def _basis(p: Floats) -> Floats:
    """Return 1, l and l^2, made orthonormal under the variance p (1 - p); shape (row, direction).

    Directions that the probabilities do not span (all alike, or two values) are left out.
    """
    with np.errstate(divide="ignore"):
        odds = np.clip(np.log(p) - np.log1p(-p), -MOST_LOG_ODDS, MOST_LOG_ODDS)
    variance = p * (1 - p)
    found: list[Floats] = []
    for power in (np.ones_like(p), odds, odds**2):
        size, direction = np.sqrt((variance * power**2).sum()), power
        for before in found:
            direction = direction - before * (variance * direction * before).sum()
        length = np.sqrt((variance * direction**2).sum())
        if length > NEXT_TO_NOTHING * max(size, 1.0):
            found.append(direction / length)
    return np.stack(found, axis=1) if found else np.zeros((p.size, 0))


def _pair_sums(p: Floats, basis: Floats, begins: Ints, sizes: Ints) -> Floats:
    """Return the sum over pairs of a cluster of (min(p, p') - p p') times both bases' values.

    Rows are sorted by p within a cluster, so the covariance of a row with a later one is
    p (1 - p'): sums over earlier rows do for all pairs.
    """
    first = np.cumsum(p[:, None] * basis, axis=0) - p[:, None] * basis  # (row, direction)
    earlier = first - np.repeat(first[begins], sizes, axis=0)
    half = earlier.T @ ((1 - p)[:, None] * basis)
    return np.asarray(half + half.T)
