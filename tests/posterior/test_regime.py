"""Regimes by all methods: closed forms, what is known when, and what is said of them."""

from datetime import date
from typing import Any

import numpy as np
import pymc as pm
import pytest

import forecast as fc
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._reach import bits_needed
from forecast.model._lower import lower
from forecast.model._parameters import PARAMETER
from forecast.posterior._parts import segments
from forecast.posterior._passage import passage
from forecast.posterior._shelf import _digests, _read, kept_passage
from tests.tolerances import MONTE_CARLO_Z

START, HORIZON = "2024-01-01", "2025-12-31"
RATE, RATIO = 0.5, 0.4
YEAR = 365.25
EXACT = 1e-10
METHODS = ["importance", "nuts", "paths"]


def network(rate: str = f"{RATE} per year", *more: fc.Event, **fields: Any) -> fc.Network:
    pact = fc.Event(id="pact", kind="onset", rate=rate)
    return fc.Network(name="n", start=START, horizon=HORIZON, events=[pact, *more], **fields)


def regime(name: str = "g", ratio: str = f"x{RATIO}", **fields: Any) -> fc.Regime:
    told = {"event": "pact", "published": "2024-03-31", "text": "A new envoy.", **fields}
    return fc.Regime(id=name, hazard_ratio=ratio, **told)


