"""Time the ledger: appending a run of 30 forecasts, verifying all of it, exporting it.

On SQLite in a temporary folder, and on a PostgreSQL server that is started for it. On a machine
with other work going on, ``chrt -f 5`` before the command keeps that work from being measured.
"""

import os
import random
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.record import keep, kept, stamp, table
from forecast.ledger import Address, export, ledger_address, open_ledger, publish, verify
from tests.ledger.postgres import running_server
from tests.ledger.samples import run as sample_run

RUNS = 1_000
FORECASTS = 30
ITEMS = 40
VERIFICATIONS = 5
TARGET_APPEND = 5
"""Milliseconds, on SQLite."""

TARGET_ROWS = 300_000
"""Verified a second."""


@dataclass(frozen=True)
class Figures:
    """What was measured on one database: milliseconds, and rows a second."""

    append: float
    append_95: float
    append_processor: float
    rows: int
    verified: float
    verified_processor: float
    exported: float


def measure(address: Address) -> Figures:
    """Return the figures of a new ledger."""
    rng = random.Random(1)  # noqa: S311  figures, not secrets
    appends, processor, verifications, verifying = [], [], [], []
    with open_ledger(address) as ledger:
        for number in range(RUNS):
            sample = sample_run(number, forecasts=FORECASTS, items=ITEMS)
            said = tuple(
                replace(f, probability=rng.random(), mcse=rng.random() / 1000)
                for f in sample.forecasts
            )
            sample = replace(sample, forecasts=said)
            begin, busy = time.perf_counter(), time.process_time()
            publish(ledger, sample)
            appends.append(time.perf_counter() - begin)
            processor.append(time.process_time() - busy)
        for _ in range(VERIFICATIONS):
            begin, busy = time.perf_counter(), time.process_time()
            found = verify(ledger)
            verifications.append(time.perf_counter() - begin)
            verifying.append(time.process_time() - busy)
        begin = time.perf_counter()
        for _ in export(ledger):
            pass
        exported = time.perf_counter() - begin
    assert found.passed
    return Figures(
        append=1e3 * statistics.median(appends),
        append_95=1e3 * statistics.quantiles(appends, n=20)[-1],
        append_processor=1e3 * statistics.median(processor),
        rows=found.rows,
        verified=found.rows / statistics.median(verifications),
        verified_processor=found.rows / statistics.median(verifying),
        exported=found.rows / exported,
    )


def run() -> None:
    """Measure on each database, and keep the figures."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        figures = {"SQLite": asdict(measure(ledger_address(None, Path(name), {})))}
    with running_server(durable=True) as server:
        url = server.make_database().render_as_string(hide_password=False)
        address = ledger_address(None, Path(), {"FORECAST_LEDGER": url})
        figures["PostgreSQL"] = asdict(measure(address))
    real_time = os.sched_getscheduler(0) == os.SCHED_FIFO
    keep("ledger", {"databases": figures, "load": load, "real_time": real_time})


def page() -> str:
    """Return what was kept."""
    figures = kept("ledger")
    if not figures:
        return ""
    alone = "; measured at real-time priority" if figures["real_time"] else ""
    words = (
        f"{RUNS:,} runs of {FORECASTS} forecasts and {ITEMS} items, every commit forced to disk. "
        f"Targets: an append in {TARGET_APPEND} ms on SQLite; {TARGET_ROWS:,} rows verified a "
        f"second. Load average before: {figures['load']:.1f}{alone}.\n"
    )
    head = (
        "database",
        "append, median, ms",
        "95% of appends within, ms",
        "processor time, ms",
        "rows",
        "verified, rows/s",
        "by processor time",
        "exported, rows/s",
    )
    rows = [
        (
            database,
            *(f"{found[key]:.2f}" for key in ("append", "append_95", "append_processor")),
            *(
                f"{found[key]:,.0f}"
                for key in ("rows", "verified", "verified_processor", "exported")
            ),
        )
        for database, found in figures["databases"].items()
    ]
    where = stamp(figures["machine"], "ledger")
    return "\n".join(["## The ledger\n", where + "\n", words, table(head, rows)])
