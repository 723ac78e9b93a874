"""Pools without a model: averages of probabilities or of log-odds, and the latter extremised.

Each takes probabilities of shape (forecaster, …), NaN where there is none, and pools over the
first axis, with weights of the same shape if some forecasts count for more.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from forecast.decimals import PLACES
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, floats, probabilities, vectors

FLOOR = 0.01
"""Probabilities closer to 0 or 1 are clipped to this before log-odds are averaged: otherwise one
forecaster's 0 would decide for all."""

MOST_EXTREMISING = 10.0
HALF = 0.5


def mean(p: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the mean probability, the linear pool.

    Parameters
    ----------
    p
        Probabilities, shape (forecaster, …), NaN where there is none.
    weight
        How much each counts, above 0, a shape that broadcasts to that of `p`; all alike if absent.

    Raises
    ------
    InputError
        If `p` does not hold probabilities, nobody has a forecast of a question, or a weight is not
        a number above 0.

    Examples
    --------
    >>> mean([0.2, 0.4, 0.9]).tolist()
    0.5
    >>> mean([0.2, 0.4, 0.9], weight=[2, 1, 1]).round(3).tolist()
    0.425
    """
    values = _some(p)
    found = np.nansum(shares(values, weight) * values, axis=0)
    # Rounding must not lead out of what was said.
    return np.asarray(np.clip(found, np.nanmin(values, axis=0), np.nanmax(values, axis=0)))


def median(p: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the median probability: as much weight lies below it as above.

    Parameters
    ----------
    p, weight
        As for `mean`, with the same errors.

    Examples
    --------
    >>> median([0.2, 0.4, 0.9]).tolist()
    0.4
    >>> median([0.2, 0.4, 0.9], weight=[3, 1, 1]).tolist()
    0.2
    """
    values = _some(p)
    order = np.argsort(values, axis=0)  # NaN goes last
    ranked = np.take_along_axis(values, order, axis=0)
    share = np.take_along_axis(shares(values, weight), order, axis=0)
    below = np.round(np.cumsum(share, axis=0), PLACES)
    upper = (below > HALF).argmax(axis=0)  # the first beyond one half
    lower = (below >= HALF).argmax(axis=0)  # and the one that reaches it, if any does exactly
    ends = [np.take_along_axis(ranked, at[None], axis=0)[0] for at in (lower, upper)]
    return np.asarray((ends[0] + ends[1]) / 2)


def geometric_mean_of_odds(p: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the geometric mean of the odds as a probability: the mean of log-odds.

    Parameters
    ----------
    p, weight
        As for `mean`, with the same errors; probabilities are clipped to 1% and 99%.

    Examples
    --------
    >>> geometric_mean_of_odds([0.2, 0.8, 0.8]).round(4).tolist()
    0.6135
    """
    return extremise(p, 1.0, weight)


def extremise(p: ArrayLike, factor: float, weight: ArrayLike | None = None) -> Floats:
    r"""Return the mean of log-odds, stretched: :math:`\operatorname{logit}^{-1}(a \bar l)` [1]_.

    Parameters
    ----------
    p
        As for `mean`, with the same errors; probabilities are clipped to 1% and 99%.
    factor
        a, above 0: 1 gives the geometric mean of odds; above 1 the pool is bolder than its members,
        as it should be if they know different things.
    weight
        As for `mean`.

    References
    ----------
    .. [1] Satopää, V. A. et al. (2014). Combining multiple probability predictions using a simple
       logit model. International Journal of Forecasting 30(2), 344-356.

    Examples
    --------
    >>> extremise([0.2, 0.8, 0.8], 2.0).round(4).tolist()
    0.7159
    """
    if not (np.isfinite(factor) and factor > 0):
        raise InputError(Fault("must be a number above 0", field="factor", value=str(factor)))
    values = _some(p)
    return np.asarray(expit(factor * np.nansum(shares(values, weight) * log_odds(values), axis=0)))


def fit_extremising(p: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return the factor of `extremise` that makes past outcomes likeliest, between 0 and 10.

    Parameters
    ----------
    p
        Probabilities, shape (forecaster, question), NaN where there is none.
    y
        Outcomes, 1 or 0, shape (question,).
    weight
        As for `mean`.

    Raises
    ------
    InputError
        As `mean`, or if the outcomes do not fit the forecasts.

    Examples
    --------
    >>> p = [[0.3, 0.6, 0.7, 0.4], [0.3, 0.7, 0.6, 0.3]]
    >>> round(fit_extremising(p, [0, 1, 0, 0]), 2)
    1.75
    """
    pooled, happened = vectors(geometric_mean_of_odds(p, weight), y)
    return stretch_of(logit(pooled), happened)[0]


def stretch_of(pooled: Floats, y: Floats) -> tuple[float, float]:
    """Return the factor on log-odds that makes outcomes likeliest, above 0, and how likely then."""
    signed = (2 * y - 1) * pooled  # (question,)
    found = minimize_scalar(
        lambda factor: np.logaddexp(0, -factor * signed).sum(),
        bounds=(0, MOST_EXTREMISING),
        method="bounded",
    )
    return max(float(found.x), float(np.finfo(np.float64).tiny)), -float(found.fun)


def log_odds(p: Floats) -> Floats:
    """Return log-odds of probabilities clipped at the floor."""
    return np.asarray(logit(np.clip(p, FLOOR, 1 - FLOOR)))


def shares(p: Floats, weight: ArrayLike | None = None) -> Floats:
    """Return each forecast's share of its question, 0 where there is none; they add up to one."""
    given = ~np.isnan(p)
    if weight is None:
        return np.asarray(given / given.sum(axis=0))
    heavy = floats(weight, "weight")
    if heavy.ndim == 1:  # one for each forecaster
        heavy = heavy.reshape(-1, *[1] * (p.ndim - 1))
    try:
        heavy = np.where(given, heavy, 0.0)
    except ValueError:
        remedy = "Give one for each forecaster, or one for each forecast."
        shape = f"shape {heavy.shape} for {p.shape}"
        raise InputError(Fault("weights do not fit", remedy, field="weight", value=shape)) from None
    good = (heavy > 0) & np.isfinite(heavy)
    if heavy.shape != p.shape or not good[given].all():
        raise InputError(Fault("a weight is a number above 0", field="weight"))
    return np.asarray(heavy / heavy.sum(axis=0))


def _some(p: ArrayLike) -> Floats:
    values = floats(p, "p")
    probabilities(values[~np.isnan(values)])
    if values.ndim == 0 or np.isnan(values).all(axis=0).any():
        raise InputError(
            Fault("every question needs a forecast", "Leave out those without one.", field="p")
        )
    return values
