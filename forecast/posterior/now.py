"""The states of all events at the cut-off, drawn from the filter: where simulated courses begin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine.likelihood import smoothed
from forecast.engine.plan import build_plans
from forecast.engine.problem import Parameters, Record
from forecast.engine.relevance import Target, slices
from forecast.model.lower import Lowered
from forecast.seeds import generator
from forecast.time import DAYS_PER_YEAR

__all__ = ["Now", "now_of", "past_of"]

type Floats = NDArray[np.float64]

STEP = 7 / DAYS_PER_YEAR


@dataclass(frozen=True)
class Now:
    """What is known of the states of all events at the cut-off.

    Parameters
    ----------
    known
        The state of each event that is certain, shape (event,); of no matter for others.
    unsure
        Events that are tied together, with the distribution function of their joint states: bit b
        of a state is event b of them; shape (state, draw).
    """

    known: NDArray[np.int64]
    unsure: tuple[tuple[tuple[int, ...], Floats], ...]

    def states(self, where: NDArray[np.intp], each: int, seed: int) -> NDArray[np.int64]:
        """Return states, independent of each other: shape (draw, path, event).

        Parameters
        ----------
        where
            For each draw which of those it is that this is known for, shape (draw,).
        each
            How many for each draw.
        seed
            Of all of them.
        """
        shape = (len(where), each)
        states = np.empty((*shape, len(self.known)), dtype=np.int64)
        states[...] = self.known
        for index, (events, level) in enumerate(self.unsure):
            uniforms = generator(seed, "state", index).uniform(size=shape)
            chosen = np.stack(  # (draw, path)
                [np.searchsorted(level[:, d], row) for d, row in zip(where, uniforms, strict=True)]
            )
            chosen = np.minimum(chosen, len(level) - 1)
            for bit, event in enumerate(events):
                states[:, :, event] = (chosen >> bit) & 1
        return states


def past_of(lowered: Lowered) -> tuple[Record, NDArray[np.intp], NDArray[np.intp]]:
    """Return the record up to the cut-off, and which items lie before and after it."""
    record = lowered.record
    before = np.flatnonzero(record.item_time <= lowered.now)
    after = np.flatnonzero(record.item_time > lowered.now)
    return record.with_items(before), before, after


def now_of(lowered: Lowered, theta: Parameters) -> Now:
    """Return what is known of the states at the cut-off from what is told of the time before it.

    Parameters
    ----------
    lowered
        The network and its evidence.
    theta
        Parameters with a leading draw dimension.
    """
    structure, now = lowered.structure, lowered.now
    past, before, _ = past_of(lowered)
    everyone = range(len(structure.kind))
    targets = (Target(now, tuple(everyone)),)
    seen = theta._replace(factors=np.ascontiguousarray(theta.factors[:, before]))
    whole = slices(structure, past, targets)
    cut = int(np.searchsorted(whole.cuts, now))
    known = [whole.old_status(cut, event, int(structure.initially[event])) for event in everyone]
    unsure = []
    for plan in build_plans(structure, past, max_step=STEP, targets=targets):
        at = int(np.searchsorted(plan.cuts, now))
        if at < len(plan.cuts) and plan.cuts[at] == now and plan.live_before(at):
            chance = smoothed(plan, seen, np.array([now]))[0]  # (state, draw)
            unsure.append((tuple(plan.live_before(at)), np.cumsum(chance, axis=0)))
    return Now(np.array(known, dtype=np.int64), tuple(unsure))
