"""What becomes certain at a cut: states found out there, and starts that nothing had allowed."""

import numpy as np

from forecast.engine.relevance import Slices
from forecast.engine.structure import Record

__all__ = ["jumps_through_a_gate", "learned"]


def jumps_through_a_gate(record: Record, sliced: Slices, k: int) -> bool:
    """Return whether an event is on for sure at cut k that had no chance to start before it."""
    if k == 0:
        return False
    cut, before = sliced.cuts[k], sliced.cuts[k - 1]
    off = {int(event) for event in np.flatnonzero(sliced.status[k - 1] == 0)}
    told = (record.known_from <= before) & (record.known_to >= cut)
    off -= {int(event) for event in record.known_event[told]}
    on = (record.known_from <= cut) & (record.known_to >= cut) & (record.known_value == 1)
    on &= record.found
    return not off.isdisjoint(record.known_event[on].tolist())


def learned(record: Record, cut: float, live: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the live events that are known at a cut, with their value."""
    there = (record.known_from <= cut) & (record.known_to >= cut)
    spans = np.flatnonzero(there & record.found)
    pairs = [(int(record.known_event[i]), int(record.known_value[i])) for i in spans]
    return [(event, value) for event, value in pairs if event in live]
