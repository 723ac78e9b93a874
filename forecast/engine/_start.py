"""The start: how likely each joint state of the events is as time begins.

Every event has a row of chances for each state of the facts that it depends on; most depend on
none and have one row. The product over events,

    P(x) = Π_e P(x_e | x of what e depends on),

is a Bayesian network over facts. The row of an event is a sum over what it depends on, of a stride
for each that is on. A row beyond the last has chance 0: so the values of a fact, of which exactly
one is true, shut each other out, each being asked after those before it.
"""

import numpy as np

from forecast.engine._jit import bare
from forecast.engine._problem import Floats, Graph, Ints, Parameters, Start, Structure


@bare
def row_at(start: Start, event: int, states: Ints) -> int:
    """Return the row of an event's chances, given the states of all events at the start."""
    row = 0
    for i in range(start.first_given[event], start.first_given[event + 1]):
        row += start.stride[i] * states[start.given[i]]
    return int(row)


@bare
def start_chance(graph: Graph, theta: Parameters, event: int, states: Ints) -> float:
    """Return the chance that an event is on at the start, given the states of the others."""
    if graph.initially[event] >= 0:
        return float(graph.initially[event])
    row = row_at(graph.start, event, states)
    return (
        float(theta.initial[graph.start.first[event] + row])
        if row < graph.start.rows[event]
        else 0.0
    )


@bare
def start_masses(
    graph: Graph, theta: Parameters, event: int, states: Ints, end: Floats
) -> tuple[float, float]:
    """Return what is in proportion to the chances that an event is off and on at the start.

    They are given the states of all others then, of what depends on it too where that is followed,
    up to an `end`; its own is not read.
    """
    before = states[event]
    on = start_chance(graph, theta, event, states)
    off = 1.0 - on
    for i in range(graph.start.first_ruled[event], graph.start.first_ruled[event + 1]):
        ruled = graph.start.ruled[i]
        if end[ruled] < 0.0:
            continue
        states[event] = 0
        p = start_chance(graph, theta, ruled, states)
        off *= p if states[ruled] == 1 else 1.0 - p
        states[event] = 1
        p = start_chance(graph, theta, ruled, states)
        on *= p if states[ruled] == 1 else 1.0 - p
    states[event] = before
    return off, on


def drawn_start(structure: Structure, chance: Floats, u: Floats) -> Ints:
    """Return which events are on at the start of one world, shape (event,).

    Parameters
    ----------
    structure
        The network.
    chance
        `Parameters.initial`, shape (chance,).
    u
        Uniform random numbers, shape (event,).
    """
    start = structure.start
    if start is None:
        p = np.where(structure.initially < 0, chance, structure.initially)
        return np.asarray((u < p).astype(np.int64))
    on = np.zeros(len(u), dtype=np.int64)
    for event in start.order.tolist():
        row = row_of(start, event, on)
        there, sure = row < start.rows[event], float(structure.initially[event])
        stated = float(chance[start.first[event] + row]) if there else 0.0
        on[event] = u[event] < (stated if sure < 0 else sure)
    return on


def row_of(start: Start, event: int, states: Ints) -> int:
    """Return the row of an event's chances, as `row_at` does, outside compiled code."""
    own = slice(start.first_given[event], start.first_given[event + 1])
    return int(start.stride[own] @ states[start.given[own]])
