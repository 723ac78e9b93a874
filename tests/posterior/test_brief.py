"""Reasons in brief are the reasons in full, told shorter."""

import numpy as np
import pytest

import forecast as fc
from forecast.errors import QueryError
from forecast.posterior.brief import Brief
from forecast.posterior.levels import explainer
from forecast.posterior.posterior import Posterior
from forecast.time import parse_instant

BY = "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    rate = "20% [8%, 45%] within 1 year"
    events = [
        fc.Event(id="pact", kind="onset", rate=rate),
        fc.Event(id="troops", kind="onset", public=False, rate=rate),
        fc.Event(id="apart", kind="onset", rate=rate),
        fc.Event(id="done", kind="onset", rate=rate),
    ]
    network = fc.Network(
        name="demo",
        start="2024-01-01",
        horizon="2025-12-31",
        events=events,
        links=[fc.Link(parent="pact", child="troops", kind="multiplies", hazard_ratio="x4 [2, 8]")],
        source_types=[
            fc.SourceType(
                id="wire", hit_rate="80% [60%, 90%]", false_alarm_rate="10% [5%, 20%]", check=0.5
            )
        ],
        sources=[fc.Source(id=name, type="wire") for name in ("afp", "copyist")],
    )
    evidence = fc.Evidence(
        [
            fc.Observation(id="seen", event="done", published="2024-02-01", onset="2024-02-01"),
            fc.Report(id="said", event="troops", published="2024-03-01", source="afp", claim="on"),
            fc.Report(
                id="copy",
                event="troops",
                published="2024-03-02",
                source="copyist",
                claim="on",
                derived_from=("said",),
            ),
            fc.Report(id="no", event="troops", published="2024-04-01", source="afp", claim="off"),
        ]
    )
    return fc.update(network, evidence, as_of="2024-06-01", draws=1024)


def brief(post: Posterior) -> Brief:
    return Brief(post, parse_instant(BY))


def test_what_moved_a_forecast_adds_up_to_it_exactly(post: Posterior) -> None:
    moved = brief(post).moved("troops")
    p = post.probability("troops", by=BY).mean
    assert moved["in_order"].sum() == pytest.approx(np.log(p / (1 - p)), rel=1e-9)
    assert moved.index.tolist() == [
        *("(prior)", "(time alone)", "seen", "said", "no", "(Monte Carlo error)")
    ]
    assert moved["copies"].tolist() == [0, 0, 0, 1, 0, 0]


def test_its_steps_are_those_of_the_full_explanation(post: Posterior) -> None:
    short, full = brief(post).moved("troops"), post.explain("troops", by=BY)
    # Half as many draws: as near as the stated error of the full one allows.
    told = full["in_order"].groupby(full["cluster"].fillna(full.index.to_series())).sum()
    for step in ("(prior)", "said", "no"):
        error = 5 * np.sqrt(3) * full.loc[step, "in_order_mcse"] + 0.05
        assert short.loc[step, "in_order"] == pytest.approx(told[step], abs=error)


def test_as_many_draws_give_the_very_steps(post: Posterior) -> None:
    draws, by = post._draws, parse_instant(BY)
    few = explainer(draws, 1, by, most=128)
    assert len(few.mixture.log_density) == 256
    assert len(explainer(draws, 1, by).mixture.log_density) == 1024


def test_a_forecast_leans_on_what_bears_on_it_and_on_nothing_else(post: Posterior) -> None:
    leans = brief(post).leans("troops")
    assert ("base_rate", "troops") in leans.index[:2]
    assert leans.loc[("base_rate", "troops"), "low"] < leans.loc[("base_rate", "troops"), "high"]
    assert {label for _, label in leans.index}.isdisjoint({"apart", "done"})
    alone = brief(post).leans("apart")
    assert alone.index.tolist() == [("base_rate", "apart")]
    assert alone["share"].iloc[0] > 0.9


def test_shares_are_those_of_the_sensitivity(post: Posterior) -> None:
    full, short = post.sensitivity("troops", by=BY), brief(post).leans("troops")
    for name in short.index:
        error = 5 * full.loc[name, "share_mcse"] + 0.02
        assert short.loc[name, "share"] == pytest.approx(full.loc[name, "share"], abs=error)


def test_news_to_watch_is_valued_as_in_full(post: Posterior) -> None:
    at = parse_instant("2024-06-15")
    watch = brief(post).watch("troops", at)
    assert watch["event"].tolist() == list(dict.fromkeys(watch["event"]))
    assert set(watch["event"]) <= {"pact", "troops"}
    assert set(watch.loc[watch["event"] == "pact", "source"]) == {"(observation)"}
    full = post.value_of_information("troops", by=BY, at="2024-06-15", events=["troops"])
    best = full[full["source"] != "(observation)"].iloc[0]
    told = watch[watch["event"] == "troops"].iloc[0]
    assert told["source"] in {"afp", "copyist"}
    assert told["bits"] == pytest.approx(best["bits"], rel=1e-6)


def test_what_is_settled_has_nothing_to_explain(post: Posterior) -> None:
    with pytest.raises(QueryError, match="'done' is settled by then"):
        brief(post).moved("done")
