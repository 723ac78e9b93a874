"""The plan: everything about a likelihood that does not depend on parameter values, as flat arrays.

Between two cut times the set of live events is constant, so the filter's state is a vector over
their 2^n joint states. A plan lists, interval by interval, the *hazards* to apply (an event's own
transition, the chance that an event known to be off stays off, or the chance that an item which
watches an event says what it says), and at each cut the evidence to multiply in and the map from
the old states to the new ones.

A step applies every transition over half its length, then the chance that known events stay as
they are over all of it, then the transitions again in reverse order: symmetric Strang splitting.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from forecast.engine._problem import (
    FACT,
    FREELY,
    PREVENTS,
    STATE,
    STAYS,
    Floats,
    Ints,
    Record,
    Structure,
)
from forecast.engine._rate import acts, shuts
from forecast.engine._relevance import (
    UNKNOWN,
    Slices,
    jumps_through_a_gate,
    learned,
    over_windows,
)

ONSET_FLIP, STATE_FLIP, STAYS_OFF, STAYS_ON, WATCHED = 0, 1, 2, 3, 4
DIAGONAL = -1  # among sweeps: all survivals at once
ALWAYS, ITSELF = -1, -1  # bits of a context, and links: see `Plan`
STARTS = (
    "first_reference",
    "first_parent",
    "first_hazard",
    "first_item",
    "first_chance",
    "first_live",
    "first_given",
)
TABLE_KEY = ("kind", "event", "weight", "contexts")
STEP_TOLERANCE = 1e-9
MOST_ERROR = 3e-3
"""What the bounds of a plan's steps may add up to (`engine.choice`). On random networks a bound was
never less than 2.9 times the error of a probability, so that this stays below 1e-3."""
CHAIN = 6  # turns that may have to follow from one another for what is told to come true
TIME_DIGITS = 12  # steps that agree to a few hundredths of a millisecond share their chances


class Plan(NamedTuple):
    """One component of a likelihood as arrays (a NamedTuple, so that Numba takes it whole).

    ``first_hazard[k]:first_hazard[k+1]`` are the hazards of interval k, flips before the rest;
    ``first_reference`` points likewise from hazards to links, ``first_item`` from cuts to items.
    """

    cuts: Floats  # (cut,)
    bits: Ints  # (cut + 1,) live events before cut k; the last is 0
    first_live: Ints  # (cut + 1,)
    live: Ints  # the live events before each cut, lowest bit first
    steps: Ints  # (interval,) where it is passed by steps
    tolerance: Floats  # (interval,) what the error of its steps may be, before the series is taken
    depth: Ints  # (interval,) rare turns whose chance is to be right in proportion, by the series
    sees: Ints  # (interval,) at its end: 0 nothing is seen, 1 an item, 2 what rules out states
    sweeps: Ints  # (interval,) how many there are
    first_sweep: Ints  # (interval,) where they begin
    sweep: Ints  # 2 * flip + (1 if over a whole step), or DIAGONAL for all survivals at once
    first_hazard: Ints  # (interval + 1,)
    hazard_kind: Ints  # (hazard,)
    hazard_event: Ints  # (hazard,) the event; for WATCHED, the item
    hazard_bit: Ints  # (hazard,) the flipped bit; for WATCHED and STAYS_ON, the known state
    hazard_weight: Floats  # (hazard,) calendar weight; for WATCHED, one over its window
    hazard_contexts: Ints  # (hazard,) joint states of its live parents; of itself for those two
    hazard_map: Ints  # (hazard,) where its row of `contexts` begins
    hazard_table: Ints  # (hazard,) its table of chances: hazards that agree share one
    table_hazard: Ints  # (table,) a hazard that has it
    table_time: Floats  # (table,) the step it is for
    first_chance: Ints  # (table + 1,) a chance for each context
    first_parent: Ints  # (hazard + 1,)
    parent: Ints  # flat: hazards of its interval, from the first, that flip what its rate reads
    first_reference: Ints  # (hazard + 1,)
    reference_kind: Ints  # (reference,) of a link; of an event to itself, while off: PREVENTS
    reference_link: Ints  # (reference,) or ITSELF
    reference_bit: Ints  # (reference,) bit within the context, or ALWAYS
    contexts: Ints  # flat: pair or state -> context
    first_item: Ints  # (cut + 1,)
    item: Ints  # (item,) index into the factors
    item_bit: Ints  # (item,) bit of the old state, or -1 known off, -2 known on
    first_state: Ints  # (cut,) where the row of `remap` begins
    remap: Ints  # flat: old state -> new state, -1 where ruled out
    initial_event: Ints  # (bits[0],)
    initial_value: Ints  # (bits[0],) 0, 1, or -1: Bernoulli
    initial_first: Ints  # (bits[0],) where its chances begin among `Parameters.initial`
    initial_rows: Ints  # (bits[0],) how many it has
    first_given: Ints  # (bits[0] + 1,)
    given: Ints  # bits on which a bit depends at the start
    stride: Ints  # by how much its row rises where that is on
    sure_event: Ints  # (sure,) facts known from the start though uncertain a priori
    sure_value: Ints  # (sure,)

    def live_before(self, cut: int) -> list[int]:
        """Return the live events that reach a cut, lowest bit first."""
        return [int(e) for e in self.live[self.first_live[cut] : self.first_live[cut + 1]]]


class _Builder:
    """Collects the flat lists of one plan."""

    def __init__(self, structure: Structure, record: Record, sliced: Slices) -> None:
        self.structure, self.record, self.sliced = structure, record, sliced
        self.rows: dict[str, list[float]] = {name: [] for name in Plan._fields}
        self.add(**{name: 0 for name in Plan._fields if name in STARTS})
        self.context_rows: dict[tuple[int, ...], int] = {}
        self.table_rows: dict[tuple[object, ...], int] = {}
        self.sweep_rows: dict[tuple[int, int, bool], tuple[int, int]] = {}
        self.links_into = defaultdict[int, list[int]](list)
        for link, child in enumerate(structure.link_child.tolist()):
            self.links_into[child].append(link)

    def add(self, **values: float) -> None:
        for name, value in values.items():
            self.rows[name].append(value)

    def initial(self, event: int) -> None:
        """Add a live event at the start, and the live events that it depends on there."""
        start = self.structure.start
        first, rows = event, 1
        if start is not None and not self.sliced.nets:
            first, rows = int(start.first[event]), int(start.rows[event])
            given = slice(start.first_given[event], start.first_given[event + 1])
            for parent, stride in zip(start.given[given], start.stride[given], strict=True):
                self.add(given=self.sliced.before.index(int(parent)), stride=int(stride))
        self.add(initial_event=event, initial_value=int(self.structure.initially[event]))
        self.add(initial_first=first, initial_rows=rows, first_given=len(self.rows["given"]))

    def hazards(self, k: int, *, scalars: bool) -> None:
        """Add the hazards of interval k: flips of live events, then survivals of known ones."""
        live, kinds = self.sliced.live[k], self.structure.kind
        turns, status = self.sliced.turns[k], self.sliced.status[k]
        for bit, event in enumerate(live):
            if kinds[event] != FACT and turns[event] != STAYS:
                self._on_hazard(k, event, bit)
        for bit, event in enumerate(live):
            if turns[event] != FREELY:
                self._held(k, event, bit)
        for event in np.flatnonzero((status != UNKNOWN) & (kinds != FACT)).tolist():
            if event in self.sliced.imposed[k]:
                continue
            if status[event] == 0:
                parents = {int(self.structure.link_parent[i]) for i in self.links_into[event]}
                if parents & set(live) or (scalars and not (status[[*parents]] == UNKNOWN).any()):
                    self._on_hazard(k, event, UNKNOWN)
            elif kinds[event] == STATE and scalars:
                self._hazard(STAYS_ON, event, 1, 0.0)
        self._watches(k, scalars=scalars)

    def _held(self, k: int, event: int, bit: int) -> None:
        """Add the survivals of a live state that changes once at most, in its own two states."""
        turns, bits = self.sliced.turns[k, event], len(self.sliced.live[k])
        if turns != 1:
            weight, references, read = self._influences(k, event)
            references.append((ITSELF, len(read)))
            read.append(bit)
            if weight > 0.0:
                contexts = _contexts(STAYS_OFF, bit, read, bits)
                self._hazard(STAYS_OFF, event, 0, weight, contexts, references)
        if turns != 0:
            self._hazard(STAYS_ON, event, 0, 0.0, _contexts(STAYS_ON, bit, [bit], bits))

    def _watches(self, k: int, *, scalars: bool) -> None:
        """Add the items that watch a live event over interval k, or a known one."""
        record, live = self.record, self.sliced.live[k]
        start, end = float(self.sliced.cuts[k]), float(self.sliced.cuts[k + 1])
        for item in over_windows(record, start, end).tolist():
            event = int(record.item_event[item])
            known = int(self.sliced.status[k, event])
            weight = 1 / float(record.item_time[item] - record.first_time[item])
            if event in live:
                own = _contexts(WATCHED, 0, [live.index(event)], len(live))
                self._hazard(WATCHED, item, 0, weight, own)
            elif scalars and known != UNKNOWN:
                self._hazard(WATCHED, item, known, weight)

    def _on_hazard(self, k: int, event: int, bit: int) -> None:
        """Add the on-hazard of an event: of its flip if it is live, else of its staying off."""
        flips, state = bit != UNKNOWN, self.structure.kind[event] == STATE
        turns = int(self.sliced.turns[k, event])  # a state that turns to 1, or to 0, stays there
        state &= turns != 1
        weight, references, read = self._influences(k, event)
        if turns == 0:
            weight, references, read = 0.0, [], []
        if weight == 0.0 and not (flips and state):
            return
        kind = (STATE_FLIP if state else ONSET_FLIP) if flips else STAYS_OFF
        contexts = _contexts(kind, bit, read, len(self.sliced.live[k]))
        self._hazard(kind, event, max(bit, 0), weight, contexts, references)

    def _influences(self, k: int, event: int) -> tuple[float, list[tuple[int, int]], list[int]]:
        """Return the weight of an on-hazard, its (link, context bit) pairs, and the bits read."""
        live, status = self.sliced.live[k], self.sliced.status[k]
        middle = (self.sliced.cuts[k] + self.sliced.cuts[k + 1]) / 2
        weight = self.structure.weight(event, float(middle))
        read: list[int] = []
        references: list[tuple[int, int]] = []
        for link in self.links_into[event]:
            parent, kind = int(self.structure.link_parent[link]), self.structure.link_kind[link]
            on = int(status[parent] == 1)
            if parent in live:
                where = live.index(parent)
                if where not in read:
                    read.append(where)
                references.append((link, read.index(where)))
            elif shuts(kind, on):
                weight = 0.0
            elif acts(kind, on):
                references.append((link, ALWAYS))
        return weight, references, read

    def _hazard(
        self,
        kind: int,
        event: int,
        bit: int,
        weight: float,
        contexts: tuple[int, ...] = (),
        references: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Add a hazard, the context of each pair of states (or state), and the links it reads."""
        self.add(hazard_kind=kind, hazard_event=event, hazard_bit=bit, hazard_weight=weight)
        if contexts not in self.context_rows:
            self.context_rows[contexts] = len(self.rows["contexts"])
            self.rows["contexts"].extend(contexts)
        self.add(hazard_contexts=max(contexts, default=0) + 1)
        self.add(hazard_map=self.context_rows[contexts])
        for link, where in references:
            own = PREVENTS if link == ITSELF else int(self.structure.link_kind[link])
            self.add(reference_kind=own, reference_link=link, reference_bit=where)
        self.add(first_reference=len(self.rows["reference_link"]))

    def parents(self) -> None:
        """Say of the hazards just added which flips among them change their rates."""
        rows, first = self.rows, int(self.rows["first_hazard"][-1])
        kinds, events = rows["hazard_kind"][first:], rows["hazard_event"][first:]
        flip = {
            int(event): j
            for j, (kind, event) in enumerate(zip(kinds, events, strict=True))
            if kind < STAYS_OFF
        }
        for j, kind in enumerate(kinds, start=first):
            read: set[int] = set()
            own = int(rows["hazard_event"][j])
            if kind in (WATCHED, STAYS_ON) and rows["hazard_contexts"][j] > 1:
                read = {own if kind == STAYS_ON else int(self.record.item_event[own])}
            start, end = int(rows["first_reference"][j]), int(rows["first_reference"][j + 1])
            for link, bit in zip(
                rows["reference_link"][start:end], rows["reference_bit"][start:end], strict=True
            ):
                if bit != ALWAYS:
                    parents = self.structure.link_parent
                    read.add(own if link == ITSELF else int(parents[int(link)]))
            rows["parent"].extend(sorted(flip[event] for event in read if event in flip))
            self.add(first_parent=len(rows["parent"]))

    def tables(self, k: int, steps: int) -> None:
        """Give the hazards of interval k, just added, their tables of chances."""
        time = float(self.sliced.cuts[k + 1] - self.sliced.cuts[k]) / steps
        rows = self.rows
        for j in range(int(rows["first_hazard"][-1]), len(rows["hazard_kind"])):
            first, last = int(rows["first_reference"][j]), int(rows["first_reference"][j + 1])
            key = (
                *(rows[f"hazard_{name}"][j] for name in TABLE_KEY),
                rows["hazard_bit"][j] if rows["hazard_kind"][j] == WATCHED else 0,
                *rows["reference_link"][first:last],
                *rows["reference_bit"][first:last],
                round(time, TIME_DIGITS),
            )
            if key not in self.table_rows:
                self.table_rows[key] = len(rows["table_hazard"])
                self.add(
                    table_hazard=j,
                    table_time=time,
                    first_chance=rows["first_chance"][-1] + rows["hazard_contexts"][j],
                )
            self.add(hazard_table=self.table_rows[key])

    def sweeps(self, steps: int) -> None:
        """Give the interval whose hazards were just added its steps, and their sweeps."""
        kinds = self.rows["hazard_kind"][int(self.rows["first_hazard"][-1]) :]
        flips = sum(kind < STAYS_OFF for kind in kinds)
        key = (flips, steps, flips < len(kinds))
        if key not in self.sweep_rows:
            sweeps = schedule(flips, steps, diagonal=flips < len(kinds))
            self.sweep_rows[key] = (len(self.rows["sweep"]), len(sweeps))
            self.rows["sweep"].extend(sweeps)
        first, number = self.sweep_rows[key]
        self.add(steps=steps, first_sweep=first, sweeps=number)

    def boundary(self, k: int, items: dict[int, list[int]], *, scalars: bool) -> None:
        """Add the evidence at cut k, and the map of the old states to the new ones."""
        structure, sliced = self.structure, self.sliced
        old = sliced.old_live(k)
        for item in items.get(k, ()):
            event = int(self.record.item_event[item])
            if event in old:
                bit = old.index(event)
            else:
                known = sliced.old_status(k, event, int(structure.initially[event]))
                bit = -1 - known
            self.add(item=item, item_bit=bit)
        new = sliced.live[k] if k < len(sliced.live) else ()
        states = np.arange(2 ** len(old))
        target = np.zeros(len(states), dtype=np.int64)
        for position, event in enumerate(new):
            if event in old:
                target |= ((states >> old.index(event)) & 1) << position
            elif sliced.old_status(k, event, int(structure.initially[event])) == 1:
                target |= 1 << position
        ruled_out = np.zeros(len(states), dtype=bool)
        for event, value in learned(self.record, float(sliced.cuts[k]), old):
            ruled_out |= ((states >> old.index(event)) & 1) != value
        if scalars and jumps_through_a_gate(self.record, sliced, k):
            ruled_out[:] = True
        target[ruled_out] = -1
        self.add(first_state=len(self.rows["remap"]))
        self.rows["remap"].extend(target.tolist())


