"""What each method would cost, so that the choice between them can be made beforehand."""

from dataclasses import dataclass

import numpy as np

from forecast.engine.passing import Passed, passed
from forecast.engine.plan import Plan
from forecast.engine.reach import MOST_FILTER_BITS, bits_needed
from forecast.estimate.result import Fit, Settings
from forecast.model.lower import Lowered
from forecast.model.public import prior_points

__all__ = [
    "Costs",
    "estimated_costs",
    "filter_seconds",
    "reachable_plans",
    "steps_taken",
    "typically_passed",
]

PER_PRODUCT = 1.2e-9
"""Seconds for one state and one hazard of the filter, in a batch, on one core of a 2024 server."""
TYPICAL = 32
"""Draws of the prior at which the filter's work is counted: it follows their rates."""
GRADIENT = 5.0
"""A likelihood with its gradient, one by one, in likelihoods of a batch."""
BATCHES = 2
"""Of draws that importance sampling weighs where the prior alone will not do."""
SLOPES = 25
"""Gradients by differences on the way to the mode."""
LEAPFROGS = 15
"""Gradients for a draw of NUTS."""
COMPILING = 20.0
"""Seconds until NUTS begins to draw."""
ROUND, ROUND_EVENT, ROUND_ITEM = 4e-5, 8e-6, 2e-6
"""Seconds for a round of the path sampler: as such, for each event and for each item."""
ROUNDS = 3
"""For each draw that the path sampler keeps, warm-up included."""


@dataclass(frozen=True)
class Costs:
    """Estimated seconds of one core; infinite for a method that cannot do the job."""

    importance: float
    nuts: float
    paths: float


def reachable_plans(lowered: Lowered) -> tuple[Plan, ...] | None:
    """Return the plans of the exact filter; None where it cannot do the job."""
    if lowered.record.counted.any():
        return None
    if bits_needed(lowered.structure, lowered.record) > MOST_FILTER_BITS:
        return None
    return lowered.plans()


def typically_passed(lowered: Lowered, plans: tuple[Plan, ...]) -> Passed:
    """Return how plans pass their intervals, on average over a few draws of the prior."""
    points = prior_points(lowered.table.dimensions)[:TYPICAL]
    return passed(plans, lowered.theta(lowered.table.from_z(points)))


def steps_taken(fitted: Fit) -> str:
    """Return in words how the filter passes time at the draws of a fit."""
    lowered = fitted.lowered
    plans = reachable_plans(lowered)
    if plans is None:
        return "none: the network is beyond the exact filter"
    rows = {name: value[:: max(1, len(value) // TYPICAL)] for name, value in fitted.flat().items()}
    return str(passed(plans, lowered.theta(rows)))


def filter_seconds(lowered: Lowered, plans: tuple[Plan, ...], draws: int) -> float:
    """Return what so many likelihoods cost."""
    return PER_PRODUCT * typically_passed(lowered, plans).work * draws


def estimated_costs(lowered: Lowered, plans: tuple[Plan, ...] | None, settings: Settings) -> Costs:
    """Return what each method would cost."""
    events, items = len(lowered.events), len(lowered.record.item_event)
    each = ROUND + ROUND_EVENT * events + ROUND_ITEM * items
    paths = settings.draws * ROUNDS * each
    if plans is None:
        return Costs(np.inf, np.inf, paths)
    d = lowered.table.dimensions
    likelihoods = BATCHES * settings.draws + SLOPES * (2 * d + 1) + d * d / 4
    gradients = (settings.draws + settings.chains * settings.tune) * LEAPFROGS * GRADIENT
    each = filter_seconds(lowered, plans, 1)
    return Costs(each * likelihoods, COMPILING + each * gradients, paths)
