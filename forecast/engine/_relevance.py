"""Which events matter when: known states, backward slicing, and independent components.

An event is *live* in an interval of time if its state there is unknown and something that is
asked or was observed, then or later, depends on it. Only live events cost a bit of the filter, and
by how many are tied together at once its reach is bounded.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import FACT, FREELY, ONSET, Floats, Ints, Record, Structure
from forecast.engine._rate import shuts

UNKNOWN = -1


@dataclass(frozen=True)
class Target:
    """Events whose joint state is asked for at a time (years from the start)."""

    time: float
    events: tuple[int, ...]


@dataclass(frozen=True)
class Slices:
    """The intervals between cut times, who is known in each, and who is live.

    Parameters
    ----------
    cuts
        Shape (interval + 1,).
    status
        0, 1 or -1 (unknown), shape (interval, event).
    live
        The live events of each interval, in index order.
    before
        The live events just before the first interval: those of the initial distribution.
    imposed
        The events whose state is imposed in each interval.
    turns
        To which value an event may turn, once, in each interval; `STAYS`, or `FREELY`.
    joined
        Sets of facts of which those that are live hang together at the start.
    nets
        Whether all of them that are not live are summed out of the start.
    driving
        The events on which what is told of others bears.
    """

    cuts: Floats
    status: Ints
    live: tuple[tuple[int, ...], ...]
    before: tuple[int, ...]
    imposed: tuple[frozenset[int], ...]
    turns: Ints
    joined: tuple[tuple[int, ...], ...] = ()
    nets: bool = False
    driving: frozenset[int] = frozenset()

    def stays_off(self, interval: int, event: int) -> bool:
        """Return whether an event is known to stay off, of itself, all through an interval."""
        return bool(self.status[interval, event] == 0) and event not in self.imposed[interval]

    def old_live(self, boundary: int) -> tuple[int, ...]:
        """Return the events that are live as a cut time is reached."""
        return self.before if boundary == 0 else self.live[boundary - 1]

    def old_status(self, boundary: int, event: int, initially: int) -> int:
        """Return the state of an event as a cut time is reached, where it is known."""
        if boundary > 0:
            return int(self.status[boundary - 1, event])
        return initially if initially >= 0 else int(self.status[0, event])


def cut_times(
    structure: Structure,
    record: Record,
    targets: Sequence[Target],
    events: Iterable[int] | None = None,
) -> Floats:
    """Return the times at which anything about `events` (all, unless given) changes."""
    chosen = set(range(len(structure.kind)) if events is None else events)
    parents = structure.parents
    near = chosen | {child for child, found in parents.items() if chosen.intersection(found)}
    near |= {parent for child in near for parent in parents.get(child, ())}
    spans = [*record.known, *record.held]
    told = [edge for event, *ends, _ in spans if event in near for edge in ends]
    told += [edge for event, *ends in record.items if event in chosen for edge in ends]
    told += [0.0, *(target.time for target in targets)]
    told = [edge for edge in told if np.isfinite(edge)]
    last = max(told)
    for event in near:
        windows = structure.windows[event]
        if windows is not None:
            told += [edge for edge in windows.edges.tolist() if 0 < edge < last]
    for event, times in structure.courses_given.items():
        if event in near:
            told += times[times < last].tolist()
    cuts = np.unique(told)
    return cuts if len(cuts) > 1 else np.array([0.0, structure.horizon])


def _status(structure: Structure, record: Record, cuts: Floats, shut: list[set[int]]) -> Ints:
    status = np.full((len(cuts) - 1, len(structure.kind)), UNKNOWN, dtype=np.int64)
    sure_facts = (structure.kind == FACT) & (structure.initially >= 0)
    status[:, sure_facts] = structure.initially[sure_facts]
    on_from_the_start = (structure.kind == ONSET) & (structure.initially == 1)
    status[:, on_from_the_start] = 1
    for event, start, end, value in record.known:
        status[(cuts[:-1] >= start) & (cuts[1:] <= end), event] = value
    for event, times in structure.courses_given.items():
        changes = np.searchsorted(times, cuts[:-1], side="right")
        status[:, event] = (structure.initially[event] + changes) % 2
    _add_never_possible(structure, status, shut)
    return status


def _add_never_possible(structure: Structure, status: Ints, shut: list[set[int]]) -> None:
    """Mark onsets as known to be off for as long as known gates have left them no chance."""
    waiting = set(np.flatnonzero((structure.kind == ONSET) & (structure.initially == 0)).tolist())
    for k in range(len(status)):
        while True:
            blocked = _behind_gates(structure, status[k]) | shut[k]
            off = [e for e in waiting & blocked if status[k, e] == UNKNOWN]
            if not off:
                break
            status[k, off] = 0
        waiting &= blocked
        if not waiting:
            break


def _observed_at(record: Record, cuts: Floats) -> list[set[int]]:
    """Return for each cut the events that an item bears on there, or that become known."""
    observed: list[set[int]] = [set() for _ in cuts]
    index = {cut: k for k, cut in enumerate(cuts.tolist())}
    moments = [(event, last) for event, first, last in record.items if first == last]
    found = zip(record.known, record.found, strict=True)
    moments += [(event, start) for (event, start, _, _), seen in found if seen]
    for event, time in moments:
        if time in index:
            observed[index[time]].add(event)
    return observed


def _imposed_in(structure: Structure, record: Record, cuts: Floats) -> tuple[frozenset[int], ...]:
    """Return for each interval the events whose state is imposed, or whose course is given."""
    spans = [span for span, found in zip(record.known, record.found, strict=True) if not found]
    given = frozenset(structure.courses_given)
    return tuple(
        given.union(event for event, first, last, _ in spans if first <= start and last >= end)
        for start, end in pairwise(cuts.tolist())
    )


def _turns_in(record: Record, cuts: Floats, events: int) -> Ints:
    """Return to which value an event may turn, `STAYS` or `FREELY`, (interval, event)."""
    turns = np.full((len(cuts) - 1, events), FREELY, dtype=np.int64)
    for event, start, end, value in record.held:
        turns[(cuts[:-1] >= start) & (cuts[1:] <= end), event] = value
    return turns


def over_windows(record: Record, start: float, end: float) -> Ints:
    """Return the items whose window holds an interval."""
    inside = (record.first_time <= start) & (record.item_time >= end)
    return np.flatnonzero(record.watched & inside).astype(np.int64)


def _behind_gates(structure: Structure, status: Ints) -> set[int]:
    """Return the events that cannot start while a gate is known to be shut."""
    closed = shuts(structure.link_kind, status[structure.link_parent])
    return set(structure.link_child[closed].tolist())


def _out_of_season(structure: Structure, cuts: Floats) -> list[set[int]]:
    """Return for each interval the events that cannot start in it: the calendar is shut."""
    dated = [(e, windows) for e, windows in enumerate(structure.windows) if windows is not None]
    return [
        {event for event, windows in dated if windows.at((start + end) / 2) == 0.0}
        for start, end in pairwise(cuts.tolist())
    ]


@dataclass(frozen=True)
class Frame:
    """What can be said of each interval before anything is asked; it serves many questions.

    Parameters
    ----------
    blank
        The intervals, with nobody live.
    uncertain
        The events that may be live before the first of them.
    told
        Those of them that evidence bears on at the first cut.
    needed
        The events of unknown state that bear on the evidence of each interval and of the cut at
        its end, directly.
    unknown
        The events of unknown state in each interval.
    parents
        By event, its parents in each interval, for those that may start there.
    givens
        By fact, the facts that it depends on at the start, where these are to be live too.
    nets
        Facts that depend on each other, where all that are not live are summed out of the start.
    """

    blank: Slices
    uncertain: set[int]
    told: set[int]
    needed: list[set[int]]
    unknown: list[set[int]]
    parents: list[dict[int, list[int]]]
    givens: dict[int, list[int]]
    nets: tuple[tuple[int, ...], ...]

    def slices(self, targets: Sequence[Target]) -> Slices:
        """Find, from the last cut backwards, who is live in each interval.

        The times of the targets are cuts of this frame.
        """
        cuts = self.blank.cuts
        asked: list[set[int]] = [set() for _ in cuts]
        for target in targets:
            asked[int(np.searchsorted(cuts, target.time))] |= set(target.events)
        live: list[tuple[int, ...]] = []
        need: set[int] = set()
        for k in range(len(cuts) - 2, -1, -1):
            need = (need | self.needed[k] | asked[k + 1]) & self.unknown[k]
            need = _ancestors(need, self.parents[k], self.unknown[k])
            live.append(tuple(sorted(need)))
        live.reverse()
        before = set(live[0]) | self.told | (asked[0] & self.uncertain)
        before = _ancestors(before, self.givens, self.uncertain)
        families = tuple((e, *self.givens[e]) for e in sorted(before) if e in self.givens)
        return replace(
            self.blank,
            live=tuple(live),
            before=tuple(sorted(before)),
            joined=self.nets or families,
            nets=bool(self.nets),
            driving=frozenset(event for need in self.needed for event in need),
        )


def frame(
    structure: Structure,
    record: Record,
    targets: Sequence[Target],
    events: frozenset[int] | None = None,
    *,
    eliminate: bool = True,
) -> Frame:
    """Return what can be said of the intervals between the cuts before anything is asked.

    Parameters
    ----------
    structure, record, targets
        The network, what is known and said, and the times at which something is asked.
    events
        Restrict to these (one component); all, unless given.
    eliminate
        Whether facts that depend on each other are summed out of the start where they are not live.
        What is said of them is then part of the start too; else they are all live at the start.
    """
    tied, givens = _tied_facts(structure)
    nets = nets_of(structure) if eliminate else ()
    if nets:
        record = record.with_items(np.flatnonzero(~tied[record.item_event]))
    cuts = cut_times(structure, record, targets, events)
    shut = _out_of_season(structure, cuts)
    status = _status(structure, record, cuts, shut)
    observed, imposed = _observed_at(record, cuts), _imposed_in(structure, record, cuts)
    turns, parents = _turns_in(record, cuts, len(structure.kind)), structure.parents
    among = frozenset(range(len(structure.kind))) if events is None else events
    if eliminate:
        tied, givens = np.zeros_like(tied), {}
    unsure = (structure.initially < 0) & ((status[0] < 0) | tied)  # what is known of tied facts is
    uncertain = among & set(np.flatnonzero(unsure).tolist())  # evidence on others
    told = observed[0] | set(np.flatnonzero(tied & (status[0] >= 0)).tolist())
    blank = Slices(cuts, status, ((),) * (len(cuts) - 1), (), imposed, turns)
    framed = Frame(blank, set(uncertain), set(uncertain & told), [], [], [], givens, nets)
    for k, (start, end) in enumerate(pairwise(cuts.tolist())):
        unknown = set(np.flatnonzero(status[k] == UNKNOWN).tolist()) & among
        watched = set(record.item_event[over_windows(record, start, end)].tolist())
        need = (observed[k + 1] | watched) & unknown
        blocked = _behind_gates(structure, status[k]) | shut[k]
        off = set(np.flatnonzero(status[k] == 0).tolist()) - blocked - imposed[k]
        for event in off:  # staying off is evidence on the parents
            need |= unknown & set(parents.get(event, ()))
        for event in unknown.intersection(np.flatnonzero(turns[k] != FREELY).tolist()):
            need |= {event} | unknown.intersection(parents.get(event, ()))  # so is not turning
        framed.needed.append(need)
        framed.unknown.append(unknown)
        framed.parents.append({c: found for c, found in parents.items() if c not in blocked})
    return framed


def slices(
    structure: Structure,
    record: Record,
    targets: Sequence[Target],
    events: frozenset[int] | None = None,
    *,
    eliminate: bool = True,
) -> Slices:
    """Slice time at the cuts and find, from the last cut backwards, who is live in each interval.

    Parameters
    ----------
    structure, record, targets
        The network, what is known and said, what is asked.
    events
        Restrict to these (one component); all, unless given.
    eliminate
        As for `frame`.
    """
    return frame(structure, record, targets, events, eliminate=eliminate).slices(targets)


def nets_of(structure: Structure) -> tuple[tuple[int, ...], ...]:
    """Return the sets of facts that depend on each other at the start."""
    tied, givens = _tied_facts(structure)
    root = {int(event): int(event) for event in np.flatnonzero(tied)}

    def find(event: int) -> int:
        while root[event] != event:
            event = root[event]
        return event

    for event, parents in givens.items():
        for parent in parents:
            root[find(parent)] = find(event)
    groups: dict[int, list[int]] = {}
    for event in root:
        groups.setdefault(find(event), []).append(event)
    return tuple(tuple(group) for group in groups.values())


def _tied_facts(structure: Structure) -> tuple[NDArray[np.bool_], dict[int, list[int]]]:
    """Return which facts depend on each other at the start, and by fact on which it depends."""
    start = structure.start
    if start is None:
        return np.zeros(len(structure.kind), dtype=np.bool_), {}
    return start.tied, {e: start.givens(e) for e in np.flatnonzero(start.tied).tolist()}


def _ancestors(need: set[int], parents: dict[int, list[int]], among: set[int]) -> set[int]:
    found = set(need)
    queue = list(need)
    while queue:
        for parent in parents.get(queue.pop(), ()):
            if parent in among and parent not in found:
                found.add(parent)
                queue.append(parent)
    return found


def linked(events: Iterable[int], pairs: Iterable[tuple[int, int]]) -> tuple[frozenset[int], ...]:
    """Return the sets of events that pairs join, however far round, by their first event."""
    root = {event: event for event in events}

    def find(event: int) -> int:
        while root[event] != event:
            root[event] = root[root[event]]
            event = root[event]
        return event

    for one, other in pairs:
        root[find(one)] = find(other)
    groups: dict[int, set[int]] = {}
    for event in root:
        groups.setdefault(find(event), set()).add(event)
    return tuple(frozenset(group) for group in sorted(groups.values(), key=min))


def components(structure: Structure, sliced: Slices) -> tuple[frozenset[int], ...]:
    """Return the sets of live events that no link, and no known child in common, joins."""
    events = {event for events in (*sliced.live, sliced.before) for event in events}
    pairs: list[tuple[int, int]] = []
    parents_of = structure.parents
    before: tuple[object, ...] | None = None
    for k, live in enumerate(sliced.live):
        alike = (live, sliced.imposed[k], sliced.status[k].tobytes())
        if alike == before:
            continue  # it joins what the interval before it joined
        before, present = alike, set(live)
        for child, parents in parents_of.items():
            joined = [p for p in parents if p in present]
            if child in present:
                joined.append(child)
            elif len(joined) < 2 or not sliced.stays_off(k, child):  # noqa: PLR2004 - a pair
                continue
            pairs += [(joined[0], other) for other in joined[1:]]
    for facts in sliced.joined:
        pairs += pairwise(fact for fact in facts if fact in events)
    return linked(events, pairs)


def is_static(structure: Structure, sliced: Slices, group: AbstractSet[int]) -> bool:
    """Return whether a component is of facts alone, which are summed out one by one.

    It is not where something is known of what they drive.
    """
    if not sliced.nets or not sliced.driving.isdisjoint(group):
        return False
    tied = _tied_facts(structure)[0]
    members = list(group)
    return bool((structure.kind[members] == FACT).all() and tied[members].any())


def jumps_through_a_gate(record: Record, sliced: Slices, k: int) -> bool:
    """Return whether an event is on for sure at cut k that had no chance to start before it."""
    if k == 0:
        return False
    cut, before = sliced.cuts[k], sliced.cuts[k - 1]
    off = {int(event) for event in np.flatnonzero(sliced.status[k - 1] == 0)}
    told = (record.known_from <= before) & (record.known_to >= cut)
    off -= {int(event) for event in record.known_event[told]}
    on = (record.known_from <= cut) & (record.known_to >= cut) & (record.known_value == 1)
    on &= record.found
    return not off.isdisjoint(record.known_event[on].tolist())


def learned(record: Record, cut: float, live: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the live events that are known at a cut, with their value."""
    spans = zip(record.known, record.found, strict=True)
    return [
        (event, value)
        for (event, start, end, value), found in spans
        if found and start <= cut <= end and event in live
    ]
