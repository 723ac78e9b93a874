"""A network and its record as arrays: the one form of them that the engine has.

Compiled code needs other shapes of the same thing. They are derived from this one: links by either
end (`Graph`, below), what is to be done interval by interval (`forecast.engine._plan`), what is
certain of each event when (`forecast.engine.paths._marks`).
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.engine._jit import inlined

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

ONSET, STATE, FACT = 0, 1, 2
CAUSES, MULTIPLIES, REQUIRES, PREVENTS = 0, 1, 2, 3
UNCERTAIN = -1
STAYS, FREELY = -1, 2  # besides the value that a held event may turn to


class Windows(NamedTuple):
    """Calendar weights: ``weights[k]`` holds between ``edges[k - 1]`` and ``edges[k]``.

    Parameters
    ----------
    edges
        Rising times in years, shape (edge,).
    weights
        Shape (edge + 1,).
    """

    edges: Floats
    weights: Floats

    def at(self, time: float) -> float:
        """Return the weight that holds just after `time`."""
        return float(self.weights[bisect_right(self.edges, time)])


class Start(NamedTuple):
    """What the state of each event at the start depends on: see `forecast.engine._start`.

    Numba takes it whole, as a NamedTuple.
    """

    first: Ints  # (event,) where its chances begin among `Parameters.initial`
    rows: Ints  # (event,) how many it has
    first_given: Ints  # (event + 1,)
    given: Ints  # what it depends on
    stride: Ints  # by how much its row rises where that is on
    first_ruled: Ints  # (event + 1,)
    ruled: Ints  # what depends on it
    order: Ints  # (event,) each after what it depends on
    fact: Ints  # (event,) the first of the values of the same fact, or itself

    def givens(self, event: int) -> list[int]:
        """Return what the state of an event at the start depends on."""
        return [int(e) for e in self.given[self.first_given[event] : self.first_given[event + 1]]]

    def owners(self, cells: Sequence[int]) -> set[int]:
        """Return the events that have one of these chances at the start."""
        last = self.first + self.rows
        return {int(np.flatnonzero((self.first <= at) & (at < last))[0]) for at in cells}

    def values_of(self, event: int) -> list[int]:
        """Return the events that are the values of the same fact, itself among them."""
        return np.flatnonzero(self.fact == self.fact[event]).tolist()

    def any_of(self, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which events have one of these chances at the start, (event,) from (chance,)."""
        ends = zip(self.first.tolist(), (self.first + self.rows).tolist(), strict=True)
        return np.array([cells[first:last].any() for first, last in ends], dtype=np.bool_)

    @property
    def arrows(self) -> tuple[Ints, Ints]:
        """What depends on what at the start: what is depended on, and what depends on it."""
        return self.given, np.repeat(np.arange(len(self.first)), np.diff(self.first_given))

    @property
    def tied(self) -> NDArray[np.bool_]:
        """Which events have rows of their own, or are what another's row depends on, (event,)."""
        own_rows = self.first != np.arange(len(self.first))
        return np.asarray(own_rows | (np.diff(self.first_ruled) > 0))


class Given(NamedTuple):
    """What one event depends on, and the row of each state: a term of a `Start`."""

    event: int
    rows: int
    given: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()


def start_of(events: int, joined: tuple[Given, ...] = (), facts: Ints | None = None) -> Start:
    """Return the start of events that are each alone, but for those in `joined`.

    Parameters
    ----------
    events
        How many there are. Their own chances come first among `Parameters.initial`; the rows of
        those that are joined follow, one event after the other.
    joined
        Those whose rows stand there.
    facts
        For each event the first of the values of the same fact; itself unless given.
    """
    first, rows = np.arange(events, dtype=np.int64), np.ones(events, dtype=np.int64)
    parents: dict[int, Given] = {}
    at = events
    for one in joined:
        first[one.event], rows[one.event] = at, one.rows
        parents[one.event] = one
        at += one.rows
    given = [parents[e].given if e in parents else () for e in range(events)]
    strides = [parents[e].stride if e in parents else () for e in range(events)]
    ruled: list[list[int]] = [[] for _ in range(events)]
    for event, found in enumerate(given):
        for parent in found:
            ruled[parent].append(event)
    return Start(
        first,
        rows,
        _ends(given),
        _flat(given),
        _flat(strides),
        _ends(ruled),
        _flat(ruled),
        _ordered(given),
        np.arange(events, dtype=np.int64) if facts is None else facts,
    )


