"""How often the assertions fail calibrated forecasters, and how often they find faults."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast.testing import assert_calibrated, assert_skill
from tests.calibration_scores.worlds import CALIBRATED, FAULTS, independent, linked, no_better

ERROR_RATE = 0.01
SIZES = {"independent": 200, "linked": 60, "rare": 60, "repeated": 60, "both sides": 100}
POWER_SIZES = {"independent": 600, "linked": 300}
SKILL_SIZES = (30, 100, 400)


@dataclass(frozen=True)
class Rates:
    """Shares of forecasters that failed, or passed where they should not; by world."""

    calibrated_that_fail: dict[str, float]
    faults_found: dict[str, float]
    unskilled_that_pass: dict[str, float]


def failed(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


def alarms(world: str, forecasters: int, seed: int = 1) -> int:
    """Return how many calibrated forecasters fail."""
    rng = np.random.default_rng(seed)
    count = 0
    for number in range(forecasters):
        p, y, cluster = CALIBRATED[world](rng, SIZES[world])
        count += failed(
            lambda: assert_calibrated(p, y, cluster=cluster, error_rate=ERROR_RATE, seed=number)  # noqa: B023
        )
    return count


def found(world: str, fault: str, forecasters: int, seed: int = 2) -> int:
    """Return how many forecasters with a fault fail."""
    rng = np.random.default_rng(seed)
    draw = {"independent": independent, "linked": linked}[world]
    count = 0
    for number in range(forecasters):
        truth, y, cluster = draw(rng, POWER_SIZES[world])
        p = FAULTS[fault](truth)
        count += failed(
            lambda: assert_calibrated(p, y, cluster=cluster, error_rate=ERROR_RATE, seed=number)  # noqa: B023
        )
    return count


def unskilled(questions: int, forecasters: int, seed: int = 3) -> int:
    """Return how many forecasters pass that are no better than the reference."""
    rng = np.random.default_rng(seed)
    count = 0
    for number in range(forecasters):
        p, reference, y = no_better(rng, questions)
        count += not failed(
            lambda: assert_skill(p, y, reference, error_rate=ERROR_RATE, seed=number)  # noqa: B023
        )
    return count


def rates(forecasters: int, with_faults: int) -> Rates:
    """Return all rates."""
    return Rates(
        {world: alarms(world, forecasters) / forecasters for world in CALIBRATED},
        {
            f"{fault}, {world}": found(world, fault, with_faults) / with_faults
            for fault in FAULTS
            for world in POWER_SIZES
        },
        {str(n): unskilled(n, forecasters) / forecasters for n in SKILL_SIZES},
    )
