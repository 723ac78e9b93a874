"""The generator of simulated courses: published words, and what its numbers are to be."""

import numpy as np
from numba import njit
from numpy.testing import assert_array_equal
from scipy.stats import expon, kstest, uniform

from forecast.engine import _random as own


@njit
def _words(state, number):
    return [own.next_word(state) for _ in range(number)]


@njit
def _first(seed):
    state = np.empty(own.WORDS, dtype=np.uint64)
    own.set_seed(state, seed)
    return state


@njit
def _numbers(seed, number):
    state = np.empty(own.WORDS, dtype=np.uint64)
    found = np.empty((2, number))
    own.set_seed(state, seed)
    for i in range(number):
        found[0, i] = own.uniform(state)
        found[1, i] = own.exponential(state)
    return found


@njit
def _one_each(seeds):
    found = np.empty(len(seeds))
    state = np.empty(own.WORDS, dtype=np.uint64)
    for i, seed in enumerate(seeds):
        own.set_seed(state, seed)
        found[i] = own.uniform(state)
    return found


def test_words_are_those_of_the_authors_code() -> None:
    """As the reference implementation in C gives them from the state 1, 2, 3, 4."""
    expected = [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
        14011001112246962877,
        12406186145184390807,
        15849039046786891736,
        10450023813501588000,
    ]
    assert _words(np.arange(1, 5, dtype=np.uint64), 10) == expected


def test_a_seed_is_spread_by_split_mix() -> None:
    """The first words of SplitMix64 from 1234567, as published with it."""
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
    ]
    assert_array_equal(_first(1234567), np.array(expected, dtype=np.uint64))


def test_numbers_have_their_distributions() -> None:
    drawn = _numbers(5, 100_000)
    assert kstest(drawn[0], uniform.cdf).pvalue > 0.001
    assert kstest(drawn[1], expon.cdf).pvalue > 0.001


def test_neighbouring_seeds_are_unrelated() -> None:
    """Each course has its own seed, one after another: their first numbers are like one stream."""
    first = _one_each(np.arange(-50_000, 50_000))
    assert kstest(first, uniform.cdf).pvalue > 0.001
    limit = 4 / np.sqrt(len(first))  # four standard errors of a correlation of none
    for lag in (1, 2, 64):
        assert abs(np.corrcoef(first[lag:], first[:-lag])[0, 1]) < limit
