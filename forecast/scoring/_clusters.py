"""Linked and repeated questions: resampling by cluster, and the effective number of questions.

A question forecast on a hundred days is not a hundred questions, and neither are ten questions
about one war. Forecasts of one cluster may depend on each other in any way; clusters are assumed
independent. Everything here resamples clusters, never rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, Ints, cluster_codes, fraction, numbers

DRAWS_AT_ONCE = 1_000_000

DUST = 1e-12
"""Relative to the sum of absolute values: a sum below this is rounding error of 0."""


@dataclass(frozen=True)
class Interval:
    """An estimate and its central interval over resampled clusters.

    Parameters
    ----------
    estimate
        The statistic of the data.
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
        How many times the clusters are resampled, with replacement.
    seed
        Of the resampling.

    Raises
    ------
    InputError
        If there are fewer than two clusters.

    Notes
    -----
    Percentile intervals are too short with fewer than about twenty clusters, or if what matters is
    rare and was seen in fewer than about twenty (`gain` gives figures).

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
    estimate = float(statistic(np.arange(codes.size)))
    return percentile_interval(estimate, values, level, int(codes.max()) + 1)


def percentile_interval(estimate: float, values: Floats, level: float, clusters: int) -> Interval:
    """Return an estimate with the central interval of its resampled values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), level, clusters)


def resampled_rows(codes: Ints, rng: np.random.Generator) -> Ints:
    """Return the rows of clusters drawn with replacement, as many clusters as there are."""
    order = np.argsort(codes, kind="stable")
    sizes = cluster_sizes(codes)
    begins = np.cumsum(sizes) - sizes
    drawn = rng.integers(sizes.size, size=sizes.size)
    lengths = sizes[drawn]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(order[np.repeat(begins[drawn], lengths) + offsets])


def cluster_sizes(codes: Ints) -> Ints:
    """Return how many rows each cluster has, of two clusters or more."""
    sizes = np.bincount(codes)
    if sizes.size < 2:  # noqa: PLR2004
        raise InputError(
            Fault(
                "one cluster alone does not show how much results vary",
                "Name a cluster for each question, or for each group of linked questions.",
                field="cluster",
            )
        )
    return sizes


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
    """Return the sum over each cluster, shape (cluster,); a rounding error of 0 is 0."""
    sums = np.bincount(codes, weights=values)
    size = np.bincount(codes, weights=np.abs(values))
    return np.where(np.abs(sums) <= DUST * size, 0.0, sums)


def effective_number(values: ArrayLike, cluster: ArrayLike) -> float:
    r"""Return the number of independent questions worth as much: n over the design effect [1]_.

    .. math:: n \, \frac{\sum_i e_i^2}{\sum_c (\sum_{i \in c} e_i)^2}

    for deviations e with mean 0: for calibration, :math:`(y - p)(1 - 2p)`, which is the same
    whichever side of a question was asked; for skill, gains less their mean.

    Parameters
    ----------
    values
        Deviations with mean 0, shape (row,).
    cluster
        The cluster of each row, shape (row,).

    Returns
    -------
    float
        Between 1 and n where the errors of a cluster agree; above n where they offset each other,
        as for the candidates of one election.

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
            Fault("the sums over clusters are all 0, so there is no such number", field="values")
        )
    return float(deviations.size * (deviations**2).sum() / together)