def _ends(rows: list[tuple[int, ...]] | list[list[int]]) -> Ints:
    return np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)


def _flat(rows: list[tuple[int, ...]] | list[list[int]]) -> Ints:
    return np.array([each for row in rows for each in row], dtype=np.int64)


def _ordered(given: list[tuple[int, ...]]) -> Ints:
    """Return the events so that each comes after those it depends on, else by their numbers."""
    found: dict[int, None] = {}
    for first in range(len(given)):
        stack = [first] if first not in found else []
        while stack:
            waits = [one for one in given[stack[-1]] if one not in found]
            if waits:
                stack.append(waits[0])
            else:
                found[stack.pop()] = None
    return np.array(list(found), dtype=np.int64)


class Structure(NamedTuple):
    """Events and links as arrays; every time is in years from the start of the network.

    Parameters
    ----------
    kind
        `ONSET`, `STATE` or `FACT`, shape (event,).
    initially
        0, 1 or `UNCERTAIN`, shape (event,).
    link_kind, link_parent, link_child
        `CAUSES`, `MULTIPLIES`, `REQUIRES` or `PREVENTS`, and two event indices, shape (link,).
    windows
        One for each event; None where the weight is 1 throughout.
    horizon
        The end of the model's time.
    given
        For an event whose whole course is given from outside, the rising times after 0 at which it
        changes from the state that it has initially: it has no rates of its own, and tells nothing
        of its causes. None for all others, or in place of the whole where there is no such event.
    start
        What depends on what at the start. None: nothing on anything.
    """

    kind: Ints
    initially: Ints
    link_kind: Ints
    link_parent: Ints
    link_child: Ints
    windows: tuple[Windows | None, ...]
    horizon: float
    given: tuple[Floats | None, ...] | None = None
    start: Start | None = None

    def weight(self, event: int, time: float) -> float:
        """Return the calendar weight of an event's on-rate just after `time`."""
        windows = self.windows[event]
        return 1.0 if windows is None else windows.at(time)

    @property
    def courses_given(self) -> dict[int, Floats]:
        """When each event changes whose whole course is given."""
        return {e: times for e, times in enumerate(self.given or ()) if times is not None}

    @property
    def parents(self) -> dict[int, list[int]]:
        """The parents of each event that has any, link by link."""
        found: dict[int, list[int]] = {}
        ends = zip(self.link_parent.tolist(), self.link_child.tolist(), strict=True)
        for parent, child in ends:
            found.setdefault(child, []).append(parent)
        return found


