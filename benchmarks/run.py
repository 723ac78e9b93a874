"""Time the engine and the commands.

Every figure is a median over runs in one
process or of one process each, on an otherwise idle machine.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import forecast as fc
from benchmarks.problems import STEP, parameters, plans_of, ring
from benchmarks.record import duration, keep, kept, stamp, table
from forecast.engine._likelihood import log_likelihoods, value_and_gradient
from forecast.engine._problem import Parameters
from forecast.engine._specification import log_likelihood

ROOT = Path(__file__).resolve().parent.parent
STEPS = 40


class Row(NamedTuple):
    """One line of the table: what, how long, against what."""

    what: str
    seconds: float
    processor: float
    target: float | None
    note: str = ""


class Timed(NamedTuple):
    """Seconds by the clock, and of processors: of all threads, and of child processes."""

    seconds: float
    processor: float


def timed(work: Callable[[], object]) -> Timed:
    """Return what one call takes."""
    begin, used = time.perf_counter(), os.times()
    work()
    now = os.times()
    return Timed(time.perf_counter() - begin, sum(now[:4]) - sum(used[:4]))


def median_time(work: Callable[[], object], runs: int) -> Timed:
    """Return the median of each over calls, after one to warm up.

    Processor time is taken over all calls at once, since the system counts it in hundredths.
    """
    work()
    each: list[float] = []
    _, processor = timed(lambda: each.extend(timed(work).seconds for _ in range(runs)))
    return Timed(statistics.median(each), processor / runs)


def engine_rows() -> list[Row]:
    """Time the filter, one draw with gradient and many draws, against plain NumPy."""
    rows = []
    for events in (4, 6, 8, 10, 12):
        structure, record = ring(events, STEPS)
        plans = plans_of(structure, record)
        batch = parameters(structure, record, 4096)
        one = Parameters(*(field[0] for field in batch))
        gradient = median_time(lambda p=plans, t=one: value_and_gradient(p, t), 50)  # type: ignore[misc]
        many = median_time(lambda p=plans, t=batch: log_likelihoods(p, t), 3 if events > 10 else 9)  # type: ignore[misc]
        rows += [
            Row(
                f"likelihood and gradient, {events} events",
                *gradient,
                5e-4 if events == 8 else None,
            ),
            Row(f"4,096 likelihoods, {events} events", *many, 0.12 if events == 8 else None),
        ]
        if events == 8:
            plain = timed(lambda s=structure, r=record, t=one: log_likelihood(s, r, t, STEP))  # type: ignore[misc]
            ratio = f"{plain.seconds / (many.seconds / 4096):,.0f} times a likelihood of the batch"
            rows.append(Row("plain NumPy, one likelihood, 8 events", *plain, None, ratio))
    return rows


def estimate_rows() -> list[Row]:
    """Time `fc.update` again in a process that has made the same estimate before."""
    network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = fc.read_evidence(ROOT / "evidence")
    rows = []
    for day, runs, target in (("2024-07-01", 9, 0.3), ("2024-12-31", 2, 10.0)):
        post = fc.update(network, evidence, as_of=day)
        again = median_time(lambda d=day: fc.update(network, evidence, as_of=d), runs)  # type: ignore[misc]
        what = f"as of {day}: {len(post.evidence)} items, {post.method}"
        rows.append(Row(f"fc.update in a warm process, {what}", *again, target))
        post = fc.update(network, evidence, as_of=day)
        asked = timed(lambda p=post: p.table(by=["2025-06-30", "2025-12-31"]))  # type: ignore[misc]
        rows.append(Row("and its table of all events", *asked, None))
    return rows


def process_time(
    command: Sequence[str], runs: int, environment: dict[str, str], cwd: Path
) -> Timed:
    """Return the median of each over whole processes."""

    def once() -> None:
        shutil.rmtree(cwd / "posteriors", ignore_errors=True)
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd=cwd)

    each = [timed(once) for _ in range(runs)]
    return Timed(*(statistics.median(column) for column in zip(*each, strict=True)))


def command_rows() -> list[Row]:
    """Time whole processes: the main job with cold and warm caches, the help text, the import."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("priors", "evidence", "forecast.toml"):
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, folder / part)
        update = [sys.executable, "-m", "forecast", "update", "--workspace", str(folder)]
        environment = dict(os.environ)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        colds = []
        for run in range(3):  # each with an empty cache of its own
            environment["NUMBA_CACHE_DIR"] = str(folder / f"numba{run}")
            colds.append(process_time(update, 1, environment, folder))
        warm = process_time(update, 5, environment, folder)
        base = [sys.executable, "-m", "forecast", "--help"]
        bare = process_time([sys.executable, "-c", "import forecast"], 9, environment, folder)
        shown = process_time(base, 9, environment, folder)
    return [
        Row("forecast update, fresh process, nothing compiled (slowest of 3)", *max(colds), 20.0),
        Row("forecast update, fresh process", *warm, 8.0),
        Row("forecast --help", *shown, 0.3),
        Row("import forecast, interpreter included", *bare, 0.3),
    ]


def run() -> None:
    """Measure and keep."""
    load = os.getloadavg()[0]
    rows = [*engine_rows(), *estimate_rows(), *command_rows()]
    keep("engine", {"rows": [row._asdict() for row in rows], "load": load})


def page() -> str:
    """Return the table of what was kept."""
    figures = kept("engine")
    if not figures:
        return ""
    cells, cores = [], figures["machine"]["cores"]
    for fields in figures["rows"]:
        row = Row(**fields)
        target = "" if row.target is None else duration(row.target)
        share = row.note if row.target is None else f"{row.seconds / row.target:.2f}"
        cells.append([row.what, duration(row.seconds), duration(row.processor), target, share])
    return "\n".join(
        [
            "## Engine and commands\n",
            stamp(figures["machine"], "engine") + "\n",
            f"Onsets on a ring with chords, {STEPS} weekly steps, all live throughout. "
            f"As it began, {figures['load']:.0f} processes wanted the {cores} cores. Where that "
            "is much above 0 the clock runs on while the work waits: see the processor time.\n",
            table(["what", "median", "of processors", "target", "share of target"], cells),
        ]
    )
