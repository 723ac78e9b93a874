"""A first set of paths that agrees with what is known, with the gates and with the calendar.

Each event's own knowledge is met by construction, and so is what it requires as far as plain
ladders go. Other gates and the calendar are then met by the sampler itself: closed gates let a
small rate through, which shrinks until no path needs it.
"""

import numpy as np

from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.problem import FALLS, FREE, RISES, ImpossibleRecord, Problem
from forecast.engine.paths.state import Paths, from_lists
from forecast.engine.paths.statistics import path_statistics
from forecast.engine.paths.sweep import sweep_layer
from forecast.engine.structure import FACT, ONSET, REQUIRES, Ints, Parameters

__all__ = ["initial_paths"]

CLOSED = (1e-2, 1e-4, 1e-6, 1e-8)  # what a closed gate lets through, sweep by sweep, then over
SWEEPS = 400
SHARE = (0.8, 1.0)  # of an even step down a ladder
JUMPS = 2.0  # that an event makes, on average, in a path on trial


def initial_paths(p: Problem, w: Blocks, theta: Parameters, seed: int) -> Paths:
    """Return paths with a positive probability.

    Parameters
    ----------
    p, w
        The problem, and its blocks.
    theta
        Only where its values are 0 or 1 matters.
    seed
        Of the search.

    Raises
    ------
    ImpossibleRecord
        If what is known contradicts itself, or if no such paths are found in some hundred
        sweeps: the gates and the calendar then leave none, as far as can be seen.
    """
    rng = np.random.default_rng(seed)
    paths = _own_paths(p, rng)
    trial = _on_trial(p, theta)
    zero = theta.factors <= 0.0
    for number in range(SWEEPS):
        stats = path_statistics(p, paths)
        broken = np.flatnonzero(stats.broken).tolist()
        belied = (zero[:, 1] & (stats.item_on > 0)) | (zero[:, 0] & (stats.item_on < 1))
        broken += p.item_event[belied].tolist()
        broken += np.flatnonzero((stats.initially == 1) & (theta.initial <= 0)).tolist()
        broken += np.flatnonzero((stats.initially == 0) & (theta.initial >= 1)).tolist()
        if not broken:
            return paths
        closed = CLOSED[number % len(CLOSED)]
        soft = trial._replace(
            factors=np.where(zero, closed, 1.0),
            initial=np.clip(theta.initial, closed, 1 - closed),
        )
        layer = number % (len(w.first_block) - 1)
        paths, _ = sweep_layer(p, w, soft, paths, layer, int(rng.integers(2**31)), closed)
    raise ImpossibleRecord(sorted(set(broken)))


def _on_trial(p: Problem, theta: Parameters) -> Parameters:
    """Return parameters under which every event jumps now and then."""
    rate = np.full(len(p.kind), JUMPS) / max(float(p.end.max(initial=0.0)), 1e-9)
    return Parameters(rate, rate, theta.initial, np.ones(len(p.link_kind)), theta.factors)


def _own_paths(p: Problem, rng: np.random.Generator) -> Paths:
    """Return paths that agree with what is known of each event by itself."""
    initial = np.maximum(p.initially, 0)
    jumps: list[list[float]] = [[] for _ in p.kind]
    for event in np.flatnonzero(p.end >= 0).tolist():
        a, b = int(p.first_mark[event]), int(p.first_mark[event + 1])
        must = p.mark_must[a:b]
        if p.initially[event] < 0:
            sure = must[must != FREE]
            initial[event] = sure[0] if len(sure) > 0 else rng.integers(2)
        x, since = int(initial[event]), a
        for mark in range(a, b):
            if p.mark_must[mark] in (FREE, x):
                if p.mark_must[mark] == x:
                    since = mark
                continue
            jumps[event].append(_jump_between(p, event, since, mark, x, rng))
            x, since = 1 - x, mark
    _climb(p, initial, jumps, rng)
    return from_lists(p.kind, initial, jumps)


def _climb(p: Problem, initial: Ints, jumps: list[list[float]], rng: np.random.Generator) -> None:
    """Let facts and onsets of which nothing else is known be on in time for what requires them."""
    starts = [(e, times[0]) for e, times in enumerate(jumps) if times and initial[e] == 0]
    while starts:
        event, time = starts.pop()
        for parent in _required(p, event):
            if p.kind[parent] == FACT and p.initially[parent] < 0:
                initial[parent] |= p.mark_must[p.first_mark[parent]] == FREE
            elif p.kind[parent] == ONSET and initial[parent] == 0 and not jumps[parent]:
                since, below = _earliest(p, parent, jumps, set())
                if since < time:
                    share = rng.uniform(*SHARE) / (below + 1)
                    jumps[parent] = [time - (time - since) * share]
                    starts.append((parent, jumps[parent][0]))


def _required(p: Problem, event: int) -> list[int]:
    """Return the parents that an event requires."""
    links = p.in_link[p.first_in[event] : p.first_in[event + 1]]
    return [int(parent) for parent in p.link_parent[links[p.link_kind[links] == REQUIRES]]]


def _earliest(
    p: Problem, event: int, jumps: list[list[float]], seen: set[int]
) -> tuple[float, int]:
    """Return when an onset can start at the earliest, and how many required ones go before it."""
    if jumps[event]:
        return jumps[event][0], 0
    a, b = int(p.first_mark[event]), int(p.first_mark[event + 1])
    since = max((float(p.mark_time[m]) for m in range(a, b) if p.mark_must[m] == 0), default=0.0)
    below = 0
    for parent in _required(p, event):
        if p.kind[parent] == ONSET and p.initially[parent] != 1 and parent not in seen:
            earliest, number = _earliest(p, parent, jumps, seen | {event})
            since, below = max(since, earliest), max(below, number)
    return since, below + 1


def _jump_between(
    p: Problem, event: int, since: int, mark: int, x: int, rng: np.random.Generator
) -> float:
    """Return a time between two marks at which an event may leave state `x`."""
    kind = p.kind[event]
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
