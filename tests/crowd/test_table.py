from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.crowd import METHODS, pool
from forecast.crowd._table import crowd_of
from forecast.errors import InputError

TIMED = pd.DataFrame(
    {
        "question": ["q"] * 4 + ["r"] * 2,
        "forecaster": ["a", "a", "b", "b", "a", "b"],
        "time": [f"2024-{day}" for day in ("01-01", "02-01", "01-05", "03-01", "01-01", "01-02")],
        "probability": [0.1, 0.9, 0.5, 0.7, 0.2, 0.3],
        "outcome": [None] * 4 + ["no"] * 2,
        "resolved": [None] * 4 + ["2024-02-10"] * 2,
    }
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-01-01", [[0.1, 0.2]]),
        ("2024-01-05", [[0.1, 0.2], [0.5, 0.3]]),
        ("2024-02-01", [[0.9, 0.2], [0.5, 0.3]]),
        ("2024-02-29", [[0.9, 0.2], [0.5, 0.3]]),
        ("2024-03-01", [[0.9, 0.2], [0.7, 0.3]]),
        (None, [[0.9, 0.2], [0.7, 0.3]]),
    ],
)
def test_the_newest_forecast_of_each_forecaster_by_then_counts(at, expected) -> None:
    found = crowd_of(TIMED, at)
    np.testing.assert_array_equal(found.p, expected)
    known = at is None or at >= "2024-02-10"
    np.testing.assert_array_equal(found.y, [np.nan, 0 if known else np.nan])


def test_what_is_said_once_the_answer_is_out_is_no_forecast() -> None:
    late = pd.DataFrame(
        {"question": ["r"], "forecaster": ["a"], "time": ["2024-02-11"], "probability": [0.0]}
    ).assign(outcome="no", resolved="2024-02-10")
    np.testing.assert_array_equal(crowd_of(pd.concat([TIMED, late])).p, crowd_of(TIMED).p)


def past_and_future(seed: int) -> tuple[pd.DataFrame, float]:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "question": rng.integers(12, size=120),
            "forecaster": rng.integers(5, size=120),
            "time": np.arange(120.0),
            "probability": rng.uniform(0.05, 0.95, size=120),
        }
    )
    y, resolved = rng.integers(2, size=12).astype(float), rng.uniform(20, 130, size=12)
    return rows.assign(outcome=y[rows["question"]], resolved=resolved[rows["question"]]), 70.0


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_nothing_that_comes_after_the_cut_off_changes_anything(seed: int) -> None:
    """Forecasts made later are turned about, and answers that came out later are turned round."""
    rows, at = past_and_future(seed)
    later, open_then = rows["time"] > at, rows["resolved"] > at
    changed = rows.assign(
        probability=rows["probability"].where(~later, 1 - rows["probability"]),
        outcome=rows["outcome"].where(~open_then, 1 - rows["outcome"]),
        resolved=rows["resolved"].where(~open_then, rows["resolved"] + 50),
    )
    for method in METHODS:
        before, after = pool(rows, method, at=at), pool(changed, method, at=at)
        pd.testing.assert_frame_equal(before.table, after.table)
        pd.testing.assert_frame_equal(before.forecasters, after.forecasters)


def test_a_column_for_each_forecaster_says_the_same_as_a_row_for_each_forecast() -> None:
    wide = pd.DataFrame(
        {"question": ["q", "r"], "ann": [0.2, None], "ben": [0.4, 0.7], "outcome": ["yes", None]}
    )
    long = pd.DataFrame(
        {
            "question": ["q", "q", "r"],
            "forecaster": ["ann", "ben", "ben"],
            "probability": [0.2, 0.4, 0.7],
            "outcome": [1, 1, None],
        }
    )
    for method in METHODS:
        pd.testing.assert_frame_equal(pool(wide, method).table, pool(long, method).table)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("yes", "no"), (" Yes", "NO"), ("true", "false"), (True, False), (1, 0), ("1", "0"),
        (1.0, 0.0), (np.True_, np.False_),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unknown", [None, np.nan, "", " ", pd.NA, pd.NaT])
def test_outcomes_may_be_written_in_many_ways(yes, no, unknown) -> None:
    table = pd.DataFrame({"question": ["a", "b", "c"], "x": 0.5})
    table["outcome"] = pd.Series([yes, no, unknown], dtype=object)
    np.testing.assert_array_equal(crowd_of(table).y, [1, 0, np.nan])


UNKNOWN: list[Any] = [None] * 3
OPTIONS = pd.DataFrame(
    {
        "question": ["cup"] * 3 + ["seat"] * 2,
        "option": ["home", "tie", "away", "x", "y"],
        "ann": [0.5, 0.3, 0.2, 0.9, 0.1],
        "ben": [0.6, 0.1, 0.3, 0.7, 0.3],
        "outcome": [*UNKNOWN, "x", "x"],
    }
)


