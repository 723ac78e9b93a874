"""Futures: for each draw of the parameters several whole courses, from the start to the horizon.

Paths up to what the evidence reaches are swept on from the sampler's own, and every sweep is
carried on from there several times, since that costs a fraction of the sweep. So what is told of
the future weighs them as it should. Sweeps, each of which redraws every path, are next to
independent of each other: those of the first half tell nothing of those of the second but through
the parameters.

No event whose path has ended influences the evidence, so its future given all sampled paths is
that of the model itself: exponential waiting times, redrawn as its rate changes. An onset whose own
past nothing later depends on is then better integrated out than read off: along the course of its
parents its chance is 1 - exp(-∫ rate dt), whatever became of it in the simulation.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from forecast.engine._course import (
    Courses,
    Paths,
    copied,
    joined,
    new_courses,
    with_course,
    with_jump,
    without_room,
)
from forecast.engine._jit import bare_kernel, entry, kernel
from forecast.engine._problem import FACT, ONSET, STATE, Floats, Ints, Parameters, draw_of
from forecast.engine._rate import SHUT, on_rate
from forecast.engine._start import start_chance
from forecast.engine.paths._blocks import Blocks
from forecast.engine.paths._marks import NOTHING, OVER, ImpossibleRecord, Marks
from forecast.engine.paths._sampler import PathSampler
from forecast.engine.paths._sweep import AT_RANDOM, sweep_layer
from forecast.threads import threads

SEED_RANGE = 2**31 - 1
FEW = 64  # draws that a thread takes at a time
EACH = 8  # jumps that a course has room for, at first


class _Now(NamedTuple):
    """Where every event stands."""

    x: Ints  # (event,) its state
    mark: Ints  # (event,) the last mark passed
    used: Ints  # (event,) jumps of its sampled path that are behind


@bare_kernel
def _on_rate(p: Marks, event: int, mark: int, x: Ints, theta: Parameters) -> float:
    return float(on_rate(p.graph, event, x, p.mark_weight[mark], theta))


@bare_kernel
def leaving_rate(p: Marks, event: int, mark: int, x: Ints, theta: Parameters) -> float:
    """Return the rate at which an event leaves its state, where nothing is known of it."""
    if x[event] == 0 and p.graph.kind[event] != FACT:
        return float(_on_rate(p, event, mark, x, theta))
    if x[event] == 1 and p.graph.kind[event] == STATE:
        return float(theta.off_rate[event])
    return 0.0


@bare_kernel
def _next(p: Marks, theta: Parameters, sampled: Paths, now: _Now, event: int, time: float) -> float:
    """Return the next moment of an event: a jump of its sampled path, a mark, or a drawn jump."""
    moment, mark = np.inf, now.mark[event]
    if mark + 1 < p.first_mark[event + 1]:
        moment = p.mark_time[mark + 1]
    if p.mark_known[mark] != OVER:
        if now.used[event] < sampled.jumps[event]:
            moment = min(moment, sampled.time[sampled.first[event] + now.used[event]])
        return float(moment)
    rate = leaving_rate(p, event, mark, now.x, theta)
    if rate > 0.0:
        moment = min(moment, time + np.random.exponential(1.0 / rate))  # noqa: NPY002
    return float(moment)


@bare_kernel
def passed_by(p: Marks, event: int, path: Paths, time: float) -> tuple[int, int, int]:
    """Return an event's state just before a time, the last mark before it, and how many jumps."""
    mark, used = p.first_mark[event], 0
    while mark + 1 < p.first_mark[event + 1] and p.mark_time[mark + 1] < time:
        mark += 1
    while used < path.jumps[event] and path.time[path.first[event] + used] < time:
        used += 1
    return int((path.initial[event] + used) % 2), mark, used


