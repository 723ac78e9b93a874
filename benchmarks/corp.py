"""Time the scores of 100,000 forecasts: ``python -m benchmarks.corp`` writes benchmarks/corp.md.

Every figure is a median over runs in one process, on an otherwise idle machine.
"""

import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

from forecast.calibration import confidence_band, consistency_band, corp, murphy, recalibration_test
from forecast.scoring import brier, gain

RESULT = Path(__file__).with_name("corp.md")
FORECASTS = 100_000
CLUSTERS = 10_000


def rows() -> list[tuple[str, float, float | None]]:
    """Return what was timed, its seconds, and the target where there is one."""
    rng = np.random.default_rng(1)
    p = rng.random(FORECASTS)
    y = rng.random(FORECASTS) < p
    cluster = np.arange(FORECASTS) % CLUSTERS
    work: list[tuple[str, Callable[[], object], float | None, int]] = [
        ("CORP, Brier", lambda: corp(p, y), 1.0, 9),
        ("CORP, logarithmic", lambda: corp(p, y, rule="logarithmic"), 1.0, 9),
        ("Murphy, 10 bins", lambda: murphy(p, y, bins=10), None, 9),
        ("consistency band, 500 resamples", lambda: consistency_band(p, y), None, 1),
        ("confidence band, 500 resamples", lambda: confidence_band(p, y), None, 1),
        ("calibration test", lambda: recalibration_test(p, y), None, 1),
        (
            "calibration test, 10,000 clusters",
            lambda: recalibration_test(p, y, cluster=cluster),
            None,
            1,
        ),
        (
            "gain, 10,000 clusters",
            lambda: gain(brier(p, y), brier(np.full(FORECASTS, 0.5), y), cluster=cluster),
            None,
            1,
        ),
    ]
    return [(what, timed(call, runs), target) for what, call, target, runs in work]


def timed(call: Callable[[], object], runs: int) -> float:
    """Return the median seconds of a call."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return median(times)


def main() -> None:
    """Measure, and write the table."""
    packages = ("eventcast", "numpy", "scipy")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    lines = [
        "# Calibration and scores at work",
        "",
        f"{FORECASTS:,} forecasts. {versions}; {platform.machine()} {platform.system()}, Python "
        f"{platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}. "
        "Made by `python -m benchmarks.corp`.",
        "",
        "| what | seconds | target |",
        "|---|--:|--:|",
    ]
    for what, seconds, target in rows():
        lines.append(f"| {what} | {seconds:.3f} | {'' if target is None else f'{target:.0f}'} |")
        print(lines[-1], flush=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
