"""How many threads this process may use."""

import os
import sys

from forecast.errors import InputError

ASKED = "PYTHON_CPU_COUNT"

_most: int | None = None


def cores() -> int:
    """Return how many cores this process may use.

    ``PYTHON_CPU_COUNT`` overrides it: read by Python itself from 3.13 on, and here before.

    Raises
    ------
    InputError
        If ``PYTHON_CPU_COUNT`` is neither a whole number from 1 on nor ``default``.
    """
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return _counted() or 1


def _counted() -> int | None:
    """Return what `os.process_cpu_count` does, which Python has from 3.13 on."""
    asked = os.environ.get(ASKED, "")
    if asked not in {"", "default"}:
        if not (asked.isascii() and asked.isdigit() and int(asked) > 0):
            msg = (
                f"{ASKED} must be a whole number from 1 on, such as 4, or 'default' (got '{asked}')"
            )
            raise InputError(msg)
        return int(asked)
    allowed = getattr(os, "sched_getaffinity", None)  # not everywhere
    return os.cpu_count() if allowed is None else len(allowed(0))


def threads() -> int:
    """Return how many threads to use: one for each core that this process may use, or fewer."""
    return cores() if _most is None else min(cores(), _most)


def limit_threads(most: int) -> None:
    """Set the most threads of this process, so that others beside it are not slowed down."""
    global _most  # noqa: PLW0603  a process has one share of the machine
    _most = max(most, 1)
