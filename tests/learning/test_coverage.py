import json
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from tests.commit import commit
from tests.learning.coverage import LEVEL, covered
from tests.tolerances import COVERAGE, MONTE_CARLO_Z

SHORT, LONG = 2, 200
LEAST_KEPT = 60
"""Panels: the standard error of the share of all intervals is then below a percentage point."""
RESULT = Path(__file__).with_name("learn_result.json")


def summary(panels: list[dict[str, list[bool]]]) -> dict[str, object]:
    """Return the shares of intervals that held their numbers, by the name of the number."""
    held: dict[str, list[bool]] = defaultdict(list)
    for panel in panels:
        for name, each in panel.items():
            held[name] += each
    shares = np.array([np.mean(np.concatenate([*panel.values()])) for panel in panels])
    sizes = np.array([sum(map(len, panel.values())) for panel in panels])
    share = float((shares * sizes).sum() / sizes.sum())
    error = float(np.sqrt(((sizes * (shares - share)) ** 2).sum()) / sizes.sum())
    return {
        "version": version("eventcast"),
        "panels": len(panels),
        "intervals": int(sizes.sum()),
        "coverage": round(share, 4),
        "standard_error": round(error, 4),
        "by_number": {name: [round(float(np.mean(x)), 3), len(x)] for name, x in held.items()},
    }


def test_intervals_of_all_numbers_hold_simulated_truths() -> None:
    panels = [covered(number, seed=8, draws=1000) for number in range(SHORT)]
    found = np.concatenate([np.concatenate([*panel.values()]) for panel in panels])
    error = (
        np.sqrt(LEVEL * (1 - LEVEL) / len(found)) * 2
    )  # numbers of one panel are not independent
    assert abs(found.mean() - LEVEL) < MONTE_CARLO_Z * error


def test_the_kept_result_of_the_long_form_is_within_its_bound() -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept["panels"] >= LEAST_KEPT
    assert kept["standard_error"] < COVERAGE / 2
    assert abs(kept["coverage"] - LEVEL) < COVERAGE


@pytest.mark.slow
def test_the_long_form_covers_90_percent_within_2_and_its_result_is_kept() -> None:
    result = summary([covered(number, seed=20) for number in range(LONG)])
    kept = json.dumps({"code": commit(), **result}, indent=2)
    RESULT.write_text(kept + "\n", encoding="utf-8")
    assert abs(float(str(result["coverage"])) - LEVEL) < COVERAGE
