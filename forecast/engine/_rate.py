"""The on-rate of an event given its parents: what each kind of link does to it, and its slope.

An event that is off starts at the rate

    weight * (base + Σ causes that are on) * Π multipliers that are on * Π gates,

the weight being that of the calendar, and a gate 1 while it lets through what it guards, else 0.
Everything that needs a rate, or a slope of one, has it from here: a new kind of link is written in
`shuts` or `take_in`, and its slope in `add_link_slope`.
"""

from typing import Any

import numpy as np
from numba.extending import register_jitable

from forecast.engine._jit import bare, bare_kernel, entry
from forecast.engine._problem import (
    CAUSES,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    Floats,
    Graph,
    Ints,
    Parameters,
    draw_of,
)

SHUT = 0.0  # what a closed gate multiplies a rate with, but in search of a first path
TINY, SMALL = 1e-300, 1e-8  # below these, limits stand in for quotients


@register_jitable
def shuts(kind: Any, parent: Any) -> Any:
    """Return whether a link is a closed gate while its parent is in a state: arrays or numbers."""
    return ((kind == REQUIRES) & (parent == 0)) | ((kind == PREVENTS) & (parent == 1))


@register_jitable
def acts(kind: Any, parent: Any) -> Any:
    """Return whether a link's effect counts while its parent is in a state: arrays or numbers."""
    return ((kind == CAUSES) | (kind == MULTIPLIES)) & (parent == 1)


@bare
def take_in(
    kind: int, parent: int, effect: Floats, link: int, closed: float, total: float, factor: float
) -> tuple[float, float]:
    """Return the sum and the factor of a rate with one more link taken in.

    Parameters
    ----------
    kind, parent
        Of the link, and the state of its parent, 0 or 1.
    effect, link
        All effects, and which is the link's own; of a gate it is not read.
    closed
        What a closed gate multiplies the rate with: `SHUT`.
    total, factor
        Of the rate so far.
    """
    if acts(kind, parent):
        if kind == CAUSES:
            total += effect[link]
        else:
            factor *= effect[link]
    elif shuts(kind, parent):
        factor *= closed
    return total, factor


@bare
def add_link_slope(
    kind: int, effect: Floats, link: int, gain: float, total: float, factor: float, slope: Floats
) -> None:
    """Add `gain` times the slope of a rate by the effect of a link that acts on it, to `slope`."""
    if kind == CAUSES:
        slope[link] += gain * factor
    else:
        slope[link] += gain * factor * total / effect[link]


@bare
def on_rate(graph: Graph, event: int, x: Ints, weight: float, theta: Parameters) -> float:
    """Return the on-rate of an event, no fact, while all events are in the states `x`."""
    total, factor = theta.base_rate[event], weight
    for i in range(graph.first_in[event], graph.first_in[event + 1]):
        link = graph.in_link[i]
        kind, parent = graph.link_kind[link], x[graph.link_parent[link]]
        total, factor = take_in(kind, parent, theta.effect, link, SHUT, total, factor)
    return float(total * factor)


@bare_kernel
def flip_chances(on: float, off: float, time: float) -> tuple[float, float]:
    """Return P(off to on) and P(on to off) of a two-state process over a time."""
    total = on + off
    if total * time < TINY:
        return 0.0, 0.0
    share = -np.expm1(-total * time) / total
    return on * share, off * share


@bare_kernel
def flip_slopes(on: float, off: float, time: float) -> tuple[float, float, float, float]:
    """Return the derivatives of `flip_chances`: da/don, da/doff, db/don, db/doff."""
    total = on + off
    if total * time < SMALL:
        half = 0.5 * time * time
        return time - (2 * on + off) * half, -on * half, -off * half, time - (on + 2 * off) * half
    share = -np.expm1(-total * time) / total
    slope = (time * np.exp(-total * time) - share) / total
    return share + on * slope, on * slope, off * slope, share + off * slope


@entry
def rates_over(graph: Graph, event: Ints, x: Ints, weight: Floats, theta: Parameters) -> Floats:
    """Return the on-rates of many draws in many configurations, shape (draw, configuration).

    Parameters
    ----------
    graph
        Events and links.
    event
        The event that may start in each configuration, shape (configuration,).
    x
        The states of all events in it, shape (configuration, event).
    weight
        Of the calendar in it, shape (configuration,).
    theta
        With a draw dimension.
    """
    found = np.empty((len(theta.base_rate), len(event)))
    for d in range(len(found)):
        one = draw_of(theta, d)
        for c in range(len(event)):
            found[d, c] = on_rate(graph, event[c], x[c], weight[c], one)
    return found
