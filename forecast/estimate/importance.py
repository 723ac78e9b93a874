"""Importance sampling with Pareto smoothing and a proposal that adapts only where it must."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ContradictionError
from forecast.estimate.gate import Gate, importance_gate, khat_limit
from forecast.estimate.proposal import (
    Floats,
    LocalFit,
    LogLikelihood,
    Prior,
    Proposal,
    fit_at_mode,
    fit_to_draws,
)
from forecast.estimate.psis import pareto_smooth
from forecast.seeds import child_seed, generator

__all__ = ["REPLICATES", "Weighted", "importance_sample", "resample"]

GOOD_SHARE = 0.2  # effective draws a draw at which a proposal is good enough to stop
ROUNDS = 3
REPLICATES = 32
"""Scrambled Sobol sequences that share the draws: independent, so that their spread is the error of
what all of them say together, which no formula for independent draws would give [1]_.

.. [1] Owen (1997). Scrambled net variance for integrals of smooth functions. Annals of Statistics.
"""


@dataclass(frozen=True)
class Weighted:
    """Weighted draws and how far they can be trusted.

    Parameters
    ----------
    z
        Standard-normal coordinates, shape (draw, dimension); of each replicate in turn.
    weights
        Pareto-smoothed, summing to one, shape (draw,).
    khat, ess
        Pareto k of the weights, and their effective sample size.
    proposal
        "prior", "mode" or "adapted".
    """

    z: Floats
    weights: Floats
    khat: float
    ess: float
    proposal: str

    @property
    def gate(self) -> Gate:
        """The verdict on these draws."""
        return importance_gate(self.khat, self.ess, len(self.z))

    @property
    def replicate(self) -> NDArray[np.intp]:
        """The replicate of each draw, shape (draw,)."""
        return np.arange(len(self.z)) * REPLICATES // len(self.z)


def importance_sample(
    log_likelihood: LogLikelihood, dimensions: int, *, draws: int, seed: int
) -> Weighted:
    """Return weighted draws of the posterior of standard-normal parameters.

    Parameters
    ----------
    log_likelihood
        Takes (draw, dimension), returns (draw,).
    dimensions
        Number of parameters.
    draws
        A power of two, from `REPLICATES` on.
    seed
        Of the scrambled Sobol points.

    Raises
    ------
    ContradictionError
        If the evidence is impossible under every draw.
    """
    best = _weigh(log_likelihood, Prior(), "prior", dimensions, draws, child_seed(seed, "prior"))
    if _good(best) or dimensions == 0:
        return best
    local = fit_at_mode(log_likelihood, best.weights @ best.z)
    for attempt in range(ROUNDS):
        name = "mode" if attempt == 0 else "adapted"
        found = _weigh(
            log_likelihood, local, name, dimensions, draws, child_seed(seed, name, attempt)
        )
        best = max(best, found, key=lambda w: (w.gate.passed, w.ess))
        if _good(best):
            break
        local = fit_to_draws(found.z, found.weights, local.directions)
    return best


def _good(found: Weighted) -> bool:
    share = found.ess / len(found.z)
    return share >= GOOD_SHARE and found.khat <= khat_limit(len(found.z))


def _weigh(  # noqa: PLR0917
    log_likelihood: LogLikelihood,
    proposal: Proposal | LocalFit,
    name: str,
    dimensions: int,
    draws: int,
    seed: int,
) -> Weighted:
    each = draws // REPLICATES
    z = np.zeros((draws, 0))
    if dimensions:
        parts = [
            proposal.draw(each, dimensions, child_seed(seed, "replicate", r))
            for r in range(REPLICATES)
        ]
        z = np.concatenate(parts)
    log_weights = log_likelihood(z) + proposal.log_ratio(z)
    possible = np.isfinite(log_weights)
    if not possible.any():
        msg = "the evidence is impossible under this network: no draw of its parameters allows it"
        raise ContradictionError(msg)
    if np.ptp(log_weights) < 1e-12:  # noqa: PLR2004 - nothing was learned
        return Weighted(z, np.full(draws, 1 / draws), -np.inf, float(draws), name)
    floor = log_weights[possible].min() - 700
    smoothed, khat = pareto_smooth(np.where(possible, log_weights, floor))
    weights = np.where(possible, np.exp(smoothed), 0.0)
    weights /= weights.sum()
    return Weighted(z, weights, float(khat), float(1 / (weights**2).sum()), name)


def resample(weights: Floats, number: int, seed: int) -> np.ndarray:
    """Return indices of equally weighted draws, by systematic resampling in random order.

    Parameters
    ----------
    weights
        Summing to one, shape (draw,).
    number
        How many.
    seed
        Of the order, and of the one uniform that it needs.
    """
    rng = generator(seed, "resample")
    order = rng.permutation(len(weights))  # Sobol points alternate: in their order, so would picks
    positions = (np.arange(number) + rng.uniform()) / number
    picks = np.searchsorted(np.cumsum(weights[order])[:-1], positions, side="right")
    return np.sort(order[picks])