def test_the_options_of_a_question_add_up_to_one() -> None:
    for method in METHODS:
        table = pool(OPTIONS, method).table
        totals = table["probability"].groupby(level="question").sum()
        np.testing.assert_allclose(totals, 1, rtol=1e-12)
        if "low" in table:
            assert (table["low"] <= table["probability"]).all()
            assert (table["probability"] <= table["high"]).all()
    mean = pool(OPTIONS, "mean").table["probability"]
    assert mean["cup", "home"] == pytest.approx(0.55)


def test_an_outcome_names_the_option_that_came_true_or_says_yes_to_it() -> None:
    by_name, by_row = OPTIONS, OPTIONS.assign(outcome=[*UNKNOWN, "yes", "no"])
    for table in (by_name, by_row):
        np.testing.assert_array_equal(crowd_of(table).y, [np.nan, np.nan, np.nan, 1, 0])
    called_no = OPTIONS.assign(option=["home", "tie", "away", "yes", "no"])
    called_no = called_no.assign(outcome=[*UNKNOWN, "no", "no"])
    no, yes = crowd_of(called_no).y[-2:]  # options in order of their names
    assert (no, yes) == (1, 0)


def test_two_options_that_are_yes_and_no_pool_as_one_question() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.95, size=(10, 3))
    alone = pd.DataFrame(p, columns=["a", "b", "c"]).assign(question=np.arange(10))
    other = alone.assign(a=1 - alone["a"], b=1 - alone["b"], c=1 - alone["c"], option="other")
    both = pd.concat([alone.assign(option="this"), other])
    for method in ("mean", "median", "geometric_mean_of_odds"):
        ours = pool(both, method).table["probability"].xs("this", level="option")
        np.testing.assert_allclose(ours, pool(alone, method).table["probability"], rtol=1e-12)


def test_all_faults_are_told_at_once_by_row_and_column() -> None:
    bad = pd.DataFrame(
        {
            "question": ["a", "b", None, "a"],
            "forecaster": ["x", "x", "x", "x"],
            "probability": [1.4, "much", 0.5, None],
            "time": ["2024-01-01", "soon", "2024-02-30", None],
            "weight": [1, -1, 0, None],
            "outcome": ["yes", "maybe", "no", "no"],
        }
    )
    with pytest.raises(InputError) as caught:
        pool(bad, "mean")
    assert [fault.field for fault in caught.value.faults] == [
        "row 3, question",
        "row 1, probability", "row 2, probability", "row 4, probability",
        "row 2, weight", "row 3, weight",
        "row 2, time", "row 3, time", "row 4, time",
        "row 2, outcome", "row 4, outcome",
    ]  # fmt: skip


def test_faults_of_a_wide_table_are_told_by_its_own_rows_and_once() -> None:
    bad = pd.DataFrame(
        {"question": ["a", "b"], "ann": [0.4, 40], "ben": [0.4, 0.5], "outcome": ["yes", "void"]}
    )
    with pytest.raises(InputError) as caught:
        pool(bad)
    assert [fault.field for fault in caught.value.faults] == ["row 2, ann", "row 2, outcome"]


def test_of_many_faults_some_are_shown() -> None:
    with pytest.raises(InputError, match="and 80 more faults") as caught:
        pool(pd.DataFrame({"question": range(100), "ann": 7}))
    assert len(caught.value.faults) == 21


@pytest.mark.parametrize(
    ("change", "at", "message"),
    [
        (lambda d: d.assign(resolved=None), "2024-02-01", "'r'.*Fill in resolved"),
        (lambda d: d, "2023-01-01", "no forecast had been made by then"),
        (lambda d: d, "soon", "at: this is no time"),
        (lambda d: d, 5.0, "all dates or all numbers"),
        (lambda d: d.assign(resolved=[None] * 4 + [40, 40]), None, "all dates or all numbers"),
        (lambda d: pd.concat([d, d.iloc[:1]]), None, "row 7.*two forecasts.*at one time"),
        (lambda d: d.assign(time=""), None, "row 1, time: a forecast has no time"),
        (lambda d: d.drop(columns="question"), None, "no column 'question'"),
        (lambda d: d[["question"]], None, "no column 'forecaster'"),
        (lambda d: d.to_dict(), None, "given as a pandas DataFrame"),
    ],
)  # fmt: skip
def test_what_has_no_place_in_time_is_refused(change, at, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pool(change(TIMED), "mean", at=at)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ann": [0.5, 0.5, 0.5, 0.9, 0.1]}, "options of 'cup' add up to 1.50 as 'ann' has them"),
        ({"outcome": [*UNKNOWN, "yes", "yes"]}, "exactly one option.*'seat'"),
        ({"outcome": [*UNKNOWN, "no", "no"]}, "exactly one option.*'seat'"),
        ({"outcome": [*UNKNOWN, "z", "z"]}, "row 4, outcome: an outcome is yes or no"),
        ({"option": ["home", "home", "away", "x", "y"]}, "two forecasts of one question"),
    ],
)
def test_options_that_do_not_exclude_each_other_are_refused(change, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pool(OPTIONS.assign(**change), "mean")
