"""What moved between two posteriors, and which items did it."""

from datetime import datetime

import numpy as np
import pandas as pd

from forecast.errors import QueryError
from forecast.evidence import Retraction
from forecast.posterior.draws import Draws
from forecast.posterior.explain import NOISE, TIME, described, in_order, noise, step
from forecast.posterior.explainer import explainer
from forecast.posterior.levels import bounded_logit
from forecast.posterior.partial import sees
from forecast.posterior.probability import Probability
from forecast.time import day_label

__all__ = ["BEFORE", "REVISED", "change_table", "explain_change", "in_words", "settled_by"]

BEFORE, REVISED = "(before)", "(revised or withdrawn)"
LEAST_STEP, MOST_NAMED = 0.005, 5  # log-odds from which a step is named, and how many are


def change_table(draws: Draws, other: Draws, by: datetime) -> pd.DataFrame:
    """Return every event's forecast then and now; see `Posterior.compare`."""
    _check(draws, other)
    networks = draws.lowered.network, other.lowered.network
    there = {event.id for event in networks[1].events}
    events = [event.id for event in networks[0].events if event.id in there]
    both = [side.chances(events, [by]) for side in (other, draws)]
    rows = []
    for i in range(len(events)):
        then, now = (chances.probability(i) for chances in both)
        rows.append(
            {
                "then": then.mean,
                "now": now.mean,
                "change": now.mean - then.mean,
                "mcse": float(np.hypot(then.mcse, now.mcse)),
                "log_odds": bounded_logit(now.mean) - bounded_logit(then.mean),
            }
        )
    frame = pd.DataFrame(rows, index=pd.Index(events, name="event"))
    return frame.reindex(frame["change"].abs().sort_values(ascending=False, kind="stable").index)


def explain_change(
    draws: Draws,
    other: Draws,
    event: int,
    by: datetime,
    pair: tuple[Probability, Probability],
) -> pd.DataFrame:
    """Return what moved one forecast since an earlier one; see `Posterior.explain_change`.

    Parameters
    ----------
    draws, other
        The later posterior and the earlier one.
    event, by
        What is asked.
    pair
        The earlier forecast, and the later one.
    """
    _check(draws, other)
    asked = explainer(draws, event, by, quiet=other.lowered.now)
    known = {item.id: item for item in other.lowered.evidence}
    kept = [item.id for item in draws.lowered.evidence if known.get(item.id) == item]
    fresh = [item for item in draws.lowered.evidence if item.id not in kept]
    items = [item for item in fresh if not isinstance(item, Retraction)]
    start = asked.on(kept, now=other.lowered.now)
    levels = [start, *in_order(asked, kept, items)]
    revised = draws.lowered.network != other.lowered.network or len(kept) < len(known)
    first = {
        "in_order": bounded_logit(pair[0].mean),
        "in_order_mcse": noise(start, pair[0])["in_order_mcse"],
        "probability": pair[0].mean,
    }
    gap = start.log_odds - bounded_logit(pair[0].mean)
    steps = [first, *(step(*two) for two in zip(levels[1:], levels[:-1], strict=True))]
    names = [BEFORE, TIME, *(item.id for item in items), NOISE]
    last = noise(levels[-1], pair[1])
    if revised:
        row = {"in_order": gap, "in_order_mcse": first["in_order_mcse"]}
        steps.insert(1, {**row, "probability": start.probability})
        names.insert(1, REVISED)
    else:
        last["in_order"] += gap
    frame = pd.DataFrame([*steps, last], index=names)
    frame.index.name = "item"
    return described(frame, draws, items)


def settled_by(draws: Draws, other: Draws, event: str, now: Probability) -> list[str]:
    """Return the new items that make an event certain, where it is certain now."""
    if now.mean not in (0.0, 1.0):
        return []
    known = {item.id: item for item in other.lowered.evidence}
    fresh = (item for item in draws.lowered.evidence if known.get(item.id) != item)
    return [item.id for item in fresh if item.event == event and sees(item)]


def in_words(steps: pd.DataFrame) -> str:
    """Return the steps of a change that count, the largest first: ``"r4 -0.31; o2 +0.22"``."""
    own = steps.loc[steps["event"].notna()]
    by_cluster = own.groupby("cluster", sort=False)["in_order"].sum()
    by_cluster = pd.concat([by_cluster, steps["in_order"][steps.index.isin([TIME, REVISED])]])
    large = by_cluster[by_cluster.abs() >= LEAST_STEP]
    ranked = large.reindex(large.abs().sort_values(ascending=False, kind="stable").index)
    return "; ".join(f"{name} {moved:+.2f}" for name, moved in ranked[:MOST_NAMED].items())


def _check(draws: Draws, other: Draws) -> None:
    if other.calendar.start != draws.calendar.start:
        msg = (
            "the two posteriors count time from different starts "
            f"({day_label(other.calendar.start)} and {day_label(draws.calendar.start)}): compare "
            "posteriors of one network"
        )
        raise QueryError(msg)
    if other.calendar.as_of > draws.calendar.as_of:
        msg = (
            f"the other posterior is of a later date ({day_label(other.calendar.as_of)}): ask the "
            "later one to compare itself with the earlier one"
        )
        raise QueryError(msg)
