"""Whether items fit a network and each other: one short check each, all faults at once."""

from collections.abc import Iterator, Mapping, Sequence

from forecast.errors import Fault, did_you_mean
from forecast.evidence.forecast_item import Forecast
from forecast.evidence.item import Item, Place
from forecast.evidence.moment import begin
from forecast.evidence.observation import Observation
from forecast.evidence.report import Report
from forecast.evidence.retraction import rings
from forecast.evidence.silence import Silence
from forecast.network import Network, report_rate_prior
from forecast.time import day_label

__all__ = ["item_faults"]

MANY = 1000  # names: past this, a near one is not searched for among them


def item_faults(
    network: Network, items: Sequence[Item], places: Mapping[str, Place]
) -> dict[str, list[Fault]]:
    """Return the faults of each item that has any, by id.

    Parameters
    ----------
    network
        What the items speak of.
    items
        The whole record: a copy and its origin are both in it.
    places
        Where each item stands, by id.
    """
    by_id = {item.id: item for item in items}
    letters = _letters(network, items)
    looped, ringed = _looped(by_id), rings(items)
    kinds = {event.id: event.kind for event in network.events}
    sources = {source.id for source in network.sources}
    found: dict[str, list[Fault]] = {}
    for item in items:
        faults = [
            *_event_faults(item, kinds),
            *_time_faults(item, network),
            *_source_faults(item, sources),
            *(_silence_faults(item, network) if isinstance(item, Silence) else ()),
            *_retraction_faults(item, by_id),
            *_grade_faults(item, letters),
            *(_copy_faults(item, by_id) if isinstance(item, Report) else ()),
        ]
        if item.id in looped:
            faults.append(_loop_fault())
        if item.id in ringed:
            faults.append(_ring_fault())
        if faults:
            place = places.get(item.id, Place())
            found[item.id] = [_placed(fault, item, place) for fault in faults]
    return found


def _placed(fault: Fault, item: Item, place: Place) -> Fault:
    return Fault(
        problem=fault.problem,
        remedy=fault.remedy,
        value=fault.value,
        file=place.file,
        line=place.line,
        field=f"item '{item.id}': {fault.field}",
    )


def _event_faults(item: Item, kinds: Mapping[str, str]) -> Iterator[Fault]:
    if item.event not in kinds:
        yield _unknown("event", item.event, kinds)
    elif kinds[item.event] == "fact" and isinstance(item, Observation) and item.onset is not None:
        yield Fault(
            f"event '{item.event}' is a fact, true or false for all time, and has no onset",
            "Write state: on (or off) instead of the onset's days.",
            field="onset",
        )


def _time_faults(item: Item, network: Network) -> Iterator[Fault]:
    onset = item.onset if isinstance(item, Observation) else None
    if onset is not None:
        field, first = "onset", begin(onset[0])
    elif isinstance(item, Silence):
        field, first = "watched_from", item.window[0]
    else:
        field = "published" if item.speaks_of is None else "speaks_of"
        first = item.speaks_of_instant
    if first < network.start_instant:
        yield Fault(
            f"the item speaks of a time before the network starts ({network.start})",
            "State it in the prior instead (initially, or the rate), or start the network earlier.",
            field=field,
            value=str(onset[0]) if onset else day_label(first),
        )
    if item.speaks_of_instant > network.horizon_instant:
        yield Fault(
            f"the item speaks of a time beyond the network's horizon ({network.horizon})",
            "Set a later horizon in the network, set speaks_of, or leave the item out.",
            field=field,
            value=day_label(item.speaks_of_instant),
        )


def _source_faults(item: Item, sources: set[str]) -> Iterator[Fault]:
    if isinstance(item, Report | Forecast | Silence) and item.source not in sources:
        yield _unknown("source", item.source, sources)
    if isinstance(item, Report) and item.origin is not None and item.origin not in sources:
        yield _unknown("source", item.origin, sources, field="origin")


def _letters(network: Network, items: Sequence[Item]) -> dict[str, Report]:
    """Return, for each source whose rates its items' grades give, the first graded item."""
    stated = {s.id for s in network.sources if s.grade or (s.hit_rate and s.false_alarm_rate)}
    graded = [item for item in items if isinstance(item, Report) and item.grade is not None]
    return {item.source: item for item in reversed(graded) if item.source not in stated}


def _grade_faults(item: Item, letters: Mapping[str, Report]) -> Iterator[Fault]:
    if not isinstance(item, Report) or item.grade is None or item.source not in letters:
        return
    first = letters[item.source]
    if first.grade is not None and first.grade[0] != item.grade[0]:
        yield Fault(
            f"source '{item.source}' is graded {item.grade[0]} here and {first.grade[0]} in item "
            f"'{first.id}', and its rates can start from one grade alone",
            f"State it once, as grade of the source: what '{item.source}' has been worth since is "
            "learned.",
            field="grade",
        )


def _copy_faults(report: Report, by_id: Mapping[str, Item]) -> Iterator[Fault]:
    for name in report.derived_from:
        if name not in by_id:
            yield _unknown("item", name, by_id, field="derived_from")
        else:
            yield from _origin_faults(report, by_id[name])


