"""References for small networks: the dense generator and its matrix exponential, in plain NumPy."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from forecast.engine._problem import (
    FACT,
    STATE,
    Floats,
    Ints,
    Parameters,
    Record,
    Structure,
)
from forecast.engine._specification import allowed, on_rate


def generator(structure: Structure, theta: Parameters, time: float) -> Floats:
    """The generator over all 2^n joint states, columns from, rows to."""
    n = len(structure.kind)
    states = np.arange(2**n)
    q = np.zeros((2**n, 2**n))
    for i in range(n):
        if structure.kind[i] == FACT or i in structure.courses_given:
            continue
        off = theta.off_rate[i] if structure.kind[i] == STATE else 0.0
        rate = np.where((states >> i) & 1, off, on_rate(structure, theta, i, states, time))
        q[states ^ (1 << i), states] += rate
        q[states, states] -= rate
    return q


def dense_log_likelihood(structure: Structure, record: Record, theta: Parameters) -> float:
    """The log likelihood by matrix exponentials; an event known over a span may not leave it."""
    n = len(structure.kind)
    states = np.arange(2**n)
    p = started(structure, theta)
    edges = {0.0, *record.item_time, *record.first_time, *record.known_from}
    edges |= {t for t in record.known_to if np.isfinite(t)}
    edges |= {edge for _, *ends, _ in record.held for edge in ends}
    last = max(edges)
    for windows in structure.windows:
        if windows is not None:
            edges |= {float(t) for t in windows.edges if 0 < t < last}
    edges |= {float(t) for times in structure.courses_given.values() for t in times if t <= last}
    cuts = sorted(float(t) for t in edges)
    total = 0.0
    for k, cut in enumerate(cuts):
        p = p[changed(structure, cut, states)]
        for event, time, g, watched in zip(
            record.item_event, record.item_time, theta.factors, record.watched, strict=True
        ):
            if time == cut and not watched:
                p = p * g[(states >> event) & 1]
        p = p * allowed(record, cut, cut, states)
        if k + 1 < len(cuts):
            after = cuts[k + 1]
            q = generator(structure, theta, (cut + after) / 2)
            inside = allowed(record, cut, after, states)
            q = q * inside[:, None] * inside[None, :] + np.diag(np.diag(q) * (1 - inside))
            q = q - np.diag(breaking(record, theta, cut, after, states))
            q[barred(record, cut, after, states)] = 0.0
            p = expm(q * (after - cut)) @ (p * inside)
        if p.sum() == 0:
            return -np.inf
        total += np.log(p.sum())
        p = p / p.sum()
    return float(total)


def changed(structure: Structure, time: float, states: Ints) -> Ints:
    """From which joint state each comes as events of given course change at a time."""
    for event, times in structure.courses_given.items():
        if time in times:
            states = states ^ (1 << event)
    return states


def started(structure: Structure, theta: Parameters) -> Floats:
    """The chance of each joint state at the start, state by state."""
    n, start = len(structure.kind), structure.start
    chances = []
    for state in range(2**n):
        chance = 1.0
        for i in range(n):
            on = theta.initial[i] if structure.initially[i] < 0 else float(structure.initially[i])
            if start is not None and structure.initially[i] < 0:
                own = range(start.first_given[i], start.first_given[i + 1])
                row = sum(int(start.stride[k]) for k in own if (state >> int(start.given[k])) & 1)
                rows = theta.initial[start.first[i] : start.first[i] + start.rows[i]]
                on = rows[row] if row < len(rows) else 0.0
            chance *= on if (state >> i) & 1 else 1 - on
        chances.append(chance)
    return np.array(chances)


def barred(record: Record, start: float, end: float, states: Ints) -> NDArray[np.bool_]:
    """Jumps, to and from, that would have been seen over an interval, and were not."""
    found = np.zeros((len(states), len(states)), dtype=np.bool_)
    for event, first, last, turns in record.held:
        if first <= start and last >= end:
            to = states[((states >> event) & 1) != turns]
            found[to, to ^ (1 << event)] = True
    return found


def breaking(record: Record, theta: Parameters, start: float, end: float, states: Ints) -> Floats:
    """The rate at which the silences that hold over an interval would be broken in each state."""
    rate = np.zeros(len(states))
    for i in np.flatnonzero(record.watched):
        first, last = record.first_time[i], record.item_time[i]
        if first <= start and last >= end:
            chance = theta.factors[i, (states >> record.item_event[i]) & 1]
            rate -= np.log(chance) / (last - first)
    return rate
