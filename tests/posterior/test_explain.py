"""Explanations: what adds up, and what leaving an item out does against estimating without it."""

import numpy as np
import pytest
from scipy.special import logit

from forecast.errors import QueryError
from forecast.evidence import Evidence, LikelihoodRatio, Observation, Report, Silence
from forecast.network import Event, Network, Source, SourceType
from forecast.posterior import Posterior, update
from forecast.posterior import _levels as levels
from forecast.posterior._explain import clusters
from forecast.probability import NOISE, PRIOR, TIME
from tests.networks import demo_evidence, demo_network
from tests.tolerances import EXPLAINED, MONTE_CARLO_Z, SAME_ALGEBRA

AS_OF, YEAR_END = "2024-04-01", "2024-12-31"
SURE = SourceType(
    id="wire", hit_rate="80%", false_alarm_rate="10%", report_rate="90% within 1 month", spread=0
)


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)


@pytest.fixture(scope="module")
def table(post: Posterior):  # type: ignore[no-untyped-def]
    return post.explain("arms", by=YEAR_END)


def hidden(*, public: bool = False) -> Network:
    return Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", public=public, rate="40% within 1 year")],
        source_types=[SURE],
        sources=[Source(id=name, type="wire") for name in ("afp", "reuters", "leak")],
    )


def said(name: str, day: str, **more: object) -> Report:
    fields = {"source": "afp", "claim": "on", **more}
    return Report(id=name, event="pact", published=day, **fields)


def log_odds(post: Posterior, event: str = "arms") -> tuple[float, float]:
    p = post.probability(event, by=YEAR_END)
    return float(logit(p.mean)), p.mcse / (p.mean * (1 - p.mean))


def test_the_waterfall_adds_up_exactly_and_every_item_has_its_row(post: Posterior, table) -> None:  # type: ignore[no-untyped-def]
    items = [item.id for item in post.evidence]
    assert list(table.index) == [PRIOR, TIME, *items, NOISE]
    assert table["in_order"].sum() == pytest.approx(log_odds(post)[0], rel=SAME_ALGEBRA)
    assert logit(table["probability"]).iloc[-1] == pytest.approx(log_odds(post)[0])
    told = table.loc[items]
    moved = logit(told["probability"]) - logit(told["before"])
    np.testing.assert_allclose(told["in_order"], moved, atol=1e-9)
    waited = told["time"].sum() + table.loc[TIME, "time"]
    assert table.loc[TIME, "in_order"] == pytest.approx(waited)
    gaps = logit(told["before"]).to_numpy()[1:] - logit(told["probability"]).to_numpy()[:-1]
    np.testing.assert_allclose(told["time"][1:], gaps, atol=1e-9)
    noise = table.loc[NOISE]
    assert abs(noise["in_order"]) < MONTE_CARLO_Z * noise["in_order_mcse"]


def test_the_first_row_is_the_networks_own_forecast(post: Posterior, table) -> None:  # type: ignore[no-untyped-def]
    assert post.reference is not None
    own, error = log_odds(post.reference)
    gap = table.loc[PRIOR, "in_order"] - own
    assert abs(gap) < MONTE_CARLO_Z * np.hypot(error, table.loc[PRIOR, "in_order_mcse"])


@pytest.mark.parametrize("name", ["r1", "r2", "r3", "l1"])
def test_leaving_an_item_out_is_to_estimate_without_it(post: Posterior, table, name: str) -> None:  # type: ignore[no-untyped-def]
    left = demo_evidence().without([name])
    after, before = log_odds(post), log_odds(update(demo_network(), left, as_of=AS_OF, draws=2048))
    error = np.hypot(table.loc[name, "leave_one_out_mcse"], np.hypot(after[1], before[1]))
    assert abs(table.loc[name, "leave_one_out"] - (after[0] - before[0])) < MONTE_CARLO_Z * error


def test_leaving_a_cluster_out_is_to_estimate_without_all_of_it(post: Posterior, table) -> None:  # type: ignore[no-untyped-def]
    left = demo_evidence().without(["r1", "r2"])
    after, before = log_odds(post), log_odds(update(demo_network(), left, as_of=AS_OF, draws=2048))
    moved = table.loc[["r1", "r2"], "leave_cluster_out"]
    assert moved["r1"] == moved["r2"]
    error = np.hypot(after[1], before[1])
    assert abs(moved["r1"] - (after[0] - before[0])) < MONTE_CARLO_Z * error
    assert table["cluster"].drop([PRIOR, TIME, NOISE]).to_dict() == clusters(post.evidence)
    as_one = table.groupby("cluster", sort=False)["in_order"].sum()
    assert list(as_one.index) == [
        PRIOR,
        TIME,
        *dict.fromkeys(clusters(post.evidence).values()),
        NOISE,
    ]
    assert as_one.sum() == pytest.approx(after[0], rel=SAME_ALGEBRA)
    assert as_one["r1"] == pytest.approx(
        table.loc[["r1", "r2"], "in_order"].sum(), rel=SAME_ALGEBRA
    )
    assert table.loc["r2", "cluster"] == "r1"


