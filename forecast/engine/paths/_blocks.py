"""Blocks: which events are redrawn together, and what around them their redrawing reads.

A *layer* is a list of blocks that together hold every event whose path is not known; a sweep
goes through one layer. Blocks grow along links, gates first, so that events that can only move
together do; every link lies within a block of some layer.

While it is redrawn a block sees marks and outsiders' jumps by time. Between two such moments every
hazard is constant given the members' joint state s:
``scale * factor[s] * (rate + extra[s])``, in which outsiders and the calendar make up `scale` and
`rate`, and the members `factor` and `extra`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from forecast.engine._course import Paths, shell_sort
from forecast.engine._jit import bare, folded
from forecast.engine._problem import (
    FACT,
    ONSET,
    PREVENTS,
    REQUIRES,
    STATE,
    Floats,
    Ints,
    Parameters,
)
from forecast.engine._rate import take_in
from forecast.engine.paths._marks import GIVEN, NOTHING, OVER, Marks

GATE, INFLUENCE, SHARED_CHILD = 4.0, 2.0, 1.0  # how strongly two events are tied
MOST_PARENTS = 16  # of a child by which its parents count as tied
SEED = 20130401


class Blocks(NamedTuple):
    """Blocks as arrays for the kernels.

    Slots number the events that a block looks at: its members, then the outsiders that a member
    influences (these and the members have *hazards*), then the other parents of all of them.
    """

    first_block: Ints  # (layer + 1,) each begins with single onsets and facts
    first_joint: Ints  # (layer,) the first block after those
    size: Ints  # (block,) members
    hazards: Ints  # (block,) members and outside children
    first_slot: Ints  # (block + 1,)
    slot_event: Ints  # (slot,)
    first_inner: Ints  # (slot + 1,) links into the slot's hazard from members
    inner_link: Ints
    inner_bit: Ints
    first_outer: Ints  # (slot + 1,) links into the slot's hazard from outsiders
    outer_link: Ints
    outer_slot: Ints
    first_touched: Ints  # (slot + 1,) hazards that change as an outsider jumps
    touched: Ints
    first_mark: Ints  # (block + 1,) marks of members and of outside children, by time
    mark_time: Floats
    mark_slot: Ints
    mark: Ints


def uncertain_events(p: Marks) -> list[int]:
    """Return the events whose path matters and is not known throughout."""
    found = []
    for event in np.flatnonzero(p.end >= 0).tolist():
        a, b = p.first_mark[event], p.first_mark[event + 1]
        sure_start = p.graph.initially[event] >= 0 or p.mark_must[a] >= 0
        if sure_start and (
            p.graph.kind[event] == FACT
            or (p.graph.kind[event] == ONSET and p.graph.initially[event] == 1)
            or np.isin(p.mark_known[a:b], (0, 1, OVER, GIVEN)).all()
        ):
            continue
        found.append(event)
    return found


def blocks(p: Marks, size: int, layers: int) -> list[list[tuple[int, ...]]]:
    """Return layers of blocks of at most `size` events: so many ways of cutting up the network.

    One is enough, and all that is returned, where all blocks are whole components.
    """
    free = uncertain_events(p)
    near = _ties(p, set(free))
    together = {e: [one for one in p.graph.start.values_of(e) if one in near] for e in free}
    rng = np.random.default_rng(SEED)
    uncovered = {(a, b) for a in near for b, tie in near[a].items() if a < b and tie >= INFLUENCE}
    found: list[list[tuple[int, ...]]] = []
    for _ in range(layers):
        layer: list[tuple[int, ...]] = []
        covered: set[int] = set()
        for center in rng.permutation(free).tolist():
            if center not in covered:
                block = _grow(center, near, covered, size, together)
                covered |= set(block)
                layer.append(block)
                uncovered -= _pairs(block)
        if set(layer) not in map(set, found):
            found.append(layer)
    for number, pair in enumerate(sorted(uncovered) if size > 1 else ()):
        if pair in uncovered:
            block = _grow_pair(pair, near, uncovered, size, together)
            found[number % len(found)].append(block)
            uncovered -= _pairs(block)
    return found


def _pairs(block: tuple[int, ...]) -> set[tuple[int, int]]:
    return {(a, b) for a in block for b in block if a < b}


def _ties(p: Marks, free: set[int]) -> dict[int, dict[int, float]]:
    """Return how strongly each free event is tied to its neighbours."""
    near: dict[int, dict[int, float]] = {event: defaultdict(float) for event in sorted(free)}

    def tie(one: int, two: int, strength: float) -> None:
        if one != two and one in free and two in free:
            near[one][two] += strength
            near[two][one] += strength

    start = p.graph.start
    for fact in np.flatnonzero((p.end >= 0) & start.tied).tolist():
        givens = [e for e in start.givens(fact) if start.fact[e] != start.fact[fact]]
        for index, one in enumerate(givens):
            tie(one, fact, GATE)
            for two in givens[:index] if len(givens) <= MOST_PARENTS else ():
                tie(one, two, SHARED_CHILD)
    for child in np.flatnonzero(p.end >= 0).tolist():
        links = p.graph.in_link[p.graph.first_in[child] : p.graph.first_in[child + 1]].tolist()
        for link in links:
            gate = p.graph.link_kind[link] in (REQUIRES, PREVENTS)
            tie(int(p.graph.link_parent[link]), child, GATE if gate else INFLUENCE)
        parents = sorted({int(p.graph.link_parent[link]) for link in links})
        if len(parents) <= MOST_PARENTS:
            for index, one in enumerate(parents):
                for two in parents[:index]:
                    tie(one, two, SHARED_CHILD)
    return near


def _grow(
    center: int,
    near: dict[int, dict[int, float]],
    covered: set[int],
    size: int,
    together: dict[int, list[int]],
) -> tuple[int, ...]:
    """Return a block around an event: its nearest events, those not yet covered first.

    An event that is covered already joins only while the block is less than half full, so
    that blocks overlap where they would otherwise be torn from their neighbours. The values of a
    fact join `together`.
    """
    block = [*together[center]]
    pull = {event: tie for one in block for event, tie in near[one].items() if event not in block}
    while len(block) < size:
        fresh = {event: tie for event, tie in pull.items() if event not in covered}
        if not fresh and 2 * len(block) >= size:
            break
        among = fresh or pull
        if not among:
            break
        best = max(among, key=lambda event: (among[event], -event))
        joins = together[best]
        for event in joins:
            pull.pop(event, None)
        if len(block) + len(joins) > size:
            continue
        block += joins
        for one in joins:
            for event, tie in near[one].items():
                if event not in block:
                    pull[event] = pull.get(event, 0.0) + tie
    return tuple(sorted(block))


def _grow_pair(
    pair: tuple[int, int],
    near: dict[int, dict[int, float]],
    uncovered: set[tuple[int, int]],
    size: int,
    together: dict[int, list[int]],
) -> tuple[int, ...]:
    """Return a block that holds a linked pair, and further links that no block holds yet."""
    block = [*dict.fromkeys(one for event in pair for one in together[event])]
    for event in pair:
        for other in sorted(near[event]):
            if len(block) >= size:
                return tuple(sorted(block))
            if other not in block and (min(event, other), max(event, other)) in uncovered:
                joins = together[other]
                block += joins if len(block) + len(joins) <= size else []
    return tuple(sorted(block))


def wire(p: Marks, layers: Iterable[Sequence[tuple[int, ...]]]) -> Blocks:
    """Return layers of blocks as arrays."""
    rows: dict[str, list[Any]] = {name: [] for name in Blocks._fields}
    for name in Blocks._fields:
        if name.startswith("first_") and name != "first_joint":
            rows[name].append(0)
    for layer in layers:
        alone = [b for b in layer if len(b) == 1 and p.graph.kind[b[0]] != STATE]
        for block in (*alone, *(b for b in layer if len(b) > 1 or p.graph.kind[b[0]] == STATE)):
            _wire(p, block, rows)
        rows["first_joint"].append(int(rows["first_block"][-1]) + len(alone))
        rows["first_block"].append(len(rows["size"]))
    arrays: dict[str, Any] = {
        name: np.array(values, dtype=np.float64 if name == "mark_time" else np.int64)
        for name, values in rows.items()
    }
    return Blocks(**arrays)


def _wire(p: Marks, members: tuple[int, ...], rows: dict[str, list[Any]]) -> None:
    finish = max(float(p.end[event]) for event in members)
    into = {
        event: p.graph.in_link[p.graph.first_in[event] : p.graph.first_in[event + 1]].tolist()
        for event in members
    }
    children = {
        int(p.graph.link_child[link])
        for event in members
        for link in p.graph.out_link[
            p.graph.first_out[event] : p.graph.first_out[event + 1]
        ].tolist()
    }
    outside = sorted(
        child
        for child in children - set(members)
        if p.end[child] >= 0
        and not (p.graph.kind[child] == ONSET and p.graph.initially[child] == 1)
    )
    watched = [*members, *outside]
    for event in outside:
        into[event] = p.graph.in_link[
            p.graph.first_in[event] : p.graph.first_in[event + 1]
        ].tolist()
    parents = {int(p.graph.link_parent[link]) for event in watched for link in into[event]}
    slots = [*watched, *sorted(parents - set(watched))]
    slot_of = {event: slot for slot, event in enumerate(slots)}
    touched: dict[int, set[int]] = defaultdict(set)
    for slot, event in enumerate(watched):
        if slot >= len(members):
            touched[slot].add(slot)
        for link in into[event]:
            parent = slot_of[int(p.graph.link_parent[link])]
            if parent < len(members):
                rows["inner_link"].append(link)
                rows["inner_bit"].append(parent)
            else:
                rows["outer_link"].append(link)
                rows["outer_slot"].append(parent)
                touched[parent].add(slot)
        rows["first_inner"].append(len(rows["inner_link"]))
        rows["first_outer"].append(len(rows["outer_link"]))
    for slot in range(len(slots)):
        rows["touched"].extend(sorted(touched[slot]))
        rows["first_touched"].append(len(rows["touched"]))
    for _ in slots[len(watched) :]:
        rows["first_inner"].append(len(rows["inner_link"]))
        rows["first_outer"].append(len(rows["outer_link"]))
    marks = sorted(
        (float(p.mark_time[mark]), slot, mark)
        for slot, event in enumerate(watched)
        for mark in range(int(p.first_mark[event]), int(p.first_mark[event + 1]))
        if p.mark_time[mark] <= finish and (slot < len(members) or _alters(p, event, mark))
    )
    for time, slot, mark in marks:
        rows["mark_time"].append(time)
        rows["mark_slot"].append(slot)
        rows["mark"].append(mark)
    rows["first_mark"].append(len(rows["mark"]))
    rows["slot_event"].extend(slots)
    rows["first_slot"].append(len(rows["slot_event"]))
    rows["size"].append(len(members))
    rows["hazards"].append(len(watched))


def _alters(p: Marks, event: int, mark: int) -> bool:
    """Return whether the on-rate of an outsider changes at a mark of its own."""
    if mark == p.first_mark[event]:
        return False
    return bool(
        p.mark_weight[mark] != p.mark_weight[mark - 1]
        or (p.mark_known[mark] == OVER) != (p.mark_known[mark - 1] == OVER)
    )


IMPOSSIBLE = 1e-300  # stands in for a chance of 0 over a window


class Around(NamedTuple):
    """Working space for one block, and how closed a gate is."""

    closed: float  # what a closed gate multiplies a rate with: 0, but in search of a first path

    time: Floats  # (moment,)
    slot: Ints  # (moment,)
    mark: Ints  # (moment,) or NOTHING: an outsider's jump
    share: Floats  # (moment,) of a single event: chance that it is on at a moment only just
    fall: Floats  # (moment,) how its density falls before that
    jump_time: Floats  # (jump,)
    jump_slot: Ints  # (jump,)
    state: Ints  # (slot,) of outsiders, as time goes by
    now: Ints  # (slot,) the last mark passed
    scale: Floats  # (slot,)
    rate: Floats  # (slot,)


@folded
def _space(closed: float, moments: int, jumps: int, slots: int) -> Around:
    return Around(
        closed,
        np.empty(moments),
        np.empty(moments, dtype=np.int64),
        np.empty(moments, dtype=np.int64),
        np.empty(moments),
        np.empty(moments),
        np.empty(jumps),
        np.empty(jumps, dtype=np.int64),
        np.empty(slots, dtype=np.int64),
        np.empty(slots, dtype=np.int64),
        np.empty(slots),
        np.empty(slots),
    )


@folded
def new_around(closed: float) -> Around:
    """Return working space, to be made `large_enough`."""
    around: Around = _space(closed, 0, 0, 0)
    return around


@folded
def large_enough(w: Blocks, block: int, paths: Paths, around: Around) -> Around:
    """Return working space that is large enough for a block."""
    slots = w.first_slot[block + 1] - w.first_slot[block]
    jumps = 0
    for i in range(w.first_slot[block] + w.size[block], w.first_slot[block + 1]):
        jumps += paths.jumps[w.slot_event[i]]
    moments = jumps + w.first_mark[block + 1] - w.first_mark[block]
    if moments <= len(around.time) and jumps <= len(around.jump_time) and slots <= len(around.now):
        return around
    larger: Around = _space(
        around.closed,
        max(2 * moments, len(around.time)),
        max(2 * jumps, len(around.jump_time)),
        max(2 * slots, len(around.now)),
    )
    return larger


@bare
def finish_of(p: Marks, w: Blocks, block: int) -> float:
    """Return the time up to which a block's paths matter."""
    finish = 0.0
    for i in range(w.first_slot[block], w.first_slot[block] + w.size[block]):
        finish = max(finish, p.end[w.slot_event[i]])
    return float(finish)


