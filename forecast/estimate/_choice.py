"""Which method an estimate takes, and why: told beforehand, and in the same words of what was done.

What is beyond the exact filter, or would take it too long, is sampled by paths.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from forecast.engine._components import AnyPlan
from forecast.engine._reach import MOST_FILTER_BITS
from forecast.engine._relevance import components, slices
from forecast.estimate._cost import Costs, estimated_costs, reachable_plans
from forecast.estimate._result import Settings
from forecast.model._lower import Lowered

CHEAP = 10.0
"""Estimated seconds of one core up to which importance sampling is tried first in any case."""
FEW = 6
"""Events tied together up to which importance sampling costs least in any case."""
MOST_NAMED = 8
"""Events, items and delays that are named; of more it is told how many."""


@dataclass(frozen=True)
class Choice:
    """What is known of an estimate before it is made.

    Parameters
    ----------
    plans
        Of the exact filter; None where it cannot do the job.
    costs
        What each method would cost.
    why_paths
        Why the choice between methods falls on the path sampler before any is tried; empty where
        it does not.
    """

    plans: tuple[AnyPlan, ...] | None
    costs: Costs
    why_paths: str


def foreseen(lowered: Lowered, settings: Settings) -> Choice:
    """Return what is known of an estimate beforehand."""
    plans = reachable_plans(lowered)
    costs = estimated_costs(lowered, plans, settings)
    if plans is None:
        return Choice(plans, costs, why_not_filter(lowered))
    if costs.importance <= max(CHEAP, costs.paths):
        return Choice(plans, costs, "")
    why = (
        f"importance sampling would take some {costs.importance:.0f} s of one core, this "
        f"{costs.paths:.0f} s: {_tied_words(lowered)}"
    )
    return Choice(plans, costs, why)


def surely_filtered(lowered: Lowered) -> bool:
    """Return whether the path sampler is no choice, without counting the filter's work.

    Its count takes compiled code, which a first look at a workspace should not wait for.
    """
    return not lowered.record.counted.any() and len(tied_events(lowered)) <= FEW


def why_not_filter(lowered: Lowered) -> str:
    """Return why the exact filter cannot do the job, of a network of which that is so."""
    reasons = []
    if lowered.record.counted.any():
        reasons.append(_counts_words(lowered))
    if not reasons or len(tied_events(lowered)) > MOST_FILTER_BITS:
        limit = f"(the exact filter holds {MOST_FILTER_BITS})"
        reasons.append(_tied_words(lowered, limit))
    return "; ".join(reasons)


def tied_events(lowered: Lowered) -> tuple[str, ...]:
    """Return the most events of unknown state that are tied together at once, in their order.

    Evidence and links tie them; hidden stages of delays are among them.
    """
    sliced = slices(lowered.structure, lowered.record, ())
    lives = [set(live) for live in dict.fromkeys(sliced.live)]
    tied = (group & live for group in components(lowered.structure, sliced) for live in lives)
    return tuple(lowered.events[event] for event in sorted(max(tied, key=len, default=())))


def _tied_words(lowered: Lowered, limit: str = "") -> str:
    tied = tied_events(lowered)
    links = {stage.event: stage.link for stage in lowered.stages}
    stages = [links[name] for name in tied if name in links]
    named = [name for name in tied if name not in links]
    words = (
        f"{len(tied)} events of unknown state are tied together at once by evidence and links"
        f"{limit and ' ' + limit}: {_listed(named)}"
    )
    if stages:
        many = f"{len(stages)} hidden stages" if len(stages) > 1 else "a hidden stage"
        words += f", with {many} of the delays in {_listed(dict.fromkeys(stages))}"
    return words


def _counts_words(lowered: Lowered) -> str:
    """Return the counts over times that are not known, in words, each with its event."""
    over = zip(lowered.factors, lowered.record.counted, strict=True)
    names = [factor.item for factor, counted in over if counted]
    events = dict.fromkeys(lowered.evidence.item(name).event for name in names)
    return (
        "the exact filter takes no counts over a time in which it is not known whether the event "
        f"was on, such as those of {_listed(events)} ({_listed(names)})"
    )


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    parts = every[:MOST_NAMED]
    if len(every) > MOST_NAMED:
        parts.append(f"{len(every) - MOST_NAMED} more")
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
