from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.errors import InputError, QueryError
from forecast.evidence import Evidence, Report
from forecast.network import Event, Network, Source
from forecast.posterior import Posterior, prior, simulate, update
from forecast.posterior import _outlook as outlook
from forecast.posterior._probability import Estimates
from tests.networks import WIRE, demo_evidence, demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA, STEP_GRID

AS_OF, YEAR_END = "2024-04-01", "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)


def test_a_table_has_one_row_an_event_and_its_change_is_against_the_prior(post: Posterior) -> None:
    table = post.table(by=["2024-06-30", YEAR_END])
    assert list(table.index) == [event.id for event in post.network.events]
    assert list(table.columns.levels[0]) == ["2024-06-30", YEAR_END]
    before = prior(post.network, draws=1024).table(by=[YEAR_END])[YEAR_END]
    change = table[YEAR_END]["mean"] - before["mean"]
    np.testing.assert_allclose(table[YEAR_END]["change"], change, atol=STEP_GRID)
    full = prior(post.network, draws=2048).table(by=[YEAR_END])[YEAR_END]
    error = np.hypot(full["mcse"], before["mcse"])
    assert (abs(full["mean"] - before["mean"]) <= MONTE_CARLO_Z * error).all()
    assert table.loc["treaty", (YEAR_END, "mean")] == 1.0


def test_a_probability_is_a_cell_of_the_table_and_a_point_of_the_curve(post: Posterior) -> None:
    p = post.probability("troops", by=YEAR_END)
    cell = post.table(by=[YEAR_END]).loc["troops", YEAR_END]
    point = post.curve("troops", dates=[YEAR_END]).iloc[0]
    assert float(p) == pytest.approx(cell["mean"], abs=STEP_GRID)
    assert float(p) == pytest.approx(point["mean"], abs=STEP_GRID)
    low, high = p.interval(0.9)
    assert low < p.mean < high


def test_an_onset_never_becomes_less_likely_with_time(post: Posterior) -> None:
    for event in ("troops", "arms"):
        curve = post.curve(event)
        assert isinstance(curve.index, pd.DatetimeIndex)
        assert (np.diff(curve["mean"]) >= -SAME_ALGEBRA).all()


def test_a_joint_sums_to_one_and_its_margins_are_the_probabilities(post: Posterior) -> None:
    joint = post.joint(["troops", "arms", "treaty"], by=YEAR_END)
    assert joint["mean"].sum() == pytest.approx(1.0, abs=SAME_ALGEBRA)
    for event in ("troops", "arms", "treaty"):
        margin = joint.loc[joint[event], "mean"].sum()
        assert margin == pytest.approx(post.probability(event, by=YEAR_END).mean, abs=STEP_GRID)


