"""The expected calibration error, for comparison with what others publish; nothing here uses it."""

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration.murphy import bin_index
from forecast.scoring.checks import written_vectors

__all__ = ["expected_calibration_error"]


def expected_calibration_error(p: ArrayLike, y: ArrayLike, *, bins: int | ArrayLike) -> float:
    r"""Return the expected calibration error, :math:`\sum_k n_k |\bar f_k - \bar o_k| / n`.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    bins
        How many bins of equal width, or their edges, as for `murphy`.

    Returns
    -------
    float
        A number that depends on the bins.

    Raises
    ------
    InputError
        As `murphy`.

    Notes
    -----
    Not for decisions, and no gate of this library takes it. It is not proper: who always says the
    base rate has 0. It is biased upwards, the more the fewer forecasts and the more bins there are:
    even calibrated forecasts have one well above 0 [1]_. It moves with the bins, and errors of
    opposite sign cancel within one. Use `corp`, its bands, and `recalibration_test`.

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
