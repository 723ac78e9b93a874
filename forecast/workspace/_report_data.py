"""What the report shows of one network: its last run, what changed, and what was said before."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.evidence import Evidence
from forecast.evidence._rates import tells_of
from forecast.layout import Diagram, diagram
from forecast.layout._diagram import ratio_of
from forecast.ledger import (
    ForecastRecord,
    RunHead,
    RunInputs,
    RunRecord,
    Said,
    Standing,
    items_seen,
    read_run,
)
from forecast.network import Link, Network
from forecast.network._as_stated import as_stated, kind_in_words
from forecast.network._nodes import names_of
from forecast.network._units import unit_of
from forecast.report._content import (
    Arrival,
    EventPart,
    Influence,
    Making,
    NamedItem,
    NetworkPart,
    PastRun,
    Point,
    Range,
    Reasons,
    SourceRow,
)
from forecast.time import day_words
from forecast.workspace._draws import (
    evidence_of,
    network_of,
    saved_curves,
    saved_draws,
)
from forecast.workspace._history import Kept, said_before
from forecast.workspace._kept_reasons import OfRun, reasons_of
from forecast.workspace._named import named_items
from forecast.workspace._reasons import deadline_of_reasons
from forecast.workspace._report_units import one_unit, rankings, units_in_detail
from forecast.workspace._run import gate_of
from forecast.workspace._work import Tell

if TYPE_CHECKING:
    import xarray as xr


TAILS = (0.05, 0.95)
RATES = (
    *("hit_rate", "false_alarm_rate", "predictive_hit_rate", "predictive_false_alarm_rate"),
    *("forecast_weight", "report_rate", "count_rate_off", "count_rate_on"),
)
"""Of sources, as the draws name them."""


def network_part(
    kept: Kept,
    head: RunHead,
    forecasts: Sequence[Said],
    standing: Mapping[str, Standing],
    tell: Tell,
) -> NetworkPart:
    """Return what the report shows of one network, from its last run and what its runs have said.

    What the ledger keeps and this version cannot read is a `LedgerError`, draws that are here and
    damaged a `ForecastError`.
    """
    entry, record = read_run(kept.ledger, head.entry)
    inputs = RunInputs.of(record)
    network, evidence = network_of(inputs), evidence_of(inputs)
    before = said_before(kept.ledger, head.network, head.entry, head.as_of)
    items = named_items(network, evidence)
    tree = saved_draws(kept, inputs)
    parts = _events(network, record, before, items)
    every = tuple(parts) if network.units else ()
    questions = json.loads(record.settings).get("questions") or ()
    open_now = frozenset((event, datetime.fromisoformat(by)) for event, by in questions)
    units = units_in_detail(network, parts, open_now) if every else ()
    parts = [part for part in parts if not every or unit_of(part.id) in units]
    there = {part.id for part in parts}
    history = _history(forecasts)
    curves = {} if tree is None else saved_curves(tree)
    reasons = {}
    if tree is not None:
        asked = partial(OfRun, kept, head, inputs, tree=tree)
        reasons = _reasons(asked, head.as_of, parts, tell)
    events = [
        replace(
            part,
            curve=() if part.settled else tuple(Point(*row) for row in curves.get(part.id, ())),
            history=history.get(part.id, ()),
            reasons=reasons.get(part.id),
            outcome=arrival_of(standing[part.id]) if part.id in standing else None,
        )
        for part in parts
    ]
    return NetworkPart(
        name=head.network,
        title=network.title,
        as_of=head.as_of,
        made_at=head.made_at,
        previous=before[0].as_of if before else None,
        seen=len(evidence),
        fresh=_fresh(kept, head, before, items),
        events=_in_order(network, events, urgent=bool(open_now) and not every),
        influences=tuple(
            each for each in _influences(network) if not every or {each.parent, each.child} <= there
        ),
        drawn=_drawn(one_unit(network, units[0]) if every else network, there),
        sources=() if tree is None else _sources(tree, network, evidence),
        items=items,
        making=Making(entry, record, json.loads(record.settings), gate_of(json.loads(record.gate))),
        notes=() if tree is not None else (NO_DRAWS,),
        by_question=bool(open_now),
        rankings=rankings(network, every, open_now, units),
        every=every,
        asked=open_now,
        called={event.id: event.title or event.id for event in network.nodes},
    )


NO_DRAWS = (
    "The draws of this run are not in this workspace, so that curves, reasons and sources are left "
    "out: run 'forecast report' where the run was made."
)


def _in_order(
    network: Network, events: Sequence[EventPart], *, urgent: bool
) -> tuple[EventPart, ...]:
    """Return open events first; then the next to close or the probable before others.

    What was stated as one stays together.
    """
    first: dict[tuple[bool, str], float] = {}
    for event in events:
        group = event.settled, network.stated(event.id).id
        place = event.figures[0].deadline.timestamp() if urgent else -event.figures[-1].probability
        first[group] = min(first.get(group, place), place)
    groups = sorted(first, key=lambda group: (group[0], first[group]))
    order = {group: number for number, group in enumerate(groups)}
    return tuple(sorted(events, key=lambda e: order[e.settled, network.stated(e.id).id]))


def _events(
    network: Network,
    record: RunRecord,
    before: Sequence[Said],
    items: Mapping[str, NamedItem],
) -> list[EventPart]:
    """Return the events with their figures and their items; the rest is added later."""
    earlier: dict[str, dict[datetime, float]] = {}
    for told in (said.forecast for said in before if not said.forecast.condition):
        earlier.setdefault(told.event, {})[told.deadline] = told.probability
    figures: dict[str, list[ForecastRecord]] = {}
    for told in _recalibrated(record):
        if not told.condition:
            figures.setdefault(told.event, []).append(told)
    return [
        EventPart(
            id=event.id,
            title=event.title,
            kind=kind_in_words(event),
            resolution=event.resolution,
            why=event.why,
            prior=as_stated(event),
            figures=tuple(sorted(figures[event.id], key=lambda figure: figure.deadline)),
            before=earlier.get(event.id, {}),
            items=tuple(item for item in items.values() if event.id in item.events),
        )
        for event in network.nodes
        if event.id in figures
    ]


def _recalibrated(record: RunRecord) -> tuple[ForecastRecord, ...]:
    """Return a run's forecasts, with what answered questions say of each where that was kept."""
    kept = json.loads(record.settings).get("recalibration")
    if kept is None:
        return record.forecasts
    pairs = zip(record.forecasts, kept["figures"], strict=True)
    return tuple(replace(told, recalibrated=tuple(figure)) for told, figure in pairs)


