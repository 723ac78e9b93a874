"""Ranks of true values are uniform where the posterior is right, and only there."""

import numpy as np
import pytest
from scipy import stats

from forecast.calibration import rank_uniformity, simulation_ranks
from forecast.errors import InputError
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

DRAWS = 99


def ranks(rng: np.random.Generator, worlds: int, *, wide: float = 1.0, shift: float = 0.0):
    """A normal mean known by one normal datum: the posterior is N(x / 2, 1 / 2), or meant to be."""
    truth = rng.normal(size=worlds)
    datum = truth + rng.normal(size=worlds)
    noise = rng.normal(size=(worlds, DRAWS))
    draws = datum[:, None] / 2 + shift + wide * np.sqrt(0.5) * noise
    return simulation_ranks(truth, draws)


def test_the_right_posterior_is_rejected_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    found = [rank_uniformity(ranks(rng, 400), DRAWS) for _ in range(300)]
    for name in ("bins_p_value", "distance_p_value"):
        small = np.array([getattr(each, name) for each in found]) < 0.1
        assert abs(small.mean() - 0.1) < MONTE_CARLO_Z * np.sqrt(0.1 * 0.9 / 300)


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        ({"wide": 0.7}, "bins_p_value"),
        ({"wide": 1.4}, "bins_p_value"),
        ({"shift": 0.2}, "distance_p_value"),
    ],
)
def test_a_wrong_posterior_is_found(wrong: dict[str, float], test: str) -> None:
    found = rank_uniformity(ranks(np.random.default_rng(2), 1000, **wrong), DRAWS)
    assert getattr(found, test) < 1e-4


def test_bins_equal_scipys_chi_square_where_ranks_fill_them_evenly() -> None:
    found = np.random.default_rng(3).integers(0, 100, 500)
    theirs = stats.chisquare(np.bincount(found // 5, minlength=20)).pvalue
    assert rank_uniformity(found, DRAWS).bins_p_value == pytest.approx(theirs, rel=SAME_ALGEBRA)


def test_ties_fall_to_either_side() -> None:
    drawn = simulation_ranks(np.zeros(2000), np.zeros((2000, 3)))
    assert abs(np.bincount(drawn, minlength=4) / 2000 - 0.25).max() < 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulation_ranks([0.1], [0.1, 0.2]), "one row of draws for each world"),
        (lambda: simulation_ranks([0.1, 0.2], [[0.1]]), "one row of draws for each world"),
        (lambda: rank_uniformity([0.5] * 200, 99), "whole numbers from 0 to 99"),
        (lambda: rank_uniformity([100] * 200, 99), "whole numbers from 0 to 99"),
        (lambda: rank_uniformity([5] * 99, 99), "20 bins need 100 worlds"),
    ],
)
def test_what_are_no_ranks_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
