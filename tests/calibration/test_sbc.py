import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from forecast.estimate._result import Settings
from forecast.evidence import Evidence
from tests.calibration import generator, generator_forms
from tests.calibration.generator import open_template, template
from tests.calibration.sbc import Calibration, calibrate, together
from tests.commit import commit
from tests.tolerances import MONTE_CARLO_Z

COMMIT = commit()  # what was loaded, whatever is committed while it runs
BATCH = 40  # worlds of one seed
SHORT, LONG, LONG_PATHS, LONG_FORMS = 120, 1200, 400, 200  # worlds
FILTER = Settings(method="importance", draws=2048, seed=3)
FORMS = Settings(method="importance", draws=1024, seed=5)
PATHS = Settings(method="paths", draws=1024, seed=11)
PARAMETERS, PARAMETERS_FORMS = 32, 30
FALSE_ALARM = 0.01  # the 99% band of all parameters together: Bonferroni over them and two tests


def batch(
    number: int, evidence: Evidence, settings: Settings, of: ModuleType = generator
) -> Calibration:
    return calibrate(
        of.network(),
        evidence,
        as_of=of.AS_OF,
        deadlines=of.DEADLINES,
        worlds=BATCH,
        settings=replace(settings, seed=settings.seed + number),
    )


def run(
    worlds: int, evidence: Evidence, settings: Settings, of: ModuleType = generator
) -> Calibration:
    return together([batch(k, evidence, settings, of) for k in range(worlds // BATCH)])


def check(found: Calibration, parameters: int = PARAMETERS) -> None:
    assert len(found.ranks) == parameters
    for p_values in (found.rank_p_values(), found.ecdf_p_values()):
        assert min(p_values.values()) > FALSE_ALARM / (2 * parameters), p_values
    assert max(abs(z) for z in found.coverage_z().values()) < MONTE_CARLO_Z
    assert np.abs(found.forecast_z()).max() < MONTE_CARLO_Z
    cells = found.miscalibration_p_values()
    assert cells.min() > FALSE_ALARM / cells.size, cells


@pytest.fixture(scope="module")
def found() -> Calibration:
    return run(SHORT, template(), FILTER)


def test_true_parameters_rank_uniformly_and_forecasts_are_calibrated(found: Calibration) -> None:
    check(found)


def test_a_wrong_model_is_found_out(found: Calibration) -> None:
    """Ranks shifted by a fifth, and forecasts 1.6 times too high, must not pass."""
    biased = {name: np.minimum(ranks + 20, 99) for name, ranks in found.ranks.items()}
    p_values = Calibration(biased, {}, found.forecasts, found.outcomes).rank_p_values()
    assert max(p_values.values()) < FALSE_ALARM
    sure = Calibration(found.ranks, {}, np.clip(found.forecasts * 1.6, 0, 0.999), found.outcomes)
    assert np.abs(sure.forecast_z()).max() > MONTE_CARLO_Z
    cells = sure.miscalibration_p_values()
    assert cells.min() < FALSE_ALARM / cells.size


def rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in sorted(numbers.items())}


def keep(found: Calibration, name: str) -> None:
    result = {
        "version": version("eventcast"),
        "commit": COMMIT,
        "worlds": len(found.forecasts),
        "rank_p_values": rounded(found.rank_p_values()),
        "ecdf_p_values": rounded(found.ecdf_p_values()),
        "interval_coverage": rounded({k: v.mean() for k, v in found.covered.items()}),
        "forecast_z": np.round(found.forecast_z(), 3).tolist(),
        "corp_miscalibration_p_values": np.round(found.miscalibration_p_values(), 4).tolist(),
    }
    path = Path(__file__).with_name(name)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_the_long_form_is_calibrated_and_its_result_is_kept() -> None:
    found = run(LONG, template(), FILTER)
    keep(found, "sbc_result.json")
    check(found)


@pytest.mark.slow
def test_the_long_form_by_paths_takes_counts_of_unknown_times() -> None:
    """In CI `tests/estimate/test_chain.py` stands for it: draws in turn that keep the prior."""
    found = run(LONG_PATHS, open_template(), PATHS)
    keep(found, "sbc_paths_result.json")
    check(found)


@pytest.mark.slow
def test_the_long_form_of_events_in_all_forms_is_calibrated() -> None:
    """In CI `tests/reference` stands for it: what is drawn, and what is forecast, as an oracle."""
    found = run(LONG_FORMS, generator_forms.template(), FORMS, generator_forms)
    keep(found, "sbc_forms_result.json")
    check(found, PARAMETERS_FORMS)
