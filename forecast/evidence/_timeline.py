"""What observations make certain about one event, and where they contradict each other.

A `Sighting` is an observed value at one time; an onset within [d1, d2] is two of them, off at the
beginning of d1 and on at the end of d2. The rules depend on the kind of event, and on whether it is
*public*: then a change would have been seen at once, so silence is itself an observation.

================  ==========================================================================
onset, public     off until now while nothing is seen; once seen, off up to the last "off"
                  and on from the first "on", unknown in between
onset, hidden     off up to the last "off", on from the first "on", unknown elsewhere
state, public     its last value until the next sighting, and until now; between two that differ
                  it changes once, at an unknown time (`Held`)
state, hidden     points only
fact              for all time, once seen
================  ==========================================================================

If the start of a public state is uncertain, its value before the first sighting is unknown, except
that it did not change, or changed once, to the value then seen (`Held`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import inf
from typing import NamedTuple

from forecast.errors import Fault
from forecast.evidence._item import Item, Place
from forecast.evidence._observation import Observation
from forecast.evidence._silence import Silence
from forecast.network import Event, Network
from forecast.network._nodes import Node
from forecast.time import day_label, years_between


class Known(NamedTuple):
    """A period over which an event's value is certain.

    Parameters
    ----------
    start, end
        In years since the network's start; equal for a point; `end` may be infinite.
    value
        True for on.
    """

    start: float
    end: float
    value: bool


class Held(NamedTuple):
    """A period over which a public state of unknown value changes at most once.

    Parameters
    ----------
    start, end
        In years since the network's start.
    turns
        The value that it may change to, once; None if it does not change at all.
    """

    start: float
    end: float
    turns: bool | None


class Sighting(NamedTuple):
    """One observed value at one time, and the item that reports it (empty: the network itself)."""

    time: float
    value: bool
    item: str = ""


type Clash = tuple[Sighting, Sighting]


def onset_known(sightings: Sequence[Sighting], *, seen_until: float | None) -> tuple[Known, ...]:
    """Return what is certain about an onset.

    Parameters
    ----------
    sightings
        In any order, without a clash.
    seen_until
        Now, for a public event; None for a hidden one.
    """
    on_from = min((s.time for s in sightings if s.value), default=inf)
    off_until = max((s.time for s in sightings if not s.value), default=0.0)
    if on_from == inf and seen_until is not None:
        off_until = max(off_until, seen_until)
    pieces = []
    if off_until > 0:
        pieces.append(Known(0.0, off_until, value=False))
    if on_from < inf:
        pieces.append(Known(on_from, inf, value=True))
    return tuple(pieces)


def onset_clash(sightings: Sequence[Sighting]) -> Clash | None:
    """Return an "on" and a later "off", if any: an onset does not end."""
    first_on = min((s for s in sightings if s.value), key=lambda s: s.time, default=None)
    last_off = max((s for s in sightings if not s.value), key=lambda s: s.time, default=None)
    if first_on is None or last_off is None or last_off.time < first_on.time:
        return None
    return first_on, last_off


def public_state_known(sightings: Sequence[Sighting], *, now: float) -> tuple[Known, ...]:
    """Return what is certain about a state whose changes are seen at once.

    Parameters
    ----------
    sightings
        In any order, including the initial value at time 0 if it is known.
    now
        The time until which the last value holds.
    """
    pieces: list[Known] = []
    for time, value, _ in sorted(sightings):
        if pieces and pieces[-1].value == value:
            pieces[-1] = pieces[-1]._replace(end=time)
        else:
            pieces.append(Known(time, time, value))
    if pieces and now > pieces[-1].end:
        pieces[-1] = pieces[-1]._replace(end=now)
    return tuple(pieces)


def public_state_held(sightings: Sequence[Sighting], *, now: float) -> tuple[Held, ...]:
    """Return where the value of a state whose changes are seen at once is unknown.

    The parameters are those of `public_state_known`.
    """
    ordered = sorted(sightings)
    if not ordered:
        return (Held(0.0, now, None),) if now > 0 else ()
    first = ordered[0]
    pieces = [Held(0.0, first.time, first.value)] if first.time > 0 else []
    for one, other in pairwise(ordered):
        if one.value != other.value:
            pieces.append(Held(one.time, other.time, other.value))
    return tuple(pieces)


def hidden_state_known(sightings: Sequence[Sighting]) -> tuple[Known, ...]:
    """Return what is certain about a state that may change unnoticed: single points."""
    points = sorted({(s.time, s.value) for s in sightings})
    return tuple(Known(time, time, value) for time, value in points)


def state_clash(sightings: Sequence[Sighting]) -> Clash | None:
    """Return two sightings of different values at one time, if any."""
    ordered = sorted(sightings)
    for one, other in pairwise(ordered):
        if one.time == other.time and one.value != other.value:
            return one, other
    return None


def fact_known(sightings: Sequence[Sighting]) -> tuple[Known, ...]:
    """Return what is certain about a fact: everything, once it has been seen."""
    return (Known(0.0, inf, sightings[0].value),) if sightings else ()


def value_clash(sightings: Sequence[Sighting]) -> Clash | None:
    """Return two sightings of different values at any times, if any: a fact does not change."""
    on = next((s for s in sightings if s.value), None)
    off = next((s for s in sightings if not s.value), None)
    return (on, off) if on and off else None


type Seen = Observation | Silence

CLASH = {"onset": onset_clash, "state": state_clash, "fact": value_clash}
WHY = {
    "onset": ("an onset does not end", "make the event a state, which can end"),
    "state": ("a state has one value at a time", "give times instead of whole days"),
    "fact": ("a fact does not change", "make the event a state, which can change"),
}


class Followed(Observation):
    """What follows from an observation of a node for another node of the same stated event.

    Parameters
    ----------
    seen
        The node that was observed.
    """

    seen: str = ""


def observations_by_event(items: Iterable[Item], network: Network) -> dict[str, list[Seen]]:
    """Return the observations of each event that has any, and silences that ended with a claim.

    What follows from them by the form in which an event is stated is among them: what was confirmed
    has happened, what happened a third time has happened twice, and of a decision one outcome comes
    and no other.
    """
    found: dict[str, list[Seen]] = {}
    formed = {node.id: node for node in network.nodes if isinstance(node, Node)}
    for item in items:
        if isinstance(item, Observation) or (isinstance(item, Silence) and item.claim):
            found.setdefault(item.event, []).append(item)
            if item.event in formed:
                for one in _following(item, formed, network):
                    found.setdefault(one.event, []).append(one)
    return found


def _following(item: Seen, formed: Mapping[str, Node], network: Network) -> Iterator[Followed]:
    """Yield what follows from an item that saw a node on."""
    state = "on" if isinstance(item, Silence) else item.state
    if state == "off":
        return
    at = item.speaks_of
    if isinstance(item, Observation) and item.onset is not None:
        at = item.onset[1]
    implied, left = set[str](), [*formed[item.event].implies]
    while left:
        name = left.pop()
        if name not in implied:
            implied.add(name)
            left += formed[name].implies if name in formed else ()
    told = [(name, "on", at) for name in sorted(implied)]
    told += [(name, "off", network.horizon) for name in formed[item.event].rivals]
    for name, value, when in told:
        stated = {field: getattr(item, field) for field in Item.model_fields}
        follows = {"kind": "observation", "event": name, "state": value, "speaks_of": when}
        yield Followed.model_construct(**{**stated, **follows, "onset": None, "seen": item.event})


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
    """Return where a public state is unknown but changed at most once, as for `event_known`."""
    if event.kind != "state" or not event.public or now < 0:
        return ()
    return public_state_held([*_initial(event), *_sightings(seen, start)], now=now)


def clashes(network: Network, items: Iterable[Item], places: Mapping[str, Place]) -> list[Fault]:
    """Return one fault for each event whose observations cannot all be true.

    Parameters
    ----------
    network
        The network; items on other events are ignored.
    items
        The items.
    places
        Where each item stands, by id.
    """
    seen = observations_by_event(items, network)
    faults = []
    told: set[frozenset[str]] = set()
    for event in network.nodes:
        mine = {item.id: item for item in seen.get(event.id, ()) if _applies(event, item)}
        sightings = [*_initial(event), *_sightings(mine.values(), network.start_instant)]
        pair = CLASH[event.kind](sightings) if mine else None
        blamed = frozenset(sighting.item for sighting in pair or ())
        if pair is not None and blamed not in told:
            told.add(blamed)
            faults.append(_clash_fault(event, pair, mine, places))
    return faults


def _applies(event: Event, item: Seen) -> bool:
    """Return whether the event has what the item reports: a fact has no onset."""
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
    """Return the value at the start of the network as a sighting, if it is certain."""
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
    one, other = (_sighted(event, sighting, items) for sighting in pair)
    blamed = max(
        (s.item for s in pair if s.item), key=lambda id_: (items[id_].published_instant, id_)
    )
    place = places.get(blamed, Place())
    rule, way_out = WHY[event.kind]
    if isinstance(event, Node) and event.rivals:
        rule, way_out = "exactly one outcome of a decision comes", "add the outcome that is missing"
    return Fault(
        problem=f"{one}, but {other}: {rule}",
        remedy=f"Correct or remove one of the two, or {way_out}.",
        file=place.file,
        line=place.line,
        field=f"item '{blamed}'",
    )


def _sighted(event: Event, sighting: Sighting, items: Mapping[str, Seen]) -> str:
    value = "on" if sighting.value else "off"
    if not sighting.item:
        return f"the network has event '{event.id}' {value} from the start (initially)"
    item = items[sighting.item]
    published = f"published {day_label(item.published_instant)}"
    if isinstance(item, Followed):
        so = f"had come by {day_label(item.speaks_of_instant)}" if sighting.value else "cannot come"
        return f"item '{item.id}' ({published}) saw '{item.seen}' come, so '{event.id}' {so}"
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
