"""Worlds: simulated courses of all events, each with its weight, to count what has no formula.

They begin at the cut-off, in states drawn from the filter, and weigh by what is told of the time
after it; or they are whole paths of the path sampler, which have seen all evidence: of its own
draws, and of any where the time before the cut-off is asked about.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses, chosen, joined, spliced
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import Structure
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

TINY = 1e-300


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
    halved
        The weights as they would be if each half of a draw's worlds had to do for all of them,
        where they are shares among these; None where they are not.
    left
        How many effective worlds the weights leave of a draw, on average; infinite where all of a
        draw weigh the same.
    """

    draw: NDArray[np.intp]
    weights: Floats
    courses: Courses
    begin: float
    batch: NDArray[np.intp]
    halved: Floats | None = None
    left: float = np.inf

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

    def bias(self, held: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        """Return by how much a share may be off since few worlds of a draw share a total.

        It goes with the inverse of their number, so half of them are off by twice as much.
        """
        if self.halved is None:
            return 0.0
        share = [
            float(weights[held & among].sum() / max(weights[among].sum(), TINY))
            for weights in (self.weights, self.halved)
        ]
        return abs(share[0] - share[1])

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
    after = _courses(draws, states, imposed, end, whole)
    worlds = _alike(draws, after, now)
    worlds = _weighed(draws, worlds, imposed, whole)
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
    draws: Draws,
    states: NDArray[np.int64],
    imposed: Sequence[Imposed],
    end: float,
    seen: Courses | None,
) -> Courses:
    """Return courses that begin at the cut-off, up to a time.

    What an intervention cannot reach goes as in the courses that have `seen` all evidence, where
    there are some: only what it may have changed is simulated, and weighed.
    """
    structure, now = draws.lowered.structure, draws.lowered.now
    theta = in_time(draws.theta, draws.lowered, imposed)
    held = {one.event for one in imposed}
    changed = (theta.base_rate != draws.theta.base_rate).any(axis=0)
    reached = _reached(structure, {*held, *np.flatnonzero(changed).tolist()})
    kept = [] if seen is None else sorted({*range(len(structure.kind))} - reached)
    free = [event for event in range(len(structure.kind)) if event not in {*held, *kept}]
    forced = []
    for one in imposed:
        states[:, :, one.event] = path_of(one, now)[0][2]
        forced += [(time, one.event) for time, _, _ in path_of(one, now)[1:] if time < end]
    first, forced_time, forced_event = _outside(forced, kept, seen, (now, end), states.shape)
    w, seed, (number, each, _) = (
        wiring(structure, free),
        child_seed(draws.seed, "worlds"),
        states.shape,
    )

    def part(block: NDArray[np.intp]) -> Courses:
        own = first[int(block[0]) * each : (int(block[-1]) + 1) * each + 1]
        found: Courses = simulate_courses(
            w,
            rows_of(theta, block),
            np.ascontiguousarray(states[block]),
            (now, end),
            (own, forced_time, forced_event),
            seed,
            (int(block[0]) * each, number * each),
        )
        return found

    blocks = [block for block in np.array_split(np.arange(number), threads()) if len(block)]
    with ThreadPoolExecutor(len(blocks)) as pool:
        return joined(list(pool.map(part, blocks)))


def _reached(structure: Structure, moved: Iterable[int]) -> set[int]:
    """Return the events on whose course that of some others bears, and these."""
    reached, waiting = set[int](), {int(event) for event in moved}
    while waiting:
        reached |= waiting
        told = np.isin(structure.link_parent, sorted(waiting))
        waiting = {*structure.link_child[told].tolist()} - reached
    return reached


def _outside(
    forced: Sequence[tuple[float, int]],
    kept: Sequence[int],
    seen: Courses | None,
    span: tuple[float, float],
    shape: tuple[int, ...],
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return what changes from outside in each course: where it begins, times and events.

    That is what is brought about in all of them, and what events that are `kept` do in each.
    """
    number = shape[0] * shape[1]
    owner = np.repeat(np.arange(number), len(forced))
    time = np.tile([time for time, _ in forced], number)
    event = np.tile([event for _, event in forced], number).astype(np.int64)
    if seen is not None and kept:
        ahead = (seen.time > span[0]) & (seen.time < span[1]) & np.isin(seen.event, kept)
        owner = np.concatenate([owner, seen.owner[ahead]])
        time = np.concatenate([time, seen.time[ahead]])
        event = np.concatenate([event, seen.event[ahead]])
    order = np.lexsort((time, owner))
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=number))])
    return first.astype(np.int64), time[order].astype(np.float64), event[order].astype(np.int64)


def _weighed(
    draws: Draws, worlds: Worlds, imposed: Sequence[Imposed], seen: Courses | None
) -> Worlds:
    """Return worlds weighed by what is told of the time after the cut-off, the same total a draw.

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
    if not len(after):
        return worlds
    if not imposed:
        told = log_likelihoods(lowered.plans(), theta)[:, after].sum(axis=1)
        weights /= np.exp(told)[worlds.draw]
        return replace(worlds, weights=np.asarray(weights / weights.sum()))
    number = worlds.draws
    each = len(weights) // number
    half = 2 * worlds.draw + (np.arange(len(weights)) % each >= each // 2)
    evened, halved = _evened(weights, worlds.draw, number), _evened(weights, half, 2 * number)
    squares = np.bincount(worlds.draw, evened**2, minlength=number)
    left = float(np.mean(1 / np.where(squares > 0, squares, 1.0)))
    return replace(worlds, weights=evened / evened.sum(), halved=halved / halved.sum(), left=left)


def _evened(weights: Floats, draw: NDArray[np.intp], draws: int) -> Floats:
    """Return weights of which each draw has the same total, 1, where it has any.

    A share among few weighed courses is biased by the inverse of their number; these weights, which
    make of a share Tin's ratio estimator [1]_, leave a bias of its square.

    References
    ----------
    .. [1] Tin (1965). Comparison of some ratio estimators. JASA 60.
    """
    n = len(weights) // draws
    total = np.bincount(draw, weights, minlength=draws)
    relative = n * weights / np.where(total > 0, total, 1.0)[draw]  # 1 on average in each draw
    away = relative - 1.0
    spread = np.bincount(draw, away**2, minlength=draws) / (n - 1)
    better = relative * np.maximum(1 + away / (n - 1) - spread[draw] / n, 0.0)
    total = np.bincount(draw, better, minlength=draws)
    return np.asarray(better / np.where(total > 0, total, 1.0)[draw])
