"""One course of all events, drawn jump by jump from the oracle's own generator."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from tests.reference.oracle import Oracle

__all__ = ["World", "draw_world"]


@dataclass(frozen=True)
class World:
    """What was on from when on: a joint state from each of these times."""

    times: list[float]
    states: list[dict[str, bool]]

    def on(self, event: str, time: float) -> bool:
        """Whether an event is on at a time."""
        return self.states[bisect_right(self.times, time) - 1][event]

    def changes(self, event: str) -> list[tuple[float, bool]]:
        """When an event changed, and to what."""
        rows = zip(self.times[1:], pairwise(self.states), strict=True)
        return [(t, new[event]) for t, (old, new) in rows if old[event] != new[event]]

    def time_on(self, event: str, first: float, last: float) -> float:
        """How long an event was on within a window, in years."""
        edges = [first, *(t for t in self.times if first < t < last), last]
        return sum(b - a for a, b in pairwise(edges) if self.on(event, a))

    def after(self, event: str, first: float, length: float) -> float:
        """When an event has been on for so long since a time."""
        edges = [first, *(t for t in self.times if t > first), np.inf]
        for a, b in pairwise(edges):
            if self.on(event, a):
                if length < b - a:
                    return float(a + length)
                length -= b - a
        return float(np.inf)


def draw_world(oracle: "Oracle", until: float, rng: np.random.Generator) -> World:
    """Draw a course of events, with nothing seen and nothing said."""
    start = oracle.start()
    state = int(rng.choice(len(start), p=start / start.sum()))
    on = {name: oracle.on(name) for name in oracle.names}

    def named(number: int) -> dict[str, bool]:
        return {name: bool(flags[number]) for name, flags in on.items()}

    def through(maps: list[csr_array], number: int) -> int:
        for happens in maps:
            column = happens[:, [number]].tocoo()
            number = int(rng.choice(column.coords[0], p=column.data / column.data.sum()))
        return number

    times, states = [0.0], [named(state)]
    for begin, end in pairwise(oracle.cuts([until])):
        ways, time = oracle.jumps(begin, end), begin
        decided, late = through(oracle.maps(begin), state), oracle.late(begin, end)
        if decided != state:
            state = decided
            times.append(begin)
            states.append(named(state))
        while True:
            rates = np.array([rate[state] for rate, _, _ in ways])
            total = rates.sum() if len(rates) else 0.0
            time += rng.exponential(1 / total) if total > 0 else np.inf
            if time >= end:
                break
            state = int(ways[int(rng.choice(len(rates), p=rates / total))][1][state])
            state = through(late, state)
            times.append(time)
            states.append(named(state))
    return World(times, states)
