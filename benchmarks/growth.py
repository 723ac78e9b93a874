"""How cost grows: with active events, events, items, draws, networks and workers.

Processor seconds throughout but for workers: a machine that others use as well makes only the clock
run longer. Each point is the least of a few runs.
"""

import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import forecast as fc
from benchmarks.many import write_workspace
from benchmarks.paths import ladder
from benchmarks.peers.problems import problem
from benchmarks.problems import parameters, plans_of, ring
from benchmarks.record import duration, keep, kept, stamp, table
from benchmarks.slopes import slope
from benchmarks.timing import least
from forecast.engine._likelihood import log_likelihoods, value_and_gradient
from forecast.engine._problem import Parameters
from forecast.engine.paths import make_sampler
from forecast.model._lower import lower
from forecast.threads import limit_threads
from forecast.workspace._contents import read_contents
from forecast.workspace._settings import Request
from forecast.workspace._update import update

LIVE = (4, 6, 8, 10, 12, 14)
EVENTS = (10, 30, 100, 300, 1000, 3000, 10_000)
ITEMS = (10, 30, 100, 300, 1000, 3000, 10_000)
DRAWS = (256, 1024, 4096, 16_384)
NETWORKS = (1, 2, 4, 8)
UNITS = (20, 40, 80, 160)
WORKERS, ESTIMATES = (1, 2), 64
ITEMS_AN_EVENT = 5
STEPS = 40
TARGET_SLOPE, TARGET_SWEEP = 1.1, 15e-3

type Points = dict[str, float]


def filter_growth() -> dict[str, Points]:
    """Return seconds of a likelihood by active events: in a batch, and with its gradient."""
    batch, gradient = {}, {}
    for events in LIVE:
        structure, record = ring(events, STEPS)
        plans, draws = plans_of(structure, record), 256 if events < 13 else 64
        theta = parameters(structure, record, draws)
        one = Parameters(*(field[0] for field in theta))
        runs = 5 if events < 12 else 2
        batch[str(events)] = least(
            lambda p=plans, t=theta: log_likelihoods(p, t),  # type: ignore[misc]
            runs,
            per=draws,
        )
        gradient[str(events)] = least(
            lambda p=plans, t=one: [value_and_gradient(p, t) for _ in range(5)],  # type: ignore[misc]
            runs,
            per=5,
        )
    return {"filter: a likelihood in a batch": batch, "filter: with its gradient": gradient}


def paths_growth() -> dict[str, Points]:
    """Return seconds of a sweep over all paths, by events with five items each."""
    found = {}
    for events in EVENTS:
        network, _ = ladder(events)
        lowered = lower(network, _reports(network, ITEMS_AN_EVENT * events), "2024-06-01")
        found[str(events)] = _sweep_seconds(lowered)
    return {"path sampler: a sweep, five items an event": found}


def _reports(network: fc.Network, items: int) -> fc.Evidence:
    days = np.random.default_rng(1).integers(10, 28, items)
    events = [event.id for event in network.events]
    return fc.Evidence(
        fc.Report(
            id=f"r{k}",
            event=events[k % len(events)],
            published=date(2024, 1 + k % 5, int(days[k])),
            source="afp",
            claim="on" if k % 3 else "off",
        )
        for k in range(items)
    )


