"""Convergence: the worst figures over many numbers that chains have drawn."""

from collections.abc import Mapping

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from forecast.model.parameters import ParameterTable

type Floats = NDArray[np.float64]

TAILS = (0.05, 0.95)  # quantiles whose effective sample size counts


def uncertain(table: ParameterTable, values: Mapping[str, Floats]) -> Floats:
    """Return the draws of every uncertain number, shape (number, chain, draw).

    What was stated as one number has one value in every draw: there is nothing to converge. A
    number that was stated as a range and has one value all the same is a chain that hangs.

    Parameters
    ----------
    table
        The numbers.
    values
        Natural values by group, shape (chain, draw, label).
    """
    found = [np.moveaxis(values[g][..., at], -1, 0) for g, at in table.varying().items() if len(at)]
    return np.concatenate(found) if found else np.zeros((0, 0, 0))


def worst(numbers: Floats, *, tails: bool = True) -> tuple[float, float, float]:
    """Return the largest R-hat and the smallest bulk and tail effective sizes.

    Parameters
    ----------
    numbers
        Shape (number, chain, draw); with none of them everything is as well as can be.
    tails
        Whether the tails count: what is only ever 0 or 1 has none.
    """
    if len(numbers) == 0:
        return 1.0, np.inf, np.inf
    if (np.ptp(numbers, axis=(1, 2)) == 0).any():
        return np.inf, 1.0, 1.0
    # Folded about its median, what is 0 half of the time has one value, and an R-hat of 0/0.
    method = "rank" if tails else "split"
    rhat = float(np.max(array_stats.rhat(numbers, method=method)))
    bulk = float(np.min(array_stats.ess(numbers, method="bulk")))  # a NaN anywhere fails the gate
    tail = array_stats.ess(numbers, method="tail", prob=TAILS) if tails else np.inf
    return rhat, bulk, float(np.min(tail))
