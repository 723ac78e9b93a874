"""Courses of events: in which state every event begins, and when it jumps.

There are two forms. `Courses` are many, each with its jumps by time: what simulation and the path
sampler hand to those who ask. `Paths` are one, with its jumps event by event and room for more:
what the path sampler redraws.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.engine._jit import bare, bare_kernel, entry, kernel
from forecast.engine._problem import FACT, ONSET, STATE, Floats, Ints, Structure

ROOM = 4  # slots that are left free after the jumps of an event that has outgrown its own


class Courses(NamedTuple):
    """Courses of all events: where each begins, and its jumps by time.

    The jumps of course k are ``first[k]:first[k + 1]``.
    """

    initial: Ints  # (course, event) 0 or 1
    first: Ints  # (course + 1,)
    time: Floats  # (jump,) rising within a course
    event: Ints  # (jump,)

    @property
    def owner(self) -> NDArray[np.intp]:
        """The course of each jump."""
        return np.repeat(np.arange(len(self.initial)), np.diff(self.first))

    def on(self, event: int, time: float) -> NDArray[np.bool_]:
        """Return whether an event is on at a time, shape (course,); a jump then has happened."""
        jumps = (self.event == event) & (self.time <= time)
        number = np.bincount(self.owner[jumps], minlength=len(self.initial))
        return np.asarray((self.initial[:, event] + number) % 2 == 1)

    def states(self, time: float) -> Ints:
        """Return the states of all events at a time, shape (course, event)."""
        courses, events = self.initial.shape
        early = self.time <= time
        cell = self.owner[early] * events + self.event[early]
        number = np.bincount(cell, minlength=courses * events).reshape(courses, events)
        return np.asarray((self.initial + number) % 2)

    def onset(self, event: int) -> Floats:
        """Return when an event is first on, infinite where never; -inf where from the begin on."""
        jumps = self.event == event
        when = np.full(len(self.initial), np.inf)
        np.minimum.at(when, self.owner[jumps], self.time[jumps])
        return np.where(self.initial[:, event] == 1, -np.inf, when)


def joined(courses: list[Courses]) -> Courses:
    """Return courses one after the other."""
    counts = np.concatenate([np.diff(some.first) for some in courses])
    return Courses(
        np.concatenate([some.initial for some in courses]),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([some.time for some in courses]),
        np.concatenate([some.event for some in courses]),
    )


def chosen(courses: Courses, rows: NDArray[np.intp]) -> Courses:
    """Return some of the courses, each as often as it is named."""
    counts = np.diff(courses.first)[rows]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    jumps = np.arange(first[-1]) + np.repeat(courses.first[rows] - first[:-1], counts)
    return Courses(courses.initial[rows], first, courses.time[jumps], courses.event[jumps])


def stretch(courses: Courses, begin: int, end: int) -> Courses:
    """Return the courses from one to another, the last not included."""
    first = courses.first[begin : end + 1]
    jumps = slice(first[0], first[-1])
    return Courses(
        courses.initial[begin:end], first - first[0], courses.time[jumps], courses.event[jumps]
    )


def as_given(structure: Structure, courses: Courses) -> Courses:
    """Return courses whose events of given course follow it, and all others go as they did."""
    given = structure.courses_given
    if not given:
        return courses
    number, initial = len(courses.initial), courses.initial.copy()
    initial[:, list(given)] = structure.initially[list(given)]
    left = ~np.isin(courses.event, list(given))
    times = {event: some[some < structure.horizon] for event, some in given.items()}
    changes = np.concatenate([*times.values()])
    changed = np.repeat(list(times), [len(some) for some in times.values()]).astype(np.int64)
    owner = np.concatenate([courses.owner[left], np.repeat(np.arange(number), len(changes))])
    time = np.concatenate([courses.time[left], np.tile(changes, number)])
    event = np.concatenate([courses.event[left], np.tile(changed, number)])
    order = np.lexsort((time, owner))
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=number))])
    return Courses(initial, first.astype(np.int64), time[order], event[order])


@kernel
def with_room(time: Floats, event: Ints, jumps: int) -> tuple[Floats, Ints]:
    """Return the same jumps in arrays that have room for so many at least."""
    if jumps <= len(time):
        return time, event
    more_time, more_event = np.empty(2 * jumps), np.empty(2 * jumps, dtype=np.int64)
    more_time[: len(time)], more_event[: len(time)] = time, event
    return more_time, more_event


class Paths(NamedTuple):
    """One path for each event.

    The jumps of event e are ``time[first[e]:first[e] + jumps[e]]``, rising; the slots up to
    ``first[e + 1]`` are free. An onset has one jump at most, a fact none.
    """

    initial: Ints  # (event,) 0 or 1
    first: Ints  # (event + 1,)
    jumps: Ints  # (event,) how many
    time: Floats  # (slot,)


def from_lists(kind: Ints, initial: Ints, jumps: list[list[float]]) -> Paths:
    """Return the paths that start at `initial` and jump at rising times, one list an event.

    Parameters
    ----------
    kind
        `ONSET`, `STATE` or `FACT`, which decides how much room is left, shape (event,).
    initial
        0 or 1, shape (event,).
    jumps
        One list for each event.
    """
    room = [
        len(times) + ROOM if sort == STATE else max(len(times), int(sort == ONSET))
        for sort, times in zip(kind, jumps, strict=True)
    ]
    first = np.concatenate([[0], np.cumsum(room)]).astype(np.int64)
    time = np.zeros(first[-1])
    for start, times in zip(first, jumps, strict=False):
        time[start : start + len(times)] = times
    counts = np.array([len(times) for times in jumps], dtype=np.int64)
    return Paths(np.array(initial, dtype=np.int64), first, counts, time)


def to_lists(paths: Paths) -> list[list[float]]:
    """Return the jump times of each event."""
    return [
        paths.time[first : first + count].tolist()
        for first, count in zip(paths.first[:-1], paths.jumps, strict=True)
    ]


def spliced(before: Courses, after: Courses, time: float) -> Courses:
    """Return courses that are those of `before` up to a time and those of `after` from then on.

    Where an event is in another state as `after` begins, it jumps at that time.
    """
    owner, event = np.nonzero(before.states(time) != after.initial)
    early = before.time <= time
    owners = np.concatenate([before.owner[early], owner, after.owner])
    order = np.argsort(owners, kind="stable")
    number = np.bincount(owners, minlength=len(before.initial))
    times = np.concatenate([before.time[early], np.full(len(owner), time), after.time])
    jumped = np.concatenate([before.event[early], event, after.event])
    first = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
    return Courses(before.initial, first, times[order], jumped[order])


def packed(paths: Sequence[Paths]) -> tuple[NDArray[np.int8], NDArray[np.int32], Floats]:
    """Return many sets of paths as three arrays, without the free slots.

    Returns
    -------
    initial, jumps
        State at first and number of jumps, shape (set, event).
    time
        Of the jumps, set by set and event by event.
    """
    initial = np.array([one.initial for one in paths], dtype=np.int8)
    jumps = np.array([one.jumps for one in paths], dtype=np.int32)
    times = [moment for one in paths for moments in to_lists(one) for moment in moments]
    return initial, jumps, np.array(times, dtype=np.float64)


def unpacked(initial: NDArray[Any], jumps: NDArray[Any], time: Floats) -> tuple[Paths, ...]:
    """Return the sets of paths that `packed` made these arrays of, with a slot for each event.

    An event that does not jump has a free one: an onset is redrawn into the slot that it has.
    """
    room = np.maximum(jumps, 1).astype(np.int64)
    first = np.concatenate(
        [np.zeros((len(jumps), 1), dtype=np.int64), np.cumsum(room, axis=1, dtype=np.int64)], 1
    )
    starts = np.concatenate([[0], np.cumsum(first[:, -1])])
    number = jumps.astype(np.int64)
    many = number.reshape(-1)
    places = (starts[:-1, None] + first[:, :-1]).reshape(-1)  # of the first jump of each event
    within = np.arange(len(time)) - np.repeat(np.cumsum(many) - many, many)
    times = np.zeros(starts[-1])
    times[np.repeat(places, many) + within] = time
    start = initial.astype(np.int64)
    return tuple(
        Paths(start[k], first[k], number[k], times[starts[k] : starts[k + 1]])
        for k in range(len(jumps))
    )


@kernel
def copied(paths: Paths) -> Paths:
    """Return a copy that may be changed in place."""
    return Paths(paths.initial.copy(), paths.first.copy(), paths.jumps.copy(), paths.time.copy())


@kernel
def room_for(paths: Paths, event: int, jumps: int) -> Paths:
    """Return the same paths with room for so many jumps of an event."""
    have = paths.first[event + 1] - paths.first[event]
    if have >= jumps:
        return paths
    more = jumps - have
    if jumps > 1:
        more += ROOM
    n = len(paths.jumps)
    first, time = paths.first.copy(), np.empty(len(paths.time) + more)
    for e in range(n):
        if e > event:
            first[e] += more
        for i in range(paths.jumps[e]):
            time[first[e] + i] = paths.time[paths.first[e] + i]
    first[n] += more
    return Paths(paths.initial, first, paths.jumps, time)


@kernel
def with_jump(paths: Paths, event: int, time: float) -> Paths:
    """Return paths with one jump more of an event, after all that it has."""
    paths = room_for(paths, event, paths.jumps[event] + 1)
    paths.time[paths.first[event] + paths.jumps[event]] = time
    paths.jumps[event] += 1
    return paths


@bare_kernel
def time_on(paths: Paths, event: int, first: float, last: float) -> float:
    """Return for how long an event is on between two times."""
    x, since, on = paths.initial[event], first, 0.0
    for i in range(paths.first[event], paths.first[event] + paths.jumps[event]):
        moment = min(max(paths.time[i], first), last)
        if x == 1:
            on += moment - since
        x, since = 1 - x, moment
    if x == 1:
        on += last - since
    return float(on)


@kernel
def new_courses(number: int, events: int, jumps: int) -> Courses:
    """Return room for so many courses, to be filled in one after the other."""
    return Courses(
        np.zeros((number, events), dtype=np.int64),
        np.zeros(number + 1, dtype=np.int64),
        np.empty(jumps + ROOM),
        np.empty(jumps + ROOM, dtype=np.int64),
    )


@kernel
def with_course(courses: Courses, k: int, path: Paths) -> Courses:
    """Return the courses with a path as the k-th, all before it being there."""
    begin = courses.first[k]
    time, event = with_room(courses.time, courses.event, begin + path.jumps.sum())
    courses.initial[k] = path.initial
    courses.first[k + 1] = begin + by_time(path, time[begin:], event[begin:])
    return Courses(courses.initial, courses.first, time, event)


@kernel
def without_room(courses: Courses) -> Courses:
    """Return courses without the room that is left."""
    n = courses.first[len(courses.initial)]
    return Courses(
        courses.initial, courses.first, courses.time[:n].copy(), courses.event[:n].copy()
    )


@entry
def path_of(kind: Ints, courses: Courses, k: int) -> Paths:
    """Return one of many courses, event by event."""
    events, begin, end = len(kind), courses.first[k], courses.first[k + 1]
    jumps = np.zeros(events, dtype=np.int64)
    for j in range(begin, end):
        jumps[courses.event[j]] += 1
    first = np.zeros(events + 1, dtype=np.int64)
    for event in range(events):
        room = jumps[event]
        if kind[event] == STATE:
            room += ROOM
        elif kind[event] != FACT:
            room = max(room, 1)
        first[event + 1] = first[event] + room
    time, filled = np.zeros(first[events]), first[:events].copy()
    for j in range(begin, end):
        time[filled[courses.event[j]]] = courses.time[j]
        filled[courses.event[j]] += 1
    return Paths(courses.initial[k].copy(), first, jumps, time)


def courses_of(paths: Sequence[Paths]) -> Courses:
    """Return paths as courses, one after the other."""
    counts = [int(path.jumps.sum()) for path in paths]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    time, event = np.empty(first[-1]), np.empty(first[-1], dtype=np.int64)
    for k, path in enumerate(paths):
        _sorted_into(path, time[first[k] : first[k + 1]], event[first[k] : first[k + 1]])
    return Courses(np.array([path.initial for path in paths]), first, time, event)


@entry
def _sorted_into(path: Paths, time: Floats, event: Ints) -> int:
    return int(by_time(path, time, event))


@entry
def states_at(paths: Paths, time: float) -> Ints:
    """Return the state of every event at a time, shape (event,); a jump then has happened."""
    states = paths.initial.copy()
    for event in range(len(states)):
        start = paths.first[event]
        for i in range(start, start + paths.jumps[event]):
            if paths.time[i] <= time:
                states[event] = 1 - states[event]
    return states


@bare_kernel
def by_time(paths: Paths, time: Floats, event: Ints) -> int:
    """Fill in the jumps of all paths by time, and whose they are; return how many there are."""
    n = 0
    for e in range(len(paths.jumps)):
        for i in range(paths.first[e], paths.first[e] + paths.jumps[e]):
            time[n], event[n] = paths.time[i], e
            n += 1
    shell_sort(time, event, n)
    return n


@bare
def shell_sort(time: Floats, tag: Ints, n: int) -> None:
    """Sort the first `n` times, and their tags with them, in place."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            t, g, j = time[i], tag[i], i
            while j >= gap and time[j - gap] > t:
                time[j], tag[j] = time[j - gap], tag[j - gap]
                j -= gap
            time[j], tag[j] = t, g
        gap //= 3