def test_an_observation_left_out_is_not_made_rather_than_denied(post: Posterior, table) -> None:  # type: ignore[no-untyped-def]
    network = demo_network()
    events = [
        event.model_copy(update={"public": False}) if event.id == "treaty" else event
        for event in network.events
    ]
    unseen = network.model_copy(update={"events": tuple(events)})
    left = demo_evidence().without(["o1"])
    after, before = log_odds(post), log_odds(update(unseen, left, as_of=AS_OF, draws=2048))
    error = np.hypot(table.loc["o1", "leave_one_out_mcse"], np.hypot(after[1], before[1]))
    assert abs(table.loc["o1", "leave_one_out"] - (after[0] - before[0])) < MONTE_CARLO_Z * error


def test_one_smoothing_gives_what_striking_out_one_by_one_gives(post: Posterior) -> None:
    day = post._draws.calendar.deadline(YEAR_END)
    asked = levels.explainer(post._draws, post._index("arms"), day)
    quick = asked.one_by_one()
    assert set(quick) == {"r1", "r2", "r3", "l1"}
    for name, level in quick.items():
        assert level.log_odds == pytest.approx(asked.without([name]).log_odds, abs=EXPLAINED)


def test_independent_reports_add_their_log_likelihood_ratios() -> None:
    evidence = Evidence(
        [
            said("one", "2024-03-01"),
            said("two", "2024-03-01", source="reuters", claim="off"),
            said("none", "2024-03-01", credibility=0.0),
        ]
    )
    post = update(hidden(), evidence, as_of="2024-03-01", draws=64)
    table = post.explain("pact", by="2024-03-01")
    for column in ("in_order", "leave_one_out"):
        found = table.loc[["none", "one", "two"], column].to_numpy()
        np.testing.assert_allclose(found, [0, np.log(8), np.log(0.2 / 0.9)], atol=1e-9)


def test_time_alone_has_its_closed_form() -> None:
    post = update(hidden(public=True), Evidence([]), as_of="2024-07-01", draws=64)
    table = post.explain("pact", by=YEAR_END)
    rate, whole = -np.log(0.6), 366 / 365.25
    left = whole - 183 / 365.25
    assert table.loc[PRIOR, "probability"] == pytest.approx(1 - np.exp(-rate * whole))
    assert table.loc[TIME, "probability"] == pytest.approx(1 - np.exp(-rate * left))
    assert table.loc[NOISE, "in_order"] == pytest.approx(0, abs=1e-9)


def test_a_silence_and_what_broke_it_are_explained() -> None:
    kept = Silence(
        id="kept",
        event="pact",
        source="afp",
        published="2024-03-31",
        watched_from="2024-03-01",
        watched_to="2024-03-31",
    )
    record = Evidence([kept, said("one", "2024-04-02")])
    post = update(hidden(), record, as_of="2024-04-02", draws=512)
    table = post.explain("pact", by=YEAR_END)
    assert table.loc["kept", "in_order"] < 0 < table.loc["one", "in_order"]
    assert table["in_order"].sum() == pytest.approx(
        logit(post.probability("pact", by=YEAR_END).mean), rel=SAME_ALGEBRA
    )
    without = update(hidden(), record.without(["kept"]), as_of="2024-04-02", draws=512)
    after, before = log_odds(post, "pact"), log_odds(without, "pact")
    error = np.hypot(table.loc["kept", "leave_one_out_mcse"], np.hypot(after[1], before[1]))
    gap = table.loc["kept", "leave_one_out"] - (after[0] - before[0])
    assert abs(gap) < MONTE_CARLO_Z * error + EXPLAINED


