"""Paths carried on in time, as what is certain grows: by the model, and weighed by what it forbids.

Where a later record says what became of an event beyond the end of its path, the event is made to
follow that; the path then weighs by the chance of what was not to happen and did not,
exp(-∫ rate dt), along the courses of its causes. An onset that is known to have come within a time
comes at one drawn evenly there, and the path weighs by its rate then as well. All other events go
on by the model itself. This is likelihood weighting for continuous time [1]_. A path that reached
further already, since an item spoke of a time to come, is kept or lost as it stands.

References
----------
.. [1] Fan, Xu & Shelton (2010). Importance sampling for continuous time Bayesian networks. JMLR 11.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine._course import (
    Courses,
    Paths,
    copied,
    new_courses,
    path_of,
    states_at,
    time_on,
    with_course,
    with_jump,
    without_room,
)
from forecast.engine._jit import bare_kernel, entry, kernel
from forecast.engine._problem import ONSET, Floats, Ints, Parameters, draw_of
from forecast.engine._start import start_chance
from forecast.engine.paths._chain import Machine, advance
from forecast.engine.paths._futures import completed, leaving_rate, passed_by
from forecast.engine.paths._likelihood import share_term
from forecast.engine.paths._marks import FALLS, FREE, GIVEN, NOTHING, OVER, RISES, Marks


class _Stand(NamedTuple):
    """Where every event stands."""

    x: Ints  # (event,) its state
    old: Ints  # (event,) the last mark passed of the record so far
    new: Ints  # (event,) and of the later one
    used: Ints  # (event,) jumps of its path that are behind
    barred: Floats  # (event,) the rate at which it would do what it did not
    due: Floats  # (event,) when an onset comes that is known to come, infinite where none is


@bare_kernel
def _may_leave(known: int, x: int) -> bool:
    """Return whether what is known of an event lets it leave its state."""
    return bool(known in (FREE, OVER, GIVEN) or known == (RISES if x == 0 else FALLS))


@bare_kernel
def _upcoming(
    old: Marks, new: Marks, theta: Parameters, path: Paths, at: _Stand, event: int, time: float
) -> float:
    """Return the next moment of an event, and note the rate of what is barred until then."""
    moment, mark, later = np.inf, at.old[event], at.new[event]
    if mark + 1 < old.first_mark[event + 1]:
        moment = old.mark_time[mark + 1]
    if later + 1 < new.first_mark[event + 1]:
        moment = min(moment, new.mark_time[later + 1])
    at.barred[event] = 0.0
    if old.mark_known[mark] != OVER:
        if at.used[event] < path.jumps[event]:
            moment = min(moment, path.time[path.first[event] + at.used[event]])
        return float(moment)
    rate = leaving_rate(old, event, mark, at.x, theta)
    if at.x[event] == 0 and at.due[event] < np.inf:
        at.barred[event] = rate
        return float(min(moment, at.due[event]))
    if rate <= 0.0:
        return float(moment)
    if _may_leave(new.mark_known[later], at.x[event]):
        return float(min(moment, time + np.random.exponential(1.0 / rate)))  # noqa: NPY002
    at.barred[event] = rate
    return float(moment)


@bare_kernel
def _dated(new: Marks, event: int, mark: int, x: int) -> float:
    """Return until when an onset that has not come is known to come, or infinity."""
    if new.graph.kind[event] != ONSET or x == 1 or new.mark_known[mark] != FREE:
        return np.inf
    for later in range(mark + 1, new.first_mark[event + 1]):
        if new.mark_must[later] != FREE:
            return float(new.mark_time[later]) if new.mark_must[later] == 1 else np.inf
    return np.inf


@kernel
def _carried_on(
    old: Marks, new: Marks, theta: Parameters, path: Paths, since: float, now: float
) -> tuple[Paths, float]:
    """Return a path on to where it matters to a later record, and the log of its weight."""
    events, until = len(old.graph.kind), now
    ongoing: Paths = copied(path)
    at = _Stand(
        np.empty(events, dtype=np.int64),
        old.first_mark[:events].copy(),
        new.first_mark[:events].copy(),
        np.zeros(events, dtype=np.int64),
        np.zeros(events),
        np.full(events, np.inf),
    )
    log_weight, begin = 0.0, np.inf
    for event in old.graph.start.order:
        if new.end[event] > old.end[event]:
            until = max(until, new.end[event])
            begin = min(begin, max(old.end[event], 0.0))
        if old.end[event] < 0:
            on = start_chance(old.graph, theta, event, ongoing.initial)
            must = new.mark_must[at.new[event]]
            if must == FREE:
                ongoing.initial[event] = 1 if np.random.random() < on else 0  # noqa: NPY002
            else:
                ongoing.initial[event] = must
                log_weight += np.log(on if must == 1 else 1.0 - on)
        while ongoing.jumps[event] > 0 and (
            ongoing.time[ongoing.first[event] + ongoing.jumps[event] - 1] > old.end[event]
        ):
            ongoing.jumps[event] -= 1
    begin = min(begin, since)  # until then all paths stay as they are
    for event in range(events):
        at.x[event], at.old[event], at.used[event] = passed_by(old, event, ongoing, begin)
        at.new[event] = passed_by(new, event, ongoing, begin)[1]
        last = _dated(new, event, at.new[event], at.x[event])
        if old.end[event] <= begin < last < np.inf:
            at.due[event] = begin + np.random.random() * (last - begin)  # noqa: NPY002
            log_weight += np.log(last - begin)
    moment = np.empty(events)
    for event in range(events):
        moment[event] = _upcoming(old, new, theta, path, at, event, begin)
    then = begin
    while True:
        event = int(np.argmin(moment))
        time = min(moment[event], until)
        for e in range(events):
            log_weight -= at.barred[e] * (time - then)
        if not moment[event] < until:
            break
        then = time
        mark, later = at.old[event], at.new[event]
        marked = False
        if mark + 1 < old.first_mark[event + 1] and old.mark_time[mark + 1] == time:
            at.old[event] = mark + 1
            marked = True
        if later + 1 < new.first_mark[event + 1] and new.mark_time[later + 1] == time:
            at.new[event] = later + 1
            marked = True
            last = _dated(new, event, later + 1, at.x[event])
            if old.mark_known[at.old[event]] == OVER and at.due[event] == np.inf > last:
                at.due[event] = time + np.random.random() * (last - time)  # noqa: NPY002
                log_weight += np.log(last - time)
            must = new.mark_must[later + 1]
            if must not in (FREE, at.x[event]):
                log_weight = -np.inf
        if not marked:
            if not _may_leave(new.mark_known[later], at.x[event]):
                log_weight = -np.inf
            if time == at.due[event]:
                log_weight += np.log(at.barred[event])
                at.due[event] = np.inf
            if old.mark_known[mark] == OVER:
                ongoing = with_jump(ongoing, event, time)
            at.used[event] += 1
            at.x[event] = 1 - at.x[event]
            for i in range(old.graph.first_out[event], old.graph.first_out[event + 1]):
                child = old.graph.link_child[old.graph.out_link[i]]
                if old.mark_known[at.old[child]] == OVER:
                    moment[child] = _upcoming(old, new, theta, path, at, child, time)
        moment[event] = _upcoming(old, new, theta, path, at, event, time)
    return ongoing, log_weight


@entry
def carried_on(
    old: Marks,
    new: Marks,
    theta: Parameters,
    courses: Courses,
    between: tuple[float, float],
    seeds: Ints,
) -> tuple[Courses, Floats]:
    """Return courses on to where they matter to a later record, and the logs of their weights.

    Parameters
    ----------
    old
        The record that they are of.
    new
        The later one: it knows what `old` knows, and more of the time that has passed since.
    theta
        Parameters, one value for each course.
    courses
        Of positive probability in `old`; what they hold beyond the ends there is not read.
    between
        As of when the two are: nothing new is known of the time before.
    seeds
        Of what is drawn, one for each course.
    """
    since, now = between
    number = len(courses.initial)
    found = new_courses(number, len(old.graph.kind), len(courses.time))
    log_weight = np.empty(number)
    for k in range(number):
        np.random.seed(seeds[k])  # noqa: NPY002
        path = path_of(old.graph.kind, courses, k)
        path, log_weight[k] = _carried_on(old, new, draw_of(theta, k), path, since, now)
        found = with_course(found, k, path)
    return without_room(found), log_weight


@entry
def finished(p: Marks, theta: Parameters, courses: Courses, until: float, seeds: Ints) -> Courses:
    """Return courses with futures drawn by the model; what they hold beyond their ends goes.

    Parameters are as for `carried_on`.
    """
    number = len(courses.initial)
    found = new_courses(number, len(p.graph.kind), 2 * len(courses.time))
    for k in range(number):
        np.random.seed(seeds[k])  # noqa: NPY002
        path = path_of(p.graph.kind, courses, k)
        found = with_course(found, k, completed(p, draw_of(theta, k), path, until))
    whole: Courses = without_room(found)
    return whole


@entry
def advanced(
    machine: Machine, z: Floats, courses: Courses, keep: int, rounds: int, seeds: Ints
) -> tuple[Floats, Courses, int]:
    """Return so many states of each chain, some rounds apart, and a block without a path.

    Parameters
    ----------
    machine
        Of the record.
    z, courses
        Where chains begin, one each.
    keep, rounds
        How many states to keep of each chain, which stand next to each other; how many rounds lie
        before each.
    seeds
        One for each state.

    Returns
    -------
    tuple
        Standard normals, shape (state, dimension); courses; a block that has no possible path, or
        `NOTHING`.
    """
    chains, events = courses.initial.shape
    number = chains * keep
    found = new_courses(number, events, keep * len(courses.time))
    after, stuck = np.empty((number, z.shape[1])), NOTHING
    for chain in range(chains):
        own = z[chain].copy()
        path = path_of(machine.marks.graph.kind, courses, chain)
        for j in range(keep):
            k = chain * keep + j
            own, path, stuck = advance(machine, own, path, rounds, seeds[k])
            if stuck != NOTHING:
                return after, found, stuck
            after[k] = own
            found = with_course(found, k, path)
    return after, without_room(found), stuck


@entry
def said_along(
    kind: Ints, courses: Courses, event: int, span: tuple[float, float], count: int, factors: Floats
) -> Floats:
    """Return the log chance of an item along each course.

    Parameters
    ----------
    kind
        Of the events.
    courses
        The courses.
    event, span
        What it speaks of, from when to when; the same twice for a moment.
    count
        The number that it counted, or -1.
    factors
        Its chances were the event off, or on, along each course, shape (course, 2).
    """
    found, (first, last) = np.empty(len(courses.initial)), span
    for k in range(len(found)):
        path = path_of(kind, courses, k)
        on = float(states_at(path, last)[event])
        if last > first:
            on = min(time_on(path, event, first, last) / (last - first), 1.0)
        found[k] = share_term(on, count, factors[k, 0], factors[k, 1])
    return found
