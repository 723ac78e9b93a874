"""Stated errors are true, on both sides."""

import json

import numpy as np
import pytest

from tests.calibration.honesty import CASES, RESULT, STATISTICS, figures, measured, ratios

LEAST, MOST = 0.8, 1.25
FEW_SEEDS = 24
"""A spread over so few is known to a seventh; pooled over four figures, which are tied, to less."""


def test_errors_of_every_method_were_honest_when_last_measured() -> None:
    kept = json.loads(RESULT.read_text())["cases"]
    assert set(kept) == set(CASES)
    for case, found in kept.items():
        for statistic in STATISTICS:
            assert LEAST < found[statistic] < MOST, (case, statistic)


@pytest.mark.parametrize("case", ["lone, importance", "far, importance"])
def test_spread_over_seeds_is_the_stated_error(case: str) -> None:
    found = np.array([figures(case, seed, draws=1024) for seed in range(FEW_SEEDS)])
    for statistic, ratio in ratios(found).items():
        assert 0.65 < ratio < 1.5, statistic


@pytest.mark.slow
@pytest.mark.parametrize("case", list(CASES))
def test_spread_over_thirty_seeds_is_the_stated_error(case: str) -> None:
    found = measured(iter([case]))[case]
    for statistic in STATISTICS:
        assert LEAST < found[statistic] < MOST, statistic
