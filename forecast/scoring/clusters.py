"""Linked and repeated questions: resampling by cluster, and the effective number of questions.

A question forecast on a hundred days is not a hundred questions, nor are ten questions on one war
ten. Forecasts that share a cluster are taken to hang together in any way; clusters are taken to be
independent of each other. Everything here resamples clusters, never rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from forecast.errors import Fault, InputError
from forecast.scoring.checks import Floats, Ints, cluster_codes, fraction, numbers

__all__ = [
    "Interval",
    "bootstrap_means",
    "cluster_bootstrap",
    "cluster_sums",
    "effective_number",
    "resampled_rows",
    "tail_above_zero",
]

DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Interval:
    """An estimate and its central interval over resampled clusters.

    Parameters
    ----------
    estimate
        The statistic of the data as they are.
    low, high
        Central interval of the statistic over resamples.
    level
        The interval's level, such as 0.9.
    clusters
        How many clusters were resampled.
    """

    estimate: float
    low: float
    high: float
    level: float
    clusters: int

    def __repr__(self) -> str:
        return (
            f"Interval({self.estimate:.4f}, central {self.level:.0%} "
            f"[{self.low:.4f}, {self.high:.4f}], {self.clusters} clusters)"
        )


def cluster_bootstrap(
    statistic: Callable[[Ints], float],
    cluster: ArrayLike,
    *,
    level: float = 0.9,
    resamples: int = 999,
    seed: int = 1,
) -> Interval:
    """Return a statistic of some rows with its interval over resampled clusters.

    Parameters
    ----------
    statistic
        A function from row numbers, some of them repeated, to a number.
    cluster
        The cluster of each row, shape (row,).
    level
        The level of the central percentile interval [1]_.
    resamples
        How often the clusters are drawn anew, with replacement.
    seed
        Of the draws.

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If there are fewer than two clusters.

    Notes
    -----
    With fewer than some twenty clusters percentile intervals are too short.

    References
    ----------
    .. [1] Field, C. A. & Welsh, A. H. (2007). Bootstrapping clustered data. Journal of the Royal
       Statistical Society B 69(3), 369-390.

    Examples
    --------
    >>> import numpy as np
    >>> gain = np.array([0.1, 0.1, 0.3, -0.1])
    >>> cluster_bootstrap(lambda rows: gain[rows].mean(), ["a", "a", "b", "c"]).estimate
    0.1
    """
    fraction(level, "level")
    codes = cluster_codes(cluster, len(np.asarray(cluster)))
    rng = np.random.default_rng(seed)
    values = np.array([statistic(resampled_rows(codes, rng)) for _ in range(resamples)])
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    estimate = float(statistic(np.arange(codes.size)))
    return Interval(estimate, float(low), float(high), level, int(codes.max()) + 1)


def resampled_rows(codes: Ints, rng: np.random.Generator) -> Ints:
    """Return the rows of clusters drawn with replacement, as many clusters as there are."""
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    if sizes.size < 2:  # noqa: PLR2004
        raise InputError(
            Fault(
                "one cluster alone says nothing of how far results vary",
                "Name a cluster for each question, or for each group of linked questions.",
                field="cluster",
            )
        )
    begins = np.cumsum(sizes) - sizes
    drawn = rng.integers(sizes.size, size=sizes.size)
    lengths = sizes[drawn]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(order[np.repeat(begins[drawn], lengths) + offsets])


def bootstrap_means(sums: Floats, sizes: Ints, resamples: int, rng: np.random.Generator) -> Floats:
    """Return means over rows of resampled clusters, from each cluster's sum and size."""
    count = sizes.size
    means = np.empty(resamples)
    block = max(1, DRAWS_AT_ONCE // count)
    for begin in range(0, resamples, block):
        part = slice(begin, min(begin + block, resamples))
        drawn = rng.integers(count, size=(part.stop - begin, count))  # (resample, cluster)
        means[part] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return means


def cluster_sums(values: Floats, codes: Ints) -> Floats:
    """Return the sum over each cluster, shape (cluster,)."""
    return np.bincount(codes, weights=values)


def effective_number(values: ArrayLike, cluster: ArrayLike) -> float:
    r"""Return how many independent questions would tell as much: n over the design effect [1]_.

    .. math:: n \, \frac{\sum_i e_i^2}{\sum_c (\sum_{i \in c} e_i)^2}

    for deviations e with mean 0: where calibration is asked about, :math:`(y - p)(1 - 2p)`, which
    is the same whichever side of a question was asked; where skill is, gains less their mean.

    Parameters
    ----------
    values
        Deviations with mean 0, shape (row,).
    cluster
        The cluster of each row, shape (row,).

    Returns
    -------
    float
        Between 1 and n where rows of a cluster err together; above n where they err against each
        other, as the candidates of one election do.

    Raises
    ------
    InputError
        If there is not one cluster for each value, or all values are 0.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> effective_number([0.5, 0.5, -0.2, -0.2], ["a", "a", "b", "b"])
    2.0
    """
    deviations = numbers(values, "values")
    codes = cluster_codes(cluster, deviations.size)
    together = float((cluster_sums(deviations, codes) ** 2).sum())
    if together <= 0:
        raise InputError(
            Fault("the sums over clusters are all 0: no number of questions", field="values")
        )
    return float(deviations.size * (deviations**2).sum() / together)


def tail_above_zero(sums: Floats, resamples: int, rng: np.random.Generator) -> float:
    """Return the one-sided p-value of a mean above 0: the larger of two tests' p-values.

    Student's t is too ready where sums have a long tail below, the studentised bootstrap where they
    are few and have long tails on both sides. Simulated, their larger p-value keeps within half
    of the stated error rate above, from 30 clusters on.

    Parameters
    ----------
    sums
        One sum for each cluster, shape (cluster,).
    resamples
        How often clusters are drawn.
    rng
        What draws them.
    """
    count, mean, spread = sums.size, sums.mean(), sums.std()
    if spread == 0:
        return 0.0 if mean > 0 else 1.0
    observed = mean / spread
    beyond = 0
    block = max(1, DRAWS_AT_ONCE // count)
    for begin in range(0, resamples, block):
        size = (min(block, resamples - begin), count)
        drawn = sums[rng.integers(count, size=size)]  # (resample, cluster)
        wide = drawn.std(axis=1)
        off = drawn.mean(axis=1) - mean
        sheer = np.where(off == 0, 0.0, np.copysign(np.inf, off))
        steep = np.where(wide > 0, off / np.where(wide > 0, wide, 1), sheer)
        beyond += int((steep >= observed).sum())
    student = float(stdtr(count - 1, -observed * np.sqrt(count - 1)))
    return max((1 + beyond) / (resamples + 1), student)
