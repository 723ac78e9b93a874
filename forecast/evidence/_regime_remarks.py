"""Regimes that are allowed but probably not meant."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from forecast.evidence._item import Item
from forecast.evidence._regime import Regime
from forecast.evidence._timeline import event_known, observations_by_event
from forecast.network import Event, Network
from forecast.time import day_words, years_between

MOST = 10.0
"""A ratio above it, or below one over it, is more than most changes of pace amount to."""


class Remark(NamedTuple):
    """What is said of a regime: of which, of which field, what and what to do."""

    item: Regime
    field: str
    problem: str
    remedy: str
    value: str = ""


def regime_remarks(network: Network, standing: Sequence[Item]) -> Iterator[Remark]:
    """Yield remarks on the regimes among the items that stand.

    One on an onset that has come by then; one that multiplies the rate by more than `MOST`, or by
    less than one over it; and two that do so together.
    """
    events = {node.id: node for node in network.nodes}
    regimes = [item for item in standing if isinstance(item, Regime)]
    for item in regimes:
        if item.event in events:
            yield from _settled(network, events[item.event], item, standing)
        if _extreme(_ratio(item)):
            yield Remark(
                item,
                "hazard_ratio",
                f"the rate of '{item.event}' is multiplied by {_ratio(item):g} from then on, and "
                f"few changes of pace are beyond {MOST:g} or below 1/{MOST:g}",
                "Correct it if it is mistyped. If the event cannot come from then on, or must, "
                "say so by a link that prevents it, or by an observation.",
                str(item.hazard_ratio),
            )
    for one, other in combinations(regimes, 2):
        together = _ratio(one) * _ratio(other)
        alone = _extreme(_ratio(one)) or _extreme(_ratio(other))
        if _at_once(one, other) and _extreme(together) and not alone:
            yield Remark(
                other,
                "hazard_ratio",
                f"together with '{one.id}', which holds at the same time, it multiplies the rate "
                f"of '{other.event}' by {together:g}",
                f"Name '{one.id}' in retracts if this one takes its place, or give '{one.id}' a "
                "date until which it holds. Both multiply as they are.",
                str(other.hazard_ratio),
            )


def _settled(
    network: Network, event: Event, item: Regime, standing: Iterable[Item]
) -> Iterator[Remark]:
    if event.kind != "onset":
        return
    begins = years_between(network.start_instant, item.span[0])
    seen = observations_by_event(standing, network).get(event.id, [])
    known = event_known(event, seen, network.start_instant, begins)
    if any(span.value and span.start <= begins for span in known):
        yield Remark(
            item,
            "event",
            f"'{event.id}' has happened by {day_words(item.span[0])}, when this regime begins, so "
            "its rate is of no matter from then on",
            "Correct the date or the event, or leave it out. For what may end and begin again, "
            "make the event a state.",
            item.event,
        )


def _ratio(item: Regime) -> float:
    return float(item.hazard_ratio.prior().median())


def _extreme(ratio: float) -> bool:
    return ratio > MOST or ratio < 1 / MOST


def _at_once(one: Regime, other: Regime) -> bool:
    """Return whether two regimes of one event hold at one time."""
    ends = [item.span[1] for item in (one, other)]
    begin = max(one.span[0], other.span[0])
    return one.event == other.event and all(end is None or begin < end for end in ends)
