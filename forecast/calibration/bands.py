"""Bands about a reliability curve: where it would lie were the forecasts calibrated, and its doubt.

A *consistency* band lies about the diagonal: a curve that leaves it speaks against calibration. A
*confidence* band lies about the curve. Both hold point by point, not for the curve as a whole. For
independent questions outcomes are drawn anew; for clusters, whole clusters are: their signs turned
about the diagonal (the wild bootstrap), or the clusters themselves with replacement.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration.corp import Tally, isotonic, tally
from forecast.scoring.checks import Floats, Ints, cluster_codes, fraction, written_vectors
from forecast.scoring.clusters import resampled_rows

__all__ = ["Band", "confidence_band", "consistency_band"]

MOST_POINTS = 512


@dataclass(frozen=True)
class Band:
    """A band point by point: the central interval of the curve at each probability.

    Parameters
    ----------
    probability
        Where the band is given, increasing, shape (point,).
    low, high
        The band, shape (point,).
    level
        Its level at each point, such as 0.9.
    """

    probability: Floats
    low: Floats
    high: Floats
    level: float


def consistency_band(
    p: ArrayLike,
    y: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.9,
    resamples: int = 500,
    seed: int = 1,
) -> Band:
    """Return where the reliability curve would lie if the forecasts were calibrated [1]_.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast, shape (forecast,); without it questions are independent,
        and only `p` counts.
    level
        The level of the band at each point.
    resamples
        How often outcomes are drawn anew.
    seed
        Of the draws.

    Returns
    -------
    Band
        At each probability that was said, or at 512 of them.

    Raises
    ------
    InputError
        If the input holds no probabilities and outcomes of one length.

    Notes
    -----
    By cluster, each cluster's residuals y - p are turned about 0 or left, together [2]_: right
    for many clusters, whatever their inner dependence, and rough for fewer than some fifty.

    References
    ----------
    .. [1] Dimitriadis, T., Gneiting, T. & Jordan, A. I. (2021). PNAS 118(8), e2016191118.
    .. [2] Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Bootstrap-based improvements for
       inference with clustered errors. Review of Economics and Statistics 90(3), 414-427.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.repeat([0.2, 0.8], 50)
    >>> band = consistency_band(p, p > 0.5)
    >>> [round(float(edge[0]), 2) for edge in (band.low, band.high)]
    [0.12, 0.3]
    """
    fraction(level, "level")
    forecasts, happened = written_vectors(p, y)
    found = tally(forecasts, happened)
    rng = np.random.default_rng(seed)
    if cluster is None:
        drawn = _drawn_means(found, resamples, rng)
    else:
        codes = cluster_codes(cluster, forecasts.size)
        drawn = _turned_means(found, happened - forecasts, codes, resamples, rng)
    points = _points(found.probability)
    curves = np.array([isotonic(means, found.count)[points] for means in drawn])
    return _band(found.probability[points], curves, level)


def confidence_band(
    p: ArrayLike,
    y: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.9,
    resamples: int = 500,
    seed: int = 1,
) -> Band:
    """Return how far the reliability curve may be off, by resampling forecasts or clusters.

    Parameters
    ----------
    p, y, cluster, level, resamples, seed
        As for `consistency_band`.

    Returns
    -------
    Band

    Raises
    ------
    InputError
        As `consistency_band`; or if there is but one cluster.

    Notes
    -----
    Where probabilities are continuous, the bootstrap of isotonic regression holds its level only
    roughly [1]_. For "is it calibrated?" use the consistency band or a test.

    References
    ----------
    .. [1] Sen, B., Banerjee, M. & Woodroofe, M. (2010). Inconsistency of bootstrap: the Grenander
       estimator. Annals of Statistics 38(4), 1953-1977.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.repeat([0.2, 0.8], 50)
    >>> band = confidence_band(p, np.tile([0, 1], 50))
    >>> bool(band.low[1] < 0.5 < band.high[1])
    True
    """
    fraction(level, "level")
    forecasts, happened = written_vectors(p, y)
    codes = cluster_codes(cluster, forecasts.size)
    rng = np.random.default_rng(seed)
    values = tally(forecasts, happened).probability
    points = values[_points(values)]
    curves = np.empty((resamples, points.size))
    for curve in curves:
        rows = resampled_rows(codes, rng)
        found = tally(forecasts[rows], happened[rows])
        fit = isotonic(found.events / found.count, found.count)
        curve[:] = np.interp(points, found.probability, fit)
    return _band(points, curves, level)


def _drawn_means(found: Tally, resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield outcomes' means at each value, drawn as if the forecasts were calibrated."""
    for _ in range(resamples):
        yield rng.binomial(found.count, found.probability) / found.count


def _turned_means(
    found: Tally, residuals: Floats, codes: Ints, resamples: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield means at each value with the residuals of each cluster turned or left."""
    for _ in range(resamples):
        sign = rng.choice(np.array([-1.0, 1.0]), size=codes.max() + 1)
        sums = np.bincount(found.index, weights=sign[codes] * residuals)
        yield found.probability + sums / found.count


def _points(values: Floats) -> Ints:
    """Return which values to give the band at: all, or as many as a picture can show."""
    if values.size <= MOST_POINTS:
        return np.arange(values.size)
    return np.unique(np.linspace(0, values.size - 1, MOST_POINTS).astype(np.intp))


def _band(points: Floats, curves: Floats, level: float) -> Band:
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Band(points, low, high, level)