def _contexts(kind: int, bit: int, parents: list[int], bits: int) -> tuple[int, ...]:
    """Return the context of every pair of states (of every state, for a survival)."""
    states = np.arange(2**bits)
    if kind in (ONSET_FLIP, STATE_FLIP):
        states = states[(states >> bit) & 1 == 0]
    context = np.zeros(len(states), dtype=np.int64)
    for position, parent in enumerate(parents):
        context |= ((states >> parent) & 1) << position
    return tuple(context.tolist())


def assemble(
    structure: Structure,
    record: Record,
    sliced: Slices,
    items: list[int],
    max_step: float,
    most_error: float,
) -> Plan:
    """Return the plan of one component; of nobody live, that of what needs no unknown state."""
    builder = _Builder(structure, record, sliced)
    scalars = not any(sliced.live) and not sliced.before
    by_cut = defaultdict[int, list[int]](list)
    for item in items:
        by_cut[int(np.searchsorted(sliced.cuts, record.item_time[item]))].append(item)
    for k in range(len(sliced.cuts)):
        builder.boundary(k, by_cut, scalars=scalars)
        builder.add(first_item=len(builder.rows["item"]), bits=len(sliced.old_live(k)))
        builder.rows["live"].extend(sliced.old_live(k))
        builder.add(first_live=len(builder.rows["live"]))
        if k == len(sliced.cuts) - 1:
            break
        builder.hazards(k, scalars=scalars)
        length = float(sliced.cuts[k + 1] - sliced.cuts[k])
        steps = max(1, math.ceil(length / max_step - STEP_TOLERANCE))
        if len(builder.rows["hazard_kind"]) - builder.rows["first_hazard"][-1] <= 1:
            steps = 1  # a single hazard is exact at any step
        builder.parents()
        builder.tables(k, steps)
        builder.sweeps(steps)
        builder.add(first_hazard=len(builder.rows["hazard_kind"]))
    builder.add(bits=0)
    for event in sliced.before:
        builder.initial(event)
    if scalars:
        alone = True if structure.start is None else ~structure.start.tied
        for event in np.flatnonzero((structure.initially < 0) & alone).tolist():
            if sliced.status[0, event] != UNKNOWN:
                builder.add(sure_event=event, sure_value=int(sliced.status[0, event]))
    intervals = np.diff(sliced.cuts)
    shares = (intervals / intervals.sum() + 1 / len(intervals)) / 2
    builder.rows["tolerance"] = (most_error * shares).tolist()
    builder.rows["depth"], builder.rows["sees"] = _seen(builder.rows, len(intervals))
    builder.rows["cuts"] = sliced.cuts.tolist()
    floats = {"cuts", "tolerance", "hazard_weight", "table_time"}
    arrays: dict[str, Any] = {
        name: np.array(values, dtype=np.float64 if name in floats else np.int64)
        for name, values in builder.rows.items()
    }
    return Plan(**arrays)


