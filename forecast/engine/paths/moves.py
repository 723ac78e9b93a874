"""Moves: which standard normals are redrawn together, and what follows from them.

Given the paths the likelihood is a product over events and items. Numbers that bear on one event
alone are redrawn together; every other number by itself. A number of a source type bears on all
items of the sources that are pooled around it. It is redrawn alone, and once more together with
its sources' own numbers, so that neither holds the other fast.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from forecast.engine.channels import EFFECT, POOLED, Channels
from forecast.engine.paths.problem import Problem
from forecast.engine.structure import Ints

__all__ = ["Moves", "build_moves"]


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
    first_term: Ints  # (move + 1,)
    term: Ints  # items of both kinds: terms of the likelihood
    first_event: Ints  # (move + 1,)
    event: Ints  # events that are terms of the likelihood


class _Reach(NamedTuple):
    values: set[int]
    items: set[int]
    events: set[int]


def build_moves(p: Problem, c: Channels, dimensions: int) -> Moves:
    """Return the moves of a problem's parameters.

    Parameters
    ----------
    p
        The problem.
    c
        How its parameters follow from standard normals.
    dimensions
        How many of these there are.
    """
    reach = [_Reach(set(), set(), set()) for _ in range(dimensions)]
    for v in range(len(c.form)):
        if c.normal[v] >= 0:
            _follow(p, c, v, reach[c.normal[v]])
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


def _follow(p: Problem, c: Channels, v: int, reach: _Reach) -> None:
    """Add a value, and all that hangs on it, to what a standard normal bears on."""
    reach.values.add(v)
    for i in range(c.first_use[v], c.first_use[v + 1]):
        at = int(c.use_at[i])
        event = int(p.link_child[at]) if c.use_field[i] == EFFECT else at
        if p.end[event] >= 0:
            reach.events.add(event)
    items = np.flatnonzero((c.item_hit == v) | (c.item_false == v)).tolist()
    for statement in range(len(c.origin_hit)):
        members = set(c.member[c.first_member[statement] : c.first_member[statement + 1]].tolist())
        if v in {c.origin_hit[statement], c.origin_false[statement]} or members & set(items):
            items += members
    reach.items.update(items)
    for child in np.flatnonzero(((c.form == POOLED) & (c.around == v)) | (c.over == v)).tolist():
        _follow(p, c, child, reach)


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
        columns = (group, values, items - members, told, items, events)
        for name, column in zip(Moves._fields[1::2], columns, strict=True):
            rows[name].extend(sorted(column) if name != "value" else column)
            rows["first_" + name].append(len(rows[name]))
    return Moves(**{name: np.array(row, dtype=np.int64) for name, row in rows.items()})
