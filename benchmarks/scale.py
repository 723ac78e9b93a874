"""A workspace of many networks on a Dask cluster of two local workers.

``python -m benchmarks.scale N`` takes N networks in place of a thousand.
The job is killed when half of the networks are published and begun again; then news comes for one
network. Memory is that of all processes of the cluster and the job together.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.many import write_workspace
from benchmarks.record import duration, keep, kept, size, stamp, table

WORKERS = 2
NETWORKS = 1_000
TARGET_SECONDS, TARGET_BYTES = 15 * 60, 4e9
PAGE = os.sysconf("SC_PAGE_SIZE")
ONE_THREAD = os.environ | {"PYTHON_CPU_COUNT": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Of the cluster's processes: as Dask's own nanny has it, and `docs/jobs.md`."""


class Memory:
    """The most memory that some processes held together, sampled every half second, and their work.

    Processor time is told beside the clock's, which a machine that others use as well makes longer.
    """

    def __init__(self) -> None:
        self.most: dict[str, int] = {}
        self.most_together = 0
        self.processes: dict[str, int] = {}
        self._worked: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            now = {name: self._held(pid) for name, pid in list(self.processes.items())}
            self._worked |= {pid: work for pid in self.processes.values() if (work := _worked(pid))}
            self.most |= {name: max(held, self.most.get(name, 0)) for name, held in now.items()}
            self.most_together = max(self.most_together, sum(now.values()))

    @staticmethod
    def _held(pid: int) -> int:
        try:
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except OSError:
            return 0

    @property
    def worked(self) -> float:
        """Processor seconds of all processes so far, those that have ended too."""
        return sum(self._worked.values())

    def stop(self) -> None:
        """End the watch."""
        self._over.set()
        self._thread.join()


