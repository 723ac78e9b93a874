"""Whether items fit a network and each other: one short check for each rule, all faults at once."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence._count import Count
from forecast.evidence._forecast_item import Forecast
from forecast.evidence._item import Item, Place
from forecast.evidence._moment import begin
from forecast.evidence._observation import Observation
from forecast.evidence._regime import Regime
from forecast.evidence._relations import (
    MANY,
    Surroundings,
    copy_faults,
    loop_fault,
    looped,
    retraction_faults,
    ring_fault,
)
from forecast.evidence._report import Report
from forecast.evidence._retraction import rings, withdrawn
from forecast.evidence._silence import Silence
from forecast.evidence._watched import Watched, overlaps
from forecast.network import Network, Source, count_rate_prior, report_rate_prior
from forecast.network._prior_of import COUNT_RATES, rate_is_stated
from forecast.network._units import in_unit, unknown_event
from forecast.time import day_label

UNDATED = {
    "state": "a state, which may begin more than once",
    "fact": "a fact, true or false for all time",
}
"""Kinds of event whose onset no report dates, and why."""


def item_faults(
    network: Network,
    items: Sequence[Item],
    places: Mapping[str, Place],
    record: Surroundings | None = None,
) -> dict[str, list[Fault]]:
    """Return the faults of each item that has any, by id.

    Notes
    -----
    One cause gives one fault: an item is compared with another that it names only where that other
    has no fault of its own.

    Parameters
    ----------
    network
        What the items are about.
    items
        The items on its events.
    places
        Where each item stands, by id.
    record
        What the items are part of; by default nothing but themselves.
    """
    by_id = {item.id: item for item in items}
    kinds = {event.id: event.kind for event in network.nodes}
    sources = {source.id for source in network.sources}
    by_name = {source.id: source for source in network.sources}
    letters = _letters(network, items)
    of_events = {item.id: [*_event_faults(item, kinds)] for item in items}
    of_times = {item.id: [*_time_faults(item, network)] for item in items}
    found = {
        item.id: [
            *of_events[item.id],
            *of_times[item.id],
            *_source_faults(item, sources),
            *(_rate_faults(item, network, by_name, letters) if isinstance(item, Report) else ()),
            *(_watch_faults(item, network) if isinstance(item, Watched) else ()),
            *_grade_faults(item, letters),
        ]
        for item in items
    }
    whole = Surroundings(by_id, kinds) if record is None else record
    whole = replace(  # with the items that have faults of their own
        whole,
        wrong_event={name for name, faults in of_events.items() if faults},
        wrong_time={name for name, faults in of_times.items() if faults},
    )
    for item in items:
        found[item.id] += retraction_faults(item, whole, kinds)
        if isinstance(item, Report):
            found[item.id] += copy_faults(item, whole, kinds)
    for name, fault in (*_counted_twice(items, places), *_stated_twice(items)):
        found[name].append(fault)
    for name in looped(by_id):
        found[name].append(loop_fault())
    for name in rings(items):
        found[name].append(ring_fault())
    return {
        name: [_placed(fault, by_id[name], places.get(name, Place())) for fault in faults]
        for name, faults in found.items()
        if faults
    }


def _placed(fault: Fault, item: Item, place: Place) -> Fault:
    return Fault(
        problem=fault.problem,
        remedy=fault.remedy,
        value=fault.value,
        file=place.file,
        line=place.line,
        field=f"item '{item.id}': {fault.field}",
    )


@dataclass(frozen=True)
class Named:
    """What an item names that cannot be read: what is wrong with it hides no unknown name.

    Parameters
    ----------
    label
        How messages name the item.
    events, sources
        The names, with the field and the place of each.
    """

    label: str
    events: tuple[tuple[str, str, Place], ...]
    sources: tuple[tuple[str, str, Place], ...]

    def faults(self, network_of: Callable[[str], tuple[Collection[str], set[str]]]) -> list[Fault]:
        """Return a fault for each name that is unknown to the networks that have its events.

        Parameters
        ----------
        network_of
            By event, the events and the sources of the networks that have it; of all, if none has.
        """
        found = []
        known: set[str] = set()
        for event, field, place in self.events:
            events, sources = network_of(event)
            known |= sources
            if event not in events:
                found.append((replace(unknown_event(event, events, MANY), field=field), place))
        if not self.events:
            known = network_of("")[1]
        for source, field, place in self.sources:
            if source not in known:
                found.append((_unknown("source", source, known, field=field), place))
        return [
            replace(fault, file=at.file, line=at.line, field=f"{self.label}: {fault.field}")
            for fault, at in found
        ]


def named_in(
    label: str,
    fields: Mapping[str, object],
    faulty: Collection[str],
    place_of: Callable[[str], Place],
) -> Named:
    """Return what the fields of an item name, but for those that are faulty themselves."""

    def names(field: str) -> Iterator[tuple[str, str, Place]]:
        given = fields.get(field)
        for name in [given] if isinstance(given, str) else given if isinstance(given, list) else ():
            if isinstance(name, str) and name and field not in faulty:
                yield name, field, place_of(field)

    with suppress(InputError):  # a unit that is none is told
        fields = in_unit(fields)
    return Named(label, tuple(names("event")), (*names("source"), *names("origin")))


def _event_faults(item: Item, kinds: Mapping[str, str]) -> Iterator[Fault]:
    for event in item.events:
        if event not in kinds:
            yield unknown_event(event, kinds, MANY)
    kind = kinds.get(item.event)
    if kind == "fact" and isinstance(item, Observation) and item.onset is not None:
        yield Fault(
            f"event '{item.event}' is a fact, true or false for all time, and has no onset",
            "Write state: on (or off) instead of the onset's days.",
            field="onset",
        )
    if kind in UNDATED and isinstance(item, Report) and item.onset is not None:
        yield Fault(
            f"event '{item.event}' is {UNDATED[kind]}, so a report cannot date its onset",
            "Leave the days out, and write claim: on (or off)"
            + (", with speaks_of: the day it was so." if kind == "state" else "."),
            field="onset",
        )
    if kind == "fact" and isinstance(item, Regime):
        yield Fault(
            f"event '{item.event}' is a fact, true or false for all time, and has no rate",
            "Write a likelihood_ratio or a report instead, or make the event an onset or a state.",
            field="event",
            value=item.event,
        )


def _time_faults(item: Item, network: Network) -> Iterator[Fault]:
    if item.published_instant < network.start_instant:
        yield Fault(
            f"the item was published before the network starts ({network.start}), so it would be "
            "seen at every date",
            "Correct the year if it is mistyped. State it in the prior instead (initially, or the "
            "rate) if it is right, or start the network by then.",
            field="published",
            value=str(item.published),
        )
        return
    onset = item.onset if isinstance(item, Observation | Report) else None
    if onset is not None:
        field, first, shown = "onset", begin(onset[0]), onset[0]
    elif isinstance(item, Watched):
        field, first, shown = "watched_from", item.window[0], item.watched_from
    else:
        field = "published" if item.speaks_of is None else "speaks_of"
        first, shown = item.speaks_of_instant, item.speaks_of or item.published
    if first < network.start_instant:
        yield Fault(
            f"the item is about a time before the network starts ({network.start})",
            "State it in the prior instead (initially, or the rate), or start the network earlier.",
            field=field,
            value=str(shown),
        )
    if item.speaks_of_instant > network.horizon_instant:
        yield Fault(
            f"the item is about a time after the network's horizon ({network.horizon})",
            "Set a later horizon in the network, set speaks_of, or leave the item out.",
            field=field,
            value=day_label(item.speaks_of_instant),
        )


def _source_faults(item: Item, sources: set[str]) -> Iterator[Fault]:
    source = getattr(item, "source", None)
    if source is not None and source not in sources:
        yield _unknown("source", source, sources)
    if isinstance(item, Report) and item.origin is not None and item.origin not in sources:
        yield _unknown("source", item.origin, sources, field="origin")


def _letters(network: Network, items: Sequence[Item]) -> dict[str, Report]:
    """Return the first graded item of each source whose rates come from its items' grades."""
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
            f"'{first.id}', but its rates can start from only one grade",
            f"State it once, as grade of the source '{item.source}': how reliable it has been is "
            "learned.",
            field="grade",
        )