def _history(forecasts: Sequence[Said]) -> dict[str, tuple[PastRun, ...]]:
    """Return the runs by event, each with its figures."""
    runs: dict[str, dict[int, PastRun]] = {}
    for said in forecasts:
        told = said.forecast
        if told.condition:
            continue
        of_event = runs.setdefault(told.event, {})
        run = of_event.get(said.entry)
        if run is None:
            run = PastRun(said.entry, said.as_of, said.made_at, said.forced, ())
        of_event[said.entry] = replace(run, figures=(*run.figures, told))
    return {event: tuple(of_event.values()) for event, of_event in runs.items()}


def _fresh(
    kept: Kept, head: RunHead, before: Sequence[Said], items: Mapping[str, NamedItem]
) -> tuple[NamedItem, ...]:
    """Return the items that the run before had not seen, or had seen otherwise, by date."""
    if not before:
        return ()
    now, then = items_seen(kept.ledger, head.entry), items_seen(kept.ledger, before[0].entry)
    fresh = [item for name, item in items.items() if then.get(name) != now.get(name)]
    return tuple(sorted(fresh, key=lambda item: (item.published, item.id)))


def _influences(network: Network) -> tuple[Influence, ...]:
    """Return the links, node by node, what a decision follows, and what a fact depends on."""
    links = [
        Influence(link.parent, child, link.kind, strength_of(link), ratio_of(network, link))
        for link in network.links
        for child in network.children(link)
    ]
    follows = [
        Influence(event.on, name, "requires", "", None)
        for event in network.events
        if event.on is not None and event.day is None
        for name in names_of(event)
    ]
    given = [
        Influence(parent, name, "given", "", None)
        for event in network.events
        for stated in event.given
        for parent in names_of(network.stated(stated))
        for name in names_of(event)
    ]
    return (*links, *follows, *given)


