"""The proposal of importance sampling: the prior, or a fit at the mode where the data inform.

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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaincinv, gammaln, ndtri
from scipy.stats import qmc

__all__ = ["LocalFit", "LogLikelihood", "Prior", "Proposal", "fit_at_mode", "fit_to_draws"]

type Floats = NDArray[np.float64]
type LogLikelihood = Callable[[Floats], Floats]  # (draw, dimension) -> (draw,)

GRADIENT_STEP = 1e-5
HESSIAN_STEP = 1e-3
INFORMED = 0.02  # least precision, in units of the prior's, that data must add to a direction
DEFENCE = 0.1
DEGREES_OF_FREEDOM = 8.0
INFLATION = 1.1
SMALLEST_UNIFORM = 1e-12


class Proposal(Protocol):
    """A distribution to draw from, of known density relative to the prior's."""

    def draw(self, number: int, dimensions: int, seed: int) -> Floats:
        """Return scrambled Sobol draws, shape (draw, dimension)."""

    def log_ratio(self, z: Floats) -> Floats:
        """Return log(prior / proposal) at each draw."""


def sobol(number: int, dimensions: int, seed: int) -> Floats:
    """Return scrambled Sobol points, away from 0 and 1."""
    sampler = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    points = sampler.random(number)
    return np.clip(points, SMALLEST_UNIFORM, 1 - SMALLEST_UNIFORM)


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