def test_reports_of_a_hidden_origin_are_one_cluster_and_change_each_other() -> None:
    heard = [said(f"r{k}", f"2024-03-0{k}", source=s, origin="leak", check=0.1)
             for k, s in ((1, "afp"), (2, "reuters"))]  # fmt: skip
    both = update(hidden(), Evidence(heard), as_of="2024-03-05", draws=64)
    alone = update(hidden(), Evidence(heard[1:]), as_of="2024-03-05", draws=64)
    table = both.explain("pact", by="2024-03-05")
    assert set(table.loc[["r1", "r2"], "cluster"]) == {"r1"}
    gap = logit(both.probability("pact", by="2024-03-05").mean) - logit(
        alone.probability("pact", by="2024-03-05").mean
    )
    # the statement stays what it was about the time it was first passed on
    assert table.loc["r1", "leave_one_out"] == pytest.approx(gap, abs=0.02)
    assert table.loc["r1", "leave_cluster_out"] > table.loc["r1", "leave_one_out"] > 0


def test_a_retracted_item_explains_nothing() -> None:
    evidence = Evidence([said("one", "2024-03-01"), said("two", "2024-03-02", retracts=("one",))])
    post = update(hidden(), evidence, as_of="2024-03-03", draws=64)
    assert list(post.explain("pact", by=YEAR_END).index) == [PRIOR, TIME, "two", NOISE]


def test_where_the_shared_draws_fail_an_item_is_left_out_by_estimating_anew(
    post: Posterior, table, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(levels, "khat_limit", lambda _: -np.inf)
    again = post.explain("arms", by=YEAR_END)
    for name in ("o1", "r1", "l1"):
        both = (table.loc[name], again.loc[name])
        gap = both[0]["leave_one_out"] - both[1]["leave_one_out"]
        error = np.hypot(both[0]["leave_one_out_mcse"], both[1]["leave_one_out_mcse"])
        assert abs(gap) < MONTE_CARLO_Z * error


def test_surprising_evidence_is_explained_all_the_same() -> None:
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", public=False, rate="2% [0.1%, 20%] within 1 year")],
        source_types=[SURE],
        sources=[Source(id="afp", type="wire")],
    )
    strong = LikelihoodRatio(
        id="strong", event="pact", published="2024-02-01", likelihood_ratio="x5000"
    )
    post = update(network, Evidence([strong]), as_of="2024-02-01", draws=1024)
    table = post.explain("pact", by="2024-02-01")
    assert table.loc["strong", "in_order"] == pytest.approx(
        np.log(5000), abs=MONTE_CARLO_Z * table.loc["strong", "in_order_mcse"] + 1e-3
    )


def test_what_is_settled_is_refused(post: Posterior) -> None:
    with pytest.raises(QueryError, match="nothing is left to explain"):
        post.explain("treaty", by=YEAR_END)
    with pytest.raises(QueryError, match="Did you mean 'arms'"):
        post.explain("army", by=YEAR_END)
    with pytest.raises(QueryError, match="the horizon"):
        post.explain("arms", by="2026-01-01")


def test_observations_of_several_events_each_have_their_part() -> None:
    """A later observation is not known, nor denied, at the earlier steps."""
    network = demo_network()
    more = Observation(id="o2", event="arms", published="2024-03-20", onset="2024-03-19")
    post = update(network, demo_evidence() + Evidence([more]), as_of=AS_OF, draws=512)
    table = post.explain("troops", by=YEAR_END)
    assert table.loc["o2", "in_order"] > 0.1
    assert np.isfinite(table["in_order"]).all()
    assert table["in_order"].sum() == pytest.approx(
        logit(post.probability("troops", by=YEAR_END).mean), rel=SAME_ALGEBRA
    )


def test_the_error_of_a_step_is_that_of_what_its_draws_do_not_share() -> None:
    one = levels.Level(0.3, np.array([0.1, -0.2, 0.1]), khat=0.0)
    other = levels.Level(0.1, np.array([0.1, -0.1, 0.0]), khat=0.0)
    moved, error = levels.difference(one, other)
    assert moved == pytest.approx(0.2)
    assert error == pytest.approx(np.sqrt(0.1**2 + 0.1**2))
    apart = levels.Level(0.1, other.influence, khat=0.0, refitted=True)
    own = np.sqrt((one.influence**2).sum() + (other.influence**2).sum())
    assert levels.difference(one, apart)[1] == pytest.approx(own)


def test_draws_of_prior_and_posterior_are_weighed_as_one_distribution(post: Posterior) -> None:
    asked = levels.explainer(post._draws, post._index("arms"), post._draws.calendar.horizon)
    inverse = np.exp(-asked.mixture.log_density)  # the prior's density over that of the mixture
    error = inverse.std() / np.sqrt(len(inverse))
    assert abs(inverse.mean() - 1) < MONTE_CARLO_Z * error
