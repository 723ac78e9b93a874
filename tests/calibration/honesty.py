"""Whether stated errors are true: how forecasts differ from seed to seed, in units of what is said.

``python -m tests.calibration.honesty`` makes `honesty_result.json` anew: for each network and
method, the spread over seeds of means and of interval ends, over the error that is stated with
them. One is honest; below it an error is too large, above it too small. It takes an hour of one
core, most of it for the network of the example with half a year of news.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import forecast as fc
from tests.calibration.generator import AS_OF as GENERATOR_AS_OF
from tests.calibration.generator import DEADLINES as GENERATOR_DEADLINES
from tests.calibration.generator import network as generator_network
from tests.calibration.generator import template
from tests.commit import commit

RESULT = Path(__file__).with_name("honesty_result.json")
ROOT = Path(__file__).parents[2]
SEEDS = 30
STATISTICS = ("mean", "lower", "upper")
FOLLOWED = ("rok_law_amendment", "2025-12-31")
"""A forecast whose interval's upper end is told seed by seed: rare, skewed, and on a cycle."""
SURE = 0.002  # nearer to 0 or 1 than this, a figure's errors are no matter


class Problem(NamedTuple):
    """A forecast to be made over and over."""

    network: fc.Network
    evidence: fc.Evidence
    as_of: str
    deadlines: tuple[str, ...]


def lone() -> Problem:
    """One hidden onset, and two reports of it."""
    wire = fc.SourceType(id="wire", hit_rate="80% [60%, 90%]", false_alarm_rate="10% [3%, 25%]")
    pact = fc.Event(id="pact", kind="onset", public=False, rate="30% [10%, 60%] within 1 year")
    network = fc.Network(
        name="lone",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[pact],
        source_types=[wire],
        sources=[fc.Source(id="afp", type="wire"), fc.Source(id="ap", type="wire")],
    )
    reports = [
        fc.Report(id=f"r{i}", event="pact", published=day, source=source, claim="on")
        for i, (day, source) in enumerate((("2024-03-01", "afp"), ("2024-04-01", "ap")))
    ]
    return Problem(network, fc.Evidence(reports), "2024-05-01", ("2024-05-01", "2024-12-31"))


def every_kind() -> Problem:
    """The generator of simulation-based calibration: every kind of event, link and item."""
    network = generator_network()
    world = fc.simulate(network, worlds=1, seed=5, evidence=template())[0]
    return Problem(network, world.evidence, GENERATOR_AS_OF, GENERATOR_DEADLINES)


def far() -> Problem:
    """Nine hidden causes of an event, one on a cycle with it: more than are summed out."""
    hidden = [
        fc.Event(id=f"h{i}", kind="onset", public=False, rate="40% [20%, 60%] within 1 year")
        for i in range(9)
    ]
    deal = fc.Event(id="deal", kind="onset", rate="5% [2%, 10%] within 1 year")
    camp = fc.Event(
        id="camp",
        kind="state",
        public=False,
        initially="50%",
        rate="1 per year",
        off_rate="1 per year",
    )
    links = [
        fc.Link(parent=event.id, child="deal", kind="multiplies", hazard_ratio="x1.6 [1.1, 2.4]")
        for event in hidden
    ]
    links += [
        fc.Link(parent="deal", child="h0", kind="multiplies", hazard_ratio="x3 [2, 5]"),
        fc.Link(parent="deal", child="camp", kind="multiplies", hazard_ratio="x4 [2, 8]"),
    ]
    network = fc.Network(
        name="far",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[*hidden, deal, camp],
        links=links,
    )
    return Problem(network, fc.Evidence([]), "2024-01-01", ("2024-06-30", "2024-12-31"))


def example(as_of: str) -> Problem:
    """The network of this repository: 33 events, and what was published by a date."""
    network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = fc.read_evidence(ROOT / "evidence")
    return Problem(network, evidence, as_of, ("2025-06-30", "2025-12-31"))


CASES = {
    "lone, importance": (lone, "importance"),
    "lone, nuts": (lone, "nuts"),
    "lone, paths": (lone, "paths"),
    "every kind, auto": (every_kind, "auto"),
    "every kind, paths": (every_kind, "paths"),
    "far, importance": (far, "importance"),
    "example in July, importance": (lambda: example("2024-07-01"), "importance"),
    "example in December, paths": (lambda: example("2024-12-31"), "paths"),
}
"""Which problems are estimated, and by which method."""


def figures(case: str, seed: int, draws: int = 4096) -> pd.DataFrame:
    """Return what one seed says, by event and deadline: three statistics, and their errors."""
    build, method = CASES[case]
    problem = build()
    post = fc.update(
        problem.network,
        problem.evidence,
        as_of=problem.as_of,
        method=method,
        draws=draws,
        seed=seed,
    )
    table = post.table(by=list(problem.deadlines))
    columns = [*STATISTICS, "mcse", "lower_mcse", "upper_mcse"]
    by_day = {day: table[day][columns] for day in problem.deadlines}
    return pd.concat(by_day, names=["deadline"]).swaplevel()


def ratios(found: np.ndarray) -> dict[str, float]:
    """Return the spread over seeds over the stated error, pooled over figures.

    Parameters
    ----------
    found
        Shape (seed, figure, 6).
    """
    mean = found[:, :, 0].mean(axis=0)
    unsure = (mean > SURE) & (mean < 1 - SURE)
    pooled = {}
    for i, name in enumerate(STATISTICS):
        spread = found[:, unsure, i].var(axis=0, ddof=1)
        stated = (found[:, unsure, 3 + i] ** 2).mean(axis=0)
        told = stated > 1e-12
        pooled[name] = float(np.sqrt(np.median(spread[told] / stated[told])))
    return pooled


def measured(cases: Iterator[str]) -> dict[str, dict[str, Any]]:
    """Return the ratios of some cases."""
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            each = list(pool.map(figures, [case] * SEEDS, range(1, SEEDS + 1)))
        told = np.array([frame.to_numpy() for frame in each])
        found[case] = {"figures": len(each[0]), "seeds": SEEDS, **ratios(told)}
        if FOLLOWED in each[0].index:
            found[case]["followed"] = [round(frame.loc[FOLLOWED, "upper"], 4) for frame in each]
        sys.stderr.write(f"{case}: {found[case]}\n")
    return found


if __name__ == "__main__":
    known = json.loads(RESULT.read_text())["cases"] if RESULT.exists() else {}
    chosen = sys.argv[1:] or list(CASES)
    result = {"commit": commit(), "cases": {**known, **measured(iter(chosen))}}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
