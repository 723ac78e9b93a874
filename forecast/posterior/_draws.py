"""The draws that questions are answered from, and what each of them says of events at times."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine._importance import resample
from forecast.engine._problem import Parameters
from forecast.estimate._result import Fit
from forecast.gate import Gate, forecasts_gate, worst
from forecast.model._lower import Lowered
from forecast.model._opinions import error_carried
from forecast.model._parameters import Place
from forecast.posterior._along import Along, alike, futures_of, least_error, whole_courses
from forecast.posterior._calendar import Calendar
from forecast.posterior._outlook import hindsight, outlook
from forecast.posterior._passage import Passage, passage
from forecast.posterior._probability import Estimates, Probability
from forecast.posterior._shelf import kept_passage
from forecast.seeds import child_seed

type Floats = NDArray[np.float64]
type Key = tuple[tuple[str, ...], tuple[datetime, ...]]


@dataclass(frozen=True)
class Chances:
    """P(event on at a time | parameters, evidence), for several events and times.

    Parameters
    ----------
    parts
        For each event and time one, shape (part, distinct draw); see `Estimates`.
    where
        Where each draw is among the distinct ones, shape (draw,).
    batch
        The batch of each draw, shape (draw,).
    alike
        For each event, whether all that bears on it is the same in all draws.
    floor
        For each event and time, the least error of its mean.
    times
        Which of the times are meant, by their place in `parts`.
    known
        Those worked out before.
    """

    parts: tuple[tuple[Floats, ...], ...]
    where: NDArray[np.intp]
    batch: NDArray[np.intp]
    alike: tuple[bool, ...]
    floor: tuple[tuple[float, ...], ...]
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
            [told.some(rows) for told in self.probabilities(event)]
            for event in range(len(self.parts))
        ]
        return np.ascontiguousarray(np.moveaxis(np.array(found), -1, 0))

    def forecasts(self) -> dict[str, Floats]:
        """Return the means and interval ends, each of shape (event, time)."""
        told = [self.probabilities(event) for event in range(len(self.parts))]
        ends = np.array([[p.interval() for p in row] for row in told])
        mean = np.array([[p.mean for p in row] for row in told])
        return {"mean": mean, "lower": ends[:, :, 0], "upper": ends[:, :, 1]}

    def at(self, times: Sequence[int]) -> "Chances":
        """Return the chances at some of the times."""
        return replace(self, times=tuple(self.times[t] for t in times))

    def before(self, later: "Chances") -> "Chances":
        """Return these chances and, after them, those of the same events at later times."""
        first = len(self.parts[0])
        return replace(
            later,
            parts=tuple(a + b for a, b in zip(self.parts, later.parts, strict=True)),
            floor=tuple(a + b for a, b in zip(self.floor, later.floor, strict=True)),
            times=(*self.times, *(first + t for t in later.times)),
            known={},
        )

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
        raw = np.array([p.estimates.raw for p in figures if p.estimates is not None])
        raw = raw[np.ptp(raw, axis=1) > 0]  # (figure, draw)
        if not chains:
            return forecasts_gate(mcse, ends)
        by_chain = raw.reshape(len(raw), chains, raw.shape[1] // chains)
        return forecasts_gate(mcse, ends, worst(by_chain, tails=False)[:2])

    def _estimates(self, event: int, time: int) -> Estimates:
        parts, floor = self.parts[event][time][:, self.where], self.floor[event][time]
        return Estimates(parts, self.batch, alike=self.alike[event], floor=floor)


@dataclass(frozen=True)
class Draws:
    """The equally weighted draws of a fit, as the engine takes them.

    Parameters
    ----------
    fitted
        The fit.
    shelf
        The file in which passes in the order of publication are kept, if any.
    """

    fitted: Fit
    shelf: Path | None = None
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What questions have worked out that later ones use again."""
    _cache: dict[Key, Chances] = field(default_factory=dict, repr=False, compare=False)
    _passages: list[Passage] = field(default_factory=list, repr=False, compare=False)

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

    def passage(self, days: Sequence[datetime]) -> Passage:
        """Return a pass in the order of publication that has these times among its own."""
        wanted = {self.calendar.years(day) for day in days}
        for found in self._passages:
            if wanted <= {*found.times.tolist()}:
                return found
        times, seed = np.array(sorted(wanted)), child_seed(self.fitted.settings.seed, "passage")
        if self.shelf is None:
            made = passage(self.lowered, times, seed)[0]
        else:
            made = kept_passage(self.lowered, times, seed, self.shelf)
        self._passages.append(made)
        return made

    @cached_property
    def whole(self) -> Along:
        """Whole paths for each of the distinct draws, whatever made them."""
        return self.along or whole_courses(self.lowered, self.distinct[0], seed=self.seed)

    @property
    def effective(self) -> float:
        """How many independent draws these are worth."""
        return min(self.fitted.ess, len(self.theta.base_rate))

    def some(self, number: int) -> NDArray[np.intp]:
        """Return which draws to use where so many must do: all, or a random choice."""
        draws = len(self.theta.base_rate)
        if number >= draws:
            return np.arange(draws)
        return resample(np.full(draws, 1 / draws), number, child_seed(self.seed, "some draws"))

    def picked(self, number: int) -> tuple[Parameters, NDArray[np.intp]]:
        """Return the parameters of `some` draws, each once, and where each draw is among them."""
        theta, where = self.distinct
        chosen, place = np.unique(where[self.some(number)], return_inverse=True)
        return rows_of(theta, chosen), place

    def chances(self, events: Sequence[str], days: Sequence[datetime]) -> Chances:
        """Return the chances of events at rising instants; the same question is computed once.

        One sweep gives any number of dates, so the ends of the months come along with every
        question about the time from the cut-off on. An answer depends on the question alone, never
        on what was asked before.
        """
        back = [day for day in days if day < self.calendar.as_of]
        ahead = list(days[len(back) :])
        if not ahead:
            return self._known(events, back)
        grid = sorted({*ahead, *self.calendar.months()})
        found = self._known(events, grid).at([grid.index(day) for day in ahead])
        return self._known(events, back).before(found) if back else found

    def means(self, events: Sequence[str], days: Sequence[datetime]) -> Floats:
        """Return the mean chances of events at rising instants, shape (event, time).

        They are those of `chances`, but for the error of what is simulated, and take less work.
        """
        if days[0] < self.calendar.as_of:
            return self.chances(events, days).forecasts()["mean"]
        lowered, times = self.lowered, np.array([self.calendar.years(day) for day in days])
        indices = [lowered.events.index(event) for event in events]
        found = outlook(
            lowered,
            self.distinct[0],
            indices,
            times,
            seed=self.seed,
            along=self.along,
            spread=False,
        )
        share = np.bincount(self.distinct[1]) / len(self.distinct[1])  # (distinct draw,)
        return np.array([np.einsum("pdt,d->t", part, share) / len(part) for part in found])

    def _known(self, events: Sequence[str], grid: Sequence[datetime]) -> Chances:
        """Return the chances at instants that are all before the cut-off, or none of them."""
        key = (tuple(events), tuple(grid))
        if key in self._cache:
            return self._cache[key]
        lowered, times = self.lowered, np.array([self.calendar.years(day) for day in grid])
        indices = [lowered.events.index(event) for event in events]
        distinct, where = self.distinct
        along = self.along
        if grid[0] < self.calendar.as_of:
            sampled = along is not None
            found = hindsight(
                lowered, distinct, indices, times, lambda: self.whole, sampled=sampled
            )
            along = self.whole if any(len(part) > 1 for part in found) else None
        else:
            found = outlook(lowered, distinct, indices, times, seed=self.seed, along=along)
        same = alike(lowered, distinct)
        self._cache[key] = Chances(
            tuple(tuple(part[:, :, t] for t in range(len(grid))) for part in found),
            where,
            self.batch,
            tuple(bool(same[event]) for event in indices),
            tuple(
                self._floor(event, part, times, along)
                for event, part in zip(indices, found, strict=True)
            ),
            tuple(range(len(grid))),
        )
        return self._cache[key]

    def _floor(
        self, event: int, part: Floats, times: Floats, along: Along | None
    ) -> tuple[float, ...]:
        """Return the errors of an event's mean chance that its draws do not show, by time."""

        def worth(place: Place) -> float:
            return float(self.natural[place[0]][..., place[1]].mean())

        told = error_carried(self.lowered.opinions, event, worth)
        found = []
        for t, time in enumerate(times.tolist()):
            mean = float(part[:, self.distinct[1], t].mean()) if told else 0.0
            seen = least_error(self.lowered, event, along, time) if along and len(part) > 1 else 0.0
            found.append(float(np.hypot(seen, told * mean * (1 - mean))))
        return tuple(found)

    def one(self, event: int, day: datetime) -> Probability:
        """Return the forecast of one event by an instant."""
        return self.chances([self.lowered.events[event]], [day]).probability(0)


def rows_of(theta: Parameters, rows: NDArray[np.intp] | Sequence[int]) -> Parameters:
    """Return some of the draws of the parameters."""
    return Parameters(*(np.ascontiguousarray(part[rows]) for part in theta))
