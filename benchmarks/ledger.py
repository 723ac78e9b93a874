"""Time the ledger: appending a run of 30 forecasts, and verifying all of it.

On SQLite in a temporary folder, and on
PostgreSQL where ``FORECAST_LEDGER`` names an empty database.
"""

import os
import random
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.record import keep, kept, stamp
from forecast.ledger import Address, ledger_address, open_ledger, publish, verify
from tests.ledger.samples import run as sample_run

RUNS = 4_000
FORECASTS = 30
ITEMS = 40
TARGET_APPEND = 5e-3
TARGET_ROWS = 300_000


def measure(address: Address) -> str:
    """Return one line: the median append, and the best of five verifications."""
    rng = random.Random(1)  # noqa: S311  figures, not secrets
    appends, verifications = [], []
    with open_ledger(address) as ledger:
        for number in range(RUNS):
            sample = sample_run(number, forecasts=FORECASTS, items=ITEMS)
            said = tuple(
                replace(f, probability=rng.random(), mcse=rng.random() / 1000)
                for f in sample.forecasts
            )
            sample = replace(sample, forecasts=said)
            begin = time.perf_counter()
            publish(ledger, sample)
            appends.append(time.perf_counter() - begin)
        for _ in range(5):
            begin = time.perf_counter()
            found = verify(ledger)
            verifications.append(time.perf_counter() - begin)
    assert found.passed
    rate = found.rows / min(verifications)
    where = "SQLite" if address.file else "PostgreSQL"
    return (
        f"{where}: append of {FORECASTS} forecasts and {ITEMS} items, median "
        f"{statistics.median(appends) * 1000:.2f} ms (target {TARGET_APPEND * 1000:.0f} ms); "
        f"verify {found.rows:,} rows at {rate:,.0f} a second (target {TARGET_ROWS:,})"
    )


def run_all() -> list[str]:
    """Measure on each database that is there."""
    with tempfile.TemporaryDirectory() as name:
        lines = [measure(ledger_address(None, Path(name), {}))]
        if os.environ.get("FORECAST_LEDGER"):
            lines.append(measure(ledger_address(None, Path(name))))
    return lines


def run() -> None:
    """Measure and keep."""
    keep("ledger", {"lines": run_all()})


def page() -> str:
    """Return what was kept."""
    figures = kept("ledger")
    if not figures:
        return ""
    lines = [f"- {line}\n" for line in figures["lines"]]
    return "\n".join(["## The ledger\n", stamp(figures["machine"], "ledger") + "\n", *lines])
