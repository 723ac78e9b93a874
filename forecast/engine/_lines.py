"""Lines of stated numbers: the logarithm of a positive one, and the log-odds of a probability."""

import numpy as np

from forecast.engine._jit import bare
from forecast.engine._problem import Floats

FIXED, EXP, EXPIT, POOLED, TABLE, ODDS_TABLE = 0, 1, 2, 3, 4, 5


@bare
def expit(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow."""
    if x >= 0.0:
        return float(1.0 / (1.0 + np.exp(-x)))
    e = np.exp(x)
    return float(e / (1.0 + e))


@bare
def from_table(node: Floats, table: Floats, row: int, z: float) -> tuple[float, float]:
    """Return a line and its slope by cubic interpolation, straight beyond the last node."""
    last = len(node) - 1
    step = (node[last] - node[0]) / last
    k = min(max(int((z - node[0]) / step), 0), last - 1)
    low, low_slope = table[row, k, 0], table[row, k, 1]
    high, high_slope = table[row, k + 1, 0], table[row, k + 1, 1]
    t = (z - node[k]) / step
    if t < 0.0:
        return float(low + low_slope * (z - node[0])), float(low_slope)
    if t > 1.0:
        return float(high + high_slope * (z - node[last])), float(high_slope)
    u = 1.0 - t
    line = u * u * ((1.0 + 2.0 * t) * low + t * step * low_slope) + t * t * (
        (3.0 - 2.0 * t) * high - u * step * high_slope
    )
    slope = (
        6.0 * t * u * (high - low) / step
        + u * (1.0 - 3.0 * t) * low_slope
        + t * (3.0 * t - 2.0) * high_slope
    )
    return float(line), float(slope)


@bare
def log_odds(p: float) -> float:
    """Return log(p / (1 - p))."""
    return float(np.log(p) - np.log1p(-p))


@bare
def from_line(form: int, line: float) -> float:
    """Return a positive number or a probability; of a strength over a base, the rate while on."""
    return float(np.exp(line)) if form in (EXP, TABLE) else expit(line)