def _rate_faults(
    item: Report, network: Network, sources: Mapping[str, Source], letters: Mapping[str, Report]
) -> Iterator[Fault]:
    """Yield a fault for the first number of a source that a report reads and nobody states."""
    for name, whose in item.reads():
        source = sources.get(whose)
        if source is None:
            continue
        grade = letters[whose].grade if whose in letters else item.grade
        if rate_is_stated(network, source, name, letter=grade[0] if grade else None):
            continue
        yield Fault(
            f"neither source '{whose}' nor its type '{source.type}' states a {name}",
            "State how often it says 'on' of what is on (hit_rate: '70% [50%, 85%]') and of what "
            "is off (false_alarm_rate: '5% [1%, 15%]').",
            field="source",
        )
        return


def _watch_faults(item: Watched, network: Network) -> Iterator[Fault]:
    source = next((s for s in network.sources if s.id == item.source), None)
    if source is None:
        return
    missing = f"neither source '{source.id}' nor its type '{source.type}' states a"
    if isinstance(item, Silence) and report_rate_prior(network, source) is None:
        yield Fault(
            f"{missing} report_rate",
            "State how soon it would have reported, such as '80% within 2 weeks'.",
            field="source",
        )
    if isinstance(item, Count):
        for name in COUNT_RATES:
            if count_rate_prior(network, source, name) is None:
                yield Fault(
                    f"{missing} {name}",
                    f"State how many it counts a year while the event is {name[11:]}, such as "
                    "'24 per year [12, 48]'.",
                    field="source",
                )


