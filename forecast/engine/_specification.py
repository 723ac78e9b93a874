"""The specification: what the likelihood of a record is, slow and obvious, in plain NumPy.

Read this first. Every event is a bit of a joint state: bit i of a state is 1 where event i is on.
The filter carries P(joint state, what was told so far) from one time at which something changes to
the next: nobody is left out for being known or for mattering to nothing, and no slopes are found.
The compiled filter gives the same numbers, and a test holds it to that.

Two things that a record may hold are left out: counts, which no filter over states can take, and
states imposed from outside for a while only. An event whose whole course is given from outside has
no rates of its own.
"""

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    STATE,
    Floats,
    Ints,
    Parameters,
    Record,
    Structure,
    start_of,
)


def on_rate(
    structure: Structure, theta: Parameters, event: int, states: Ints, time: float
) -> Floats:
    """Return the rate at which an event starts, were it off, in each joint state."""
    total = np.full(len(states), theta.base_rate[event])
    factor = np.full(len(states), structure.weight(event, time))
    for link in np.flatnonzero(structure.link_child == event):
        on = on_in(states, structure.link_parent[link])
        kind = structure.link_kind[link]
        if kind == CAUSES:
            total = total + theta.effect[link] * on
        elif kind == MULTIPLIES:
            factor = factor * np.where(on, theta.effect[link], 1.0)
        elif kind == REQUIRES:
            factor = factor * on
        elif kind == PREVENTS:
            factor = factor * ~on
    return np.asarray(total * factor)


def chance_at_start(structure: Structure, theta: Parameters, event: int, states: Ints) -> Floats:
    """Return the chance that an event is on at the start, given the others in each joint state.

    A fact that depends on others has a row of chances for each combination of their values.
    """
    start = structure.start or start_of(len(structure.kind))
    row = np.zeros(len(states), dtype=np.int64)
    for i in range(start.first_given[event], start.first_given[event + 1]):
        row += start.stride[i] * on_in(states, int(start.given[i]))
    there = row < start.rows[event]  # no row: a value of a fact of which another value is true
    return np.where(there, theta.initial[start.first[event] + row * there], 0.0)


def on_in(states: Ints, event: int) -> NDArray[np.bool_]:
    """Return in which joint states an event is on."""
    return np.asarray((states >> event) & 1 == 1)


def allowed(record: Record, start: float, end: float, states: Ints) -> NDArray[np.bool_]:
    """Return which joint states agree with what is known all through a stretch of time."""
    agree = np.ones(len(states), dtype=np.bool_)
    for event, first, last, value in record.known:
        if first <= start and last >= end:
            agree &= on_in(states, event) == value
    return agree


def log_likelihood(
    structure: Structure, record: Record, theta: Parameters, max_step: float
) -> float:
    """Return log p(record | theta), by steps of at most `max_step` years."""
    states = np.arange(2 ** len(structure.kind))
    p = np.ones(len(states))
    for event, sure in enumerate(structure.initially):
        chance = chance_at_start(structure, theta, event, states) if sure < 0 else float(sure)
        p *= np.where(on_in(states, event), chance, 1 - chance)
    total, cuts = 0.0, _cuts(structure, record)
    for start, end in zip(cuts, [*cuts[1:], None], strict=True):
        for item, (event, first, last) in enumerate(record.items):
            if first == last == start:
                p = p * theta.factors[item, on_in(states, event).astype(int)]
        p = p * allowed(record, start, start, states)
        p = _as_given(structure, p, start)
        if end is not None:
            p = _carried(structure, record, theta, p, (start, end), max_step)
        if not p.any():
            return -np.inf
        total += float(np.log(p.sum()))
        p = p / p.sum()
    return total


def _cuts(structure: Structure, record: Record) -> list[float]:
    """Return the times at which something changes, up to the last of which anything is told."""
    ends = [edge for _, *edges, _ in (*record.known, *record.held) for edge in edges]
    ends += [edge for _, *edges in record.items for edge in edges]
    last = max((edge for edge in ends if np.isfinite(edge)), default=0.0)
    ends += [edge for windows in structure.windows if windows for edge in windows.edges.tolist()]
    ends += [time for times in structure.courses_given.values() for time in times.tolist()]
    return sorted({0.0, *(edge for edge in ends if 0.0 < edge <= last)})


def _as_given(structure: Structure, p: Floats, time: float) -> Floats:
    """Return p(joint state) after the events have changed that are to change at a time."""
    states = np.arange(len(p))
    for event, times in structure.courses_given.items():
        if time in times:
            p = p[states ^ (1 << event)]
    return p


def _carried(
    structure: Structure,
    record: Record,
    theta: Parameters,
    p: Floats,
    ends: tuple[float, float],
    max_step: float,
) -> Floats:
    """Carry p(joint state) over a stretch in which nothing changes but states.

    A step of length h lets one event after another change over h/2, then lets what did not happen
    not happen over h, then lets the events change in the reverse order: symmetric splitting.
    """
    start, end = ends
    states, steps = np.arange(len(p)), max(1, int(np.ceil((end - start) / max_step - 1e-9)))
    h, inside = (end - start) / steps, allowed(record, start, end, states)
    unseen = np.zeros(len(p))  # the rate of what would have been seen or said, and was not
    flips = []  # an event, its rates to go on and off, in the states in which it is off
    for event in np.flatnonzero(structure.kind != FACT).tolist():
        if event in structure.courses_given:
            continue
        off = states[~on_in(states, event)]
        on = off | (1 << event)
        to_on = on_rate(structure, theta, event, off, (start + end) / 2)
        to_off = np.full(len(off), theta.off_rate[event] * (structure.kind[event] == STATE))
        turns = {turns for e, a, b, turns in record.held if e == event and a <= start and b >= end}
        may_start = inside[off] & inside[on] & (not turns or turns == {1})
        may_end = inside[off] & inside[on] & (not turns or turns == {0})
        unseen[off] += np.where(may_start, 0.0, to_on)
        unseen[on] += np.where(may_end, 0.0, to_off)
        flips.append((off, on, to_on * may_start, to_off * may_end))
    for item, (event, first, last) in enumerate(record.items):
        if first <= start and last >= end and first < last:
            chance = theta.factors[item, on_in(states, event).astype(int)]
            unseen -= np.log(chance) / (last - first)
    p = p * inside
    for _ in range(steps):
        for turn in (flips, flips[::-1]):
            for off, on, to_on, to_off in turn:
                total = to_on + to_off
                share = -np.expm1(-total * h / 2) / np.where(total > 0, total, 1.0)
                flow = to_on * share * p[off] - to_off * share * p[on]
                p[off] -= flow
                p[on] += flow
            if turn is flips:
                p *= np.exp(-unseen * h)
    return p
