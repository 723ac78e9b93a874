"""Random numbers that cost next to nothing to begin: one generator for each simulated course.

xoshiro256++ [1]_, begun by SplitMix64 as its authors advise: four words, where NumPy's generator
inside compiled code begins with 624, which takes as long as a short course itself.

References
----------
.. [1] Blackman, D. & Vigna, S. (2021). Scrambled linear pseudorandom number generators. ACM
   Transactions on Mathematical Software 47(4).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine._jit import bare

type Words = NDArray[np.uint64]
"""The state of a generator, shape (4,), changed in place."""

WORDS = 4
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_17, _23, _45, _64, _11 = (np.uint64(n) for n in (17, 23, 45, 64, 11))
_UNIT = 2.0**-53


@bare
def set_seed(words: Words, seed: int) -> None:
    """Begin a generator from a seed, a whole number."""
    state = np.uint64(seed)
    for i in range(WORDS):
        state += _GOLDEN
        mixed = (state ^ (state >> _30)) * _FIRST
        mixed = (mixed ^ (mixed >> _27)) * _SECOND
        words[i] = mixed ^ (mixed >> _31)


@bare
def _turned(word: Any, left: Any) -> Any:
    return (word << left) | (word >> (_64 - left))


@bare
def next_word(words: Words) -> Any:
    """Return the next 64 bits."""
    found = _turned(words[0] + words[3], _23) + words[0]
    moved = words[1] << _17
    words[2] ^= words[0]
    words[3] ^= words[1]
    words[1] ^= words[2]
    words[0] ^= words[3]
    words[2] ^= moved
    words[3] = _turned(words[3], _45)
    return found


@bare
def uniform(words: Words) -> float:
    """Return a number of at least 0 and below 1."""
    return float(next_word(words) >> _11) * _UNIT


@bare
def exponential(words: Words) -> float:
    """Return a waiting time of mean 1."""
    return float(-np.log1p(-uniform(words)))
