"""What a network itself says: by the filter, by the path sampler, and the same whenever asked."""

import numpy as np
import pytest

import forecast as fc
from forecast.evidence import Evidence, Forecast
from forecast.model import _own
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.seeds import child_seed, generator
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


@pytest.mark.parametrize("seed", range(2))
def test_filter_and_courses_say_the_same_of_the_past(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered, ahead = without_opinions(seed)
    asked = [(event, lowered.now / 2) for event, _ in ahead]
    exact = _own.Own(lowered).chances(asked)
    monkeypatch.setattr(_own, "FEWEST_EFFECTIVE", np.inf)
    sampled = _own.Own(lowered).chances(asked)
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


def test_the_error_of_a_run_is_neither_too_small_nor_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lowered, asked = without_opinions(1)
    runs = []
    for seed in range(24):
        monkeypatch.setattr(_own, "child_seed", lambda *parts, k=seed: child_seed(*parts, k))
        monkeypatch.setattr(_own, "generator", lambda *parts, k=seed: generator(*parts, k))
        runs.append(_own.Own(lowered)._sampled(asked))
    chance, error = np.array(runs).transpose(2, 0, 1)  # each (run, question)
    unsure = (chance.mean(axis=0) > 0.01) & (chance.mean(axis=0) < 0.99)
    assert unsure.any()
    ratio = chance.std(axis=0, ddof=1)[unsure] / np.sqrt((error**2).mean(axis=0))[unsure]
    assert (ratio > 0.5).all()
    assert (ratio < 1.6).all()  # with 24 runs a ratio of one is estimated within 0.3 in 19 of 20


def test_a_run_goes_on_until_its_error_is_small() -> None:
    lowered, asked = without_opinions(1)
    words = _own.Own(lowered)._sampled(asked)
    assert max(word.log_odds_error for word in words if 0.05 < word.chance < 0.95) <= _own.ENOUGH


def test_a_forecast_carries_the_error_of_the_network_s_own_word() -> None:
    bet = Forecast(
        id="bet", event="e0", source="market", published="2024-03-01", speaks_of="2024-12-31",
        probability=0.8,
    )  # fmt: skip
    post = fc.update(ring(16), Evidence([bet]), as_of="2024-03-01", draws=1024)
    (one,) = lower(ring(16), Evidence([bet]), "2024-03-01").opinions
    assert one.error > 0
    assert post.probability("e0", by="2024-12-31").mcse >= 0.99 * one.error * 0.8 * 0.2
