"""How much of the processor a test may take for what has to be done in time."""

import time

ADDS = 0.10
"""Seconds in which the processor for which limits are set adds three million numbers: one that
takes 0.155 takes 1.57 times as long for nights of the small workspace as
`benchmarks/nights-small.csv` has of it."""


def slowness() -> float:
    """Return how many times as long as `ADDS` this processor takes, 1 at the least."""
    begin, total = time.process_time(), 0
    for number in range(3_000_000):
        total += number
    return max(1.0, (time.process_time() - begin) / ADDS)


def in_time(took: float, limit: float) -> bool:
    """Return whether so many processor seconds keep a limit, as slow as this processor is."""
    return took < limit or took < limit * slowness()
