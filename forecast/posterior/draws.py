"""The draws that questions are answered from, and the chances of events along each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast.engine.problem import Parameters
from forecast.estimate.importance import resample
from forecast.estimate.result import Fit
from forecast.model.lower import Lowered
from forecast.posterior.alike import alike
from forecast.posterior.calendar import Calendar
from forecast.posterior.chances import Chances
from forecast.posterior.outlook import Along, futures_of, least_error, outlook
from forecast.seeds import child_seed

__all__ = ["Draws", "rows_of"]

type Floats = NDArray[np.float64]
type Key = tuple[tuple[str, ...], tuple[datetime, ...]]


def rows_of(theta: Parameters, rows: NDArray[np.intp]) -> Parameters:
    """Return some of the draws of the parameters."""
    return Parameters(*(np.ascontiguousarray(part[rows]) for part in theta))


@dataclass(frozen=True)
class Draws:
    """The equally weighted draws of a fit, as the engine takes them.

    Parameters
    ----------
    fitted
        The fit.
    """

    fitted: Fit
    _cache: dict[Key, Chances] = field(default_factory=dict, repr=False, compare=False)

    @property
    def lowered(self) -> Lowered:
        """The network and its evidence as arrays."""
        return self.fitted.lowered

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self.fitted.settings.seed

    @property
    def calendar(self) -> Calendar:
        """From when to when the fit can be asked."""
        network = self.lowered.network
        return Calendar(network.start_instant, self.lowered.as_of, network.horizon_instant)

    @cached_property
    def batch(self) -> NDArray[np.intp]:
        """The batch of each draw; batches are independent of each other."""
        return self.fitted.batches

    @cached_property
    def natural(self) -> dict[str, Floats]:
        """Natural values by group, shape (draw, label)."""
        return self.fitted.flat()

    @cached_property
    def theta(self) -> Parameters:
        """Engine parameters, with a leading draw dimension."""
        theta = self.lowered.theta(self.natural)
        if not self.natural:
            return Parameters(*(np.repeat(part, len(self.batch), axis=0) for part in theta))
        return theta

    @cached_property
    def distinct(self) -> tuple[Parameters, NDArray[np.intp]]:
        """The draws without those that resampling made twice, and where each draw is among them.

        Draws of the path sampler have paths of their own, and all stay. So do equal ones of
        different batches, which are independent: where no number is uncertain, simulations from
        each of them are too.
        """
        if self.fitted.paths:
            return self.theta, np.arange(len(self.theta.base_rate))
        rows = [part.reshape(len(part), -1) for part in self.theta]
        flat = np.concatenate([self.batch[:, None], *rows], axis=1)
        _, first, where = np.unique(flat, axis=0, return_index=True, return_inverse=True)
        return rows_of(self.theta, first), where

    @cached_property
    def along(self) -> Along | None:
        """Whole paths for each draw, where the path sampler made them."""
        if not self.fitted.paths:
            return None
        return futures_of(self.lowered, self.theta, self.fitted.paths, seed=self.seed)

    @property
    def effective(self) -> float:
        """How many independent draws these are worth."""
        return min(self.fitted.ess, len(self.theta.base_rate))

    def some(self, number: int) -> NDArray[np.intp]:
        """Return which draws to use where so many must do: all, or a random choice."""
        draws = len(self.theta.base_rate)
        if number >= draws:
            return np.arange(draws)
        return resample(np.full(draws, 1 / draws), number, self._seed_for("some draws"))

    def picked(self, number: int) -> tuple[Parameters, NDArray[np.intp]]:
        """Return the parameters of `some` draws, each once, and where each draw is among them."""
        theta, where = self.distinct
        chosen, place = np.unique(where[self.some(number)], return_inverse=True)
        return rows_of(theta, chosen), place

    def chances(self, events: Sequence[str], days: Sequence[datetime]) -> Chances:
        """Return the chances of events at rising instants; the same question is computed once.

        One sweep gives any number of dates, so the ends of the months come along with every
        question. An answer depends on the question alone, never on what was asked before.
        """
        grid = sorted({*days, *self.calendar.months()})
        key = (tuple(events), tuple(grid))
        if key not in self._cache:
            times = np.array([self.calendar.years(day) for day in grid])
            indices = [self.lowered.events.index(event) for event in events]
            distinct, where = self.distinct
            found = outlook(
                self.lowered, distinct, indices, times, seed=self.seed, along=self.along
            )
            same = alike(self.lowered, distinct)
            self._cache[key] = Chances(
                tuple(found),
                where,
                self.batch,
                tuple(bool(same[event]) for event in indices),
                tuple(
                    least_error(self.lowered, event, self.along)
                    if self.along and len(part) > 1
                    else 0.0
                    for event, part in zip(indices, found, strict=True)
                ),
                tuple(range(len(grid))),
            )
        return self._cache[key].at([grid.index(day) for day in days])

    def _seed_for(self, purpose: str) -> int:
        return child_seed(self.seed, purpose)
