"""The assertions err as often as they say: a short form here, 10,000 forecasters with --slow."""

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from forecast.calibration import recalibration_test
from forecast.scoring._losses import Rule
from tests.calibration_scores.false_alarms import (
    ERROR_RATE,
    POWER_SIZES,
    alarms,
    found,
    rates,
    unskilled,
)
from tests.calibration_scores.no_skill import CASES, RULES, pass_rate
from tests.calibration_scores.worlds import CALIBRATED, FAULTS
from tests.tolerances import FALSE_ALARMS, FALSE_ALARMS_SHORT

RESULT = Path(__file__).with_name("false_alarms_result.json")
SHORT, LONG = 200, 2_000
LEAST_POWER = 0.9
SHORT_CASES = (
    "0.1% against 2%, truth 0.02, 30",
    "0.1% against 2%, truth 0.02, 40",
    "0.1% against 2%, truth 0.02, 100",
    "0.1% against 2%, truth even, 40",
    "0.1% against 2%, truth even, 100",
    "better on some and worse on others, 40",
    "clusters of 3, 0.1% against 2%, 40",
)


def bounds(trials: int, low: float, high: float) -> tuple[int, int]:
    """Counts that a rate between low and high stays within, but for a chance of one in 1,000."""
    return (
        int(stats.binom.ppf(FALSE_ALARMS_SHORT / 2, trials, low)),
        int(stats.binom.ppf(1 - FALSE_ALARMS_SHORT / 2, trials, high)),
    )


@pytest.mark.parametrize("world", CALIBRATED)
def test_calibrated_forecasters_fail_no_more_often_than_stated(world: str) -> None:
    low, high = bounds(SHORT, *FALSE_ALARMS)
    assert low <= alarms(world, SHORT) <= high


@pytest.mark.parametrize("world", POWER_SIZES)
@pytest.mark.parametrize("fault", FAULTS)
def test_forecasters_with_a_fault_fail(world: str, fault: str) -> None:
    assert found(world, fault, 20) >= LEAST_POWER * 20


def test_forecasters_no_better_than_the_reference_seldom_pass() -> None:
    assert unskilled(100, SHORT) <= bounds(SHORT, 0, FALSE_ALARMS[1])[1]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", SHORT_CASES)
def test_forecasters_no_better_on_rare_questions_seldom_pass(name: str, rule: Rule) -> None:
    passed = pass_rate(name, rule, SHORT, error_rate=ERROR_RATE) * SHORT
    assert passed <= bounds(SHORT, 0, ERROR_RATE)[1]


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", CASES)
def test_forecasters_no_better_pass_no_more_often_than_stated(name: str, rule: Rule) -> None:
    passed = pass_rate(name, rule, LONG, error_rate=ERROR_RATE) * LONG
    assert passed <= bounds(LONG, 0, ERROR_RATE)[1]


@pytest.mark.parametrize(("clusters", "each", "dependence"), [(200, 4, 0.99), (100, 10, 0.9)])
def test_rare_questions_that_come_together_are_no_fault(
    clusters: int, each: int, dependence: float
) -> None:
    """Of so few that come, too few come together to tell how far the others would."""
    rng, failures, trials = np.random.default_rng(5), 0, 60
    cluster = np.repeat(np.arange(clusters), each)
    for number in range(trials):
        p = np.clip(rng.beta(0.8, 80, cluster.size), 0.0005, 0.5)
        latent = np.sqrt(dependence) * rng.normal(size=clusters)[cluster]
        latent += np.sqrt(1 - dependence) * rng.normal(size=cluster.size)
        y = (latent < ndtri(p)).astype(float)
        found = recalibration_test(p, y, cluster=cluster, resamples=199, seed=number)
        failures += found.p_value <= 0.05
    assert failures <= bounds(trials, 0, 0.05)[1]


def test_the_kept_result_of_the_long_form_is_within_its_bounds() -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept["forecasters"] == 10_000
    assert kept["error_rate"] == ERROR_RATE
    check(kept)


@pytest.mark.slow
def test_over_10_000_forecasters_the_rates_are_as_stated_and_the_result_is_kept() -> None:
    measured = asdict(rates(10_000, 1_000))
    result = {
        "version": version("eventcast"),
        "forecasters": 10_000,
        "forecasters_with_a_fault": 1_000,
        "error_rate": ERROR_RATE,
        **measured,
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    check(result)


def check(result: dict[str, dict[str, float]]) -> None:
    low, high = FALSE_ALARMS
    assert set(result["calibrated_that_fail"]) == set(CALIBRATED)
    assert {w: r for w, r in result["calibrated_that_fail"].items() if not low <= r <= high} == {}
    assert {n: r for n, r in result["unskilled_that_pass"].items() if r > high} == {}
    assert {f: r for f, r in result["faults_found"].items() if r < LEAST_POWER} == {}
