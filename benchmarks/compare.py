"""Peers on the same model and evidence: seconds to 400 effective draws, memory, agreement."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.problems import PROBLEMS, problem
from benchmarks.peers.stated import stated
from benchmarks.peers.statement import write
from benchmarks.record import duration, keep, kept, size, stamp, table
from forecast.engine._likelihood import log_likelihoods, value_and_gradient
from forecast.engine._problem import Parameters
from forecast.model._lower import lower

ROOT = Path(__file__).resolve().parent.parent
BUDGET, LIMIT, SEED = 20.0, 600.0, 1
SAMPLERS = ("eventcast", "pymc", "pymc as assigned", "numpyro")
FIXED = ("4 events, 12 items", "6 events, 12 items", "8 events, 12 items", "10 events, 12 items")
AGRUM_UP_TO = 8
"""Events: ten would take it a thousand seconds and more, by the growth from six to eight."""
TARGETS = {
    ("8 events, 12 items", "pymc"): 1000.0,
    ("8 events, 12 items", "numpyro"): 50.0,
    ("8 events, 40 items", "numpyro"): 20.0,
}


def in_process(peer: str, name: str, statement: Path) -> dict[str, Any]:
    """Return what came of a peer in a process of its own, or why nothing did."""
    command = [sys.executable, "-m", "benchmarks.peers.run", peer, name, str(statement)]
    command += [str(BUDGET), str(SEED)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"no answer within {LIMIT:.0f} s"}
    if done.returncode:
        told = done.stderr.strip().splitlines()
        return {"failed": told[-1] if told else f"ended with {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def fixed_parameters(name: str) -> dict[str, float]:
    """Return what one likelihood takes eventcast, alone with its gradient and in a batch."""
    network, evidence, as_of, _, _ = problem(name)
    lowered = lower(network, evidence, as_of)
    plans, table_ = lowered.plans(), lowered.table
    z = np.random.default_rng(SEED).normal(size=(1024, table_.dimensions))
    theta = lowered.theta(table_.from_z(z))
    one = Parameters(*(field[0].copy() for field in theta))
    times = {}
    for what, work, number in (
        ("batch", lambda: log_likelihoods(plans, theta), 1024),
        ("gradient", lambda: value_and_gradient(plans, one), 1),
    ):
        work()
        laps = []
        for _ in range(9):
            begin = time.perf_counter()
            work()
            laps.append((time.perf_counter() - begin) / number)
        times[what] = float(np.median(laps))
    return times


def run(*names: str) -> None:
    """Run every peer on every problem, or on those named, and keep what came of it."""
    found: dict[str, Any] = {"samplers": {}, "fixed": {}} | (kept("peers") if names else {})
    with tempfile.TemporaryDirectory() as folder:
        for name in names or PROBLEMS:
            file = Path(folder) / "statement.npz"
            network, evidence, as_of, event, by = problem(name)
            write(stated(lower(network, evidence, as_of), event, by), file)
            found["samplers"][name] = {}
            for peer in SAMPLERS:
                found["samplers"][name][peer] = in_process(peer, name, file)
                print(name, peer, found["samplers"][name][peer], flush=True)
                keep("peers", found)
            if name in FIXED:
                row = fixed_parameters(name) | {"dense": in_process("dense", name, file)}
                if PROBLEMS[name][0] <= AGRUM_UP_TO:  # type: ignore[index]
                    row["agrum"] = in_process("agrum", name, file)
                found["fixed"][name] = row
                print(name, row, flush=True)
            keep("peers", found)


def page() -> str:
    """Return the tables of what was kept."""
    figures = kept("peers")
    if not figures:
        return ""
    lines = [
        "## Peers\n",
        stamp(figures["machine"], "peers") + "\n",
        "Seconds to 400 effective draws of one forecast, compiled: on the clock, and of both "
        "processors together; the ratio to eventcast is of the latter. A peer that simulates the "
        "future has noisier draws, so there is a second ratio: to the same standard error as "
        "eventcast's. `|z|` is how many standard errors a forecast lies from eventcast's.\n",
    ]
    rows = []
    for name in (n for n in PROBLEMS if n in figures["samplers"]):
        peers = figures["samplers"][name]
        ours = peers["eventcast"]
        rows += [_row(name, peer, row, ours) for peer, row in peers.items()]
    head = ["problem", "by", "clock", "processors", "ratio", "at equal error", "compiling"]
    lines.append(table([*head, "effective", "memory", "forecast", "\\|z\\|"], rows))
    lines.append("![Processor time over eventcast's, by problem and peer](peers.svg)\n")
    lines.append(
        "At fixed parameters: a likelihood of eventcast in a batch and alone with its gradient, "
        "one of the dense matrix exponential, and pyAgrum's exact inference (no evidence, uniform "
        "start) with the difference of its answer from the matrix exponential's.\n"
    )
    fixed = []
    for name, row in figures["fixed"].items():
        agrum = row.get("agrum", {}).get("exact")
        gap = abs(agrum["chance"] - row["agrum"]["dense"]["chance"]) if agrum else None
        fixed.append(
            [name, duration(row["batch"]), duration(row["gradient"])]
            + [duration(row["dense"]["seconds"]), f"{row['dense']['seconds'] / row['batch']:,.0f}"]
            + ([duration(agrum["seconds"]), f"{gap:.0e}"] if agrum else ["not run", ""])
        )
    head = ["problem", "batch", "with gradient", "matrix exponential", "ratio to batch"]
    lines.append(table([*head, "pyAgrum", "difference"], fixed))
    return "\n".join(lines)


def ratio(row: dict[str, Any], ours: dict[str, Any], *, equal_error: bool = False) -> float:
    """Return a peer's processor time over ours, to 400 effective draws or to our error."""
    wanted = row["wanted"]["processor"]
    if equal_error:
        effort = (row["mcse"] / ours["mcse"]) ** 2
        wanted = row["warming"]["processor"] + row["sampling"]["processor"] * effort
    return float(wanted / ours["wanted"]["processor"])


def _row(name: str, peer: str, row: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    if "failed" in row:
        return [name, peer, row["failed"], *[""] * 8]
    target = TARGETS.get((name, peer))
    said = f"{ratio(row, ours):,.3g}" + ("" if target is None else f" (target {target:,.0f})")
    equal = ratio(row, ours, equal_error=True)
    z = abs(row["mean"] - ours["mean"]) / np.hypot(row["mcse"], ours["mcse"])
    return [
        name,
        peer,
        duration(row["wanted"]["wall"]),
        duration(row["wanted"]["processor"]),
        "" if peer == "eventcast" else said,
        "" if peer == "eventcast" else f"{equal:,.3g}",
        duration(row["compiling"]["wall"]),
        f"{row['ess']:,.0f} of {row['draws']:,}",
        size(row["bytes"]),
        f"{row['mean']:.4f} ± {row['mcse']:.4f}",
        "" if peer == "eventcast" else f"{z:.1f}",
    ]
