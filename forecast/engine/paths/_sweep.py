"""A sweep: every block of a layer redrawn in turn, given the paths of all others.

The chance of a Poisson count does not factor over time: its logarithm is a concave function of the
share of the window that the event is on. Paths are redrawn as if it were a straight line, which
does factor over time: the chord between its ends, or its tangent at a point that is drawn
beforehand. Redrawing a block is reversible, so accepting the result with the ratio of what the line
left out makes it exact [1]_.

References
----------
.. [1] Hastings (1970). Monte Carlo sampling methods using Markov chains and their applications.
   Biometrika 57.
"""

import numpy as np

from forecast.engine._channels import poisson
from forecast.engine._course import Paths, copied, time_on
from forecast.engine._jit import bare_kernel, entry, kernel
from forecast.engine._problem import Floats, Parameters
from forecast.engine.paths._blocks import Blocks, large_enough, new_around
from forecast.engine.paths._joint import redraw_jointly
from forecast.engine.paths._marks import NOTHING, Marks
from forecast.engine.paths._single import redraw_one

AT_RANDOM = -1  # a layer
STEEPEST = 600.0  # of a line, in log chance over the window: what is beyond cannot be told from it


@bare_kernel
def _any_count(p: Marks, w: Blocks, block: int) -> bool:
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
def _straightened(p: Marks, theta: Parameters) -> Parameters:
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


@bare_kernel
def _share(p: Marks, paths: Paths, item: int) -> float:
    """Return the share of an item's window that its event is on."""
    event, first = p.item_event[item], p.item_from[item]
    last = first + 1.0 / p.item_weight[item]
    return float(min(time_on(paths, event, first, last) * p.item_weight[item], 1.0))


@bare_kernel
def _left_out(
    p: Marks, w: Blocks, block: int, theta: Parameters, factors: Floats, paths: Paths
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


@bare_kernel
def _accepted(gain: float) -> bool:
    """Return whether to keep what was redrawn along straight lines."""
    return bool(gain >= 0.0 or np.random.exponential(1.0) > -gain)  # noqa: NPY002


@entry
def sweep_layer(
    p: Marks, w: Blocks, theta: Parameters, paths: Paths, layer: int, seed: int, closed: float
) -> tuple[Paths, int]:
    """Return the paths after a sweep, and a block without a possible path, or `NOTHING`.

    Parameters
    ----------
    p, w, theta, paths
        The marks, their blocks, one value of the parameters, and paths, which are left as they are.
    layer, seed
        Which to sweep through, or `AT_RANDOM`.
    closed
        What a closed gate multiplies a rate with: `SHUT`, but for the search of a first path.
    """
    np.random.seed(seed)  # noqa: NPY002
    if layer == AT_RANDOM:
        layer = np.random.randint(len(w.first_joint))  # noqa: NPY002
    paths = copied(paths)
    first, joint = w.first_block[layer], w.first_joint[layer]
    counting, around, stuck, exceeded = _any_count(p, w, NOTHING), new_around(closed), NOTHING, 0.0
    line = _straightened(p, theta) if counting else theta
    for block in range(first, w.first_block[layer + 1]):
        around = large_enough(w, block, paths, around)
        weigh, before = counting and _any_count(p, w, block), paths
        if weigh:
            before = copied(paths)
            exceeded = _left_out(p, w, block, theta, line.factors, paths)
        if block < joint:
            possible = redraw_one(p, w, line, block, paths, around)
        else:
            possible, paths = redraw_jointly(p, w, line, block, paths, around)
        if not possible:
            stuck = block
        elif weigh:
            now = _left_out(p, w, block, theta, line.factors, paths)
            if not _accepted(now - exceeded):
                paths = before
    return paths, stuck
