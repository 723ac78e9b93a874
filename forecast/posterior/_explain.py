"""What moved a forecast: item by item from the prior to it, or from one posterior to the next.

Items are told in order of publication, each as of its day, and each is left out in turn. An item
with all its copies, or the reports of one hidden origin, are a cluster, which has one row for a
reader.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from forecast.decimals import reaches
from forecast.errors import QueryError
from forecast.evidence import Evidence, Item, Report, statements
from forecast.model._opinions import known_for_sure
from forecast.posterior._anew import unsettles
from forecast.posterior._draws import Draws
from forecast.posterior._in_order import Ordered, along, in_order, in_order_since
from forecast.posterior._levels import (
    BeyondError,
    Explainer,
    Level,
    bounded_logit,
    difference,
    explainer,
    nothing_left,
)
from forecast.posterior._parts import acts, sees, segmented, segments, soft_places
from forecast.posterior._probability import Probability
from forecast.posterior._struck import left_out_of
from forecast.probability import CLEAR, NOISE, PRIOR, TIME
from forecast.time import day_label, day_stamp

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]


type Order = Literal["both", "published", "left_out"]
ORDERS: tuple[Order, ...] = ("both", "published", "left_out")

LEFT_OUT = [
    "leave_one_out",
    "leave_one_out_mcse",
    "leave_cluster_out",
    "leave_cluster_out_mcse",
    "khat",
    "effective",
    "estimated",
]

RELATIVE = frozenset({"likelihood_ratio", "forecast", "regime"})
"""Kinds whose chances are known up to a constant, so that how probable an item was is not; a regime
is no news of anything, and has none."""

BEFORE, REVISED = "(before)", "(revised or withdrawn)"
APART = 4.0
"""Errors by which a last level may differ from the forecast, for its steps to be as good as they
look."""
LEAST_STEP, MOST_NAMED = 0.005, 5  # log-odds from which a step is named, and how many are


def explanation(draws: Draws, event: int, by: datetime, order: Order) -> "pd.DataFrame":
    """Return what moved a forecast; see `Posterior.explain`."""
    items = segmented(draws.lowered)
    if order == "left_out":
        return described(left_out(draws, event, by), draws, items)
    frame = steps_of(in_order(draws, event, by), draws.one(event, by))
    if order == "both":
        frame = frame.join(left_out(draws, event, by))
    return described(frame, draws, items)


def explanations(draws: Draws, events: Sequence[int], by: datetime) -> "dict[int, pd.DataFrame]":
    """Return what moved several forecasts, by one pass; see `Posterior.explain_all`."""
    passed = draws.passage([by])
    chances = draws.chances([draws.lowered.events[event] for event in events], [by])
    found = {}
    for i, event in enumerate(events):
        forecast = chances.probability(i)
        if forecast.mcse == 0 and forecast.mean in (0.0, 1.0):
            continue  # settled
        ordered = along(passed, draws, event, by)
        items = [each.item for each in ordered.told]
        found[event] = described(steps_of(ordered, forecast), draws, items)
    return found


def surprise_table(draws: Draws) -> "pd.DataFrame":
    """Return how probable each item was, given all before; see `Posterior.surprises`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    passed = draws.passage([draws.calendar.horizon])
    items = {item.id: item for item in draws.lowered.evidence}
    quiet = {segment.items[0].id: log for segment, log in
             zip(segments(draws.lowered), passed.log_quiet, strict=False)}  # fmt: skip
    rows = []
    for step_ in passed.steps:
        item, log = items[step_.item], step_.log_predictive
        rows.append(
            {
                "kind": item.kind,
                "event": ", ".join(item.events),
                "published": day_stamp(item.published_instant),
                "probability": np.nan if item.kind in RELATIVE else float(np.exp(log)),
                "log_probability": log if np.isfinite(log) else 0.0,
                "mcse": float(np.sqrt((step_.log_predictive_influence**2).sum())),
                "log_quiet": quiet.get(item.id, 0.0),
                "text": item.text,
            }
        )
    rows.append({"log_probability": 0.0, "mcse": 0.0, "log_quiet": float(passed.log_quiet[-1])})
    index = pd.Index([*(step_.item for step_ in passed.steps), TIME], name="item")
    names = ["kind", "event", "published", "probability", "log_probability", "mcse", "log_quiet"]
    return pd.DataFrame(rows, index=index, columns=[*names, "text"])


