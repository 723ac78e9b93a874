"""What a forecast in the record is worth: its base, its weight, and what is learned of both."""

from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from forecast.evidence import Evidence, Forecast, LikelihoodRatio, Observation, Report
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import simulate, update
from tests.tolerances import BASE_POINTS, LOG_PROBABILITY, SAME_ALGEBRA

CROWD = SourceType(
    id="crowd", hit_rate="80% [60%, 92%]", false_alarm_rate="10% [3%, 25%]", spread=0.5
)


def question(*, weight: str | None = None) -> Network:
    """A public pact that a covert deal makes likelier."""
    return Network(
        name="question",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="deal", kind="onset", public=False, rate="30% [10%, 60%] within 6 months"),
            Event(id="pact", kind="onset", rate="10% [3%, 25%] within 6 months"),
        ],
        links=[Link(parent="deal", child="pact", kind="multiplies", hazard_ratio="x3 [1.5, 6]")],
        source_types=[CROWD],
        sources=[
            Source(id="market", type="crowd", forecast_weight=weight),
            Source(id="club", type="crowd"),
        ],
    )


def bet(name: str = "bet", **fields: Any) -> Forecast:
    given = {
        "event": "pact",
        "published": "2024-03-01",
        "speaks_of": "2024-09-30",
        "source": "market",
        "probability": 0.5,
    }
    return Forecast(id=name, **{**given, **fields})


def moved(record: Evidence, as_of: str = "2024-06-30") -> float:
    """The log-odds that a forecast with weight one moves its event by."""
    (factor,) = (f for f in lower(question(), record, as_of).factors if f.item == "bet")
    return factor.number


def prior_values(lowered: Lowered) -> dict[str, np.ndarray]:
    """Two draws of all numbers."""
    return lowered.table.from_z(np.array([[-1.0], [0.7]]) * np.ones(lowered.table.dimensions))


def test_a_forecast_weighs_its_odds_over_those_of_its_base_to_the_power_of_its_weight() -> None:
    lowered = lower(question(), Evidence([bet(base=0.1)]), "2024-03-01")
    values = lowered.table.from_z(np.array([[-1.0] * 8, [0.7] * 8])[:, : lowered.table.dimensions])
    off, on = lowered.theta(values).factors[:, 0].T
    weight = values["forecast_weight"][:, 0]
    np.testing.assert_allclose(on / off, (1.0 / (0.1 / 0.9)) ** weight, rtol=LOG_PROBABILITY)


def test_the_base_is_what_the_network_itself_would_have_said_that_day() -> None:
    own = update(question(), Evidence([]), as_of="2024-03-01")
    expected = own.probability("pact", by="2024-09-30").mean
    base = float(1 / (1 + np.exp(moved(Evidence([bet()])))))  # the odds of 0.5 are one
    assert base == pytest.approx(expected, abs=BASE_POINTS)


def test_a_forecast_that_is_taken_at_its_word_becomes_the_networks_own() -> None:
    post = update(question(weight="99.99%"), Evidence([bet()]), as_of="2024-03-01")
    assert post.probability("pact", by="2024-09-30").mean == pytest.approx(0.5, abs=2 * BASE_POINTS)


def test_what_was_published_by_then_moves_the_base_and_later_news_does_not() -> None:
    alone = moved(Evidence([bet()]))
    said = Report(id="r", event="deal", published="2024-02-01", source="club", claim="on")
    weighed = LikelihoodRatio(
        id="l", event="deal", published="2024-02-01", likelihood_ratio="x9 [3, 27]"
    )
    later = Observation(id="o", event="pact", published="2024-05-01", onset="2024-04-20")
    assert moved(Evidence([bet(), later])) == alone
    before = update(question(), Evidence([said, weighed]), as_of="2024-03-01")
    expected = -logit(before.probability("pact", by="2024-09-30").mean)
    found = moved(Evidence([bet(), said, weighed, later]))
    assert found == pytest.approx(expected, abs=0.05)
    assert found < alone - 0.05


def test_what_was_known_for_sure_moves_the_base() -> None:
    dealt = Observation(id="o", event="deal", published="2024-02-01", state="on")
    assert moved(Evidence([bet(), dealt])) < moved(Evidence([bet()])) - 0.2


def test_a_stated_base_stands_in_for_the_networks_own() -> None:
    assert moved(Evidence([bet(base=0.2)])) == pytest.approx(logit(0.5) - logit(0.2))


def test_a_forecast_at_its_base_says_nothing() -> None:
    lowered = lower(question(), Evidence([bet(base=0.5)]), "2024-03-01")
    found = lowered.theta(prior_values(lowered)).factors
    np.testing.assert_allclose(found, 1.0, rtol=SAME_ALGEBRA)


def test_a_target_probability_is_not_a_likelihood_ratio() -> None:
    ratio = LikelihoodRatio(
        id="even", event="pact", published="2024-03-01", speaks_of="2024-09-30",
        likelihood_ratio="x1",
    )  # fmt: skip
    none, even, half = (
        update(question(), Evidence(items), as_of="2024-03-01").probability("pact", by="2024-09-30")
        for items in ([], [ratio], [bet()])
    )
    assert even.mean == pytest.approx(none.mean, abs=BASE_POINTS)
    assert half.mean > none.mean + 0.1


def test_a_forecast_of_what_is_settled_changes_nothing() -> None:
    dealt = Observation(id="o", event="deal", published="2024-02-01", state="on")
    late = bet(event="deal", probability=0.01)
    with_it, without = (
        update(question(), Evidence(items), as_of="2024-03-01").probability("pact", by="2024-09-30")
        for items in ([dealt, late], [dealt])
    )
    assert with_it.mean == pytest.approx(without.mean, abs=BASE_POINTS)


def test_a_forecaster_who_was_right_against_the_odds_weighs_more_afterwards() -> None:
    votes = [Event(id=f"vote{k}", kind="onset", rate="10% within 6 months") for k in range(2, 5)]
    network = question().model_copy(update={"events": (*question().events, *votes)})
    items = [
        bet(f"bet{k}", event=f"vote{k}", published=f"2024-0{k}-01", speaks_of=f"2024-0{k}-28",
            base=0.05, probability=0.8)
        for k in range(2, 5)
    ]  # fmt: skip
    happened = [
        Observation(id=f"o{k}", event=f"vote{k}", published="2024-05-10", onset=f"2024-0{k}-20")
        for k in range(2, 5)
    ]
    right = update(network, Evidence([*happened, *items]), as_of="2024-06-30").sources()
    wrong = update(network, Evidence(items), as_of="2024-06-30").sources()
    row = ("market", "forecast_weight")
    assert (right["mean"] - right["prior_mean"])[row] > 0.03
    assert (wrong["mean"] - wrong["prior_mean"])[row] < -0.03
    assert right["items"][row] == 3


def test_simulated_forecasts_state_their_base_and_turn_round_where_they_speak_against() -> None:
    worlds = simulate(question(), worlds=60, seed=3, evidence=Evidence([bet()]))
    said = [world.evidence.item("bet") for world in worlds]
    shifts = [logit(s.probability) - logit(s.base) for s in said if isinstance(s, Forecast)]
    size = moved(Evidence([bet()]))
    assert len(shifts) == 60
    np.testing.assert_allclose(np.abs(shifts), size, rtol=LOG_PROBABILITY)
    assert min(shifts) < 0 < max(shifts)
