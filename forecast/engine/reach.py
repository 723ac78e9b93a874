"""How far the exact filter reaches, and what it costs."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from forecast.engine.plan import Plan
from forecast.engine.relevance import Slices, Target, components, slices
from forecast.engine.structure import Record, Structure

__all__ = ["MOST_FILTER_BITS", "bits_needed", "filter_work", "tied_bits"]

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


def filter_work(plans: Sequence[Plan]) -> float:
    """Return how many products of a state and a hazard one likelihood takes."""
    total = 0.0
    for plan in plans:
        n = len(plan.steps)
        hazards = np.diff(plan.first_hazard)[:n]
        total += float((2.0 ** plan.bits[:n] * hazards * plan.steps).sum())
    return total
