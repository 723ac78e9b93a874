"""What a network itself says: by the filter, by the path sampler, and the same whenever asked."""

import numpy as np
import pytest

import forecast as fc
from forecast.evidence import Evidence, Forecast
from forecast.model import _own
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Link, Network, Source, SourceType
from tests.reference.cases import random_case
from tests.reference.numbers import HORIZON, Size
from tests.tolerances import BASE_POINTS, PROBABILITY

COURSES = 0.03
"""Absolute, on a probability from 8,000 courses, of which four are of one draw and neighbours are
alike: the error of some 1,000 independent ones is 0.015 at most, and at fixed seeds."""
MOST_ERRORS = 0.015
SIZE = Size(8, 1e-2, 5, ranged=True, bare=0)


def without_opinions(seed: int) -> tuple[Lowered, list[tuple[int, float]]]:
    """A random network and record, and every event at the horizon."""
    case = random_case(seed, SIZE)
    lowered = lower(case.network, case.evidence, case.as_of)
    return lowered, [(i, lowered.structure.horizon) for i in range(len(case.network.nodes))]


@pytest.mark.parametrize("seed", range(4))
def test_filter_and_courses_say_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lowered, asked = without_opinions(seed)
    exact = _own.Own(lowered).chances(asked)
    monkeypatch.setattr(_own, "FEWEST_EFFECTIVE", np.inf)  # no weights will do
    sampled = _own.Own(lowered).chances(asked)
    assert sampled != exact
    assert np.abs(np.array(sampled) - exact).max() < COURSES


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_an_update_says(seed: int) -> None:
    case = random_case(seed, SIZE)
    lowered, asked = without_opinions(seed)
    post = fc.update(case.network, case.evidence, as_of=case.as_of)
    for (event, _), found in zip(asked, lowered.own.chances(asked), strict=True):
        own = post.probability(lowered.events[event], by=HORIZON)
        assert found == pytest.approx(own.mean, abs=max(MOST_ERRORS, BASE_POINTS))


def test_it_is_the_same_to_the_last_bit_whatever_was_asked_before() -> None:
    lowered, asked = without_opinions(0)
    one, other = _own.Own(lowered), _own.Own(lowered)
    alone = [one.chances([each])[0] for each in asked]
    np.testing.assert_allclose(one.chances(asked), alone, atol=PROBABILITY)
    assert one.chances(asked) == other.chances(asked[::-1])[::-1]


def ring(events: int) -> Network:
    """Hidden events, each of which makes the next likelier."""
    names = [f"e{k}" for k in range(events)]
    return Network(
        name="ring",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id=n, kind="onset", public=False, rate="20% within 1 year") for n in names],
        links=[
            Link(parent=names[k - 1], child=name, kind="multiplies", hazard_ratio="x3")
            for k, name in enumerate(names)
        ],
        source_types=[SourceType(id="t", hit_rate="80%", false_alarm_rate="10%")],
        sources=[Source(id="market", type="t", forecast_weight="99.99%")],
    )


def test_beyond_the_filter_a_forecast_needs_no_base() -> None:
    bet = Forecast(
        id="bet", event="e0", source="market", published="2024-03-01", speaks_of="2024-12-31",
        probability=0.8,
    )  # fmt: skip
    post = fc.update(ring(16), Evidence([bet]), as_of="2024-03-01", draws=1024)
    found = post.probability("e0", by="2024-12-31")
    assert found.mean == pytest.approx(0.8, abs=COURSES + 4 * found.mcse)
