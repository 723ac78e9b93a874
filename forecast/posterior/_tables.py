"""Answers as tables: one event over dates, all at deadlines, dates of onset, stories."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import ONSET
from forecast.errors import QueryError
from forecast.evidence import Question
from forecast.posterior._calendar import is_count, shares
from forecast.posterior._draws import Draws
from forecast.posterior._given import joint_chances
from forecast.posterior._probability import row, weighted_quantiles
from forecast.posterior._worlds import Worlds, simulated_worlds
from forecast.time import day_label, day_stamp

if TYPE_CHECKING:
    import pandas as pd

type Row = dict[str, float]

SMALL = 1e-12
DAYS = 365.25
MOST_EVENTS = 5
REST = "any other course"
NOT_ON, ALREADY = -1, 0
QUARTILES = np.array([0.25, 0.5, 0.75])


def curve_table(draws: Draws, event: str, days: Sequence[datetime]) -> "pd.DataFrame":
    """Return an event's probability at rising instants."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    chances = draws.chances([event], days)
    rows = [row(p) for p in chances.probabilities(0)]
    index = pd.DatetimeIndex([day_stamp(day) for day in days], name="date")
    return pd.DataFrame(rows, index=index)


def event_rows(
    draws: Draws, days: Sequence[datetime], before: Draws | None
) -> dict[datetime, dict[str, Row]]:
    """Return every event's row at each deadline, its change against those of `before` too."""
    if not days:
        msg = "a table needs at least one deadline, such as by=['2024-12-31']"
        raise QueryError(msg)
    events = [event.id for event in draws.lowered.network.nodes]
    rising = sorted(set(days))
    chances = draws.chances(events, rising)
    means = None if before is None else before.means(events, rising)
    return {
        day: {
            event: _against(row(chances.probability(i, t)), None if means is None else means[i, t])
            for i, event in enumerate(events)
        }
        for day in days
        for t in [rising.index(day)]
    }


def event_table(draws: Draws, days: Sequence[datetime], before: Draws | None) -> "pd.DataFrame":
    """Return the rows of `event_rows` as a table."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    columns = {
        day_label(day): pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="event"))
        for day, rows in event_rows(draws, days, before).items()
    }
    return pd.concat(columns, axis=1, names=["deadline", "statistic"])


def _against(told: Row, prior: float | None) -> Row:
    """Return a row with what it was before, and the change since."""
    prior = told["mean"] if prior is None else float(prior)
    return {**told, "prior": prior, "change": told["mean"] - prior}


def question_rows(
    draws: Draws,
    questions: Sequence[Question],
    days: Sequence[datetime],
    before: Draws | None,
) -> list[Row]:
    """Return the answers to questions at their deadlines, and their change against `before`."""
    if not questions:
        msg = "there is no question: give at least one fc.Question"
        raise QueryError(msg)
    events, rising = list(dict.fromkeys(each.event for each in questions)), sorted(set(days))
    chances = draws.chances(events, rising)
    means = None if before is None else before.means(events, rising)
    places = [
        (events.index(each.event), rising.index(day))
        for each, day in zip(questions, days, strict=True)
    ]
    return [
        _against(row(chances.probability(*at)), None if means is None else means[at])
        for at in places
    ]


def question_table(
    draws: Draws,
    questions: Sequence[Question],
    days: Sequence[datetime],
    before: Draws | None,
) -> "pd.DataFrame":
    """Return the rows of `question_rows` as a table."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    told = question_rows(draws, questions, days, before)
    rows = [
        {"event": each.event, "by": day_label(day), **one}
        for each, day, one in zip(questions, days, told, strict=True)
    ]
    return pd.DataFrame(rows, index=pd.Index([each.id for each in questions], name="question"))


def joint_table(draws: Draws, events: Sequence[str], by: datetime) -> "pd.DataFrame":
    """Return the probability of each combination of events at a time."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    indices = [draws.lowered.events.index(event) for event in events]
    chances = joint_chances(draws, indices, by)
    rows = []
    for cell in range(2 ** len(events)):
        held = {event: bool((cell >> bit) & 1) for bit, event in enumerate(events)}
        rows.append({**held, **row(chances[cell])})
    return pd.DataFrame(rows)


def onset_quantiles(draws: Draws, event: int, asked: float | Sequence[float]) -> "pd.DataFrame":
    """Return quantiles of an onset's date; see `Posterior.onset_time`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    name = draws.lowered.events[event]
    if draws.lowered.structure.kind[event] != ONSET:
        kind = draws.lowered.network.nodes[event].kind
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


def most_uncertain(draws: Draws, worlds: Worlds, by: datetime) -> list[int]:
    """Return the events whose state at a time is least certain, in the order of the network."""
    time = draws.calendar.years(by)
    events = range(len(draws.lowered.network.nodes))
    chance = [float(worlds.weights @ worlds.on(event, time)) for event in events]
    spread = np.array([max(p * (1 - p), 0.0) for p in chance])
    ranked = np.argsort(-spread, kind="stable")[:MOST_EVENTS]
    return sorted(int(event) for event in ranked if spread[event] > 0)


def scenario_table(
    draws: Draws, by: datetime, number: int, events: Sequence[int] | None
) -> "pd.DataFrame":
    """Return the most probable scenarios; see `Posterior.scenarios`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    if not is_count(number):
        msg = f"n is how many stories to tell, at least 1 (got {number!r})"
        raise QueryError(msg)
    worlds, chosen, outcomes, which = _stories(draws, by, events)
    names = [draws.lowered.events[event] for event in chosen]
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


def _stories(
    draws: Draws, by: datetime, events: Sequence[int] | None
) -> tuple[Worlds, list[int], NDArray[np.int64], NDArray[np.intp]]:
    """Return worlds, the events told of, stories (story, event), and the story of each world."""
    worlds = simulated_worlds(draws, [draws.calendar.years(by)])
    chosen = most_uncertain(draws, worlds, by) if events is None else list(events)
    places = places_in_order(draws, worlds, chosen, draws.calendar.years(by))
    outcomes, which = np.unique(places, axis=0, return_inverse=True)
    return worlds, chosen, outcomes, which.reshape(-1)


def places_in_order(
    draws: Draws, worlds: Worlds, events: Sequence[int], time: float
) -> NDArray[np.int64]:
    """Return the place of each event in each world's order, from 1 on, shape (world, event).

    `NOT_ON` where it is not on by the time; `ALREADY` where it was on at the cut-off, or has no
    onset of its own (facts, and states that may have come and gone). Of a time before the cut-off
    stories begin with the network.
    """
    now = draws.lowered.now if time >= draws.lowered.now else 0.0
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


def timeline_table(
    draws: Draws, by: datetime, number: int, events: Sequence[int] | None
) -> "pd.DataFrame":
    """Return when the events of the most probable stories happen; see `Posterior.timeline`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    worlds, chosen, outcomes, which = _stories(draws, by, events)
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