def _sweep_seconds(lowered: Any) -> float:
    sampler = make_sampler(lowered.structure, lowered.record)
    z = np.zeros((1, lowered.table.dimensions))
    theta = Parameters(*(f[0].copy() for f in lowered.theta(lowered.table.from_z(z))))
    paths = sampler.initial(theta, 1)
    rounds = max(2, 2000 // len(lowered.events))

    def work() -> None:
        now = paths
        for number in range(rounds):
            now = sampler.sweep(theta, now, number)

    return least(work, 3, per=rounds)


def items_growth() -> dict[str, Points]:
    """Return seconds of a likelihood and of a sweep by items, on eight and on twenty events."""
    likelihoods, sweeps = {}, {}
    for items in ITEMS:
        network, _ = ladder(8)
        lowered = lower(network, _reports(network, items), "2024-06-01")
        z = np.random.default_rng(1).normal(size=(256, lowered.table.dimensions))
        theta, plans = lowered.theta(lowered.table.from_z(z)), lowered.plans()
        likelihoods[str(items)] = least(
            lambda p=plans, t=theta: log_likelihoods(p, t),  # type: ignore[misc]
            2,
            per=256,
        )
        network, _ = ladder(20)
        sweeps[str(items)] = _sweep_seconds(lower(network, _reports(network, items), "2024-06-01"))
    return {
        "items: a likelihood, 8 active events": likelihoods,
        "items: a sweep, 20 events": sweeps,
    }


def draws_growth() -> dict[str, Points]:
    """Return seconds of a whole estimate by draws."""
    network, evidence, as_of, _, _ = problem("8 events, 12 items")
    found = {
        str(draws): least(
            lambda d=draws: fc.update(  # type: ignore[misc]
                network, evidence, as_of=as_of, draws=d, method="importance"
            ),
            3,
        )
        for draws in DRAWS
    }
    return {"draws: an estimate, 8 active events": found}


def networks_growth() -> dict[str, Points]:
    """Return seconds of reading, and of a job in this process, by networks."""
    reading, jobs = {}, {}
    for networks in NETWORKS:
        folder = Path(tempfile.mkdtemp(prefix="growth-"))
        try:
            write_workspace(folder / "w", networks)
            reading[str(networks)] = least(lambda f=folder: read_contents(f / "w"), 2)  # type: ignore[misc]
            begin = time.process_time()
            update(folder / "w", Request(draws=1024))
            jobs[str(networks)] = time.process_time() - begin
        finally:
            shutil.rmtree(folder)
    return {"networks: reading and checking": reading, "networks: a whole job": jobs}


def panel_growth() -> dict[str, Points]:
    """Return seconds of an update and its table by units of a panel, with an item on every other.

    Each unit has three events; numbers and the source are shared.
    """
    unrest = fc.Event(
        id="unrest",
        kind="state",
        rate="0.5 per year [0.3, 0.9]",
        off_rate="2 per year [1, 4]",
        initially="20% [10%, 40%]",
    )
    plot = fc.Event(id="plot", kind="onset", public=False, rate="0.1 per year [0.05, 0.2]")
    coup = fc.Event(id="coup", kind="onset", rate="0.02 per year [0.01, 0.04]")
    links = [
        fc.Link(parent=parent, child="coup", kind="multiplies", hazard_ratio="x3 [1.5, 6]")
        for parent in ("unrest", "plot")
    ]
    stated = fc.Network(
        name="coups",
        start="2024-01-01",
        horizon="2025-06-30",
        events=[unrest, plot, coup],
        links=links,
        source_types=[
            fc.SourceType(id="wire", hit_rate="60% [40%, 80%]", false_alarm_rate="5% [2%, 12%]")
        ],
        sources=[fc.Source(id="afp", type="wire")],
    )
    found = {}
    for number in UNITS:
        panel = fc.Panel(stated, [f"u{k}" for k in range(number)])
        names = [event.id for event in panel.joint.events if not event.id.startswith("coup")]
        days = np.random.default_rng(1).integers(1, 180, number // 2)
        evidence = fc.Evidence(
            fc.Report(
                id=f"r{k}",
                event=names[4 * k + k % 2],
                published=date(2024, 1, 1) + timedelta(days=int(day)),
                source="afp",
                claim="on",
            )
            for k, day in enumerate(days)
        )

        def work(panel: fc.Panel = panel, evidence: fc.Evidence = evidence) -> None:
            post = panel.update(evidence, as_of="2024-07-01", method="importance")
            post.table(by=["2024-12-31", "2025-06-30"])

        found[str(number)] = least(work, 2)
    return {"panel: an update and its table, units of 3 events": found}


def workers_growth() -> dict[str, Points]:
    """Return the seconds on the clock of as many estimates, by workers of one thread each."""
    found, spawn = {}, get_context("spawn")
    for workers in WORKERS:
        with ProcessPoolExecutor(workers, spawn, limit_threads, (1,)) as pool:
            list(pool.map(_one_estimate, range(2 * workers)))  # imports and compiles
            begin = time.perf_counter()
            list(pool.map(_one_estimate, range(ESTIMATES)))
            found[str(workers)] = time.perf_counter() - begin
    return {f"workers: {ESTIMATES} estimates, on the clock": found}


def _one_estimate(number: int) -> float:
    network, evidence, as_of, event, by = problem("8 events, 12 items")
    post = fc.update(network, evidence, as_of=as_of, seed=number, method="importance")
    return float(post.probability(event, by=by))


PARTS = (
    filter_growth,
    paths_growth,
    items_growth,
    draws_growth,
    networks_growth,
    panel_growth,
    workers_growth,
)


def run() -> None:
    """Measure and keep."""
    found: dict[str, Any] = {}
    for part in PARTS:
        found |= part()
        print(found, flush=True)
        keep("growth", {"curves": found})


def points(curve: Points) -> tuple[Sequence[float], Sequence[float]]:
    """Return the sizes and the costs of a curve."""
    return [float(size) for size in curve], list(curve.values())


def page() -> str:
    """Return the table of what was kept."""
    figures = kept("growth")
    if not figures:
        return ""
    rows = []
    for what, curve in figures["curves"].items():
        sizes, costs = points(curve)
        upper = max(2, len(sizes) // 2)
        rows.append(
            [
                what,
                f"{sizes[0]:,.0f} to {sizes[-1]:,.0f}",
                duration(costs[0]),
                duration(costs[-1]),
                f"{slope(sizes, costs):.2f}",
                f"{slope(sizes[-upper:], costs[-upper:]):.2f}",
            ]
        )
    head = ["what", "sizes", "cost of the least", "of the most", "slope", "slope, upper half"]
    return "\n".join(
        [
            "## Growth\n",
            stamp(figures["machine"], "growth") + "\n",
            f"Targets: slope of the path sampler in events at most {TARGET_SLOPE}; a sweep over "
            f"10,000 events and 50,000 items within {duration(TARGET_SWEEP)}. The filter doubles "
            "with each active event, so its slope in their number rises.\n",
            table(head, rows),
            "![Growth](growth.svg)\n",
        ]
    )
