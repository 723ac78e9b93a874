"""Draws along a ridge have the moments that quadrature over the scale gives."""

import numpy as np
import pytest
from scipy.stats import norm

from forecast.learning._process import half_normal
from forecast.learning._ridge import sample_along

STEPS = 12
SCALE = STEPS  # the last of the normals


def observed(noise: float) -> np.ndarray:
    return 0.8 * np.random.default_rng(3).normal(size=STEPS) + noise * 0.1


@pytest.mark.parametrize("noise", [0.05, 0.5, 5.0])
def test_the_scale_of_normal_steps_is_as_quadrature_has_it(noise: float) -> None:
    """Steps s z_k seen with normal noise: their marginal likelihood given s is normal too.

    From steps known well, which make the ridge, to steps of which nothing is known.
    """
    y = observed(noise)

    def log_likelihood(z: np.ndarray) -> np.ndarray:
        s = half_normal(z[:, SCALE], 0.5)
        return norm.logpdf(y, s[:, None] * z[:, :STEPS], noise).sum(axis=1)

    found = sample_along(log_likelihood, STEPS + 1, SCALE, draws=4096, seed=1)
    assert found.gate.passed
    at = np.linspace(-6, 6, 4001)
    s = half_normal(at, 0.5)
    spread = np.sqrt(s**2 + noise**2)[:, None]
    weight = np.exp(norm.logpdf(at) + norm.logpdf(y, 0, spread).sum(axis=1))
    evidence = np.log(weight.sum() * (at[1] - at[0]))
    assert found.log_evidence == pytest.approx(evidence, abs=2 / np.sqrt(400))
    weight /= weight.sum()
    shrunk = (s**2 / (s**2 + noise**2))[:, None] * y  # the mean of each step given s
    mean, sd = weight @ s, np.sqrt(weight @ s**2 - (weight @ s) ** 2)
    drawn = half_normal(found.z[:, SCALE], 0.5)
    error = sd / np.sqrt(400)  # the gate promises 400 effective draws; the seed is fixed
    assert found.weights @ drawn == pytest.approx(mean, abs=2 * error)
    steps = found.weights @ (drawn[:, None] * found.z[:, :STEPS])
    assert np.abs(steps - weight @ shrunk).max() < 3 * max(noise, 0.02) / np.sqrt(400) * 2


def test_rates_of_what_never_came_are_drawn_from_although_they_are_skewed() -> None:
    """Poisson counts along a walk, none after the first periods: against a grid of two steps."""
    counts, exposure = np.array([30.0, 0.0, 0.0]), np.array([10.0, 10.0, 300.0])

    def log_likelihood(z: np.ndarray) -> np.ndarray:
        s = half_normal(z[:, 0], 1.0)
        log_rate = 1.1 + np.concatenate(
            [np.zeros((len(z), 1)), np.cumsum(s[:, None] * z[:, 1:], axis=1)], axis=1
        )
        return (counts * log_rate - exposure * np.exp(log_rate)).sum(axis=1)

    found = sample_along(log_likelihood, 3, 0, draws=4096, seed=1)
    assert found.gate.passed
    axis = np.linspace(-6, 6, 161)
    z = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    log_weight = log_likelihood(z) - 0.5 * (z**2).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    for draw in range(3):
        mean = weight @ z[:, draw]
        sd = np.sqrt(weight @ z[:, draw] ** 2 - mean**2)
        assert found.weights @ found.z[:, draw] == pytest.approx(mean, abs=3 * sd / np.sqrt(400))
