"""Scenarios, dates of onsets, and what moved between two posteriors."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from forecast.errors import QueryError
from forecast.evidence import Evidence, Observation, Report
from forecast.network import Event, Network
from forecast.posterior import Posterior, prior, update
from forecast.posterior import _given as given
from forecast.posterior._probability import Probability
from forecast.posterior._tables import onset_quantiles
from tests.networks import demo_evidence, demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

AS_OF, LATER, YEAR_END = "2024-04-01", "2024-06-01", "2024-12-31"
RATES = {"a": 1.2, "b": 0.6}


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)


@pytest.fixture(scope="module")
def later() -> Posterior:
    more = [
        Report(id="r4", event="troops", published="2024-05-20", source="kcna", claim="off"),
        Observation(id="o2", event="secret", published="2024-05-25", state="on"),
    ]
    evidence = demo_evidence() + Evidence(more)
    return update(demo_network(), evidence, as_of=LATER, draws=2048)


def pair() -> Network:
    events = [Event(id=name, kind="onset", rate=f"{rate} per year") for name, rate in RATES.items()]
    return Network(name="n", start="2024-01-01", horizon=YEAR_END, events=events)


def test_scenarios_of_two_independent_onsets_have_their_closed_form() -> None:
    table = prior(pair(), draws=1024).scenarios(by=YEAR_END, n=9)
    t, (a, b) = 366 / 365.25, RATES.values()
    only_a, only_b = (1 - np.exp(-a * t)) * np.exp(-b * t), np.exp(-a * t) * (1 - np.exp(-b * t))
    # a before b and both by t: the integral of a exp(-a s) (exp(-b s) - exp(-b t)) over s
    a_then_b = a / (a + b) * (1 - np.exp(-(a + b) * t)) - np.exp(-b * t) * (1 - np.exp(-a * t))
    neither = np.exp(-(a + b) * t)
    expected = {
        "a; not b": only_a,
        "b; not a": only_b,
        "a, then b": a_then_b,
        "b, then a": 1 - only_a - only_b - a_then_b - neither,
        "not a nor b": neither,
    }
    found = table.set_index("scenario")
    assert found["probability"].sum() == pytest.approx(1, abs=SAME_ALGEBRA)
    assert set(found.index) == {*expected, "any other course"}
    for words, p in expected.items():
        assert abs(found.loc[words, "probability"] - p) < MONTE_CARLO_Z * found.loc[words, "mcse"]
    assert found.loc["any other course", "probability"] == 0
    assert found["probability"][:-1].is_monotonic_decreasing


def test_scenarios_add_up_and_agree_with_the_probabilities(post: Posterior) -> None:
    table = post.scenarios(by=YEAR_END, n=64)
    assert table["probability"].sum() == pytest.approx(1, abs=SAME_ALGEBRA)
    told = table.iloc[:-1]
    for event in [c for c in table.columns if c not in ("scenario", "probability", "mcse")]:
        share = told.loc[told[event].astype(bool), "probability"].sum()
        p = post.probability(event, by=YEAR_END)
        error = np.hypot(p.mcse, np.sqrt((told["mcse"] ** 2).sum()))
        assert abs(share - p.mean) < MONTE_CARLO_Z * error
    few = post.scenarios(by=YEAR_END, n=2, events=["troops", "treaty"])
    assert len(few) == 3
    assert all("treaty already" in words for words in few["scenario"].iloc[:-1])


def test_the_date_of_an_onset_has_its_closed_form() -> None:
    table = prior(pair(), draws=64).onset_time("a", quantiles=[0.25, 0.5, 0.95])
    assert table.index.to_list() == [0.25, 0.5, 0.95]
    start = pd.Timestamp("2024-01-01", tz="UTC")
    for level in (0.25, 0.5):
        days = -np.log1p(-level) / RATES["a"] * 365.25
        assert abs((table.loc[level, "date"] - start) / pd.Timedelta(days=1) - days) < 0.01
    assert table.loc[0.95, "onset"] == "not by 2024-12-31"
    assert table["date"].isna().to_list() == [False, False, True]


def test_a_change_is_the_difference_of_two_forecasts(post: Posterior, later: Posterior) -> None:
    table = later.compare(post, by=YEAR_END)
    for event in ("troops", "arms", "secret"):
        pair_ = [p.probability(event, by=YEAR_END) for p in (post, later)]
        found = table.loc[event]
        assert found["then"] == pytest.approx(pair_[0].mean, rel=1e-9)
        assert found["now"] == pytest.approx(pair_[1].mean, rel=1e-9)
        assert found["change"] == pytest.approx(pair_[1].mean - pair_[0].mean, abs=1e-9)
        assert found["mcse"] == pytest.approx(np.hypot(*(p.mcse for p in pair_)), rel=1e-6)
    assert table["change"].abs().is_monotonic_decreasing


def test_a_change_names_the_items_that_did_it(post: Posterior, later: Posterior) -> None:
    table = later.compare(post, by=YEAR_END, explained=2)
    named = [event for event, words in table["moved_by"].items() if words]
    assert named == list(table.index[:2])
    assert table.loc["secret", "moved_by"] == "settled by o2"
    other = next(event for event in named if event != "secret")
    steps = later.explain_change(post, other, by=YEAR_END)["in_order"]
    assert f"o2 {steps['o2']:+.2f}" in table.loc[other, "moved_by"]


def test_the_steps_of_a_change_add_up_exactly(post: Posterior, later: Posterior) -> None:
    steps = later.explain_change(post, "arms", by=YEAR_END)
    ends = [logit(p.probability("arms", by=YEAR_END).mean) for p in (post, later)]
    assert list(steps.index) == ["(before)", "(time alone)", "r4", "o2", "(Monte Carlo error)"]
    assert steps["in_order"].iloc[0] == pytest.approx(ends[0], rel=SAME_ALGEBRA)
    assert steps["in_order"].sum() == pytest.approx(ends[1], rel=1e-9)
    assert steps.loc["r4", "in_order"] < 0 < steps.loc["o2", "in_order"]
    noise = steps.loc["(Monte Carlo error)"]
    assert abs(noise["in_order"]) < MONTE_CARLO_Z * noise["in_order_mcse"]


def test_the_step_of_an_item_is_what_estimating_without_it_lacks(
    post: Posterior, later: Posterior
) -> None:
    """The last item of the order, left out of a posterior of the same date."""
    steps = later.explain_change(post, "arms", by=YEAR_END)
    without = update(demo_network(), later.evidence.without(["o2"]), as_of=LATER, draws=2048)
    with_, left = (p.probability("arms", by=YEAR_END) for p in (later, without))
    moved = logit(with_.mean) - logit(left.mean)
    slopes = [p.mcse / (p.mean * (1 - p.mean)) for p in (with_, left)]
    error = np.hypot(steps.loc["o2", "in_order_mcse"], np.hypot(*slopes))
    assert abs(steps.loc["o2", "in_order"] - moved) < MONTE_CARLO_Z * error


def test_posteriors_that_cannot_be_compared_say_what_can(post: Posterior, later: Posterior) -> None:
    with pytest.raises(QueryError, match="ask the later one"):
        post.compare(later, by=YEAR_END)
    moved = demo_network().model_copy(update={"start": pd.Timestamp("2024-01-02").date()})
    with pytest.raises(QueryError, match="different starts"):
        later.compare(prior(moved, draws=64), by=YEAR_END)
    with pytest.raises(QueryError, match="only onsets"):
        post.before("secret", "arms", by=YEAR_END)
    with pytest.raises(QueryError, match="has no onset"):
        post.onset_time("office")
    with pytest.raises(QueryError, match="quantiles lie between 0 and 1"):
        post.onset_time("arms", quantiles=[50])


def test_which_comes_first_has_its_spread_where_courses_are_counted(
    post: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = post.before("troops", "arms", by=YEAR_END)
    monkeypatch.setattr(given, "MOST_BITS", -1)
    counted = post.before("troops", "arms", by=YEAR_END)
    assert "counted over simulated courses" in counted.note
    assert abs(counted.mean - exact.mean) < MONTE_CARLO_Z * counted.mcse
    low, high = counted.interval(0.9)
    assert low < counted.mean < high


def test_a_date_is_looked_for_in_the_week_in_which_the_chance_passes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = Event(id="a", kind="onset", public=False, rate="40% within 1 year")
    network = Network(name="one", start="2024-01-01", horizon="2024-01-22", events=[event])
    draws = update(network, Evidence([]), as_of="2024-01-01", draws=64)._draws
    days = draws.calendar.weeks()
    means = [0.0, 0.05, 0.10, 0.80][: len(days)]
    told = [Probability(np.full(4, mean), mcse=0.0) for mean in means]
    monkeypatch.setattr(
        type(draws), "chances", lambda *_: SimpleNamespace(probabilities=lambda _: told)
    )
    date = onset_quantiles(draws, 0, 0.07)["date"].iloc[0]
    assert days[1] < date < days[2]
    hazard = -np.log1p(-np.array([0.05, 0.07, 0.10]))
    share = (hazard[1] - hazard[0]) / (hazard[2] - hazard[0])
    assert (date - days[1]) / (days[2] - days[1]) == pytest.approx(share, abs=1e-3)