def _counted_twice(
    items: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[tuple[str, Fault]]:
    """Yield a fault for each count of a series over a time that was counted already."""
    for earlier, later in overlaps(Count, items):
        place = places.get(earlier.id, Place())
        where = f" ({place})" if place.file else ""
        yield (
            later.id,
            Fault(
                f"'{earlier.id}'{where} counts the same series over part of the same time, from "
                f"{earlier.watched_from} to {earlier.watched_to}, which would count twice",
                f"Name '{earlier.id}' in retracts if this count replaces it. Otherwise correct the "
                "windows; another indicator needs another source.",
                field="watched_from",
                value=f"{later.watched_from} to {later.watched_to}",
            ),
        )


def _stated_twice(items: Sequence[Item]) -> Iterator[tuple[str, Fault]]:
    """Yield a fault for each second forecast of a source for one deadline at one time."""
    fallen = withdrawn(items)
    first: dict[tuple[object, ...], Forecast] = {}
    for item in items:
        if not isinstance(item, Forecast) or item.id in fallen:
            continue
        stated = (item.source, item.event, item.published_instant, item.speaks_of_instant)
        other = first.setdefault(stated, item)
        if other is not item:
            yield (
                item.id,
                Fault(
                    f"source '{item.source}' already states a probability for this deadline at "
                    f"this time in '{other.id}'",
                    f"Give each the time of day at which it was stated, name '{other.id}' in "
                    "retracts, or make two sources of them.",
                    field="probability",
                    value=f"{item.probability:g}",
                ),
            )


def _unknown(
    what: str, name: str, known: Mapping[str, object] | set[str], *, field: str = ""
) -> Fault:
    remedy = did_you_mean(name, known) if len(known) <= MANY else ""
    return Fault(f"unknown {what}", remedy, field=field or what, value=name)
