"""The state of the path sampler: where every event starts, and when it jumps."""

from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.structure import ONSET, STATE, Floats, Ints

__all__ = ["Paths", "copied", "from_lists", "room_for", "states_at", "to_lists"]

ROOM = 4  # slots that are left free after the jumps of an event that has outgrown its own


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
