"""Pools without a model: averages of probabilities or of log-odds, and the latter extremised.

Each takes probabilities of shape (forecaster, …), NaN where there is none, and pools over the
first axis.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, floats, probabilities, vectors

FLOOR = 0.01
"""Probabilities closer to 0 or 1 are clipped to this before log-odds are averaged: otherwise one
forecaster's 0 would decide for all."""

MOST_EXTREMISING = 10.0


def mean(p: ArrayLike) -> Floats:
    """Return the mean probability, the linear pool.

    Parameters
    ----------
    p
        Probabilities, shape (forecaster, …), NaN where there is none.

    Raises
    ------
    InputError
        If `p` does not hold probabilities, or nobody has a forecast of a question.

    Examples
    --------
    >>> mean([0.2, 0.4, 0.9]).tolist()
    0.5
    """
    return np.asarray(np.nanmean(_some(p), axis=0))


def median(p: ArrayLike) -> Floats:
    """Return the median probability.

    Parameters
    ----------
    p
        As for `mean`, with the same errors.

    Examples
    --------
    >>> median([0.2, 0.4, 0.9]).tolist()
    0.4
    """
    return np.asarray(np.nanmedian(_some(p), axis=0))


def geometric_mean_of_odds(p: ArrayLike) -> Floats:
    """Return the geometric mean of the odds as a probability: the mean of log-odds.

    Parameters
    ----------
    p
        As for `mean`, with the same errors; probabilities are clipped to 1% and 99%.

    Examples
    --------
    >>> geometric_mean_of_odds([0.2, 0.8, 0.8]).round(4).tolist()
    0.6135
    """
    return extremise(p, 1.0)


def extremise(p: ArrayLike, factor: float) -> Floats:
    r"""Return the mean of log-odds, stretched: :math:`\operatorname{logit}^{-1}(a \bar l)` [1]_.

    Parameters
    ----------
    p
        As for `mean`, with the same errors; probabilities are clipped to 1% and 99%.
    factor
        a, above 0: 1 gives the geometric mean of odds; above 1 the pool is bolder than its members,
        as it should be if they know different things.

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
    return np.asarray(expit(factor * np.nanmean(log_odds(_some(p)), axis=0)))


def fit_extremising(p: ArrayLike, y: ArrayLike) -> float:
    """Return the factor of `extremise` that makes past outcomes likeliest, between 0 and 10.

    Parameters
    ----------
    p
        Probabilities, shape (forecaster, question), NaN where there is none.
    y
        Outcomes, 1 or 0, shape (question,).

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
    pooled, happened = vectors(geometric_mean_of_odds(p), y)
    signed = (2 * happened - 1) * logit(pooled)  # (question,)
    found = minimize_scalar(
        lambda factor: np.logaddexp(0, -factor * signed).sum(),
        bounds=(0, MOST_EXTREMISING),
        method="bounded",
    )
    return float(found.x)


def log_odds(p: Floats) -> Floats:
    """Return log-odds of probabilities clipped at the floor."""
    return np.asarray(logit(np.clip(p, FLOOR, 1 - FLOOR)))


def _some(p: ArrayLike) -> Floats:
    values = floats(p, "p")
    probabilities(values[~np.isnan(values)])
    if values.ndim == 0 or np.isnan(values).all(axis=0).any():
        raise InputError(
            Fault("every question needs a forecast", "Leave out those without one.", field="p")
        )
    return values