def years(first: str, last: str) -> float:
    """From the end of one day to that of another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days / YEAR


def chance(
    *items: Any, as_of: str = "2024-03-31", method: Any = "importance", **more: Any
) -> float:
    post = fc.update(network(), fc.Evidence(items), as_of=as_of, method=method, draws=64)
    return post.probability("pact", by=HORIZON, **more).mean


@pytest.mark.parametrize("method", METHODS)
def test_one_onset_has_its_closed_form(method: str) -> None:
    before, after = years("2024-03-31", "2024-09-30"), years("2024-09-30", HORIZON)
    found = chance(regime(speaks_of="2024-09-30"), method=method)
    assert found == pytest.approx(1 - np.exp(-RATE * (before + RATIO * after)), abs=EXACT)


@pytest.mark.parametrize("method", METHODS)
def test_it_acts_from_its_publication_on_where_nothing_is_said(method: str) -> None:
    expected = 1 - np.exp(-RATE * RATIO * years("2024-03-31", HORIZON))
    assert chance(regime(), method=method) == pytest.approx(expected, abs=EXACT)


def test_two_multiply_and_one_ends() -> None:
    one = regime("one", until="2025-03-31")
    other = regime("other", "x3", speaks_of="2024-12-31")
    parts = [
        RATIO * years("2024-03-31", "2024-12-31"),
        3 * RATIO * years("2024-12-31", "2025-03-31"),
        3 * years("2025-03-31", HORIZON),
    ]
    expected = 1 - np.exp(-RATE * sum(parts))
    assert chance(one, other) == pytest.approx(expected, abs=EXACT)


def test_one_that_is_over_tells_nothing_of_what_is_to_come() -> None:
    over = regime(speaks_of="2024-01-31", until="2024-02-29")
    assert chance(over) == pytest.approx(chance(), abs=EXACT)


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_before_its_publication_nothing_moves_to_the_last_bit(method: str) -> None:
    early = regime(published="2024-04-01", speaks_of="2024-02-01")
    assert chance(early, method=method) == chance(method=method)
    assert chance(early, method=method, as_of="2024-04-01") < chance(
        method=method, as_of="2024-04-01"
    )


def test_one_recorded_later_is_not_known_by_the_records_clock() -> None:
    late = regime(recorded="2024-06-01")
    seen = {"as_of": "2024-05-01", "draws": 64, "known": "recorded"}
    found = fc.update(network(), fc.Evidence([late]), **seen).probability("pact", by=HORIZON)
    assert found.mean == chance(as_of="2024-05-01")


def test_one_that_is_taken_back_never_was() -> None:
    back = fc.Retraction(id="back", event="pact", published="2024-05-01", retracts=["g"])
    assert chance(regime(), back, as_of="2024-04-30") == chance(regime(), as_of="2024-04-30")
    assert chance(regime(), back, as_of="2024-05-01") == chance(as_of="2024-05-01")


def test_a_ratio_of_one_changes_nothing() -> None:
    assert chance(regime(ratio="x1")) == chance()
    nearly = chance(regime(ratio="x1.0000000000001"))
    assert nearly == pytest.approx(chance(), abs=1e-12)


def test_no_event_is_shown_for_it() -> None:
    record = fc.Evidence([regime()])
    post = fc.update(network(), record, as_of="2024-03-31", draws=64)
    assert post.table(by=[HORIZON]).index.tolist() == ["pact"]
    lowered = lower(network(), record, "2024-03-31")
    assert bits_needed(lowered.structure, lowered.record) == 0


def test_an_intervention_on_its_event_is_not_held_up_by_it() -> None:
    assert chance(regime(), do={"pact": "on"}) == 1.0
    state = fc.Event(id="truce", kind="state", rate="2 per year", off_rate="1 per year")
    link = fc.Link(parent="truce", child="pact", kind="multiplies", hazard_ratio="x3")
    both = network(f"{RATE} per year", state, links=[link])
    post = fc.update(both, fc.Evidence([regime()]), as_of="2024-03-31", draws=64)
    found = post.probability("pact", by=HORIZON, do={"truce": "on"}).mean
    expected = 1 - np.exp(-3 * RATE * RATIO * years("2024-03-31", HORIZON))
    assert found == pytest.approx(expected, abs=EXACT)


def test_a_state_begins_at_the_other_rate_and_ends_at_its_own() -> None:
    state = fc.Event(id="truce", kind="state", rate="2 per year", off_rate="1 per year")
    record = fc.Evidence([regime(event="truce")])
    both = network(f"{RATE} per year", state)
    post = fc.update(both, record, as_of="2024-03-31", draws=64)
    found = post.probability("truce", by=HORIZON).mean
    on, off = 2 * RATIO, 1.0
    expected = on / (on + off) * -np.expm1(-(on + off) * years("2024-03-31", HORIZON))
    assert found == pytest.approx(expected, abs=1e-6)


UNCERTAIN = "x0.4 [0.2, 0.75]"


def rich() -> tuple[fc.Network, fc.Evidence]:
    """Two onsets and a state, with reports, a prediction, and two regimes; one reaches back."""
    wire = fc.SourceType(
        id="wire",
        hit_rate="80% [60%, 90%]",
        false_alarm_rate="10% [5%, 20%]",
        predictive_hit_rate="60%",
        predictive_false_alarm_rate="20%",
    )
    told = fc.Network(
        name="rich",
        start=START,
        horizon=HORIZON,
        events=[
            fc.Event(id="a", kind="onset", public=False, rate="once in 2 years [1, 4]"),
            fc.Event(id="b", kind="onset", public=False, rate="once in 3 years"),
            fc.Event(id="c", kind="state", public=False, rate="1 per year", off_rate="2 per year"),
        ],
        links=[
            fc.Link(parent="a", child="b", kind="multiplies", hazard_ratio="x3 [2, 5]"),
            fc.Link(parent="c", child="a", kind="causes", extra_rate="1 per year"),
        ],
        source_types=[wire],
        sources=[fc.Source(id="s", type="wire")],
    )

    def said(name: str, day: str, event: str, claim: str = "on", **more: Any) -> fc.Report:
        fields = {"published": day, "source": "s", "claim": claim, **more}
        return fc.Report(id=name, event=event, **fields)

    back = {"event": "a", "published": "2024-05-01", "speaks_of": "2024-02-01"}
    on_b = {"event": "b", "published": "2024-07-01", "until": "2025-05-01"}
    return told, fc.Evidence(
        [
            said("r1", "2024-03-01", "a"),
            said("p1", "2024-03-15", "b", speaks_of="2025-06-01"),
            regime("back", "x3 [2, 5]", **back),
            said("r2", "2024-06-01", "b", "off"),
            regime("ahead", UNCERTAIN, **on_b),
            said("r3", "2024-08-01", "a"),
        ]
    )


@pytest.fixture(scope="module")
def post() -> fc.Posterior:
    return fc.update(*rich(), as_of="2024-09-01", draws=1024, method="importance")


def test_the_ratio_is_a_number_like_others(post: fc.Posterior) -> None:
    table = post.sensitivity("b", by=HORIZON)
    row = table.loc["regime_ratio", "ahead"]
    assert row["at_5%"] + 0.1 < row["at_95%"]
    ratios = post.idata["posterior"]["regime_ratio"]
    assert ratios.coords[ratios.dims[-1]].values.tolist() == ["back", "ahead"]


def test_methods_agree() -> None:
    told, record = rich()
    found = {}
    for method in METHODS:
        made = fc.update(told, record, as_of="2024-09-01", draws=1024, method=method)
        found[method] = [made.probability(event, by=HORIZON) for event in "abc"]
    for method in METHODS[1:]:
        for one, other in zip(found["importance"], found[method], strict=True):
            error = np.hypot(one.mcse, other.mcse)
            assert abs(one.mean - other.mean) < MONTE_CARLO_Z * error


def test_the_pymc_model_has_it() -> None:
    told, record = rich()
    model = fc.build_model(told, record, as_of="2024-09-01")
    lowered = lower(told, record, "2024-09-01")
    z = np.random.default_rng(3).normal(size=(3, lowered.table.dimensions))
    ours = log_likelihoods(lowered.plans(), lowered.theta(lowered.table.from_z(z))).sum(axis=1)
    density = model.compile_logp(vars=model.observed_RVs)
    assert [float(density({"z": one})) for one in z] == pytest.approx(ours.tolist(), abs=1e-8)
    assert "regime_ratio" in model.named_vars
    assert len(model.coords[PARAMETER]) == lowered.table.dimensions


def test_the_steps_in_order_add_up_and_the_regime_takes_its_own(post: fc.Posterior) -> None:
    steps = post.explain("b", by=HORIZON)
    forecast = post.probability("b", by=HORIZON).mean
    assert steps["in_order"].sum() == pytest.approx(np.log(forecast / (1 - forecast)), abs=1e-9)
    assert steps.loc["ahead", "in_order"] < -0.5
    assert steps.loc["back", "in_order"] > 0.2
    assert steps.loc[["back", "ahead"], "predictive"].isna().all()
    told, record = rich()
    left = fc.Evidence(item for item in record if item.id != "ahead")
    without = fc.update(told, left, as_of="2024-09-01", draws=1024, method="importance")
    other = without.probability("b", by=HORIZON)
    moved = np.log(forecast / (1 - forecast)) - np.log(other.mean / (1 - other.mean))
    error = np.hypot(steps.loc["ahead", "leave_one_out_mcse"], other.mcse / 0.1)
    assert abs(steps.loc["ahead", "leave_one_out"] - moved) < MONTE_CARLO_Z * error


def test_before_a_regime_an_explanation_does_not_know_it() -> None:
    told, record = rich()
    steps = fc.update(told, record, as_of="2024-09-01", draws=1024, method="importance").explain(
        "b", by=HORIZON, order="published"
    )
    early = fc.update(told, record, as_of="2024-06-30", draws=1024, method="importance")
    found = early.probability("b", by=HORIZON)
    assert abs(steps.loc["ahead", "before"] - found.mean) < MONTE_CARLO_Z * found.mcse + 0.01


def test_the_pass_with_particles_agrees_with_the_exact_steps(post: fc.Posterior) -> None:
    exact = post.explain("b", by=HORIZON, order="published")
    by = post._draws.calendar.deadline(HORIZON)
    passed = post._draws.passage([by])
    for step in passed.steps:
        for level, column in ((step.before, "before"), (step.after, "probability")):
            error = np.sqrt((level.influence[:, 1, 0].astype(float) ** 2).sum())
            expected = exact.loc[step.item, column]
            assert abs(level.chance[1, 0] - expected) < MONTE_CARLO_Z * np.hypot(error, 0.005)
    surprises = post.surprises()
    assert surprises.loc[["back", "ahead"], "probability"].isna().all()
    # With what was said of the time to come, and before, the record is so likely and no other.
    total = float(surprises["log_probability"].sum() + surprises["log_quiet"].sum())
    evidence, error = log_evidence(post)
    assert abs(total - evidence) < MONTE_CARLO_Z * np.hypot(error, 2 * surprises["mcse"].max())


def log_evidence(post: fc.Posterior) -> tuple[float, float]:
    """The log of how probable the record is, over draws of the prior, and the error of that."""
    lowered = post.fitted.lowered
    z = np.random.default_rng(1).normal(size=(2**14, lowered.table.dimensions))
    logs = log_likelihoods(lowered.plans(), lowered.theta(lowered.table.from_z(z))).sum(axis=1)
    mean = np.exp(logs).mean()
    return float(np.log(mean)), float(np.exp(logs).std() / 2**7 / mean)


@pytest.mark.parametrize(("day", "known"), [("2024-06-05", True), ("2024-03-28", False)])
def test_an_onset_seen_after_a_regime_is_as_probable_as_the_network_says(
    day: str, *, known: bool
) -> None:
    """Unless it may have been before the regime, whose particles were taken not to have seen it."""
    told, _ = rich()
    pact = told.events[1].model_copy(update={"public": True})
    public = told.model_copy(update={"events": (told.events[0], pact, told.events[2])})
    fields = {"published": "2024-06-07", "source": "s", "claim": "on"}
    seen = fc.Observation(id="o", event="b", published="2024-06-10", onset=(day, day))
    back = regime("back", "x3 [2, 5]", event="b", published="2024-04-01", speaks_of="2024-02-01")
    record = fc.Evidence([fc.Report(id="r", event="a", **fields), back, seen])
    made = fc.update(public, record, as_of="2024-06-30", draws=1024, method="importance")
    table = made.surprises()
    assert bool(np.isfinite(table.loc["o", "probability"])) == known
    if known:
        total = float(table["log_probability"].sum() + table["log_quiet"].sum())
        evidence, error = log_evidence(made)
        assert abs(total - evidence) < MONTE_CARLO_Z * np.hypot(error, 2 * table["mcse"].max())


def test_drawn_records_hold_as_often_as_the_quiet_is_probable() -> None:
    sharp = regime(ratio="x8", speaks_of="2024-02-29", until="2024-06-30")
    model = fc.build_model(network(), fc.Evidence([sharp]), as_of="2024-12-31")
    drawn = pm.draw(model["evidence"], draws=4000, random_seed=4, mode="FAST_COMPILE")
    held = years("2024-02-29", "2024-06-30")
    expected = np.exp(-RATE * (years("2023-12-31", "2024-12-31") + 7 * held))
    error = np.sqrt(expected * (1 - expected) / 4000)
    assert abs(drawn[:, -1].mean() - expected) < MONTE_CARLO_Z * error


def test_a_sampled_run_is_estimated_anew_without_it(post: fc.Posterior) -> None:
    told, record = rich()
    sampled = fc.update(told, record, as_of="2024-09-01", draws=1024, method="paths")
    table = sampled.explain("b", by=HORIZON, order="left_out")
    exact = post.explain("b", by=HORIZON, order="left_out")
    assert table["estimated"].tolist() == [item.kind == "regime" for item in record]
    moved = table["leave_one_out"] - exact["leave_one_out"]
    error = np.hypot(table["leave_one_out_mcse"], exact["leave_one_out_mcse"])
    assert (moved.abs() < MONTE_CARLO_Z * error).all()


def test_what_moved_since_then_names_it(post: fc.Posterior) -> None:
    told, record = rich()
    early = fc.update(told, record, as_of="2024-06-15", draws=1024, method="importance")
    change = post.explain_change(early, "b", by=HORIZON)
    assert change.loc["ahead", "in_order"] < -0.5
    assert set(change.index) >= {"ahead", "r3"}
    assert "back" not in change.index
    now = post.probability("b", by=HORIZON).mean
    assert change["in_order"].sum() == pytest.approx(np.log(now / (1 - now)), abs=1e-9)


def test_simulated_worlds_keep_it_and_follow_it() -> None:
    kept = regime(published="2024-01-01T00:00Z", ratio="x0.2")
    worlds = fc.simulate(network("2 per year"), worlds=2000, seed=3, evidence=fc.Evidence([kept]))
    assert all(kept in world.evidence for world in worlds)
    assert set(worlds[0].parameters["regime_ratio"]) == {"g"}
    share = np.mean([world.on("pact", "2024-12-31") for world in worlds])
    expected = 1 - np.exp(-2 * 0.2 * 366 / YEAR)
    assert abs(share - expected) < MONTE_CARLO_Z * np.sqrt(expected * (1 - expected) / 2000)


def test_a_kept_pass_goes_on_to_the_same_bits_when_a_regime_arrives(tmp_path: Any) -> None:
    told, record = rich()
    file, times = tmp_path / "pass.npz", np.array([1.5, 2.0])
    early, late = (lower(told, record, day) for day in ("2024-06-15", "2024-09-01"))
    assert len(early.events) == len(late.events) - 1
    kept_passage(early, times, 1, file)
    names = _digests(late, times, 1)
    begun = _read(file, names, segments(late))
    assert begun is not None
    assert len(begun.steps) == 4
    gone_on, fresh = kept_passage(late, times, 1, file), passage(late, times, 1)[0]
    for one, other in zip(gone_on.steps, fresh.steps, strict=True):
        np.testing.assert_array_equal(one.after.chance, other.after.chance)
    np.testing.assert_array_equal(gone_on.last.chance, fresh.last.chance)


def test_a_forecast_weighs_against_what_the_network_says_under_the_regimes_of_its_day() -> None:
    told, _ = rich()
    crowd = {"published": "2024-08-01", "speaks_of": "2025-06-01", "probability": 0.4}
    one, two = (
        regime(name, "x3", event="b", published=day, retracts=back)
        for name, day, back in (("one", "2024-03-01", ()), ("two", "2024-05-01", ("one",)))
    )
    seen = fc.Observation(id="o", event="a", published="2024-06-01", state="off", retracts=("r",))
    report = fc.Report(id="r", event="a", source="s", claim="on", published="2024-03-01")
    bet = fc.Forecast(id="bet", event="b", source="s", **crowd)
    record = [one, two, report, seen]
    by = crowd["speaks_of"]
    own = fc.update(told, fc.Evidence(record), as_of="2024-08-01", draws=2**14, method="importance")
    stated = bet.model_copy(update={"base": own.probability("b", by=by).mean})
    found = []
    for item in (bet, stated):
        made = fc.update(told, fc.Evidence([*record, item]), as_of="2024-08-01", draws=1024)
        found.append(made.probability("b", by=by).mean)
    assert abs(found[0] - found[1]) < 2e-3


def test_no_forecast_and_no_reason_looks_ahead() -> None:
    told, record = rich()

    def figures(items: fc.Evidence, day: str) -> Any:
        made = fc.update(told, items, as_of=day, draws=64, method="importance")
        chances = [made.probability(event, by=HORIZON).mean for event in "abc"]
        reasons = made.explain_all(by=HORIZON).select_dtypes("number").fillna(0.0)
        return [*chances, *reasons.to_numpy().ravel()]

    fc.testing.assert_no_lookahead(figures, record, ["2024-04-30", "2024-06-30"])
