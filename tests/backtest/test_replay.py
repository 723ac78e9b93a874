"""A replay sees nothing of the future, says the same anywhere, and goes on where it stopped."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast as fc
from forecast.backtest import FORECASTERS, Backtest, every, replay
from forecast.backtest import _work as work
from forecast.backtest._tasks import DATED, EventChance, Task, TaskResult, inputs_of
from forecast.errors import ForecastError, GateError, InputError
from forecast.evidence import Item
from forecast.time import day_label
from forecast.workspace._work import spawned
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

NETWORK = fc.Network(
    name="tiny",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[
        fc.Event(id="pact", kind="onset", rate="20% [10%, 40%] within 6 months"),
        fc.Event(id="troops", kind="onset", public=False, rate="10% [4%, 25%] within 6 months"),
    ],
    links=[fc.Link(parent="pact", child="troops", kind="multiplies", hazard_ratio="x4 [2, 8]")],
    source_types=[
        fc.SourceType(id="press", hit_rate="70% [50%, 85%]", false_alarm_rate="20% [8%, 40%]")
    ],
    sources=[fc.Source(id="gazette", type="press"), fc.Source(id="herald", type="press")],
)
ITEMS: list[Item] = [
    fc.Observation(id="signed", event="pact", published="2024-03-10", onset="2024-03-10"),
    fc.Report(id="seen", event="troops", source="gazette", claim="on", published="2024-03-20"),
    fc.Report(
        id="copied",
        event="troops",
        source="herald",
        claim="on",
        published="2024-03-21",
        derived_from=["seen"],
        check=0.1,
        recorded="2024-05-20",
    ),
    fc.Report(id="later", event="troops", source="herald", claim="off", published="2024-06-01"),
]
QUESTIONS = fc.Resolutions(
    [
        fc.Resolution(id="q1", event="troops", deadline="2024-05-31", outcome="no"),
        fc.Resolution(
            id="q2", event="pact", deadline="2024-06-30", outcome="yes", resolved="2024-03-10"
        ),
        fc.Resolution(
            id="q3", event="troops", deadline="2024-09-30", outcome="yes", resolved="2024-08-15"
        ),
        fc.Resolution(id="q4", event="pact", deadline="2024-06-30", outcome="annulled"),
    ]
)
DATES = ("2024-02-01", "2024-04-01", "2024-06-15")


def run(items: Sequence[Item] = ITEMS, dates: tuple[str, ...] = DATES, **more: object) -> Backtest:
    return replay(NETWORK, fc.Evidence(items), QUESTIONS, dates=dates, draws=512, **more)


def said(found: Backtest, question: str, forecaster: str) -> pd.Series:
    table = found.forecasts
    chosen = (table["question"] == question) & (table["forecaster"] == forecaster)
    return table[chosen].set_index("as_of")["probability"]


@pytest.fixture(scope="module")
def found() -> Backtest:
    return run()


@pytest.mark.parametrize(("number", "day"), list(enumerate(DATES)))
def test_a_forecast_is_that_of_update_on_the_day(found: Backtest, number: int, day: str) -> None:
    post = fc.update(NETWORK, fc.Evidence(ITEMS), as_of=day, draws=512)
    expected = post.probability("troops", by="2024-09-30").mean
    assert said(found, "q3", "forecast").iloc[number] == pytest.approx(expected, rel=SAME_ALGEBRA)


def test_what_was_published_later_changes_nothing(found: Backtest) -> None:
    """Not one bit of what was said before, for any forecaster."""
    less = run([item for item in ITEMS if item.id != "later"], dates=DATES[:2])
    before = found.forecasts[found.forecasts["as_of"] < "2024-06"]
    pd.testing.assert_frame_equal(
        before.reset_index(drop=True), less.forecasts.reset_index(drop=True), check_exact=True
    )
    assert said(found, "q3", "forecast").iloc[2] != said(found, "q3", "forecast").iloc[1]


def test_by_the_recorded_clock_only_what_was_on_file_is_seen(found: Backtest) -> None:
    on_file = run(dates=("2024-04-01",), known="recorded")
    blind = run([item for item in ITEMS if item.id != "copied"], dates=("2024-04-01",))
    here = said(on_file, "q3", "forecast").iloc[0]
    assert here == said(blind, "q3", "forecast").iloc[0]
    assert here != said(found, "q3", "forecast").iloc[1]


def test_each_reference_knows_what_it_should(found: Backtest) -> None:
    prior = fc.prior(NETWORK, draws=512).probability("troops", by="2024-09-30").mean
    assert said(found, "q3", "prior").tolist() == pytest.approx([prior] * 3, rel=SAME_ALGEBRA)
    ours, carried = said(found, "q3", "forecast"), said(found, "q3", "carried_on")
    assert carried.tolist() == [said(found, "q3", "prior").iloc[0], *ours.iloc[:2]]
    # Without news, what may have gone unnoticed is as probable at any date.
    base = said(found, "q3", "base_rate")
    assert np.ptp(base) < MONTE_CARLO_Z * found.forecasts["mcse"].max()
    # The signature raises the rate through the link; a copy is no second witness.
    april = {name: said(found, "q3", name).iloc[1] for name in FORECASTERS}
    assert april["no_links"] < april["forecast"] < april["copies_independent"]
    assert april["base_rate"] < april["no_links"]
    # The only link here is no gate.
    assert april["gates_only"] == april["no_links"]
    assert set(found.forecasts.set_index("forecaster").loc["coin", "probability"]) == {0.5}


def test_questions_close_open_and_are_left_out(found: Backtest) -> None:
    assert found.questions["forecasts"].to_dict() == {"q2": 1, "q1": 2, "q3": 3}
    assert found.left_out == {"q4": "annulled"}
    assert set(found.scores.index.get_level_values("forecaster")) == set(FORECASTERS)


def test_a_question_that_was_over_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up(monkeypatch)
    late = run(dates=("2024-04-01",))
    assert late.left_out == {"q2": "it was over by the first date", "q4": "annulled"}


def test_new_processes_say_the_same(found: Backtest) -> None:
    with spawned(2) as pool:
        there = run(dates=("2024-04-01",), executor=pool).forecasts
    here = found.forecasts[found.forecasts["as_of"] == "2024-04-01"]
    here, there = (each[each["forecaster"].isin(DATED)] for each in (here, there))
    pd.testing.assert_frame_equal(
        here.reset_index(drop=True), there.reset_index(drop=True), check_exact=True
    )


def made_up(monkeypatch: pytest.MonkeyPatch, *, fails: str = "", passed: bool = True) -> list[str]:
    """Put made-up estimates in the place of real ones; return the list of those asked for."""
    calls: list[str] = []

    def estimate(task: Task) -> TaskResult:
        calls.append(task.label)
        if fails and task.label.startswith(fails):
            msg = "the machine is out of luck"
            raise ForecastError(msg)
        chances = tuple(
            EventChance(event, day_label(by), 0.25, 0.001)
            for by in task.deadlines
            for event in ("pact", "troops")
        )
        return TaskResult("importance", passed, "khat 0.3 <= 0.7", chances)

    monkeypatch.setattr(work, "estimate", estimate)
    return calls


def test_a_replay_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = made_up(monkeypatch, fails="2024-04-01 no_links")
    with pytest.raises(ForecastError, match="2024-04-01 no_links: the machine is out of luck"):
        run(folder=tmp_path)
    assert len(calls) == 1 + 5 * len(DATES)  # the others were not held up
    calls = made_up(monkeypatch)
    run(folder=tmp_path)
    assert calls == ["2024-04-01 no_links"]
    calls.clear()
    run(folder=tmp_path)
    assert calls == []
    assert not list(tmp_path.glob("*.part"))


def test_what_is_kept_is_for_the_same_inputs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = made_up(monkeypatch)
    run(folder=tmp_path)
    calls.clear()
    run(folder=tmp_path, seed=2)
    assert len(calls) == 16
    calls.clear()
    run([item for item in ITEMS if item.id != "later"], folder=tmp_path)
    # Only the last date saw it, and the base rate hears nothing.
    assert sorted(calls) == [
        f"2024-06-15 {name}"
        for name in ("copies_independent", "forecast", "gates_only", "no_links")
    ]


@pytest.mark.parametrize("remains", ["", "{", "[]", '{"key": "another"}', '{"said": 3}'])
def test_a_file_that_is_no_answer_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remains: str
) -> None:
    calls = made_up(monkeypatch)
    run(folder=tmp_path)
    (file,) = tmp_path.glob("2024-02-01-forecast-*.json")
    whole = file.read_text()
    file.write_text(remains)
    calls.clear()
    run(folder=tmp_path)
    assert calls == ["2024-02-01 forecast"]
    assert file.read_text() == whole
    assert json.loads(whole)["method"] == "importance"


def test_an_estimate_that_fails_its_gate_is_not_scored_unless_forced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_up(monkeypatch, passed=False)
    with pytest.raises(GateError, match=r"2024-02-01 forecast: khat 0\.3"):
        run()
    made = run(force=True).forecasts
    assert not made.loc[made["forecaster"] != "coin", "passed"].any()  # a coin is not estimated


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ForecastError, match="the replay cannot be kept"):
        run(folder=tmp_path / "taken")


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        ((), "there are no dates"),
        (("July", "2023-12-01"), r"dates \(entry 1\): 'July' is not an ISO 8601 date"),
        (("2024-04-01", "2025-01-01"), r"dates \(entry 2\): the cut-off lies outside the time"),
        (("2024-10-01",), "no question is open at any date"),
    ],
)
def test_dates_that_do_not_fit_are_refused(dates: tuple[str, ...], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        run(dates=dates)


@pytest.mark.parametrize(
    ("first", "last", "days", "fault"),
    [
        ("2024-06-01", "2024-05-01", 14, "the last day is before the first"),
        ("2024-06-01", "2024-07-01", 0, "a step is one day at least"),
        ("1900-01-01", "2024-07-01", 1, "more than 1,000"),
        ("June", "2024-07-01", 1, "first: is not a day"),
    ],
)
def test_steps_that_lead_nowhere_are_refused(first: str, last: str, days: int, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        every(first, last, days=days)


def test_gates_stay_where_other_links_go() -> None:
    gated = fc.Network(
        name="gated",
        start="2024-01-01",
        horizon="2024-12-31",
        events=NETWORK.events,
        links=[*NETWORK.links, fc.Link(parent="pact", child="troops", kind="requires")],
    )
    kept, _ = inputs_of("gates_only", gated, fc.Evidence())
    assert [link.kind for link in kept.links] == ["requires"]
    assert inputs_of("no_links", gated, fc.Evidence())[0].links == ()
