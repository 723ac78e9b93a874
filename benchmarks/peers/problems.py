"""The problems that peers are compared on: the first network, and rings of hidden onsets."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import forecast as fc
from forecast.evidence import Item, Report

__all__ = ["PROBLEMS", "Problem", "problem", "random_network"]

ROOT = Path(__file__).resolve().parents[2]
START, HORIZON = date(2024, 1, 1), date(2024, 12, 30)
WEEKS = 26
AS_OF = START + timedelta(weeks=WEEKS, days=-1)  # the end of a day: a whole number of weeks
RATES = ("20% [8%, 45%] within 6 months", "30% [12%, 60%] within 6 months")
PROBLEMS = {
    **{f"{n} events, 12 items": (n, 12) for n in (4, 6, 8, 10)},
    "8 events, 40 items": (8, 40),
    "first network": None,
}
"""By name, the active events and the items of the random ones."""

type Problem = tuple[fc.Network, fc.Evidence, str, str, str]


def problem(name: str) -> Problem:
    """Return network, evidence, cut-off, event asked about and deadline."""
    asked = PROBLEMS[name]
    if asked is None:
        network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
        evidence = fc.read_evidence(ROOT / "evidence")
        # Peers hold onsets alone: what may never come is taken to come, at its pace.
        paced = tuple(
            event.model_copy(update={"ever": None, "pace": None, "rate": event.pace})
            if event.ever is not None
            else event
            for event in network.events
        )
        network = network.model_copy(update={"events": paced})
        return network, evidence, "2024-07-01", "dprk_troops_donetsk", "2024-12-31"
    events, items = asked
    network = random_network(events)
    evidence = _evidence(network, events, items)
    return network, evidence, AS_OF.isoformat(), "e0", HORIZON.isoformat()


def random_network(events: int) -> fc.Network:
    """Return hidden onsets on a ring with random chords, so that all bear on one another."""
    rng = np.random.default_rng([events, 1])
    pairs = [(k, (k + 1) % events) for k in range(events)]
    pairs += [(int(a), int(b)) for a, b in rng.integers(events, size=(events // 2, 2)) if a != b]
    names = [f"e{k}" for k in range(events)]
    links: list[dict[str, Any]] = []
    for number, (a, b) in enumerate(dict.fromkeys(pairs)):
        link: dict[str, Any] = {"parent": names[a], "child": names[b]}
        if number % 4 == 3:
            links.append(link | {"kind": "causes", "extra_rate": "0.4 per year [0.1, 1.5]"})
        else:
            links.append(link | {"kind": "multiplies", "hazard_ratio": "x2 [1, 4]"})
    return fc.Network(
        name="ring",
        start=START,
        horizon=HORIZON,
        events=[
            fc.Event(id=name, kind="onset", public=False, rate=RATES[k % 2])
            for k, name in enumerate(names)
        ],
        links=[fc.Link(**link) for link in links],
        source_types=[
            fc.SourceType(id="wire", hit_rate="80% [60%, 92%]", false_alarm_rate="10% [3%, 25%]")
        ],
        sources=[fc.Source(id=f"s{k}", type="wire") for k in range(3)],
    )


def _evidence(network: fc.Network, events: int, items: int) -> fc.Evidence:
    """Return reports at the ends of weeks, one on each event at the last, from one world."""
    rng = np.random.default_rng([events, items])
    reports: list[Item] = []
    for k in range(items):
        week = WEEKS if k < events else int(rng.integers(4, WEEKS))
        common: dict[str, Any] = {
            "id": f"i{k}",
            "event": f"e{k % events}",
            "published": START + timedelta(weeks=week, days=-1),
            "source": f"s{rng.integers(3)}",
        }
        reports.append(Report(**common, claim="on"))
    world = fc.simulate(network, worlds=1, seed=items, evidence=fc.Evidence(reports))[0]
    return world.evidence
