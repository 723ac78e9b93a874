"""Pareto-smoothed importance sampling.

ArviZ has it too; importing that takes longer than most forecasts, so it stands here in forty
lines, and the tests hold the two together.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["pareto_smooth"]

type Floats = NDArray[np.float64]

PRIOR_WEIGHT = 10  # of a shape of one half, in draws, in the fit of the tail
LEAST_TAIL = 5
SMALL_SAMPLE = 225
FLAT = 1e-9  # of a weight: a tail that rises by less is none


def pareto_smooth(log_weights: Floats) -> tuple[Floats, float]:
    """Return smoothed log weights, normalised to sum to one, and the Pareto shape k of the tail.

    Parameters
    ----------
    log_weights
        Shape (draw,); finite.

    Notes
    -----
    The largest weights, 3 sqrt(draws) of them or a fifth if that is fewer, are replaced by the
    expected order statistics of a generalised Pareto distribution fitted to them [1]_ [2]_. With
    fewer than 5 such weights nothing is smoothed and k is infinite; where the largest weights are
    all alike there is no tail, and k is minus infinity.

    References
    ----------
    .. [1] Vehtari, Simpson, Gelman, Yao & Gabry (2024). Pareto smoothed importance sampling. JMLR.
    .. [2] Zhang & Stephens (2009). A new and efficient estimation method for the generalized
       Pareto distribution. Technometrics.
    """
    draws = len(log_weights)
    shifted = log_weights - log_weights.max()
    tail = int(np.ceil(3 * np.sqrt(draws))) if draws > SMALL_SAMPLE else draws // 5
    order = np.argsort(shifted, kind="stable")
    largest = order[-tail:]
    cutoff = max(shifted[order[-tail - 1]], np.log(np.finfo(float).tiny))
    khat = np.inf
    largest = largest[shifted[largest] > cutoff]
    base = np.exp(cutoff)
    excess = np.exp(shifted[largest]) - base
    largest, excess = largest[excess > 0], excess[excess > 0]  # equal but for rounding: no tail
    if not len(excess) or excess[-1] < FLAT * base:
        khat = -np.inf
    elif len(largest) >= LEAST_TAIL:
        khat, scale = _fit_pareto(excess)
        if np.isfinite(khat):
            ranks = (np.arange(len(largest)) + 0.5) / len(largest)
            stretch = np.expm1(-khat * np.log1p(-ranks)) / khat if khat else -np.log1p(-ranks)
            shifted = shifted.copy()
            shifted[largest] = np.minimum(np.log(base + scale * stretch), 0.0)
    total = np.log(np.exp(shifted).sum())
    return shifted - total, float(khat)


def _fit_pareto(excess: Floats) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution from rising excesses."""
    n = len(excess)
    candidates = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    grid = 1 - np.sqrt(candidates / (np.arange(1, candidates + 1) - 0.5))
    b = grid / (3 * quartile) + 1 / excess[-1]
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    profile = n * (np.log(-(b / k)) - k - 1)
    weights = 1 / np.exp(profile - profile[:, None]).sum(axis=1)
    keep = weights >= 10 * np.finfo(float).eps
    weights, b = weights[keep] / weights[keep].sum(), b[keep]
    best = float((b * weights).sum())
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (n * shape + PRIOR_WEIGHT * 0.5) / (n + PRIOR_WEIGHT), scale
