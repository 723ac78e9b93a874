"""How many events of unknown state are live and tied together at once: the filter's reach."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from forecast.engine._problem import Ints, Record, Structure
from forecast.engine._relevance import Slices, Target, components, is_static, slices

MOST_FILTER_BITS = 14
"""Events of unknown state, tied together at once, over whose joint states the filter sums."""


def bits_needed(
    structure: Structure,
    record: Record,
    targets: Sequence[Target] = (),
    *,
    eliminate: bool = True,
) -> int:
    """Return the most events of unknown state that are live and tied together at once.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    targets
        What is asked: with any, only the components that hold what is asked count.
    eliminate
        Whether components of facts alone are summed out fact by fact, and do not count.
    """
    asked = {event for target in targets for event in target.events}
    sliced = slices(structure, record, targets, eliminate=eliminate)
    return tied_bits(structure, sliced, asked if targets else None, eliminate=eliminate)


def tied_bits(
    structure: Structure,
    sliced: Slices,
    asked: AbstractSet[int] | None = None,
    *,
    eliminate: bool = True,
) -> int:
    """Return the same for intervals whose live events are known.

    Parameters
    ----------
    structure, sliced
        The network; who is live when.
    asked
        Only components that hold one of these count; all, unless given.
    eliminate
        Whether components of facts alone are summed out fact by fact, and do not count.
    """
    return int(tied_over_time(structure, sliced, asked, eliminate=eliminate).max(initial=0))


def tied_over_time(
    structure: Structure,
    sliced: Slices,
    asked: AbstractSet[int] | None = None,
    *,
    eliminate: bool = True,
) -> Ints:
    """Return the same at the start and in each interval, shape (interval + 1,).

    Parameters
    ----------
    structure, sliced, asked, eliminate
        As for `tied_bits`.
    """
    groups = [
        group
        for group in components(structure, sliced)
        if asked is None or group & asked
        if not (eliminate and is_static(structure, sliced, group))
    ]
    lives = (() if structure.start is None else sliced.before, *sliced.live)
    tied = {
        live: max((len(group.intersection(live)) for group in groups), default=0) for live in lives
    }
    return np.array([tied[live] for live in lives], dtype=np.int64)
