"""What each method would cost, so that the choice between them can be made beforehand."""

from dataclasses import dataclass

import numpy as np

from forecast.engine._components import AnyPlan
from forecast.engine._likelihood import Passed, over_time, passed
from forecast.engine._reach import MOST_FILTER_BITS, bits_needed
from forecast.estimate._result import Fit, Settings
from forecast.model._lower import Lowered
from forecast.model._own import prior_points
from forecast.model._parameters import Pooled
from forecast.network import Fixed

TYPICAL = 32
"""Draws of the prior at which the filter's work is counted: it follows their rates."""
# Seconds of one core of a 2025 server, within a factor of two: benchmarks/costs.py measures them.
PER_PRODUCT, PER_PASS = 2.5e-10, 8e-10
"""For one state, in a batch of the filter: by one hazard of a step, and by one item."""
PER_SLOPE = 9e-9
"""For either with its gradient, one draw by itself."""
LIKELIHOOD, LIKELIHOOD_ITEM = 3e-6, 1e-7
"""Besides, for a likelihood in a batch: as such, and for what each item's source makes of it."""
SLOPE, SLOPE_ITEM = 2e-5, 4e-7
"""The same with the gradient."""
BATCHES = 1.5
"""Of draws that importance sampling weighs: one where the prior alone will do, else two or more."""
SLOPES = 25
"""Gradients by differences on the way to the mode."""
LEAPFROGS = 7
"""Gradients for a draw of NUTS."""
COMPILING = 8.0
"""Until NUTS begins to draw."""
ROUND, ROUND_EVENT, ROUND_ITEM, ROUND_TERM = 2e-5, 5e-6, 1.3e-6, 6.5e-7
"""For a round of the path sampler: as such, for each event, for each item, and for each time that
an item is weighed since a number that it hangs on has moved."""
LOG_LIKELIHOOD = 1.5
"""Most that the items' probabilities by the filter may take, for draws of the path sampler."""
WARM_UP, THIN = 300, 2
"""Rounds of the path sampler: before a chain keeps draws, and for each that it keeps, at first."""


@dataclass(frozen=True)
class Costs:
    """Estimated seconds of one core; infinite for a method that cannot do the job."""

    importance: float
    nuts: float
    paths: float


def reachable_plans(lowered: Lowered) -> tuple[AnyPlan, ...] | None:
    """Return the plans of the exact filter; None where it cannot do the job."""
    if lowered.record.counted.any():
        return None
    if bits_needed(lowered.structure, lowered.record) > MOST_FILTER_BITS:
        return None
    return lowered.plans()


def typically_passed(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> Passed:
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


def filter_seconds(lowered: Lowered, plans: tuple[AnyPlan, ...], draws: int) -> float:
    """Return what so many likelihoods cost."""
    work, passes = _work(lowered, plans)
    return (LIKELIHOOD + PER_PRODUCT * work + PER_PASS * passes) * draws


def worth_telling(lowered: Lowered, plans: tuple[AnyPlan, ...], draws: int) -> bool:
    """Return whether the path sampler adds the items' probabilities by the exact filter."""
    return filter_seconds(lowered, plans, draws) <= LOG_LIKELIHOOD


def estimated_costs(
    lowered: Lowered, plans: tuple[AnyPlan, ...] | None, settings: Settings
) -> Costs:
    """Return what each method would cost."""
    events, items = len(lowered.events), len(lowered.record.item_event)
    each = ROUND + ROUND_EVENT * events + ROUND_ITEM * items + ROUND_TERM * _terms(lowered)
    paths = (settings.draws * THIN + settings.chains * WARM_UP) * each
    if plans is None:
        return Costs(np.inf, np.inf, paths)
    work, passes = _work(lowered, plans)
    each = LIKELIHOOD + PER_PRODUCT * work + PER_PASS * passes
    if each * settings.draws <= LOG_LIKELIHOOD:
        paths += each * settings.draws
    d = lowered.table.dimensions
    likelihoods = int(BATCHES * settings.draws + SLOPES * (2 * d + 1) + d * d / 4)
    gradients = (settings.draws + settings.chains * settings.tune) * LEAPFROGS
    return Costs(
        (each + LIKELIHOOD_ITEM * items) * likelihoods,
        np.inf
        if bits_needed(lowered.structure, lowered.record, eliminate=False) > MOST_FILTER_BITS
        else COMPILING + (SLOPE + SLOPE_ITEM * items + PER_SLOPE * (work + passes)) * gradients,
        paths,
    )


def _work(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> tuple[float, float]:
    """Return how often a likelihood handles a state: by hazards of steps, and by items."""
    passes = 0.0
    for plan in over_time(plans):
        cuts = len(plan.cuts)
        passes += float((2.0 ** plan.bits[:cuts] * np.diff(plan.first_item)[:cuts]).sum())
    return typically_passed(lowered, plans).work, passes


def _terms(lowered: Lowered) -> int:
    """Return how often the path sampler weighs an item in a round: once a move of its numbers.

    A source's number of its own moves by itself, its type's by itself and with those of its
    sources.
    """
    moves: dict[tuple[str, int], int] = {}
    for group in lowered.table.groups:
        for i, prior in enumerate(group.priors):
            moves[group.name, i] = int(not isinstance(prior, Fixed))
            if isinstance(prior, Pooled):
                own = int(prior.spread > 0)
                moves[group.name, i] = own + moves[
                    prior.group, lowered.table.known_group(prior.group).labels.index(prior.label)
                ] * (1 + own)
    factors = lowered.factors
    places = [place for factor in factors for place in (factor.hit, factor.false_alarm) if place]
    return sum(moves[place] for place in places)
