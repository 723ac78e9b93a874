"""What moved a forecast: each item left out in turn, and all items in order of publication."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from forecast.evidence import Item, Retraction
from forecast.model.factors import items_in_force
from forecast.posterior.clusters import clusters
from forecast.posterior.draws import Draws
from forecast.posterior.explainer import Explainer, explainer
from forecast.posterior.levels import Level, bounded_logit, difference
from forecast.posterior.partial import sees, soft_places
from forecast.posterior.probability import Probability
from forecast.time import day_stamp

__all__ = ["NOISE", "PRIOR", "TIME", "described", "explanation", "in_order", "noise", "step"]

PRIOR, TIME, NOISE = "(prior)", "(time alone)", "(Monte Carlo error)"


def explanation(draws: Draws, event: int, by: datetime, forecast: Probability) -> pd.DataFrame:
    """Return what moved a forecast; see `Posterior.explain`.

    Parameters
    ----------
    draws
        The posterior.
    event, by
        What is asked.
    forecast
        Its probability.
    """
    asked = explainer(draws, event, by)
    items = [item for item in draws.lowered.evidence if not isinstance(item, Retraction)]
    before = asked.on([], now=0.0)
    levels = [before, *in_order(asked, [], items)]
    steps = [step(before, None)]
    steps += [step(*pair) for pair in zip(levels[1:], levels[:-1], strict=True)]
    steps.append(noise(levels[-1], forecast))
    frame = pd.DataFrame(steps, index=[PRIOR, TIME, *(item.id for item in items), NOISE])
    frame.index.name = "item"
    for column, found in _left_out(asked, items, levels[-1]).items():
        frame[column] = pd.Series(found, dtype=float)
    return described(frame, draws, items)


def step(level: Level, before: Level | None) -> dict[str, float]:
    """Return a row of the waterfall: from one level (log-odds of zero, unless given) to another."""
    nothing = Level(0.0, np.zeros_like(level.influence), 0.0)
    moved, error = difference(level, before or nothing)
    return {"in_order": moved, "in_order_mcse": error, "probability": level.probability}


def noise(level: Level, forecast: Probability) -> dict[str, float]:
    """Return the last row: from the last level to the forecast itself, which has other draws."""
    p = forecast.mean
    error = np.hypot(np.sqrt((level.influence**2).sum()), forecast.mcse / max(p * (1 - p), 1e-12))
    left = bounded_logit(p) - level.log_odds
    return {"in_order": left, "in_order_mcse": float(error), "probability": p}


def in_order(asked: Explainer, known: Sequence[str], items: Sequence[Item]) -> list[Level]:
    """Return the forecast on what was known before, and then after each item, as of the cut-off."""
    told = {item.id for item in items_in_force(asked.draws.lowered.evidence)}
    levels, ids = [asked.on(known)], list(known)
    for item in items:
        ids.append(item.id)
        speaks = item.id in told or sees(item)
        levels.append(asked.on(ids) if speaks else levels[-1])
    return levels


def _left_out(asked: Explainer, items: Sequence[Item], whole: Level) -> dict[str, dict[str, float]]:
    """Return by how much each item, and each cluster, moves the log-odds at the end."""
    lowered = asked.draws.lowered
    told = set(soft_places(lowered))
    quick, heads = asked.one_by_one(), clusters(lowered.evidence)
    names = ("leave_one_out", "leave_one_out_mcse", "khat", "leave_cluster_out")
    found: dict[str, dict[str, float]] = {name: {} for name in names}
    for item in items:
        name = item.id
        level = whole
        if name in told or sees(item):
            level = quick[name] if name in quick else asked.without([name])
        moved, error = difference(whole, level)
        found["leave_one_out"][name], found["leave_one_out_mcse"][name] = moved, error
        found["khat"][name] = level.khat
    for head in dict.fromkeys(heads[item.id] for item in items):
        members = [item.id for item in items if heads[item.id] == head]
        moved = found["leave_one_out"][head]
        if len(members) > 1:
            moved = difference(whole, asked.without(members))[0]
        found["leave_cluster_out"] |= dict.fromkeys(members, moved)
    return found


def described(frame: pd.DataFrame, draws: Draws, items: Sequence[Item]) -> pd.DataFrame:
    """Return a table by item with what each item is, before the numbers."""
    heads = clusters(draws.lowered.evidence)
    about = pd.DataFrame(
        {
            "kind": pd.Series({item.id: item.kind for item in items}, dtype=object),
            "event": pd.Series({item.id: item.event for item in items}, dtype=object),
            "published": pd.Series(
                {item.id: day_stamp(item.published_instant) for item in items},
                dtype="datetime64[us]",
            ),
            "cluster": pd.Series(
                {name: heads.get(str(name), str(name)) for name in frame.index}, dtype=object
            ),
        },
        index=frame.index,
    )
    text = pd.Series({item.id: item.text for item in items}, dtype=object)
    return about.join(frame).assign(text=text)
