"""JAX: the forward algorithm over the joint states for many draws at once, and importance sampling.

What eventcast does, as an expert in JAX would write it: one ``lax.scan`` over the steps, draws
along the last axis, where the processor's vectors lie, and a Student's t proposal with 50 degrees
of freedom that is fitted to the weighed draws of the round before. In 64 bits or in 32. One rule
sets it up for every problem: rounds of `FEWEST` draws from the prior on, weighed with the power of
the weights that leaves a quarter of them, until half are left by the weights themselves; then as
many draws as come to 400 effective ones. Spreads are drawn in towards the prior's, as if that were
twice as many draws as there are numbers.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, ndtri
from scipy.stats import qmc

from benchmarks.peers.numpyro_forward import forward
from benchmarks.peers.outcome import WANTED, Outcome, Spent, Watch, peak_memory, typical
from benchmarks.peers.statement import Statement

__all__ = ["sample", "sample_in_32_bits"]

type Floats = NDArray[np.float64]

FEWEST, MOST, BLOCK = 256, 65_536, 128
ROUNDS, LEFT, ENOUGH = 8, 0.25, 0.5
"""How many rounds at the most, and which share of its draws is to be left by a round's weights, and
by the last one's."""
FREEDOM = 50.0


def sample(statement: Statement, seconds: float, seed: int) -> Outcome:
    """Return what importance sampling in 64 bits comes to."""
    return _sample(statement, seconds, seed, bits=64)


def sample_in_32_bits(statement: Statement, seconds: float, seed: int) -> Outcome:
    """Return what importance sampling in 32 bits comes to."""
    return _sample(statement, seconds, seed, bits=32)


def _sample(statement: Statement, seconds: float, seed: int, *, bits: int) -> Outcome:
    del seconds  # it stops by itself
    import jax  # noqa: PLC0415

    jax.config.update("jax_enable_x64", bits == 64)
    compiled = jax.jit(forward(statement))

    def evidence(z: Floats) -> tuple[Floats, Floats]:
        """Return log likelihoods and forecasts of draws, shape (draw,), a block at a time."""
        blocks = [z[:, at : at + BLOCK] for at in range(0, z.shape[1], BLOCK)]
        kind = np.float64 if bits == 64 else np.float32
        found = [compiled(block.astype(kind)) for block in blocks]
        first, second = (np.concatenate([np.asarray(f[k]) for f in found]) for k in (0, 1))
        return first.astype(np.float64), second.astype(np.float64)

    def work(draws: int) -> tuple[float, float, float]:
        return _estimate(evidence, statement.dimensions, draws, seed)

    watch = Watch()
    work(FEWEST)
    first = watch.lap()
    draws = FEWEST
    mean, mcse, effective = work(draws)
    while effective < WANTED and draws < MOST:
        draws *= 2
        mean, mcse, effective = work(draws)
    spent = typical(lambda: work(draws))
    return Outcome(
        peer=f"JAX, forward algorithm, importance sampling, {bits} bits",
        mean=mean,
        mcse=mcse,
        ess=effective,
        draws=draws,
        compiling=first.less(spent),
        warming=Spent(0.0, 0.0),
        sampling=spent,
        wanted=spent,
        bytes=peak_memory(),
        note=f"rounds of {FEWEST} draws, then {draws}",
    )


def _estimate(
    evidence: Callable[[Floats], tuple[Floats, Floats]], dimensions: int, draws: int, seed: int
) -> tuple[float, float, float]:
    """Return the forecast, its standard error, and the effective draws that it rests on."""
    centre, root = np.zeros(dimensions), np.eye(dimensions)
    log_root = 0.0
    for number in range(ROUNDS):
        z, log_weights, _ = _weighed(evidence, centre, root, log_root, FEWEST, (seed, number))
        power = _tempering(log_weights)
        weights = _normal(power * log_weights)
        centre = z @ weights
        away = (z - centre[:, None]) * np.sqrt(weights)
        size = 1 / (weights**2).sum()
        spread = size * (away @ away.T) + 2 * dimensions * np.eye(dimensions)
        spread /= size + 2 * dimensions
        root = np.linalg.cholesky(spread)
        log_root = float(np.log(np.diag(root)).sum())
        if power == 1.0 and 1 / (weights**2).sum() > ENOUGH * FEWEST:
            break
    _, log_weights, chances = _weighed(evidence, centre, root, log_root, draws, (seed, ROUNDS))
    weights = _normal(log_weights)
    mean = float(weights @ chances)
    mcse = float(np.sqrt((weights**2 * (chances - mean) ** 2).sum()))
    return mean, mcse, float(1 / (weights**2).sum())


def _weighed(  # noqa: PLR0917  one proposal
    evidence: Callable[[Floats], tuple[Floats, Floats]],
    centre: Floats,
    root: Floats,
    log_root: float,
    draws: int,
    seed: tuple[int, int],
) -> tuple[Floats, Floats, Floats]:
    """Return draws of a multivariate t, their log weights, and what they forecast."""
    n = len(centre)
    uniform = qmc.Sobol(n + 1, rng=np.random.default_rng(seed)).random(draws).T
    uniform = uniform.clip(1e-12, 1 - 1e-12)
    t = ndtri(uniform[:n]) * np.sqrt(FREEDOM / chdtri(FREEDOM, uniform[n]))
    z = centre[:, None] + root @ t
    log_likelihood, chances = evidence(z)
    log_proposal = -(FREEDOM + n) / 2 * np.log1p((t**2).sum(axis=0) / FREEDOM) - log_root
    return z, log_likelihood - (z**2).sum(axis=0) / 2 - log_proposal, chances


def _normal(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _tempering(log_weights: Floats) -> float:
    """Return the power of the weights, at most 1, that leaves enough of the draws."""

    def left(power: float) -> float:
        return float(1 / (_normal(power * log_weights) ** 2).sum() / len(log_weights) - LEFT)

    return 1.0 if left(1.0) >= 0 else float(brentq(left, 0.0, 1.0))
