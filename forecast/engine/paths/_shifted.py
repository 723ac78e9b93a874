"""Kernels for what a run says with one of its numbers set to a value.

Along a path that the sampler kept, a number bears on a few terms of the likelihood: those with it
set, less those as they are, weigh the draw. Where it bears on what comes, the future is drawn again
from the end of the same path with the same random numbers.
"""

import numpy as np

from forecast.engine._channels import parameters_at, values_at
from forecast.engine._course import Courses, Paths, by_time, path_of, with_room
from forecast.engine._jit import entry, kernel
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine.paths._chain import Machine, follow, terms_of
from forecast.engine.paths._futures import Aims, add_chances, completed
from forecast.engine.paths._likelihood import path_statistics
from forecast.engine.paths._marks import NOTHING, Marks


@entry
def shifted_likelihoods(
    machine: Machine, z: Floats, f: Courses, courses: Ints, levels: Floats
) -> Floats:
    """Return the log likelihood of paths with a number set, less that as it is.

    Parameters
    ----------
    machine
        Whose moves are the numbers, each by itself.
    z
        The draw, shape (dimension,).
    f, courses
        Its courses, and those to read.
    levels
        Standard normals to set each number to, shape (level,).

    Returns
    -------
    ndarray
        Shape (number, level, course).
    """
    p, _, c, m = machine
    numbers, z = len(m.first_normal) - 1, z.copy()
    values = values_at(c, z)
    theta = parameters_at(c, values, len(p.graph.kind), len(p.graph.link_kind))
    stats = [path_statistics(p, path_of(p.graph.kind, f, course)) for course in courses]
    found = np.zeros((numbers, len(levels), len(courses)))
    for k in range(numbers):
        if m.first_event[k] == m.first_event[k + 1] and m.first_term[k] == m.first_term[k + 1]:
            continue
        normal = m.normal[m.first_normal[k]]
        before = z[normal]
        for i in range(len(courses)):
            as_it_is = terms_of(m, k, stats[i], theta)
            for j in range(len(levels)):
                found[k, j, i] = -as_it_is
        for j in range(len(levels)):
            z[normal] = levels[j]
            follow(c, m, k, z, values, theta)
            for i in range(len(courses)):
                found[k, j, i] += terms_of(m, k, stats[i], theta)
        z[normal] = before
        follow(c, m, k, z, values, theta)
    return found


@kernel
def _chance(
    p: Marks,
    ahead: Parameters,
    read: Parameters,
    paths: Paths,
    aims: Aims,
    time: float,
    seeds: Ints,
) -> float:
    """Return the chance of one target at a time, over futures from the end of some paths."""
    chance, times = np.zeros((1, 1)), np.array([time])
    room, event = np.empty(8), np.empty(8, dtype=np.int64)
    for seed in seeds:
        np.random.seed(seed)  # noqa: NPY002
        whole = completed(p, ahead, paths, np.nextafter(time, np.inf))
        room, event = with_room(room, event, whole.jumps.sum())
        jumps = by_time(whole, room, event)
        one = Courses(
            whole.initial.reshape(1, -1), np.array([0, jumps]), room[:jumps], event[:jumps]
        )
        add_chances(p, read, one, 0, aims, times, chance)
    return float(chance[0, 0] / len(seeds))


@entry
def shifted_chances(
    machine: Machine,
    z: Floats,
    f: Courses,
    courses: Ints,
    levels: Floats,
    reads: Ints,
    ask: tuple[int, int, float, float],
    seeds: Ints,
) -> tuple[Floats, Floats]:
    """Return the chance of an event from where paths end, as it is and with numbers set.

    Parameters
    ----------
    machine, z, f, courses, levels
        As for `shifted_likelihoods`.
    reads
        What each number bears on: 0, nothing that is asked; 1, no more than the rate of the event
        itself, which is integrated out; 2, what happens; shape (number,).
    ask
        The event, whether it is integrated out (1) or read off (0), from when on, and the time.
    seeds
        Of the futures of each course, shape (course, future).

    Returns
    -------
    tuple of ndarray
        Shape (course,) and (number, level, course).
    """
    p, _, c, m = machine
    numbers, z = len(m.first_normal) - 1, z.copy()
    event, integrated, start, time = ask
    slot = np.full(len(p.graph.kind), NOTHING)
    if integrated == 1:
        slot[event] = 0
    aims = Aims(np.array([event]), slot, start)
    values = values_at(c, z)
    events, links = len(p.graph.kind), len(p.graph.link_kind)
    theta, other = parameters_at(c, values, events, links), parameters_at(c, values, events, links)
    as_it_is, found = np.empty(len(courses)), np.empty((numbers, len(levels), len(courses)))
    for i in range(len(courses)):
        paths = path_of(p.graph.kind, f, courses[i])
        as_it_is[i] = _chance(p, theta, theta, paths, aims, time, seeds[i])
    for k in range(numbers):
        if reads[k] == 0:
            for j in range(len(levels)):
                found[k, j] = as_it_is
            continue
        normal = m.normal[m.first_normal[k]]
        before = z[normal]
        for j in range(len(levels)):
            z[normal] = levels[j]
            follow(c, m, k, z, values, other)
            for i in range(len(courses)):
                paths = path_of(p.graph.kind, f, courses[i])
                ahead = theta if reads[k] == 1 else other
                found[k, j, i] = _chance(p, ahead, other, paths, aims, time, seeds[i])
        z[normal] = before
        follow(c, m, k, z, values, other)
    return as_it_is, found
