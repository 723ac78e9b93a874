"""When an onset happens: quantiles of its date, of which one may be "not by the horizon"."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.engine.problem import ONSET
from forecast.errors import QueryError
from forecast.posterior.arguments import shares
from forecast.posterior.draws import Draws
from forecast.time import day_label

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["onset_quantiles"]

SMALL = 1e-12
DAYS = 365.25


def onset_quantiles(draws: Draws, event: int, asked: float | Sequence[float]) -> pd.DataFrame:
    """Return quantiles of an onset's date; see `Posterior.onset_time`."""
    name = draws.lowered.events[event]
    if draws.lowered.structure.kind[event] != ONSET:
        kind = draws.lowered.network.events[event].kind
        msg = f"'{name}' is a {kind}, which has no onset: ask for its probability, or its curve"
        raise QueryError(msg)
    levels = shares(asked)
    if levels is None:
        msg = f"quantiles lie between 0 and 1, such as 0.5 (got {asked!r})"
        raise QueryError(msg)
    calendar = draws.calendar
    days = calendar.weeks()
    chances = draws.chances([name], days)
    found = chances.probabilities(0)
    mean = np.maximum.accumulate([p.mean for p in found])
    times = np.array([calendar.years(day) for day in days])
    rows = []
    for level in sorted(levels):
        date: datetime | None
        if level <= mean[0]:
            label, date, error = f"by {day_label(calendar.as_of)} already", calendar.as_of, np.nan
        elif level > mean[-1]:
            label, date, error = f"not by {day_label(calendar.horizon)}", None, np.nan
        else:
            at = int(np.searchsorted(mean, level))
            hazard = -np.log1p(-np.clip(mean[at - 1 : at + 1], 0, 1 - SMALL))
            share = (-np.log1p(-level) - hazard[0]) / max(hazard[1] - hazard[0], SMALL)
            date = calendar.instant(times[at - 1] + share * (times[at] - times[at - 1]))
            slope = (mean[at] - mean[at - 1]) / (times[at] - times[at - 1])
            label = date.date().isoformat()
            error = found[at].mcse / max(slope, SMALL) * DAYS
        rows.append({"date": date, "onset": label, "mcse_days": error})
    frame = pd.DataFrame(rows, index=pd.Index(sorted(levels), name="quantile"))
    return frame.astype({"date": "datetime64[us, UTC]"})
