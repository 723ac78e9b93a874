"""A sweep: every block of a layer redrawn in turn, given the paths of all others."""

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.paths.around import large_enough, new_around
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.counts import any_count, left_out, straightened
from forecast.engine.paths.joint import redraw_jointly
from forecast.engine.paths.problem import NOTHING, Problem
from forecast.engine.paths.single import redraw_one
from forecast.engine.paths.state import Paths, copied
from forecast.engine.structure import Parameters

__all__ = ["sweep_layer"]


@kernel
def _accepted(gain: float) -> bool:
    """Return whether to keep what was redrawn along straight lines."""
    return bool(gain >= 0.0 or np.random.exponential(1.0) > -gain)  # noqa: NPY002


@entry
def sweep_layer(
    p: Problem,
    w: Blocks,
    theta: Parameters,
    paths: Paths,
    layer: int,
    seed: int,
    closed: float,
) -> tuple[Paths, int]:
    """Return the paths after a sweep, and a block without a possible path, or `NOTHING`.

    Parameters
    ----------
    p, w
        The problem, and its blocks.
    theta
        One value of the parameters.
    paths
        Left as they are.
    layer
        Which to sweep through; negative for one at random.
    seed
        Of this sweep.
    closed
        What a closed gate multiplies a rate with: 0, but for the search of a first path.
    """
    np.random.seed(seed)  # noqa: NPY002
    if layer < 0:
        layer = np.random.randint(len(w.first_joint))  # noqa: NPY002
    paths = copied(paths)
    first, joint = w.first_block[layer], w.first_joint[layer]
    counting, around, stuck, exceeded = any_count(p, w, NOTHING), new_around(closed), NOTHING, 0.0
    line = straightened(p, theta) if counting else theta
    for block in range(first, w.first_block[layer + 1]):
        around = large_enough(w, block, paths, around)
        weigh, before = counting and any_count(p, w, block), paths
        if weigh:
            before = copied(paths)
            exceeded = left_out(p, w, block, theta, line.factors, paths)
        if block < joint:
            possible = redraw_one(p, w, line, block, paths, around)
        else:
            possible, paths = redraw_jointly(p, w, line, block, paths, around)
        if not possible:
            stuck = block
        elif weigh:
            now = left_out(p, w, block, theta, line.factors, paths)
            if not _accepted(now - exceeded):
                paths = before
    return paths, stuck
