"""A chain: paths given parameters and parameters given paths, drawn in turn.

Given the paths the likelihood is a product over events and items. Numbers that bear on one event
alone are redrawn together, in one *move*; every other number by itself. A number of a source type
bears on all items of the sources that are pooled around it. It is redrawn alone, and once more
together with its sources' own numbers, so that neither holds the other fast.

Parameters are functions of standard normals, redrawn move by move by elliptical slice sampling
[1]_: an ellipse through the present point and a fresh draw from the prior is searched for a point
above a level of the likelihood. Given the paths a move changes a few terms of it, so it costs
little, and there is nothing to tune.

References
----------
.. [1] Murray, Adams & MacKay (2010). Elliptical slice sampling. AISTATS.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from forecast.engine._channels import (
    EFFECT,
    OPENS,
    Channels,
    parameters_at,
    set_cells,
    set_crowd,
    set_factors,
    set_statement,
    set_uses,
    set_value,
    values_at,
)
from forecast.engine._course import Paths
from forecast.engine._jit import bare_kernel, entry, kernel
from forecast.engine._lines import POOLED
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine._rate import SHUT
from forecast.engine.paths._blocks import Blocks
from forecast.engine.paths._likelihood import Stats, event_term, item_term, path_statistics
from forecast.engine.paths._marks import NOTHING, Marks
from forecast.engine.paths._sweep import AT_RANDOM, sweep_layer


class Moves(NamedTuple):
    """Moves as arrays for the kernels."""

    first_normal: Ints  # (move + 1,)
    normal: Ints  # standard normals that move
    first_value: Ints  # (move + 1,)
    value: Ints  # natural values that follow, in order
    first_item: Ints  # (move + 1,)
    item: Ints  # items whose factors are set one by one
    first_statement: Ints  # (move + 1,)
    statement: Ints  # hidden claims whose reports' factors are set together
    first_crowd: Ints  # (move + 1,)
    crowd: Ints  # crowds whose opinions' factors are set together
    first_term: Ints  # (move + 1,)
    term: Ints  # items of both kinds: terms of the likelihood
    first_event: Ints  # (move + 1,)
    event: Ints  # events that are terms of the likelihood


class _Reach(NamedTuple):
    values: set[int]
    items: set[int]
    events: set[int]


def build_moves(p: Marks, c: Channels, dimensions: int) -> Moves:
    """Return the moves of so many standard normals, from which parameters follow by the map."""
    reach = _reach(p, c, dimensions)
    together: dict[int, list[int]] = defaultdict(list)
    groups: list[list[int]] = []
    for normal, (_, items, events) in enumerate(reach):
        if len(events) == 1 and not items:
            together[min(events)].append(normal)
        else:
            groups.append([normal])
    groups += together.values()
    groups += _families(c)
    return _arrays(c, groups, reach)


def build_steps(p: Marks, c: Channels, dimensions: int) -> Moves:
    """Return the moves of each standard normal by itself, in order."""
    return _arrays(c, [[normal] for normal in range(dimensions)], _reach(p, c, dimensions))


def _reach(p: Marks, c: Channels, dimensions: int) -> list[_Reach]:
    """Return what each standard normal bears on."""
    reach = [_Reach(set(), set(), set()) for _ in range(dimensions)]
    for v in range(len(c.form)):
        if c.normal[v] >= 0:
            _bears_on(p, c, v, reach[c.normal[v]])
    return reach


def _bears_on(p: Marks, c: Channels, v: int, reach: _Reach) -> None:
    """Add a value, and all that hangs on it, to what a standard normal bears on."""
    reach.values.add(v)
    for i in range(c.first_use[v], c.first_use[v + 1]):
        at = int(c.use_at[i])
        event = int(p.graph.link_child[at]) if c.use_field[i] == EFFECT else at
        if p.end[event] >= 0:
            reach.events.add(event)
    cells = len(p.graph.kind) + c.cell[c.first_cell[v] : c.first_cell[v + 1]]
    reach.events.update(e for e in p.graph.start.owners(cells.tolist()) if p.end[e] >= 0)
    items = np.flatnonzero((c.item_hit == v) | (c.item_false == v)).tolist()
    for statement in range(len(c.origin_hit)):
        members = set(c.member[c.first_member[statement] : c.first_member[statement + 1]].tolist())
        if v in {c.origin_hit[statement], c.origin_false[statement]} or members & set(items):
            items += members
    for crowd in range(len(c.first_own) - 1):
        if v in c.voice[c.first_voice[crowd] : c.first_voice[crowd + 1]]:
            items += c.spoken[c.first_spoken[crowd] : c.first_spoken[crowd + 1]].tolist()
    reach.items.update(items)
    reach.items.update(i - 1 for i in items if i > 0 and c.item_form[i - 1] == OPENS)
    for child in np.flatnonzero(((c.form == POOLED) & (c.around == v)) | (c.over == v)).tolist():
        _bears_on(p, c, child, reach)


def _families(c: Channels) -> list[list[int]]:
    """Return each type's number together with those that its sources have of their own."""
    families: dict[int, list[int]] = defaultdict(list)
    for v in np.flatnonzero((c.form == POOLED) & (c.spread > 0)).tolist():
        families[int(c.normal[c.around[v]])].append(int(c.normal[v]))
    return [[head, *members] for head, members in families.items() if head >= 0]


