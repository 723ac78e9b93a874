"""The path sampler: events' paths drawn given parameters and all evidence.

A first set of paths has to agree with what is known, with the gates and with the calendar. Each
event's own knowledge is met by construction, and so is what it requires as far as plain ladders go.
Other gates and the calendar are then met by the sampler itself: closed gates let a small rate
through, which shrinks until no path needs it.
"""

from dataclasses import dataclass

import numpy as np

from forecast.engine._course import Paths, from_lists, to_lists
from forecast.engine._problem import FACT, ONSET, REQUIRES, Ints, Parameters, Record, Structure
from forecast.engine._rate import SHUT
from forecast.engine._start import row_of
from forecast.engine.paths._blocks import Blocks, blocks, wire
from forecast.engine.paths._likelihood import Stats, path_statistics
from forecast.engine.paths._marks import (
    FALLS,
    FREE,
    GIVEN,
    NOTHING,
    RISES,
    ImpossibleRecord,
    Marks,
    marks_of,
)
from forecast.engine.paths._sweep import AT_RANDOM, sweep_layer
from forecast.errors import Fault, InputError

SIZE, LAYERS = 5, 4
MOST_VALUES = 12  # of a fact: they are redrawn together


CLOSED = (1e-2, 1e-4, 1e-6, 1e-8)  # what a closed gate lets through, sweep by sweep, then over
SWEEPS = 400
SHARE = (0.8, 1.0)  # of an even step down a ladder
JUMPS = 2.0  # that an event makes, on average, in a path on trial


@dataclass(frozen=True)
class PathSampler:
    """Draws paths given parameters; holds nothing that changes.

    Parameters
    ----------
    marks
        The structure and the record.
    blocks
        Which events are redrawn together.
    """

    marks: Marks
    blocks: Blocks

    def initial(self, theta: Parameters, seed: int) -> Paths:
        """Return paths of positive probability, from which to start.

        Raises
        ------
        ImpossibleRecord
            If what is known contradicts itself, or if no such paths are found in some hundred
            sweeps: the gates and the calendar then leave none, as far as can be seen.
        """
        rng = np.random.default_rng(seed)
        return _mended(self.marks, self.blocks, theta, _own_paths(self.marks, theta, rng), rng)

    def repaired(self, theta: Parameters, paths: Paths, seed: int) -> Paths:
        """Return paths of positive probability from such as were so on another record.

        Raises
        ------
        ImpossibleRecord
            As `initial`.
        """
        rng = np.random.default_rng(seed)
        broken = np.flatnonzero(path_statistics(self.marks, paths).broken)
        if len(broken):
            mine, own = to_lists(paths), _own_paths(self.marks, theta, rng)
            initial, theirs = paths.initial.copy(), to_lists(own)
            for event in broken.tolist():
                initial[event], mine[event] = own.initial[event], theirs[event]
            paths = from_lists(self.marks.graph.kind, initial, mine)
        return _mended(self.marks, self.blocks, theta, paths, rng)

    def sweep(self, theta: Parameters, paths: Paths, seed: int) -> Paths:
        """Return the paths after every uncertain event is redrawn at least once, in blocks.

        What `paths` hold beyond the ends of their events is not read.

        Raises
        ------
        ImpossibleRecord
            If the paths of some block are impossible given `theta` and the other paths.
        """
        if len(self.blocks.size) == 0:
            return paths
        paths, stuck = sweep_layer(self.marks, self.blocks, theta, paths, AT_RANDOM, seed, SHUT)
        if stuck != NOTHING:
            raise ImpossibleRecord(self.members(stuck))
        return paths

    def members(self, block: int) -> list[int]:
        """Return the events of a block."""
        first = self.blocks.first_slot[block]
        found: list[int] = self.blocks.slot_event[first : first + self.blocks.size[block]].tolist()
        return found

    def statistics(self, paths: Paths) -> Stats:
        """Return what the likelihood needs of paths."""
        stats: Stats = path_statistics(self.marks, paths)
        return stats


def make_sampler(
    structure: Structure, record: Record, size: int = SIZE, layers: int = LAYERS
) -> PathSampler:
    """Return the path sampler of a network and its record.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    size
        Most events that are redrawn together; the work for a block doubles with each.
    layers
        How many ways of cutting the network into blocks sweeps choose from.

    Raises
    ------
    ImpossibleRecord
        If two things known of one event contradict each other.
    """
    marks = marks_of(structure, record)
    _refuse_many_values(structure, marks)
    return PathSampler(marks, wire(marks, blocks(marks, size, layers)))


def _refuse_many_values(structure: Structure, marks: Marks) -> None:
    """Refuse facts of more values than can be redrawn together."""
    start = structure.start
    if start is None:
        return
    most = int(np.bincount(start.fact[marks.end >= 0], minlength=1).max())
    if most > MOST_VALUES:
        raise InputError(
            Fault(
                f"a fact of {most} values is beyond the path sampler, which takes {MOST_VALUES}",
                "Put the rarest values into one, or leave out what ties so many events together "
                "that the exact filter does not reach.",
                field="method",
            )
        )


