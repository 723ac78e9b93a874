"""Dates before the cut-off: what all evidence says of the time that it is about."""

from collections.abc import Iterator
from math import exp

import numpy as np
import pandas as pd
import pytest

import forecast.posterior._given as given
import forecast.posterior._outlook as outlook
from forecast.errors import QueryError
from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.network import Event, Network
from forecast.posterior import Posterior, update
from forecast.posterior._probability import Probability
from forecast.time import years_between
from tests.networks import demo_evidence, demo_network
from tests.random_models import random_case
from tests.tolerances import SAME_ALGEBRA, STEP_GRID

AS_OF, END = "2024-06-30", "2024-12-31"
PAST = ["2024-01-31", "2024-02-15", "2024-04-30", "2024-06-15"]
Z = 4.0
HIDDEN = ("troops", "office", "secret")


def evidence() -> Evidence:
    """The demo's, and word of later that bears on what was before it."""
    later = [
        Report(id="n1", event="troops", published="2024-06-20", source="afp", claim="on"),
        Report(id="n2", event="office", published="2024-05-20", source="kcna", claim="off"),
    ]
    return Evidence([*demo_evidence(), *later])


@pytest.fixture(scope="module")
def exact() -> Posterior:
    return update(demo_network(), evidence(), as_of=AS_OF, method="importance")


@pytest.fixture(scope="module")
def sampled() -> Posterior:
    return update(demo_network(), evidence(), as_of=AS_OF, method="paths")


@pytest.fixture(scope="module")
def same_draws(exact: Posterior) -> Posterior:
    return Posterior(exact.fitted, exact.reference)


@pytest.fixture
def beyond(same_draws: Posterior, monkeypatch: pytest.MonkeyPatch) -> Posterior:
    """The draws of importance sampling, as if the filter did not reach."""
    without_filter(monkeypatch)
    return same_draws


@pytest.fixture
def read_off(sampled: Posterior, monkeypatch: pytest.MonkeyPatch) -> Posterior:
    """Draws of the path sampler, as if the filter did not reach."""
    without_filter(monkeypatch)
    return Posterior(sampled.fitted, sampled.reference)