def _seen(rows: dict[str, list[float]], intervals: int) -> tuple[list[float], list[float]]:
    """Return the `depth` of each interval, and whether it `sees`."""
    depths: list[float] = []
    sees: list[float] = []
    edges = [*(int(first) for first in rows["first_state"]), len(rows["remap"])]
    for k in range(intervals):
        bits = int(rows["bits"][k + 1])
        ruled_out = min(rows["remap"][edges[k + 1] : edges[k + 2]], default=0) < 0
        told = rows["first_item"][k + 2] > rows["first_item"][k + 1]
        depths.append(min(bits, CHAIN if ruled_out else 1 + told))
        sees.append(2.0 if ruled_out else float(told))
    return depths, sees


def schedule(flips: int, steps: int, *, diagonal: bool) -> tuple[int, ...]:
    """Return the sweeps of an interval: 2 * flip + (1 if over a whole step), or `DIAGONAL`.

    Neighbouring half steps of the same flip are merged into whole ones.

    Parameters
    ----------
    flips
        How many live events can change.
    steps
        Of the interval.
    diagonal
        Whether there are survivals, to multiply in halfway through each step.
    """
    there = [2 * flip for flip in range(flips)]  # each over half a step
    step = [*there, *([DIAGONAL] if diagonal else []), *reversed(there)]
    sweeps: list[int] = []
    for half in step * steps:
        if half != DIAGONAL and sweeps and sweeps[-1] == half:
            sweeps[-1] += 1
        else:
            sweeps.append(half)
    return tuple(sweeps)