def steps_of(
    found: Ordered, forecast: Probability, gap: tuple[float, float] = (0.0, 0.0)
) -> "pd.DataFrame":
    """Return the steps of a waterfall, which add up to the log-odds of the forecast exactly.

    `gap` is by how much it begins elsewhere than it should, and the error of that.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import

    total, error = found.waited
    waits = found.waits
    first = step(found.first, Level(0.0, np.zeros_like(found.first.influence)))
    time = {"in_order": total, "in_order_mcse": error, "time": waits[-1]}
    rows = [first, {**time, "probability": found.last.probability}]
    for each, waited in zip(found.told, waits, strict=False):
        row = {"before": each.before.probability, "time": waited}
        row |= {"predictive": np.nan, "predictive_mcse": np.nan}
        if each.item.kind not in RELATIVE:
            row["predictive"] = float(np.exp(each.log_predictive))
            row["predictive_mcse"] = row["predictive"] * each.log_predictive_mcse
        rows.append({**step(each.after, each.before), **row})
    last = noise(found.last, forecast)
    last["in_order"] += gap[0]
    last["in_order_mcse"] = float(np.hypot(last["in_order_mcse"], gap[1]))
    rows.append({"before": found.last.probability, **last})
    if abs(last["in_order"]) > APART * last["in_order_mcse"]:
        # It ended elsewhere than the forecast, so something was missed on the way, such as an
        # event of which there was no particle: no step is known better than that.
        for row in rows[1:]:
            row["in_order_mcse"] = float(np.hypot(row["in_order_mcse"], last["in_order"]))
    names = [PRIOR, TIME, *(each.item.id for each in found.told), NOISE]
    columns = ["in_order", "in_order_mcse", "before", "probability", "time"]
    columns += ["predictive", "predictive_mcse"]
    return pd.DataFrame(rows, index=pd.Index(names, name="item"), columns=columns)


def explain_change(
    draws: Draws,
    other: Draws,
    event: int,
    by: datetime,
    pair: tuple[Probability, Probability],
) -> "pd.DataFrame":
    """Return what moved one forecast since an earlier one; see `Posterior.explain_change`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    _check(draws, other)
    known = {item.id: item for item in other.lowered.evidence}
    kept = [item.id for item in draws.lowered.evidence if known.get(item.id) == item]
    found = in_order_since(draws, event, by, other.calendar.as_of, kept)
    begin = bounded_logit(pair[0].mean)
    gap, error = found.first.log_odds - begin, noise(found.first, pair[0])["in_order_mcse"]
    first = {"in_order": begin, "in_order_mcse": error, "probability": pair[0].mean}
    new = {BEFORE: first}
    if draws.lowered.network != other.lowered.network or len(kept) < len(known):
        level = found.first.probability
        row = {"in_order": gap, "in_order_mcse": error, "before": pair[0].mean}
        new[REVISED] = {**row, "probability": level}
        gap = error = 0.0
    rows = steps_of(found, pair[1], (gap, error))
    head = pd.DataFrame(new.values(), index=list(new), columns=rows.columns)
    frame = pd.concat([head.astype(float), rows.iloc[1:]]).rename_axis("item")
    return described(frame, draws, [each.item for each in found.told])


