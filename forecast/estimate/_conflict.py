"""Impossible evidence: which items cannot all be true, as few of them as possible."""

from collections.abc import Sequence

import numpy as np

from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import Parameters
from forecast.engine.paths import ImpossibleRecord, make_sampler
from forecast.errors import ContradictionError, Fault
from forecast.estimate._cost import reachable_plans
from forecast.evidence import Forecast, Item, Place
from forecast.evidence._shut import Histories
from forecast.model._lower import Lowered, lower_seen
from forecast.seeds import child_seed, generator
from forecast.time import day_label

LOOSEN = (
    "Correct or retract one of them, or loosen what rules them out: a gate, a window, an event's "
    "kind, a source that never checks."
)
POINTS = 16  # of the prior at which evidence is tried: what is possible at one is possible


def contradiction(lowered: Lowered) -> ContradictionError:
    """Return the error that names the items which a network cannot have together."""
    items = smallest_conflict(lowered)
    if not items:
        return ContradictionError(
            "what the network takes for certain is impossible under it, with no item of evidence"
        )
    told = "; ".join(_told(item) for item in items)
    why, way_out = _shut(lowered, items)
    place = lowered.evidence.places.get(items[-1].id, Place())
    return ContradictionError(
        Fault(
            f"these {len(items)} items are impossible together under this network, whatever its "
            f"parameters, though without any one of them the others are not: {told}{why}"
            if len(items) > 1
            else "this item is impossible under this network, whatever its parameters: "
            f"{told}{why}",
            way_out,
            file=place.file,
            line=place.line,
            field=f"item '{items[-1].id}'",
        )
    )


def _shut(lowered: Lowered, items: Sequence[Item]) -> tuple[str, str]:
    """Return which gates rule out that the items' events have come, and what to write instead."""
    known = Histories(lowered.network, lowered.evidence, lowered.as_of)
    found = {shut: item for item in items for shut in known.shut(item)}
    if not found:
        return "", LOOSEN
    why = "; ".join(shut.told() for shut in found)
    ways = dict.fromkeys(shut.way_out(item, lowered.network) for shut, item in found.items())
    return f". For {why}", " ".join(ways)


def smallest_conflict(lowered: Lowered) -> tuple[Item, ...]:
    """Return items that are impossible together, of which none can be left out.

    Items are set aside for as long as the rest stays impossible, first many at a time, then one
    by one [1]_. There may be other such sets, smaller ones among them.

    Returns
    -------
    tuple of Item
        In the order of the record; empty if the network alone is impossible.

    References
    ----------
    .. [1] Chinneck & Dravnieks (1991). Locating minimal infeasible constraint sets in linear
       programs. ORSA Journal on Computing 3.
    """
    kept = list(lowered.evidence)
    size = max(len(kept) // 2, 1)
    while size:
        first = 0
        while first < len(kept):
            fewer = kept[:first] + kept[first + size :]
            if _impossible(lowered, fewer):
                kept = fewer
            else:
                first += size
        size //= 2
    return tuple(kept)


def impossible(lowered: Lowered) -> bool:
    """Return whether no parameters that are tried allow the evidence.

    The exact filter tells, where it reaches; else the search for paths does, which may give up on
    evidence that is possible after all in a maze of gates.
    """
    table = lowered.table
    z = generator(1, "conflict").normal(size=(POINTS, table.dimensions))
    theta = lowered.theta(table.from_z(z))
    plans = reachable_plans(lowered)
    if plans is None:
        return _without_paths(lowered, theta)
    with np.errstate(divide="ignore"):
        values = log_likelihoods(plans, theta).sum(axis=1)
    return not np.isfinite(values).any()


def _without_paths(lowered: Lowered, theta: Parameters) -> bool:
    """Return whether no paths are found; which there are hardly depends on the parameters."""
    one = Parameters(*(np.ascontiguousarray(field[0]) for field in theta))
    try:
        make_sampler(lowered.structure, lowered.record).initial(one, child_seed(1, "conflict"))
    except ImpossibleRecord:
        return True
    return False


def _impossible(lowered: Lowered, kept: Sequence[Item]) -> bool:
    names = {item.id for item in kept}
    # An opinion makes nothing impossible.
    aside = {i.id for i in lowered.evidence if i.id not in names or isinstance(i, Forecast)}
    return impossible(lower_seen(lowered.network, lowered.evidence.without(aside), lowered.as_of))


def _told(item: Item) -> str:
    return (
        f"'{item.id}' ({item.kind} on {_listed(item.events)}, {day_label(item.published_instant)})"
    )


def _listed(events: Sequence[str]) -> str:
    return ", ".join(f"'{event}'" for event in events)
