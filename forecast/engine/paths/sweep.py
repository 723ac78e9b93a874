"""A sweep: every block of a layer redrawn in turn, given the paths of all others."""

import numpy as np

from forecast.engine.jit import entry, kernel
from forecast.engine.paths.around import large_enough, new_around
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.joint import redraw_jointly
from forecast.engine.paths.problem import NOTHING, Problem
from forecast.engine.paths.single import redraw_one
from forecast.engine.paths.state import Paths, copied
from forecast.engine.structure import Parameters

__all__ = ["sweep_layer"]


@kernel
def _one_by_one(
    p: Problem, w: Blocks, theta: Parameters, paths: Paths, first: int, last: int, closed: float
) -> int:
    """Redraw single onsets and facts in place; return a block without a path, or `NOTHING`."""
    around, stuck = new_around(closed), NOTHING
    for block in range(first, last):
        around = large_enough(w, block, paths, around)
        if not redraw_one(p, w, theta, block, paths, around):
            stuck = block
    return stuck


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
    first, last = w.first_joint[layer], w.first_block[layer + 1]
    stuck, around = (
        _one_by_one(p, w, theta, paths, w.first_block[layer], first, closed),
        new_around(closed),
    )
    for block in range(first, last):
        around = large_enough(w, block, paths, around)
        possible, paths = redraw_jointly(p, w, theta, block, paths, around)
        if not possible:
            stuck = block
    return paths, stuck