def change_table(draws: Draws, other: Draws, by: datetime) -> "pd.DataFrame":
    """Return every event's forecast then and now; see `Posterior.compare`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

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


def waterfall(steps: "pd.DataFrame") -> "pd.DataFrame":
    """Return the steps of an explanation with each cluster as one, at the place of its first item.

    Returns
    -------
    DataFrame
        Indexed by ``cluster``: ``in_order``, the log-odds added, and its error ``in_order_mcse``,
        the root of the sum of squares; the ``probability`` so far; ``copies``, how many items more
        the cluster has; ``event`` and ``text`` of its first item, which the rows in brackets lack.
    """
    each = steps.groupby("cluster", sort=False)
    found = each.agg(
        in_order=("in_order", "sum"),
        in_order_mcse=("in_order_mcse", np.linalg.norm),
        copies=("in_order", "size"),
    )
    found["copies"] -= 1
    found["probability"] = expit(found["in_order"].cumsum())
    return found.join(each[["event", "text"]].first())


def in_words(steps: "pd.DataFrame") -> str:
    """Return the steps of a change that count, the largest first: ``"r4 -0.31; o2 +0.22"``.

    Those that may be sampling error alone do not.
    """
    found = waterfall(steps).drop([BEFORE, NOISE])
    moved, clear = found["in_order"], CLEAR * found["in_order_mcse"]
    large = moved[(moved.abs() >= LEAST_STEP) & reaches(moved.abs(), clear)]
    ranked = large.reindex(large.abs().sort_values(ascending=False, kind="stable").index)
    return "; ".join(f"{name} {change:+.2f}" for name, change in ranked[:MOST_NAMED].items())


def settled_by(draws: Draws, other: Draws, event: str, now: Probability) -> list[str]:
    """Return the new items that make an event certain, where it is certain now."""
    if now.mean not in (0.0, 1.0):
        return []
    known = {item.id: item for item in other.lowered.evidence}
    fresh = (item for item in draws.lowered.evidence if known.get(item.id) != item)
    return [item.id for item in fresh if item.event == event and sees(item)]


def clusters(evidence: Evidence) -> dict[str, str]:
    """Return for each item the first item of its cluster, which may be itself.

    Items that copy each other, over any number of steps, are one cluster, as are reports that pass
    on one statement of a hidden origin.
    """
    head = {item.id: item.id for item in evidence}

    def find(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    order = {item.id: i for i, item in enumerate(evidence)}
    pairs = [
        (origin, item.id)
        for item in evidence
        if isinstance(item, Report)
        for origin in item.derived_from
        if origin in head
    ]
    pairs += [(group[0].id, item.id) for group in statements(evidence) for item in group]
    for one, other in pairs:
        first, second = sorted((find(one), find(other)), key=order.__getitem__)
        head[second] = first
    return {name: find(name) for name in head}


def step(level: Level, before: Level) -> dict[str, float]:
    """Return a row of the waterfall: to one level from another."""
    moved, error = difference(level, before)
    return {"in_order": moved, "in_order_mcse": error, "probability": level.probability}


def noise(level: Level, forecast: Probability) -> dict[str, float]:
    """Return the last row: from the last level to the forecast itself, which has other draws."""
    p = forecast.mean
    error = np.hypot(np.sqrt((level.influence**2).sum()), forecast.mcse / max(p * (1 - p), 1e-12))
    left = bounded_logit(p) - level.log_odds
    return {"in_order": left, "in_order_mcse": float(error), "probability": p}


def left_out(draws: Draws, event: int, by: datetime) -> "pd.DataFrame":
    """Return what each item, and each cluster, does to a forecast where all others are known.

    Parameters
    ----------
    draws
        By whatever method.
    event, by
        The forecast.

    Returns
    -------
    DataFrame
        Indexed by item: the columns of `Posterior.explain` that say so.

    Raises
    ------
    QueryError
        If the event is settled.
    """
    if draws.fitted.paths:
        return _struck_out(draws, event, by)
    try:
        asked = explainer(draws, event, by)
    except BeyondError:
        return _struck_out(draws, event, by)
    return _left_out(asked, segmented(draws.lowered), asked.told(draws.lowered))


def left_out_table(draws: Draws, by: datetime) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return what each item does to every forecast at once, and the errors of that.

    Parameters
    ----------
    draws
        By whatever method.
    by
        The deadline.

    Returns
    -------
    tuple of DataFrame
        Log-odds, indexed by item, one column an event; not a number where the event is settled.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import

    lowered = draws.lowered
    events, names = [event.id for event in lowered.network.nodes], _ids(segmented(draws.lowered))
    moved = pd.DataFrame(np.nan, index=pd.Index(names, name="item"), columns=events)
    error = moved.copy()
    time = draws.calendar.years(by)
    for event, name in enumerate(events):
        if not known_for_sure(lowered.structure, lowered.record, event, time):
            found = left_out(draws, event, by)
            moved[name], error[name] = found["leave_one_out"], found["leave_one_out_mcse"]
    return moved, error


def _ids(items: Iterable[Item]) -> list[str]:
    return [item.id for item in items]


def _groups(draws: Draws) -> dict[str, list[str]]:
    """Return the members of each cluster, by its first item."""
    heads, found = clusters(draws.lowered.evidence), dict[str, list[str]]()
    for name in _ids(segmented(draws.lowered)):
        found.setdefault(heads[name], []).append(name)
    return found


def _struck_out(draws: Draws, event: int, by: datetime) -> "pd.DataFrame":
    """Return the same along paths."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    lowered, time = draws.lowered, draws.calendar.years(by)
    if known_for_sure(lowered.structure, lowered.record, event, time):
        raise nothing_left(lowered.events[event])
    names, groups = _ids(segmented(draws.lowered)), _groups(draws)
    alone = [frozenset({name}) for name in names]
    found = left_out_of(draws, [*alone, *map(frozenset, groups.values())], time)
    whole = {name: frozenset(members) for members in groups.values() for name in members}
    one = [found.place[ids] for ids in alone]
    every = [found.place[whole[name]] for name in names]
    return pd.DataFrame(
        {
            "leave_one_out": found.moved[one, event],
            "leave_one_out_mcse": found.error[one, event],
            "leave_cluster_out": found.moved[every, event],
            "leave_cluster_out_mcse": found.error[every, event],
            "khat": found.khat[one],
            "effective": found.effective[one],
            "estimated": found.estimated[one],
        },
        index=pd.Index(names, name="item"),
    )


