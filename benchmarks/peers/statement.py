"""One model and its evidence as plain arrays: all that a peer is told.

State it is about: ``live`` events, onsets all, that are unknown at some time and matter for the
evidence or for what is asked; ``watched`` events, known to be off while a live event bears on them,
which tells of that event. Every number follows from standard normals by `Statement.form`.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CAUSES",
    "EXP",
    "EXPIT",
    "FIXED",
    "MULTIPLIES",
    "POOLED",
    "PREVENTS",
    "REQUIRES",
    "TABLE",
    "Statement",
    "chances",
    "read",
    "write",
]

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

FIXED, EXP, EXPIT, POOLED, TABLE = 0, 1, 2, 3, 4
CAUSES, MULTIPLIES, REQUIRES, PREVENTS = 0, 1, 2, 3


class Statement(NamedTuple):
    """A model, its evidence, and one question.

    Events 0 to ``live - 1`` are live, those after them watched. Steps are the grid of the filter;
    the question is the chance that event `asked` is on at the end of the last step.
    """

    live: Ints  # () how many events are live
    form: Ints  # (value,) FIXED, EXP, EXPIT, POOLED around another one's log-odds, or TABLE
    centre: Floats  # (value,)
    spread: Floats  # (value,)
    normal: Ints  # (value,) which standard normal, or -1
    origin: Ints  # (normal,) which of eventcast's own standard normals it is
    around: Ints  # (value,) the value it varies around, or its row of `table`
    node: Floats  # (node,)
    table: Floats  # (row, node) logarithm of a value at each node
    base: Ints  # (event,) value
    over: Floats  # (event,) 0, or what the value divides to give the rate
    link_kind: Ints  # (link,)
    link_parent: Ints  # (link,) a live event, or -1: on from `link_from` for sure
    link_child: Ints  # (link,)
    link_effect: Ints  # (link,) value, or -1 for a gate
    step: Floats  # (step,) lengths in years
    weight: Floats  # (event, step) calendar weights; 0 for a watched event that is not watched
    known: Ints  # (live, step) the value that is known throughout a step, or -1
    known_at: Ints  # (live, step + 1) the value that is known as a step begins, or -1
    item_step: Ints  # (item,) the step before which it is weighed
    item_event: Ints  # (item,)
    item_hit: Ints  # (item,) value
    item_false: Ints  # (item,) value, or -1 for a likelihood ratio
    item_on: Ints  # (item,)
    item_credibility: Floats  # (item,)
    item_check: Floats  # (item,)
    item_copied: Floats  # (item,)
    asked: Ints  # () event

    @property
    def dimensions(self) -> int:
        """How many standard normals there are."""
        return int(self.normal.max()) + 1


def write(statement: Statement, file: Path) -> None:
    """Write a statement to a file."""
    np.savez(file, **statement._asdict())


def read(file: Path) -> Statement:
    """Return the statement in a file."""
    with np.load(file) as arrays:
        return Statement(**{name: arrays[name] for name in Statement._fields})


def chances(s: Statement, value: Any) -> tuple[Any, Any]:
    """Return P(item | off) and P(item | on), each (item,); any library's arrays will do.

    Each is (item, draw) where values are (value, draw), and the numbers of items (item, 1).
    """
    w, check = s.item_credibility, s.item_check
    hit, false = value[s.item_hit], value[np.maximum(s.item_false, 0)]
    ratio = (s.item_false < 0).reshape(s.item_on.shape)
    on = ratio * hit / (1 + hit) + ~ratio * (w * hit + (1 - w) / 2)
    off = ratio / (1 + hit) + ~ratio * (w * false + (1 - w) / 2)
    said = [s.item_on * p + (1 - s.item_on) * (1 - p) for p in (off, on)]
    return tuple(check * p + (1 - check) * s.item_copied for p in said)
