"""Paths carried on: every event simulated from where its sampled path ends, or from the start.

No event whose path has ended influences the evidence, so its future given all sampled paths is
that of the model itself: exponential waiting times, redrawn as its rate changes.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.paths.problem import OVER, Problem
from forecast.engine.paths.state import Paths, copied, room_for
from forecast.engine.structure import (
    CAUSES,
    FACT,
    MULTIPLIES,
    REQUIRES,
    STATE,
    Ints,
    Parameters,
)

__all__ = ["complete_paths", "completed", "on_rate"]


@kernel
def on_rate(p: Problem, event: int, mark: int, x: Ints, theta: Parameters) -> float:
    """Return the rate at which an event that is no fact starts while it is off."""
    rate, factor = theta.base_rate[event], p.mark_weight[mark]
    for i in range(p.first_in[event], p.first_in[event + 1]):
        link = p.in_link[i]
        on, kind = x[p.link_parent[link]] == 1, p.link_kind[link]
        if kind == CAUSES:
            if on:
                rate += theta.effect[link]
        elif kind == MULTIPLIES:
            if on:
                factor *= theta.effect[link]
        elif on != (kind == REQUIRES):
            return 0.0
    return float(rate * factor)


@kernel
def _rate_of_leaving(p: Problem, event: int, mark: int, x: Ints, theta: Parameters) -> float:
    """Return the rate at which an event leaves its state."""
    if p.kind[event] == FACT:
        return 0.0
    if x[event] == 1:
        return float(theta.off_rate[event]) if p.kind[event] == STATE else 0.0
    return float(on_rate(p, event, mark, x, theta))


class Now(NamedTuple):
    """Where every event stands."""

    x: Ints  # (event,) its state
    mark: Ints  # (event,) the last mark passed
    used: Ints  # (event,) jumps of its sampled path that are behind


@kernel
def _next(
    p: Problem, theta: Parameters, sampled: Paths, now: Now, event: int, time: float
) -> float:
    """Return the next moment of an event: a jump of its sampled path, a mark, or a drawn jump."""
    moment, mark = np.inf, now.mark[event]
    if mark + 1 < p.first_mark[event + 1]:
        moment = p.mark_time[mark + 1]
    if p.mark_known[mark] != OVER:
        if now.used[event] < sampled.jumps[event]:
            moment = min(moment, sampled.time[sampled.first[event] + now.used[event]])
        return float(moment)
    rate = _rate_of_leaving(p, event, mark, now.x, theta)
    if rate > 0.0:
        moment = min(moment, time + np.random.exponential(1.0 / rate))  # noqa: NPY002
    return float(moment)


@entry
def complete_paths(p: Problem, theta: Parameters, paths: Paths, until: float, seed: int) -> Paths:
    """Return the paths of all events from the start to `until`.

    Parameters
    ----------
    p
        The problem.
    theta
        One value of the parameters.
    paths
        Of the events that matter to the evidence, up to their ends; what they hold beyond is
        drawn anew.
    until
        Years.
    seed
        Of these futures.
    """
    np.random.seed(seed)  # noqa: NPY002
    whole: Paths = completed(p, theta, paths, until)
    return whole


@kernel
def completed(p: Problem, theta: Parameters, paths: Paths, until: float) -> Paths:
    """Return the same with the random numbers that come next."""
    events = len(p.kind)
    new: Paths = copied(paths)
    now = Now(
        np.empty(events, dtype=np.int64),
        p.first_mark[:events].copy(),
        np.zeros(events, dtype=np.int64),
    )
    for event in range(events):
        if p.end[event] < 0:
            on = theta.initial[event] if p.initially[event] < 0 else float(p.initially[event])
            new.initial[event] = 1 if np.random.random() < on else 0  # noqa: NPY002
        while new.jumps[event] > 0 and (
            new.time[new.first[event] + new.jumps[event] - 1] > p.end[event]
        ):
            new.jumps[event] -= 1
        now.x[event] = new.initial[event]
    moment = np.empty(events)
    for event in range(events):
        moment[event] = _next(p, theta, paths, now, event, 0.0)
    while True:
        event = int(np.argmin(moment))
        time, mark = moment[event], now.mark[event]
        if not time < until:
            return new
        if mark + 1 < p.first_mark[event + 1] and p.mark_time[mark + 1] == time:
            now.mark[event] = mark + 1
        else:
            if p.mark_known[mark] == OVER:
                new = room_for(new, event, new.jumps[event] + 1)
                new.time[new.first[event] + new.jumps[event]] = time
                new.jumps[event] += 1
            now.used[event] += 1
            now.x[event] = 1 - now.x[event]
            for i in range(p.first_out[event], p.first_out[event + 1]):
                child = p.link_child[p.out_link[i]]
                if p.mark_known[now.mark[child]] == OVER:
                    moment[child] = _next(p, theta, paths, now, child, time)
        moment[event] = _next(p, theta, paths, now, event, time)
