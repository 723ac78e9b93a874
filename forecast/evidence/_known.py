"""What a record makes certain by a date, from observations and from public silence."""

from collections.abc import Callable, Sequence
from datetime import datetime

from forecast.errors import ContradictionError
from forecast.evidence._item import Clock
from forecast.evidence._moment import cut_off
from forecast.evidence._record import Evidence
from forecast.evidence._timeline import (
    Held,
    Known,
    Seen,
    clashes,
    event_held,
    event_known,
    observations_by_event,
)
from forecast.network import Event, Network
from forecast.time import Day, years_between


def known_history(
    network: Network, evidence: Evidence, as_of: Day, known: Clock = "published"
) -> dict[str, tuple[Known, ...]]:
    """Return over which periods each event's value is certain.

    Notes
    -----
    Reports, likelihood ratios and the like make nothing certain; a silence does if it ended with a
    `claim`: the event was on then. Items on events that the network does not have are ignored;
    `Evidence.check` finds those. The initial value of a hidden event is not repeated here.

    Parameters
    ----------
    network
        The network, whose kinds and `public` say what silence means.
    evidence
        The record; only what was published by `as_of`, and not retracted by then, is used.
    as_of
        The cut-off; a date means the end of that day. After the horizon it means the horizon.
    known
        ``"recorded"``: only what was on file here by `as_of` is used.

    Returns
    -------
    dict of str to tuple of Known
        For every event of the network, in order of time; edges in years since the start.

    Raises
    ------
    ContradictionError
        If observations contradict each other or the network; names both.
    """
    visible = evidence.as_of(as_of, known)
    faults = clashes(network, visible, visible.places)
    if faults:
        raise ContradictionError(faults)
    return _by_event(event_known, network, visible, as_of)


def held_history(
    network: Network, evidence: Evidence, as_of: Day, known: Clock = "published"
) -> dict[str, tuple[Held, ...]]:
    """Return over which periods each public state changed at most once.

    These are the periods in which `known_history` does not know its value. Every change is seen, so
    between two different sightings there was one change; before the first, if the start is
    uncertain, there was none except to the value then seen.

    Parameters
    ----------
    network, evidence, as_of, known
        As in `known_history`, which finds contradictions.

    Returns
    -------
    dict of str to tuple of Held
        For every event of the network, in order of time; edges in years since the start.
    """
    return _by_event(event_held, network, evidence.as_of(as_of, known), as_of)


def _by_event[Found](
    find: Callable[[Event, Sequence[Seen], datetime, float], Found],
    network: Network,
    visible: Evidence,
    as_of: Day,
) -> dict[str, Found]:
    start = network.start_instant
    now = years_between(start, min(cut_off(as_of), network.horizon_instant))
    seen = observations_by_event(visible, network)
    return {event.id: find(event, seen.get(event.id, ()), start, now) for event in network.nodes}
