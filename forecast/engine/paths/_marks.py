"""What stays fixed while paths are sampled: a network and its record as marks on time.

An event's path matters up to its *end*: the last time at which it bears evidence, or at which an
event that it influences may still start and does. Beyond the ends everything waits for the
forecast.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from forecast.engine._problem import (
    FACT,
    ONSET,
    STAYS,
    Floats,
    Graph,
    Ints,
    Record,
    Start,
    Structure,
    graph_of,
)

FREE, OVER = -1, 2  # besides 0 and 1: the state is known
HELD, RISES, FALLS = 3, 4, 5  # a state of unknown value that does not turn; only on; only off
GIVEN = 6  # all of the event's course is given: it jumps at each of its marks but the first
NOTHING = -1
NEVER = -1.0
NUMBERS = {"end", "mark_time", "mark_weight", "item_weight", "item_from"}  # the rest are integers

type Span = tuple[float, float, int]  # from, to, state; or of an item, its index


class ImpossibleRecord(Exception):  # noqa: N818 - it is the record that is at fault
    """No path of these events agrees with what is known, with the gates and with the calendar.

    Parameters
    ----------
    events
        Indices of the events at which every path tried breaks a rule.
    """

    def __init__(self, events: Iterable[int]) -> None:
        self.events = tuple(events)
        super().__init__(f"no path of the events {self.events} agrees with what is known")


class Marks(NamedTuple):
    """A structure and its record for the kernels (a NamedTuple, so that Numba takes it whole).

    ``first_mark[e]:first_mark[e + 1]`` are the marks of event e: rising times, the first of
    them 0, at which something about it changes that is no matter of chance.
    """

    graph: Graph
    end: Floats  # (event,) negative where the path does not matter at all
    first_mark: Ints  # (event + 1,)
    mark_time: Floats  # (mark,)
    mark_weight: Floats  # (mark,) calendar weight from then on
    mark_known: Ints  # (mark,) from then on: FREE, 0, 1, OVER, HELD, RISES, FALLS or GIVEN
    mark_must: Ints  # (mark,) the state then, or FREE
    mark_alters: Ints  # (mark,) whether the weight, what is known or who watches changes
    first_item: Ints  # (mark + 1,) items of that moment
    item: Ints
    first_watch: Ints  # (mark + 1,) items that watch from then on
    watch: Ints
    item_event: Ints  # (item,) by original index
    item_weight: Floats  # (item,) one over the window that it watches
    item_from: Floats  # (item,) where that begins
    item_count: Ints  # (item,) the number that it counted, or NOTHING


def marks_of(structure: Structure, record: Record) -> Marks:
    """Return the marks of a structure and a record.

    Raises
    ------
    ImpossibleRecord
        If two spans of one event contradict each other.
    """
    spans, held = _spans(record), defaultdict[int, list[Span]](list)
    for event, start, stop, turns in record.held:
        held[event].append((start, stop, {STAYS: HELD, 0: FALLS, 1: RISES}[turns]))
    items = defaultdict[int, list[Span]](list)
    for index, (event, first, last) in enumerate(record.items):
        items[event].append((first, last, index))
    length = record.item_time - record.first_time
    rows: dict[str, Any] = {name: [] for name in Marks._fields}
    rows |= {
        "graph": graph_of(structure),
        "end": _ends(structure, spans, held, items),
        "item_event": record.item_event,
        "item_weight": np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0),
        "item_from": record.first_time,
        "item_count": np.full(len(length), NOTHING) if record.tally is None else record.tally,
        **{name: [0] for name in ("first_mark", "first_item", "first_watch")},
    }
    given = structure.courses_given
    for event in given:
        rows["end"][event] = structure.horizon
    for event in range(len(structure.kind)):
        if event in given:
            for time in [0.0, *given[event][given[event] < structure.horizon].tolist()]:
                _add_mark(rows, time, (1.0, GIVEN, FREE), alters=True)
            rows["first_mark"].append(len(rows["mark_time"]))
            continue
        _mark(structure, event, rows["end"][event], spans[event], held[event], items[event], rows)
        rows["first_mark"].append(len(rows["mark_time"]))
    graph = rows.pop("graph")
    arrays: dict[str, Any] = {
        name: np.array(row, dtype=np.float64 if name in NUMBERS else np.int64)
        for name, row in rows.items()
    }
    return Marks(graph, **arrays)


def _spans(record: Record) -> dict[int, list[Span]]:
    """Return the spans of each event in which it is known, in order of time."""
    spans = defaultdict[int, list[Span]](list)
    for event, start, stop, value in record.known:
        spans[event].append((max(start, 0.0), stop, value))
    for event, found in spans.items():
        found.sort()
        for one in found:
            if any(one[2] != two[2] and one[0] <= two[1] and two[0] <= one[1] for two in found):
                raise ImpossibleRecord([event])
    return spans


def _ends(structure: Structure, *told: dict[int, list[Span]]) -> list[float]:
    """Return the last time at which each path matters, or `NEVER`: by spans, held and items."""
    end, parents = [NEVER] * len(structure.kind), structure.parents
    for one in told:
        for event, found in one.items():
            edges = [edge for span in found for edge in span[:2] if np.isfinite(edge)]
            end[event] = max(end[event], *edges)
    queue = [event for event, time in enumerate(end) if time > NEVER]
    while queue:
        child = queue.pop()
        need = min(end[child], _last_start(structure, child, told[0].get(child, ())))
        for parent in parents.get(child, ()):
            if end[parent] < need:
                end[parent] = need
                queue.append(parent)
        for given in () if structure.start is None else _beside(structure.start, child):
            if end[given] < 0.0:  # its state at the start is all that matters
                end[given] = 0.0
                queue.append(given)
    return end


def _beside(start: Start, event: int) -> list[int]:
    """Return what an event depends on at the start, and the other values of the same fact."""
    return [*start.givens(event), *start.values_of(event)]


def _last_start(structure: Structure, event: int, spans: Sequence[Span]) -> float:
    """Return a time from which an event is known to have started for good."""
    kind = structure.kind[event]
    if kind == FACT or (kind == ONSET and structure.initially[event] == 1):
        return NEVER
    if kind == ONSET:
        return min((start for start, _, value in spans if value == 1), default=np.inf)
    return np.inf


def _mark(
    structure: Structure,
    event: int,
    end: float,
    spans: Sequence[Span],
    held: Sequence[Span],
    items: Sequence[Span],
    rows: dict[str, list[Any]],
) -> None:
    """Add the marks of one event."""
    times = {edge for row in (*spans, *held, *items) for edge in row[:2] if np.isfinite(edge)}
    times |= {0.0, end} if end >= 0 else {0.0}
    windows = structure.windows[event]
    if windows is not None:
        times |= {edge for edge in windows.edges.tolist() if edge > 0}
    before: tuple[object, ...] = ()
    for time, after in pairwise([*sorted(times), np.inf]):
        known, must = FREE, FREE
        for start, stop, value in held:
            if start <= time and stop >= after:
                known = value
        for start, stop, value in spans:
            if start <= time <= stop:
                must = value
                if stop >= after and stop > start:
                    known = value
        known = OVER if time >= end else known
        weight = structure.weight(event, time)
        watch = [item for first, last, item in items if first <= time < last]
        now = (weight, known, *watch)
        rows["item"].extend(item for first, last, item in items if first == last == time)
        rows["watch"].extend(watch)
        _add_mark(rows, time, (weight, known, must), alters=now != before)
        before = now


def _add_mark(
    rows: dict[str, list[Any]], time: float, told: tuple[float, int, int], *, alters: bool
) -> None:
    """Add a mark once its items are there: weight, what is known, and the state that must be."""
    rows["mark_time"].append(time)
    for name, value in zip(("mark_weight", "mark_known", "mark_must"), told, strict=True):
        rows[name].append(value)
    rows["mark_alters"].append(int(alters))
    rows["first_item"].append(len(rows["item"]))
    rows["first_watch"].append(len(rows["watch"]))