def _drawn(network: Network, told: Collection[str]) -> Diagram:
    """Return what the drawing shows: the events that there are figures of."""
    whole = diagram(network)
    shown = [
        node._replace(parts=tuple(part for part in node.parts if part.id in told))
        for node in whole.nodes
    ]
    nodes = tuple(node for node in shown if node.parts or node.id in told)
    there = {node.id for node in nodes}
    arrows = (arrow for arrow in whole.arrows if {arrow.parent, arrow.child} <= there)
    return Diagram(nodes, tuple(arrows))


def _reasons(
    of_run: "Callable[[datetime], OfRun]", as_of: datetime, parts: Sequence[EventPart], tell: Tell
) -> dict[str, Reasons]:
    """Return why each open event's forecast is what it is, by one of its own deadlines."""
    waiting: dict[datetime, list[str]] = {}
    for part in parts:
        if not part.settled:
            by = deadline_of_reasons(as_of, [figure.deadline for figure in part.figures])
            waiting.setdefault(by, []).append(part.id)
    found: dict[str, Reasons] = {}
    for by, names in waiting.items():
        found |= reasons_of(of_run(by), names, tell=tell)
    return found


def _sources(tree: "xr.DataTree", network: Network, evidence: Evidence) -> tuple[SourceRow, ...]:
    """Return what was stated of the sources that have spoken, and what was learned."""
    titles = {source.id: source.title or source.id for source in network.sources}
    rows = []
    for rate in RATES:
        if rate not in tree["posterior"]:
            continue
        after = tree["posterior"][rate]
        dim = str(after.dims[-1])
        for label in after[dim].to_numpy():
            where = {dim: label}
            used = sum(tells_of(item, str(label), rate) for item in evidence)
            rows.append(
                SourceRow(
                    source=titles.get(str(label), str(label)),
                    rate=rate.replace("_", " "),
                    prior=_range(tree["prior"][rate].sel(where).to_numpy()),
                    posterior=_range(after.sel(where).to_numpy()),
                    items=used,
                )
            )
    return tuple(sorted(rows, key=lambda row: (-row.items, row.source)))


def _range(draws: NDArray[np.floating]) -> Range:
    draws = draws.astype(np.float64)  # files have some of them in 32 bits
    lower, upper = np.quantile(draws, TAILS)
    return Range(float(draws.mean()), float(lower), float(upper))


def strength_of(link: Link) -> str:
    """Return a link's strength and delay as stated; empty for a gate without one."""
    stated = [str(each) for each in (link.extra_rate, link.hazard_ratio) if each is not None]
    if link.odds_ratio is not None:
        stated.append(f"{link.odds_ratio} on its odds")
    if link.delay is not None:
        stated.append(f"after {link.delay}")
    return ", ".join(stated)


def arrival_of(standing: Standing) -> Arrival:
    """Return how an event came out, in words."""
    said = standing.resolution
    if said.outcome == "void" or said.at is None:
        words = "its questions are annulled"
    elif said.outcome == "happened":
        words = f"it began on {day_words(said.at)}"
    elif said.outcome == "ended":
        words = f"it ended on {day_words(said.at)}"
    else:
        words = f"it had not begun by {day_words(said.at)}"
    return Arrival(words, said.note, standing.made_at)