class Record(NamedTuple):
    """What is known, and what was said, about the courses of events.

    Parameters
    ----------
    item_event, item_time
        Soft items: the event each bears on and the time it speaks of, shape (item,). What readers
        call one item may be several here, one after the other: see `Item.bears`.
    item_from
        Where it is earlier than `item_time`, the item watched the event over the window between
        the two, and its factors are its chances were the event off, or on, all through the
        window; in between they act in proportion to time. None: every item is of a moment.
    known_event, known_from, known_to, known_value
        Spans in which an event's state is certain, shape (span,); ``known_to`` may be infinite,
        and a span of no length is one sure observation.
    tally
        The number that an item counted over its window, shape (item,); -1 for an item that is no
        count. The factors of a count are the numbers expected were the event off, or on, all
        through the window, and the number is Poisson with their mean by the share of the time.
        None: no item is a count. The exact filter takes none.
    imposed
        Whether a span is brought about from outside and not found out, shape (span,): it begins
        whatever the state was before, and the event has no rates of its own meanwhile, so it tells
        nothing of what came before nor of its causes. Imposed spans come last. None: none is.
    held_event, held_from, held_to, held_turns
        Spans in which a state of unknown value changes once at most, since every change would have
        been seen, shape (span,): the value that it may turn to, or `STAYS` where it does not
        change at all. None: there are none.
    """

    item_event: Ints
    item_time: Floats
    known_event: Ints
    known_from: Floats
    known_to: Floats
    known_value: Ints
    item_from: Floats | None = None
    tally: Ints | None = None
    imposed: NDArray[np.bool_] | None = None
    held_event: Ints | None = None
    held_from: Floats | None = None
    held_to: Floats | None = None
    held_turns: Ints | None = None

    @property
    def known(self) -> list[tuple[int, float, float, int]]:
        """The spans in which a state is certain: event, from, to, state."""
        columns = (self.known_event, self.known_from, self.known_to, self.known_value)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def held(self) -> list[tuple[int, float, float, int]]:
        """The spans in which a state changes once at most: event, from, to, what it may turn to."""
        columns = (self.held_event, self.held_from, self.held_to, self.held_turns)
        found = [column.tolist() for column in columns if column is not None]
        return list(zip(*found, strict=True))

    @property
    def items(self) -> list[tuple[int, float, float]]:
        """The soft items: event, from when on each speaks of it, until when."""
        columns = (self.item_event, self.first_time, self.item_time)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which spans were found out, and were not imposed, shape (span,)."""
        if self.imposed is None:
            return np.ones(len(self.known_from), dtype=np.bool_)
        return ~self.imposed

    @property
    def first_time(self) -> Floats:
        """The time from which each item speaks, shape (item,)."""
        return self.item_time if self.item_from is None else self.item_from

    @property
    def watched(self) -> NDArray[np.bool_]:
        """Which items tell of a window and not of a moment, shape (item,)."""
        return self.first_time < self.item_time

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which items are counts, shape (item,)."""
        if self.tally is None:
            return np.zeros(len(self.item_time), dtype=np.bool_)
        return self.tally >= 0

    def with_items(self, items: Sequence[int] | NDArray[np.intp]) -> "Record":
        """Return the record with some of its items alone."""
        chosen = np.asarray(items, dtype=np.intp)
        return self._replace(
            item_event=self.item_event[chosen],
            item_time=self.item_time[chosen],
            item_from=self.first_time[chosen],
            tally=None if self.tally is None else self.tally[chosen],
        )


class Parameters(NamedTuple):
    """One value of every number that the engine needs, or one for each draw.

    A leading ``draw`` dimension is present in all fields or in none.

    Parameters
    ----------
    base_rate
        On-rate per year with every influence off, shape ([draw,] event); ignored for facts.
    off_rate
        Per year, shape ([draw,] event); read for states alone.
    initial
        P(on at the start) of each event, read where `Structure.initially` is uncertain; after
        these the rows of facts that depend on others, shape ([draw,] chance): see `Start`.
    effect
        Extra rate per year of a `CAUSES` link, hazard ratio of a `MULTIPLIES` link,
        shape ([draw,] link); ignored for gates.
    factors
        P(item | off) and P(item | on), up to a constant, shape ([draw,] item, 2); of a count, the
        numbers expected were the event off, or on, all through its window.
    """

    base_rate: Floats
    off_rate: Floats
    initial: Floats
    effect: Floats
    factors: Floats


@inlined
def draw_of(theta: Parameters, draw: int) -> Parameters:
    """Return one draw of parameters that have a draw dimension."""
    return Parameters(
        theta.base_rate[draw],
        theta.off_rate[draw],
        theta.initial[draw],
        theta.effect[draw],
        theta.factors[draw],
    )


class Graph(NamedTuple):
    """Events and links for the kernels (a NamedTuple, so that Numba takes it whole).

    ``in_link[first_in[e]:first_in[e + 1]]`` are the links into event e, `out_link` those out of it.
    """

    kind: Ints  # (event,)
    initially: Ints  # (event,)
    link_kind: Ints  # (link,)
    link_parent: Ints  # (link,)
    link_child: Ints  # (link,)
    first_in: Ints  # (event + 1,)
    in_link: Ints
    first_out: Ints  # (event + 1,)
    out_link: Ints
    start: Start


def graph_of(structure: Structure) -> Graph:
    """Return the graph of a structure; links into facts, which have no rate, are not in it."""

    def by(end: Ints) -> tuple[Ints, Ints]:
        order = np.argsort(end, kind="stable")
        order = order[structure.kind[structure.link_child[order]] != FACT]
        counts = np.bincount(end[order], minlength=len(structure.kind))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order.astype(np.int64)

    return Graph(
        structure.kind.astype(np.int64),
        structure.initially.astype(np.int64),
        structure.link_kind.astype(np.int64),
        structure.link_parent.astype(np.int64),
        structure.link_child.astype(np.int64),
        *by(structure.link_child),
        *by(structure.link_parent),
        start_of(len(structure.kind)) if structure.start is None else structure.start,
    )
