"""Exact simulation of courses of events, and forecasts along simulated courses of its ancestors.

Rates are constant between jumps and calendar edges, so waiting times are exponential: no time
step. A forecast along paths holds its own event off and integrates it out,
P(on by T) = E[1 - exp(-∫ λ dt)], which is exact for an onset on a cycle too, since nothing that
it sets off can happen before it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from forecast.engine._course import Courses, with_room
from forecast.engine._jit import bare, bare_kernel, entry, kernel
from forecast.engine._problem import (
    FACT,
    STATE,
    Floats,
    Graph,
    Ints,
    Parameters,
    Structure,
    draw_of,
    graph_of,
)
from forecast.engine._random import WORDS, Words, exponential, set_seed, uniform
from forecast.engine._rate import on_rate

NOT_HELD = -1
ROOM = 4  # jumps a course, at first


class Wiring(NamedTuple):
    """A structure for the kernels: its graph, who may jump, and the calendar by event."""

    graph: Graph
    jumping: Ints  # (jumping,) the events that may jump
    edge_time: Floats  # (edge,) rising: when the calendar of one of these changes
    edge_event: Ints  # (edge,) and whose
    first_weight: Ints  # (event + 1,)
    weight_from: Floats  # the time from which a weight holds
    weight: Floats
    given: Ints  # (given,) the events whose course is given
    given_state: Ints  # (given,) the state of each at first
    first_given: Ints  # (given + 1,)
    given_time: Floats  # when they change


def wiring(structure: Structure, events: Sequence[int] | None = None) -> Wiring:
    """Return the wiring of a structure in which only `events` (all, unless given) may jump."""
    n = len(structure.kind)
    simulated = np.zeros(n, dtype=np.int64)
    simulated[list(range(n)) if events is None else list(events)] = 1
    simulated[structure.kind == FACT] = 0
    given = structure.courses_given
    simulated[list(given)] = 0
    starts, weights, firsts = [], [], [0]
    for windows in structure.windows:
        starts += [0.0] if windows is None else [-np.inf, *windows.edges]
        weights += [1.0] if windows is None else list(windows.weights)
        firsts.append(len(starts))
    jumping = np.flatnonzero(simulated)
    changing = [(event, structure.windows[event]) for event in jumping.tolist()]
    edges = sorted((t, event) for event, one in changing if one is not None for t in one.edges)
    return Wiring(
        graph_of(structure),
        jumping,
        np.array([time for time, _ in edges], dtype=np.float64),
        np.array([event for _, event in edges], dtype=np.int64),
        np.array(firsts, dtype=np.int64),
        np.array(starts, dtype=np.float64),
        np.array(weights, dtype=np.float64),
        np.array(list(given), dtype=np.int64),
        structure.initially[list(given)].astype(np.int64),
        np.cumsum([0, *map(len, given.values())]).astype(np.int64),
        np.array([time for times in given.values() for time in times], dtype=np.float64),
    )


@bare
def _astray(w: Wiring, x: Ints, time: float) -> int:
    """Return an event that is not in the state that its given course has at a time, or -1."""
    for k in range(len(w.given)):
        state = w.given_state[k]
        for i in range(w.first_given[k], w.first_given[k + 1]):
            if w.given_time[i] <= time:
                state = 1 - state
        if x[w.given[k]] != state:
            return int(w.given[k])
    return -1


@bare
def _weight(w: Wiring, event: int, time: float) -> float:
    """Return the calendar weight that holds just after `time`."""
    value = w.weight[w.first_weight[event]]
    for i in range(w.first_weight[event] + 1, w.first_weight[event + 1]):
        if w.weight_from[i] <= time:
            value = w.weight[i]
    return float(value)


@bare
def _next_edge(w: Wiring, reached: int, time: float, end: float) -> float:
    """Return the next edge of the calendar or change of a given event, or `end`.

    `reached` is how many edges of the calendar lie behind.
    """
    if reached < len(w.edge_time):
        end = min(end, w.edge_time[reached])
    for i in range(len(w.given_time)):
        if time < w.given_time[i] < end:
            end = w.given_time[i]
    return end


@bare
def _reach(w: Wiring, time: float) -> int:
    """Return how many edges of the calendar are no later than `time`."""
    return int(np.searchsorted(w.edge_time, time, side="right"))


@bare_kernel
def _rate_anew(w: Wiring, event: int, x: Ints, time: float, theta: Parameters, on: Floats) -> None:
    """Fill in an event's on-rate, as if it were off."""
    if w.graph.kind[event] != FACT:
        on[event] = on_rate(w.graph, event, x, _weight(w, event, time), theta)


