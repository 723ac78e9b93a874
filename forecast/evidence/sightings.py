"""From observations to what they make certain about each event, and where they contradict."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from forecast.errors import Fault
from forecast.evidence.item import Item, Place
from forecast.evidence.observation import Observation
from forecast.evidence.silence import Silence
from forecast.evidence.timeline import (
    Held,
    Known,
    Sighting,
    fact_known,
    hidden_state_known,
    onset_clash,
    onset_known,
    public_state_held,
    public_state_known,
    state_clash,
    value_clash,
)
from forecast.network import Event, Network
from forecast.time import day_label, years_between

__all__ = ["clashes", "event_held", "event_known", "observations_by_event"]

type Seen = Observation | Silence

CLASH = {"onset": onset_clash, "state": state_clash, "fact": value_clash}
WHY = {
    "onset": ("an onset does not end", "make the event a state, which can end"),
    "state": ("a state has one value at a time", "give times instead of whole days"),
    "fact": ("a fact does not change", "make the event a state, which can change"),
}


def observations_by_event(items: Iterable[Item]) -> dict[str, list[Seen]]:
    """Return the observations of each event that has any, and the silences that a word ended."""
    found: dict[str, list[Seen]] = {}
    for item in items:
        if isinstance(item, Observation) or (isinstance(item, Silence) and item.claim):
            found.setdefault(item.event, []).append(item)
    return found


def event_known(
    event: Event, seen: Sequence[Seen], start: datetime, now: float
) -> tuple[Known, ...]:
    """Return what is certain about one event, in order of time.

    Parameters
    ----------
    event
        The event.
    seen
        Its observations, without a clash.
    start
        The network's start.
    now
        The cut-off in years since `start`.
    """
    sightings = _sightings((item for item in seen if _applies(event, item)), start)
    at_start = _initial(event)
    if event.kind == "fact":
        return fact_known(sightings)
    if event.kind == "onset":
        return onset_known([*at_start, *sightings], seen_until=now if event.public else None)
    if not event.public:
        return hidden_state_known(sightings)
    return public_state_known([*at_start, *sightings], now=now) if now >= 0 else ()


def event_held(event: Event, seen: Sequence[Seen], start: datetime, now: float) -> tuple[Held, ...]:
    """Return where a public state is not known, but that it changed once at most.

    Parameters
    ----------
    event, seen, start, now
        As in `event_known`.
    """
    if event.kind != "state" or not event.public or now < 0:
        return ()
    return public_state_held([*_initial(event), *_sightings(seen, start)], now=now)


def clashes(network: Network, items: Iterable[Item], places: Mapping[str, Place]) -> list[Fault]:
    """Return one fault for each event whose observations cannot all be true.

    Parameters
    ----------
    network
        The network; items on events that it does not have are passed over.
    items
        The items.
    places
        Where each item stands, by id.
    """
    seen = observations_by_event(items)
    faults = []
    for event in network.events:
        mine = {item.id: item for item in seen.get(event.id, ()) if _applies(event, item)}
        sightings = [*_initial(event), *_sightings(mine.values(), network.start_instant)]
        pair = CLASH[event.kind](sightings) if mine else None
        if pair is not None:
            faults.append(_clash_fault(event, pair, mine, places))
    return faults


def _applies(event: Event, item: Seen) -> bool:
    """Return whether the event has what the item tells of: a fact has no onset."""
    return event.kind != "fact" or isinstance(item, Silence) or item.onset is None


def _sightings(seen: Iterable[Seen], start: datetime) -> list[Sighting]:
    found = []
    for item in seen:
        if isinstance(item, Silence):
            time = years_between(start, item.speaks_of_instant)
            found.append(Sighting(time, value=True, item=item.id))
        elif item.onset is None:
            time = years_between(start, item.speaks_of_instant)
            found.append(Sighting(time, item.state == "on", item.id))
        else:
            first, last = (years_between(start, instant) for instant in item.onset_instants)
            found += [
                Sighting(first, value=False, item=item.id),
                Sighting(last, value=True, item=item.id),
            ]
    return found


def _initial(event: Event) -> list[Sighting]:
    """Return the value at the start of the network as a sighting, where it is certain."""
    if event.kind == "fact":
        return []
    initially = False if event.initially is None else event.initially
    return [Sighting(0.0, initially)] if isinstance(initially, bool) else []


def _clash_fault(
    event: Event,
    pair: tuple[Sighting, Sighting],
    items: Mapping[str, Seen],
    places: Mapping[str, Place],
) -> Fault:
    said = [_said(event, sighting, items) for sighting in pair]
    blamed = max(
        (s.item for s in pair if s.item), key=lambda id_: (items[id_].published_instant, id_)
    )
    place = places.get(blamed, Place())
    rule, way_out = WHY[event.kind]
    return Fault(
        problem=f"{said[0]}, but {said[1]}: {rule}",
        remedy=f"Correct or remove one of the two, or {way_out}.",
        file=place.file,
        line=place.line,
        field=f"item '{blamed}'",
    )


def _said(event: Event, sighting: Sighting, items: Mapping[str, Seen]) -> str:
    value = "on" if sighting.value else "off"
    if not sighting.item:
        return f"the network has event '{event.id}' {value} from the start (initially)"
    item = items[sighting.item]
    published = f"published {day_label(item.published_instant)}"
    if isinstance(item, Silence):
        when = day_label(item.speaks_of_instant)
        return (
            f"item '{item.id}' ({published}) ended as its source saw event '{event.id}' on {when}"
        )
    if item.onset is None:
        when = day_label(item.speaks_of_instant)
        return f"item '{item.id}' ({published}) saw that event '{event.id}' was {value} at {when}"
    first, last = item.onset
    days = f"on {first}" if first == last else f"within {first} to {last}"
    return f"item '{item.id}' ({published}) dates the onset of event '{event.id}' {days}"
