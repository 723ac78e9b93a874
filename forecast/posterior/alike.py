"""Which chances are the same in all draws, because nothing uncertain bears on them."""

import numpy as np
from numpy.typing import NDArray

from forecast.engine.problem import Parameters
from forecast.model.lower import Lowered

__all__ = ["alike"]


def alike(lowered: Lowered, theta: Parameters) -> NDArray[np.bool_]:
    """Return for each event whether all parameters that bear on it never differ, shape (event,).

    What bears on it is all that links and evidence tie it to: without them its chance is the same
    whatever they are.

    Parameters
    ----------
    lowered
        The network and its evidence.
    theta
        Draws of the parameters.
    """
    structure = lowered.structure
    differs = [
        np.ptp(part, axis=0) > 0 for part in (theta.base_rate, theta.off_rate, theta.initial)
    ]
    moved: NDArray[np.bool_] = np.logical_or.reduce(differs)
    parent, child = structure.link_parent, structure.link_child
    moved[child[np.ptp(theta.effect, axis=0) > 0]] = True
    said = (np.ptp(theta.factors, axis=0) > 0).any(axis=-1)
    moved[lowered.record.item_event[said]] = True
    while True:
        tied = moved[parent] | moved[child]
        before = moved.copy()
        moved[parent[tied]], moved[child[tied]] = True, True
        if (before == moved).all():
            return ~moved
