"""Chances as tables: one event over dates, all events at deadlines, combinations of events."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from forecast.errors import QueryError
from forecast.posterior.draws import Draws
from forecast.posterior.joint import joint_chances
from forecast.posterior.probability import row
from forecast.time import day_label, day_stamp

__all__ = ["curve_table", "event_table", "joint_table"]


def curve_table(draws: Draws, event: str, days: Sequence[datetime]) -> pd.DataFrame:
    """Return an event's probability at rising instants."""
    chances = draws.chances([event], days)
    rows = [row(p) for p in chances.probabilities(0)]
    index = pd.DatetimeIndex([day_stamp(day) for day in days], name="date")
    return pd.DataFrame(rows, index=index)


def event_table(
    draws: Draws, days: Sequence[datetime], before: pd.DataFrame | None
) -> pd.DataFrame:
    """Return every event's probability at deadlines, and its change against the table `before`."""
    if not days:
        msg = "a table needs at least one deadline, such as by=['2024-12-31']"
        raise QueryError(msg)
    events = [event.id for event in draws.lowered.network.events]
    rising = sorted(set(days))
    chances = draws.chances(events, rising)
    columns = {}
    for day in days:
        t, label = rising.index(day), day_label(day)
        rows = [row(chances.probability(i, t)) for i in range(len(events))]
        frame = pd.DataFrame(rows, index=pd.Index(events, name="event"))
        frame["prior"] = frame["mean"] if before is None else before[label]["mean"]
        frame["change"] = frame["mean"] - frame["prior"]
        columns[label] = frame
    return pd.concat(columns, axis=1, names=["deadline", "statistic"])


def joint_table(draws: Draws, events: Sequence[str], by: datetime) -> pd.DataFrame:
    """Return the probability of each combination of events at a time."""
    indices = [draws.lowered.events.index(event) for event in events]
    chances = joint_chances(draws, indices, by)
    rows = []
    for cell in range(2 ** len(events)):
        held = {event: bool((cell >> bit) & 1) for bit, event in enumerate(events)}
        rows.append({**held, **row(chances[cell])})
    return pd.DataFrame(rows)