def _left_out(asked: Explainer, items: Sequence[Item], whole: Level) -> "pd.DataFrame":
    """Return the same by the exact filter, but for what that cannot take."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    draws, lowered = asked.draws, asked.draws.lowered
    told, quick = set(soft_places(lowered)), asked.one_by_one()
    members = {name: group for group in _groups(draws).values() for name in group}
    levels: dict[tuple[str, ...], dict[str, float]] = {}

    def found(ids: Sequence[str]) -> dict[str, float]:
        key, level = tuple(ids), whole
        if key in levels:
            return levels[key]
        if unsettles(lowered, ids):
            levels[key] = _along_courses(asked, ids)
            return levels[key]
        if len(ids) == 1 and ids[0] in quick:
            level = quick[ids[0]]
        elif any(name in told or _bears(lowered.evidence.item(name)) for name in ids):
            level = asked.without(ids)
        moved, error = difference(whole, level)
        levels[key] = {"moved": moved, "error": error, "khat": level.khat}
        levels[key] |= {"effective": level.effective, "estimated": level.refitted}
        return levels[key]

    rows = {}
    for item in items:
        one, every = found([item.id]), found(members[item.id])
        rows[item.id] = {
            "leave_one_out": one["moved"],
            "leave_one_out_mcse": one["error"],
            "leave_cluster_out": every["moved"],
            "leave_cluster_out_mcse": every["error"],
            **{name: one[name] for name in ("khat", "effective", "estimated")},
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=LEFT_OUT).rename_axis("item")


def _bears(item: Item) -> bool:
    """Return whether something other than chances hangs on an item."""
    return sees(item) or acts(item)


def _along_courses(asked: Explainer, ids: Sequence[str]) -> dict[str, float]:
    """Return what a set of items does, along courses of the draws."""
    found = left_out_of(asked.draws, [frozenset(ids)], asked.time)
    return {
        "moved": found.moved[0, asked.event],
        "error": found.error[0, asked.event],
        "khat": found.khat[0],
        "effective": found.effective[0],
        "estimated": bool(found.estimated[0]),
    }


def described(frame: "pd.DataFrame", draws: Draws, items: Sequence[Item]) -> "pd.DataFrame":
    """Return a table by item with what each item is, before the numbers."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    heads = clusters(draws.lowered.evidence)
    about = pd.DataFrame(
        {
            "kind": pd.Series({item.id: item.kind for item in items}, dtype=object),
            "event": pd.Series({item.id: ", ".join(item.events) for item in items}, dtype=object),
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
