"""The joint distribution of several events at one time."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from forecast.engine.relevance import Target
from forecast.errors import QueryError
from forecast.posterior.draws import Draws
from forecast.posterior.exact import case_of, plan_sweep
from forecast.posterior.given import counted, grid_of, reach
from forecast.posterior.probability import Estimates, Probability
from forecast.posterior.worlds import simulated_worlds

__all__ = ["joint_chances"]

MOST_EVENTS = 10


def joint_chances(draws: Draws, events: Sequence[int], by: datetime) -> list[Probability]:
    """Return the chance of each combination; bit b of a combination is event b of `events`.

    Raises
    ------
    QueryError
        If there are more events than a table of all combinations is good for.
    """
    if len(events) > MOST_EVENTS:
        msg = (
            f"a table of {len(events)} events has {2 ** len(events):,} rows, and at most "
            f"{MOST_EVENTS} events are taken: ask for fewer, or for the most probable scenarios"
        )
        raise QueryError(msg)
    time = draws.calendar.years(by)
    sweep = plan_sweep(
        case_of(draws.lowered), [], [Target(time, tuple(events))], grid_of(draws, [time])
    )
    found = reach(draws, sweep)
    if found is None:
        return _counted(draws, events, time)
    theta, where, batch = found
    cells = sweep.read(theta).joint(events, time)  # (combination, draw)
    return [Probability.of(Estimates(cell[None, where], batch)) for cell in cells]


def _counted(draws: Draws, events: Sequence[int], time: float) -> list[Probability]:
    """Return the same by counting worlds."""
    worlds = simulated_worlds(draws)
    cell = np.zeros(len(worlds.draw), dtype=np.int64)
    for bit, event in enumerate(events):
        cell |= worlds.on(event, time).astype(np.int64) << bit
    return [counted(draws, worlds, cell == number) for number in range(2 ** len(events))]
