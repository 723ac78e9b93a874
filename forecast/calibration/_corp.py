r"""CORP: the reliability curve by isotonic regression, its bands, and a split of the score [1]_.

The forecasts are recalibrated by the best function that never falls, found by pooling adjacent
violators: there are no bins to choose, and the result is reproducible. The mean loss splits into

.. math:: \bar S = \text{miscalibration} - \text{discrimination} + \text{uncertainty},

with :math:`\text{miscalibration} = \bar S - \bar S_{recalibrated}`,
:math:`\text{discrimination} = \bar S_{base rate} - \bar S_{recalibrated}` and
:math:`\text{uncertainty} = \bar S_{base rate}`; none of them is ever negative.

A *consistency* band lies around the diagonal: a curve outside it is evidence against calibration. A
*confidence* band lies around the curve. Both hold point by point, not for the whole curve at once.
Outcomes of independent questions are redrawn one by one. With clusters, the consistency band flips
the signs of whole clusters' residuals (the wild bootstrap), and the confidence band resamples whole
clusters.

References
----------
.. [1] Dimitriadis, T., Gneiting, T. & Jordan, A. I. (2021). Stable reliability diagrams for
   probabilistic classifiers. PNAS 118(8), e2016191118.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression
from scipy.special import xlog1py, xlogy

from forecast.decimals import as_written
from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring._clusters import resampled_rows
from forecast.scoring._inputs import Floats, Ints, cluster_codes, fraction, vectors, written_vectors
from forecast.scoring._losses import RULES


@dataclass(frozen=True)
class Curve:
    """The reliability curve: forecast probabilities, and how often the event then happened.

    Parameters
    ----------
    probability
        The distinct forecast probabilities, to 12 decimals (`forecast.decimals`), increasing,
        shape (value,).
    calibrated
        The recalibrated probability of each, never falling, shape (value,).
    count
        How many forecasts gave each, shape (value,).
    """

    probability: Floats
    calibrated: Floats
    count: Ints


@dataclass(frozen=True)
class Corp:
    """The mean loss of forecasts, split into three parts, with their reliability curve.

    Parameters
    ----------
    rule
        The loss: ``"brier"`` or ``"logarithmic"``.
    mean_score
        The mean loss: miscalibration - discrimination + uncertainty.
    miscalibration
        What recalibration would save; 0 for calibrated forecasts.
    discrimination
        What the recalibrated forecasts save over always forecasting the base rate.
    uncertainty
        What forecasting the base rate costs: a property of the questions, not of the forecasts.
    curve
        The reliability curve.
    """

    rule: str
    mean_score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    curve: Curve

    def __repr__(self) -> str:
        return (
            f"Corp({self.rule} {self.mean_score:.4f} = {self.miscalibration:.4f} miscalibration "
            f"- {self.discrimination:.4f} discrimination + {self.uncertainty:.4f} uncertainty)"
        )


@dataclass(frozen=True)
class Tally:
    """Forecasts by probability: value, how many, how many of them came true; shapes (value,)."""

    probability: Floats
    count: Ints
    events: Floats
    index: Ints  # (forecast,): which value each forecast has


def corp(p: ArrayLike, y: ArrayLike, *, rule: str = "brier") -> Corp:
    """Return the CORP decomposition and reliability curve of forecasts.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).
    y
        Outcomes, 1 or 0, shape (forecast,).
    rule
        ``"brier"`` or ``"logarithmic"``.

    Raises
    ------
    InputError
        If `p` and `y` are not probabilities and outcomes of one length, or the rule is unknown.

    Notes
    -----
    Isotonic regression fits noise: the miscalibration of n calibrated forecasts is above 0, and
    falls as n grows. Compare it with its band (`consistency_band`), or use `recalibration_test`.
    The curve and the split treat every row alike; for linked or repeated questions, the bands and
    the test take clusters.

    With the logarithmic score, probability 0 for what happened makes miscalibration infinite.

    Examples
    --------
    >>> corp([0.1, 0.2, 0.2, 0.8], [0, 1, 0, 1])
    Corp(brier 0.1825 = 0.0575 miscalibration - 0.1250 discrimination + 0.2500 uncertainty)
    """
    if rule not in ("brier", "logarithmic"):
        remedy = did_you_mean(rule, ("brier", "logarithmic"))
        raise InputError(Fault("unknown score", remedy, field="rule", value=str(rule)))
    forecasts, happened = vectors(p, y)
    found = tally(forecasts, happened)
    calibrated = isotonic(found.events / found.count, found.count)
    total = found.count.sum()
    base_rate = np.full_like(calibrated, found.events.sum() / total)
    cost = _brier_cost if rule == "brier" else _logarithmic_cost
    ours = float(RULES[rule](forecasts, happened).mean())
    best, base = (cost(p, found) / total for p in (calibrated, base_rate))
    return Corp(
        rule=rule,
        mean_score=ours,
        miscalibration=max(ours - best, 0.0),
        discrimination=max(base - best, 0.0),
        uncertainty=base,
        curve=Curve(found.probability, calibrated, found.count),
    )


def tally(p: Floats, y: Floats) -> Tally:
    """Return forecasts by probability, equal to 12 decimals."""
    values, index, count = np.unique(as_written(p), return_inverse=True, return_counts=True)
    return Tally(values, count, np.bincount(index, weights=y, minlength=values.size), index)


def isotonic(means: Floats, weights: Floats | Ints) -> Floats:
    """Return the weighted least-squares fit that never falls, shape (value,)."""
    fit = isotonic_regression(means, weights=np.asarray(weights, dtype=np.float64)).x
    return np.asarray(np.clip(fit, 0.0, 1.0), dtype=np.float64)


def _brier_cost(p: Floats, found: Tally) -> float:
    missed = found.count - found.events
    return float((found.events * (1 - p) ** 2 + missed * p**2).sum())


def _logarithmic_cost(p: Floats, found: Tally) -> float:
    missed = found.count - found.events
    with np.errstate(divide="ignore"):
        return float(-(xlogy(found.events, p) + xlog1py(missed, -p)).sum())


MOST_POINTS = 512


@dataclass(frozen=True)
class Band:
    """A band point by point: the central interval of the curve at each probability.

    Parameters
    ----------
    probability
        Where the band is evaluated, increasing, shape (point,).
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
        How many times outcomes are redrawn.
    seed
        Of the draws.

    Returns
    -------
    Band
        At each distinct probability, or at 512 of them.

    Raises
    ------
    InputError
        If `p` and `y` are not probabilities and outcomes of one length.

    Notes
    -----
    With clusters, the residuals y - p of each cluster change sign together or not at all [2]_. That
    is right for many clusters, however dependent within, and rough for fewer than about fifty.

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
        drawn = _flipped_means(found, happened - forecasts, codes, resamples, rng)
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
    """Return the uncertainty of the reliability curve, by resampling forecasts or clusters.

    Parameters
    ----------
    p, y, cluster, level, resamples, seed
        As for `consistency_band`, with the same errors; there must be two clusters or more.

    Notes
    -----
    For continuous probabilities the bootstrap of isotonic regression keeps its level only roughly
    [1]_. To ask whether forecasts are calibrated, use the consistency band or a test.

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
    """Yield mean outcomes at each value, drawn as if the forecasts were calibrated."""
    for _ in range(resamples):
        yield rng.binomial(found.count, found.probability) / found.count


def _flipped_means(
    found: Tally, residuals: Floats, codes: Ints, resamples: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield mean outcomes at each value, each cluster's residuals with a random sign."""
    for _ in range(resamples):
        sign = rng.choice(np.array([-1.0, 1.0]), size=codes.max() + 1)
        sums = np.bincount(found.index, weights=sign[codes] * residuals)
        yield found.probability + sums / found.count


def _points(values: Floats) -> Ints:
    """Return the indices of the values at which the band is given: all, or 512 of them."""
    if values.size <= MOST_POINTS:
        return np.arange(values.size)
    return np.unique(np.linspace(0, values.size - 1, MOST_POINTS).astype(np.intp))


def _band(points: Floats, curves: Floats, level: float) -> Band:
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Band(points, low, high, level)
