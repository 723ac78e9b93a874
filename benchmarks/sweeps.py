"""Time sweeps of the path sampler, by kinds of events and by how many are redrawn together.

A sweep redraws the path of every event at least once, parameters fixed; the largest network has
10,000 events and 50,000 items. Processor time of one core: nothing of a sweep runs beside it.
"""

import statistics
import time
from typing import NamedTuple

import numpy as np

from benchmarks.record import duration, keep, kept, stamp, table
from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    ONSET,
    STATE,
    UNCERTAIN,
    Parameters,
    Record,
    Structure,
)
from forecast.engine.paths import make_sampler

SIZES = (10, 100, 1_000, 10_000)
ITEMS = 5  # for each event
NEAR = 20  # how far back an event's parent is looked for
TARGET_SECONDS, TARGET_SLOPE = 0.015, 1.1


class Case(NamedTuple):
    """What is swept: a name, the share of states, and the most events redrawn together."""

    name: str
    states: float
    together: int


CASES = (
    Case("onsets and facts, one by one", 0.0, 1),
    Case("a fifth of them states, one by one", 0.2, 1),
    Case("onsets and facts, five together", 0.0, 5),
)


def network(events: int, states: float) -> tuple[Structure, Record, Parameters]:
    """Return hidden events, each influenced by one before it, and five items on each."""
    rng = np.random.default_rng(events)
    kind = rng.choice([ONSET, FACT, STATE], size=events, p=[0.85 - states, 0.15, states])
    child = np.array([e for e in range(1, events) if kind[e] != FACT], dtype=np.int64)
    parent = child - rng.integers(1, np.minimum(child, NEAR) + 1)
    link_kind = rng.choice([CAUSES, MULTIPLIES], size=len(child))
    nothing = np.zeros(0, dtype=np.int64)
    structure = Structure(
        kind=kind.astype(np.int64),
        initially=np.where(kind == FACT, UNCERTAIN, 0).astype(np.int64),
        link_kind=link_kind.astype(np.int64),
        link_parent=parent.astype(np.int64),
        link_child=child,
        windows=(None,) * events,
        horizon=1.0,
    )
    record = Record(
        item_event=np.repeat(np.arange(events), ITEMS),
        item_time=rng.uniform(0, 1, ITEMS * events),
        known_event=nothing,
        known_from=np.zeros(0),
        known_to=np.zeros(0),
        known_value=nothing,
    )
    theta = Parameters(
        base_rate=rng.gamma(1.0, 0.5, events) + 0.05,
        off_rate=rng.gamma(1.0, 0.5, events) + 0.05,
        initial=rng.uniform(0.1, 0.9, events),
        effect=np.exp(rng.normal(0.3, 0.5, len(child))),
        factors=rng.uniform(0.2, 0.8, (ITEMS * events, 2)),
    )
    return structure, record, theta


def seconds_a_sweep(events: int, case: Case) -> float:
    """Return the median over ten batches of sweeps."""
    structure, record, theta = network(events, case.states)
    sampler = make_sampler(structure, record, case.together)
    paths = sampler.initial(theta, 1)
    each = max(1, 20_000 // events)  # sweeps in a batch
    times = []
    for batch in range(11):
        begin = time.process_time()
        for sweep in range(each):
            paths = sampler.sweep(theta, paths, batch * each + sweep)
        times.append((time.process_time() - begin) / each)
    return statistics.median(times[1:])


def slope(seconds: list[float]) -> float:
    """Return the slope of the logarithm of time against that of events, from 100 events up.

    Below that a sweep is mostly the call, which would flatter the slope.
    """
    return float(np.polyfit(np.log(SIZES[1:]), np.log(seconds[1:]), 1)[0])


def run() -> None:
    """Measure each case at each size, and keep the figures."""
    cases = {}
    for case in CASES:
        cases[case.name] = [seconds_a_sweep(size, case) for size in SIZES]
        print(case.name, cases[case.name], flush=True)
    keep("sweeps", {"sizes": SIZES, "cases": cases})


def page() -> str:
    """Return the table of what was kept."""
    figures = kept("sweeps")
    if not figures:
        return ""
    rows = [
        [name, *(duration(each) for each in seconds), f"{slope(seconds):.2f}"]
        for name, seconds in figures["cases"].items()
    ]
    sizes = [f"{size:,} events" for size in figures["sizes"]]
    return "\n".join(
        [
            "## Sweeps of the path sampler\n",
            stamp(figures["machine"], "sweeps") + "\n",
            f"Hidden events, each with one that influences it and {ITEMS} items; processor time of "
            f"one core for a sweep. Targets at 10,000 events: {duration(TARGET_SECONDS)}, and a "
            f"slope of at most {TARGET_SLOPE}.\n",
            table(["redrawn", *sizes, "slope, log-log, from 100 events on"], rows),
        ]
    )
