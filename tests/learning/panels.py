"""Panels by an independent simulator: one event after the other, each by its own rate."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import forecast as fc

type Rate = Callable[[Mapping[str, int]], float]


def simulate_unit(
    name: str,
    on: Mapping[str, Rate],
    off: Mapping[str, float],
    once: set[str],
    span: tuple[float, float],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return rows of a unit: rates are given how often each event has come, or whether it is on."""
    start, stop = span
    state = dict.fromkeys(on, 0)
    since: dict[str, float] = {}
    rows, time = [], start
    while True:
        rates = {}
        for event, rate in on.items():
            if (event in once or event in off) and state[event]:
                continue
            rates[event, True] = rate(state)
        rates |= {(event, False): pace for event, pace in off.items() if state[event]}
        total = sum(rates.values())
        wait = rng.exponential(1 / total) if total else np.inf
        if time + wait > stop:
            break
        time += wait
        keys = list(rates)
        event, turns = keys[rng.choice(len(keys), p=np.array([*rates.values()]) / total)]
        if not turns:
            state[event] = 0
            rows.append({"unit": name, "event": event, "on": since[event], "off": time})
        elif event in off:
            state[event], since[event] = 1, time
        else:
            state[event] += 1
            rows.append({"unit": name, "event": event, "on": time, "off": np.nan})
    rows += [
        {"unit": name, "event": event, "on": since[event], "off": np.nan}
        for event in off
        if state[event]
    ]
    return rows


def network(events: Mapping[str, Mapping[str, Any]], links: list[Mapping[str, Any]]) -> fc.Network:
    """Return a network of some events and links."""
    return fc.Network(
        name="panel",
        start="2024-01-01",
        horizon="2025-12-31",
        events=[fc.Event(id=name, **fields) for name, fields in events.items()],
        links=[fc.Link(**link) for link in links],
    )


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the table of histories."""
    return pd.DataFrame(rows, columns=["unit", "event", "on", "off", "value"])


def spells(units: int, start: float = 0.0, stop: float = 20.0, **columns: Any) -> pd.DataFrame:
    """Return the table of units, one spell each."""
    names = [f"u{k}" for k in range(units)]
    return pd.DataFrame({"unit": names, "start": start, "stop": stop, **columns})
