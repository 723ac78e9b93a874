"""The map from standard normals as two flat arrays, for code compiled once for all networks."""

import numpy as np

from forecast.engine._channels import Channels
from forecast.engine._jit import folded, kernel
from forecast.engine._problem import Floats, Ints

SIZES = len(Channels._fields)
INTEGER_FIELDS = sum(kind is Ints for kind in Channels.__annotations__.values())


def packed(c: Channels) -> tuple[Ints, Floats]:
    """Return a map as two arrays: where each field ends and the integers, and the real numbers."""
    whole = [np.ravel(field) for field in c]
    integers, reals = whole[:INTEGER_FIELDS], whole[INTEGER_FIELDS:]
    ends = [*np.cumsum([len(f) for f in integers]), *np.cumsum([len(f) for f in reals])]
    head = np.array([0, *ends], dtype=np.int64)
    return np.concatenate([head, *integers]).astype(np.int64), np.concatenate(reals)


@folded
def _i(n: Ints, k: int) -> Ints:
    return n[SIZES + 1 + n[k] : SIZES + 1 + n[k + 1]]


@folded
def _x(n: Ints, x: Floats, k: int) -> Floats:
    first = n[INTEGER_FIELDS + k] if k > 0 else 0
    return x[first : n[INTEGER_FIELDS + k + 1]]


@kernel
def unpacked(n: Ints, x: Floats) -> Channels:
    """Return the map that `packed` was given, as views of its arrays.

    What `speak` sets is a copy of its own.
    """
    node = _x(n, x, 11)
    # fmt: off
    return Channels(
        _i(n, 0), _i(n, 1), _i(n, 2), _i(n, 3), _i(n, 4), _i(n, 5), _i(n, 6), _i(n, 7), _i(n, 8),
        _i(n, 9), _i(n, 10).copy(), _i(n, 11), _i(n, 12), _i(n, 13), _i(n, 14), _i(n, 15),
        _i(n, 16), _i(n, 17), _i(n, 18), _i(n, 19), _i(n, 20), _i(n, 21), _i(n, 22), _i(n, 23),
        _i(n, 24), _i(n, 25), _i(n, 26), _i(n, 27), _i(n, 28), _i(n, 29), _i(n, 30), _i(n, 31),
        _i(n, 32),
        _x(n, x, 0).copy(), _x(n, x, 1).copy(), _x(n, x, 2).copy(), _x(n, x, 3), _x(n, x, 4),
        _x(n, x, 5), _x(n, x, 6), _x(n, x, 7), _x(n, x, 8), _x(n, x, 9), _x(n, x, 10),
        node, _x(n, x, 12).reshape(-1, len(node), 2), _x(n, x, 13), _x(n, x, 14),
        _x(n, x, 15).copy(), _x(n, x, 16), _x(n, x, 17), _x(n, x, 18),
    )
    # fmt: on
