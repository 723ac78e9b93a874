r"""Tests of calibration: would recalibrated log-odds be better; and Spiegelhalter's Z.

Forecasts are calibrated if recalibrating them by
:math:`\operatorname{logit} q = l + a + b l + c l^2`, with :math:`l = \operatorname{logit} p`,
cannot improve them. A nonzero a means that they are too high or too low, b too bold or too timid,
c wrong at one end [1]_ [2]_. The statistic is the score test of a = b = c = 0. Its p-value comes
from outcomes redrawn as if the forecasts were calibrated, so for independent questions it is exact
for any number of them.

Outcomes of a cluster are drawn with dependence: two of them share one uniform number with chance
:math:`\lambda`, so that their covariance is :math:`\lambda (\min(p_i, p_j) - p_i p_j)`, and
:math:`\lambda` is chosen to match the products of the residuals. It is estimated anew for each
drawn set of outcomes, so the p-value includes its uncertainty. Rare outcomes say too little about
:math:`\lambda`, so outcomes are also drawn at :math:`\lambda = 1` and the larger p-value is used;
as the statistic is in units of its own spread, this costs little elsewhere. If favourites win and
lose together rather than yes and yes (both candidates of one race), the favourites' outcomes share
the uniform number. For any other kind of dependence the variance of the clusters' own sums is used,
if larger [3]_. The documentation gives the false-alarm rates found by simulation.

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
from scipy.special import ndtr

from forecast.errors import Fault, InputError
from forecast.scoring._clusters import cluster_sums
from forecast.scoring._inputs import Floats, Ints, cluster_codes, written_vectors

FEWEST_CLUSTERS = 20
"""With fewer, dependence within clusters cannot be told from chance."""

MOST_LOG_ODDS = 7.0
"""Log-odds are clipped here (0.1% and 99.9%), so that no forecast outweighs all others."""

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
        The chance that calibrated forecasts look as bad as these; 0 if something forecast as
        certain did not happen.
    statistic
        Squared distance from calibration, in standard errors.
    dependence
        The covariance within clusters as a share of the largest possible; 0 without clusters.
    forecasts, clusters
        Their numbers.
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

    Raises
    ------
    InputError
        If `p` and `y` are not probabilities and outcomes of one length, or there are fewer than 20
        clusters.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.1, 0.3, 0.7, 0.9], 100)
    >>> y = np.random.default_rng(1).random(400) < p
    >>> recalibration_test(p, y).p_value > 0.01
    True
    >>> recalibration_test(np.where(p > 0.5, 0.99, 0.01), y).p_value
    0.001
    """
    forecasts, happened = written_vectors(p, y)
    codes = cluster_codes(cluster, forecasts.size)
    count = int(codes.max()) + 1
    if cluster is not None and count < FEWEST_CLUSTERS:
        raise InputError(
            Fault(
                f"the test by cluster needs {FEWEST_CLUSTERS} clusters or more",
                "Gather more questions, or leave out cluster if they are independent.",
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
    """Everything that does not depend on outcomes; rows sorted by cluster, then by probability."""

    p: Floats  # (row,)
    begins: Ints  # (cluster,)
    sizes: Ints  # (cluster,)
    basis: Floats  # (row, direction): orthonormal if rows were independent
    shared: Floats  # (direction,): what full dependence adds to the variance of 1
    pairs: float  # the sum of all covariances within clusters under full dependence

    def dependence(self, residuals: Floats) -> Floats:
        """Return the dependence of the residuals as a share of the largest, shape (draw,)."""
        if self.pairs <= 0:
            return np.zeros(len(residuals))
        sums = np.add.reduceat(residuals, self.begins, axis=1)  # (draw, cluster)
        found = (sums**2).sum(axis=1) - (residuals**2).sum(axis=1)
        return np.asarray(np.maximum(found / self.pairs, 0.0))

    def statistic(self, residuals: Floats, dependence: Floats) -> Floats:
        """Return the score statistic, shape (draw,).

        The variance of the scores is that under the dependence, or that of the clusters' own sums
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
    """Return the problem and its residuals, as asked or by favourite: the more dependent one."""
    favourite = np.where(p < EVEN, -1.0, 1.0)
    ways = [_flipped(p, y, codes, side) for side in (np.ones_like(p), favourite)]
    return max(ways, key=lambda way: float(way[0].dependence(way[1])[0]))


def _flipped(p: Floats, y: Floats, codes: Ints, side: Floats) -> tuple[_Problem, Floats]:
    """Return the problem with some questions replaced by their opposites, and its residuals.

    The basis is that of the original questions, so flipping changes only which outcomes of a
    cluster count as equal.
    """
    flipped = np.where(side > 0, p, 1 - p)
    order = np.lexsort((flipped, codes))
    basis = (_basis(p) * side[:, None])[order]
    flipped, codes = flipped[order], codes[order]
    begins = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    sizes = np.diff(np.r_[begins, flipped.size])
    added, axes = np.linalg.eigh(_pair_sums(flipped, basis, begins, sizes))
    total = float(_pair_sums(flipped, np.ones((flipped.size, 1)), begins, sizes)[0, 0])
    residuals = ((y - p) * side)[order][None]  # (1, row)
    return _Problem(flipped, begins, sizes, basis @ axes, added, total), residuals


def _basis(p: Floats) -> Floats:
    """Return 1, l and l^2, made orthonormal under the variance p (1 - p); shape (row, direction).

    Directions that the probabilities do not span (one or two distinct values) are left out.
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
    """Return the sum over pairs within clusters of (min(p, p') - p p') times both bases' values.

    Rows are sorted by p within a cluster, so the covariance of a row with a later one is
    p (1 - p'), and cumulative sums give all pairs.
    """
    first = np.cumsum(p[:, None] * basis, axis=0) - p[:, None] * basis  # (row, direction)
    earlier = first - np.repeat(first[begins], sizes, axis=0)
    half = earlier.T @ ((1 - p)[:, None] * basis)
    return np.asarray(half + half.T)


@dataclass(frozen=True)
class Spiegelhalter:
    """Spiegelhalter's Z and its two-sided p-value.

    Parameters
    ----------
    z
        Above 0 if the Brier score is worse than the forecasts themselves imply (overconfidence),
        below 0 if it is better (underconfidence).
    p_value
        Two-sided, by the normal distribution.
    """

    z: float
    p_value: float


def spiegelhalter(p: ArrayLike, y: ArrayLike, *, cluster: ArrayLike | None = None) -> Spiegelhalter:
    r"""Return Spiegelhalter's Z [1]_.

    .. math:: Z = \frac{\sum_i (y_i - p_i)(1 - 2 p_i)}{\sqrt{\sum_i (1 - 2 p_i)^2 p_i (1 - p_i)}}

    With clusters the variance is :math:`\sum_c (\sum_{i \in c} (y_i - p_i)(1 - 2 p_i))^2`.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast; without it questions are independent.

    Raises
    ------
    InputError
        If every probability is 0, ½ or 1, which have no weight in Z.

    Notes
    -----
    It does not see errors that leave the Brier score at its expected value, such as forecasting 60%
    for both 40% and 80%, and it is normal only for many questions. Prefer `recalibration_test`.

    References
    ----------
    .. [1] Spiegelhalter, D. J. (1986). Probabilistic prediction in patient management and clinical
       trials. Statistics in Medicine 5(5), 421-433.

    Examples
    --------
    >>> round(spiegelhalter([0.1, 0.1, 0.8], [0, 1, 1]).z, 3)
    1.251
    """
    forecasts, happened = written_vectors(p, y)
    terms = (happened - forecasts) * (1 - 2 * forecasts)  # (forecast,)
    if cluster is None:
        variance = ((1 - 2 * forecasts) ** 2 * forecasts * (1 - forecasts)).sum()
    else:
        variance = (cluster_sums(terms, cluster_codes(cluster, terms.size)) ** 2).sum()
    if variance <= 0:
        raise InputError(
            Fault(
                "Spiegelhalter's Z is undefined for forecasts that are all 0, 0.5 or 1",
                "Use recalibration_test.",
                field="p",
            )
        )
    z = float(terms.sum() / np.sqrt(variance))
    return Spiegelhalter(z, float(2 * ndtr(-abs(z))))