@bare_kernel
def _cross(w: Wiring, reached: int, x: Ints, time: float, theta: Parameters, on: Floats) -> int:
    """Bring on-rates up to date at edges of the calendar; return how many now lie behind."""
    while reached < len(w.edge_time) and w.edge_time[reached] <= time:
        _rate_anew(w, w.edge_event[reached], x, time, theta, on)
        reached += 1
    return reached


@bare_kernel
def _children_on_rates(
    w: Wiring, parent: int, x: Ints, time: float, theta: Parameters, on: Floats
) -> None:
    """Bring the on-rates of an event's children up to date after it has jumped."""
    for i in range(w.graph.first_out[parent], w.graph.first_out[parent + 1]):
        child = w.graph.link_child[w.graph.out_link[i]]
        _rate_anew(w, child, x, time, theta, on)


@bare_kernel
def _follow(w: Wiring, x: Ints, time: float, theta: Parameters, on: Floats) -> None:
    """Put all events whose course is given in the state that they have at a time."""
    event = _astray(w, x, time)
    while event >= 0:
        x[event] = 1 - x[event]
        _children_on_rates(w, event, x, time, theta, on)
        event = _astray(w, x, time)


@bare
def _exit_rates(
    w: Wiring, x: Ints, on: Floats, theta: Parameters, held: int, rates: Floats
) -> float:
    """Fill in the rate at which each event that may jump leaves its state; return their sum."""
    total = 0.0
    for k in range(len(w.jumping)):
        event = w.jumping[k]
        rates[k] = 0.0
        if event == held:
            continue
        if x[event] == 0:
            rates[k] = on[event]
        elif w.graph.kind[event] == STATE:
            rates[k] = theta.off_rate[event]
        total += rates[k]
    return total


@bare
def _jump(w: Wiring, x: Ints, rates: Floats, total: float, words: Words) -> int:
    """Flip one event, chosen in proportion to its rate; return which."""
    level = uniform(words) * total
    chosen = -1
    for k in range(len(w.jumping)):
        if rates[k] > 0.0:
            chosen = w.jumping[k]
            level -= rates[k]
            if level <= 0.0:
                break
    x[chosen] = 1 - x[chosen]
    return chosen


@kernel
def _jumps(
    w: Wiring, theta: Parameters, x: Ints, start: float, end: float, seed: int
) -> tuple[Floats, Ints]:
    """Return the jump times and the events that jump, from state `x` (changed in place)."""
    words = np.empty(WORDS, dtype=np.uint64)
    set_seed(words, seed)
    times, events = [0.0][:0], [0][:0]
    rates, on = np.zeros(len(w.jumping)), np.zeros(len(x))
    for jumping in w.jumping:
        _rate_anew(w, jumping, x, start, theta, on)
    time, event, reached = start, _astray(w, x, start), _reach(w, start)
    while event >= 0 or time < end:
        if event >= 0:
            times.append(time)
            events.append(event)
            x[event] = 1 - x[event]
            _children_on_rates(w, event, x, time, theta, on)
            event = _astray(w, x, time)
            continue
        edge = _next_edge(w, reached, time, end)
        total = _exit_rates(w, x, on, theta, NOT_HELD, rates)
        wait = exponential(words) / total if total > 0 else np.inf
        if time + wait >= edge:
            time = edge
            reached = _cross(w, reached, x, time, theta, on)
            event = _astray(w, x, time)
            continue
        time += wait
        times.append(time)
        events.append(_jump(w, x, rates, total, words))
        _children_on_rates(w, events[-1], x, time, theta, on)
    return np.array(times), np.array(events)


