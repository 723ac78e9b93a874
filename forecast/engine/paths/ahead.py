"""Chances of events at times along whole paths of all events.

A target is on at a time with probability 1 or 0 along a path. An onset whose own past nothing
later depends on does better: along the path of its parents its chance is 1 - exp(-∫ rate dt),
whatever became of it in the simulation.
"""

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.paths.complete import on_rate
from forecast.engine.paths.futures import Futures
from forecast.engine.paths.problem import NOTHING, Problem
from forecast.engine.structure import Floats, Ints, Parameters

__all__ = ["chances_ahead"]


@kernel
def _next_edge(p: Problem, slot: Ints, mark: Ints, end: float) -> float:
    """Return the first moment at which the calendar of an integrated target changes, or `end`."""
    for event in range(len(slot)):
        if slot[event] != NOTHING and mark[event] + 1 < p.first_mark[event + 1]:
            end = min(end, p.mark_time[mark[event] + 1])
    return float(end)


@kernel
def _along(
    p: Problem,
    theta: Parameters,
    f: Futures,
    path: int,
    aims: tuple[Ints, Ints, float],
    times: Floats,
    chance: Floats,
) -> None:
    """Add the chance of each target at each time, shape (target, time)."""
    targets, slot, start = aims
    x = f.initial[path].copy()
    j, end = f.first[path], f.first[path + 1]
    while j < end and f.time[j] <= start:
        x[f.event[j]] = 1 - x[f.event[j]]
        j += 1
    mark = p.first_mark[: len(p.kind)].copy()
    hazard, rate = np.zeros(len(targets)), np.zeros(len(targets))
    for event in range(len(slot)):
        k = slot[event]
        if k == NOTHING:
            continue
        while mark[event] + 1 < p.first_mark[event + 1] and p.mark_time[mark[event] + 1] <= start:
            mark[event] += 1
        if x[event] == 1:
            hazard[k] = np.inf
        rate[k] = on_rate(p, event, mark[event], x, theta)
    now, edge = start, _next_edge(p, slot, mark, np.inf)
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
                for i in range(p.first_out[jumped], p.first_out[jumped + 1]):
                    child = p.link_child[p.out_link[i]]
                    if slot[child] != NOTHING:
                        rate[slot[child]] = on_rate(p, child, mark[child], x, theta)
            elif edge <= moment:
                for event in range(len(slot)):
                    if slot[event] == NOTHING:
                        continue
                    last = p.first_mark[event + 1] - 1
                    if mark[event] < last and p.mark_time[mark[event] + 1] <= moment:
                        mark[event] += 1
                        rate[slot[event]] = on_rate(p, event, mark[event], x, theta)
                edge = _next_edge(p, slot, mark, np.inf)
            else:
                break
        for k in range(len(targets)):
            if slot[targets[k]] == NOTHING:
                chance[k, t] += x[targets[k]]
            else:
                chance[k, t] -= np.expm1(-hazard[k])


@entry
def chances_ahead(
    p: Problem,
    theta: Parameters,
    f: Futures,
    aims: tuple[Ints, Ints],
    start: float,
    times: Floats,
    draws: Ints,
) -> Floats:
    """Return P(target on) at each time, draw by draw, by each half of a draw's paths.

    Parameters
    ----------
    p
        The problem.
    theta
        Parameters with a leading draw dimension.
    f
        Paths for each draw, an even number.
    aims
        The targets, shape (target,); and 1 where one is integrated out along the paths of its
        parents, 0 where it is read off its own, shape (target,).
    start
        From when on they are integrated.
    times
        Rising, none before `start`, shape (time,).
    draws
        Which to answer for.

    Returns
    -------
    ndarray
        Shape (half, draw, target, time).
    """
    targets, integrated = aims
    found = np.zeros((2, len(draws), len(targets), len(times)))
    slot = np.full(len(p.kind), NOTHING)
    for k in range(len(targets)):
        if integrated[k] == 1:
            slot[targets[k]] = k
    half = f.paths // 2
    for i in range(len(draws)):
        d = draws[i]
        one = Parameters(
            theta.base_rate[d], theta.off_rate[d], theta.initial[d], theta.effect[d],
            theta.factors[d],
        )  # fmt: skip
        for path in range(f.paths):
            number, part = d * f.paths + path, int(path >= half)
            _along(p, one, f, number, (targets, slot, start), times, found[part, i])
    found /= half
    return found
