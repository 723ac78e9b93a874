"""Importance sampling with Pareto smoothing and a proposal that adapts only where it must.

Everything is in the space of standard normals z, so the prior is N(0, I). Where evidence is
scarce it informs a few directions only; the others keep their prior exactly [1]_. In the informed
directions the proposal is a Student t around the mode, mixed with the prior as a defence [2]_.

References
----------
.. [1] Cui, Martin, Marzouk, Solonen & Spantini (2014). Likelihood-informed dimension reduction
   for nonlinear inverse problems. Inverse Problems 30.
.. [2] Hesterberg (1995). Weighted average importance sampling and defensive mixture
   distributions. Technometrics 37.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln, logsumexp, ndtri

from forecast.engine._sobol import scrambled_sobol
from forecast.errors import ContradictionError
from forecast.gate import Gate, importance_gate, khat_limit
from forecast.seeds import child_seed, generator

type Floats = NDArray[np.float64]


type LogLikelihood = Callable[[Floats], Floats]  # (draw, dimension) -> (draw,)


GOOD_SHARE = 0.2  # effective draws a draw at which a proposal is good enough to stop
ROUNDS = 3
REPLICATES = 32
"""Scrambled Sobol sequences that share the draws: independent, so that their spread is the error of
what all of them say together, which no formula for independent draws would give [1]_.

.. [1] Owen (1997). Scrambled net variance for integrals of smooth functions. Annals of Statistics.
"""
GRADIENT_STEP = 1e-5
HESSIAN_STEP = 1e-3
INFORMED = 0.02  # least precision, in units of the prior's, that data must add to a direction
DEFENCE = 0.1
DEGREES_OF_FREEDOM = 8.0
INFLATION = 1.1
SMALLEST_UNIFORM = 1e-12
PRIOR_WEIGHT = 10  # of a shape of one half, in draws, in the fit of the tail
LEAST_TAIL = 5
SMALL_SAMPLE = 225
FLAT = 1e-9  # of a weight: a tail that rises by less is none


@dataclass(frozen=True)
class Prior:
    """The prior itself."""

    def draw(self, number: int, dimensions: int, seed: int) -> Floats:
        """Return draws from N(0, I)."""
        return np.asarray(ndtri(sobol(number, dimensions, seed)))

    def log_ratio(self, z: Floats) -> Floats:
        """Return zeros: the proposal is the prior."""
        return np.zeros(len(z))


@dataclass(frozen=True)
class LocalFit:
    """A Student t in the informed directions around a mode, the prior elsewhere and as defence.

    Parameters
    ----------
    mode
        Shape (dimension,); its part outside the informed directions is ignored.
    directions
        Orthonormal columns, shape (dimension, informed).
    factor
        Lower Cholesky factor of the scale in those directions, shape (informed, informed).
    """

    mode: Floats
    directions: Floats
    factor: Floats

    def draw(self, number: int, dimensions: int, seed: int) -> Floats:
        """Return draws from the mixture; two more Sobol dimensions pick its part and its tail."""
        u = sobol(number, dimensions + 2, seed)
        z = np.asarray(ndtri(u[:, :dimensions]))
        local = u[:, dimensions] > DEFENCE
        chi2 = 2 * gammaincinv(DEGREES_OF_FREEDOM / 2, u[:, dimensions + 1])
        w = z @ self.directions  # (draw, informed)
        stretch = np.sqrt(DEGREES_OF_FREEDOM / chi2)
        centre = self.mode @ self.directions
        moved = centre + stretch[:, None] * (w @ self.factor.T)
        z[local] += ((moved - w) @ self.directions.T)[local]
        return z

    def log_ratio(self, z: Floats) -> Floats:
        """Return log(prior / mixture), in which the uninformed directions cancel."""
        w = z @ self.directions
        r = w.shape[1]
        if r == 0:
            return np.zeros(len(z))
        x = np.linalg.solve(self.factor, (w - self.mode @ self.directions).T)
        nu = DEGREES_OF_FREEDOM
        log_t = (
            gammaln((nu + r) / 2)
            - gammaln(nu / 2)
            - 0.5 * r * np.log(nu * np.pi)
            - np.log(np.diag(self.factor)).sum()
            - 0.5 * (nu + r) * np.log1p((x**2).sum(axis=0) / nu)
        )
        log_prior = -0.5 * (w**2).sum(axis=1) - 0.5 * r * np.log(2 * np.pi)
        mixture = np.logaddexp(np.log(DEFENCE) + log_prior, np.log1p(-DEFENCE) + log_t)
        return np.asarray(log_prior - mixture)


type Proposal = Prior | LocalFit


def sobol(number: int, dimensions: int, seed: int) -> Floats:
    """Return scrambled Sobol points, away from 0 and 1."""
    points = scrambled_sobol(number, dimensions, np.random.default_rng(seed))
    return np.clip(points, SMALLEST_UNIFORM, 1 - SMALLEST_UNIFORM)


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
    source, seed
        What `drawn` made `z` of.
    log_evidence
        The log of the mean likelihood under the prior, from the weights as they were.
    """

    z: Floats
    weights: Floats
    khat: float
    ess: float
    proposal: str
    source: Proposal
    seed: int
    log_evidence: float

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


