"""Kernels for what a run says with some of its record struck out.

A course that the path sampler kept says two things: how probable it makes each item, and how
probable each event is at a time. Weighed by one over the former the latter is the forecast without
the item. Where such weights do not hold, the chain itself is carried on without the item, from
where the run stood.
"""

import numpy as np

from forecast.engine._channels import parameters_at, values_at
from forecast.engine._course import Courses, Paths, by_time, path_of, with_room
from forecast.engine._jit import entry
from forecast.engine._problem import Floats, Ints, Parameters, draw_of
from forecast.engine.paths._chain import SEED_RANGE, Machine, advance
from forecast.engine.paths._futures import ROOM, Aims, add_chances, completed
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
def chances_in_groups(
    p: Marks,
    theta: Parameters,
    f: Courses,
    aims: tuple[Ints, Ints],
    span: tuple[float, float],
    draws: Ints,
    groups: int,
) -> Floats:
    """Return P(target on) at a time by groups of a draw's courses, shape (draw, group, target).

    Parameters
    ----------
    p, theta, f, aims, draws
        As for `chances_ahead`, but that any number of courses will do.
    span
        From when on targets are integrated, and the time.
    groups
        So many of each draw's courses in a row make a group, that their number divides.
    """
    targets, integrated = aims
    found, times = np.zeros((len(draws), groups, len(targets), 1)), np.array([span[1]])
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
            add_chances(p, one, f, course, Aims(targets, slot, span[0]), times, found[i, k // size])
    found /= size
    return found[:, :, :, 0]


@entry
def carried_on(
    machine: Machine,
    z: Floats,
    paths: Paths,
    rounds: tuple[int, int, int],
    until: float,
    seed: int,
) -> tuple[Floats, Courses, Paths, int]:
    """Carry on one chain: return its parameters and courses, round by round, and its last paths.

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
    initial, first = np.zeros((many, events), dtype=np.int64), np.zeros(many + 1, np.int64)
    time, event = np.empty(ROOM * many), np.empty(ROOM * many, dtype=np.int64)
    for k in range(many):
        if k % each == 0 and stuck == NOTHING:
            z, paths, stuck = advance(machine, z, paths, 1, seeds[k // each])
            found[k // each] = z
        if stuck != NOTHING:
            break
        theta = parameters_at(c, values_at(c, z), events, len(p.graph.link_kind))
        whole = completed(p, theta, paths, until)
        initial[k] = whole.initial
        time, event = with_room(time, event, first[k] + whole.jumps.sum())
        first[k + 1] = first[k] + by_time(whole, time[first[k] :], event[first[k] :])
    courses = Courses(initial, first, time[: first[many]].copy(), event[: first[many]].copy())
    return found, courses, paths, stuck
