"""Exact simulation of event paths, and forecasts along simulated paths of an event's ancestors.

Rates are constant between jumps and calendar edges, so waiting times are exponential: no time
step. A forecast along paths holds its own event off and integrates it out,
P(on by T) = E[1 - exp(-∫ λ dt)], which is exact for an onset on a cycle too, since nothing that
it sets off can happen before it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.structure import (
    CAUSES,
    FACT,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    STATE,
    Floats,
    Ints,
    Parameters,
    Structure,
)

__all__ = ["NOT_HELD", "PathQuestion", "Wiring", "forecast_along_paths", "sample_path", "wiring"]

NOT_HELD = -1


class Wiring(NamedTuple):
    """A structure as flat arrays for the kernels: links by child, calendar by event."""

    kind: Ints  # (event,)
    simulated: Ints  # (event,) 1 where the event may jump
    first_link: Ints  # (event + 1,)
    link: Ints
    link_kind: Ints  # by original index
    link_parent: Ints
    first_weight: Ints  # (event + 1,)
    weight_from: Floats  # the time from which a weight holds
    weight: Floats


def wiring(structure: Structure, events: Sequence[int] | None = None) -> Wiring:
    """Return the wiring of a structure in which only `events` (all, unless given) may jump."""
    n = len(structure.kind)
    simulated = np.zeros(n, dtype=np.int64)
    simulated[list(range(n)) if events is None else list(events)] = 1
    simulated[structure.kind == FACT] = 0
    order = np.argsort(structure.link_child, kind="stable")
    counts = np.bincount(structure.link_child, minlength=n)
    starts, weights, firsts = [], [], [0]
    for windows in structure.windows:
        starts += [0.0] if windows is None else [-np.inf, *windows.edges]
        weights += [1.0] if windows is None else list(windows.weights)
        firsts.append(len(starts))
    return Wiring(
        structure.kind,
        simulated,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        order.astype(np.int64),
        structure.link_kind,
        structure.link_parent,
        np.array(firsts, dtype=np.int64),
        np.array(starts, dtype=np.float64),
        np.array(weights, dtype=np.float64),
    )


@kernel
def _weight(w: Wiring, event: int, time: float) -> float:
    """Return the calendar weight that holds just after `time`."""
    value = w.weight[w.first_weight[event]]
    for i in range(w.first_weight[event] + 1, w.first_weight[event + 1]):
        if w.weight_from[i] <= time:
            value = w.weight[i]
    return float(value)


@kernel
def _next_edge(w: Wiring, time: float, end: float) -> float:
    """Return the first calendar edge of a jumping event after `time`, or `end`."""
    for event in range(len(w.kind)):
        if w.simulated[event] == 0:
            continue
        for i in range(w.first_weight[event] + 1, w.first_weight[event + 1]):
            if time < w.weight_from[i] < end:
                end = w.weight_from[i]
    return end


@kernel
def _on_rate(w: Wiring, event: int, x: Ints, time: float, theta: Parameters) -> float:
    rate, factor = theta.base_rate[event], _weight(w, event, time)
    for i in range(w.first_link[event], w.first_link[event + 1]):
        link = w.link[i]
        on, kind = x[w.link_parent[link]] == 1, w.link_kind[link]
        if kind == CAUSES and on:
            rate += theta.effect[link]
        elif kind == MULTIPLIES and on:
            factor *= theta.effect[link]
        elif (kind == REQUIRES and not on) or (kind == PREVENTS and on):
            return 0.0
    return float(rate * factor)


@kernel
def _exit_rates(
    w: Wiring, x: Ints, time: float, theta: Parameters, held: int, rates: Floats
) -> float:
    """Fill in the rate at which each event leaves its state; return their sum."""
    total = 0.0
    for event in range(len(x)):
        rates[event] = 0.0
        if w.simulated[event] == 0 or event == held:
            continue
        if x[event] == 0:
            rates[event] = _on_rate(w, event, x, time, theta)
        elif w.kind[event] == STATE:
            rates[event] = theta.off_rate[event]
        total += rates[event]
    return total


@kernel
def _jump(x: Ints, rates: Floats, total: float) -> int:
    """Flip one event, chosen in proportion to its rate; return which."""
    level = np.random.random() * total  # noqa: NPY002
    chosen = -1
    for event in range(len(x)):
        if rates[event] > 0.0:
            chosen = event
            level -= rates[event]
            if level <= 0.0:
                break
    x[chosen] = 1 - x[chosen]
    return chosen


@entry
def sample_path(
    w: Wiring, theta: Parameters, x: Ints, start: float, end: float, seed: int
) -> tuple[Floats, Ints]:
    """Return the jump times and the events that jump, from state `x` (changed in place).

    Parameters
    ----------
    w
        From `wiring`.
    theta
        One value of the parameters.
    x
        The state at `start`, shape (event,).
    start, end
        Years.
    seed
        Of this path.
    """
    np.random.seed(seed)  # noqa: NPY002
    times, events = [0.0][:0], [0][:0]
    rates = np.zeros(len(x))
    time = start
    while time < end:
        edge = _next_edge(w, time, end)
        total = _exit_rates(w, x, time, theta, NOT_HELD, rates)
        wait = np.random.exponential(1 / total) if total > 0 else np.inf  # noqa: NPY002
        if time + wait >= edge:
            time = edge
            continue
        time += wait
        times.append(time)
        events.append(_jump(x, rates, total))
    return np.array(times), np.array(events)


class PathQuestion(NamedTuple):
    """What is asked of simulated paths.

    Parameters
    ----------
    target
        The event.
    held
        `target` where it is an onset, which is then integrated out; else `NOT_HELD`.
    times
        Rising times at which its probability is asked, shape (time,).
    item_event, item_time, item
        Evidence on the future that weighs the paths: rising times, and indices of its factors.
    """

    target: int
    held: int
    times: Floats
    item_event: Ints
    item_time: Floats
    item: Ints


@kernel
def _along(
    w: Wiring,
    q: PathQuestion,
    theta: Parameters,
    x: Ints,
    start: float,
    rates: Floats,
    chance: Floats,
) -> float:
    """Fill in the target's chance at each time along one path; return the path's weight."""
    end = q.times[-1]
    if len(q.item_time) > 0:
        end = max(end, q.item_time[-1])
    time, hazard, weight = start, 0.0, 1.0
    asked, read = 0, 0
    while True:
        while asked < len(q.times) and q.times[asked] <= time:
            survives = np.exp(-hazard) * (1 - x[q.target])
            chance[asked] = 1 - survives if q.held == q.target else float(x[q.target])
            asked += 1
        while read < len(q.item_time) and q.item_time[read] <= time:
            weight *= theta.factors[q.item[read], x[q.item_event[read]]]
            read += 1
        if time >= end:
            return weight
        stop = _next_edge(w, time, end)
        if asked < len(q.times):
            stop = min(stop, q.times[asked])
        if read < len(q.item_time):
            stop = min(stop, q.item_time[read])
        total = _exit_rates(w, x, time, theta, q.held, rates)
        own = 0.0
        if q.held == q.target and x[q.target] == 0:
            own = _on_rate(w, q.target, x, time, theta)
        wait = np.random.exponential(1 / total) if total > 0 else np.inf  # noqa: NPY002
        if time + wait >= stop:
            hazard += own * (stop - time)
            time = stop
            continue
        hazard += own * wait
        time += wait
        _jump(x, rates, total)


@entry
def forecast_along_paths(
    w: Wiring,
    q: PathQuestion,
    theta: Parameters,
    states: Ints,
    start: float,
    paths: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return P(target on) at each time, draw by draw, and its Monte Carlo variance.

    Parameters
    ----------
    w, q
        The wiring, and what is asked.
    theta
        Parameters with a leading draw dimension.
    states
        The state of every event at `start`, one for each draw and path, shape (draw, path, event).
    start
        Years.
    paths
        Paths a draw; path m has the same random numbers in every draw.
    seed
        Of the first path.

    Returns
    -------
    mean, variance
        Each of shape (draw, time); the variance is that of the mean over paths.
    """
    draws, n_times = len(theta.base_rate), len(q.times)
    mean, variance = np.zeros((draws, n_times)), np.zeros((draws, n_times))
    rates, chance = np.zeros(states.shape[2]), np.zeros((paths, n_times))
    weights = np.zeros(paths)
    for d in range(draws):
        one = Parameters(
            theta.base_rate[d],
            theta.off_rate[d],
            theta.initial[d],
            theta.effect[d],
            theta.factors[d],
        )
        for m in range(paths):
            np.random.seed(seed + m)  # noqa: NPY002
            weights[m] = _along(w, q, one, states[d, m].copy(), start, rates, chance[m])
        total = weights.sum()
        for t in range(n_times):
            average = 0.0
            for m in range(paths):
                average += weights[m] / total * chance[m, t]
            spread = 0.0
            for m in range(paths):
                spread += (weights[m] / total * (chance[m, t] - average)) ** 2
            mean[d, t], variance[d, t] = average, spread
    return mean, variance
