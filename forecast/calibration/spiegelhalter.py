"""Spiegelhalter's Z: one number that is standard normal if the forecasts are calibrated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from forecast.errors import Fault, InputError
from forecast.scoring.checks import cluster_codes, written_vectors
from forecast.scoring.clusters import cluster_sums

__all__ = ["Spiegelhalter", "spiegelhalter"]


@dataclass(frozen=True)
class Spiegelhalter:
    """Spiegelhalter's Z and its two-sided p-value.

    Parameters
    ----------
    z
        Above 0 where the Brier score is worse than the forecasts themselves expect:
        overconfidence. Below 0 where it is better: underconfidence.
    p_value
        Two-sided, by the normal distribution.
    """

    z: float
    p_value: float


def spiegelhalter(p: ArrayLike, y: ArrayLike, *, cluster: ArrayLike | None = None) -> Spiegelhalter:
    r"""Return Spiegelhalter's Z [1]_.

    .. math:: Z = \frac{\sum_i (y_i - p_i)(1 - 2 p_i)}{\sqrt{\sum_i (1 - 2 p_i)^2 p_i (1 - p_i)}}

    By cluster the variance below is :math:`\sum_c (\sum_{i \in c} (y_i - p_i)(1 - 2 p_i))^2`.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast; without it questions are independent.

    Returns
    -------
    Spiegelhalter

    Raises
    ------
    InputError
        If every probability is 0, ½ or 1: Z weighs these by nothing.

    Notes
    -----
    Blind to whatever leaves the Brier score where it is expected, such as saying 60% for 40% and
    for 80% alike; and normal only for many questions. `recalibration_test` is the gate.

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
                "Spiegelhalter's Z says nothing of forecasts that are all 0, 0.5 or 1",
                "Use recalibration_test.",
                field="p",
            )
        )
    z = float(terms.sum() / np.sqrt(variance))
    return Spiegelhalter(z, float(2 * ndtr(-abs(z))))