@entry
def simulate_course(
    w: Wiring, theta: Parameters, states: Ints, start: float, end: float, seed: int
) -> Courses:
    """Return one simulated course.

    Parameters
    ----------
    w
        From `wiring`.
    theta
        One value of the parameters.
    states
        Of every event at `start`, shape (event,).
    start, end
        Years.
    seed
        Of this course.
    """
    x = states.astype(np.int64)
    initial = x.copy().reshape(1, len(x))
    time, event = _jumps(w, theta, x, start, end, seed)
    return Courses(initial, np.array([0, len(time)]), time, event)


@entry
def simulate_courses(
    w: Wiring,
    theta: Parameters,
    states: Ints,
    span: tuple[float, float],
    forced: tuple[Ints, Floats, Ints],
    seed: int,
    place: tuple[int, int],
) -> Courses:
    """Return courses simulated from given states.

    A course up to a time is the same whatever end is asked for after it.

    Parameters
    ----------
    w
        From `wiring`, with the events that may jump by themselves.
    theta
        Parameters with a leading draw dimension.
    states
        Of every event at the begin, shape (draw, course, event).
    span
        Begin and end, in years.
    forced
        Where the changes from outside of each course begin, shape (course + 1,); their times within
        the span, rising in each course; and the events that change.
    seed
        Of the first of all courses.
    place
        Where the first of these is among all courses, and how many those are.
    """
    draws, each, events = states.shape
    number = draws * each
    forced_first, forced_time, forced_event = forced
    initial = np.empty((number, events), dtype=np.int64)
    first = np.zeros(number + 1, dtype=np.int64)
    time, event = np.empty(ROOM * number), np.empty(ROOM * number, dtype=np.int64)
    x, n = np.empty(events, dtype=np.int64), 0
    for k in range(number):
        x[:] = states[k // each, k % each]
        initial[k] = x
        begin = span[0]
        for s in range(forced_first[k], forced_first[k + 1] + 1):
            end = forced_time[s] if s < forced_first[k + 1] else span[1]
            own = seed + place[0] + k + (s - forced_first[k]) * place[1]
            times, jumped = _jumps(w, draw_of(theta, k // each), x, begin, end, own)
            after = n + len(times)
            time, event = with_room(time, event, after + 1)
            time[n:after], event[n:after] = times, jumped
            n = after
            if s < forced_first[k + 1]:
                time[n], event[n] = end, forced_event[s]
                n += 1
                x[forced_event[s]] = 1 - x[forced_event[s]]
            begin = end
        first[k + 1] = n
    return Courses(initial, first, time[:n].copy(), event[:n].copy())


class PathQuestion(NamedTuple):
    """What is asked of simulated paths.

    Parameters
    ----------
    target
        Events, shape (target,).
    integrated
        1 where a target is integrated out along the paths of its ancestors, which needs an onset
        that nothing told of the future depends on; 0 where its own state is read; shape (target,).
    held
        An event to hold off, or `NOT_HELD`: a target on a cycle must be, to be integrated.
    times
        Rising times at which the targets' probabilities are asked, shape (time,).
    item_event, item_time, item
        Evidence on the future that weighs the paths: rising times, and indices of its factors.
    """

    target: Ints
    integrated: Ints
    held: int
    times: Floats
    item_event: Ints
    item_time: Floats
    item: Ints


@bare
def _read(q: PathQuestion, x: Ints, hazard: Floats, chance: Floats) -> None:
    """Fill in the chance of each target at one time, shape (target,)."""
    for i in range(len(q.target)):
        if q.integrated[i] == 1:
            chance[i] = 1 - np.exp(-hazard[i])
        else:
            chance[i] = float(x[q.target[i]])


@bare_kernel
def _along(
    w: Wiring,
    q: PathQuestion,
    theta: Parameters,
    x: Ints,
    start: float,
    room: tuple[Floats, Floats, Floats],
    chance: Floats,
    words: Words,
) -> float:
    """Fill in the targets' chances along one path, shape (time, target); return its weight."""
    rates, on, hazard = room
    end = q.times[-1]
    if len(q.item_time) > 0:
        end = max(end, q.item_time[-1])
    hazard[:] = 0.0
    _follow(w, x, start, theta, on)
    for event in w.jumping:
        _rate_anew(w, event, x, start, theta, on)
    for i in range(len(q.target)):
        _rate_anew(w, q.target[i], x, start, theta, on)
        if x[q.target[i]] == 1:
            hazard[i] = np.inf
    time, weight, asked, read, reached = start, 1.0, 0, 0, _reach(w, start)
    while True:
        while asked < len(q.times) and q.times[asked] <= time:
            _read(q, x, hazard, chance[asked])
            asked += 1
        while read < len(q.item_time) and q.item_time[read] <= time:
            weight *= theta.factors[q.item[read], x[q.item_event[read]]]
            read += 1
        if time >= end:
            return weight
        edge = _next_edge(w, reached, time, end)
        stop = edge
        if asked < len(q.times):
            stop = min(stop, q.times[asked])
        if read < len(q.item_time):
            stop = min(stop, q.item_time[read])
        total = _exit_rates(w, x, on, theta, q.held, rates)
        wait = exponential(words) / total if total > 0 else np.inf
        jumps = time + wait < stop
        if not jumps:
            wait = stop - time
        for i in range(len(q.target)):
            hazard[i] += on[q.target[i]] * wait
        if jumps:
            time += wait
            _children_on_rates(w, _jump(w, x, rates, total, words), x, time, theta, on)
        else:
            time = stop
            if stop == edge:
                reached = _cross(w, reached, x, time, theta, on)
                _follow(w, x, time, theta, on)


@entry
def forecast_along_paths(
    w: Wiring,
    q: PathQuestion,
    theta: Parameters,
    states: Ints,
    chance_told: Floats,
    start: float,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return P(target on) at each time, draw by draw, by each half of a draw's paths.

    Parameters
    ----------
    w, q
        The wiring, and what is asked.
    theta
        Parameters with a leading draw dimension.
    states
        The state of every event at `start`, one for each draw and path, of which there is an even
        number, shape (draw, path, event).
    chance_told
        P(what is told of the future | the draw's parameters and the past), shape (draw,).
    start
        Years.
    seed
        Of the first path; each has its own random numbers, the same for every question of a seed.

    Returns
    -------
    chance, weight
        Shapes (half, draw, target, time) and (half, draw); the mean weight of paths is 1 but for
        chance, and where it is more or less, so are their chances.
    """
    draws, paths, events = states.shape
    half = paths // 2
    weights = np.zeros((2, draws))
    found = np.zeros((2, draws, len(q.target), len(q.times)))
    room = np.zeros(len(w.jumping)), np.zeros(events), np.zeros(len(q.target))
    x = np.zeros(events, dtype=np.int64)
    chance = np.zeros((len(q.times), len(q.target)))
    words = np.empty(WORDS, dtype=np.uint64)
    for d in range(draws):
        one = draw_of(theta, d)
        for m in range(paths):
            set_seed(words, seed + d * paths + m)
            x[:] = states[d, m]
            weight = _along(w, q, one, x, start, room, chance, words) / chance_told[d] / half
            part = int(m >= half)
            weights[part, d] += weight
            for i in range(len(q.target)):
                for t in range(len(q.times)):
                    found[part, d, i, t] += weight * chance[t, i]
    return found, weights
