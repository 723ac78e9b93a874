"""Worlds: simulated courses of all events, each with its weight, to count what has no formula.

They begin at the cut-off, in states drawn from the filter, and weigh by what is told of the time
after it; or they are the whole paths of the path sampler, which have seen all evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._simulate import simulate_courses, wiring
from forecast.posterior._along import courses, now_of
from forecast.posterior._conditions import Imposed, path_of
from forecast.posterior._draws import Draws
from forecast.posterior._exact import Point
from forecast.posterior._probability import Estimates
from forecast.seeds import child_seed

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worlds:
    """Courses of all events.

    Parameters
    ----------
    draw
        The draw of the parameters behind each world, shape (world,).
    weights
        Shape (world,); they add up to one.
    courses
        The courses.
    begin
        When they begin, in years from the start.
    batch
        The batch of each draw, shape (draw,).
    """

    draw: NDArray[np.intp]
    weights: Floats
    courses: Courses
    begin: float
    batch: NDArray[np.intp]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.batch)

    def tallied(self, held: NDArray[np.bool_]) -> Floats:
        """Return the weight of the worlds in which something holds, shape (half, draw).

        A draw has as many worlds in either half, and what the halves say is independent.
        """
        each = len(self.draw) // self.draws
        half = np.arange(len(self.draw)) % each >= each // 2
        place = half * self.draws + self.draw
        total = np.bincount(place, self.weights * held, minlength=2 * self.draws)
        return total.reshape(2, self.draws)

    def on(self, event: int, time: float) -> NDArray[np.bool_]:
        """Return whether an event is on at a time, shape (world,)."""
        return self.courses.on(event, time)

    def onset(self, event: int) -> Floats:
        """Return when an event is first on, infinite where never; -inf where from the begin on."""
        return self.courses.onset(event)

    def meet(self, points: Sequence[Point]) -> NDArray[np.bool_]:
        """Return which worlds agree with all points, shape (world,)."""
        agree = np.ones(len(self.draw), dtype=np.bool_)
        for point in points:
            agree &= self.on(point.event, point.time) == point.on
        return agree

    def share(
        self, held: NDArray[np.bool_], among: NDArray[np.bool_] | None = None
    ) -> tuple[float, float]:
        """Return the share of worlds in which something holds, and its Monte Carlo error.

        Parameters
        ----------
        held
            Where it does, shape (world,).
        among
            The worlds to count among; all, unless given.
        """
        everywhere = np.ones(len(self.draw), dtype=np.bool_)
        among = everywhere if among is None else among
        found = Estimates(self.tallied(held & among), self.batch, self.tallied(among))
        return found.mean, found.mcse()


def simulated_worlds(draws: Draws, imposed: Sequence[Imposed] = ()) -> Worlds:
    """Return worlds of a posterior, after an intervention where there is one."""
    along, number = draws.along, len(draws.theta.base_rate)
    if along is not None and not imposed:
        weights = np.full(number * along.each, 1 / (number * along.each))
        owners = np.repeat(np.arange(number), along.each)
        return Worlds(owners, weights, along.futures, 0.0, draws.batch)
    states = _states(draws)
    worlds = Worlds(
        np.repeat(np.arange(number), states.shape[1]),
        np.full(number * states.shape[1], 1 / (number * states.shape[1])),
        _courses(draws, states, imposed),
        draws.lowered.now,
        draws.batch,
    )
    if along is not None:
        return worlds  # the states at the cut-off have seen what is told of the future
    return Worlds(
        worlds.draw, _weights(draws, worlds, imposed), worlds.courses, worlds.begin, draws.batch
    )


def _states(draws: Draws) -> NDArray[np.int64]:
    """Return states of all events at the cut-off, shape (draw, world, event)."""
    if draws.along is None:
        distinct, where = draws.distinct
        return now_of(draws.lowered, distinct).states(where, courses(len(where)), draws.seed)
    futures, now = draws.along.futures, draws.lowered.now
    states = [futures.on(event, now) for event in range(futures.initial.shape[1])]
    return np.stack(states, axis=1).astype(np.int64).reshape(-1, draws.along.each, len(states))


def _courses(draws: Draws, states: NDArray[np.int64], imposed: Sequence[Imposed]) -> Courses:
    structure, now = draws.lowered.structure, draws.lowered.now
    held = {one.event for one in imposed}
    free = [event for event in range(len(structure.kind)) if event not in held]
    forced = []
    for one in imposed:
        states[:, :, one.event] = path_of(one, now)[0][2]
        forced += [(time, one.event) for time, _, _ in path_of(one, now)[1:]]
    forced.sort()
    found: Courses = simulate_courses(
        wiring(structure, free),
        draws.theta,
        np.ascontiguousarray(states),
        (now, structure.horizon),
        np.array([time for time, _ in forced], dtype=np.float64),
        np.array([event for _, event in forced], dtype=np.int64),
        child_seed(draws.seed, "worlds"),
    )
    return found


def _weights(draws: Draws, worlds: Worlds, imposed: Sequence[Imposed]) -> Floats:
    """Return weights by what is told of the time after the cut-off, the same total a draw."""
    lowered, theta = draws.lowered, draws.theta
    held = {one.event for one in imposed}
    after = np.flatnonzero(lowered.record.item_time > lowered.now)
    weights = np.ones(len(worlds.draw))
    for item in after:
        event = int(lowered.record.item_event[item])
        if event not in held:
            on = worlds.on(event, float(lowered.record.item_time[item])).astype(np.intp)
            weights *= theta.factors[worlds.draw, item, on]
    if imposed or not len(after):
        total = np.bincount(worlds.draw, weights, minlength=worlds.draws)
        weights /= np.where(total > 0, total, 1.0)[worlds.draw]
    else:
        told = log_likelihoods(lowered.plans(), theta)[:, after].sum(axis=1)
        weights /= np.exp(told)[worlds.draw]
    return np.asarray(weights / weights.sum())
