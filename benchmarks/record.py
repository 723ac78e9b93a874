"""What a benchmark leaves: figures as JSON with machine, versions and date, and tables."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from forecast.threads import cores

__all__ = ["RESULTS", "duration", "keep", "kept", "machine", "size", "stamp", "table"]

RESULTS = Path(__file__).resolve().parent / "results"
PACKAGES = ("eventcast", "numpy", "numba", "scipy", "pymc", "arviz-stats", "distributed")
PEERS = ("jax", "lifelines", "numpyro", "nutpie", "pyagrum", "scikit-learn")


def machine() -> dict[str, Any]:
    """Return the date, the machine and the versions that figures depend on."""
    found = {}
    for package in (*PACKAGES, *PEERS):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "python": platform.python_version(),
        "versions": found,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def stamp(where: Mapping[str, Any], part: str) -> str:
    """Return one line that says where and when figures were made, and by which command."""
    versions = ", ".join(f"{name} {number}" for name, number in where["versions"].items())
    return (
        f"{where['date']}; {where['processor']}, {where['cores']} cores, {where['memory_gb']} GB; "
        f"Python {where['python']}, {versions}. Made by `python -m benchmarks.all {part}`."
    )


def keep(part: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Write a part's figures to ``results/PART.json``, and return them with the machine."""
    whole = {**figures, "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(whole, indent=1, default=float) + "\n"
    (RESULTS / f"{part}.json").write_text(text, encoding="utf-8")
    return whole


def kept(part: str) -> dict[str, Any]:
    """Return a part's figures as they were kept; empty where there are none."""
    file = RESULTS / f"{part}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: the first column to the left, the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def duration(seconds: float) -> str:
    """Return a time with three digits and a unit that suits it."""
    for unit, length, below in (("µs", 1e-6, 1e-3), ("ms", 1e-3, 1.0), ("s", 1.0, 120.0)):
        if seconds < below:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:,.3g} h"


def size(number: float) -> str:
    """Return a number of bytes with three digits and a unit that suits it."""
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= length:
            return f"{number / length:.3g} {unit}"
    return f"{number:.0f} B"