def _arrays(c: Channels, groups: Iterable[list[int]], reach: list[_Reach]) -> Moves:
    rows: dict[str, list[Any]] = {name: [] for name in Moves._fields}
    for name in Moves._fields[::2]:
        rows[name].append(0)
    for group in groups:
        values = sorted(set().union(*(reach[n].values for n in group)))
        items = set[int]().union(*(reach[n].items for n in group))
        events = set[int]().union(*(reach[n].events for n in group))
        told = [
            s
            for s in range(len(c.origin_hit))
            if items & set(c.member[c.first_member[s] : c.first_member[s + 1]].tolist())
        ]
        members = {
            int(i) for s in told for i in c.member[c.first_member[s] : c.first_member[s + 1]]
        }
        crowds = [
            k
            for k in range(len(c.first_own) - 1)
            if items & set(c.spoken[c.first_spoken[k] : c.first_spoken[k + 1]].tolist())
        ]
        columns = (group, values, items - members, told, crowds, items, events)
        for name, column in zip(Moves._fields[1::2], columns, strict=True):
            rows[name].extend(sorted(column) if name != "value" else column)
            rows["first_" + name].append(len(rows[name]))
    return Moves(**{name: np.array(row, dtype=np.int64) for name, row in rows.items()})


MOST_TRIES = 60  # by then the bracket is narrower than rounding
SEED_RANGE = 2**31 - 1


@bare_kernel
def follow(c: Channels, m: Moves, k: int, z: Floats, values: Floats, theta: Parameters) -> None:
    """Bring up to date what hangs on the numbers of a move."""
    for i in range(m.first_value[k], m.first_value[k + 1]):
        set_value(c, m.value[i], z, values)
        set_uses(c, m.value[i], values, theta)
    for i in range(m.first_value[k], m.first_value[k + 1]):
        set_cells(c, m.value[i], values, theta)
    for i in range(m.first_item[k], m.first_item[k + 1]):
        set_factors(c, m.item[i], values, theta)
    for i in range(m.first_statement[k], m.first_statement[k + 1]):
        set_statement(c, m.statement[i], values, theta)
    for i in range(m.first_crowd[k], m.first_crowd[k + 1]):
        set_crowd(c, m.crowd[i], values, theta.factors)


@bare_kernel
def terms_of(m: Moves, k: int, stats: Stats, theta: Parameters) -> float:
    """Return the part of the log likelihood that a move changes."""
    total = 0.0
    for i in range(m.first_event[k], m.first_event[k + 1]):
        total += event_term(stats, m.event[i], theta)
    for i in range(m.first_term[k], m.first_term[k + 1]):
        total += item_term(stats, m.term[i], theta)
    return float(total)


@bare_kernel
def _move(
    c: Channels,
    m: Moves,
    k: int,
    stats: Stats,
    z: Floats,
    values: Floats,
    theta: Parameters,
    old: Floats,
    other: Floats,
) -> None:
    """Redraw the numbers of one move in place; `old` and `other` have room for as many."""
    first, n = m.first_normal[k], m.first_normal[k + 1] - m.first_normal[k]
    for i in range(n):
        old[i], other[i] = z[m.normal[first + i]], np.random.standard_normal()  # noqa: NPY002
    if m.first_event[k] == m.first_event[k + 1] and m.first_term[k] == m.first_term[k + 1]:
        for i in range(n):
            z[m.normal[first + i]] = other[i]
        follow(c, m, k, z, values, theta)
        return
    level = terms_of(m, k, stats, theta) - np.random.exponential(1.0)  # noqa: NPY002
    angle = np.random.uniform(0.0, 2.0 * np.pi)  # noqa: NPY002
    low, high = angle - 2.0 * np.pi, angle
    for attempt in range(MOST_TRIES + 1):
        if attempt == MOST_TRIES:
            angle = 0.0
        cosine, sine = np.cos(angle), np.sin(angle)
        for i in range(n):
            z[m.normal[first + i]] = old[i] * cosine + other[i] * sine
        follow(c, m, k, z, values, theta)
        if angle == 0.0 or terms_of(m, k, stats, theta) > level:
            return
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = np.random.uniform(low, high)  # noqa: NPY002


@kernel
def move_all(
    c: Channels, m: Moves, stats: Stats, z: Floats, values: Floats, theta: Parameters
) -> None:
    """Redraw all parameters in place, given paths."""
    old, other = np.empty(len(z)), np.empty(len(z))
    for k in range(len(m.first_normal) - 1):
        _move(c, m, k, stats, z, values, theta, old, other)


class Machine(NamedTuple):
    """All that stays fixed while paths and parameters are sampled."""

    marks: Marks
    blocks: Blocks
    channels: Channels
    moves: Moves


@entry
def advance(
    machine: Machine, z: Floats, paths: Paths, rounds: int, seed: int
) -> tuple[Floats, Paths, int]:
    """Return parameters and paths after so many rounds, and a block without a path, or NOTHING.

    A round is a sweep of all paths, followed by a move of every parameter. The standard normals
    `z`, and the paths, of positive probability there, are left as they are.
    """
    p, w, c, m = machine
    z, stuck = z.copy(), NOTHING
    values = values_at(c, z)
    theta = parameters_at(c, values, len(p.graph.kind), len(p.graph.link_kind))
    np.random.seed(seed)  # noqa: NPY002
    for _ in range(rounds):
        if len(w.size) > 0:
            again = np.random.randint(SEED_RANGE)  # noqa: NPY002
            paths, stuck = sweep_layer(p, w, theta, paths, AT_RANDOM, again, SHUT)
            if stuck != NOTHING:
                break
        move_all(c, m, path_statistics(p, paths), z, values, theta)
    return z, paths, stuck
