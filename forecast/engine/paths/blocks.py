"""Blocks: which events are redrawn together, and what around them their redrawing reads.

A *layer* is a list of blocks that together hold every event whose path is not known; a sweep
goes through one layer. Blocks grow along links, gates first, so that events that can only move
together do; every link lies within a block of some layer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from forecast.engine.paths.problem import OVER, Problem
from forecast.engine.structure import FACT, ONSET, PREVENTS, REQUIRES, STATE, Floats, Ints

__all__ = ["Blocks", "blocks", "uncertain_events", "wire"]

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


def uncertain_events(p: Problem) -> list[int]:
    """Return the events whose path matters and is not known throughout."""
    found = []
    for event in np.flatnonzero(p.end >= 0).tolist():
        a, b = p.first_mark[event], p.first_mark[event + 1]
        sure_start = p.initially[event] >= 0 or p.mark_must[a] >= 0
        if sure_start and (
            p.kind[event] == FACT
            or (p.kind[event] == ONSET and p.initially[event] == 1)
            or np.isin(p.mark_known[a:b], (0, 1, OVER)).all()
        ):
            continue
        found.append(event)
    return found


def blocks(p: Problem, size: int, layers: int) -> list[list[tuple[int, ...]]]:
    """Return layers of blocks of at most `size` events.

    Parameters
    ----------
    p
        The problem.
    size
        Most events a block.
    layers
        How many ways of cutting up the network to return; one is enough where all blocks are
        whole components.
    """
    free = uncertain_events(p)
    near = _ties(p, set(free))
    rng = np.random.default_rng(SEED)
    uncovered = {(a, b) for a in near for b, tie in near[a].items() if a < b and tie >= INFLUENCE}
    found: list[list[tuple[int, ...]]] = []
    for _ in range(layers):
        layer: list[tuple[int, ...]] = []
        covered: set[int] = set()
        for center in rng.permutation(free).tolist():
            if center not in covered:
                block = _grow(center, near, covered, size)
                covered |= set(block)
                layer.append(block)
                uncovered -= _pairs(block)
        if set(layer) not in map(set, found):
            found.append(layer)
    for number, pair in enumerate(sorted(uncovered) if size > 1 else ()):
        if pair in uncovered:
            block = _grow_pair(pair, near, uncovered, size)
            found[number % len(found)].append(block)
            uncovered -= _pairs(block)
    return found


def _pairs(block: tuple[int, ...]) -> set[tuple[int, int]]:
    return {(a, b) for a in block for b in block if a < b}


def _ties(p: Problem, free: set[int]) -> dict[int, dict[int, float]]:
    """Return how strongly each free event is tied to its neighbours."""
    near: dict[int, dict[int, float]] = {event: defaultdict(float) for event in sorted(free)}

    def tie(one: int, two: int, strength: float) -> None:
        if one != two and one in free and two in free:
            near[one][two] += strength
            near[two][one] += strength

    for child in np.flatnonzero(p.end >= 0).tolist():
        links = p.in_link[p.first_in[child] : p.first_in[child + 1]].tolist()
        for link in links:
            gate = p.link_kind[link] in (REQUIRES, PREVENTS)
            tie(int(p.link_parent[link]), child, GATE if gate else INFLUENCE)
        parents = sorted({int(p.link_parent[link]) for link in links})
        if len(parents) <= MOST_PARENTS:
            for index, one in enumerate(parents):
                for two in parents[:index]:
                    tie(one, two, SHARED_CHILD)
    return near


def _grow(
    center: int, near: dict[int, dict[int, float]], covered: set[int], size: int
) -> tuple[int, ...]:
    """Return a block around an event: its nearest events, those not yet covered first.

    An event that is covered already joins only while the block is less than half full, so
    that blocks overlap where they would otherwise be torn from their neighbours.
    """
    block = [center]
    pull = dict(near[center])
    while len(block) < size:
        fresh = {event: tie for event, tie in pull.items() if event not in covered}
        if not fresh and 2 * len(block) >= size:
            break
        among = fresh or pull
        if not among:
            break
        best = max(among, key=lambda event: (among[event], -event))
        block.append(best)
        del pull[best]
        for event, tie in near[best].items():
            if event not in block:
                pull[event] = pull.get(event, 0.0) + tie
    return tuple(sorted(block))


def _grow_pair(
    pair: tuple[int, int],
    near: dict[int, dict[int, float]],
    uncovered: set[tuple[int, int]],
    size: int,
) -> tuple[int, ...]:
    """Return a block that holds a linked pair, and further links that no block holds yet."""
    block = list(pair)
    for event in block[:2]:
        for other in sorted(near[event]):
            if len(block) >= size:
                return tuple(sorted(block))
            if other not in block and (min(event, other), max(event, other)) in uncovered:
                block.append(other)
    return tuple(sorted(block))


def wire(p: Problem, layers: Iterable[Sequence[tuple[int, ...]]]) -> Blocks:
    """Return layers of blocks as arrays."""
    rows: dict[str, list[Any]] = {name: [] for name in Blocks._fields}
    for name in Blocks._fields:
        if name.startswith("first_") and name != "first_joint":
            rows[name].append(0)
    for layer in layers:
        alone = [b for b in layer if len(b) == 1 and p.kind[b[0]] != STATE]
        for block in (*alone, *(b for b in layer if len(b) > 1 or p.kind[b[0]] == STATE)):
            _wire(p, block, rows)
        rows["first_joint"].append(int(rows["first_block"][-1]) + len(alone))
        rows["first_block"].append(len(rows["size"]))
    arrays: dict[str, Any] = {
        name: np.array(values, dtype=np.float64 if name == "mark_time" else np.int64)
        for name, values in rows.items()
    }
    return Blocks(**arrays)


def _wire(p: Problem, members: tuple[int, ...], rows: dict[str, list[Any]]) -> None:
    finish = max(float(p.end[event]) for event in members)
    into = {
        event: p.in_link[p.first_in[event] : p.first_in[event + 1]].tolist() for event in members
    }
    children = {
        int(p.link_child[link])
        for event in members
        for link in p.out_link[p.first_out[event] : p.first_out[event + 1]].tolist()
    }
    outside = sorted(
        child
        for child in children - set(members)
        if p.end[child] >= 0 and not (p.kind[child] == ONSET and p.initially[child] == 1)
    )
    watched = [*members, *outside]
    for event in outside:
        into[event] = p.in_link[p.first_in[event] : p.first_in[event + 1]].tolist()
    parents = {int(p.link_parent[link]) for event in watched for link in into[event]}
    slots = [*watched, *sorted(parents - set(watched))]
    slot_of = {event: slot for slot, event in enumerate(slots)}
    touched: dict[int, set[int]] = defaultdict(set)
    for slot, event in enumerate(watched):
        if slot >= len(members):
            touched[slot].add(slot)
        for link in into[event]:
            parent = slot_of[int(p.link_parent[link])]
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


def _alters(p: Problem, event: int, mark: int) -> bool:
    """Return whether the on-rate of an outsider changes at a mark of its own."""
    if mark == p.first_mark[event]:
        return False
    return bool(
        p.mark_weight[mark] != p.mark_weight[mark - 1]
        or (p.mark_known[mark] == OVER) != (p.mark_known[mark - 1] == OVER)
    )
