"""What a network itself says of an event, on average over its priors and what is known for sure.

This is the base of a forecast in the record: what would have been said without its insight.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from forecast.engine._components import AnyPlan, build_plans
from forecast.engine._likelihood import live_at, log_likelihoods, smoothed
from forecast.engine._problem import Floats, Parameters, Record, Structure
from forecast.engine._relevance import Target, slices
from forecast.seeds import child_seed

POINTS = 256
SMALLEST_UNIFORM = 1e-6


def prior_points(dimensions: int) -> Floats:
    """Return standard-normal coordinates that cover the prior: scrambled Sobol points, fixed."""
    if dimensions == 0:
        return np.zeros((1, 0))
    sampler = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(child_seed(1, "base")))
    points = sampler.random(POINTS)
    return np.asarray(ndtri(np.clip(points, SMALLEST_UNIFORM, 1 - SMALLEST_UNIFORM)))


@dataclass(frozen=True)
class PublicQuestion:
    """Whether an event is on at a time, asked of a network and a record.

    Parameters
    ----------
    structure, record
        The network, and what is known for sure.
    event, time
        What is asked.
    max_step
        Longest step of the filter, in years.
    """

    structure: Structure
    record: Record
    event: int
    time: float
    max_step: float

    def plans(self) -> tuple[AnyPlan, ...]:
        """Return the plans of the record, with the answer to be read off."""
        return build_plans(
            self.structure, self.record, max_step=self.max_step, targets=self._targets()
        )

    def chance(self, theta: Parameters, plans: tuple[AnyPlan, ...]) -> float:
        """Return the probability, averaged over draws, each weighed by the record's likelihood.

        Parameters
        ----------
        theta
            Draws from the prior, with a leading draw dimension.
        plans
            Of this question.
        """
        log_weights = log_likelihoods(plans, theta).sum(axis=1)
        if not np.isfinite(log_weights).any():
            return 0.5  # the record is impossible, and whoever estimates will say so
        weights = np.exp(log_weights - log_weights.max())
        return float(self._chances(theta, plans) @ weights / weights.sum())

    def _targets(self) -> tuple[Target, ...]:
        return (Target(self.time, (self.event,)),)

    def _chances(self, theta: Parameters, plans: tuple[AnyPlan, ...]) -> Floats:
        for plan in plans:
            live = live_at(plan, self.time)
            if self.event in live:
                states = smoothed(plan, theta, np.array([self.time]))[0]  # (state, draw)
                on = (np.arange(len(states)) >> live.index(self.event)) & 1 == 1
                return np.asarray(states[on].sum(axis=0))
        whole = slices(self.structure, self.record, self._targets())
        cut = int(np.searchsorted(whole.cuts, self.time))
        known = whole.old_status(cut, self.event, int(self.structure.initially[self.event]))
        return np.full(len(theta.base_rate), float(known))
