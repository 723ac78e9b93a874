"""Kernels for what a run says with some of its record struck out.

A course that the path sampler kept says two things: how probable it makes each item, and how
probable each event is at a time. Weighed by one over the former the latter is the forecast without
the item. Where such weights do not hold, the chain itself is carried on without the item, from
where the run stood.
"""

import numpy as np

from forecast.engine._channels import parameters_at, values_at
from forecast.engine._course import (
    Courses,
    Paths,
    new_courses,
    path_of,
    with_course,
    without_room,
)
from forecast.engine._jit import entry
from forecast.engine._problem import Floats, Ints
from forecast.engine.paths._chain import SEED_RANGE, Machine, advance
from forecast.engine.paths._futures import EACH, completed
from forecast.engine.paths._likelihood import path_statistics, share_term
from forecast.engine.paths._marks import NOTHING, Marks


@entry
def shares_on(p: Marks, f: Courses, courses: Ints) -> Floats:
    """Return the share of each item's time for which its event is on, shape (course, item)."""
    found = np.empty((len(courses), len(p.item_event)))
    for k in range(len(courses)):
        found[k] = path_statistics(p, path_of(p.graph.kind, f, courses[k])).item_on
    return found


@entry
def item_terms(on: Floats, count: Ints, factors: Floats) -> Floats:
    """Return what each item adds to the log likelihood of each row, shape (row, item).

    Parameters
    ----------
    on
        The share of its time for which its event is on, shape (row, item).
    count
        The number that it counted, or -1, shape (item,).
    factors
        As in `Parameters`, for each draw; a draw has as many rows as any other.
    """
    found, each = np.empty(on.shape), len(on) // max(len(factors), 1)
    for k in range(len(on)):
        for i in range(on.shape[1]):
            own = factors[k // each, i]
            found[k, i] = share_term(on[k, i], count[i], own[0], own[1])
    return found


@entry
def run_on(
    machine: Machine,
    z: Floats,
    paths: Paths,
    rounds: tuple[int, int, int],
    until: float,
    seed: int,
) -> tuple[Floats, Courses, Paths, int]:
    """Run one chain on: return its parameters and courses, round by round, and its last paths.

    Parameters
    ----------
    machine
        Of the network and what is left of its record.
    z, paths
        Where the chain stands, of positive probability; left as they are.
    rounds
        How many go by first, how many are kept then, and how many futures each of those has.
    until
        The horizon.
    seed
        Of it all.

    Returns
    -------
    tuple
        Standard normals, shape (round, dimension); the courses; where the chain stands; and a block
        without a path, or `NOTHING`.
    """
    p, c = machine.marks, machine.channels
    skipped, kept, each = rounds
    np.random.seed(seed)  # noqa: NPY002
    seeds = np.random.randint(0, SEED_RANGE, kept + 1)  # noqa: NPY002
    z, paths, stuck = advance(machine, z, paths, skipped, seeds[kept])
    events, many = len(p.graph.kind), kept * each
    found = np.empty((kept, len(z)))
    courses = new_courses(many, events, EACH * many)
    for k in range(many):
        if k % each == 0 and stuck == NOTHING:
            z, paths, stuck = advance(machine, z, paths, 1, seeds[k // each])
            found[k // each] = z
        if stuck != NOTHING:
            break
        theta = parameters_at(c, values_at(c, z), events, len(p.graph.link_kind))
        courses = with_course(courses, k, completed(p, theta, paths, until))
    return found, without_room(courses), paths, stuck
