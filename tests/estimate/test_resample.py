"""Resampling keeps means, whatever the order in which draws come."""

import numpy as np
import pytest

from forecast.estimate.importance import resample
from tests.tolerances import MONTE_CARLO_Z


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
