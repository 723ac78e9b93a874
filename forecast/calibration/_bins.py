"""Scores over bins: Murphy's decomposition of the Brier score, and the calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.decimals import as_written
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, numbers, written_vectors

MOST_BINS = 1_000_000


@dataclass(frozen=True)
class Murphy:
    """The Brier score, decomposed over bins.

    ``brier = reliability - resolution + uncertainty + within_bin_variance
    - within_bin_covariance``, exactly.

    Parameters
    ----------
    brier
        The mean Brier score.
    reliability
        Mean squared distance of a bin's mean forecast from its share of yes; lower is better.
    resolution
        Mean squared distance of a bin's share of yes from the base rate; higher is better.
    uncertainty
        Base rate times one less the base rate.
    within_bin_variance
        Of the forecasts within their bins.
    within_bin_covariance
        Twice the covariance of forecasts and outcomes within bins: skill that the bins hide.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float


def murphy(p: ArrayLike, y: ArrayLike, *, bins: int | ArrayLike) -> Murphy:
    r"""Return Murphy's decomposition [1]_ with its within-bin terms [2]_.

    With forecasts :math:`f`, outcomes :math:`o`, and bins k of :math:`n_k`,

    .. math:: BS = \tfrac1n \sum_k n_k (\bar f_k - \bar o_k)^2
              - \tfrac1n \sum_k n_k (\bar o_k - \bar o)^2 + \bar o (1 - \bar o)
              + \tfrac1n \sum_{kj} (f_{kj} - \bar f_k)^2
              - \tfrac2n \sum_{kj} (f_{kj} - \bar f_k)(o_{kj} - \bar o_k).

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    bins
        The number of bins of equal width between 0 and 1, or their edges, from 0 to 1. A forecast
        on an edge is in the bin above, 1 in the last; edges and forecasts are compared to 12
        decimals, so that 0.3 and 1 - 0.7 are both on the edge of 3/10.

    Raises
    ------
    InputError
        If `p` and `y` are not probabilities and outcomes of one length, or `bins` are no bins.

    Notes
    -----
    The first three terms alone sum to the score only if all forecasts of a bin are equal. They
    depend on the bins; `forecast.calibration._corp` needs none.

    References
    ----------
    .. [1] Murphy, A. H. (1973). A new vector partition of the probability score. Journal of
       Applied Meteorology 12(4), 595-600.
    .. [2] Stephenson, D. B., Coelho, C. A. S. & Jolliffe, I. T. (2008). Two extra components in
       the Brier score decomposition. Weather and Forecasting 23(4), 752-757.

    Examples
    --------
    >>> split = murphy([0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1], bins=2)
    >>> round(split.reliability, 4), round(split.within_bin_variance, 4)
    (0.0312, 0.0063)
    """
    forecasts, happened = written_vectors(p, y)
    index = bin_index(forecasts, bins)
    total, base_rate = forecasts.size, happened.mean()
    count = np.bincount(index).astype(np.float64)  # (bin,)
    full = np.maximum(count, 1)
    forecast_mean = np.bincount(index, weights=forecasts) / full
    share_of_yes = np.bincount(index, weights=happened) / full
    inside = forecasts - forecast_mean[index]  # (forecast,)
    return Murphy(
        brier=float(((forecasts - happened) ** 2).mean()),
        reliability=float((count * (forecast_mean - share_of_yes) ** 2).sum() / total),
        resolution=float((count * (share_of_yes - base_rate) ** 2).sum() / total),
        uncertainty=float(base_rate * (1 - base_rate)),
        within_bin_variance=float((inside**2).mean()),
        within_bin_covariance=float(2 * (inside * (happened - share_of_yes[index])).mean()),
    )


def bin_index(p: Floats, bins: int | ArrayLike) -> np.ndarray:
    """Return the bin of each probability; bins include their lower edge, the last both edges."""
    edges = numbers(bins, "bins")
    if edges.ndim == 0:
        number = int(edges) if 1 <= edges <= MOST_BINS and edges == np.floor(edges) else -1
        edges = np.arange(number + 1) / max(number, 1)  # k / n, rounded once
    edges = as_written(edges)
    sound = edges.ndim == 1 and edges.size > 1 and (np.diff(edges) > 0).all()
    if not sound or edges[0] != 0 or edges[-1] != 1:
        raise InputError(
            Fault(
                "bins are a number of bins, or edges that increase from 0 to 1",
                "Write for example bins=10.",
                field="bins",
                value=str(bins),
            )
        )
    return np.searchsorted(edges[1:-1], as_written(p), side="right")


def expected_calibration_error(p: ArrayLike, y: ArrayLike, *, bins: int | ArrayLike) -> float:
    r"""Return the expected calibration error, :math:`\sum_k n_k |\bar f_k - \bar o_k| / n`.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    bins
        The number of bins of equal width, or their edges, as for `murphy`, with the same errors.

    Notes
    -----
    For comparison with published figures only; nothing in this library uses it. It is not proper:
    always forecasting the base rate scores 0. It is biased upwards, more so with fewer forecasts
    and more bins, so even calibrated forecasts score well above 0 [1]_. It depends on the bins, and
    errors of opposite sign cancel within a bin. Use `corp`, its bands, and `recalibration_test`.

    References
    ----------
    .. [1] Roelofs, R., Cain, N., Shlens, J. & Mozer, M. C. (2022). Mitigating bias in calibration
       error estimation. AISTATS, PMLR 151, 4036-4054.

    Examples
    --------
    >>> round(expected_calibration_error([0.1, 0.2, 0.7, 0.9], [0, 0, 1, 1], bins=2), 4)
    0.175
    """
    forecasts, happened = written_vectors(p, y)
    missed = np.bincount(bin_index(forecasts, bins), weights=forecasts - happened)
    return float(np.abs(missed).sum() / forecasts.size)
