"""Leave-one-out on runs of the path sampler, against the exact filter and estimates without it."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from forecast.errors import QueryError
from forecast.evidence import Count, Evidence, LikelihoodRatio, Observation, Report, Silence
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import Posterior, update
from forecast.posterior import _anew as anew
from forecast.posterior import _given as given
from forecast.posterior import _struck as struck
from forecast.posterior._explain import left_out_table
from forecast.probability import NOISE, PRIOR, TIME
from tests.networks import demo_evidence, demo_network
from tests.random_models import AS_OF, random_case

YEAR_END = "2024-12-31"
Z = 4.0  # bound on a difference over its stated error
WIRE = SourceType(
    id="wire",
    hit_rate="80% [60%, 90%]",
    false_alarm_rate="10% [5%, 20%]",
    report_rate="90% within 1 month",
    count_rate_off="1 per month [0.5, 2]",
    count_rate_on="4 per month [2, 8]",
    check=0.3,
)


def apart(one: pd.DataFrame, other: pd.DataFrame, column: str) -> pd.Series:
    """Return by how many stated errors two explanations differ, item by item."""
    error = np.hypot(one[f"{column}_mcse"], other[f"{column}_mcse"])
    return (one[column] - other[column]).abs() / (error + 1e-9)


def asked(post: Posterior, event: str) -> pd.DataFrame:
    return post.explain(event, by=YEAR_END, order="left_out")


def wired(*events: Event, links: tuple[Link, ...] = ()) -> Network:
    return Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=list(events),
        links=list(links),
        source_types=[WIRE],
        sources=[Source(id=name, type="wire") for name in ("afp", "reuters", "leak")],
    )


def plot() -> Network:
    """A secret onset, and a public one that it makes likelier."""
    return wired(
        Event(id="plot", kind="onset", public=False, rate="40% [20%, 60%] within 1 year"),
        Event(id="strike", kind="onset", rate="20% [10%, 40%] within 1 year"),
        links=(Link(parent="plot", child="strike", kind="multiplies", hazard_ratio="x4 [2, 8]"),),
    )


def said(name: str, day: str, event: str = "plot", **more: object) -> Report:
    return Report(**{"id": name, "event": event, "published": day, "source": "afp", **more})  # type: ignore[arg-type]


def ratio(size: str, day: str = "2024-04-01") -> LikelihoodRatio:
    return LikelihoodRatio(id="l", event="plot", published=day, likelihood_ratio=size)


def both(network: Network, evidence: Evidence, draws: int = 1024) -> tuple[Posterior, Posterior]:
    """Return the same estimate by the exact filter and by the path sampler."""
    exact = update(network, evidence, as_of=AS_OF, draws=1024, method="importance")
    return exact, update(network, evidence, as_of=AS_OF, draws=draws, method="paths")


def test_a_record_of_nothing_is_explained_by_time_alone() -> None:
    post = update(plot(), Evidence([]), as_of="2024-03-01", draws=1024, method="paths")
    table = post.explain("strike", by=YEAR_END)
    assert list(table.index) == [PRIOR, TIME, NOISE]
    p = post.probability("strike", by=YEAR_END).mean
    assert table["in_order"].sum() == pytest.approx(logit(p), abs=1e-9)
    assert asked(post, "strike").empty


@pytest.mark.parametrize("seed", [0, 3, 8, 10])
def test_random_networks_agree_with_the_exact_filter(seed: int) -> None:
    network, evidence = random_case(seed)
    exact, post = both(network, evidence)
    still_open = [e for e in network.events if 0 < exact.probability(e.id, by=YEAR_END).mean < 1]
    assert still_open
    for event in still_open[:2]:
        one, other = asked(exact, event.id), asked(post, event.id)
        assert list(one.columns) == list(other.columns)
        assert list(one.index) == list(other.index)
        for column in ("leave_one_out", "leave_cluster_out"):
            assert (apart(one, other, column) < Z).all()


def test_every_kind_of_item_is_left_out_of_a_sampled_run() -> None:
    evidence = [
        said("one", "2024-02-01", claim="on"),
        said("copy", "2024-02-05", source="reuters", claim="on", derived_from=("one",)),
        said("heard", "2024-03-01", claim="off", origin="leak"),
        said("again", "2024-03-03", source="reuters", claim="off", origin="leak"),
        ratio("x2 [1.2, 4]"),
        Silence(
            id="quiet",
            event="plot",
            source="afp",
            published="2024-05-01",
            watched_from="2024-04-01",
            watched_to="2024-04-30",
        ),
        Observation(id="seen", event="strike", published="2024-05-10", onset="2024-05-10"),
        said("far", "2024-06-01", event="plot", claim="on", speaks_of="2024-09-01"),
    ]
    exact, post = both(plot(), Evidence(evidence))
    one, other = asked(exact, "plot"), asked(post, "plot")
    for column in ("leave_one_out", "leave_cluster_out"):
        assert (apart(one, other, column) < Z).all()
    assert other.loc["seen", "estimated"]
    assert not other["estimated"].drop("seen").any()
    assert np.isnan(other.loc["seen", "effective"])
    assert (other["effective"].drop("seen") <= post._draws.effective + 1e-9).all()
    assert other.loc["one", "cluster"] == other.loc["copy", "cluster"] == "one"
    assert other.loc["heard", "cluster"] == other.loc["again", "cluster"] == "heard"
    assert abs(other.loc["one", "leave_cluster_out"] - other.loc["one", "leave_one_out"]) > 0.001
    assert (other["leave_one_out_mcse"] > 0).all()


def test_an_item_that_says_nothing_moves_nothing_for_sure() -> None:
    evidence = Evidence([said("none", "2024-02-01", claim="on", credibility=0.0), ratio("x2")])
    post = update(plot(), evidence, as_of=AS_OF, draws=512, method="paths")
    table = asked(post, "strike")
    assert table.loc["none", "leave_one_out"] == pytest.approx(0.0, abs=1e-12)
    assert table.loc["none", "leave_one_out_mcse"] == pytest.approx(0.0, abs=1e-9)
    assert table.loc["l", "leave_one_out_mcse"] > 0


@pytest.mark.parametrize("size", ["x3", "x3000", "x100000"])
def test_a_fixed_ratio_is_reweighed_only_where_draws_know_the_other_state(size: str) -> None:
    exact, post = both(plot(), Evidence([ratio(size)]))
    one, other = asked(exact, "strike"), asked(post, "strike")
    assert apart(one, other, "leave_one_out")["l"] < Z
    assert other.loc["l", "estimated"] == (size != "x3")
    assert other.loc["l", "leave_one_out_mcse"] < 0.25


def test_the_error_of_what_is_next_to_certain_allows_for_how_few_courses_there_are() -> None:
    """Without any one of three the event is as good as certain, and no chain finds it off."""
    sure = [ratio("x100000").model_copy(update={"id": name}) for name in ("a", "b", "c")]
    exact, post = both(plot(), Evidence(sure))
    one, other = asked(exact, "plot"), asked(post, "plot")
    assert other["estimated"].all()
    assert (apart(one, other, "leave_one_out") < Z).all()
    assert (one["leave_one_out"] > 6).all()  # too much for so few courses to tell
    assert (other["leave_one_out_mcse"] > 1).all()


def test_what_is_reweighed_beyond_its_draws_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, post = both(plot(), Evidence([ratio("x100000")]))
    monkeypatch.setattr(struck, "NEGLIGIBLE", np.inf)
    monkeypatch.setattr(struck, "FEWEST", 0.0)
    monkeypatch.setattr(struck, "FEWEST_EFFECTIVE", 0.0)
    monkeypatch.setattr(struck, "ALWAYS", 0.0)
    table = asked(post, "strike")
    truth = asked(exact, "strike").loc["l", "leave_one_out"]
    assert not table.loc["l", "estimated"]
    assert abs(table.loc["l", "leave_one_out"] - truth) > 0.2


def test_the_stated_errors_are_those_that_other_seeds_show() -> None:
    evidence = Evidence([said("one", "2024-02-01", claim="on"), ratio("x0.5", "2024-05-01")])
    found = [
        asked(update(plot(), evidence, as_of=AS_OF, draws=512, method="paths", seed=seed), "strike")
        for seed in range(1, 13)
    ]
    moved = np.array([table["leave_one_out"] for table in found])
    stated = np.sqrt(np.mean([table["leave_one_out_mcse"] ** 2 for table in found], axis=0))
    seen = moved.std(axis=0, ddof=1)
    assert (seen < 2 * stated).all()  # each within a fifth, by twelve runs
    assert (seen > stated / 2).all()


def test_a_count_has_its_leave_one_out() -> None:
    told = said("one", "2024-02-01", claim="on")
    weeks = [
        Count(
            id=f"w{k}",
            event="plot",
            source="afp",
            published=f"2024-0{k}-29",
            watched_from=f"2024-0{k}-01",
            watched_to=f"2024-0{k}-28",
            counted=number,
        )
        for k, number in ((3, 2), (5, 6))
    ]
    network = plot()
    post = update(network, Evidence([told, *weeks]), as_of=AS_OF, draws=1024)
    assert post.method == "paths"
    table = asked(post, "strike")
    p = post.probability("strike", by=YEAR_END)
    for name in ("one", "w3", "w5"):
        left = Evidence([told, *weeks]).without([name])
        q = update(network, left, as_of=AS_OF, draws=1024, method="paths").probability(
            "strike", by=YEAR_END
        )
        error = np.hypot(*(x.mcse / (x.mean * (1 - x.mean)) for x in (p, q)))
        found = table.loc[name]
        gap = found["leave_one_out"] - (logit(p.mean) - logit(q.mean))
        assert abs(gap) < Z * np.hypot(error, found["leave_one_out_mcse"])


def test_a_count_tells_again_of_an_event_whose_observation_is_left_out() -> None:
    network = wired(
        Event(id="march", kind="onset", rate="40% [20%, 60%] within 1 year"),
        Event(id="strike", kind="onset", rate="20% [10%, 40%] within 1 year"),
        links=(Link(parent="march", child="strike", kind="multiplies", hazard_ratio="x4 [2, 8]"),),
    )
    seen = Observation(id="seen", event="march", published="2024-02-10", onset="2024-02-10")
    many = Count(
        id="many",
        event="march",
        source="afp",
        published="2024-04-01",
        watched_from="2024-03-01",
        watched_to="2024-03-31",
        counted=12,
    )
    post = update(network, Evidence([seen, many]), as_of=AS_OF, draws=1024, method="paths")
    record, c = anew.without(post._draws.lowered, ["seen"])
    assert record.counted.tolist() == [True]
    assert len(record.known) < len(post._draws.lowered.record.known)
    assert c.item_counted.tolist() == [12.0]
    found = asked(post, "strike").loc["seen"]
    alone = update(network, Evidence([seen]), as_of=AS_OF, draws=1024, method="paths")
    assert found["leave_one_out"] < asked(alone, "strike").loc["seen", "leave_one_out"] - 0.2
    exact = update(network, Evidence([seen, many]), as_of=AS_OF, draws=1024, method="importance")
    there = asked(exact, "strike").loc["seen"]
    assert there["estimated"]
    error = np.hypot(found["leave_one_out_mcse"], there["leave_one_out_mcse"])
    assert abs(found["leave_one_out"] - there["leave_one_out"]) < Z * error


def test_draws_without_paths_get_them_where_the_exact_filter_does_not_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, evidence = random_case(8)
    exact = update(network, evidence, as_of=AS_OF, draws=1024, method="importance")
    one = asked(exact, "e0")
    monkeypatch.setattr(given, "MOST_BITS", 0)
    other = asked(exact, "e0")
    assert not one["leave_one_out"].equals(other["leave_one_out"])
    for column in ("leave_one_out", "leave_cluster_out"):
        assert (apart(one, other, column) < Z).all()


def test_one_question_answers_for_all_events_at_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    post = update(demo_network(), demo_evidence(), as_of="2024-04-01", draws=512, method="paths")
    moved, errors = left_out_table(post._draws, post._draws.calendar.deadline(YEAR_END))
    assert list(moved.columns) == [event.id for event in demo_network().events]
    assert list(moved.index) == [item.id for item in post.evidence]
    assert moved["treaty"].isna().all()  # it is known to have happened
    assert moved.drop(columns="treaty").notna().all(axis=None)
    assert (errors.drop(columns="treaty") >= 0).all(axis=None)
    monkeypatch.setattr(struck, "_left_out", None)  # nothing is left to be worked out
    np.testing.assert_array_equal(asked(post, "arms")["leave_one_out"], moved["arms"])
    with pytest.raises(QueryError, match="settled by then"):
        post.explain("treaty", by=YEAR_END, order="left_out")


def test_both_orders_have_the_columns_of_either() -> None:
    post = update(demo_network(), demo_evidence(), as_of="2024-04-01", draws=512, method="paths")
    table, alone = post.explain("arms", by=YEAR_END), asked(post, "arms")
    for column in alone.columns:
        pd.testing.assert_series_equal(
            table.loc[alone.index, column], alone[column], check_dtype=False
        )
    with pytest.raises(QueryError, match="'left_out'"):
        post.explain("arms", by=YEAR_END, order="all")  # type: ignore[arg-type]
