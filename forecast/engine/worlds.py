"""Whole courses of all events from now on, many for each draw of the parameters."""

from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry
from forecast.engine.simulate import Wiring, sample_path
from forecast.engine.structure import Floats, Ints, Parameters

__all__ = ["Courses", "simulate_courses"]

SEED_MASK = 0xFFFFFFFF
ROOM = 4  # jumps a course, at first


class Courses(NamedTuple):
    """Courses of all events: where each begins, and its jumps by time.

    The jumps of course k are ``first[k]:first[k + 1]``.
    """

    initial: Ints  # (course, event)
    first: Ints  # (course + 1,)
    time: Floats  # (jump,) rising within a course
    event: Ints  # (jump,)


@entry
def simulate_courses(
    w: Wiring,
    theta: Parameters,
    states: Ints,
    span: tuple[float, float],
    forced_time: Floats,
    forced_event: Ints,
    seed: int,
) -> Courses:
    """Return courses simulated from given states.

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
    forced_time, forced_event
        Rising times within the span at which an event changes from outside.
    seed
        Of the first course.
    """
    draws, each, events = states.shape
    number = draws * each
    initial = np.empty((number, events), dtype=np.int64)
    first = np.zeros(number + 1, dtype=np.int64)
    time, event = np.empty(ROOM * number), np.empty(ROOM * number, dtype=np.int64)
    x, n = np.empty(events, dtype=np.int64), 0
    for d in range(draws):
        one = Parameters(
            theta.base_rate[d], theta.off_rate[d], theta.initial[d], theta.effect[d],
            theta.factors[d],
        )  # fmt: skip
        for m in range(each):
            k = d * each + m
            x[:] = states[d, m]
            initial[k] = x
            begin = span[0]
            for s in range(len(forced_time) + 1):
                end = forced_time[s] if s < len(forced_time) else span[1]
                own = (seed + k + s * number) & SEED_MASK
                times, jumped = sample_path(w, one, x, begin, end, own)
                if n + len(times) + 1 > len(time):
                    more = 2 * (n + len(times) + 1)
                    old_time, old_event = time, event
                    time, event = np.empty(more), np.empty(more, dtype=np.int64)
                    time[:n], event[:n] = old_time[:n], old_event[:n]
                for j in range(len(times)):
                    time[n], event[n] = times[j], jumped[j]
                    n += 1
                if s < len(forced_time):
                    time[n], event[n] = end, forced_event[s]
                    n += 1
                    x[forced_event[s]] = 1 - x[forced_event[s]]
                begin = end
            first[k + 1] = n
    return Courses(initial, first, time[:n].copy(), event[:n].copy())
