"""What an estimate costs by each method, against what the choice between them says beforehand.

Every problem is a chain of hidden events with forks, some of them states, on which sources report.
Processor time of one core. Units are measured throughout (a likelihood in a batch, one with its
gradient, a round of the path sampler), whole estimates where they are said to take seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import numpy as np

import forecast as fc
from benchmarks.record import duration, keep, kept, stamp, table
from forecast.engine._components import AnyPlan
from forecast.engine._filter import log_likelihood_and_gradient
from forecast.engine._likelihood import over_time
from forecast.engine._packing import pack
from forecast.engine._problem import Floats, Parameters
from forecast.engine._reach import bits_needed
from forecast.engine.paths import make_sampler
from forecast.engine.paths._chain import Machine, advance, build_moves
from forecast.estimate import _cost as cost
from forecast.estimate._cost import estimated_costs, reachable_plans
from forecast.estimate._fit import PosteriorLogLikelihood, fit
from forecast.estimate._result import METHODS, Method, Settings
from forecast.model._lower import Lowered, lower
from forecast.seeds import generator
from forecast.threads import limit_threads

UNITS = ("likelihood", "gradient", "round")
AS_OF = "2024-12-31"
MOST = {"importance": 8.0, "paths": 6.0, "nuts": 15.0}
"""Estimated seconds up to which a whole estimate is made."""
LEAST = 0.2  # seconds that a unit is repeated for
BATCH = 256


@dataclass(frozen=True)
class Case:
    """How large a problem is: events, items, sources, and whether numbers are ranges."""

    events: int
    items: int
    sources: int = 3
    ranged: bool = True

    def __str__(self) -> str:
        fixed = "" if self.ranged else ", numbers fixed"
        return f"{self.events} events, {self.items:,} items of {self.sources} sources{fixed}"


CASES = (
    *(Case(events, items) for events in (3, 6, 10) for items in (10, 100, 1000)),
    Case(10, 3000),
    Case(10, 100, 20),
    Case(10, 1000, 60),
    Case(10, 100, ranged=False),
    Case(12, 50),
    Case(14, 20),
    Case(20, 50),
    Case(20, 500),
    Case(40, 100),
    Case(80, 100),
)


def problem(case: Case) -> Lowered:
    """Return a network with its record, lowered."""
    rng = np.random.default_rng(1)
    rate, off, ratio = "0.5 per year [0.2, 1.2]", "1 per year [0.4, 2]", "x2 [1.2, 3.5]"
    if not case.ranged:
        rate, off, ratio = (text.split(" [")[0] for text in (rate, off, ratio))
    names = [f"e{i:02}" for i in range(case.events)]
    events = [
        fc.Event(id=name, kind="state", initially=False, rate=rate, off_rate=off, public=False)
        if i % 3 == 2
        else fc.Event(id=name, kind="onset", rate=rate, public=False)
        for i, name in enumerate(names)
    ]
    links = [
        fc.Link(parent=names[i], child=names[i + hop], kind="multiplies", hazard_ratio=ratio)
        for hop in (1, 3)
        for i in range(0, case.events - hop, hop)
    ]
    kind = fc.SourceType(
        id="wire",
        title="Wire",
        hit_rate="70% [55%, 85%]" if case.ranged else "70%",
        false_alarm_rate="30% [15%, 45%]" if case.ranged else "30%",
        spread=0.3 if case.ranged else 0.0,
    )
    network = fc.Network(
        name="costs",
        start="2024-01-01",
        horizon="2025-12-31",
        events=events,
        links=links,
        source_types=[kind],
        sources=[fc.Source(id=f"s{k}", title=f"S{k}", type="wire") for k in range(case.sources)],
    )
    days = np.sort(rng.integers(5, 360, case.items))
    items = [
        fc.Report(
            id=f"r{i}",
            event=names[int(rng.integers(case.events))],
            published=date(2024, 1, 1) + timedelta(days=int(day)),
            source=f"s{int(rng.integers(case.sources))}",
            claim="on" if rng.uniform() < 0.2 + 0.4 * day / 360 else "off",
        )
        for i, day in enumerate(days)
    ]
    return lower(network, fc.Evidence(items), AS_OF)


def measured(case: Case) -> dict[str, Any]:
    """Return a problem's size, and seconds measured and estimated, by unit and by method."""
    lowered, settings = problem(case), Settings()
    plans = reachable_plans(lowered)
    costs = estimated_costs(lowered, plans, settings)
    rounds = settings.draws * cost.THIN + settings.chains * cost.WARM_UP
    units = {"round": (_round(lowered), estimated_costs(lowered, None, settings).paths / rounds)}
    if plans:
        items = len(lowered.record.item_event)
        likelihood = cost.filter_seconds(lowered, plans, 1) + cost.LIKELIHOOD_ITEM * items
        gradients = (settings.draws + settings.chains * settings.tune) * cost.LEAPFROGS
        units["likelihood"] = (_likelihood(lowered, plans), likelihood)
        units["gradient"] = (_gradient(lowered, plans), (costs.nuts - cost.COMPILING) / gradients)
    whole = {
        method: (*_whole(lowered, method), getattr(costs, method))
        for method, most in MOST.items()
        if getattr(costs, method) <= most
    }
    size = {
        "dimensions": lowered.table.dimensions,
        "bits": bits_needed(lowered.structure, lowered.record),
    }
    return {**size, "units": units, "whole": whole, "estimated": costs.__dict__}