def drawn(proposal: Proposal, dimensions: int, draws: int, seed: int) -> Floats:
    """Return what a proposal draws, replicate by replicate: shape (draw, dimension)."""
    if not dimensions:
        return np.zeros((draws, 0))
    each = draws // REPLICATES
    seeds = [child_seed(seed, "replicate", r) for r in range(REPLICATES)]
    return np.concatenate([proposal.draw(each, dimensions, own) for own in seeds])


def _weigh(
    log_likelihood: LogLikelihood,
    proposal: Proposal,
    name: str,
    dimensions: int,
    draws: int,
    seed: int,
) -> Weighted:
    z = drawn(proposal, dimensions, draws, seed)
    log_weights = log_likelihood(z) + proposal.log_ratio(z)
    possible = np.isfinite(log_weights)
    if not possible.any():
        msg = "the evidence is impossible under this network: no draw of its parameters allows it"
        raise ContradictionError(msg)
    log_evidence = float(logsumexp(log_weights) - np.log(draws))
    if np.ptp(log_weights) < 1e-12:  # noqa: PLR2004 - nothing was learned
        alike = np.full(draws, 1 / draws)
        ess = float(draws)
        return Weighted(z, alike, -np.inf, ess, name, proposal, seed, log_evidence)
    floor = log_weights[possible].min() - 700
    smoothed, khat = pareto_smooth(np.where(possible, log_weights, floor))
    weights = np.where(possible, np.exp(smoothed), 0.0)
    weights /= weights.sum()
    ess = float(1 / (weights**2).sum())
    return Weighted(z, weights, float(khat), ess, name, proposal, seed, log_evidence)


def resample(weights: Floats, number: int, seed: int) -> np.ndarray:
    """Return indices of equally weighted draws, by systematic resampling in random order."""
    rng = generator(seed, "resample")
    order = rng.permutation(len(weights))  # Sobol points alternate: in their order, so would picks
    positions = (np.arange(number) + rng.uniform()) / number
    picks = np.searchsorted(np.cumsum(weights[order])[:-1], positions, side="right")
    return np.sort(order[picks])


def fit_at_mode(log_likelihood: LogLikelihood, start: Floats) -> LocalFit:
    """Return a Laplace fit: the posterior mode near `start`, and the curvature there.

    Derivatives are central differences, evaluated as one batch; coordinates that the likelihood
    does not depend on are found first and left to the prior.
    """
    active = _active(log_likelihood, start)
    dimensions = len(start)

    def embed(x: Floats) -> Floats:
        z = np.zeros((*x.shape[:-1], dimensions))
        z[..., active] = x
        return z

    def value_and_slope(x: Floats) -> tuple[float, Floats]:
        steps = np.eye(len(x)) * GRADIENT_STEP
        points = np.concatenate([x[None], x + steps, x - steps])
        values = log_likelihood(embed(points)) - 0.5 * (points**2).sum(axis=1)
        values = np.where(np.isfinite(values), values, -1e10)
        up, down = values[1 : len(x) + 1], values[len(x) + 1 :]
        return -float(values[0]), -(up - down) / (2 * GRADIENT_STEP)

    from scipy.optimize import minimize  # noqa: PLC0415 - heavy, and the prior needs none

    found = minimize(
        value_and_slope, start[active], jac=True, method="L-BFGS-B", options={"maxiter": 100}
    )
    curvature = _curvature(lambda x: log_likelihood(embed(x)), np.asarray(found.x))
    return _local_fit(embed(found.x), active, curvature)


