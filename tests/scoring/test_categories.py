import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from forecast.errors import InputError
from forecast.scoring import (
    brier_categories,
    brier_original,
    logarithmic,
    logarithmic_categories,
    ordered_categories,
    ranked_probability,
    spherical,
    spherical_categories,
)
from tests.tolerances import SAME_ALGEBRA

SCORES = [
    brier_categories,
    logarithmic_categories,
    ordered_categories,
    ranked_probability,
    spherical_categories,
]
WEIGHTS = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


@pytest.fixture
def said(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.dirichlet(np.ones(4), 300), rng.integers(4, size=300)


def test_scores_worked_by_hand() -> None:
    p = [0.5, 0.25, 0.25]
    assert brier_categories([p] * 3, [0, 1, 2]).tolist() == pytest.approx(
        [0.375, 0.875, 0.875], rel=SAME_ALGEBRA
    )
    assert ranked_probability([p] * 3, [0, 1, 2]).tolist() == pytest.approx(
        [0.3125, 0.3125, 0.8125], rel=SAME_ALGEBRA
    )
    assert ordered_categories(p, 2) == pytest.approx(0.8125, rel=SAME_ALGEBRA)
    assert spherical_categories(p, 0) == pytest.approx(1 - 0.5 / np.sqrt(0.375), rel=SAME_ALGEBRA)
    assert logarithmic_categories(p, 1) == pytest.approx(np.log(4), rel=SAME_ALGEBRA)


def test_ranked_probability_equals_scoringrules(
    said: tuple[np.ndarray, np.ndarray],
) -> None:
    p, y = said
    np.testing.assert_allclose(
        ranked_probability(p, y), scoringrules.rps_score(y + 1, p), rtol=SAME_ALGEBRA
    )


def test_brier_and_logarithmic_equal_scikit_learn(said: tuple[np.ndarray, np.ndarray]) -> None:
    p, y = said
    assert brier_categories(p, y).mean() == pytest.approx(
        brier_score_loss(y, p, scale_by_half=False), rel=SAME_ALGEBRA
    )
    assert logarithmic_categories(p, y).mean() == pytest.approx(log_loss(y, p), rel=SAME_ALGEBRA)


def test_two_categories_are_a_yes_and_a_no(rng: np.random.Generator) -> None:
    yes, y = rng.random(50), rng.integers(2, size=50)
    p = np.stack([1 - yes, yes], axis=-1)
    for many, one in (
        (brier_categories, brier_original),
        (ordered_categories, brier_original),
        (logarithmic_categories, logarithmic),
        (spherical_categories, spherical),
    ):
        np.testing.assert_allclose(many(p, y), one(yes, y), rtol=SAME_ALGEBRA, atol=1e-15)


def test_ordered_categories_average_the_brier_score_over_all_cuts(
    said: tuple[np.ndarray, np.ndarray],
) -> None:
    p, y = said
    cuts = [brier_original(p[:, : k + 1].sum(axis=1).clip(0, 1), y <= k) for k in range(3)]
    np.testing.assert_allclose(
        ordered_categories(p, y), np.mean(cuts, axis=0), rtol=SAME_ALGEBRA, atol=1e-14
    )


def test_a_near_miss_costs_less_where_order_counts() -> None:
    p = [0.0, 0.0, 1.0]
    near, far = ranked_probability(p, 1), ranked_probability(p, 0)
    assert near < far
    assert brier_categories(p, 1) == brier_categories(p, 0)


@pytest.mark.parametrize("score", SCORES)
@given(truth=WEIGHTS, said=WEIGHTS)
def test_nothing_beats_saying_what_one_believes(score, truth, said) -> None:
    belief, claim = (np.array(w) / np.sum(w) for w in (truth, said))
    honest, other = (belief @ score(np.tile(p, (4, 1)), range(4)) for p in (belief, claim))
    assert other >= honest - SAME_ALGEBRA
    if np.abs(claim - belief).max() > 1e-3:
        assert other > honest


@pytest.mark.parametrize(
    ("p", "y", "message"),
    [
        ([0.2, 0.2], 0, r"sum to 1 \(got '0.4'\)"),
        ([0.2, 0.8], 2, "the index of a category, 0 to 1"),
        ([0.2, 0.8], -1, "Count categories from 0"),
        ([0.2, 0.8], 0.5, "the index of a category"),
        ([1.0], 0, "two categories or more"),
        (0.5, 0, "two categories or more"),
        (np.full((3, 2), 0.5), [0, 1], "do not fit together"),
    ],
)
def test_what_is_no_forecast_is_refused(p: object, y: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        brier_categories(p, y)
