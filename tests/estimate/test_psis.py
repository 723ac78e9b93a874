import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.estimate.psis import pareto_smooth
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
