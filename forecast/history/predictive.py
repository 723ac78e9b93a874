"""Statistics of counts by which a fitted class is held against what was counted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["statistics"]

type Floats = NDArray[np.float64]


def statistics(counts: NDArray[np.int64], data: Mapping[str, NDArray[Any]]) -> Mapping[str, Floats]:
    """Return statistics of counts, each of shape (draw,).

    Parameters
    ----------
    counts
        Shape (draw, tally).
    data
        The model's data: exposure, subclass_of, decades.

    Returns
    -------
    dict
        ``onsets``: all of them. ``empty``: tallies without an onset. ``fullest``: the most in one
        tally. ``dispersion``: the mean of (y − m)²/m around each subclass's own rate m.
        ``subclass spread``: the standard deviation of log((k + ½)/E) over subclasses. ``late``: the
        share of onsets in the later half of the exposure.
    """
    exposure, index = data["exposure"], data["subclass_of"]
    groups = int(index.max()) + 1
    member = (index[:, None] == np.arange(groups)).astype(float)  # (tally, subclass)
    onsets, seen = counts @ member, exposure @ member  # (draw, subclass), (subclass,)
    expected = (onsets / seen)[:, index] * exposure  # (draw, tally)
    squares = np.where(expected > 0, (counts - expected) ** 2 / np.maximum(expected, 1e-300), 0.0)
    total = counts.sum(axis=1)
    late = counts[:, _late(data)].sum(axis=1)
    found = {
        "onsets": total,
        "empty": (counts == 0).sum(axis=1),
        "fullest": counts.max(axis=1),
        "dispersion": squares.mean(axis=1),
        "late": late / np.maximum(total, 1),
    }
    if groups > 1:
        found["subclass spread"] = np.log((onsets + 0.5) / seen).std(axis=1)
    return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}


def _late(data: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Return which tallies lie in the later half of the exposure."""
    order = np.argsort(data["decades"], kind="stable")
    before = np.cumsum(data["exposure"][order]) - data["exposure"][order]
    late = np.empty(len(order), dtype=bool)
    late[order] = before >= data["exposure"].sum() / 2
    return late