def _origin_faults(copy: Report, origin: Item) -> Iterator[Fault]:
    """Yield what keeps `origin` from being what `copy` repeats."""
    name = f"origin '{origin.id}'"
    apart = "Code this item on its own, without derived_from, or leave it out."
    if not isinstance(origin, Report):
        yield Fault(
            f"{name} is of kind '{origin.kind}', and only the statement of a report can be copied",
            apart,
            field="derived_from",
        )
    elif origin.event != copy.event:
        yield Fault(
            f"{name} is about event '{origin.event}' and this item about '{copy.event}': a copy "
            "repeats a statement about the same event",
            apart,
            field="derived_from",
        )
    elif origin.is_prediction != copy.is_prediction:
        sense = {True: "predicts", False: "tells of what is or was"}
        yield Fault(
            f"{name} {sense[origin.is_prediction]} and this item {sense[copy.is_prediction]}: a "
            "copy repeats a statement about the same event in the same sense of time",
            f"Set speaks_of as in the origin. Otherwise: {apart[0].lower()}{apart[1:]}",
            field="derived_from",
        )
    if origin.published_instant > copy.published_instant:
        yield Fault(
            f"{name} was published {origin.published}, after this copy ({copy.published})",
            "Correct a date, or turn the derivation around. Two items of one day need either "
            "both a time or neither.",
            field="derived_from",
        )
    elif origin.recorded_instant > copy.recorded_instant:
        yield Fault(
            f"{name} was recorded {day_label(origin.recorded_instant)}, after this copy "
            f"({day_label(copy.recorded_instant)}), which could not yet be known to be one",
            f"Set recorded of '{copy.id}' to when its origin was found, or later.",
            field="derived_from",
        )


def _silence_faults(item: Silence, network: Network) -> Iterator[Fault]:
    source = next((s for s in network.sources if s.id == item.source), None)
    if source is not None and report_rate_prior(network, source) is None:
        yield Fault(
            f"neither source '{source.id}' nor its type '{source.type}' states a report_rate",
            "State how soon it would have reported, such as '80% within 2 weeks'.",
            field="source",
        )


def _retraction_faults(item: Item, by_id: Mapping[str, Item]) -> Iterator[Fault]:
    for name in item.retracts:
        if name not in by_id:
            yield _unknown("item", name, by_id, field="retracts")
            continue
        earlier = by_id[name]
        if earlier.published_instant > item.published_instant:
            yield Fault(
                f"item '{name}' was published {earlier.published}, after this item "
                f"({item.published}), which cannot take it back",
                "Correct a date, or retract it with a later item. Two items of one day need "
                "either both a time or neither.",
                field="retracts",
            )
        elif earlier.recorded_instant > item.recorded_instant:
            yield Fault(
                f"item '{name}' was recorded {day_label(earlier.recorded_instant)}, after this "
                f"item ({day_label(item.recorded_instant)}), which could not yet take it back",
                f"Set recorded of '{item.id}' to when it was found to do so, or later.",
                field="retracts",
            )


def _looped(by_id: Mapping[str, Item]) -> set[str]:
    """Return the items that are, over several steps, copies of themselves.

    Items whose origins are all settled are set aside until none is left; what remains stands on a
    loop, copies from one, or is copied by one; only what is on a loop (or between two) is kept.
    """
    origins = {
        item.id: {name for name in item.derived_from if name in by_id}
        for item in by_id.values()
        if isinstance(item, Report) and item.derived_from
    }
    left = _unsettled(origins)
    copies: dict[str, set[str]] = {}
    for name in left:
        for origin in origins[name] & left:
            copies.setdefault(origin, set()).add(name)
    return _unsettled({name: copies.get(name, set()) for name in left})


def _unsettled(needs: Mapping[str, set[str]]) -> set[str]:
    """Return the names left when those whose needs are all met are taken away again and again."""
    waiting = {name: {n for n in wanted if n in needs} for name, wanted in needs.items()}
    wanted_by: dict[str, list[str]] = {}
    for name, wanted in waiting.items():
        for need in wanted:
            wanted_by.setdefault(need, []).append(name)
    ready = [name for name, wanted in waiting.items() if not wanted]
    left = set(waiting)
    while ready:
        done = ready.pop()
        left.discard(done)
        for name in wanted_by.get(done, ()):
            waiting[name].discard(done)
            if not waiting[name]:
                ready.append(name)
    return left


def _loop_fault() -> Fault:
    return Fault(
        "the item is, through its origins, a copy of itself",
        "Leave derived_from empty in the item that said it first.",
        field="derived_from",
    )


def _ring_fault() -> Fault:
    return Fault(
        "the item is, over several steps, retracted by what it retracts",
        "Of items published at one time one has the last word: leave retracts empty in the others.",
        field="retracts",
    )


def _unknown(
    what: str, name: str, known: Mapping[str, object] | set[str], *, field: str = ""
) -> Fault:
    remedy = did_you_mean(name, known) if len(known) <= MANY else ""
    return Fault(f"unknown {what}", remedy, field=field or what, value=name)
