"""Chances of events at times, from which every table, curve and single forecast is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forecast.estimate.gate import Gate, forecasts_gate
from forecast.posterior.probability import Estimates, Probability

__all__ = ["Chances"]

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chances:
    """P(event on at a time | parameters, evidence), for several events and times.

    Parameters
    ----------
    parts
        One for each event, shape (part, distinct draw, time); see `Estimates`.
    where
        Where each draw is among the distinct ones, shape (draw,).
    batch
        The batch of each draw, shape (draw,).
    alike
        For each event, whether all that bears on it is the same in all draws.
    floor
        For each event, the least error of its mean.
    times
        Which of the times are meant, by their place in `parts`.
    known
        Those worked out before.
    """

    parts: tuple[Floats, ...]
    where: NDArray[np.intp]
    batch: NDArray[np.intp]
    alike: tuple[bool, ...]
    floor: tuple[float, ...]
    times: tuple[int, ...]
    known: dict[tuple[int, int], Probability] = field(default_factory=dict, repr=False)

    def probability(self, event: int, time: int = 0) -> Probability:
        """Return one of the chances, by its position."""
        key = (event, self.times[time])
        if key not in self.known:
            self.known[key] = Probability.of(self._estimates(*key))
        return self.known[key]

    def probabilities(self, event: int) -> list[Probability]:
        """Return the chances of one event, time by time."""
        return [self.probability(event, t) for t in range(len(self.times))]

    def draws(self, rows: NDArray[np.intp] | None = None) -> Floats:
        """Return what (some) draws say, without noise of simulation, shape (draw, event, time)."""
        rows = np.arange(len(self.where)) if rows is None else rows
        found = [
            [self._estimates(event, t).values[rows] for t in self.times]
            for event in range(len(self.parts))
        ]
        return np.ascontiguousarray(np.moveaxis(np.array(found), -1, 0))

    def forecasts(self) -> dict[str, Floats]:
        """Return the means and interval ends, each of shape (event, time)."""
        said = [self.probabilities(event) for event in range(len(self.parts))]
        ends = np.array([[p.interval() for p in row] for row in said])
        mean = np.array([[p.mean for p in row] for row in said])
        return {"mean": mean, "lower": ends[:, :, 0], "upper": ends[:, :, 1]}

    def at(self, times: Sequence[int]) -> "Chances":
        """Return the chances at some of the times."""
        return replace(self, times=tuple(self.times[t] for t in times))

    def gate(self, chains: int) -> Gate:
        """Return the verdict on all of them.

        Parameters
        ----------
        chains
            How many chains the draws come from, one after the other; 0: from none.
        """
        figures = [p for event in range(len(self.parts)) for p in self.probabilities(event)]
        mcse = max(p.mcse for p in figures)
        ends = max(max(p.interval_mcse()) for p in figures)
        said = np.array([p.estimates.raw for p in figures if p.estimates is not None])
        said = said[np.ptp(said, axis=1) > 0]  # (figure, draw)
        if not chains:
            return forecasts_gate(mcse, ends)
        if not len(said):
            return forecasts_gate(mcse, ends, (1.0, np.inf))
        from arviz_stats.base import array_stats  # noqa: PLC0415 - takes a second

        by_chain = said.reshape(len(said), chains, -1)
        rhat = float(np.max(array_stats.rhat(by_chain, method="split")))
        ess = float(np.min(array_stats.ess(by_chain, method="bulk")))
        return forecasts_gate(mcse, ends, (rhat, ess))

    def _estimates(self, event: int, time: int) -> Estimates:
        parts = self.parts[event][:, self.where, time]
        return Estimates(parts, self.batch, alike=self.alike[event], floor=self.floor[event])
