"""The posterior of pooled Poisson rates by quadrature: what the sampler is held against."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from forecast.history._rate_fit import Pooling

type Floats = NDArray[np.float64]

GRID, NODES = 161, 120


def pooled_means(
    onsets: Sequence[int], exposure: Sequence[float], pooling: Pooling
) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each subclass's log rate, without bursts or trend.

    A grid over the centre c and the spread d; given both, each log rate is integrated by itself.
    """
    start = -np.log(np.sum(exposure))
    centres = start + pooling.centre_sd * np.linspace(-5, 5, GRID)  # (c,)
    spreads = pooling.spread_sd * np.linspace(1e-3, 5, GRID)  # (d,)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    log_weight = np.log(np.maximum(weights, 1e-300)) - 0.5 * np.log(2 * np.pi)
    line = centres[:, None, None] + spreads[:, None] * nodes  # (c, d, node)
    log_evidence, first, second = [], [], []
    for k, years in zip(onsets, exposure, strict=True):
        log_p = k * (line + np.log(years)) - years * np.exp(line) - gammaln(k + 1) + log_weight
        total = logsumexp(log_p, axis=2)  # (c, d)
        share = np.exp(log_p - total[:, :, None])
        log_evidence.append(total)
        first.append((share * line).sum(axis=2))
        second.append((share * line**2).sum(axis=2))
    prior = -0.5 * ((centres - start) / pooling.centre_sd) ** 2
    prior = prior[:, None] - 0.5 * (spreads / pooling.spread_sd) ** 2
    joint = prior + np.sum(log_evidence, axis=0)
    weight = np.exp(joint - logsumexp(joint))
    mean = np.array([(weight * values).sum() for values in first])
    square = np.array([(weight * values).sum() for values in second])
    return mean, np.sqrt(square - mean**2)