def without_filter(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(given, "MOST_BITS", -1)
    patched.setattr(outlook, "MOST_FILTER_BITS", -1)


def agree(one: Probability, other: Probability) -> None:
    assert abs(one.mean - other.mean) <= Z * np.hypot(one.mcse, other.mcse) + STEP_GRID


@pytest.mark.parametrize("name", ["sampled", "read_off", "beyond"])
def test_past_chances_along_whole_courses_are_those_of_the_filter(
    exact: Posterior, name: str, request: pytest.FixtureRequest
) -> None:
    expected = exact.table(by=PAST)
    post = request.getfixturevalue(name)
    found = post.table(by=PAST)
    for day in PAST:
        for event in expected.index:
            row, other = expected.loc[event, day], found.loc[event, day]
            error = np.hypot(row["mcse"], other["mcse"])
            assert abs(row["mean"] - other["mean"]) <= Z * error + STEP_GRID, (event, day)
    assert found["2024-04-30", "mcse"].max() < 0.03
    if name == "beyond":
        assert "whole" in post._draws.__dict__


@pytest.mark.parametrize("name", ["sampled", "read_off", "beyond"])
def test_past_conditions_orders_and_combinations_are_those_of_the_filter(
    exact: Posterior, name: str, request: pytest.FixtureRequest
) -> None:
    asked = [
        lambda p: p.probability("arms", by=END, given={"troops": ("on", "2024-04-30")}),
        lambda p: p.probability("troops", by="2024-03-31", given={"secret": "on"}),
        lambda p: p.probability("secret", by=END, given={"troops": "2024-05-10"}),
        lambda p: p.probability("office", by="2024-03-31", given={"troops": ("off", END)}),
        lambda p: p.probability(
            "arms", by=END, given={"troops": ("off", "2024-05-31")}, do={"treaty": "off"}
        ),
        lambda p: p.before("treaty", "troops", by="2024-05-31"),
        lambda p: p.before("troops", "treaty", by="2024-05-31"),
        lambda p: p.before("troops", "arms", by=END),
    ]
    expected = [ask(exact) for ask in asked]
    joint = exact.joint(["troops", "office"], by="2024-04-30")
    post = request.getfixturevalue(name)
    for ask, known in zip(asked, expected, strict=True):
        agree(known, ask(post))
    found = post.joint(["troops", "office"], by="2024-04-30")
    error = np.hypot(joint["mcse"], found["mcse"])
    assert ((joint["mean"] - found["mean"]).abs() <= Z * error + STEP_GRID).all()
    assert found["mean"].sum() == pytest.approx(1.0, rel=SAME_ALGEBRA)


@pytest.mark.parametrize("name", ["exact", "read_off", "beyond"])
def test_what_is_known_of_the_past_comes_out_as_known(
    name: str, request: pytest.FixtureRequest
) -> None:
    post = request.getfixturevalue(name)
    days = ["2024-01-31", "2024-02-08", "2024-02-09", "2024-06-15"]
    treaty = post.curve("treaty", dates=days)  # its onset was seen on 9 February
    assert treaty["mean"].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert treaty["mcse"].max() < 1e-15
    arms = post.curve("arms", dates=days)  # public, and nobody has seen it
    assert arms["mean"].tolist() == [0.0] * 4
    assert arms["mcse"].max() < 1e-15


def test_one_curve_runs_through_the_cut_off(exact: Posterior) -> None:
    days = [*PAST, AS_OF, "2024-07-31", END]
    for event in HIDDEN:
        curve = exact.curve(event, dates=days)
        assert curve.index.tolist() == [pd.Timestamp(day) for day in days]
        for day in days:
            assert curve.loc[day, "mean"] == pytest.approx(
                exact.probability(event, by=day).mean, abs=STEP_GRID
            )
        ahead = exact.curve(event, dates=days[4:])
        pd.testing.assert_frame_equal(curve.iloc[4:], ahead)
    troops = exact.curve("troops", dates=days)["mean"]
    assert (troops.diff().dropna() > 0).all()


def test_past_chances_follow_from_the_formula() -> None:
    """One event of a known rate, and one item of a known ratio: Bayes by hand."""
    network = Network(
        name="one",
        start="2024-01-01",
        horizon=END,
        events=[Event(id="e", kind="onset", public=False, rate="1 per year")],
    )
    item = LikelihoodRatio(id="i", event="e", published="2024-05-01", likelihood_ratio="x4")
    post = update(network, Evidence([item]), as_of=AS_OF, draws=64)
    start = post._draws.calendar.start
    said = years_between(start, post.evidence.items[0].speaks_of_instant)
    for day in PAST:
        time = years_between(start, post._draws.calendar.deadline(day))
        on, later = 1 - exp(-time), exp(-time) - exp(-max(said, time))
        off = exp(-max(said, time))
        if time <= said:
            expected = 4 * on / (4 * (on + later) + off)
        else:
            early = 1 - exp(-said)
            expected = (4 * early + on - early) / (4 * early + 1 - early)
        assert post.probability("e", by=day).mean == pytest.approx(expected, abs=STEP_GRID)


@pytest.mark.parametrize("name", ["exact", "read_off", "beyond"])
def test_what_is_brought_about_now_leaves_the_past_as_it_was(
    name: str, request: pytest.FixtureRequest
) -> None:
    post = request.getfixturevalue(name)
    for event in HIDDEN:
        plain = post.probability(event, by="2024-04-30")
        for state in ("on", "off"):
            made = post.probability(event, by="2024-04-30", do={"troops": state})
            assert made.mean == plain.mean
    with pytest.raises(QueryError, match="what is past is not undone"):
        post.probability("arms", by=END, do={"troops": "2024-04-30"})


@pytest.mark.parametrize("name", ["exact", "read_off", "beyond"])
def test_what_is_found_out_of_the_past_adds_up(name: str, request: pytest.FixtureRequest) -> None:
    post, day = request.getfixturevalue(name), "2024-04-30"
    chance = post.probability("troops", by=day).mean
    on, off = (
        post.probability("arms", by=END, given={"troops": (state, day)}) for state in ("on", "off")
    )
    plain = post.probability("arms", by=END)
    error = Z * (plain.mcse + on.mcse + off.mcse)
    assert chance * on.mean + (1 - chance) * off.mean == pytest.approx(plain.mean, abs=error + 1e-3)


@pytest.mark.parametrize("name", ["exact", "read_off", "beyond"])
def test_stories_of_the_past_tell_what_came_when(name: str, request: pytest.FixtureRequest) -> None:
    post, day = request.getfixturevalue(name), "2024-04-30"
    stories = post.scenarios(by=day, events=["troops", "treaty"])
    assert stories["probability"].sum() == pytest.approx(1.0, rel=SAME_ALGEBRA)
    assert set(stories["scenario"]) <= {
        "treaty; not troops",
        "treaty, then troops",
        "troops, then treaty",
        "any other course",
    }
    told = stories[stories["troops"].fillna(value=False).astype(bool)]
    troops = post.probability("troops", by=day)
    assert told["probability"].sum() == pytest.approx(
        troops.mean, abs=Z * (troops.mcse + told["mcse"].sum())
    )
    dated = post.timeline(by=day, events=["troops", "treaty"]).dropna(subset="place")
    assert len(dated) > 0
    assert (dated["upper"] <= pd.Timestamp("2024-05-01", tz="UTC")).all()


def test_what_lies_before_the_start_is_refused(exact: Posterior) -> None:
    for ask in (
        lambda: exact.probability("troops", by="2023-12-30"),
        lambda: exact.curve("troops", dates=["2023-06-01", END]),
        lambda: exact.probability("troops", by=END, given={"secret": ("on", "2023-06-01")}),
        lambda: exact.scenarios(by="2023-06-01"),
    ):
        with pytest.raises(QueryError, match="ask for a date from 2024-01-01"):
            ask()


@pytest.mark.parametrize("seed", [0, 1, 4, 6])
def test_random_networks_are_answered_by_whole_courses_as_by_the_filter(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, record = random_case(seed, most=5)
    post = update(network, record, as_of=AS_OF, method="importance", draws=1024)
    days, events = ["2024-03-31", "2024-05-15"], [event.id for event in network.events]
    pairs = list(zip(events, [*events[1:], events[0]], strict=True))

    def answers(asked: Posterior) -> Iterator[tuple[float, float]]:
        table = asked.table(by=days)
        for day in days:
            yield from zip(table[day, "mean"], table[day, "mcse"], strict=True)
        for event, other in pairs:
            for how in ({}, {"do": {events[0]: "on"}}):
                for state in ("on", "off"):
                    try:
                        p = asked.probability(event, by=END, given={other: (state, days[0])}, **how)  # type: ignore[arg-type]
                    except QueryError:  # it is impossible
                        yield 0.0, 0.0
                    else:
                        yield p.mean, p.mcse
        joint = asked.joint(events[:2], by=days[0])
        yield from zip(joint["mean"], joint["mcse"], strict=True)

    expected = list(answers(post))
    without_filter(monkeypatch)
    found = list(answers(Posterior(post.fitted, post.reference)))
    for (mean, _), (other, error) in zip(expected, found, strict=True):
        assert abs(mean - other) <= Z * error + STEP_GRID


def test_no_plan_is_made_where_the_filter_does_not_reach(
    sampled: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "FEW_CELLS", 1)
    monkeypatch.setattr(given, "plan_sweep", None)
    for ask in (
        lambda: sampled.probability("arms", by=END, given={"troops": "on"}),
        lambda: sampled.probability("arms", by=END, do={"troops": "on"}),
        lambda: sampled.before("troops", "arms", by=END),
    ):
        assert "counted over simulated courses" in ask().note
    assert len(sampled.joint(["troops", "arms"], by=END)) == 4
