"""How many threads this process may work in."""

import os

__all__ = ["limit_threads", "threads"]

_most: int | None = None


def threads() -> int:
    """Return how many threads to work in: one a core that this process may use, or fewer.

    Python takes the number of cores from ``PYTHON_CPU_COUNT`` where that is set.
    """
    cores = os.process_cpu_count() or 1
    return cores if _most is None else min(cores, _most)


def limit_threads(most: int) -> None:
    """Set the most threads of this process: where others work beside it, more are in their way."""
    global _most  # noqa: PLW0603  a process has one share of the machine
    _most = max(most, 1)
