"""Which estimates a replay needs: one for each forecaster and date on which a question is open."""

from collections.abc import Sequence
from datetime import datetime

from forecast.backtest.estimates import Task
from forecast.backtest.forecasters import DATED, PRIOR, Estimate, inputs_of
from forecast.backtest.questions import Life
from forecast.estimate.result import Settings
from forecast.evidence import Clock, Evidence
from forecast.network import Network

__all__ = ["Place", "tasks_of"]

type Place = tuple[Estimate, datetime]
"""Whose estimate, and as of when."""


def tasks_of(
    network: Network,
    evidence: Evidence,
    lives: Sequence[Life],
    known: Clock,
    settings: Settings,
) -> dict[Place, Task]:
    """Return every estimate that is needed, by forecaster and date; the prior at the start."""
    asked: dict[datetime, set[datetime]] = {}
    for life in lives:
        for date in life.dates:
            asked.setdefault(date, set()).add(life.resolution.by)
    everything = set[datetime]().union(*asked.values())
    wanted: list[tuple[Estimate, datetime, set[datetime]]]
    wanted = [(PRIOR, network.start_instant, everything)]
    wanted += [(name, date, asked[date]) for date in sorted(asked) for name in DATED]
    tasks = {}
    base = {name: inputs_of(name, network, evidence) for name in (PRIOR, *DATED)}
    for name, date, deadlines in wanted:
        world, items = base[name]
        seen = items.as_of(date, known)
        rising = tuple(sorted(deadlines))
        tasks[name, date] = Task(name, world, seen, date, known, rising, settings)
    return tasks
