"""Counts: redrawing paths under a Poisson number, whose chance does not factor over time.

The logarithm of that chance is a concave function of the share of the window that the event is on.
Paths are redrawn as if it were a straight line, which does factor over time: the chord between
its ends, or its tangent at a point that is drawn beforehand. Redrawing a block is reversible, so
accepting the result with the ratio of what the line left out makes it exact [1]_.

References
----------
.. [1] Hastings (1970). Monte Carlo sampling methods using Markov chains and their applications.
   Biometrika 57.
"""

import numpy as np

from forecast.engine.channels import poisson
from forecast.engine.jit import kernel
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.problem import Problem
from forecast.engine.paths.state import Paths
from forecast.engine.structure import Floats, Parameters

__all__ = ["any_count", "left_out", "straightened"]

STEEPEST = 600.0  # of a line, in log chance over the window: what is beyond cannot be told from it


@kernel
def any_count(p: Problem, w: Blocks, block: int) -> bool:
    """Return whether a count bears on a member of a block; `block` -1: on any event."""
    for item in range(len(p.item_count)):
        if p.item_count[item] < 0:
            continue
        if block < 0:
            return True
        for i in range(w.first_slot[block], w.first_slot[block] + w.size[block]):
            if w.slot_event[i] == p.item_event[item]:
                return True
    return False


@kernel
def straightened(p: Problem, theta: Parameters) -> Parameters:
    """Return parameters with the chances at the ends of a line in place of each count's."""
    factors = theta.factors.copy()
    for item in range(len(p.item_count)):
        number = float(p.item_count[item])
        if number < 0.0:
            continue
        off, on = theta.factors[item, 0], theta.factors[item, 1]
        if np.random.random() < 0.5:  # noqa: NPY002, PLR2004
            rise = poisson(number, on) - poisson(number, off)
        else:
            share = np.random.random()  # noqa: NPY002
            rise = (on - off) * (number / ((1.0 - share) * off + share * on) - 1.0)
        factors[item, 0] = 1.0
        factors[item, 1] = np.exp(min(max(rise, -STEEPEST), STEEPEST))
    return Parameters(theta.base_rate, theta.off_rate, theta.initial, theta.effect, factors)


@kernel
def _share(p: Problem, paths: Paths, item: int) -> float:
    """Return the share of an item's window that its event is on."""
    event, first = p.item_event[item], p.item_from[item]
    last = first + 1.0 / p.item_weight[item]
    x, since, on = paths.initial[event], first, 0.0
    for i in range(paths.first[event], paths.first[event] + paths.jumps[event]):
        moment = min(max(paths.time[i], first), last)
        if x == 1:
            on += moment - since
        x, since = 1 - x, moment
    if x == 1:
        on += last - since
    return float(min(on * p.item_weight[item], 1.0))


@kernel
def left_out(
    p: Problem, w: Blocks, block: int, theta: Parameters, factors: Floats, paths: Paths
) -> float:
    """Return by how much the log chance of a block's counts exceeds that on their lines."""
    total = 0.0
    for item in range(len(p.item_count)):
        if p.item_count[item] < 0:
            continue
        for i in range(w.first_slot[block], w.first_slot[block] + w.size[block]):
            if w.slot_event[i] == p.item_event[item]:
                on = _share(p, paths, item)
                mean = (1.0 - on) * theta.factors[item, 0] + on * theta.factors[item, 1]
                total += poisson(float(p.item_count[item]), mean)
                total -= on * np.log(factors[item, 1])
    return float(total)
