import numpy as np
import pytest

from forecast.errors import ContradictionError
from forecast.estimate.importance import LocalFit, fit_at_mode, importance_sample, resample
from tests.tolerances import MONTE_CARLO_Z

DIMENSIONS = 30


def gaussian(z: np.ndarray) -> np.ndarray:
    """Data on two directions of thirty, ten and thirty times as precise as the prior."""
    return -0.5 * (10 * (z[:, 0] - 1.5) ** 2 + 30 * ((z[:, 1] + z[:, 2]) / np.sqrt(2) + 1) ** 2)


def moments() -> tuple[np.ndarray, np.ndarray]:
    mean = np.zeros(DIMENSIONS)
    mean[0] = 1.5 * 10 / 11
    mean[1] = mean[2] = -30 / 31 / np.sqrt(2)
    variance = np.ones(DIMENSIONS)
    variance[0] = 1 / 11
    variance[1] = variance[2] = 0.5 + 0.5 / 31
    return mean, variance


def test_a_gaussian_posterior_is_recovered_where_the_prior_alone_would_fail() -> None:
    found = importance_sample(gaussian, DIMENSIONS, draws=4096, seed=1)
    assert found.proposal != "prior"
    assert found.gate.passed
    assert found.ess > 2000
    mean, variance = moments()
    estimate = found.weights @ found.z
    assert (np.abs(estimate - mean) < MONTE_CARLO_Z * np.sqrt(variance / found.ess)).all()
    spread = found.weights @ (found.z - estimate) ** 2
    error = variance * np.sqrt(2 / found.ess)
    assert (np.abs(spread - variance) < MONTE_CARLO_Z * error).all()


def test_the_local_fit_finds_the_mode_and_only_the_informed_directions() -> None:
    local = fit_at_mode(gaussian, np.zeros(DIMENSIONS))
    mean, _ = moments()
    informed = local.directions @ local.directions.T
    np.testing.assert_allclose(informed @ local.mode, mean, atol=1e-3)
    assert local.directions.shape[1] <= 3
    assert not informed[3:].any()


def test_the_proposal_density_is_that_of_its_draws() -> None:
    """Weights of a proposal against the prior itself have mean one."""
    local = LocalFit(np.array([1.0, -0.5, 0.0]), np.eye(3)[:, :2], np.diag([0.5, 1.3]))
    z = local.draw(2**14, 3, seed=2)
    weights = np.exp(local.log_ratio(z))
    assert abs(weights.mean() - 1) < MONTE_CARLO_Z * weights.std() / np.sqrt(len(z))
    second = (weights[:, None] * z**2).mean(axis=0)
    np.testing.assert_allclose(second, 1.0, atol=0.05)


def test_impossible_evidence_is_a_contradiction() -> None:
    with pytest.raises(ContradictionError, match="impossible"):
        importance_sample(lambda z: np.full(len(z), -np.inf), 2, draws=64, seed=1)


def test_resampling_keeps_expected_counts() -> None:
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    counts = np.bincount(resample(weights, 800, seed=3), minlength=4)
    assert (np.abs(counts - 800 * weights) <= 1).all()
