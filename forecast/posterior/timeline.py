"""When things happen in the most probable stories: dates of onset, story by story."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from forecast.posterior.draws import Draws
from forecast.posterior.probability import weighted_quantiles
from forecast.posterior.scenarios import NOT_ON, most_uncertain, places_in_order
from forecast.posterior.worlds import simulated_worlds

__all__ = ["timeline_table"]

QUARTILES = np.array([0.25, 0.5, 0.75])


def timeline_table(
    draws: Draws, by: datetime, number: int, events: Sequence[int] | None
) -> pd.DataFrame:
    """Return when the events of the most probable stories happen; see `Posterior.timeline`."""
    worlds = simulated_worlds(draws)
    chosen = most_uncertain(draws, worlds, by) if events is None else list(events)
    place = places_in_order(draws, worlds, chosen, draws.calendar.years(by))
    outcomes, which = np.unique(place, axis=0, return_inverse=True)
    which = which.reshape(-1)
    shares = np.bincount(which, worlds.weights, minlength=len(outcomes))
    rows = []
    for rank, outcome in enumerate(np.argsort(-shares, kind="stable")[:number], start=1):
        told = which == outcome
        for i, event in enumerate(chosen):
            row = {"rank": rank, "event": draws.lowered.events[event], "story": shares[outcome]}
            at = int(outcomes[outcome, i])
            row |= {"place": pd.NA if at <= 0 else at, "on": at != NOT_ON}
            if at > 0:
                times = worlds.onset(event)[told]
                dates = weighted_quantiles(times, worlds.weights[told], QUARTILES)
                names = ("lower", "median", "upper")
                instants = (pd.Timestamp(draws.calendar.instant(float(t))) for t in dates)
                row |= dict(zip(names, instants, strict=True))
            rows.append(row)
    columns = ["rank", "event", "story", "place", "on", "lower", "median", "upper"]
    frame = pd.DataFrame(rows, columns=columns).set_index(["rank", "event"])
    dated = dict.fromkeys(columns[-3:], "datetime64[us, UTC]")
    return frame.astype({"story": float, "place": "Int64", "on": bool, **dated})
