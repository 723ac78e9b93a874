"""A chain: paths given parameters and parameters given paths, drawn in turn.

Parameters are functions of standard normals, redrawn move by move by elliptical slice sampling
[1]_: an ellipse through the present point and a fresh draw from the prior is searched for a point
above a level of the likelihood. Given the paths a move changes a few terms of it, so it costs
little, and there is nothing to tune.

References
----------
.. [1] Murray, Adams & MacKay (2010). Elliptical slice sampling. AISTATS.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine.channels import (
    Channels,
    parameters_at,
    set_factors,
    set_statement,
    set_uses,
    set_value,
    values_at,
)
from forecast.engine.jit import entry, kernel
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.likelihood import event_term, item_term, rows_of
from forecast.engine.paths.moves import Moves
from forecast.engine.paths.problem import NOTHING, Problem
from forecast.engine.paths.state import Paths
from forecast.engine.paths.statistics import Stats, path_statistics
from forecast.engine.paths.sweep import sweep_layer
from forecast.engine.structure import Floats, Parameters

__all__ = ["Machine", "advance", "move_all"]

MOST_TRIES = 60  # by then the bracket is narrower than rounding
SEED_RANGE = 2**31 - 1
AT_RANDOM, SHUT = -1, 0.0


@kernel
def _follow(c: Channels, m: Moves, k: int, z: Floats, values: Floats, theta: Parameters) -> None:
    """Bring up to date what hangs on the numbers of a move."""
    for i in range(m.first_value[k], m.first_value[k + 1]):
        set_value(c, m.value[i], z, values)
        set_uses(c, m.value[i], values, theta)
    for i in range(m.first_item[k], m.first_item[k + 1]):
        set_factors(c, m.item[i], values, theta)
    for i in range(m.first_statement[k], m.first_statement[k + 1]):
        set_statement(c, m.statement[i], values, theta)


@kernel
def _terms(m: Moves, k: int, stats: Stats, theta: Parameters) -> float:
    """Return the part of the log likelihood that a move changes."""
    total = 0.0
    for i in range(m.first_event[k], m.first_event[k + 1]):
        first, last = rows_of(stats, m.event[i])
        total += event_term(stats, m.event[i], first, last, theta)
    for i in range(m.first_term[k], m.first_term[k + 1]):
        total += item_term(stats, m.term[i], theta)
    return float(total)


@kernel
def _move(
    c: Channels, m: Moves, k: int, stats: Stats, z: Floats, values: Floats, theta: Parameters
) -> None:
    """Redraw the numbers of one move in place."""
    first, n = m.first_normal[k], m.first_normal[k + 1] - m.first_normal[k]
    old, other = np.empty(n), np.empty(n)
    for i in range(n):
        old[i], other[i] = z[m.normal[first + i]], np.random.standard_normal()  # noqa: NPY002
    if m.first_event[k] == m.first_event[k + 1] and m.first_term[k] == m.first_term[k + 1]:
        for i in range(n):
            z[m.normal[first + i]] = other[i]
        _follow(c, m, k, z, values, theta)
        return
    level = _terms(m, k, stats, theta) - np.random.exponential(1.0)  # noqa: NPY002
    angle = np.random.uniform(0.0, 2.0 * np.pi)  # noqa: NPY002
    low, high = angle - 2.0 * np.pi, angle
    for attempt in range(MOST_TRIES + 1):
        if attempt == MOST_TRIES:
            angle = 0.0
        cosine, sine = np.cos(angle), np.sin(angle)
        for i in range(n):
            z[m.normal[first + i]] = old[i] * cosine + other[i] * sine
        _follow(c, m, k, z, values, theta)
        if angle == 0.0 or _terms(m, k, stats, theta) > level:
            return
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = np.random.uniform(low, high)  # noqa: NPY002


@kernel
def move_all(
    c: Channels, m: Moves, stats: Stats, z: Floats, values: Floats, theta: Parameters
) -> None:
    """Redraw all parameters in place, given paths."""
    for k in range(len(m.first_normal) - 1):
        _move(c, m, k, stats, z, values, theta)


class Machine(NamedTuple):
    """All that stays fixed while paths and parameters are sampled."""

    problem: Problem
    blocks: Blocks
    channels: Channels
    moves: Moves


@entry
def advance(
    machine: Machine, z: Floats, paths: Paths, rounds: int, seed: int
) -> tuple[Floats, Paths, int]:
    """Return parameters and paths after so many rounds, and a block without a path, or NOTHING.

    Parameters
    ----------
    machine
        The problem, its blocks, the map of its parameters, and their moves.
    z
        Standard normals, shape (dimension,); left as they are.
    paths
        Of positive probability at `z`; left as they are.
    rounds
        Sweeps, each followed by a move of every parameter.
    seed
        Of these rounds.
    """
    p, w, c, m = machine
    z, stuck = z.copy(), NOTHING
    values = values_at(c, z)
    theta = parameters_at(c, values, len(p.kind), len(p.link_kind))
    np.random.seed(seed)  # noqa: NPY002
    for _ in range(rounds):
        if len(w.size) > 0:
            again = np.random.randint(SEED_RANGE)  # noqa: NPY002
            paths, stuck = sweep_layer(p, w, theta, paths, AT_RANDOM, again, SHUT)
            if stuck != NOTHING:
                break
        move_all(c, m, path_statistics(p, paths), z, values, theta)
    return z, paths, stuck
