"""Quantile functions as tables, for compiled code, and the way back from a value to its normal."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from forecast.network.prior import Fixed, Gamma, LogitNormal, LogNormal, Prior, Shaped

__all__ = ["NODES", "line_table", "z_of"]

type Floats = NDArray[np.float64]

NODES = np.linspace(-9.0, 9.0, 1025)
"""Beyond nine standard deviations there is nothing; between nodes the error is some 1e-10."""
REFINED = 4
"""Newton steps from a straight line between nodes."""


def line_table(prior: Prior) -> Floats:
    """Return a prior's line at the nodes, and its slope: shape (node, 2).

    The line is a positive number's logarithm, and the log-odds of a probability.
    """
    line, slope = _line(prior, NODES)
    return np.stack([line, slope], axis=1)


def z_of(prior: Prior, values: Floats) -> Floats:
    """Return the standard normals at which a prior has these values; same shape."""
    if isinstance(prior, LogNormal):
        return np.asarray((np.log(values) - prior.mu) / prior.sigma)
    if isinstance(prior, LogitNormal):
        return np.asarray((logit(values) - prior.mu) / prior.sigma)
    assert not isinstance(prior, Fixed), prior  # noqa: S101 - it has the same value everywhere
    is_chance = isinstance(prior, Shaped) and prior.is_chance
    wanted = np.asarray(logit(values) if is_chance else np.log(values))
    line = _line(prior, NODES)[0]
    place = np.clip(np.searchsorted(line, wanted) - 1, 0, len(NODES) - 2)
    low, high = NODES[place], NODES[place + 1]
    z = np.asarray(np.interp(wanted, line, NODES), dtype=np.float64)
    for _ in range(REFINED):
        at, slope = _line(prior, z)
        step = np.divide(wanted - at, slope, out=np.zeros_like(z), where=slope > 0)
        z = np.minimum(np.maximum(z + step, low), high)
    return z


def _line(prior: Prior, z: Floats) -> tuple[Floats, Floats]:
    if isinstance(prior, Shaped):
        return prior.line(z), prior.dline_dz(z)
    assert isinstance(prior, Gamma | LogNormal), prior  # noqa: S101 - a positive number
    value = prior.from_z(z)
    return np.log(value), prior.dvalue_dz(z) / value
