"""What the report shows of a panel: a ranking of all units, and in detail the few to look at."""

from collections.abc import Collection, Sequence
from datetime import datetime

from forecast.network import Network
from forecast.network._units import of_unit, shared_name, unit_of
from forecast.report._content import EventPart, Ranked, Ranking

MOST_UNITS = 6
"""Units told in detail: reasons take seconds for each event."""


def one_unit(network: Network, unit: str) -> Network:
    """Return a panel's network without all units but one."""
    return Network(
        name=network.name,
        start=network.start,
        horizon=network.horizon,
        events=[event for event in network.events if unit_of(event.id) == unit],
        links=[
            link for link in network.links if {unit_of(link.parent), unit_of(link.child)} == {unit}
        ],
        source_types=network.source_types,
        sources=network.sources,
        units=[each for each in network.units if each.id == unit],
    )


type Asked = Collection[tuple[str, datetime]]
"""What questions ask: an event and a deadline each."""


def units_in_detail(network: Network, parts: Sequence[EventPart], asked: Asked) -> tuple[str, ...]:
    """Return the units told in detail, in order.

    Those that are asked about come first, then those with the most items of evidence; without any,
    the unit that is first in the first ranking.
    """
    first = dict.fromkeys(sorted(unit_of(event) for event, _ in asked))
    items: dict[str, set[str]] = {}
    for part in parts:
        if part.items:
            items.setdefault(unit_of(part.id), set()).update(item.id for item in part.items)
    told = sorted(items, key=lambda unit: -len(items[unit]))
    chosen = [*first, *(unit for unit in told if unit not in first)][:MOST_UNITS]
    if chosen:
        return tuple(chosen)
    ranked = rankings(network, parts, asked, ())[:1]
    return tuple(unit_of(ranking.rows[0].event.id) for ranking in ranked)


def rankings(
    network: Network, parts: Sequence[EventPart], asked: Asked, detailed: Collection[str]
) -> tuple[Ranking, ...]:
    """Return all units by the probability of each event at the last deadline, the highest first.

    Events from which no other follows come first.
    """
    by_id = {part.id: part for part in parts}
    days = {
        f.deadline for part in parts for f in part.figures if (part.id, f.deadline) not in asked
    }
    if not days:
        return ()
    last = max(days)
    items: dict[str, set[str]] = {}
    for part in parts:
        items.setdefault(unit_of(part.id), set()).update(item.id for item in part.items)
    parents = {shared_name(link.parent) for link in network.links}
    stems = dict.fromkeys(shared_name(node.id) for node in network.nodes)
    found = []
    for stem in sorted(stems, key=lambda stem: stem in parents):
        rows = []
        for unit in network.units:
            told = by_id.get(of_unit(stem, unit.id))
            figures = [] if told is None else [f for f in told.figures if f.deadline == last]
            if told is not None and figures:
                called = unit.title or unit.id
                rows.append((told, figures[0], unit.id, called, unit.group))
        if not rows:
            continue
        rows.sort(key=lambda row: -row[1].probability)
        first = rows[0]
        found.append(
            Ranking(
                event=stem,
                title=(first[0].title or stem).removeprefix(f"{first[3]}: "),
                deadline=last,
                rows=tuple(
                    Ranked(place, called, group, part, figure, len(items[unit]), unit in detailed)
                    for place, (part, figure, unit, called, group) in enumerate(rows, start=1)
                ),
            )
        )
    return tuple(found)
