"""Worlds: simulated courses of all events, each with its weight, to count what has no formula.

They begin at the cut-off, in states drawn from the filter, and weigh by what is told of the time
after it; or they are whole paths of the path sampler, which have seen all evidence: of its own
draws, and of any where the time before the cut-off is asked about.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses, chosen, joined, spliced
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._simulate import simulate_courses, wiring
from forecast.model._factors import openings
from forecast.posterior._along import Along, courses, now_of
from forecast.posterior._conditions import Imposed, in_time, intervened, path_of
from forecast.posterior._draws import Draws, rows_of
from forecast.posterior._exact import Point, case_of
from forecast.posterior._probability import Estimates
from forecast.seeds import child_seed
from forecast.threads import threads

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


def simulated_worlds(
    draws: Draws, times: Sequence[float], imposed: Sequence[Imposed] = ()
) -> Worlds:
    """Return worlds of a posterior, after an intervention where there is one.

    Parameters
    ----------
    draws
        The posterior's.
    times
        Those that are asked about. Where one is before the cut-off, worlds are whole; simulated
        ones end with the last.
    imposed
        The intervention.
    """
    now = draws.lowered.now
    back, sampled = min(times) < now, draws.along is not None
    if (back or sampled) and not imposed:
        return _alike(draws, _whole(draws, draws.whole), 0.0)
    whole = None
    if back or sampled:
        whole = _fewer(draws, _whole(draws, draws.whole))
    end = max([now, *times, *draws.lowered.record.item_time.tolist()])
    states = _states(draws, whole, imposed)
    after = _courses(draws, states, imposed, end)
    worlds = _alike(draws, after, now)
    worlds = replace(worlds, weights=_weights(draws, worlds, imposed, whole))
    if back and whole is not None:
        worlds = replace(worlds, courses=spliced(whole, after, now), begin=0.0)
    return worlds


def _alike(draws: Draws, found: Courses, begin: float) -> Worlds:
    """Return worlds of the same weight, of as many courses for each draw."""
    number, many = len(draws.theta.base_rate), len(found.initial)
    owners = np.repeat(np.arange(number), many // number)
    return Worlds(owners, np.full(many, 1 / many), found, begin, draws.batch)


def _whole(draws: Draws, whole: Along) -> Courses:
    """Return the courses of each draw, from those of the distinct ones."""
    where = draws.distinct[1]
    if whole is draws.along:
        return whole.futures
    rows = where[:, None] * whole.each + np.arange(whole.each)
    return chosen(whole.futures, rows.reshape(-1))


def _fewer(draws: Draws, found: Courses) -> Courses:
    """Return some courses of each draw, where there are more than are simulated elsewhere.

    Those of either half of a draw stay as many.
    """
    number = len(draws.theta.base_rate)
    each, step = len(found.initial) // number, 1
    while each % (4 * step) == 0 and each // (2 * step) >= courses(number):
        step *= 2
    return chosen(found, np.arange(0, len(found.initial), step))


def _states(draws: Draws, whole: Courses | None, imposed: Sequence[Imposed]) -> NDArray[np.int64]:
    """Return states of all events at the cut-off, shape (draw, world, event)."""
    if whole is None:
        distinct, where = draws.distinct
        case = intervened(case_of(draws.lowered), imposed, openings(draws.lowered.factors))
        factors = distinct.factors.copy()
        factors[:, sorted(case.unheard)] = 1.0
        distinct = distinct._replace(factors=factors)
        return now_of(draws.lowered, distinct).states(where, courses(len(where)), draws.seed)
    number, events = len(draws.theta.base_rate), whole.initial.shape[1]
    return whole.states(draws.lowered.now).reshape(number, -1, events)


def _courses(
    draws: Draws, states: NDArray[np.int64], imposed: Sequence[Imposed], end: float
) -> Courses:
    """Return courses that begin at the cut-off, up to a time."""
    structure, now = draws.lowered.structure, draws.lowered.now
    theta = in_time(draws.theta, draws.lowered, imposed)
    held = {one.event for one in imposed}
    free = [event for event in range(len(structure.kind)) if event not in held]
    forced = []
    for one in imposed:
        states[:, :, one.event] = path_of(one, now)[0][2]
        forced += [(time, one.event) for time, _, _ in path_of(one, now)[1:] if time < end]
    forced.sort()
    forced_time = np.array([time for time, _ in forced], dtype=np.float64)
    forced_event = np.array([event for _, event in forced], dtype=np.int64)
    w, seed, (number, each, _) = (
        wiring(structure, free),
        child_seed(draws.seed, "worlds"),
        states.shape,
    )

    def part(block: NDArray[np.intp]) -> Courses:
        found: Courses = simulate_courses(
            w,
            rows_of(theta, block),
            np.ascontiguousarray(states[block]),
            (now, end),
            forced_time,
            forced_event,
            seed,
            (int(block[0]) * each, number * each),
        )
        return found

    blocks = [block for block in np.array_split(np.arange(number), threads()) if len(block)]
    with ThreadPoolExecutor(len(blocks)) as pool:
        return joined(list(pool.map(part, blocks)))


def _weights(
    draws: Draws, worlds: Worlds, imposed: Sequence[Imposed], seen: Courses | None
) -> Floats:
    """Return weights by what is told of the time after the cut-off, the same total a draw.

    Where worlds go on from courses that have `seen` it, its chance along those is taken out.
    """
    lowered, theta = draws.lowered, draws.theta
    held = {one.event for one in imposed}
    after = np.flatnonzero(lowered.record.item_time > lowered.now)
    weights = np.ones(len(worlds.draw))
    for item in after:
        event, time = int(lowered.record.item_event[item]), float(lowered.record.item_time[item])
        told = theta.factors[worlds.draw, item]  # (world, state)
        if event not in held:
            weights *= np.where(worlds.on(event, time), told[:, 1], told[:, 0])
        if seen is not None:
            weights /= np.where(seen.on(event, time), told[:, 1], told[:, 0])
    if imposed or not len(after):
        total = np.bincount(worlds.draw, weights, minlength=worlds.draws)
        weights /= np.where(total > 0, total, 1.0)[worlds.draw]
    else:
        told = log_likelihoods(lowered.plans(), theta)[:, after].sum(axis=1)
        weights /= np.exp(told)[worlds.draw]
    return np.asarray(weights / weights.sum())
