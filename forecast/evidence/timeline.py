"""What observations alone make certain about one event: pure rules on times and values.

A `Sighting` is an observed value at one time; an onset within [d1, d2] is two of them, off as d1
begins and on as d2 ends. The rules differ by kind, and by whether the event is *public*: then a
change would have been seen here at once, so that silence is itself an observation.

================  ==========================================================================
onset, public     off until now while nothing is seen; once seen, off up to the last "off"
                  and on from the first "on", unknown between
onset, hidden     off up to the last "off", on from the first "on", unknown elsewhere
state, public     its last value until the next sighting, and until now; between two that differ
                  it changes once, nobody knows when (`Held`)
state, hidden     points only
fact              for all time, once seen
================  ==========================================================================

Where the start of a public state is uncertain, nothing is known of its value until the first
sighting, but that it did not change (`Held`), or once, to what was then seen.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

__all__ = [
    "Held",
    "Known",
    "Sighting",
    "fact_known",
    "hidden_state_known",
    "onset_clash",
    "onset_known",
    "public_state_held",
    "public_state_known",
    "state_clash",
    "value_clash",
]


class Known(NamedTuple):
    """A stretch of time over which an event's value is certain, in years since `start`.

    Parameters
    ----------
    start, end
        Its edges; equal for a point; `end` may be infinite.
    value
        True for on.
    """

    start: float
    end: float
    value: bool


class Held(NamedTuple):
    """A stretch of time over which a public state of unknown value changes once at most.

    Parameters
    ----------
    start, end
        Its edges, in years since `start`.
    turns
        The value that it may turn to, once; None where it does not change at all.
    """

    start: float
    end: float
    turns: bool | None


class Sighting(NamedTuple):
    """One observed value at one time, and the item that says so (empty: the network itself)."""

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
        Now, for a public event; None for one that may happen unnoticed.
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
    """Return the "on" and the "off" that cannot both be true, if any: an onset does not end."""
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
        In any order, the initial value at time 0 among them where it is known.
    now
        The last value is carried to here.
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
    """Return where the value of a state whose changes are seen at once is not known.

    Parameters
    ----------
    sightings
        In any order, the initial value at time 0 among them where it is known.
    now
        Until here no other change was seen.
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
