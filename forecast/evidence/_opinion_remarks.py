"""Opinions that are allowed but tell less than they seem: stale ones, and such as teach nobody."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from forecast.errors import Fault
from forecast.evidence._forecast_item import Forecast
from forecast.evidence._item import Item, Place
from forecast.evidence._placed import remark_on
from forecast.evidence._retraction import withdrawn
from forecast.evidence._shut import Histories, observation_text
from forecast.network import Network
from forecast.time import day_label

OFTEN, STALE, SOON = 4, 5.0, timedelta(days=7)
"""How often a source must have spoken of an event for it to have a pace; how many times its usual
interval may pass; and an age at which no opinion is stale yet."""


def opinion_remarks(
    network: Network, items: Sequence[Item], places: Mapping[str, Place], as_of: datetime
) -> Iterator[Fault]:
    """Yield remarks on what sources think of events, as of a cut-off.

    An opinion is *stale* while its event is open and its source, which used to speak often, has
    not spoken for far longer. Nobody learns from one whose day has passed while nothing makes
    certain what came of it, or that was settled before it was published.
    """
    seen = [item for item in items if item.published_instant <= as_of]
    fallen = withdrawn(seen)
    visible = [item for item in seen if item.id not in fallen]
    histories = Histories(network, visible, min(as_of, network.horizon_instant))
    nodes = {node.id: node for node in network.nodes}
    groups: dict[tuple[str, str], list[Forecast]] = {}
    for item in visible:
        if isinstance(item, Forecast) and item.event in nodes:
            groups.setdefault((item.source, item.event), []).append(item)
    for (source, event), said in groups.items():
        last = max(item.published_instant for item in said)
        newest = [item for item in said if item.published_instant == last]
        ahead = []
        for item in newest:
            at = histories.years(item.speaks_of_instant)
            known = histories.covered(nodes[event], at, at)
            before = histories.by(item.published_instant).covered(nodes[event], at, at)
            if before is not None and not histories.only_silent(nodes[event], at, at):
                yield _settled(item, places)
            elif known is None and item.speaks_of_instant <= as_of:
                yield _unknown(item, source, places)
            elif known is None:
                ahead.append(item)
        days = sorted({item.published_instant for item in said})
        if ahead and len(days) >= OFTEN:
            apart = [(later - earlier).total_seconds() for earlier, later in pairwise(days)]
            age, usual = as_of - last, timedelta(seconds=median(apart))
            if age > max(STALE * usual, SOON):
                yield _stale(ahead[0], source, (age, usual), places)


def _stale(
    item: Forecast,
    source: str,
    times: tuple[timedelta, timedelta],
    places: Mapping[str, Place],
) -> Fault:
    age, usual = (_days(time) for time in times)
    return remark_on(
        item,
        places,
        "published",
        f"source '{source}' has not spoken of event '{item.event}' for {age}, and used to every "
        f"{usual}: what it said last still counts in full",
        "File its newest forecast, even if it is the same; or retract this one if it no longer "
        "forecasts the event.",
        day_label(item.published_instant),
    )


def _days(time: timedelta) -> str:
    days = max(1, round(time / timedelta(days=1)))
    return f"{days} days" if days > 1 else "day"


def _unknown(item: Forecast, source: str, places: Mapping[str, Place]) -> Fault:
    day = item.speaks_of_instant
    return remark_on(
        item,
        places,
        "speaks_of",
        f"the deadline has passed, and nothing says for sure whether event '{item.event}' was on: "
        f"nobody learns from it what the forecasts of source '{source}' are worth",
        f"File how it came out, such as {observation_text(item.event, day, 'state: on')}, or "
        "'state: off'.",
        day_label(day),
    )


def _settled(item: Forecast, places: Mapping[str, Place]) -> Fault:
    return remark_on(
        item,
        places,
        "published",
        f"it was known for sure before the forecast was published how event '{item.event}' came "
        "out: it says nothing, and nobody learns from it",
        "Correct the date, or leave it out.",
        day_label(item.published_instant),
    )
