"""How far the exact filter reaches."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from forecast.engine.relevance import Slices, Target, components, slices
from forecast.engine.structure import Record, Structure

__all__ = ["MOST_FILTER_BITS", "bits_needed", "tied_bits"]

MOST_FILTER_BITS = 14
"""Events of unknown state, tied together at once, over whose joint states the filter sums."""


def bits_needed(structure: Structure, record: Record, targets: Sequence[Target] = ()) -> int:
    """Return the most events of unknown state that are live and tied together at once.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    targets
        What is asked: with any, only the components that hold what is asked count.
    """
    asked = {event for target in targets for event in target.events}
    return tied_bits(structure, slices(structure, record, targets), asked if targets else None)


def tied_bits(structure: Structure, sliced: Slices, asked: AbstractSet[int] | None = None) -> int:
    """Return the same for intervals whose live events are known.

    Parameters
    ----------
    structure, sliced
        The network; who is live when.
    asked
        Only components that hold one of these count; all, unless given.
    """
    lives = [set(live) for live in set(sliced.live)]
    return max(
        (
            len(group & live)
            for group in components(structure, sliced)
            if asked is None or group & asked
            for live in lives
        ),
        default=0,
    )
