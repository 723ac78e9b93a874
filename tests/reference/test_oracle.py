"""The oracle itself, against figures found by other exact ways: sums by hand, and quadrature."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, poisson

import forecast as fc
from forecast.evidence import Count
from tests.reference.clock import years
from tests.reference.oracle import Oracle

DIGITS = 6e-4  # figures that are given to three
ROUNDED = 1e-7  # by quadrature and by the exponential of a generator


def network(
    events: list[fc.Event],
    links: list[fc.Link] | None = None,
    start: str = "2024-01-01",
    **sources: Any,
) -> fc.Network:
    return fc.Network(
        name="n",
        start=start,
        horizon="2024-12-31",
        events=events,
        links=links or [],
        **sources,
    )


WIRE = {
    "source_types": [fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", check=0.5)],
    "sources": [fc.Source(id="s", type="wire")],
}


def chance(oracle: Oracle, event: str, day: str) -> float:
    row = list(oracle.names).index(event)
    return float(oracle.chances([years(oracle.network, day)])[row, 0])


def test_nine_facts_are_a_binomial_sum() -> None:
    facts = [fc.Event(id=f"h{k}", kind="fact", initially="50%") for k in range(9)]
    onset = fc.Event(id="a", kind="onset", public=False, rate="0.1 per year")
    links = [fc.Link(parent=f.id, child="a", kind="multiplies", hazard_ratio="x3") for f in facts]
    values = {
        "base_rate": {"a": 0.1},
        "initial_probability": {f.id: 0.5 for f in facts},
        "hazard_ratio": {link.id: 3.0 for link in links},
    }
    oracle = Oracle(network([*facts, onset], links), fc.Evidence([]), "2024-01-01", values)
    assert chance(oracle, "a", "2024-12-31") == pytest.approx(0.9456, abs=DIGITS / 10)


def test_a_count_of_a_fact_is_a_ratio_of_two_poisson_chances() -> None:
    fact = fc.Event(id="b", kind="fact", initially="30%")
    count = Count(
        id="n",
        event="b",
        source="s",
        published="2024-03-31",
        watched_from="2024-02-01",
        watched_to="2024-03-31",
        counted=4,
    )
    values = {
        "initial_probability": {"b": 0.3},
        "count_rate_off": {"s": 6.0},
        "count_rate_on": {"s": 30.0},
    }
    oracle = Oracle(network([fact], **WIRE), fc.Evidence([count]), "2024-04-01", values)
    length = 60 / 365.25
    chances = [poisson.pmf(4, rate * length) for rate in (6, 30)]
    expected = 0.3 * chances[1] / (0.3 * chances[1] + 0.7 * chances[0])
    assert chance(oracle, "b", "2024-04-01") == pytest.approx(expected, abs=ROUNDED)


def test_a_count_weighs_a_state_by_the_time_that_it_was_on() -> None:
    state = fc.Event(
        id="b",
        kind="state",
        public=False,
        initially="30%",
        rate="2 per year",
        off_rate="3 per year",
    )
    count = Count(
        id="n",
        event="b",
        source="s",
        published="2024-03-31",
        watched_from="2024-02-01",
        watched_to="2024-03-31",
        counted=4,
    )
    values = {
        "base_rate": {"b": 2.0},
        "off_rate": {"b": 3.0},
        "initial_probability": {"b": 0.3},
        "count_rate_off": {"s": 6.0},
        "count_rate_on": {"s": 30.0},
    }
    net = network([state], start="2024-02-01", **WIRE)
    oracle = Oracle(net, fc.Evidence([count]), "2024-04-01", values)
    assert chance(oracle, "b", "2024-04-01") == pytest.approx(0.688, abs=DIGITS)


@pytest.mark.parametrize(("days", "stages"), [(14, 8), (30, 3), (2, 1)])
def test_a_delay_is_an_erlang_time(days: int, stages: int) -> None:
    events = [
        fc.Event(id="a", kind="onset", public=False, initially=True, rate="1 per year"),
        fc.Event(id="c", kind="onset", public=False, rate="0.05 per year"),
    ]
    link = fc.Link(
        parent="a",
        child="c",
        kind="causes",
        extra_rate="3 per year",
        delay=f"{days} days",
        stages=stages,
    )
    values = {
        "base_rate": {"a": 1.0, "c": 0.05},
        "extra_rate": {link.id: 3.0},
        "delay": {link.id: days / 365.25},
    }
    oracle = Oracle(network(events, [link]), fc.Evidence([]), "2024-01-01", values)
    time = years(oracle.network, "2024-02-15")
    delay = gamma(stages, scale=days / 365.25 / stages)
    late, _ = quad(lambda d: delay.pdf(d) * np.exp(-3 * (time - d)), 0, time)
    expected = 1 - np.exp(-0.05 * time) * (delay.sf(time) + late)
    assert chance(oracle, "c", "2024-02-15") == pytest.approx(expected, abs=ROUNDED)


def test_two_that_exclude_each_other_within_a_day_share_it() -> None:
    window = [{"start": "2024-06-01", "end": "2024-06-01"}]
    rate = 1094.18  # 95% within a day
    events = [
        fc.Event(id=x, kind="onset", public=False, rate=f"{rate} per year", windows=window)
        for x in "ab"
    ]
    links = [fc.Link(parent=p, child=c, kind="prevents") for p, c in ("ab", "ba")]
    values = {"base_rate": {"a": rate, "b": rate}}
    oracle = Oracle(network(events, links), fc.Evidence([]), "2024-01-01", values)
    assert chance(oracle, "a", "2024-12-31") == pytest.approx(0.499, abs=DIGITS)
    assert chance(oracle, "b", "2024-12-31") == pytest.approx(0.499, abs=DIGITS)


def test_a_public_state_that_did_not_change_tells_of_its_start() -> None:
    state = fc.Event(
        id="b",
        kind="state",
        initially="50%",
        rate="0.000000001 per year",
        off_rate="4 per year",
    )
    values = {
        "base_rate": {"b": 1e-9},
        "off_rate": {"b": 4.0},
        "initial_probability": {"b": 0.5},
    }
    oracle = Oracle(network([state]), fc.Evidence([]), "2024-06-01", values)
    assert chance(oracle, "b", "2024-06-01") == pytest.approx(0.158, abs=DIGITS)
