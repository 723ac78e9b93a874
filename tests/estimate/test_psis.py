import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.estimate.importance import pareto_smooth
from tests.tolerances import SAME_ALGEBRA


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


@pytest.mark.parametrize("share", [0.005, 0.02, 0.5])
def test_a_tied_tail_is_smoothed_or_left_without_an_error(share: float) -> None:
    log_weights = np.where(np.arange(4096) < share * 4096, np.log(300.0), 0.0)
    smoothed, khat = pareto_smooth(log_weights)
    assert not np.isnan(khat)
    assert np.exp(smoothed).sum() == pytest.approx(1.0)
