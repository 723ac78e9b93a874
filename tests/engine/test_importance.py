"""Importance sampling finds posteriors, says how good its draws are, and resamples them fairly."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.engine._importance import (
    LocalFit,
    fit_at_mode,
    importance_sample,
    pareto_smooth,
    resample,
)
from forecast.errors import ContradictionError
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

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


@pytest.mark.parametrize("seed", range(20))
def test_draws_that_alternate_are_not_picked_in_step(seed: int) -> None:
    value = np.tile([1.0, 0.0, 0.0, 0.0], 1024)
    weights = np.where(value == 1, 0.9, 1.1)
    weights /= weights.sum()
    chosen = resample(weights, 4096, seed)
    error = np.sqrt(0.25 * 0.75 / 4096)
    assert abs(value[chosen].mean() - weights @ value) < MONTE_CARLO_Z * error / 2


def test_equal_weights_keep_every_draw() -> None:
    assert resample(np.full(64, 1 / 64), 64, 1).tolist() == list(range(64))


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("draws", [64, 1024, 4096])
def test_smoothing_equals_arviz(scale: float, draws: int) -> None:
    log_weights = np.random.default_rng(draws).normal(0, scale, draws)
    smoothed, khat = pareto_smooth(log_weights)
    theirs, their_khat = array_stats.psislw(-log_weights)
    assert khat == pytest.approx(float(their_khat), rel=1e-10)
    normalised = np.asarray(theirs) - np.log(np.exp(np.asarray(theirs)).sum())
    np.testing.assert_allclose(smoothed, normalised, rtol=SAME_ALGEBRA, atol=1e-10)


def test_weights_sum_to_one_and_never_exceed_the_largest_raw_one() -> None:
    log_weights = np.random.default_rng(0).standard_t(2, 1024)
    smoothed, khat = pareto_smooth(log_weights)
    assert np.exp(smoothed).sum() == pytest.approx(1.0)
    assert khat > 0.3


@pytest.mark.parametrize("step", [0.0, 1e-16, 1e-13, 1e-11])
def test_weights_that_differ_by_rounding_alone_have_no_tail(step: float) -> None:
    log_weights = step * np.random.default_rng(1).integers(0, 4, 1024)
    smoothed, khat = pareto_smooth(log_weights)
    assert khat == -np.inf
    np.testing.assert_allclose(smoothed, -np.log(1024), atol=1e-10)


@pytest.mark.parametrize("share", [0.001, 0.005, 0.02, 0.0245, 0.037, 0.0465, 0.5])
def test_a_tied_tail_is_smoothed_or_left_without_an_error(share: float) -> None:
    log_weights = np.where(np.arange(4096) < share * 4096, np.log(300.0), 0.0)
    smoothed, khat = pareto_smooth(log_weights)
    assert not np.isnan(khat)
    assert np.exp(smoothed).sum() == pytest.approx(1.0)
