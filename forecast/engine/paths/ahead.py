"""Chances of events at times along whole paths of all events.

A target is on at a time with probability 1 or 0 along a path. An onset whose own past nothing
later depends on does better: along the path of its parents its chance is 1 - exp(-∫ rate dt),
whatever became of it in the simulation.
"""

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.paths.complete import rate_of_leaving
from forecast.engine.paths.futures import Futures
from forecast.engine.paths.problem import Problem
from forecast.engine.structure import Floats, Ints, Parameters

__all__ = ["chances_ahead"]


@kernel
def _along(
    p: Problem,
    theta: Parameters,
    f: Futures,
    path: int,
    aim: tuple[int, float],
    times: Floats,
    chance: Floats,
) -> None:
    """Fill in the chance of one target at each time; integrated from a start, if that is finite."""
    target, start = aim
    x, integrated = f.initial[path].copy(), np.isfinite(start)
    j, end = f.first[path], f.first[path + 1]
    mark, last, hazard, now = p.first_mark[target], p.first_mark[target + 1] - 1, 0.0, 0.0
    if integrated:
        now = start
        while j < end and f.time[j] <= start:
            x[f.event[j]] = 1 - x[f.event[j]]
            j += 1
        while mark < last and p.mark_time[mark + 1] <= start:
            mark += 1
    for t in range(len(times)):
        while True:
            moment = times[t]
            if j < end:
                moment = min(moment, f.time[j])
            if integrated and mark < last:
                moment = min(moment, p.mark_time[mark + 1])
            if integrated and x[target] == 0:
                hazard += (moment - now) * rate_of_leaving(p, target, mark, x, theta)
            now = moment
            if j < end and f.time[j] <= moment:
                if not integrated or f.event[j] != target:
                    x[f.event[j]] = 1 - x[f.event[j]]
                j += 1
            elif integrated and mark < last and p.mark_time[mark + 1] <= moment:
                mark += 1
            else:
                break
        chance[t] = 1.0 if x[target] == 1 else -np.expm1(-hazard)


@entry
def chances_ahead(
    p: Problem,
    theta: Parameters,
    f: Futures,
    targets: Ints,
    starts: Floats,
    times: Floats,
    draws: Ints,
) -> tuple[Floats, Floats]:
    """Return P(target on) at each time, draw by draw, and its Monte Carlo variance.

    Parameters
    ----------
    p
        The problem.
    theta
        Parameters with a leading draw dimension.
    f
        Paths for each draw.
    targets
        Events, shape (target,).
    starts
        The time from which each is integrated out along the paths of its parents; infinite where it
        is read off its own, shape (target,).
    times
        Rising, none before `starts` that are finite, shape (time,).
    draws
        Which to answer for.

    Returns
    -------
    mean, variance
        Each of shape (draw, target, time); the variance is that of the mean over paths.
    """
    shape = (len(draws), len(targets), len(times))
    mean, variance = np.zeros(shape), np.zeros(shape)
    chance = np.zeros((f.paths, len(times)))
    for i in range(len(draws)):
        d = draws[i]
        one = Parameters(
            theta.base_rate[d], theta.off_rate[d], theta.initial[d], theta.effect[d],
            theta.factors[d],
        )  # fmt: skip
        for k in range(len(targets)):
            for path in range(f.paths):
                number = d * f.paths + path
                _along(p, one, f, number, (targets[k], starts[k]), times, chance[path])
            for t in range(len(times)):
                average, spread = 0.0, 0.0
                for path in range(f.paths):
                    average += chance[path, t] / f.paths
                for path in range(f.paths):
                    spread += (chance[path, t] - average) ** 2
                mean[i, k, t] = average
                variance[i, k, t] = spread / (f.paths * (f.paths - 1))
    return mean, variance
