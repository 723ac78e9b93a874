"""Scrambled Sobol points are SciPy's, to the last bit, with or without SciPy's table."""

import warnings

import numpy as np
import pytest
from scipy.stats import qmc

from forecast.engine import _sobol
from forecast.engine._sobol import scrambled_sobol


@pytest.mark.parametrize("dimensions", [1, 2, 7, 160, 1500])
@pytest.mark.parametrize("number", [0, 1, 2, 31, 512])
def test_points_are_those_of_scipy(number: int, dimensions: int) -> None:
    rngs = [np.random.default_rng(7) for _ in range(2)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers that are no power of two
        theirs = qmc.Sobol(dimensions, scramble=True, rng=rngs[0]).random(number)
    np.testing.assert_array_equal(scrambled_sobol(number, dimensions, rngs[1]), theirs)
    assert rngs[0].random() == rngs[1].random()  # and as much of the generator is used


def test_points_are_the_same_where_the_table_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    known = scrambled_sobol(64, 5, np.random.default_rng(3))
    monkeypatch.setattr(_sobol, "TABLE", ("stats", "moved.npz"))
    _sobol._table.cache_clear()
    _sobol._direction_numbers.cache_clear()
    assert _sobol._table() is None
    np.testing.assert_array_equal(scrambled_sobol(64, 5, np.random.default_rng(3)), known)
    _sobol._table.cache_clear()
    _sobol._direction_numbers.cache_clear()
