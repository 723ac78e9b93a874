import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.scoring import (
    logarithmic,
    metaculus_baseline,
    metaculus_baseline_categories,
    metaculus_baseline_density,
    metaculus_peer,
    metaculus_peer_categories,
)
from tests.tolerances import PUBLISHED_8_DIGITS, SAME_ALGEBRA

PROBABILITY = st.floats(0.001, 0.999)


@pytest.mark.parametrize(("p", "points"), [(0.3, -73.70), (0.9, 84.80), (0.5, 0.0)])
def test_baseline_points_are_those_of_the_faq(p: float, points: float) -> None:
    assert metaculus_baseline(p, 1) == pytest.approx(points, abs=0.005)


@pytest.mark.parametrize(
    ("p", "y", "points"),
    [
        (0.9, 1, 84.79969066),
        (0.1, 1, -232.19280949),
        (0.9, 0, -232.19280949),
        (2 ** (-1 / 2), 1, 50.0),
        (2 ** (-3 / 2), 1, -50.0),
    ],
)
def test_baseline_points_are_those_of_metaculus_own_tests(p: float, y: int, points: float) -> None:
    """Metaculus/metaculus, tests/unit/test_scoring/test_score_math.py, commit 27ad59b1."""
    assert metaculus_baseline(p, y) == pytest.approx(points, abs=PUBLISHED_8_DIGITS)


def test_two_categories_score_as_yes_and_no() -> None:
    ours = metaculus_baseline_categories([[0.7, 0.3], [0.1, 0.9]], [1, 1])
    np.testing.assert_allclose(ours, metaculus_baseline([0.3, 0.9], [1, 1]), rtol=SAME_ALGEBRA)


def test_chance_scores_nothing_over_any_number_of_categories() -> None:
    for count in (2, 3, 8):
        assert metaculus_baseline_categories(np.full(count, 1 / count), 0) == pytest.approx(
            0, abs=1e-12
        )


def test_a_density_e_times_the_baseline_is_worth_fifty() -> None:
    assert metaculus_baseline_density(math.e * 0.2, 0.2) == pytest.approx(50, rel=SAME_ALGEBRA)
    # 200 bins, one open bound, mass 0.01 in the bin of the outcome: 50 ln(0.01 / (0.95 / 200))
    assert metaculus_baseline_density(0.01, 0.95 / 200) == pytest.approx(37.22202375, abs=1e-8)


def test_peer_points_are_the_log_score_against_the_others_geometric_mean() -> None:
    """By the formula of Metaculus' own code: N / (N - 1) ln(p / geometric mean of all)."""
    p = np.array([0.7, 0.8, 0.9])
    everybody = np.exp(np.log(p).mean())
    np.testing.assert_allclose(everybody, 0.79581144, atol=PUBLISHED_8_DIGITS)  # their test
    np.testing.assert_allclose(
        metaculus_peer(p, 1), 100 * 3 / 2 * np.log(p / everybody), rtol=SAME_ALGEBRA
    )


@given(st.lists(PROBABILITY, min_size=2, max_size=6), st.booleans())
def test_peer_points_of_a_question_sum_to_nothing(p: list[float], y: bool) -> None:
    assert metaculus_peer(p, y).sum() == pytest.approx(0, abs=1e-9)


def test_who_did_not_answer_has_no_points_and_changes_nobody_elses() -> None:
    with_gap = metaculus_peer([[0.9, 0.2], [0.5, np.nan], [0.4, 0.3]], [1, 0])
    assert np.isnan(with_gap[1, 1])
    np.testing.assert_allclose(
        with_gap[[0, 2], 1], metaculus_peer([0.2, 0.3], 0), rtol=SAME_ALGEBRA
    )
    assert metaculus_peer([0.9, np.nan], 1)[0] == 0.0


def test_peer_points_over_two_categories_are_those_of_yes_and_no() -> None:
    yes = np.array([0.3, 0.6, 0.8])
    ours = metaculus_peer_categories(np.stack([1 - yes, yes], axis=-1), 1)
    np.testing.assert_allclose(ours, metaculus_peer(yes, 1), rtol=SAME_ALGEBRA)


@given(truth=PROBABILITY, said=PROBABILITY)
def test_nothing_beats_saying_what_one_believes(truth: float, said: float) -> None:
    def expected(p: float) -> float:
        return float(truth * metaculus_baseline(p, 1) + (1 - truth) * metaculus_baseline(p, 0))

    assert expected(said) <= expected(truth) + 1e-9
    points = -100 / np.log(2) * logarithmic(said, 1) + 100
    assert metaculus_baseline(said, 1) == pytest.approx(float(points), abs=1e-9)


def test_what_metaculus_does_not_take_is_refused() -> None:
    with pytest.raises(InputError, match=r"Metaculus itself takes 0.1% to 99.9%"):
        metaculus_baseline([0.5, 1.0], [1, 1])
    with pytest.raises(InputError, match="a density is a number above 0"):
        metaculus_baseline_density(0.0, 1.0)
    with pytest.raises(InputError, match="one row for each forecaster"):
        metaculus_peer([[0.5, 0.4]], [1, 0, 1])
    with pytest.raises(InputError, match="these are not numbers"):
        metaculus_peer(["much"], 1)
