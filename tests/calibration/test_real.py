"""Calibration at real size: that a world can be done, and that what is counted would show a fault.

The worlds themselves are done by hand, since each takes minutes (`tests.calibration.real`); what
they came to is kept, and held here to what their ranks and forecasts say.
"""

import json
from collections.abc import Sequence

import numpy as np
import pytest

from tests.calibration import real
from tests.calibration.generator_real import DEADLINES, network, template
from tests.calibration.real import (
    HOW,
    RANKED_DRAWS,
    RESULT,
    WORLDS,
    World,
    packed,
    read,
    result,
    world,
)
from tests.tolerances import MONTE_CARLO_Z

NAMES = tuple(f"rate[{n}]" for n in range(12))
CELLS = 16  # events and deadlines
FALSE_ALARM = 0.01
CLOSE = 0.05  # of forecasts with 1,024 draws, whose errors are 0.01 at the most


def made_up(number: int, *, bias: int = 0, bold: float = 1.0, drift: float = 0.0) -> list[World]:
    """Return worlds of an estimate that is right, but for what is said."""
    rng = np.random.default_rng(3)
    found = []
    for k in range(number):
        odds = rng.normal(0, 1.2, CELLS)
        happened = rng.random(CELLS) < 1 / (1 + np.exp(-odds))
        ranks = np.minimum(rng.integers(0, RANKED_DRAWS + 1, len(NAMES)) + bias, RANKED_DRAWS)
        said = (1 / (1 + np.exp(-bold * odds))).reshape(-1, 2)
        passes = [said + drift + 0.01 * rng.normal(size=said.shape) for _ in HOW[1:]]
        found.append(
            {
                "world": k,
                "commit": "0",
                "method": "paths",
                "draws": 1024,
                "passed": True,
                "seconds": 1.0,
                "ranks": ranks.tolist(),
                "covered": ((ranks > 4) & (ranks < 95)).astype(int).tolist(),
                "forecasts": np.clip([said, *passes], 0, 1).tolist(),
                "outcomes": happened.reshape(-1, 2).astype(int).tolist(),
            }
        )
    return found


def largest(worlds: Sequence[World]) -> dict[str, float]:
    """Return what stands out most of each kind of figure: z, and the least p-value."""
    found = result(worlds, NAMES)
    ranks = [*found["rank_p_values"].values(), *found["ecdf_p_values"].values()]
    return {
        "ranks": min(ranks) * len(ranks),
        "mean": max(abs(z) for z in found["rank_mean_z"].values()),
        "coverage": max(abs(z) for z in found["coverage_z"].values()),
        "forecasts": float(np.abs(list(found["forecast_z"].values())).max()),
        "excess": max(abs(z) for z in found["excess_z"].values()),
        "drift": float(np.abs(found["drift_of_the_pass_z"]).max()),
    }


def test_a_right_estimate_passes() -> None:
    found = largest(made_up(300))
    assert found.pop("ranks") > FALSE_ALARM
    assert max(found.values()) < MONTE_CARLO_Z, found


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        ({"bias": 15}, "mean"),
        ({"bold": 1.8}, "forecasts"),
        ({"drift": 0.004}, "drift"),
        ({"drift": 0.1}, "excess"),
    ],
)
def test_each_fault_is_found_out_by_its_own_figure(wrong: dict[str, float], seen: str) -> None:
    found = largest(made_up(300, **wrong))  # type: ignore[arg-type]
    assert found[seen] > MONTE_CARLO_Z
    assert seen != "mean" or found["ranks"] < FALSE_ALARM


def test_it_is_of_real_size() -> None:
    nodes, items = network().nodes, template()
    assert 15 <= len(network().events) <= 30
    assert len(nodes) > len(network().events)
    assert len(items) >= 48
    kinds = {event.kind for event in network().events}
    assert kinds == {"onset", "state", "fact", "decision", "repeated"}
    assert {type(item).__name__ for item in items} >= {"Report", "Forecast", "Silence", "Count"}


def test_what_is_kept_is_what_the_worlds_say_and_nothing_of_it_is_wrong() -> None:
    names = real.parameters()
    worlds = read(WORLDS, names)
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert json.loads(json.dumps(result(worlds, names))) == kept
    assert len({each["world"] for each in worlds}) == kept["worlds"] == len(worlds)
    assert kept["gates_failed"] == []
    # The bound is for the largest of many figures, each of which is tried.
    assert max(abs(z) for z in kept["rank_mean_z"].values()) < MONTE_CARLO_Z
    assert max(abs(z) for z in kept["excess_z"].values()) < MONTE_CARLO_Z
    if kept["worlds"] > RANKED_DRAWS:  # a rare event alone may come in one of a few worlds
        assert np.abs(list(kept["forecast_z"].values())).max() < MONTE_CARLO_Z


def test_a_world_is_drawn_estimated_and_told_as_it_was() -> None:
    """World 1 again; how far apart two runs on different machines may lie is seen in `honesty`."""
    names = real.parameters()
    found = json.loads(packed(world(1), names))
    assert found["method"] == "paths"
    assert np.shape(found["forecasts"]) == (1, len(network().nodes), len(DEADLINES))
    assert all(0 <= rank <= RANKED_DRAWS for rank in found["ranks"])
    (kept,) = [each for each in read(WORLDS, names) if each["world"] == 1]
    assert np.abs(np.subtract(found["forecasts"], kept["forecasts"])).max() < CLOSE
    assert found["outcomes"] == kept["outcomes"]
