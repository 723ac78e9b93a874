import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from forecast.estimate.result import Settings
from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.network import Event, Link, Network, Source, SourceType
from tests.calibration.sbc import Calibration, calibrate
from tests.tolerances import MONTE_CARLO_Z

FALSE_ALARM = 0.001  # of the whole set of tests, Bonferroni over parameters


def network() -> Network:
    """A cycle, a fact, a delay-free hidden event, two sources of one type."""
    wire = SourceType(
        id="wire",
        title="Wire agencies",
        hit_rate="80% [60%, 92%]",
        false_alarm_rate="10% [3%, 25%]",
        check=0.3,
    )
    return Network(
        name="sbc",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="a", kind="onset", rate="40% [20%, 65%] within 6 months"),
            Event(id="b", kind="onset", public=False, rate="30% [10%, 60%] within 6 months"),
            Event(id="f", kind="fact", initially="40% [20%, 60%]"),
        ],
        links=[
            Link(parent="a", child="b", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
            Link(parent="f", child="a", kind="causes", extra_rate="1 per year [0.3, 3]"),
            Link(parent="b", child="a", kind="multiplies", hazard_ratio="x2 [1, 4]"),
        ],
        source_types=[wire],
        sources=[Source(id=name, title=name, type="wire") for name in ("x", "y")],
    )


def template() -> Evidence:
    def said(name: str, event: str, day: str, source: str, **more: object) -> Report:
        return Report(id=name, event=event, published=day, source=source, claim="on", **more)

    return Evidence(
        [
            said("r1", "b", "2024-03-01", "x"),
            said("r2", "b", "2024-03-10", "y", derived_from=("r1",)),
            said("r3", "b", "2024-04-10", "y"),
            said("r4", "a", "2024-04-12", "x", speaks_of="2024-09-01"),
            said("r5", "f", "2024-05-12", "x"),
            LikelihoodRatio(
                id="l1", event="b", published="2024-05-20", likelihood_ratio="x2 [1.2, 4]"
            ),
        ]
    )


def run(worlds: int) -> Calibration:
    return calibrate(
        network(),
        template(),
        as_of="2024-06-30",
        deadlines=["2024-07-31", "2024-12-31"],
        worlds=worlds,
        settings=Settings(method="importance", draws=2048, seed=3),
    )


def check(found: Calibration) -> None:
    p_values = found.rank_p_values()
    assert len(p_values) == 17
    assert min(p_values.values()) > FALSE_ALARM / len(p_values), p_values
    assert np.abs(found.forecast_z()).max() < MONTE_CARLO_Z


def test_true_parameters_rank_uniformly_and_forecasts_are_calibrated() -> None:
    check(run(200))


def test_a_wrong_model_is_found_out() -> None:
    """Ranks shifted by a fifth, and forecasts 1.6 times too high, must not pass."""
    found = run(100)
    biased = {name: np.minimum(ranks + 20, 99) for name, ranks in found.ranks.items()}
    p_values = Calibration(biased, found.forecasts, found.outcomes).rank_p_values()
    assert max(p_values.values()) < FALSE_ALARM
    sure = Calibration(found.ranks, np.clip(found.forecasts * 1.6, 0, 0.999), found.outcomes)
    assert np.abs(sure.forecast_z()).max() > MONTE_CARLO_Z


@pytest.mark.slow
def test_the_long_form_is_calibrated_and_its_result_is_kept() -> None:
    found = run(4000)
    p_values = found.rank_p_values()
    result = {
        "version": version("eventcast"),
        "worlds": 4000,
        "rank_p_values": {name: round(p, 4) for name, p in sorted(p_values.items())},
        "forecast_z": np.round(found.forecast_z(), 3).tolist(),
    }
    path = Path(__file__).with_name("sbc_result.json")
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    check(found)
