"""The most probable stories: which events, in which order, in words."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.engine.problem import ONSET
from forecast.errors import QueryError
from forecast.posterior.arguments import is_count
from forecast.posterior.draws import Draws
from forecast.posterior.worlds import Worlds, simulated_worlds

__all__ = ["MOST_EVENTS", "NOT_ON", "REST", "most_uncertain", "places_in_order", "scenario_table"]

MOST_EVENTS = 5
REST = "any other course"
NOT_ON, ALREADY = -1, 0


def most_uncertain(draws: Draws, worlds: Worlds, by: datetime) -> list[int]:
    """Return the events whose state at a time is least certain, in the order of the network."""
    time = draws.calendar.years(by)
    events = range(len(draws.lowered.network.events))
    chance = [float(worlds.weights @ worlds.on(event, time)) for event in events]
    spread = np.array([max(p * (1 - p), 0.0) for p in chance])
    ranked = np.argsort(-spread, kind="stable")[:MOST_EVENTS]
    return sorted(int(event) for event in ranked if spread[event] > 0)


def scenario_table(
    draws: Draws, by: datetime, number: int, events: Sequence[int] | None
) -> pd.DataFrame:
    """Return the most probable scenarios; see `Posterior.scenarios`."""
    if not is_count(number):
        msg = f"n is how many stories to tell, at least 1 (got {number!r})"
        raise QueryError(msg)
    worlds = simulated_worlds(draws)
    chosen = most_uncertain(draws, worlds, by) if events is None else list(events)
    names = [draws.lowered.events[event] for event in chosen]
    places = places_in_order(draws, worlds, chosen, draws.calendar.years(by))
    outcomes, which = np.unique(places, axis=0, return_inverse=True)
    which = which.reshape(-1)
    shares = np.bincount(which, worlds.weights, minlength=len(outcomes))
    onset = [draws.lowered.structure.kind[event] == ONSET for event in chosen]
    rows, shown = [], np.argsort(-shares, kind="stable")[:number]
    for outcome in shown:
        share, error = worlds.share(which == outcome)
        story = _in_words(names, onset, outcomes[outcome].tolist())
        on = {name: bool(at != NOT_ON) for name, at in zip(names, outcomes[outcome], strict=True)}
        rows.append({"scenario": story, "probability": share, "mcse": error, **on})
    share, error = worlds.share(~np.isin(which, shown))
    nothing = dict.fromkeys(names, pd.NA)
    rows.append({"scenario": REST, "probability": share, "mcse": error, **nothing})
    frame = pd.DataFrame(rows).astype(dict.fromkeys(names, "boolean"))
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
    return frame


def places_in_order(
    draws: Draws, worlds: Worlds, events: Sequence[int], time: float
) -> NDArray[np.int64]:
    """Return the place of each event in each world's order, from 1 on, shape (world, event).

    `NOT_ON` where it is not on by the time; `ALREADY` where it was on at the cut-off, or has no
    onset of its own (facts, and states that may have come and gone).
    """
    now = draws.lowered.now
    when = np.full((len(worlds.draw), len(events)), np.inf)
    places = np.full(when.shape, NOT_ON, dtype=np.int64)
    for i, event in enumerate(events):
        held = worlds.on(event, time)
        before = worlds.on(event, now)
        if draws.lowered.structure.kind[event] == ONSET:
            when[:, i] = np.where(held & ~before, worlds.onset(event), np.inf)
            places[held & before, i] = ALREADY
        else:
            places[held, i] = ALREADY
    order = np.argsort(np.argsort(when, axis=1, kind="stable"), axis=1, kind="stable") + 1
    return np.where(np.isfinite(when), order, places)


def _in_words(names: Sequence[str], onset: Sequence[bool], places: Sequence[int]) -> str:
    """Return a story such as ``"a, then b; c already; not d"``."""
    came = sorted((place, name) for place, name in zip(places, names, strict=True) if place > 0)
    parts = [", then ".join(name for _, name in came)] if came else []
    trio = list(zip(places, names, onset, strict=True))
    already = [name for place, name, is_onset in trio if place == ALREADY and is_onset]
    held = [name for place, name, is_onset in trio if place == ALREADY and not is_onset]
    missing = [name for place, name, _ in trio if place == NOT_ON]
    if already:
        parts.append(f"{' and '.join(already)} already")
    if held:
        parts.append(f"{' and '.join(held)} on")
    if missing:
        parts.append("not " + " nor ".join(missing))
    return "; ".join(parts)