def _worked(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def cluster(folder: Path, memory: Memory) -> Iterator[str]:
    """Give the address of a scheduler with two workers of one thread each, all on loopback."""
    address = folder / "scheduler.json"
    module = [sys.executable, "-m"]
    begin = ["--scheduler-file", str(address)]
    scheduler = [*module, "distributed.cli.dask_scheduler", *begin, "--no-dashboard"]
    scheduler += ["--host", "127.0.0.1", "--port", "0"]
    worker = [*module, "distributed.cli.dask_worker", *begin, "--no-nanny", "--no-dashboard"]
    worker += ["--nthreads", "1", "--memory-limit", "1.5GB"]
    running = []
    try:
        for name, command in [("scheduler", scheduler)] + [
            (f"worker {k}", [*worker, "--local-directory", str(folder / f"worker{k}")])
            for k in range(WORKERS)
        ]:
            with (folder / f"{name}.log").open("w") as log:
                process = subprocess.Popen(command, stdout=log, stderr=log, env=ONE_THREAD)
            running.append(process)
            memory.processes[name] = process.pid
        while not address.exists():
            time.sleep(0.1)
        yield json.loads(address.read_text())["address"]
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


def published(workspace: Path) -> int:
    """Return how many runs have their manifest on disk."""
    return sum(1 for _ in (workspace / "posteriors").glob("*/*.json"))


def job(
    workspace: Path, address: str, memory: Memory, *, kill_at: int | None = None
) -> dict[str, Any]:
    """Run ``forecast update`` on the cluster; kill it when so many runs are published."""
    begin, before = time.perf_counter(), memory.worked
    log = workspace / "progress.txt"
    command = [sys.executable, "-m", "forecast", "update", "--workspace", str(workspace)]
    with log.open("w") as errors, (workspace / "output.txt").open("w") as out:
        running = subprocess.Popen([*command, "--dask", address], stdout=out, stderr=errors)
        memory.processes["job"] = running.pid
        while running.poll() is None:
            time.sleep(0.2)
            if kill_at is not None and published(workspace) >= kill_at:
                running.kill()
        del memory.processes["job"]
    lines = log.read_text().splitlines()
    return {
        "seconds": time.perf_counter() - begin,
        "processor seconds": memory.worked - before,
        "exit code": running.returncode,
        "published": published(workspace),
        "found": sum(line.startswith("found") for line in lines),
        "estimated": sum(line.startswith("saving") for line in lines),
        "lines of progress": len(lines),
        "failed": [line for line in lines if "rror" in line][:5],
    }


def measure(networks: int) -> dict[str, Any]:
    """Return the figures of one workspace."""
    folder = Path(tempfile.mkdtemp(prefix="many-"))
    workspace, memory = folder / "workspace", Memory()
    try:
        begin = time.perf_counter()
        counts = write_workspace(workspace, networks)
        written = time.perf_counter() - begin
        with cluster(folder, memory) as address:
            killed = job(workspace, address, memory, kill_at=networks // 2)
            resumed = job(workspace, address, memory)
            again = job(workspace, address, memory)
            with (workspace / "evidence" / "n0.csv").open("a") as stream:
                stream.write("n0_news,2024-06-29,report,n0_e6,s1,on,,,,,\n")
            news = job(workspace, address, memory)
        memory.stop()
        ledger = [sys.executable, "-m", "forecast", "ledger", "verify"]
        proof = subprocess.run(
            [*ledger, "--workspace", str(workspace)], capture_output=True, text=True, check=True
        )
        files = sum(f.stat().st_size for f in (workspace / "posteriors").rglob("*.nc"))
        inputs = sum(
            f.stat().st_size
            for part in ("priors", "evidence")
            for f in (workspace / part).iterdir()
        )
        return {
            "counts": counts,
            "seconds to write": written,
            "killed": killed,
            "resumed": resumed,
            "again": again,
            "news": news,
            "memory": memory.most,
            "memory together": memory.most_together,
            "bytes of posteriors": files,
            "bytes of inputs": inputs,
            "bytes of ledger": (workspace / "ledger.sqlite3").stat().st_size,
            "ledger": proof.stdout.strip().splitlines()[-1],
            "methods": methods(workspace),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def methods(workspace: Path) -> dict[str, int]:
    """Return how many runs were made by each method."""
    found: dict[str, int] = {}
    for manifest in (workspace / "posteriors").glob("*/*.json"):
        method = str(json.loads(manifest.read_text())["method"])
        found[method] = found.get(method, 0) + 1
    return found


def page() -> str:
    """Return the tables of what was kept."""
    figures = kept("workspace")
    if not figures:
        return ""
    counts, together = figures["counts"], figures["memory together"]
    jobs = (figures["killed"], figures["resumed"])
    whole = sum(each["seconds"] for each in jobs)
    work = sum(each["processor seconds"] for each in jobs)
    rows = [
        ("killed at half", figures["killed"]),
        ("begun again, to the end", figures["resumed"]),
        ("run again, nothing new", figures["again"]),
        ("run again, news for one network", figures["news"]),
    ]
    head = [
        "job",
        "time",
        "processor time",
        "runs found",
        "runs estimated",
        "runs on disk after",
        "exit code",
    ]
    cells = [
        [what, duration(row["seconds"]), duration(row["processor seconds"])]
        + [f"{row[key]:,}" for key in ("found", "estimated", "published")]
        + [str(row["exit code"])]
        for what, row in rows
    ]
    held = [[name, size(most)] for name, most in figures["memory"].items()]
    held.append(["all together, at most", f"{size(together)} (target {size(TARGET_BYTES)})"])
    return "\n".join(
        [
            "## A workspace of many networks\n",
            stamp(figures["machine"], "workspace")[: -len("all workspace`.")]
            + f"scale {counts['networks']}`.\n",
            f"{counts['networks']:,} networks that share their sources: "
            f"{counts['events']:,} events, "
            f"{counts['links']:,} links, {counts['items']:,} items "
            f"({size(figures['bytes of inputs'])} of files), on a Dask cluster of {WORKERS} local "
            "workers. Estimating all took "
            f"{duration(whole)} in two jobs (target {duration(TARGET_SECONDS)}) and "
            f"{duration(work)} of processor time; "
            f"{size(figures['bytes of posteriors'])} of posteriors, "
            f"{size(figures['bytes of ledger'])} of ledger. Methods: "
            + ", ".join(f"{name} {number}" for name, number in figures["methods"].items())
            + f". `forecast ledger verify`: {figures['ledger']}\n",
            table(head, cells),
            table(["process", "most memory"], held),
        ]
    )


def run(networks: int = NETWORKS) -> None:
    """Measure and keep."""
    keep("workspace", measure(networks))


if __name__ == "__main__":
    run(int(sys.argv[1]))
