"""Importance sampling where one number sets the scale of others: a fit at each of its values.

Given the spread of the steps of a drift, the steps are close to normal; together with it they are
not, for where the steps are well known their standard normals shrink as the spread grows. So the
posterior given the spread is fitted at values of it, and in between fits are interpolated [1]_:
each draw's spread comes from its approximate posterior, and the rest from a Student t at the mode
that goes with it, split in each direction, since rates of what never came are skewed [2]_.

References
----------
.. [1] Rue, H., Martino, S. & Chopin, N. (2009). Approximate Bayesian inference for latent Gaussian
   models by using integrated nested Laplace approximations. JRSS B 71(2), 319-392.
.. [2] Geweke, J. (1989). Bayesian inference in econometric models using Monte Carlo integration.
   Econometrica 57(6), 1317-1339.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln, logsumexp, ndtri

from forecast.engine._importance import pareto_smooth, sobol
from forecast.gate import Gate, importance_gate

type Floats = NDArray[np.float64]
type LogLikelihood = Callable[[Floats], Floats]

VALUES = np.linspace(-4.0, 4.0, 17)
FINE = 401
"""Points at which the density of the scale is tabulated."""
DEGREES_OF_FREEDOM = 5.0
INFLATION = 1.05
FLATTEN = 0.9
"""Power of the approximate density of the scale, so that its tails are covered."""
STEPS, CLOSE, FARTHEST = 30, 1e-6, 2.0
"""Of Newton's method: at most so many, until none is longer, none longer than that."""
STEP = 1e-3
AWAY = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
"""Standard deviations from the mode at which the fall of the density says how wide that side is."""
NARROWEST, WIDEST = 0.3, 4.0
FARTHEST_FALL = 8.0
"""Of the log density: where it is lower still, it says nothing of where most draws are."""


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


@dataclass(frozen=True)
class Fit:
    """The posterior of the rest given the scale, near its mode.

    Parameters
    ----------
    mode
        Shape (rest,).
    factor
        Lower Cholesky factor of the inverse curvature, shape (rest, rest).
    sides
        Log of the widths below and above the mode along each column of the factor, (2, rest).
    height
        The log of the integral over the rest, by Laplace's method.
    """

    mode: Floats
    factor: Floats
    sides: Floats
    height: float


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
    rest = dimensions - 1
    others = np.delete(np.arange(dimensions), scale)

    def joined(value: Floats | float, z: Floats) -> Floats:
        found = np.empty((len(z), dimensions))
        found[:, scale], found[:, others] = value, z
        return found

    fits = _fits(lambda value, z: log_likelihood(joined(value, z)), rest)
    u = sobol(draws, dimensions + 1, seed)
    value, log_density = _along(fits, u[:, 0])
    z, log_t = _across(fits, value, u[:, 1:])
    whole = joined(value, z)
    log_prior = -0.5 * (whole**2).sum(axis=1) - 0.5 * dimensions * np.log(2 * np.pi)
    log_weights = log_likelihood(whole) + log_prior - log_t - log_density
    possible = np.isfinite(log_weights)
    floor = log_weights[possible].min() - 700
    smoothed, khat = pareto_smooth(np.where(possible, log_weights, floor))
    weights = np.where(possible, np.exp(smoothed), 0.0)
    weights /= weights.sum()
    ess = float(1 / (weights**2).sum())
    log_evidence = float(logsumexp(log_weights) - np.log(draws))
    return Draws(whole, weights, importance_gate(khat, ess, draws), ess, log_evidence)


def _along(fits: list[Fit], u: Floats) -> tuple[Floats, Floats]:
    """Return scales from about their posterior, and the log density that they come from."""
    grid = np.linspace(VALUES[0], VALUES[-1], FINE)
    heights = np.interp(grid, VALUES, [fit.height for fit in fits]) - 0.5 * grid**2
    density = np.exp(FLATTEN * (heights - heights.max()))
    mass = (density[1:] + density[:-1]) / 2
    below = np.concatenate([[0.0], np.cumsum(mass)])
    value = np.interp(u * below[-1], below, grid)
    cell = np.clip(np.searchsorted(grid, value) - 1, 0, FINE - 2)
    return value, np.log(mass[cell] / below[-1] / (grid[1] - grid[0]))


