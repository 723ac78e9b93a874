"""How much of the processor a test may take for what has to be done in time."""

import time
from collections.abc import Callable

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


def in_time(took: float, limit: float, again: Callable[[], float] | None = None) -> bool:
    """Return whether so many processor seconds keep a limit, as slow as this processor is.

    How slow it is changes from second to second where others share it: what took too long may be
    done `again`, which returns the seconds that it took then.
    """
    if took < limit or took < limit * slowness():
        return True
    return again is not None and any(in_time(again(), limit) for _ in range(2))
