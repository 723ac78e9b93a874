"""Scrambled Sobol points [1]_, to the last bit those of SciPy, without the rest of its statistics.

`scipy.stats` takes longer to import than a small network takes to estimate. Only its table of
direction numbers [2]_ is read, and where that has moved, SciPy's own generator is asked.

References
----------
.. [1] Matousek (1998). On the L2-discrepancy for anchored boxes. Journal of Complexity 14.
.. [2] Joe & Kuo (2008). Constructing Sobol sequences with better two-dimensional projections. SIAM
   Journal on Scientific Computing 30.
"""

from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Words = NDArray[np.uint32]

BITS = 30
TABLE = ("stats", "_sobol_direction_numbers.npz")
"""Where in SciPy the table is: ``poly``, a primitive polynomial for each dimension, its
coefficients as the bits of a number, and ``vinit``, the first direction numbers of each."""


def scrambled_sobol(number: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Return the first points of a Sobol sequence, each dimension scrambled, shape (point, axis).

    Parameters
    ----------
    number
        How many; a power of two keeps the sequence balanced.
    dimensions
        How many axes there are.
    rng
        A child of it scrambles: by a random lower triangular matrix of bits, and a shift.
    """
    columns = _direction_numbers(dimensions)
    if columns is None:
        from scipy.stats import qmc  # noqa: PLC0415 - takes half a second

        return np.asarray(qmc.Sobol(dimensions, scramble=True, rng=rng).random(number))
    (own,) = rng.spawn(1)
    powers = np.uint32(2) ** np.arange(BITS, dtype=np.uint32)
    shift = own.integers(2, size=(dimensions, BITS), dtype=np.uint32) @ powers
    mixing = np.tril(own.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32))
    columns = _mixed(columns, mixing)
    points = np.empty((number, dimensions), dtype=np.uint32)
    points[:1] = shift
    done, bit = 1, 0
    while done < number:  # in the order of the Gray code: the second half mirrors the first
        more = min(done, number - done)
        points[done : done + more] = points[:done][::-1][:more] ^ columns[:, bit]
        done, bit = done + more, bit + 1
    return np.asarray(points * (1.0 / 2**BITS))


def _mixed(columns: Words, mixing: Words) -> Words:
    """Return direction numbers times matrices of bits, whose diagonal is taken to be one."""
    high = np.arange(BITS - 1, -1, -1, dtype=np.uint32)  # the first row is the highest bit
    rows = ((mixing | np.eye(BITS, dtype=np.uint32)) << high).sum(axis=2, dtype=np.uint32)
    odd = np.bitwise_count(rows[:, None, :] & columns[:, :, None]) & np.uint8(1)
    return np.asarray((odd.astype(np.uint32) << high).sum(axis=2, dtype=np.uint32))


@lru_cache(maxsize=4)
def _direction_numbers(dimensions: int) -> Words | None:
    """Return direction numbers, shape (axis, bit), or None where there is no table of so many."""
    table = _table()
    if table is None or len(table[0]) < dimensions:
        return None
    polynomial, first = (part[:dimensions] for part in table)
    found = np.zeros((dimensions, BITS), dtype=np.uint64)
    degree = np.array([int(one).bit_length() - 1 for one in polynomial], dtype=np.int64)
    for m in np.unique(degree).tolist():
        here = degree == m
        rows = np.ones((here.sum(), BITS), dtype=np.uint64)  # the first axis has no polynomial
        if m > 0:
            rows[:, :m] = first[here, :m]
            for j in range(m, BITS):
                rows[:, j] = rows[:, j - m]
                for k in range(m):
                    taken = (polynomial[here] >> np.uint64(m - 1 - k)) & np.uint64(1)
                    rows[:, j] ^= (taken * rows[:, j - k - 1]) << np.uint64(k + 1)
        found[here] = rows
    return (found << np.arange(BITS - 1, -1, -1, dtype=np.uint64)).astype(np.uint32)


@cache
def _table() -> tuple[NDArray[np.uint64], NDArray[np.uint64]] | None:
    """Return SciPy's polynomials and first direction numbers, or None where they are not."""
    try:
        with files("scipy").joinpath(*TABLE).open("rb") as file, np.load(file) as kept:
            return kept["poly"].astype(np.uint64), kept["vinit"].astype(np.uint64)
    except (OSError, KeyError, ValueError):
        return None
