"""What stays fixed while paths are sampled: events, links and the record as flat arrays.

An event's path matters up to its *end*: the last time at which it bears evidence, or at which an
event that it influences may still start and does. Beyond the ends everything waits for the
forecast.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from forecast.engine.structure import FACT, ONSET, STAYS, Floats, Ints, Record, Structure

__all__ = [
    "FALLS",
    "FREE",
    "HELD",
    "NOTHING",
    "OVER",
    "RISES",
    "ImpossibleRecord",
    "Problem",
    "build_problem",
]

FREE, OVER = -1, 2  # besides 0 and 1: the state is known
HELD, RISES, FALLS = 3, 4, 5  # a state of unknown value that does not turn; only on; only off
NOTHING = -1
NEVER = -1.0

type Span = tuple[float, float, int]  # from, to, state
type Item = tuple[float, float, int]  # from, to, index


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


class Problem(NamedTuple):
    """A structure and its record for the kernels (a NamedTuple, so that Numba takes it whole).

    ``first_mark[e]:first_mark[e + 1]`` are the marks of event e: rising times, the first of
    them 0, at which something about it changes that is no matter of chance.
    """

    kind: Ints  # (event,)
    initially: Ints  # (event,)
    end: Floats  # (event,) negative where the path does not matter at all
    first_mark: Ints  # (event + 1,)
    mark_time: Floats  # (mark,)
    mark_weight: Floats  # (mark,) calendar weight from then on
    mark_known: Ints  # (mark,) from then on: FREE, 0, 1, OVER, HELD, RISES or FALLS
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
    first_in: Ints  # (event + 1,)
    in_link: Ints  # links into each event; none into facts
    first_out: Ints  # (event + 1,)
    out_link: Ints  # links out of each event; none into facts
    link_kind: Ints  # (link,)
    link_parent: Ints  # (link,)
    link_child: Ints  # (link,)


def build_problem(structure: Structure, record: Record) -> Problem:
    """Return the problem that a structure and a record set.

    Raises
    ------
    ImpossibleRecord
        If two spans of one event contradict each other.
    """
    n = len(structure.kind)
    spans, held = _spans(record), defaultdict[int, list[Span]](list)
    for event, start, stop, turns in record.held:
        held[event].append((start, stop, {STAYS: HELD, 0: FALLS, 1: RISES}[turns]))
    items: dict[int, list[Item]] = defaultdict(list)
    for index, (event, *window) in enumerate(
        zip(
            record.item_event.tolist(),
            record.first_time.tolist(),
            record.item_time.tolist(),
            strict=True,
        )
    ):
        items[event].append((window[0], window[1], index))
    length = record.item_time - record.first_time
    end = _ends(structure, spans, held, items)
    rows: dict[str, list[Any]] = {
        name: []
        for name in (
            *("mark_time", "mark_weight", "mark_known", "mark_must", "mark_alters"),
            *("item", "first_item", "watch", "first_watch"),
        )
    }
    first_mark = [0]
    rows["first_item"].append(0)
    rows["first_watch"].append(0)
    for event in range(n):
        _marks(structure, event, end[event], spans[event], held[event], items[event], rows)
        first_mark.append(len(rows["mark_time"]))
    first_in, in_link = _by(structure, structure.link_child)
    first_out, out_link = _by(structure, structure.link_parent)
    return Problem(
        kind=structure.kind.astype(np.int64),
        initially=structure.initially.astype(np.int64),
        end=np.array(end, dtype=np.float64),
        first_mark=np.array(first_mark, dtype=np.int64),
        mark_time=np.array(rows["mark_time"], dtype=np.float64),
        mark_weight=np.array(rows["mark_weight"], dtype=np.float64),
        mark_known=np.array(rows["mark_known"], dtype=np.int64),
        mark_must=np.array(rows["mark_must"], dtype=np.int64),
        mark_alters=np.array(rows["mark_alters"], dtype=np.int64),
        first_item=np.array(rows["first_item"], dtype=np.int64),
        item=np.array(rows["item"], dtype=np.int64),
        first_watch=np.array(rows["first_watch"], dtype=np.int64),
        watch=np.array(rows["watch"], dtype=np.int64),
        item_event=record.item_event.astype(np.int64),
        item_weight=np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0),
        item_from=record.first_time.astype(np.float64),
        item_count=np.full(len(length), NOTHING) if record.tally is None else record.tally,
        first_in=first_in,
        in_link=in_link,
        first_out=first_out,
        out_link=out_link,
        link_kind=structure.link_kind.astype(np.int64),
        link_parent=structure.link_parent.astype(np.int64),
        link_child=structure.link_child.astype(np.int64),
    )


def _spans(record: Record) -> dict[int, list[Span]]:
    """Return the spans of each event, in order of time."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for event, start, stop, value in zip(
        record.known_event.tolist(),
        record.known_from.tolist(),
        record.known_to.tolist(),
        record.known_value.tolist(),
        strict=True,
    ):
        spans[event].append((max(start, 0.0), stop, value))
    for event, found in spans.items():
        found.sort()
        for one in found:
            if any(one[2] != two[2] and one[0] <= two[1] and two[0] <= one[1] for two in found):
                raise ImpossibleRecord([event])
    return spans


