"""Which events can be integrated out along courses of the others, from the cut-off on."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from forecast.engine._problem import ONSET, Ints, Record, Structure


class Stands(Protocol):
    """A network and its record as of a cut-off: `forecast.model._lower.Lowered`, as far as read."""

    @property
    def structure(self) -> Structure:
        """The network."""

    @property
    def record(self) -> Record:
        """What is known and said."""

    @property
    def now(self) -> float:
        """The cut-off, in years from the start."""


def ancestors(lowered: Stands, events: Iterable[int]) -> set[int]:
    """Return events and all that act on them, over any number of links."""
    found, queue = set(events), list(events)
    while queue:
        for parent in _parents(lowered, queue.pop()):
            if parent not in found:
                found.add(parent)
                queue.append(parent)
    return found


def _parents(lowered: Stands, event: int) -> set[int]:
    structure = lowered.structure
    return set(structure.link_parent[structure.link_child == event].tolist())


def on_cycle(lowered: Stands, event: int) -> bool:
    """Return whether an event acts on itself over others."""
    return event in ancestors(lowered, _parents(lowered, event))


def told_ahead(lowered: Stands) -> set[int]:
    """Return the events that what is told of the future bears on, directly or not."""
    after = lowered.record.item_time > lowered.now
    return ancestors(lowered, set(lowered.record.item_event[after].tolist()))


def is_integrated(lowered: Stands, event: int) -> bool:
    """Return whether an event can be integrated out along the paths of its ancestors."""
    return (
        lowered.structure.kind[event] == ONSET
        and event not in told_ahead(lowered)
        and not on_cycle(lowered, event)
    )


def aims_of(lowered: Stands, events: Sequence[int]) -> tuple[Ints, Ints]:
    """Return events as targets for the kernels, and which are integrated out along courses."""
    integrated = [int(is_integrated(lowered, event)) for event in events]
    return np.array(events, dtype=np.int64), np.array(integrated, dtype=np.int64)
