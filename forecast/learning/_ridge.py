"""Importance sampling where one number sets the scale of others: a fit at each of its values.

Given the spread of the steps of a drift, the steps are close to normal; together with it they are
not, and the mode of all of them says little. So the posterior given the spread is fitted at a few
of its values, and a mixture of these fits is what draws come from.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri

from forecast.engine._importance import Proposal, importance_sample, pareto_smooth, sobol
from forecast.gate import Gate, importance_gate
from forecast.seeds import child_seed

type Floats = NDArray[np.float64]
type LogLikelihood = Callable[[Floats], Floats]

VALUES = np.linspace(-3.0, 3.0, 9)
WIDTH = 0.6
"""Of each part of the mixture along the scale: three quarters of the distance between them."""
FEW = 512
LEAST_SHARE = 0.005
"""Of the draws that each part of the mixture has."""


@dataclass(frozen=True)
class Draws:
    """Weighted draws.

    Parameters
    ----------
    z
        Standard normals, shape (draw, dimension).
    weights
        Pareto-smoothed, summing to one.
    gate
        The verdict on them.
    ess
        Their effective number.
    log_evidence
        The log of the mean likelihood under the prior.
    """

    z: Floats
    weights: Floats
    gate: Gate
    ess: float
    log_evidence: float


def sample_along(
    log_likelihood: LogLikelihood, dimensions: int, scale: int, *, draws: int, seed: int
) -> Draws:
    """Return weighted draws of the posterior of standard normals, one of which is a scale.

    Parameters
    ----------
    log_likelihood
        Takes (draw, dimension), returns (draw,).
    dimensions
        How many normals there are.
    scale
        Which of them sets the scale of others.
    draws
        A power of two.
    seed
        Of the scrambled Sobol points.
    """
    others = np.delete(np.arange(dimensions), scale)

    def put(value: Floats, rest: Floats) -> Floats:
        z = np.empty((len(rest), dimensions))
        z[:, scale], z[:, others] = value, rest
        return z

    parts: list[Proposal] = []
    heights = []
    for k, value in enumerate(VALUES):
        found = importance_sample(
            lambda rest, at=value: log_likelihood(put(at, rest)),  # type: ignore[misc]
            dimensions - 1,
            draws=FEW,
            seed=child_seed(seed, "scale", k),
        )
        parts.append(found.source)
        heights.append(found.log_evidence - 0.5 * value**2)
    shares = np.exp(np.array(heights) - logsumexp(heights))
    shares = np.maximum(shares, LEAST_SHARE)
    shares = shares / shares.sum()
    counts = np.diff(np.round(np.cumsum([0.0, *shares]) * draws).astype(int))
    z = np.concatenate(
        [
            put(
                value
                + WIDTH * ndtri(sobol(_power(count), 1, child_seed(seed, "along", k))[:count, 0]),
                part.draw(_power(count), dimensions - 1, child_seed(seed, "across", k))[:count],
            )
            for k, (value, part, count) in enumerate(zip(VALUES, parts, counts, strict=True))
            if count
        ]
    )
    rest, at = np.ascontiguousarray(z[:, others]), z[:, scale]
    log_parts = [
        np.log(count / draws)
        - 0.5 * ((at - value) / WIDTH) ** 2
        - np.log(WIDTH)
        - part.log_ratio(rest)
        for value, part, count in zip(VALUES, parts, counts, strict=True)
        if count
    ]
    log_weights = log_likelihood(z) - 0.5 * at**2 - logsumexp(log_parts, axis=0)
    possible = np.isfinite(log_weights)
    floor = log_weights[possible].min() - 700
    smoothed, khat = pareto_smooth(np.where(possible, log_weights, floor))
    weights = np.where(possible, np.exp(smoothed), 0.0)
    weights /= weights.sum()
    ess = float(1 / (weights**2).sum())
    log_evidence = float(logsumexp(log_weights) - np.log(draws))
    return Draws(z, weights, importance_gate(khat, ess, draws), ess, log_evidence)


def _power(count: int) -> int:
    """Return the least power of two that is not below a count."""
    return 1 << max(int(count) - 1, 0).bit_length()
