"""How long a call takes at best."""

import time
from collections.abc import Callable

__all__ = ["least"]


def least(work: Callable[[], object], runs: int = 5, *, per: int = 1) -> float:
    """Return the least processor seconds of a call, after one that compiles."""
    work()
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times) / per
