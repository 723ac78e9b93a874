"""How much memory a job may take: one that may not take enough says so before it begins.

The compiler ends the process where it is given no memory, without an error that could be told.
"""

import importlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from forecast.errors import ForecastError

TO_ESTIMATE, TO_COMPILE = 400, 640
"""Megabytes of data that an estimate of a small network takes, and one that compiles first."""
CGROUPS, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
"""Where Linux has the groups of processes that share a limit, and says which is this one's."""
LIMITS = {"": "memory.max", "memory": "memory.limit_in_bytes"}
"""By the controller of a line of `OWN`: version 2 has none there."""
COMPILED = ("forecast.engine._batch", "filter_block")
"""A kernel that every estimate calls."""


def require_memory() -> None:
    """Refuse a job that may not take the memory that it needs.

    Raises
    ------
    ForecastError
        If it may not.
    """
    limits = _limits()
    if not limits:
        return
    whose, megabytes = min(limits.items(), key=lambda limit: limit[1])
    told = f"this process may take {megabytes:,} MB ({whose})"
    if megabytes < TO_ESTIMATE:
        msg = f"there is not enough memory: an estimate takes at least {TO_ESTIMATE} MB, and {told}"
        raise ForecastError(msg)
    if megabytes < TO_COMPILE and not _is_compiled():
        msg = (
            f"there is not enough memory to compile, which the first job on a machine does: that "
            f"takes {TO_COMPILE} MB, and {told}. Run it once with more; from then on "
            f"{TO_ESTIMATE} MB do for a small network"
        )
        raise ForecastError(msg)


def _limits() -> dict[str, int]:
    """Return what limits there are, in megabytes, by their names."""
    found = {}
    with suppress(ImportError):  # there is none on Windows
        import resource  # noqa: PLC0415

        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            found["RLIMIT_DATA"] = soft // 2**20
    for file in _group_limits():
        with suppress(OSError, ValueError):  # "max" where there is none
            found[str(file)] = int(file.read_text(encoding="ascii")) // 2**20
    return found


def _group_limits() -> Iterator[Path]:
    """Yield the files that limit this process: of its group, and of all that hold that one.

    A container sees its own group as the outermost one, whatever its name outside.
    """
    try:
        lines = OWN.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        for controller in LIMITS.keys() & controllers.split(","):
            home = CGROUPS / controller
            own = home / group.lstrip("/")
            yield from (place / LIMITS[controller] for place in (own, *own.parents)
                        if place.is_relative_to(home))  # fmt: skip


def _is_compiled() -> bool:
    """Return whether the kernels that this version has were compiled before."""
    module, name = COMPILED
    kernel = getattr(importlib.import_module(module), name)
    source, kept = Path(kernel.py_func.__code__.co_filename), Path(kernel.stats.cache_path or "")
    made = [file.stat().st_mtime for file in kept.glob(f"*.{name}-*.nbc")]
    return max(made, default=0.0) > source.stat().st_mtime
