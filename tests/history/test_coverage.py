import json
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.history.coverage import LEVEL, simulate_coverage
from tests.tolerances import COVERAGE, MONTE_CARLO_Z

SHORT, LONG = 30, 400
RESULT = Path(__file__).with_name("coverage_result.json")


def test_intervals_of_pooled_rates_hold_simulated_truths() -> None:
    found = simulate_coverage(SHORT, seed=5)
    assert abs(found.share - LEVEL) < MONTE_CARLO_Z * found.error


def test_the_kept_result_of_the_long_form_is_within_its_bound() -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept["data_sets"] == LONG
    assert abs(kept["coverage"] - LEVEL) < COVERAGE


@pytest.mark.slow
def test_the_long_form_covers_90_percent_within_2_and_its_result_is_kept() -> None:
    found = simulate_coverage(LONG, seed=6)
    result = {
        "version": version("eventcast"),
        "data_sets": LONG,
        "intervals": found.covered.size,
        "coverage": round(found.share, 4),
        "standard_error": round(found.error, 4),
        "coverage_of_a_new_subclass": round(float(found.new.mean()), 4),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    assert abs(found.share - LEVEL) < COVERAGE
