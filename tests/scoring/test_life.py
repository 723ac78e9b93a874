"""The life of a question: X by day 100, X striking each day with one chance, 30% in all."""

import warnings

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from forecast.errors import InputError
from forecast.scoring import (
    ImproperScoreWarning,
    brier,
    gain_over_life,
    logarithmic,
    open_days_average,
    standing,
)
from tests.tolerances import SAME_ALGEBRA

DAYS, TRUE = 100, 0.30
DAILY = 1 - (1 - TRUE) ** (1 / DAYS)
LATER = 1 - (1 - DAILY) ** np.arange(DAYS, 0, -1)  # (day,): the honest forecast on each day
STRIKES = DAILY * (1 - DAILY) ** np.arange(DAYS)  # (day,): the chance that X comes on that day


def expected(score, day_one: float) -> float:
    """Average a score over when X comes, if at all; it closes the question on its day."""
    said = LATER.copy()
    said[0] = day_one
    came = [score(said[: day + 1], 1) for day in range(DAYS)]
    return float(STRIKES @ came + (1 - TRUE) * score(said, 0))


def best(score) -> float:
    found = minimize_scalar(lambda p: expected(score, p), bounds=(0.01, 0.99), method="bounded")
    return float(found.x)


def quiet_average(p: np.ndarray, y: int, rule: str = "brier") -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImproperScoreWarning)
        return open_days_average(p, y, rule=rule)


@pytest.mark.parametrize("rule", ["brier", "logarithmic"])
def test_the_open_days_average_rewards_saying_71_percent_where_30_is_true(rule: str) -> None:
    assert best(lambda p, y: quiet_average(p, y, rule)) == pytest.approx(0.71, abs=0.005)


@pytest.mark.parametrize("rule", ["brier", "logarithmic", "spherical"])
@pytest.mark.parametrize("reference", [0.5, 0.1])
def test_fixed_weights_reward_the_truth(rule: str, reference: float) -> None:
    found = best(lambda p, y: -gain_over_life(p, y, reference, scheduled=DAYS, rule=rule))
    assert found == pytest.approx(TRUE, abs=1e-4)


def test_71_percent_is_the_ratio_of_weights_that_the_early_close_makes() -> None:
    """The best p of a Brier score with weights w is E[w y] / E[w]."""
    early = (STRIKES / np.arange(1, DAYS + 1)).sum()
    exact = early / (early + (1 - TRUE) / DAYS)
    assert exact == pytest.approx(0.71, abs=0.005)
    assert best(quiet_average) == pytest.approx(exact, abs=1e-4)


def test_the_gain_worked_by_hand() -> None:
    gain = gain_over_life([0.5, 0.8, 0.9], 1, [0.5, 0.5, 0.6], scheduled=10)
    assert gain == pytest.approx((0 + (0.25 - 0.04) + (0.16 - 0.01)) / 10, rel=SAME_ALGEBRA)


def test_the_reference_gains_nothing_over_itself_even_where_it_lost_everything() -> None:
    assert gain_over_life([0.0, 0.4], 1, [0.0, 0.4], scheduled=2, rule="logarithmic") == 0.0


def test_a_day_without_a_forecast_counts_as_the_reference() -> None:
    said = standing([2], [0.8], [0, 1, 2, 3])
    assert gain_over_life(said, 1, 0.5, scheduled=4) == pytest.approx(
        2 * 0.21 / 4, rel=SAME_ALGEBRA
    )


def test_a_full_life_is_the_difference_of_plain_averages() -> None:
    p, reference = np.array([0.2, 0.3, 0.6]), np.array([0.5, 0.4, 0.4])
    full = gain_over_life(p, 1, reference, scheduled=3, rule="logarithmic")
    plain = logarithmic(reference, 1).mean() - logarithmic(p, 1).mean()
    assert full == pytest.approx(plain, rel=SAME_ALGEBRA)
    assert quiet_average(p, 1) == pytest.approx(brier(p, 1).mean(), rel=SAME_ALGEBRA)


def test_the_improper_average_warns() -> None:
    with pytest.warns(ImproperScoreWarning, match="gain_over_life is proper"):
        open_days_average([0.3], 1)


def test_a_forecast_stands_until_the_next() -> None:
    found = standing([1.5, 3.0], [0.2, 0.6], [1, 1.5, 2, 3, 9])
    np.testing.assert_array_equal(found, [np.nan, 0.2, 0.2, 0.6, 0.6])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gain_over_life([0.3] * 5, 1, 0.5, scheduled=4), "open for 5 days, more than"),
        (lambda: gain_over_life([], 1, 0.5, scheduled=4), "at least one"),
        (lambda: gain_over_life(["x"], 1, 0.5, scheduled=4), "these are not numbers"),
        (lambda: gain_over_life([0.3], 1, [0.5, 0.5], scheduled=4), "one for each day"),
        (lambda: gain_over_life([1.3], 1, 0.5, scheduled=4), "lies between 0 and 1"),
        (lambda: gain_over_life([0.3], 1, 0.5, scheduled=4, rule="birer"), "Did you mean 'brier'"),
        (lambda: standing([2, 1], [0.3, 0.2], [1]), "times increase"),
        (lambda: standing([1, 2], [0.3], [1]), "one probability for each"),
    ],
)
def test_what_is_no_life_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
