"""Whether a file of draws is one, looked at before it is read: HDF5 can hold, and say, anything."""

import math
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from forecast.errors import ForecastError
from forecast.files._limits import most

MOST_TIMES, FREE = most("saved draws", "times their size"), 2**26
"""How many times its size a file may hold, and how many bytes any file may: honest ones hold twice
to ten times as much, and small ones more where all values are the same."""
MOST_PARTS = most("saved draws", "groups and variables")
DEEPEST = most("saved draws", "levels")
PACKED = {"scale_factor", "add_offset", "units", "_Unsigned"}
"""Attributes for which a reader works values out, of eight bytes each."""


class _NoDrawsError(Exception):
    """What a file holds that no file of draws does."""


def require_draws(path: Path | BytesIO, name: str) -> None:
    """Refuse a file that holds what no file of draws does, or far more than its size.

    Raises
    ------
    ForecastError
        If it does, or is no file of this kind.
    """
    import h5py  # type: ignore[import-untyped]  # noqa: PLC0415  few read draws

    size = len(path.getbuffer()) if isinstance(path, BytesIO) else path.stat().st_size
    limit, held = max(FREE, MOST_TIMES * size), 0
    try:
        with h5py.File(path) as file:
            for each in _datasets(file):
                held += _bytes_of(each, size, limit)
                if held > limit:
                    break
    except _NoDrawsError as error:
        msg = f"{name}: {error}: no file of draws has that. Move it away"
        raise ForecastError(msg) from None
    except Exception as error:  # the library raises many kinds where a file is damaged
        msg = f"{name}: cannot be read as draws: {str(error)[:200]}. Put it back from a copy"
        raise ForecastError(msg) from error
    if held > limit:
        msg = (
            f"{name}: the file is {size / 1e6:,.1f} MB and says that it holds "
            f"{held / 1e6:,.0f} MB: no file of draws does. Move it away"
        )
        raise ForecastError(msg)


def _datasets(file: Any) -> Iterator[Any]:
    """Yield the variables of a file; refuse links, and groups without end."""
    import h5py  # noqa: PLC0415

    waiting, parts = [(file, 0)], 0
    while waiting:
        group, depth = waiting.pop()
        for name in group:
            parts += 1
            if parts > MOST_PARTS:
                msg = f"it has more than {MOST_PARTS:,} groups and variables"
                raise _NoDrawsError(msg)
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                msg = f"'{name[:80]}' is a link"
                raise _NoDrawsError(msg)
            each = group[name]
            if isinstance(each, h5py.Dataset):
                yield each
            elif depth < DEEPEST:
                waiting.append((each, depth + 1))
            else:
                msg = f"its groups are nested more than {DEEPEST} levels deep"
                raise _NoDrawsError(msg)


def _bytes_of(each: Any, size: int, limit: int) -> int:
    """Return how many bytes a variable takes when it is read."""
    import h5py  # noqa: PLC0415

    if each.external or each.is_virtual:
        msg = f"'{each.name[:80]}' stands in another file"
        raise _NoDrawsError(msg)
    shape, chunks = each.shape or (), each.chunks or ()
    values = max(math.prod(max(1, length) for length in shape), math.prod(chunks))
    if h5py.check_string_dtype(each.dtype) is None and each.dtype.kind not in "iufb":
        msg = f"'{each.name[:80]}' holds neither numbers nor text"
        raise _NoDrawsError(msg)
    packed = not PACKED.isdisjoint(each.attrs)
    told = int(values * max(each.dtype.itemsize, 8 if packed else 1))
    if each.dtype.kind != "O" or told > limit or not each.size:
        return told
    # Texts of any length may all be one: so they are gone through, a few at a time.
    if len(shape) > 1:
        msg = f"'{each.name[:80]}' holds texts in a table"
        raise _NoDrawsError(msg)
    step = max(1, FREE // max(size, 1))
    for begin in range(0, each.size, step) if shape else ():
        told += sum(map(len, each[begin : begin + step]))
        if told > limit:
            break
    return told
