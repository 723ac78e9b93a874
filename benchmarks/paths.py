"""Time estimates and forecasts that the path sampler makes.

Each figure is of one whole process, after
one that compiled what there was to compile: estimate, gate, forecasts of every event, DataTree.
"""

import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import forecast as fc
from benchmarks.record import duration, keep, kept, stamp, table
from forecast.engine._problem import Parameters
from forecast.engine.paths import make_sampler
from forecast.engine.paths._chain import Machine, advance, build_moves
from forecast.model._lower import lower

ROOT = Path(__file__).resolve().parent.parent
DAYS = ("2024-10-31", "2024-11-30", "2024-12-31")
DEADLINES = ["2025-03-31", "2025-12-31"]
PUBLISHED = date(2024, 4, 1)
SIZES = (20, 80, 320, 1280)
TARGET_SECONDS, TARGET_GB = 30, 2


def measure(day: str) -> dict[str, object]:
    """Return the figures of one day, in this process."""
    begin = time.perf_counter()
    network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    post = fc.update(network, fc.read_evidence(ROOT / "evidence"), as_of=day)
    post.table(by=[d for d in DEADLINES if d > day])
    tree = post.idata
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "day": day,
        "method": post.method,
        "gate": str(post.gate),
        "passed": post.gate.passed,
        "groups": len(tree.children),
        "seconds": time.perf_counter() - begin,
        "processor seconds": used.ru_utime + used.ru_stime,
        "GB": used.ru_maxrss / 1e6,
    }


def ladder(events: int) -> tuple[Any, Any]:
    """Return a network of hidden events, each of which makes the next likelier, and the news."""
    rate = "20% [5%, 50%] within 6 months"
    names = [f"e{k}" for k in range(events)]
    network = fc.Network(
        name="ladder",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[fc.Event(id=e, kind="onset", public=False, rate=rate) for e in names],
        links=[
            fc.Link(parent=a, child=b, kind="multiplies", hazard_ratio="x2 [1, 4]")
            for a, b in zip(names, [*names[1:], names[0]], strict=True)
        ],
        source_types=[fc.SourceType(id="wire", hit_rate="80% [60%, 92%]", false_alarm_rate="10%")],
        sources=[fc.Source(id="afp", type="wire")],
    )
    items = [
        fc.Report(id=f"r{k}", event=e, published=PUBLISHED, source="afp", claim="on")
        for k, e in enumerate(names[::2])
    ]
    return network, fc.Evidence(items)


def seconds_a_round(events: int, rounds: int = 100) -> float:
    """Return what one sweep of all paths and one move of all parameters take."""
    network, evidence = ladder(events)
    lowered = lower(network, evidence, "2024-06-01")
    recipe, sampler = lowered.channels, make_sampler(lowered.structure, lowered.record)
    d = lowered.table.dimensions
    machine = Machine(sampler.marks, sampler.blocks, recipe, build_moves(sampler.marks, recipe, d))
    z = np.zeros(d)
    theta = Parameters(*(field[0].copy() for field in lowered.theta(lowered.table.from_z(z[None]))))
    z, paths, _ = advance(machine, z, sampler.initial(theta, 1), 10, 1)
    begin = time.process_time()
    advance(machine, z, paths, rounds, 2)
    return (time.process_time() - begin) / rounds


def run() -> None:
    """Measure each day in a process of its own, then rounds by size, and keep the figures."""
    rows = []
    for day in (DAYS[0], *DAYS):  # the first one compiles what there is to compile
        command = [sys.executable, "-m", "benchmarks.paths", day]
        begin = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        found["whole process"] = time.perf_counter() - begin
        rows.append(found)
        print(found, flush=True)
    rounds = {str(events): seconds_a_round(events) for events in SIZES}
    keep("paths", {"days": rows[1:], "rounds": rounds})


def page() -> str:
    """Return the tables of what was kept."""
    figures = kept("paths")
    if not figures:
        return ""
    days = [
        [
            row["day"],
            row["method"],
            row["gate"],
            f"{row['whole process']:.1f} s",
            f"{row['processor seconds']:.1f} s",
            f"{row['GB']:.2f} GB",
        ]
        for row in figures["days"]
    ]
    rounds = [
        [events, duration(seconds), duration(seconds / int(events))]
        for events, seconds in figures["rounds"].items()
    ]
    head = ["as of", "method", "gate", "whole process", "processors", "peak memory"]
    return "\n".join(
        [
            "## The path sampler at work\n",
            stamp(figures["machine"], "paths") + "\n",
            f"The first network. Targets: {TARGET_SECONDS} s on 2 cores, {TARGET_GB} GB, gate "
            "passed.\n",
            table(head, days),
            "A ring of hidden events with a report on every other one: one round, processor "
            "time.\n",
            table(["events", "a round", "for each event"], rounds),
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1])))