def _mended(
    p: Marks, w: Blocks, theta: Parameters, paths: Paths, rng: np.random.Generator
) -> Paths:
    """Return paths with a positive probability: of `theta`, only where it is 0 or 1 matters."""
    trial = _on_trial(p, theta)
    zero = theta.factors <= 0.0
    for number in range(SWEEPS):
        stats = path_statistics(p, paths)
        broken = np.flatnonzero(stats.broken).tolist()
        belied = (zero[:, 1] & (stats.item_on > 0)) | (zero[:, 0] & (stats.item_on < 1))
        broken += p.item_event[belied].tolist()
        chance = theta.initial[stats.start]
        broken += np.flatnonzero((stats.initially == 1) & (chance <= 0)).tolist()
        broken += np.flatnonzero((stats.initially == 0) & (chance >= 1)).tolist()
        if not broken:
            return paths
        closed = CLOSED[number % len(CLOSED)]
        soft = trial._replace(
            factors=np.where(zero, closed, 1.0), initial=np.clip(theta.initial, closed, 1 - closed)
        )
        layer = number % (len(w.first_block) - 1)
        paths, _ = sweep_layer(p, w, soft, paths, layer, int(rng.integers(2**31)), closed)
    raise ImpossibleRecord(sorted(set(broken)))


def _on_trial(p: Marks, theta: Parameters) -> Parameters:
    """Return parameters under which every event jumps now and then."""
    rate = np.full(len(p.graph.kind), JUMPS) / max(float(p.end.max(initial=0.0)), 1e-9)
    return Parameters(rate, rate, theta.initial, np.ones(len(p.graph.link_kind)), theta.factors)


def _own_paths(p: Marks, theta: Parameters, rng: np.random.Generator) -> Paths:
    """Return paths that agree with what is known of each event by itself."""
    initial = np.maximum(p.graph.initially, 0)
    jumps: list[list[float]] = [[] for _ in p.graph.kind]
    start, tied = p.graph.start, p.graph.start.tied
    for event in start.order[p.end[start.order] >= 0].tolist():
        a, b = int(p.first_mark[event]), int(p.first_mark[event + 1])
        must = p.mark_must[a:b]
        if p.graph.initially[event] < 0:
            sure = must[must != FREE]
            if len(sure) > 0:
                initial[event] = sure[0]
            elif not tied[event]:
                initial[event] = rng.integers(2)
            else:
                row = row_of(start, event, initial)
                there = row < start.rows[event]
                initial[event] = there and rng.random() < theta.initial[start.first[event] + row]
        if p.mark_known[a] == GIVEN:
            jumps[event] = p.mark_time[a + 1 : b].tolist()
            continue
        x, since = int(initial[event]), a
        for mark in range(a, b):
            if p.mark_must[mark] in (FREE, x):
                if p.mark_must[mark] == x:
                    since = mark
                continue
            jumps[event].append(_jump_between(p, event, since, mark, x, rng))
            x, since = 1 - x, mark
    _climb(p, initial, jumps, rng)
    return from_lists(p.graph.kind, initial, jumps)


def _climb(p: Marks, initial: Ints, jumps: list[list[float]], rng: np.random.Generator) -> None:
    """Let facts and onsets of which nothing else is known be on in time for what requires them."""
    starts = [(e, times[0]) for e, times in enumerate(jumps) if times and initial[e] == 0]
    while starts:
        event, time = starts.pop()
        for parent in _required(p, event):
            if p.graph.kind[parent] == FACT and p.graph.initially[parent] < 0:
                initial[parent] |= p.mark_must[p.first_mark[parent]] == FREE
            elif p.graph.kind[parent] == ONSET and initial[parent] == 0 and not jumps[parent]:
                since, below = _earliest(p, parent, jumps, set())
                if since < time:
                    share = rng.uniform(*SHARE) / (below + 1)
                    jumps[parent] = [time - (time - since) * share]
                    starts.append((parent, jumps[parent][0]))


def _required(p: Marks, event: int) -> list[int]:
    """Return the parents that an event requires."""
    links = p.graph.in_link[p.graph.first_in[event] : p.graph.first_in[event + 1]]
    return [
        int(parent) for parent in p.graph.link_parent[links[p.graph.link_kind[links] == REQUIRES]]
    ]


def _earliest(p: Marks, event: int, jumps: list[list[float]], seen: set[int]) -> tuple[float, int]:
    """Return when an onset can start at the earliest, and how many required ones go before it."""
    if jumps[event]:
        return jumps[event][0], 0
    a, b = int(p.first_mark[event]), int(p.first_mark[event + 1])
    since = max((float(p.mark_time[m]) for m in range(a, b) if p.mark_must[m] == 0), default=0.0)
    below = 0
    for parent in _required(p, event):
        if p.graph.kind[parent] == ONSET and p.graph.initially[parent] != 1 and parent not in seen:
            earliest, number = _earliest(p, parent, jumps, seen | {event})
            since, below = max(since, earliest), max(below, number)
    return since, below + 1


def _jump_between(
    p: Marks, event: int, since: int, mark: int, x: int, rng: np.random.Generator
) -> float:
    """Return a time between two marks at which an event may leave state `x`."""
    kind = p.graph.kind[event]
    ways = (FREE, FALLS if x == 1 else RISES)
    free = [m for m in range(since, mark) if p.mark_known[m] in ways]
    if kind == FACT or (kind == ONSET and x == 1) or not free:
        raise ImpossibleRecord([event])
    if x == 0:
        free = [m for m in free if p.mark_weight[m] > 0]
    if not free:
        raise ImpossibleRecord([event])
    m = free[rng.integers(len(free))]
    return float(rng.uniform(p.mark_time[m], p.mark_time[m + 1]))
