import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from forecast.errors import InputError
from forecast.scoring import RULES, brier, brier_original, logarithmic, spherical
from tests.tolerances import SAME_ALGEBRA

PROBABILITY = st.floats(0.001, 0.999)


@pytest.fixture
def said(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    p = rng.uniform(0.01, 0.99, 500)
    return p, (rng.random(500) < p).astype(float)


def test_scores_worked_by_hand() -> None:
    assert brier([0.3, 0.3], [1, 0]).tolist() == pytest.approx([0.49, 0.09], rel=SAME_ALGEBRA)
    assert brier_original([0.3, 0.3], [1, 0]).tolist() == pytest.approx(
        [0.98, 0.18], rel=SAME_ALGEBRA
    )
    assert logarithmic([0.25, 0.25], [1, 0]).tolist() == pytest.approx(
        [np.log(4), np.log(4 / 3)], rel=SAME_ALGEBRA
    )
    assert spherical([0.6, 0.8], [1, 0]).tolist() == pytest.approx(
        [1 - 0.6 / np.sqrt(0.52), 1 - 0.2 / np.sqrt(0.68)], rel=SAME_ALGEBRA
    )


@pytest.mark.parametrize("rule", RULES)
def test_a_perfect_forecast_loses_nothing_and_more_was_said_of_what_came_less_is_lost(
    rule: str,
) -> None:
    loss = RULES[rule]
    assert loss([1.0, 0.0], [1, 0]).tolist() == [0.0, 0.0]
    assert (np.diff(loss(np.linspace(0.01, 1, 50), 1)) < 0).all()


def test_brier_and_logarithmic_equal_scoringrules(said: tuple[np.ndarray, np.ndarray]) -> None:
    p, y = said
    np.testing.assert_allclose(brier(p, y), scoringrules.brier_score(y, p), rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(logarithmic(p, y), scoringrules.log_score(y, p), rtol=SAME_ALGEBRA)


def test_brier_and_logarithmic_equal_scikit_learn(said: tuple[np.ndarray, np.ndarray]) -> None:
    p, y = said
    assert brier(p, y).mean() == pytest.approx(brier_score_loss(y, p), rel=SAME_ALGEBRA)
    assert logarithmic(p, y).mean() == pytest.approx(log_loss(y, p), rel=SAME_ALGEBRA)


@pytest.mark.parametrize("rule", RULES)
@given(truth=PROBABILITY, said=PROBABILITY)
def test_nothing_beats_saying_what_one_believes(rule: str, truth: float, said: float) -> None:
    loss = RULES[rule]

    def expected(p: float) -> float:
        return float(truth * loss(p, 1) + (1 - truth) * loss(p, 0))

    if abs(said - truth) > 1e-6:
        assert expected(said) > expected(truth)
    else:
        assert expected(said) >= expected(truth) - SAME_ALGEBRA


def test_probability_zero_for_what_happened_costs_infinity() -> None:
    assert logarithmic([0.0, 1.0], [1, 0]).tolist() == [np.inf, np.inf]


def test_outcomes_broadcast_over_forecasters() -> None:
    assert brier(np.full((3, 2), 0.5), [1, 0]).shape == (3, 2)


@pytest.mark.parametrize(
    ("p", "y", "message"),
    [
        (1.2, 1, r"p: a probability lies between 0 and 1 \(got '1.2'\)"),
        (-0.1, 1, "a probability lies between 0 and 1"),
        (0.3, 2, r"y: an outcome is 0 or 1 \(got '2'\)"),
        (0.3, 0.5, "an outcome is 0 or 1"),
        (np.nan, 1, r"missing value \(NaN\)"),
        (0.3, np.nan, "Leave out questions that were annulled"),
        ("much", 1, "these are not numbers"),
        ([0.3, 0.2], [1, 0, 1], r"shapes \(2,\) and \(3,\)"),
    ],
)
def test_what_is_no_forecast_is_refused(p: object, y: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        brier(p, y)
