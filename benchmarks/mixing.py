"""How well sweeps of the path sampler mix, by how many events are redrawn together.

Larger blocks cost more a sweep and forget the last paths sooner. Parameters are fixed. What is
followed of each event is the share of the time until the cut-off that it is on, along its path.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import forecast as fc
from benchmarks.peers.problems import AS_OF, random_network
from benchmarks.record import duration, keep, kept, stamp, table
from benchmarks.sweeps import network
from forecast.engine._problem import Parameters, Record, Structure
from forecast.engine.paths import make_sampler, states_at
from forecast.evidence import Report
from forecast.model._lower import Lowered, lower

ROOT = Path(__file__).resolve().parent.parent
TOGETHER = (1, 2, 3, 5, 7)
SWEEPS, GRID, LEAST = 8_000, 12, 1e-3

type Problem = tuple[Structure, Record, Parameters, float]


def problems() -> Iterator[tuple[str, Problem]]:
    """Yield what is swept: structure, record, one value of the parameters, and the cut-off."""
    yield "100 events, each influenced by one", (*network(100, 0.0), 1.0)
    yield "the same, a fifth of them states", (*network(100, 0.2), 1.0)
    yield "a ring of 20 with chords, a report on every other", _ring(20)
    first = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    for day in ("2024-07-01", "2024-12-31"):
        lowered = lower(first, fc.read_evidence(ROOT / "evidence"), day)
        yield f"the first network as of {day}", _at_prior_medians(lowered)


def _ring(events: int) -> Problem:
    ring = random_network(events)
    reports = [
        Report(id=f"i{k}", event=f"e{k}", published=AS_OF, source="s0", claim="on")
        for k in range(0, events, 2)
    ]
    world = fc.simulate(ring, worlds=1, seed=1, evidence=fc.Evidence(reports))[0]
    return _at_prior_medians(lower(ring, world.evidence, AS_OF.isoformat()))


def _at_prior_medians(lowered: Lowered) -> Problem:
    theta = lowered.theta(lowered.table.from_z(np.zeros((1, lowered.table.dimensions))))
    one = Parameters(*(field[0].copy() for field in theta))
    return lowered.structure, lowered.record, one, lowered.now


def measured(problem: Problem, together: int) -> dict[str, float]:
    """Return seconds a sweep, and effective draws a second of the median and the slowest event."""
    from arviz_stats.base import array_stats  # noqa: PLC0415  it takes a second

    structure, record, theta, now = problem
    sampler = make_sampler(structure, record, together)
    times = np.linspace(0, now, GRID + 1)[1:]
    paths = sampler.initial(theta, 1)
    on = np.empty((SWEEPS, len(structure.kind)))
    worked = 0.0
    for sweep in range(-SWEEPS // 10, SWEEPS):
        begin = time.process_time()
        paths = sampler.sweep(theta, paths, SWEEPS + sweep)
        if sweep >= 0:
            worked += time.process_time() - begin
            on[sweep] = np.mean([states_at(paths, t) for t in times], axis=0)
    moving = on[:, on.std(axis=0) > LEAST]
    effective = [
        array_stats.ess(e[None], chain_axis=0, draw_axis=1, method="bulk") for e in moving.T
    ]
    return {
        "seconds": worked / SWEEPS,
        "median": float(np.median(effective)) / worked,
        "slowest": float(np.min(effective)) / worked,
        "events": len(effective),
    }


def run() -> None:
    """Measure every problem at every size of blocks, and keep the figures."""
    found: dict[str, Any] = {}
    for name, problem in problems():
        found[name] = {str(size): measured(problem, size) for size in TOGETHER}
        print(name, found[name], flush=True)
    keep("mixing", {"problems": found, "sweeps": SWEEPS})


def page() -> str:
    """Return the table of what was kept."""
    figures = kept("mixing")
    if not figures:
        return ""
    rows = []
    for name, by_size in figures["problems"].items():
        for size, row in by_size.items():
            each = [duration(row["seconds"]), f"{row['median']:,.0f}", f"{row['slowest']:,.0f}"]
            rows.append([name, size, f"{row['events']:,}", *each])
    head = ["swept", "together", "events that move", "a sweep", "median event", "slowest event"]
    return "\n".join(
        [
            "## Mixing of the path sampler\n",
            stamp(figures["machine"], "mixing") + "\n",
            "Effective draws a second of processor time, by how many events are redrawn together; "
            f"{figures['sweeps']:,} sweeps at fixed parameters, of the time that an event is on.\n",
            table(head, rows),
        ]
    )


if __name__ == "__main__":
    run()