@bare
def look_around(
    p: Marks, w: Blocks, block: int, paths: Paths, finish: float, around: Around
) -> int:
    """Fill in the moments that a block sees, and how the outsiders start; return their number."""
    base, size = w.first_slot[block], w.size[block]
    n = 0
    for slot in range(w.first_slot[block + 1] - base):
        event = w.slot_event[base + slot]
        around.now[slot] = p.first_mark[event]
        around.state[slot] = 0
        if slot < size:
            continue
        around.state[slot] = paths.initial[event]
        start, end = paths.first[event], min(finish, p.end[event])
        for i in range(start, start + paths.jumps[event]):
            if paths.time[i] < end:
                around.jump_time[n] = paths.time[i]
                around.jump_slot[n] = slot
                n += 1
    shell_sort(around.jump_time, around.jump_slot, n)
    first, marks = w.first_mark[block], w.first_mark[block + 1] - w.first_mark[block]
    i = j = 0
    while i < n or j < marks:
        k = i + j
        if i == n or (j < marks and w.mark_time[first + j] <= around.jump_time[i]):
            around.time[k] = w.mark_time[first + j]
            around.slot[k] = w.mark_slot[first + j]
            around.mark[k] = w.mark[first + j]
            j += 1
        else:
            around.time[k], around.slot[k] = around.jump_time[i], around.jump_slot[i]
            around.mark[k] = NOTHING
            i += 1
    return int(n + marks)


@bare
def silence_rate(p: Marks, theta: Parameters, item: int, state: int) -> float:
    """Return the rate at which what an item says would be belied while its event is in a state."""
    chance = np.log(max(theta.factors[item, state], IMPOSSIBLE))
    return -float(chance * p.item_weight[item])


@bare
def set_hazard(
    p: Marks, w: Blocks, theta: Parameters, block: int, slot: int, around: Around
) -> None:
    """Set `scale` and `rate` of one hazard, from the calendar and the outsiders' states."""
    row = w.first_slot[block] + slot
    event, mark = w.slot_event[row], around.now[slot]
    started = slot >= w.size[block] and around.state[slot] == 1
    if p.mark_known[mark] == OVER or started:
        around.scale[slot] = 0.0
        return
    scale, rate = max(p.mark_weight[mark], around.closed), theta.base_rate[event]
    for i in range(w.first_outer[row], w.first_outer[row + 1]):
        link, parent = w.outer_link[i], around.state[w.outer_slot[i]]
        kind = p.graph.link_kind[link]
        rate, scale = take_in(kind, parent, theta.effect, link, around.closed, rate, scale)
    around.scale[slot], around.rate[slot] = scale, rate
