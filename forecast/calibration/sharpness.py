"""Sharpness: how far forecasts commit themselves, whatever came of them."""

import numpy as np
from numpy.typing import ArrayLike

from forecast.decimals import as_written
from forecast.errors import Fault, InputError
from forecast.scoring.checks import Floats, probabilities

__all__ = ["expected_brier", "sharpness"]


def sharpness(p: ArrayLike) -> float:
    r"""Return the variance of the forecasts, :math:`\overline{(p - \bar p)^2}`.

    0 for who always says the same; at most :math:`\bar p (1 - \bar p)`, for who says only 0 and 1.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).

    Returns
    -------
    float
        Of calibrated forecasts it is their resolution; of others it says nothing of worth.

    Raises
    ------
    InputError
        If `p` holds no probabilities.

    References
    ----------
    .. [1] Murphy, A. H. & Winkler, R. L. (1987). A general framework for forecast verification.
       Monthly Weather Review 115(7), 1330-1338.

    Examples
    --------
    >>> round(sharpness([0.1, 0.9]), 4)
    0.16
    """
    return float(np.var(_some(p)))


def expected_brier(p: ArrayLike) -> float:
    r"""Return the Brier score that the forecasts themselves expect, :math:`\overline{p (1 - p)}`.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).

    Returns
    -------
    float
        Lower for sharper forecasts. A mean Brier score above it speaks of overconfidence.

    Raises
    ------
    InputError
        If `p` holds no probabilities.

    Examples
    --------
    >>> round(expected_brier([0.1, 0.9]), 4)
    0.09
    """
    forecasts = _some(p)
    return float((forecasts * (1 - forecasts)).mean())


def _some(p: ArrayLike) -> Floats:
    forecasts = probabilities(p)
    if forecasts.size == 0:
        raise InputError(Fault("there is no forecast to look at", field="p"))
    return as_written(forecasts)
