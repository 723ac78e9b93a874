"""What a plan comes to at given draws: where its steps will do, where the series is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.engine.choice import TOTAL
from forecast.engine.likelihood import passing
from forecast.engine.packing import pack
from forecast.engine.plan import Plan
from forecast.engine.structure import Parameters

__all__ = ["Passed", "passed"]

TERM = 1.5  # work of a term of the series on all states, in steps


@dataclass(frozen=True)
class Passed:
    """How the filter passes its intervals, on average over draws.

    Parameters
    ----------
    work
        Products of a state and a hazard that one likelihood takes.
    intervals
        Between cuts, those in which something unknown can change.
    by_series
        Those of them that most draws pass by the series.
    longest
        The most terms that the series takes in one of these.
    fastest
        The highest sum of rates in an interval, per year.
    """

    work: float
    intervals: int
    by_series: int
    longest: int
    fastest: float

    def __str__(self) -> str:
        """Return the same in words."""
        told = f"{self.intervals} intervals"
        if not self.by_series:
            return f"{told}, by steps of at most a week"
        return (
            f"{told}, {self.by_series} of them by a series of up to {self.longest:,} terms: "
            f"rates add up to {self.fastest:,.0f} a year"
        )


def passed(plans: Sequence[Plan], theta: Parameters) -> Passed:
    """Return how plans pass their intervals at some draws (a leading draw dimension)."""
    packed = pack(plans)
    work, intervals, by_series, longest, fastest = 0.0, 0, 0, 0.0, 0.0
    for number, plan in enumerate(plans):
        marks, found = passing(packed, number, plan, theta)
        k = len(plan.steps)
        hazards, states = np.diff(plan.first_hazard)[:k], 2.0 ** plan.bits[1 : k + 1]
        mean = np.maximum(found[:, TOTAL], 0.0) * np.diff(plan.cuts)[:, None]  # words add chance
        terms = mean + 5 * np.sqrt(mean) + 4 + plan.depth[:, None]
        passes = np.where(marks == 1, TERM * terms, plan.steps[:, None])
        work += float((states * hazards * passes.mean(axis=1)).sum())
        most = marks.mean(axis=1) > 1 / 2
        intervals += int((plan.bits[1 : k + 1] > 0).sum())
        by_series += int(most.sum())
        longest = max(longest, float(np.where(marks == 1, terms, 0.0)[most].max(initial=0.0)))
        fastest = max(fastest, float(found[most, TOTAL].max(initial=0.0)))
    return Passed(work, intervals, by_series, int(longest), fastest)