@kernel
def completed(p: Marks, theta: Parameters, paths: Paths, until: float) -> Paths:
    """Return the paths of all events from the start to a time, with the next random numbers.

    What `paths` hold beyond the ends of their events is drawn anew.
    """
    events = len(p.graph.kind)
    new: Paths = copied(paths)
    now = _Now(
        np.empty(events, dtype=np.int64),
        p.first_mark[:events].copy(),
        np.zeros(events, dtype=np.int64),
    )
    for event in p.graph.start.order:
        if p.end[event] < 0:
            on = start_chance(p.graph, theta, event, new.initial)
            new.initial[event] = 1 if np.random.random() < on else 0  # noqa: NPY002
        while new.jumps[event] > 0 and (
            new.time[new.first[event] + new.jumps[event] - 1] > p.end[event]
        ):
            new.jumps[event] -= 1
    begin = until  # the first time from which a path is not followed, or settled for good
    for event in range(events):
        x, kind = (new.initial[event] + new.jumps[event]) % 2, p.graph.kind[event]
        if kind != FACT and not (kind == ONSET and x == 1):
            begin = min(begin, max(p.end[event], 0.0))
    moment = np.empty(events)
    for event in range(events):
        now.x[event], now.mark[event], now.used[event] = passed_by(p, event, new, begin)
    for event in range(events):
        moment[event] = _next(p, theta, paths, now, event, begin)
    while True:
        event = int(np.argmin(moment))
        time, mark = moment[event], now.mark[event]
        if not time < until:
            return new
        if mark + 1 < p.first_mark[event + 1] and p.mark_time[mark + 1] == time:
            now.mark[event] = mark + 1
        else:
            if p.mark_known[mark] == OVER:
                new = with_jump(new, event, time)
            now.used[event] += 1
            now.x[event] = 1 - now.x[event]
            for i in range(p.graph.first_out[event], p.graph.first_out[event + 1]):
                child = p.graph.link_child[p.graph.out_link[i]]
                if p.mark_known[now.mark[child]] == OVER:
                    moment[child] = _next(p, theta, paths, now, child, time)
        moment[event] = _next(p, theta, paths, now, event, time)


