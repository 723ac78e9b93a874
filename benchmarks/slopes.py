"""The slope of a cost in a size, on logarithmic scales."""

from collections.abc import Sequence

import numpy as np

__all__ = ["local_slopes", "slope"]


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the exponent b of cost = a · size^b, by least squares on logarithms.

    Parameters
    ----------
    sizes, costs
        Positive, at least two of them, of different sizes.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or anything is not positive.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(costs, dtype=float)
    if len(np.unique(x)) < 2 or len(x) != len(y):
        msg = f"a slope needs costs at two different sizes (got {len(x)} and {len(y)})"
        raise ValueError(msg)
    if not ((x > 0).all() and (y > 0).all()):
        msg = "sizes and costs must be positive"
        raise ValueError(msg)
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def local_slopes(sizes: Sequence[float], costs: Sequence[float]) -> list[float]:
    """Return the exponent between each size and the next."""
    return [slope(sizes[k : k + 2], costs[k : k + 2]) for k in range(len(sizes) - 1)]