def _across(fits: list[Fit], value: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Return the rest given each scale, from a split Student t, and its log density.

    Parameters
    ----------
    fits
        At `VALUES`.
    value
        The scales, shape (draw,).
    u
        Uniform, shape (draw, rest + 1).
    """
    share = np.interp(value, VALUES, np.arange(len(VALUES)))
    left = np.minimum(share.astype(int), len(VALUES) - 2)
    away = (share - left)[:, None]
    nu, rest = DEGREES_OF_FREEDOM, u.shape[1] - 1
    stretch = np.sqrt(nu / (2 * gammaincinv(nu / 2, u[:, rest])))
    even = stretch[:, None] * ndtri(u[:, :rest])  # (draw, rest): before it is split and scaled
    z, log_scale = np.empty_like(even), np.empty(len(value))
    for k, (low, high) in enumerate(pairwise(fits)):
        here = left == k
        a, x = away[here], even[here]
        below, above = ((1 - a) * low.sides[i] + a * high.sides[i] for i in (0, 1))
        log_width = np.log(INFLATION) + np.where(x < 0, below, above)
        x = np.exp(log_width) * x
        mode = (1 - a) * low.mode + a * high.mode
        z[here] = mode + (1 - a) * (x @ low.factor.T) + a * (x @ high.factor.T)
        diagonal = (1 - a) * np.diag(low.factor) + a * np.diag(high.factor)
        log_scale[here] = (np.log(diagonal) + log_width).sum(axis=1)
    log_t = gammaln((nu + rest) / 2) - gammaln(nu / 2) - 0.5 * rest * np.log(nu * np.pi)
    return z, log_t - log_scale - 0.5 * (nu + rest) * np.log1p((even**2).sum(axis=1) / nu)


def _fits(log_likelihood: Callable[[float, Floats], Floats], rest: int) -> list[Fit]:
    """Return the fit at each value, each mode looked for from that of the value beside it."""
    found: dict[int, Fit] = {}
    middle = len(VALUES) // 2
    for k in [*range(middle, -1, -1), *range(middle + 1, len(VALUES))]:
        beside = found.get(k + 1) if k < middle else found.get(k - 1)
        start = np.zeros(rest) if beside is None else beside.mode

        def height(z: Floats, value: float = float(VALUES[k])) -> Floats:
            return log_likelihood(value, z) - 0.5 * (z**2).sum(axis=1)

        found[k] = _fit(height, start)
    return [found[k] for k in range(len(VALUES))]


def _fit(height: LogLikelihood, start: Floats) -> Fit:
    """Return the mode by Newton's method, derivatives by differences, and the curvature there."""
    mode = start
    for _ in range(STEPS):
        value, slope, curvature = _derivatives(height, mode)
        step = np.linalg.solve(curvature, slope)
        step *= min(1.0, FARTHEST / max(float(np.abs(step).max()), 1e-12))
        tried = height(mode + step * 0.5 ** np.arange(6)[:, None])
        best = int(np.argmax(np.where(np.isfinite(tried), tried, -np.inf)))
        if not tried[best] > value:
            break
        mode = mode + step * 0.5**best
        if float(np.abs(step).max()) < CLOSE:
            break
    value, _, curvature = _derivatives(height, mode)
    factor = np.linalg.cholesky(np.linalg.inv(curvature))
    sides = _sides(height, mode, factor, value)
    both = np.log(np.exp(sides).mean(axis=0)).sum()
    return Fit(mode, factor, sides, value + float(np.log(np.diag(factor)).sum() + both))


def _sides(height: LogLikelihood, mode: Floats, factor: Floats, top: float) -> Floats:
    """Return the log of the widths on both sides, relative to the factor's columns, (2, rest)."""
    rest = len(mode)
    steps = np.concatenate([-AWAY, AWAY])[:, None, None] * factor.T  # (step, column, rest)
    fall = top - height(mode + steps.reshape(-1, rest)).reshape(2, len(AWAY), rest)
    fall = np.where(np.isfinite(fall), np.maximum(fall, 1e-12), 1e12)
    widths = AWAY[:, None] / np.sqrt(2 * fall)  # (side, step, column)
    widths = np.where(fall < FARTHEST_FALL, widths, 0.0).max(axis=1)
    return np.log(np.clip(widths, NARROWEST, WIDEST))


def _derivatives(height: LogLikelihood, at: Floats) -> tuple[float, Floats, Floats]:
    """Return a height, its slope, and minus its second derivatives, made positive definite."""
    d = len(at)
    first, second = np.triu_indices(d, 1)
    eye = np.eye(d) * STEP
    points = [at[None], at + eye, at - eye, at + eye[first] + eye[second]]
    values = height(np.concatenate(points))
    values = np.where(np.isfinite(values), values, values[0] - 1e3)
    value, up, down = values[0], values[1 : d + 1], values[d + 1 : 2 * d + 1]
    curvature = np.diag((up + down - 2 * value) / STEP**2)
    cross = (values[2 * d + 1 :] - up[first] - up[second] + value) / STEP**2
    curvature[first, second] = curvature[second, first] = cross
    eigenvalues, vectors = np.linalg.eigh(-curvature)
    curvature = (vectors * np.maximum(eigenvalues, 0.5)) @ vectors.T
    return float(value), (up - down) / (2 * STEP), curvature