def test_paths_and_the_filter_give_the_same_forecasts(
    post: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered, theta = post.fitted.lowered, post._draws.theta
    times = np.array([0.5, 1.0])
    events = [lowered.events.index(name) for name in ("arms", "troops", "office")]
    exact = outlook.outlook(lowered, theta, events, times, seed=1)
    monkeypatch.setattr(
        outlook, "_groups", lambda _lowered, chosen, _times, **_: ([], list(chosen))
    )
    along = outlook.outlook(lowered, theta, events, times, seed=1)
    batch = post._draws.batch
    told = [Estimates(part[:, :, t], batch) for part in along for t in range(2)]
    sure = [Estimates(part[:, :, t], batch) for part in exact for t in range(2)]
    assert all(len(one.hits) == 1 for one in sure)
    for one, other in zip(told, sure, strict=True):
        error = np.sqrt(((one.raw - other.raw) ** 2).mean() / len(batch))  # of the courses alone
        assert error < 0.002
        assert abs(one.mean - other.mean) < MONTE_CARLO_Z * error
        for level in (0.05, 0.95):
            ends = [np.quantile(each.values, level) for each in (one, other)]
            assert abs(ends[0] - ends[1]) < MONTE_CARLO_Z * one.quantile_mcse(level)


@pytest.mark.parametrize("cores", [2, 3])
def test_no_bit_depends_on_the_number_of_threads(
    post: Posterior, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Likelihoods, smoothed states and both kinds of paths are cut into a share for each thread."""
    lowered, theta = post.fitted.lowered, post._draws.theta
    events, times = list(range(len(lowered.network.events))), np.array([0.5, 1.0])

    def everything() -> list[np.ndarray]:
        monkeypatch.setattr(outlook, "_groups", groups)
        exact = outlook.outlook(lowered, theta, events, times, seed=1)
        monkeypatch.setattr(outlook, "_groups", lambda _, chosen, __, **___: ([], list(chosen)))
        along = outlook.outlook(lowered, theta, events, times, seed=1)
        chains = update(demo_network(), demo_evidence(), as_of=AS_OF, draws=256, method="paths")
        ahead = chains.probability("troops", by=YEAR_END)
        rates = chains.idata["posterior"]["base_rate"].to_numpy()
        return [*exact, *along, rates, ahead.draws]

    groups = outlook._groups
    monkeypatch.setattr("forecast.threads.cores", lambda: 1)
    alone = everything()
    monkeypatch.setattr("forecast.threads.cores", lambda: cores)
    for found, expected in zip(everything(), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_time_without_news_lowers_the_chance_of_a_public_onset() -> None:
    event = Event(id="pact", kind="onset", rate="50% [30%, 70%] within 1 year")
    network = Network(name="n", start="2024-01-01", horizon=YEAR_END, events=[event])
    chances = [
        update(network, Evidence([]), as_of=day, draws=1024).probability("pact", by=YEAR_END).mean
        for day in ("2024-01-01", "2024-04-01", "2024-08-01", "2024-12-01")
    ]
    assert all(earlier > later for earlier, later in pairwise(chances))


def test_the_chance_of_a_lone_onset_is_the_mean_over_its_prior() -> None:
    event = Event(id="pact", kind="onset", rate="50% [30%, 70%] within 1 year")
    network = Network(name="n", start="2024-01-01", horizon=YEAR_END, events=[event])
    p = prior(network).probability("pact", by=YEAR_END)
    rates = event.rate.prior(network.start).from_z(np.random.default_rng(0).normal(size=200_000))
    expected = 1 - np.exp(-rates * 366 / 365.25)
    error = np.hypot(p.mcse, expected.std() / np.sqrt(len(rates)))
    assert abs(p.mean - expected.mean()) < MONTE_CARLO_Z * error


def test_the_prior_agrees_with_simulated_worlds() -> None:
    network = demo_network()
    worlds = simulate(network, worlds=2000, seed=3)
    table = prior(network).table(by=["2024-06-30", YEAR_END])
    for day in ("2024-06-30", YEAR_END):
        for event in network.events:
            seen = np.mean([world.on(event.id, day) for world in worlds])
            p = table.loc[event.id, (day, "mean")]
            error = np.sqrt(p * (1 - p) / len(worlds))
            assert abs(seen - p) < MONTE_CARLO_Z * error, (event.id, day)


def test_a_world_is_the_same_however_many_are_drawn() -> None:
    network, template = demo_network(), demo_evidence()
    few = simulate(network, worlds=2, seed=5, evidence=template)
    many = simulate(network, worlds=4, seed=5, evidence=template)
    assert few == many[:2]


def test_idata_has_the_groups_that_arviz_expects(post: Posterior) -> None:
    assert set(post.idata.children) == {
        "prior",
        "posterior",
        "log_likelihood",
        "sample_stats",
        "predictions",
        "observed_data",
        "constant_data",
    }
    assert post.idata["posterior"]["base_rate"].dims == ("chain", "draw", "event")
    items = post.idata["log_likelihood"]["item"].to_numpy().tolist()
    assert sorted(items) == sorted(["r1", "r2", "r3", "l1", "nothing_else_happened"])


def test_sources_show_prior_and_posterior_rates(post: Posterior) -> None:
    table = post.sources()
    assert table.loc[("reuters", "hit_rate"), "items"] == 1
    assert table.loc[("reuters", "hit_rate"), "moved_by"] == "r1"
    for name in ("mean", "lower", "upper"):
        assert (table[name] != table[f"prior_{name}"]).all()
    assert (table["lower"] < table["mean"]).all()
    assert (table["mean"] < table["upper"]).all()
    assert set(table.index.get_level_values("source")) == {"reuters", "afp"}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda p: p.probability("troop", by=YEAR_END), "Did you mean 'troops'"),
        (lambda p: p.probability("troops", by="2023-01-01"), "2024-01-01 .* to 2024-12-31"),
        (lambda p: p.probability("troops", by="2030-01-01"), "the horizon"),
        (lambda p: p.probability("troops", by="01/02/2024"), "ISO 8601"),
        (lambda p: p.probability("troops", by=YEAR_END).interval(1.5), "between 0 and 1"),
        (lambda p: p.joint(["troops", "nobody"], by=YEAR_END), "no event 'nobody'"),
        (lambda p: p.joint("troops", by=YEAR_END), r"Write it in a list: \['troops'\]"),
        (lambda p: p.table(by=YEAR_END), r"Write it in a list: \['2024-12-31'\]"),
        (lambda p: p.table(by=[]), "at least one deadline"),
        (lambda p: p.curve("troops", dates=YEAR_END), r"Write it in a list"),
        (lambda p: p.curve("troops", dates=[]), "at least one date"),
        (lambda p: p.probability("troops", by=YEAR_END).interval("90%"), r"0\.9 \(got '90%'\)"),
        (lambda p: p.onset_time("troops", quantiles="half"), r"between 0 and 1.*'half'"),
        (lambda p: p.onset_time("troops", quantiles=1.5), r"between 0 and 1.*1\.5"),
        (lambda p: p.scenarios(by=YEAR_END, n=-1), r"at least 1 \(got -1\)"),
        (lambda p: p.scenarios(by=YEAR_END, n="3"), r"at least 1 \(got '3'\)"),
        (lambda p: p.compare("June", by=YEAR_END), "an earlier posterior.*'June'"),
        (
            lambda p: p.would_change_my_mind(
                "troops", by=YEAR_END, at="2024-05-01", threshold="50%"
            ),
            "50%",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(post, ask, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(QueryError, match=message):
        ask(post)


def test_one_quantile_may_stand_alone(post: Posterior) -> None:
    alone = post.onset_time("troops", quantiles=0.3)
    pd.testing.assert_frame_equal(alone, post.onset_time("troops", quantiles=[0.3]))


def test_a_forecast_is_a_pure_function_of_its_inputs(post: Posterior) -> None:
    again = update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)
    pd.testing.assert_frame_equal(again.table(by=[YEAR_END]), post.table(by=[YEAR_END]))


def test_the_order_of_evidence_and_later_news_change_nothing(post: Posterior) -> None:
    late = Report(id="zz", event="troops", published="2024-09-01", source="kcna", claim="off")
    shuffled = Evidence([late, *reversed(list(demo_evidence()))])
    again = update(demo_network(), shuffled, as_of=AS_OF, draws=2048)
    pd.testing.assert_frame_equal(again.table(by=[YEAR_END]), post.table(by=[YEAR_END]))


def test_an_executor_estimates_the_prior_and_changes_nothing(post: Posterior) -> None:
    with ThreadPoolExecutor(1) as pool:
        again = update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048, executor=pool)
    pd.testing.assert_frame_equal(again.table(by=[YEAR_END]), post.table(by=[YEAR_END]))


@pytest.mark.parametrize("draws", [100, 1, 0, "4096", 512.0])
def test_draws_are_a_power_of_two(draws: Any) -> None:
    with pytest.raises(InputError, match="power of two"):
        update(demo_network(), demo_evidence(), as_of=AS_OF, draws=draws)


@pytest.mark.parametrize(
    "as_of", ["01/02/2024", "2024-02-30", "yesterday", "9999-12-31", None, 2024]
)
def test_a_cut_off_that_is_no_date_is_bad_input(as_of: Any) -> None:
    with pytest.raises(InputError, match=r"^as_of: "):
        update(demo_network(), demo_evidence(), as_of=as_of, draws=64)


def test_a_negative_seed_is_bad_input() -> None:
    with pytest.raises(InputError, match=r"from 0 on, such as 1 \(got -1\)"):
        update(demo_network(), demo_evidence(), as_of=AS_OF, seed=-1)
    with pytest.raises(InputError, match="from 0 on"):
        simulate(demo_network(), worlds=1, seed=-1)


def test_a_word_at_the_cut_off_itself_counts_along_paths_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pact = Event(id="pact", kind="onset", public=False, rate="40% within 1 year")
    network = Network(
        name="late",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[pact],
        source_types=[WIRE],
        sources=[Source(id="afp", type="wire")],
    )
    word = Report(id="r", event="pact", published="2024-07-01", source="afp", claim="on")
    post = update(network, Evidence([word]), as_of="2024-07-01", draws=512)
    lowered, theta = post.fitted.lowered, post._draws.theta
    times = np.array([lowered.now, 0.9])
    exact = outlook.outlook(lowered, theta, [0], times, seed=1)[0].mean(axis=(0, 1))
    monkeypatch.setattr(outlook, "_groups", lambda _, chosen, __, **___: ([], list(chosen)))
    along = outlook.outlook(lowered, theta, [0], times, seed=1)[0].mean(axis=(0, 1))
    assert exact[0] > 0.5  # and 0.22 without the word
    np.testing.assert_allclose(along, exact, atol=0.03)


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    fresh, asked = (update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048) for _ in "ab")
    asked.curve("arms", dates=["2024-05-17", "2024-08-09"])
    asked.table(by=["2024-06-11"])
    assert (
        fresh.probability("arms", by=YEAR_END).mean == asked.probability("arms", by=YEAR_END).mean
    )


@pytest.mark.parametrize("day", ["2020-01-01", "2030-01-01"])
def test_a_cut_off_outside_the_networks_time_is_refused(day: str) -> None:
    with pytest.raises(InputError, match=r"as_of: .*outside the time of network 'demo'.*got '20"):
        update(demo_network(), demo_evidence(), as_of=day, draws=64)


def test_items_and_files_in_place_of_a_record_and_a_network_are_refused() -> None:
    items: Any = list(demo_evidence())
    with pytest.raises(InputError, match=r"evidence: .*forecast\.Evidence\(\["):
        update(demo_network(), items, as_of=AS_OF, draws=64)
    file: Any = "priors/demo.yaml"
    with pytest.raises(InputError, match=r"network: .*forecast\.read_network"):
        update(file, demo_evidence(), as_of=AS_OF, draws=64)


def test_a_posterior_prints_as_one_line_that_tells_of_its_gate(post: Posterior) -> None:
    shown = repr(post)
    assert shown.startswith("Posterior(demo as of ")
    assert f"{len(post.evidence)} items of evidence; importance; khat " in shown
    assert "\n" not in shown
    assert len(shown) < 200


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(InputError, match=r"whole number from 0 on, such as 1 \(got "):
        update(demo_network(), demo_evidence(), as_of=AS_OF, draws=64, seed=seed)


def test_a_table_of_no_deadline_says_what_is_missing(post: Posterior) -> None:
    with pytest.raises(QueryError, match="at least one deadline"):
        post.table(by=[])