@entry
def _some(
    p: Marks,
    w: Blocks,
    theta: Parameters,
    paths: Paths,
    number: tuple[int, int],
    until: float,
    seed: int,
) -> tuple[Courses, int]:
    """Return the courses of one draw, and a block without a path, or `NOTHING`."""
    np.random.seed(seed)  # noqa: NPY002
    sweeps, each = number
    events, stuck, many = len(p.graph.kind), NOTHING, sweeps * each
    found = new_courses(many, events, EACH * many)
    seeds = np.random.randint(0, SEED_RANGE, sweeps)  # noqa: NPY002
    for k in range(many):
        if len(w.size) > 0 and k % each == 0:
            paths, stuck = sweep_layer(p, w, theta, paths, AT_RANDOM, seeds[k // each], SHUT)
            if stuck != NOTHING:
                break
        found = with_course(found, k, completed(p, theta, paths, until))
    return without_room(found), stuck


def sample_futures(
    sampler: PathSampler,
    theta: Parameters,
    starts: Sequence[Paths],
    number: tuple[int, int],
    until: float,
    seeds: Sequence[int],
) -> Courses:
    """Return so many futures for each draw, draw by draw and sweep by sweep.

    Parameters
    ----------
    sampler
        Of the network and its record.
    theta
        Parameters with a leading draw dimension.
    starts
        Of the sampler, one for each draw.
    number
        How many sweeps for each draw, and how often each is carried on.
    until
        The horizon, in years from the start.
    seeds
        One for each draw.

    Raises
    ------
    ImpossibleRecord
        If some paths of `starts` are impossible under their parameters.
    """

    def one(draw: int) -> tuple[Courses, int]:
        own = Parameters(*(np.ascontiguousarray(field[draw]) for field in theta))
        found: tuple[Courses, int] = _some(
            sampler.marks, sampler.blocks, own, starts[draw], number, until, seeds[draw]
        )
        return found

    parts = [range(i, min(i + FEW, len(starts))) for i in range(0, len(starts), FEW)]
    with ThreadPoolExecutor(threads()) as pool:
        found = [
            each for part in pool.map(lambda draws: [*map(one, draws)], parts) for each in part
        ]
    stuck = [block for _, block in found if block != NOTHING]
    if stuck:
        raise ImpossibleRecord(sampler.members(stuck[0]))
    return joined([courses for courses, _ in found])


class Aims(NamedTuple):
    """The targets of a question, where each event is integrated among them, and from when on."""

    target: Ints  # (target,)
    slot: Ints  # (event,) its place among the targets if it is integrated out, or NOTHING
    start: float


@bare_kernel
def _next_edge(p: Marks, slot: Ints, mark: Ints) -> float:
    """Return the first moment at which the calendar of an integrated target changes."""
    end = np.inf
    for event in range(len(slot)):
        if slot[event] != NOTHING and mark[event] + 1 < p.first_mark[event + 1]:
            end = min(end, p.mark_time[mark[event] + 1])
    return float(end)


@kernel
def add_chances(
    p: Marks, theta: Parameters, f: Courses, course: int, aims: Aims, times: Floats, chance: Floats
) -> None:
    """Add the chance of each target at each time, shape (target, time)."""
    targets, slot, start = aims
    x = f.initial[course].copy()
    j, end = f.first[course], f.first[course + 1]
    while j < end and f.time[j] <= start:
        x[f.event[j]] = 1 - x[f.event[j]]
        j += 1
    mark = p.first_mark[: len(slot)].copy()
    hazard, rate = np.zeros(len(targets)), np.zeros(len(targets))
    for event in range(len(slot)):
        k = slot[event]
        if k == NOTHING:
            continue
        while mark[event] + 1 < p.first_mark[event + 1] and p.mark_time[mark[event] + 1] <= start:
            mark[event] += 1
        if x[event] == 1:
            hazard[k] = np.inf
        rate[k] = _on_rate(p, event, mark[event], x, theta)
    now, edge = start, _next_edge(p, slot, mark)
    for t in range(len(times)):
        while True:
            moment = min(times[t], edge)
            if j < end:
                moment = min(moment, f.time[j])
            for k in range(len(targets)):
                hazard[k] += (moment - now) * rate[k]
            now = moment
            if j < end and f.time[j] <= moment:
                jumped = f.event[j]
                x[jumped] = 1 - x[jumped]
                j += 1
                for i in range(p.graph.first_out[jumped], p.graph.first_out[jumped + 1]):
                    child = p.graph.link_child[p.graph.out_link[i]]
                    if slot[child] != NOTHING:
                        rate[slot[child]] = _on_rate(p, child, mark[child], x, theta)
            elif edge <= moment:
                for event in range(len(slot)):
                    if slot[event] == NOTHING:
                        continue
                    last = p.first_mark[event + 1] - 1
                    if mark[event] < last and p.mark_time[mark[event] + 1] <= moment:
                        mark[event] += 1
                        rate[slot[event]] = _on_rate(p, event, mark[event], x, theta)
                edge = _next_edge(p, slot, mark)
            else:
                break
        for k in range(len(targets)):
            if slot[targets[k]] == NOTHING:
                chance[k, t] += x[targets[k]]
            else:
                chance[k, t] -= np.expm1(-hazard[k])


@entry
def chances_ahead(
    p: Marks,
    theta: Parameters,
    f: Courses,
    aims: tuple[Ints, Ints],
    start: float,
    times: Floats,
    draws: Ints,
    groups: int,
) -> Floats:
    """Return P(target on) at each time, draw by draw, by groups of a draw's courses.

    Parameters
    ----------
    p
        The marks.
    theta
        Parameters with a leading draw dimension.
    f
        Courses, as many for each draw.
    aims
        The targets, shape (target,); and 1 where one is integrated out along the courses of its
        parents, 0 where it is read off its own, shape (target,).
    start
        From when on they are integrated.
    times
        Rising, none before `start`, shape (time,).
    draws
        Which to answer for.
    groups
        So many of each draw's courses in a row make a group, that their number divides.

    Returns
    -------
    ndarray
        Shape (draw, group, target, time).
    """
    targets, integrated = aims
    found = np.zeros((len(draws), groups, len(targets), len(times)))
    slot = np.full(len(p.graph.kind), NOTHING)
    for k in range(len(targets)):
        if integrated[k] == 1:
            slot[targets[k]] = k
    each = len(f.initial) // len(theta.base_rate)
    size = each // groups
    for i in range(len(draws)):
        one = draw_of(theta, draws[i])
        for k in range(each):
            course = draws[i] * each + k
            add_chances(p, one, f, course, Aims(targets, slot, start), times, found[i, k // size])
    found /= size
    return found