def _ends(
    structure: Structure,
    spans: dict[int, list[Span]],
    held: dict[int, list[Span]],
    items: dict[int, list[Item]],
) -> list[float]:
    """Return the last time at which each path matters, or `NEVER`."""
    end = [NEVER] * len(structure.kind)
    for event, said in items.items():
        end[event] = max(end[event], *(time for _, time, _ in said))
    for event, found in spans.items():
        edges = [edge for start, stop, _ in found for edge in (start, stop) if np.isfinite(edge)]
        end[event] = max(end[event], *edges)
    for event, found in held.items():
        end[event] = max(end[event], *(stop for _, stop, _ in found))
    parents: dict[int, list[int]] = defaultdict(list)
    for parent, child in zip(
        structure.link_parent.tolist(), structure.link_child.tolist(), strict=True
    ):
        parents[child].append(parent)
    queue = [event for event, time in enumerate(end) if time > NEVER]
    while queue:
        child = queue.pop()
        need = min(end[child], _last_start(structure, child, spans[child]))
        for parent in parents[child]:
            if end[parent] < need:
                end[parent] = need
                queue.append(parent)
    return end


def _last_start(structure: Structure, event: int, spans: list[Span]) -> float:
    """Return a time from which an event is known to have started for good."""
    kind = structure.kind[event]
    if kind == FACT or (kind == ONSET and structure.initially[event] == 1):
        return NEVER
    if kind == ONSET:
        return min((start for start, _, value in spans if value == 1), default=np.inf)
    return np.inf


def _marks(
    structure: Structure,
    event: int,
    end: float,
    spans: Sequence[Span],
    held: Sequence[Span],
    items: Sequence[Item],
    rows: dict[str, list[Any]],
) -> None:
    """Add the marks of one event."""
    times = {
        0.0,
        *(edge for row in (*spans, *held, *items) for edge in row[:2] if np.isfinite(edge)),
    }
    if end >= 0:
        times.add(end)
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
        rows["mark_time"].append(time)
        rows["mark_weight"].append(weight)
        rows["mark_known"].append(known)
        rows["mark_must"].append(must)
        rows["mark_alters"].append(int((weight, known, *watch) != before))
        before = (weight, known, *watch)
        rows["item"].extend(item for first, last, item in items if first == last == time)
        rows["first_item"].append(len(rows["item"]))
        rows["watch"].extend(watch)
        rows["first_watch"].append(len(rows["watch"]))


def _by(structure: Structure, key: Ints) -> tuple[Ints, Ints]:
    """Return the links that are not into facts, grouped by one of their ends."""
    order = np.argsort(key, kind="stable")
    order = order[structure.kind[structure.link_child[order]] != FACT]
    counts = np.bincount(key[order], minlength=len(structure.kind))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order.astype(np.int64)
