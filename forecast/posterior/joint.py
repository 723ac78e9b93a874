"""The joint distribution of several events at one time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecast.engine.likelihood import smoothed
from forecast.engine.plan import build_plans
from forecast.engine.relevance import Target, slices
from forecast.engine.structure import Parameters
from forecast.errors import QueryError
from forecast.model.lower import DEFAULT_MAX_STEP, Lowered
from forecast.posterior.outlook import Chances, most_bits

__all__ = ["MOST_JOINT_BITS", "joint_chances"]

type Floats = NDArray[np.float64]

MOST_JOINT_BITS = 14
MOST_CELLS = 2**22  # states x draws in one sweep; more live events, fewer draws


def joint_chances(
    lowered: Lowered, theta: Parameters, events: Sequence[int], time: float, *, seed: int
) -> Chances:
    """Return the chance of each combination, shape (draw, combination, 1).

    Bit b of a combination is event b of `events`.

    Raises
    ------
    QueryError
        If more events are involved than the filter can hold.
    """
    del seed
    structure, record = lowered.structure, lowered.record
    targets = (Target(time, tuple(events)),)
    whole = slices(structure, record, targets)
    bits = most_bits(lowered, whole)
    if bits > MOST_JOINT_BITS:
        msg = (
            f"this joint involves {bits} events of unknown state at once, and the filter holds "
            f"{MOST_JOINT_BITS}: ask for fewer events, or for events with fewer causes"
        )
        raise QueryError(msg)
    draws = min(len(theta.base_rate), max(64, MOST_CELLS >> bits))
    part = Parameters(*(np.ascontiguousarray(field[:draws]) for field in theta))
    cells = np.zeros((2 ** len(events), draws))
    cells[_known(lowered, whole, events, time)] = 1.0
    for plan in build_plans(structure, record, max_step=DEFAULT_MAX_STEP, targets=targets):
        at = int(np.searchsorted(plan.cuts, time))
        if at < len(plan.cuts) and plan.cuts[at] == time:
            live = plan.live_before(at)
            if set(live) & set(events):
                cells = _spread(cells, smoothed(plan, part, np.array([time]))[0], live, events)
    return Chances(cells.T[:, :, None], np.zeros((draws, len(cells), 1)))


def _known(lowered: Lowered, whole, events: Sequence[int], time: float) -> int:  # type: ignore[no-untyped-def]
    """Return the combination that the events of known state are in, all others off."""
    cut = int(np.searchsorted(whole.cuts, time))
    live = whole.old_live(cut)
    return sum(
        1 << bit
        for bit, event in enumerate(events)
        if event not in live
        and whole.old_status(cut, event, int(lowered.structure.initially[event])) == 1
    )


def _spread(cells: Floats, states: Floats, live: list[int], events: Sequence[int]) -> Floats:
    """Return the cells spread over the joint states of one more, independent, component."""
    here = [(live.index(event), bit) for bit, event in enumerate(events) if event in live]
    chance: dict[int, Floats] = {}
    for state in range(len(states)):
        moved = sum(((state >> position) & 1) << bit for position, bit in here)
        chance[moved] = chance.get(moved, 0.0) + states[state]
    spread = np.zeros_like(cells)
    for cell in np.flatnonzero(cells.any(axis=1)):
        for moved, p in chance.items():
            spread[cell | moved] += cells[cell] * p
    return spread
