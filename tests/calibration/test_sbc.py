import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from forecast.estimate.result import Settings
from tests.calibration.generator import AS_OF, DEADLINES, network, template
from tests.calibration.sbc import Calibration, calibrate
from tests.tolerances import MONTE_CARLO_Z

SHORT, LONG = 120, 2000  # worlds
PARAMETERS = 30
FALSE_ALARM = 0.01  # the 99% band of all parameters together: Bonferroni over them and two tests


def run(worlds: int) -> Calibration:
    return calibrate(
        network(),
        template(),
        as_of=AS_OF,
        deadlines=DEADLINES,
        worlds=worlds,
        settings=Settings(method="importance", draws=2048, seed=3),
    )


def check(found: Calibration) -> None:
    assert len(found.ranks) == PARAMETERS
    for p_values in (found.rank_p_values(), found.ecdf_p_values()):
        assert min(p_values.values()) > FALSE_ALARM / (2 * PARAMETERS), p_values
    assert max(abs(z) for z in found.coverage_z().values()) < MONTE_CARLO_Z
    assert np.abs(found.forecast_z()).max() < MONTE_CARLO_Z


@pytest.fixture(scope="module")
def found() -> Calibration:
    return run(SHORT)


def test_true_parameters_rank_uniformly_and_forecasts_are_calibrated(found: Calibration) -> None:
    check(found)


def test_a_wrong_model_is_found_out(found: Calibration) -> None:
    """Ranks shifted by a fifth, and forecasts 1.6 times too high, must not pass."""
    biased = {name: np.minimum(ranks + 20, 99) for name, ranks in found.ranks.items()}
    p_values = Calibration(biased, {}, found.forecasts, found.outcomes).rank_p_values()
    assert max(p_values.values()) < FALSE_ALARM
    sure = Calibration(found.ranks, {}, np.clip(found.forecasts * 1.6, 0, 0.999), found.outcomes)
    assert np.abs(sure.forecast_z()).max() > MONTE_CARLO_Z


def rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in sorted(numbers.items())}


@pytest.mark.slow
def test_the_long_form_is_calibrated_and_its_result_is_kept() -> None:
    found = run(LONG)
    result = {
        "version": version("eventcast"),
        "worlds": LONG,
        "rank_p_values": rounded(found.rank_p_values()),
        "ecdf_p_values": rounded(found.ecdf_p_values()),
        "interval_coverage": rounded({k: v.mean() for k, v in found.covered.items()}),
        "forecast_z": np.round(found.forecast_z(), 3).tolist(),
    }
    path = Path(__file__).with_name("sbc_result.json")
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    check(found)
