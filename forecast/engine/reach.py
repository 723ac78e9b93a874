"""How far the exact filter reaches, and what it costs."""

from collections.abc import Sequence

import numpy as np

from forecast.engine.plan import Plan
from forecast.engine.relevance import Target, components, slices
from forecast.engine.structure import Record, Structure

__all__ = ["MOST_FILTER_BITS", "bits_needed", "filter_work"]

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
    sliced = slices(structure, record, targets)
    asked = {event for target in targets for event in target.events}
    return max(
        (
            len(group & set(live))
            for group in components(structure, sliced)
            if not targets or group & asked
            for live in sliced.live
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
