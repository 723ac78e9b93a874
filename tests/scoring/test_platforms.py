"""Scores of platforms over time, against what they or their own tests publish."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gmean

from forecast.errors import InputError
from forecast.scoring import (
    ImproperScoreWarning,
    brier_original,
    good_judgment_scores,
    metaculus_baseline,
    metaculus_baseline_density,
    metaculus_peer,
    metaculus_scores,
    open_days_average,
)
from tests.tolerances import PUBLISHED_8_DIGITS, SAME_ALGEBRA

DAYS = 10.0


def question(*forecasts: tuple[float, float, float | None], **more) -> pd.DataFrame:
    """Return a question of ten days: who said what (p, from, until or to the end), in order."""
    rows = []
    for number, (p, start, end) in enumerate(forecasts):
        rows.append((f"f{number:03d}", start, p))
        if end is not None:
            rows.append((f"f{number:03d}", end, None))  # withdrawn
    table = pd.DataFrame(rows, columns=["forecaster", "time", "probability"])
    return table.assign(question="q", outcome="yes", opened=0.0, closes=DAYS).assign(**more)


# Metaculus/metaculus, tests/unit/test_scoring/test_score_math.py, commit e9eeda96:
# test_evaluate_forecasts_baseline_accuracy, whose question runs for ten days and resolves yes.
BASELINE = [
    ([(0.5, 0, None)], {}, [(0, 1)]),
    ([(0.5, 0, None)] * 100, {}, [(0, 1)] * 100),
    ([(0.5, 3, None)], {}, [(0, 0.7)]),
    ([(0.5, 5, None)], {}, [(0, 0.5)]),
    ([(0.5, 7, None)], {}, [(0, 0.3)]),
    ([(0.5, 1, None), (0.5, 7, None)], {}, [(0, 0.9), (0, 0.3)]),
    ([(0.5, 0, 3)], {}, [(0, 0.3)]),
    ([(0.5, 5, 8)], {}, [(0, 0.3)]),
    ([(0.5, 0, None)], {"closed": 5.0}, [(0, 0.5)]),
    ([(0.5, 5, None)], {"closed": 5.0}, [(0, 0)]),
    ([(0.9, 0, None)], {}, [(84.79969066, 1)]),
    ([(0.1, 0, None)], {}, [(-232.19280949, 1)]),
    ([(0.9, 0, None)], {"outcome": "no"}, [(-232.19280949, 1)]),
    ([(0.9, 5, None)], {}, [(84.79969066 / 2, 0.5)]),
    ([(2 ** (-1 / 2), 0, None)], {}, [(50, 1)]),
    ([(2 ** (-3 / 2), 0, None)], {}, [(-50, 1)]),
]


@pytest.mark.parametrize(("forecasts", "more", "expected"), BASELINE)
def test_baseline_scores_and_coverage_are_those_of_metaculus_own_tests(
    forecasts, more, expected
) -> None:
    found = metaculus_scores(question(*forecasts, **more))
    ours = found[["baseline", "coverage"]].to_numpy()
    np.testing.assert_allclose(ours, expected, atol=PUBLISHED_8_DIGITS)


# The same file, test_evaluate_forecasts_peer_accuracy.
PEER = [
    ([(0.5, 0, None)], {}, [(0, 1)]),
    ([(0.5, 3, None)], {}, [(0, 0.7)]),
    ([(0.5, 1, None), (0.5, 7, None)], {}, [(0, 0.9), (0, 0.3)]),
    ([(0.5, 0, None), (0.5, 4, 6)], {}, [(0, 1), (0, 0.2)]),
    ([(0.5, 0, 5), (0.5, 5, None), (0.5, 2, None)], {}, [(0, 0.5), (0, 0.5), (0, 0.8)]),
    ([(0.5, 0, None)], {"closed": 5.0}, [(0, 0.5)]),
    ([(0.5, 5, None)], {"closed": 5.0}, [(0, 0)]),
    ([(0.9, 0, None)], {}, [(0, 1)]),
    ([(0.9, 0, None), (0.9, 0, None)], {}, [(0, 1), (0, 1)]),
    (
        [(0.1, 0, None), (0.9, 0, None)],
        {},
        [(100 * np.log(0.1 / 0.9), 1), (100 * np.log(0.9 / 0.1), 1)],
    ),
    (
        [(0.1, 0, None), (0.3, 0, None), (0.6, 0, None), (0.9, 0, None)],
        {},
        [
            (100 * np.log(0.1 / gmean([0.3, 0.6, 0.9])), 1),
            (100 * np.log(0.3 / gmean([0.1, 0.6, 0.9])), 1),
            (100 * np.log(0.6 / gmean([0.1, 0.3, 0.9])), 1),
            (100 * np.log(0.9 / gmean([0.1, 0.3, 0.6])), 1),
        ],
    ),
    (
        [(0.1, 0, None), (0.5, 0, None), (0.9, 5, None)],
        {},
        [
            (100 * (0.5 * np.log(0.1 / 0.5) + 0.5 * np.log(0.1 / gmean([0.5, 0.9]))), 1),
            (100 * (0.5 * np.log(0.5 / 0.1) + 0.5 * np.log(0.5 / gmean([0.1, 0.9]))), 1),
            (100 * 0.5 * np.log(0.9 / gmean([0.1, 0.5])), 0.5),
        ],
    ),
]


@pytest.mark.parametrize(("forecasts", "more", "expected"), PEER)
def test_peer_scores_and_coverage_are_those_of_metaculus_own_tests(
    forecasts, more, expected
) -> None:
    found = metaculus_scores(question(*forecasts, **more))
    ours = found[["peer", "coverage"]].to_numpy()
    np.testing.assert_allclose(ours, expected, atol=PUBLISHED_8_DIGITS)


def choices(*forecasts: list[float], outcome: str) -> pd.DataFrame:
    rows = [
        (f"f{number}", option, p)
        for number, one in enumerate(forecasts)
        for option, p in zip("abc", one, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["forecaster", "option", "probability"])
    return table.assign(question="q", time=0.0, outcome=outcome, opened=0.0, closes=DAYS)


def test_several_options_score_as_in_metaculus_own_tests() -> None:
    """The same file: a third, and the square root of a third, are worth 0 and 50 baseline points;
    e to the quarter times what the other one said, 25 peer points."""
    one = [1 / 3, 1 - 3**-0.5 - 1 / 3, 3**-0.5]
    for outcome, points in (("a", 0.0), ("c", 50.0)):
        found = metaculus_scores(choices(one, outcome=outcome))
        assert found["baseline"].tolist() == [pytest.approx(points, abs=PUBLISHED_8_DIGITS)]
    bold = [1 / 3, 1 - math.e**0.25 / 3 - 1 / 3, math.e**0.25 / 3]
    for outcome, points in (("a", 0.0), ("c", 25.0)):
        found = metaculus_scores(choices(bold, [1 / 3] * 3, outcome=outcome))
        np.testing.assert_allclose(found["peer"], [points, -points], atol=PUBLISHED_8_DIGITS)


def test_numeric_questions_score_as_in_metaculus_own_tests() -> None:
    """The same file: half of e, and half of 1 / e, in one of two bins are worth 50 and -50."""
    table = pd.DataFrame(
        {"forecaster": ["a", "b"], "density": [math.e / 2, 1 / (math.e * 2)], "question": "q"}
    ).assign(time=0.0, chance=0.5, opened=0.0, closes=DAYS)
    found = metaculus_scores(table)
    np.testing.assert_allclose(found["baseline"], [50, -50], rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(found["peer"], [100, -100], rtol=SAME_ALGEBRA)  # 50 ln(e^2)
    assert found["baseline"]["q", "a"] == pytest.approx(
        float(metaculus_baseline_density(math.e / 2, 0.5)), rel=SAME_ALGEBRA
    )


def test_the_faq_s_figures() -> None:
    """Metaculus, Scores FAQ: 30% and 90% on what came true are worth -73.7 and 84.8 points."""
    found = metaculus_scores(question((0.3, 0, None), (0.9, 0, None)))
    np.testing.assert_allclose(found["baseline"], [-73.7, 84.8], atol=0.05)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 0.99), st.integers(0, 9)), min_size=1, max_size=6
    )
)  # fmt: skip
def test_over_time_is_the_mean_of_what_stands_day_by_day(told) -> None:
    """Each day worked out alone, and divided by the days scheduled; peers sum to nothing."""
    found = metaculus_scores(question(*[(p, float(day), None) for p, day in told], closed=8.0))
    daily = np.full((len(told), 10), np.nan)
    for number, (p, day) in enumerate(told):
        daily[number, day:8] = p
    given = ~np.isnan(daily)
    points = metaculus_baseline(np.where(given, daily, 0.5), 1)
    baseline = np.where(given, points, 0).sum(axis=1) / 10
    peer = np.nansum(metaculus_peer(daily, np.ones(10)), axis=1) / 10
    np.testing.assert_allclose(found["baseline"], baseline, atol=1e-9)
    np.testing.assert_allclose(found["peer"], peer, atol=1e-9)
    np.testing.assert_allclose(found["coverage"], given.mean(axis=1), atol=1e-12)
    assert found["peer"].sum() == pytest.approx(0, abs=1e-9)


def test_a_table_of_questions_is_each_of_them() -> None:
    one = question((0.2, 1, None), (0.7, 0, 6), (0.6, 4, None))
    other = question((0.9, 2, 3), (0.8, 0, None), outcome="no", closed=7.5).assign(question="r")
    other["opened"] = -2.0
    both = metaculus_scores(pd.concat([other, one]).sample(frac=1, random_state=1))
    apart = pd.concat([metaculus_scores(one), metaculus_scores(other)])
    pd.testing.assert_frame_equal(both, apart, rtol=SAME_ALGEBRA)
    assert both.index.names == ["question", "forecaster"]


def test_a_forecast_stands_until_the_next_and_dates_are_days() -> None:
    table = pd.DataFrame(
        {"forecaster": "a", "time": ["2024-06-20", "2024-07-06"], "probability": [0.4, 0.8]}
    ).assign(question="q", outcome="yes", opened="2024-07-01", closes="2024-07-11")
    found = metaculus_scores(table)
    expected = metaculus_baseline([0.4, 0.8], [1, 1]).mean()
    assert found["baseline"].tolist() == [pytest.approx(float(expected))]
    assert found["forecasts"].tolist() == [2]


def cubs() -> pd.DataFrame:
    """Cultivate Labs (INFER's platform), "What are Relative Brier Scores and how are they
    calculated": seven days of 0.9, 0.9, 0.9, 0.95, …, and the Cubs win."""
    return pd.DataFrame(
        {"question": "cubs", "forecaster": "one", "time": [0, 3], "probability": [0.9, 0.95]}
    ).assign(outcome="yes", opened=0, closed=7)


def test_the_mean_brier_score_is_the_one_that_infer_s_platform_works_out() -> None:
    """Daily scores of 0.02, 0.02, 0.02, 0.005, …, 0.0114 overall."""
    assert brier_original([0.9, 0.95], [1, 1]).round(4).tolist() == [0.02, 0.005]
    with pytest.warns(ImproperScoreWarning):
        found = good_judgment_scores(cubs())
    assert found["brier"].round(4).tolist() == [0.0114]
    with pytest.warns(ImproperScoreWarning):
        daily = open_days_average([0.9] * 3 + [0.95] * 4, 1)
    assert found["brier"].iloc[0] == pytest.approx(2 * daily)  # ours is from 0 to 1


@pytest.mark.filterwarnings("ignore::forecast.scoring.ImproperScoreWarning")
def test_the_relative_score_counts_the_days_with_a_forecast_alone() -> None:
    """By hand, ten days: a stands throughout, b from day 4, c from day 8, each yes."""
    table = question((0.9, 0, None), (0.7, 4, None), (0.5, 8, None)).assign(closed=DAYS)
    found = good_judgment_scores(table.drop(columns="closes"))
    own = np.array([0.02, 0.18, 0.5])
    median = [0.02] * 4 + [0.1] * 4 + [0.18] * 2
    for number, start in enumerate((0, 4, 8)):
        row = found.iloc[number]
        usual = np.mean(median[start:])
        assert row["brier"] == pytest.approx(own[number])
        assert row["median"] == pytest.approx(usual)
        assert row["participation"] == pytest.approx(1 - start / 10)
        assert row["relative"] == pytest.approx((own[number] - usual) * (1 - start / 10))


@pytest.mark.filterwarnings("ignore::forecast.scoring.ImproperScoreWarning")
def test_certainty_and_several_options_have_a_brier_score() -> None:
    table = choices([1.0, 0.0, 0.0], [0.2, 0.3, 0.5], outcome="a").assign(closed=DAYS)
    found = good_judgment_scores(table)
    assert found["brier"].tolist() == [0, pytest.approx(0.8**2 + 0.3**2 + 0.5**2)]


@pytest.mark.filterwarnings("ignore::forecast.scoring.ImproperScoreWarning")
def test_who_came_too_late_has_no_mean_and_no_part() -> None:
    table = question((0.9, 0, None), (0.1, 7, None)).assign(closed=7.0)
    late = good_judgment_scores(table).iloc[1]
    assert np.isnan(late["brier"])
    assert (late["participation"], late["relative"]) == (0, 0)
    none = metaculus_scores(table).iloc[1]
    assert (none["baseline"], none["peer"], none["coverage"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns=["closes", "opened"]), "column 'opened'.*\n.*column 'closes'"),
        (lambda d: d.assign(probability=[1.0, 0.0]), "row 1, probability.*\nrow 2, probability"),
        (lambda d: d.assign(probability=1.2), "a probability lies between 0 and 1"),
        (lambda d: d.assign(outcome=None), "a question to be scored has an outcome.*'q'"),
        (lambda d: d.assign(outcome=["yes", "no"]), "row 2, outcome: a question has more than one"),
        (lambda d: d.assign(closes=0.0), "a question opens before it closes.*'q'"),
        (lambda d: d.assign(closes=None), "a question opens before it closes.*'q'"),
        (lambda d: d.assign(opened=[0.0, 1.0]), "row 2, opened: a question has more than one"),
        (lambda d: d.assign(time=["soon", 1]), "row 1, time: this is no time"),
        (lambda d: d.assign(time=[None, 1]), "row 1, time: a forecast has no time"),
        (lambda d: d.assign(forecaster="a", time=1.0), "two forecasts of one question at one time"),
        (lambda d: d.assign(density=[1.0, -1.0], chance=1.0), "row 2, density.*above 0"),
        (lambda d: d.assign(density=1.0, chance=None), "has a density of chance.*'q'"),
        (lambda d: d.assign(option=["a", "b"], outcome="a"), "leaves out options"),
        (
            lambda d: d.assign(option=["a", "b"], forecaster="a", time=0.0, outcome="a"),
            "does not add up to 1",
        ),
    ],
)
def test_what_has_no_life_is_refused(change, message: str) -> None:
    with pytest.raises(InputError, match=message):
        metaculus_scores(change(question((0.9, 0, None), (0.5, 2, None))))
