"""Numeric slopes that are good enough to hold a hand-written gradient to eight digits."""

from collections.abc import Callable, Iterator

import numpy as np

from forecast.engine._components import AnyPlan
from forecast.engine._likelihood import log_likelihood
from forecast.engine._problem import Parameters
from tests.tolerances import SLOPE, SLOPE_FLOOR

STEP = 3e-3
"""Relative to the parameter. The truncation error of the extrapolated slope falls with its fourth
power, and its rounding error grows with its inverse: here both are at most some 4e-9 of a slope."""


def numeric_slope(function: Callable[[float], float], step: float) -> float:
    """The slope at 0 by central differences, extrapolated to a step of 0 (Richardson)."""
    coarse, fine = ((function(h) - function(-h)) / (2 * h) for h in (step, step / 2))
    return (4 * fine - coarse) / 3


def wrong_slopes(
    plans: tuple[AnyPlan, ...],
    theta: Parameters,
    gradient: Parameters,
    slope: float = SLOPE,
    floor: float = SLOPE_FLOOR,
) -> Iterator[tuple[str, tuple[int, ...], float, float]]:
    """Yield each coordinate whose slope is wrong: its name, its place, and both slopes."""
    for name in Parameters._fields:
        values, slopes = getattr(theta, name), getattr(gradient, name)
        for where in np.ndindex(values.shape):
            along = moved(plans, theta, name, where)
            numeric = numeric_slope(along, STEP * float(values[where]))
            if not abs(slopes[where] - numeric) <= slope * abs(numeric) + floor:
                yield name, where, float(slopes[where]), numeric


def moved(
    plans: tuple[AnyPlan, ...], theta: Parameters, name: str, where: tuple[int, ...]
) -> Callable[[float], float]:
    """The log likelihood as a function of how far one coordinate is moved."""
    values = getattr(theta, name)

    def function(move: float) -> float:
        new = values.copy()
        new[where] += move
        return log_likelihood(plans, theta._replace(**{name: new}))

    return function