def _each(work: Callable[[], object]) -> float:
    """Return the processor time of one call, after a first one."""
    work()
    times = 1
    while True:
        begun = time.process_time()
        for _ in range(times):
            work()
        spent = time.process_time() - begun
        if spent > LEAST:
            return spent / times
        times *= 3


def _round(lowered: Lowered) -> float:
    sampler = make_sampler(lowered.structure, lowered.record)
    recipe = lowered.channels
    moves = build_moves(sampler.marks, recipe, lowered.table.dimensions)
    machine = Machine(sampler.marks, sampler.blocks, recipe, moves)
    z = generator(1, "z").normal(size=lowered.table.dimensions)
    first = sampler.initial(_one(lowered, z), 1)
    z, paths, _ = advance(machine, z, first, 50, 1)
    return _each(lambda: advance(machine, z, paths, 10, 2)) / 10


def _one(lowered: Lowered, z: Floats) -> Parameters:
    theta = lowered.theta(lowered.table.from_z(z[None]))
    return Parameters(*(np.ascontiguousarray(field[0]) for field in theta))


def _likelihood(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> float:
    z = generator(1, "z").normal(size=(BATCH, lowered.table.dimensions))
    of = PosteriorLogLikelihood(lowered, plans)
    return _each(lambda: of(z.copy())) / BATCH


def _gradient(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> float:
    theta = _one(lowered, np.zeros(lowered.table.dimensions))
    slope, packed = Parameters(*(np.zeros_like(field) for field in theta)), pack(over_time(plans))
    return _each(lambda: log_likelihood_and_gradient(*packed, theta, slope))


def _whole(lowered: Lowered, method: str) -> tuple[float, bool, float]:
    """Return seconds, whether the gate passed, and rounds apart, of the path sampler alone."""
    begun = time.process_time()
    fitted = fit(lowered, Settings(method=cast("Method", method)))
    spent = time.process_time() - begun
    apart = fitted.stats.get("rounds_apart", np.zeros((1, 1)))
    return spent, fitted.gate.passed, float(apart[0, 0])


def run() -> None:
    """Measure and keep."""
    limit_threads(1)
    for method in METHODS[1:]:  # compiled before anything is timed
        _whole(problem(Case(2, 4)), method)
    keep("costs", {"cases": {str(case): measured(case) for case in CASES}})


def page() -> str:
    """Return the tables of what was kept."""
    figures = kept("costs")
    if not figures:
        return ""
    units, whole = [], []
    for name, row in figures["cases"].items():
        cells = [_against(*row["units"][unit]) if unit in row["units"] else "" for unit in UNITS]
        units.append([name, str(row["dimensions"]), str(row["bits"]), *cells])
        if row["whole"]:
            found = row["whole"]
            made = (
                _against(found[m][0], found[m][3]) + ("" if found[m][1] else " (failed)")
                if m in found
                else ""
                for m in MOST
            )
            whole.append([name, *made])
    return "\n".join(
        [
            "## What the choice between methods says that they cost\n",
            stamp(figures["machine"], "costs") + "\n",
            "Processor time of one core; in brackets what was estimated beforehand, in multiples "
            "of it.\n",
            table(["problem", "numbers", "tied events", *UNITS], units),
            table(["problem", *MOST], whole),
        ]
    )


def _against(measured: float, estimated: float) -> str:
    return f"{duration(measured)} (×{estimated / measured:.2f})"


if __name__ == "__main__":
    run()
