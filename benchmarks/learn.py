"""How long it takes to learn a network from the histories of 200 units over 60 years.

Six events (states, onsets, repeated ones), seven links, a covariate of each unit that changes every
ten years. Panels are drawn event by event from rates like those that the network states. Each
setting runs in a process of its own, so imports and compiled code count: the first run of all also
compiles, the others find compiled code on disk.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pandas as pd

import forecast as fc
from benchmarks.record import duration, keep, kept, stamp, table

UNITS, YEARS = 200, 60
SETTINGS: dict[str, dict[str, Any]] = {
    "units": {},
    "covariates": {"covariates": ["wealth"]},
    "groups": {"covariates": ["wealth"], "group": "region"},
    "drift": {"drift": "10 years"},
    "delay": {},
}
MOST_SECONDS = 60.0


def network(*, delay: bool) -> fc.Network:
    """Return the network, one of whose links has a delay or not."""
    low = "0.03 per year [0.005, 0.2]"
    ratio: dict[str, Any] = {"kind": "multiplies", "hazard_ratio": "x2 [0.5, 8]"}
    late = {"delay": "2 years [0.5, 8]"} if delay else {}
    return fc.Network(
        name="panel",
        start="2024-01-01",
        horizon="2025-12-31",
        events=[
            fc.Event(id="war", kind="state", rate=low, off_rate="0.4 per year [0.1, 1.6]"),
            fc.Event(id="crisis", kind="state", rate=low, off_rate="1 per year [0.3, 3]"),
            fc.Event(id="coup", kind="repeated", rate=low),
            fc.Event(id="protest", kind="repeated", rate=low),
            fc.Event(id="pact", kind="onset", rate=low),
            fc.Event(id="union", kind="onset", rate=low),
        ],
        links=[
            fc.Link(parent="war", child="coup", **ratio),
            fc.Link(parent="crisis", child="coup", **ratio),
            fc.Link(parent="crisis", child="protest", **ratio),
            fc.Link(parent="coup", child="crisis", **ratio),
            fc.Link(parent="pact", child="war", **ratio, **late),
            fc.Link(parent="pact", child="union", kind="causes", extra_rate=low),
            fc.Link(parent="war", child="pact", **ratio),
        ],
    )


def panel(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of histories and of units, drawn event by event."""
    rng, rows, spells = np.random.default_rng(seed), [], []
    names = ("war", "crisis", "coup", "protest", "pact", "union")
    for k in range(UNITS):
        unit, region = f"u{k}", f"r{k % 8}"
        own = dict(zip(names, rng.gamma(4.0, 0.25, len(names)), strict=True))
        decades = range(0, YEARS, 10)
        spells += [(unit, start, start + 10, rng.normal(), region) for start in decades]
        on: dict[str, float] = {}
        count, clock = dict.fromkeys(names, 0), 0.0
        while True:
            rate = {
                "war": 0.03 * (2.0 if count["pact"] else 1.0),
                "crisis": 0.04 * (2.0 if count["coup"] else 1.0),
                "coup": 0.02 * (3.0 if "war" in on else 1.0) * (2.0 if "crisis" in on else 1.0),
                "protest": 0.05 * (3.0 if "crisis" in on else 1.0),
                "pact": 0.0 if count["pact"] else 0.02,
                "union": 0.0 if count["union"] else 0.01 + 0.03 * (count["pact"] > 0),
            }
            rates = {(name, True): rate[name] * own[name] for name in names if name not in on}
            rates |= {(name, False): 0.5 for name in on}
            total = sum(rates.values())
            clock += rng.exponential(1 / total)
            if clock > YEARS:
                break
            keys = list(rates)
            name, begins = keys[rng.choice(len(keys), p=np.array([*rates.values()]) / total)]
            if not begins:
                rows.append((unit, name, on.pop(name), clock))
            elif name in ("war", "crisis"):
                on[name] = clock
            else:
                count[name] += 1
                rows.append((unit, name, clock, np.nan))
        rows += [(unit, name, since, np.nan) for name, since in on.items()]
    histories = pd.DataFrame(rows, columns=["unit", "event", "on", "off"])
    columns = ["unit", "start", "stop", "wealth", "region"]
    return histories, pd.DataFrame(spells, columns=columns)


def measured(setting: str) -> dict[str, float]:
    """Return the seconds that one setting takes in this process, on the clock and of processors."""
    histories, units = panel()
    stated = network(delay=setting == "delay")
    clock, processors = time.perf_counter(), time.process_time()
    learned = fc.learn(stated, histories, units, **SETTINGS[setting])
    numbers = len(learned.table())
    return {
        "seconds": time.perf_counter() - clock,
        "processor_seconds": time.process_time() - processors,
        "numbers": numbers,
        "events": len(histories),
    }


def run() -> None:
    """Measure every setting in a process of its own, and keep the figures."""
    found, load = {}, os.getloadavg()[0]
    for setting in SETTINGS:
        code = f"import benchmarks.learn as b, json; print(json.dumps(b.measured('{setting}')))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        found[setting] = json.loads(done.stdout.splitlines()[-1])
        print(setting, found[setting], flush=True)
    keep("learn", {"units": UNITS, "years": YEARS, "load": load, "settings": found})


WORDS = {
    "units": "ratios of units",
    "covariates": "and a covariate",
    "groups": "and groups",
    "drift": "ratios of units, a drift of six periods",
    "delay": "ratios of units, a delay on one link",
}


def page() -> str:
    """Return what was kept."""
    figures = kept("learn")
    if not figures:
        return ""
    found = figures["settings"]
    events = next(iter(found.values()))["events"]
    words = (
        f"{figures['units']} units over {figures['years']} years, six events with seven links, "
        f"{events:,} rows of histories. Target: {MOST_SECONDS:.0f} s.\n"
    )
    rows = [
        (
            WORDS[name],
            f"{one['numbers']:.0f}",
            duration(one["seconds"]),
            duration(one["processor_seconds"]),
        )
        for name, one in found.items()
    ]
    head = ("setting", "numbers learned", "on the clock", "processor time")
    where = stamp(figures["machine"], "learn")
    load = f"Load average before: {figures['load']:.1f}.\n"
    return "\n".join(
        ["## Learning from histories\n", where + "\n", words + load, table(head, rows)]
    )


if __name__ == "__main__":
    run()
