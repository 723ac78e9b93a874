"""When two numbers are equal as written.

People write decimals, and computers add rounding errors: 0.1 + 0.2 is 0.30000000000000004, 1 - 0.7
is 0.30000000000000004, and 0.3 - 0.2 is 0.09999999999999998. Two probabilities are equal if they
agree to 12 decimals, and ties, bins, thresholds and alerts all use the number to 12 decimals.

Why 12, and why decimals: nobody knows a probability to a millionth of a millionth, while sums of
numbers below 1 gain errors of about 1e-16 per term. A number written with up to 12 decimals lies in
the middle of those that round to it, and k / n for n up to 1,000 at least 5e-16 from where rounding
turns, so rounding errors move neither. And rounding treats each number by itself, so that no chain
of close neighbours joins distant numbers, as a distance between numbers would.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

PLACES = 12
"""The decimals that count."""


def as_written(values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers to 12 decimals.

    Parameters
    ----------
    values
        Probabilities, shares, or differences of them, any shape.

    Examples
    --------
    >>> as_written([0.1 + 0.2, 1 - 0.7, 0.29 * 100 / 100]).tolist()
    [0.3, 0.3, 0.29]
    """
    rounded = np.round(np.asarray(values, dtype=np.float64), PLACES)
    return np.asarray(rounded + 0.0)  # no -0.0


def same(one: ArrayLike, other: ArrayLike) -> NDArray[np.bool_]:
    """Return whether numbers are equal to 12 decimals.

    Examples
    --------
    >>> bool(same(0.1 + 0.2, 0.3)), bool(same(0.3, 0.300001))
    (True, False)
    """
    return np.asarray(as_written(one) == as_written(other))


def reaches(value: ArrayLike, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Return whether numbers are at or above a threshold, to 12 decimals.

    Examples
    --------
    >>> bool(reaches(0.3 - 0.2, 0.1)), bool(reaches(0.0999, 0.1))
    (True, False)
    """
    return np.asarray(as_written(value) >= as_written(threshold))
