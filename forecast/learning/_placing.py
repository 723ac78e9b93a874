"""Where in its day, month or year each event of a unit is taken to lie."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from forecast.learning._faults import Faults
from forecast.learning._times import Stretch, TimeScale
from forecast.network import Network

HISTORIES = "histories"


class Moment(NamedTuple):
    """A row of the table of histories: when an event of a unit turned on, and off again."""

    event: str
    unit: int
    row: Hashable
    on: Stretch | None
    off: Stretch | None


class Edge:
    """A time to be placed: within what it lies, where it is put, and which others come after."""

    __slots__ = ("after", "before", "high", "low", "time")

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high, self.time = low, high, low
        self.before: list[Edge] = []
        self.after: list[Edge] = []


def placed(
    network: Network,
    moments: Sequence[Moment],
    spells: Sequence[tuple[float, float]],
    scale: TimeScale,
    faults: Faults,
) -> Iterator[tuple[Moment, Edge | None, Edge | None]]:
    """Yield the rows of one unit with the times at which they are taken to turn on and off.

    A time that is known to a day, a month or a year lies in the middle of what is left of it by
    the unit's spells and by what is known of the order; several whose order is known are spread
    evenly.
    """
    on: list[Edge | None] = []
    for moment in moments:
        edge = None if moment.on is None else _within(moment.on, spells)
        if moment.on is not None and edge is None:
            faults.add(
                "lies in no spell of its unit",
                f"The unit is at risk {_words(spells, scale)}: let a spell cover it, or leave the "
                "row out.",
                (HISTORIES, moment.row, "on"),
                scale.words(moment.on.low),
            )
        on.append(edge)
    off = [None if m.off is None else Edge(m.off.low, m.off.high) for m in moments]
    broken = any(m.on is not None and edge is None for m, edge in zip(moments, on, strict=True))
    if broken:
        return
    if _order_of_own(network, moments, on, off, faults):
        return
    _order_by_gates(network, moments, on, off)
    _place([edge for edge in (*on, *off) if edge is not None])
    yield from zip(moments, on, off, strict=True)


def _within(stretch: Stretch, spells: Sequence[tuple[float, float]]) -> Edge | None:
    """Return what is left of a stretch by the spells; before the first of them all of it."""
    if stretch.high <= spells[0][0]:
        return Edge(*stretch)
    for start, stop in spells:
        low, high = max(stretch.low, start), min(stretch.high, stop)
        exact = stretch.low == stretch.high and start < stretch.low <= stop
        if low < high or exact:
            return Edge(low, high)
    return None


def _words(spells: Sequence[tuple[float, float]], scale: TimeScale) -> str:
    told = [f"from {scale.words(start)} to {scale.words(stop)}" for start, stop in spells[:3]]
    return ", ".join(told) + (", …" if len(spells) > 3 else "")  # noqa: PLR2004


def _order_of_own(
    network: Network,
    moments: Sequence[Moment],
    on: list[Edge | None],
    off: list[Edge | None],
    faults: Faults,
) -> bool:
    """Let rows of one event follow each other; return whether they cannot."""
    by_event: dict[str, list[int]] = {}
    for place, moment in enumerate(moments):
        by_event.setdefault(moment.event, []).append(place)
    before = len(faults)
    for name, places in by_event.items():
        kind = network.stated(name).kind
        order = sorted(places, key=lambda k: _key(on[k]))
        for place in order:
            one, two = on[place], off[place]
            if one is None or two is None:
                continue
            if two.high < one.high and two.high <= one.low:
                where = (HISTORIES, moments[place].row, "off")
                faults.add("turns off before it turns on", "Correct one of the two times.", where)
            _after(one, two)
        for first, second in pairwise(order):
            last, begins, where = off[first], on[second], (HISTORIES, moments[second].row, "on")
            if kind == "state" and (
                last is None
                or begins is None
                or (last.low > begins.low and last.low >= begins.high)
            ):
                told = f"'{name}' is still on by row {moments[first].row}"
                remedy = "Write when that one turned off; what belongs together is one row."
                faults.add(told, remedy, where)
            elif kind not in {"state", "repeated"}:
                told = f"'{name}' is of kind {kind} and happens once, in row {moments[first].row}"
                faults.add(told, "Leave one of the two rows out, or state a repeated event.", where)
            last = last if kind == "state" else on[first]
            if begins is not None and last is not None:
                _after(last, begins)
    return len(faults) > before


def _key(edge: Edge | None) -> tuple[float, float]:
    return (-float("inf"), 0.0) if edge is None else (edge.low, edge.high)


def _order_by_gates(
    network: Network, moments: Sequence[Moment], on: list[Edge | None], off: list[Edge | None]
) -> None:
    """Let what needs another come while that is on, and what another prevents while it is off."""
    gates = {(gate.parent, gate.child): gate.kind for gate in network.gates}
    for link in network.links:
        if link.kind in {"requires", "prevents"} and link.delay is None:
            gates[link.parent, link.child] = link.kind
    if not gates:
        return
    for child, own in enumerate(on):
        if own is None or own.low == own.high:
            continue
        for parent, begins in enumerate(on):
            kind = gates.get((moments[parent].event, moments[child].event))
            if kind is None or begins is None:
                continue
            ends = off[parent]
            overlaps = own.low < begins.high and begins.low < own.high
            ends_here = ends is not None and own.low < ends.high and ends.low < own.high
            if kind == "requires" and overlaps:
                _after(begins, own)
            if kind == "requires" and ends_here and ends is not None:
                _after(own, ends)
            if kind == "prevents" and overlaps and not ends_here:
                _after(own, begins)
            if kind == "prevents" and ends_here and not overlaps and ends is not None:
                _after(ends, own)


def _after(one: Edge, two: Edge) -> None:
    """Let one time come before another, unless that would make a circle."""
    if one is two or _reaches(two, one):
        return
    one.after.append(two)
    two.before.append(one)


def _reaches(one: Edge, two: Edge) -> bool:
    return one is two or any(_reaches(each, two) for each in one.after)


def _place(edges: list[Edge]) -> None:
    """Put each time where it is taken to lie, those first that others come after."""
    order: list[Edge] = []
    done: set[int] = set()

    def visit(edge: Edge) -> None:
        if id(edge) in done:
            return
        done.add(id(edge))
        for before in edge.before:
            visit(before)
        order.append(edge)

    for edge in edges:
        visit(edge)
    for edge in reversed(order):
        edge.high = min([edge.high, *(max(each.high, edge.low) for each in edge.after)])
    for edge in order:
        low = max([edge.low, *(min(each.time, edge.high) for each in edge.before)])
        edge.low, edge.time = low, low + (edge.high - low) / (1 + _chain(edge, edge.high))
    for edge in order:
        edge.high = min([edge.high, *(each.time for each in edge.after)])


def _chain(edge: Edge, high: float) -> int:
    """Return how many times follow in the same stretch, itself included."""
    if edge.low == edge.high:
        return 1
    return 1 + max((_chain(each, high) for each in edge.after if each.high == high), default=0)