def _active(log_likelihood: LogLikelihood, start: Floats) -> NDArray[np.intp]:
    moved = start + 0.3 * np.eye(len(start))
    values = log_likelihood(np.concatenate([start[None], moved]))
    return np.flatnonzero(values[1:] != values[0])


def _curvature(log_likelihood: LogLikelihood, mode: Floats) -> Floats:
    """Return minus the Hessian of the log likelihood, by differences of one batch of values."""
    d, h = len(mode), HESSIAN_STEP
    first, second = np.triu_indices(d)
    eye = np.eye(d) * h
    pairs = mode + eye[first] + eye[second]
    values = log_likelihood(np.concatenate([mode[None], mode + eye, pairs]))
    values = np.where(np.isfinite(values), values, values[0])
    at, single, double = values[0], values[1 : d + 1], values[d + 1 :]
    hessian = np.zeros((d, d))
    hessian[first, second] = (double - single[first] - single[second] + at) / h**2
    return -(hessian + np.triu(hessian, 1).T)


def _local_fit(mode: Floats, active: NDArray[np.intp], curvature: Floats) -> LocalFit:
    added, vectors = np.linalg.eigh(curvature)
    added = np.maximum(added, -0.5)  # where the likelihood widens the prior, widen with care
    informed = np.abs(added) > INFORMED
    directions = np.zeros((len(mode), int(informed.sum())))
    directions[active] = vectors[:, informed]
    scale = INFLATION / np.sqrt(1 + added[informed])
    drift = mode - directions @ (mode @ directions)
    length = float(np.linalg.norm(drift))
    if length > INFORMED:  # the mode's shift is informed too, even where curvature is not
        directions = np.column_stack([directions, drift / length])
        scale = np.append(scale, INFLATION)
    return LocalFit(mode, directions, np.diag(scale))


def fit_to_draws(z: Floats, weights: Floats, directions: Floats) -> LocalFit:
    """Return a fit to the moments of weighted draws within given directions."""
    w = z @ directions
    centre = weights @ w
    deviations = w - centre
    covariance = (weights[:, None] * deviations).T @ deviations
    shrunk = 0.95 * covariance + 0.05 * np.eye(len(centre))
    return LocalFit(directions @ centre, directions, np.linalg.cholesky(INFLATION**2 * shrunk))


# ArviZ has it too, and takes longer to import than most forecasts; the tests hold the two together.
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
    all alike, or five at least that exceed the rest, there is no tail, and k is minus infinity:
    which is no proof that draws of such weights are not missing.

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
    elif len(largest) >= LEAST_TAIL and np.ptp(excess) <= FLAT * excess[-1]:
        khat = -np.inf  # a Pareto distribution has no such tail to be fitted to
    elif len(largest) >= LEAST_TAIL:
        khat, scale = _fit_pareto(excess)
        if np.isfinite(khat):
            ranks = (np.arange(len(largest)) + 0.5) / len(largest)
            shifted = shifted.copy()
            with np.errstate(over="ignore"):  # to infinity, and cut to the largest weight
                stretch = np.expm1(-khat * np.log1p(-ranks)) / khat if khat else -np.log1p(-ranks)
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
    with np.errstate(over="ignore"):  # to infinity, of which the inverse is what is meant
        weights = 1 / np.exp(profile - profile[:, None]).sum(axis=1)
    keep = weights >= 10 * np.finfo(float).eps
    weights, b = weights[keep] / weights[keep].sum(), b[keep]
    best = float((b * weights).sum())
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (n * shape + PRIOR_WEIGHT * 0.5) / (n + PRIOR_WEIGHT), scale
