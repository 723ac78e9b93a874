"""A small workspace, and a posterior that nobody estimated: wiring tests never run inference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import forecast.workspace._update as job
from forecast.estimate._groups import Groups, groups_of
from forecast.evidence import Evidence, Question
from forecast.gate import Check, Gate, forecasts_gate
from forecast.network import Network
from forecast.time import day_label
from forecast.workspace._contents import Inputs
from forecast.workspace._settings import Settings

WORKSPACE = """\
[workspace]
networks = ["priors/tiny.yaml"]
evidence = ["evidence/"]

[forecast]
deadlines = ["2024-03-31", "2024-12-31"]
as_of = "2024-07-01"
draws = 512
"""

NETWORK = """\
name: tiny
title: A pact and what follows
start: 2024-01-01
horizon: 2025-12-31
events:
  pact:
    kind: onset
    title: A pact is signed
    rate: "20% [10%, 40%] within 6 months"
  troops:
    kind: onset
    public: false
    title: Troops deploy
    rate: "5% [2%, 12%] within 6 months"
links:
  - parent: pact
    child: troops
    kind: multiplies
    hazard_ratio: "x3 [1.5, 6]"
types:
  press:
    title: Press
    hit_rate: "70% [50%, 85%]"
    false_alarm_rate: "20% [8%, 40%]"
sources:
  gazette: {title: The Gazette, type: press}
"""

EVIDENCE = """\
id,published,kind,event,source,claim,state
e1,2024-05-01,report,troops,gazette,on,
e2,2024-06-01,observation,pact,,,off
e3,2024-08-01,report,troops,gazette,off,
"""


def write_workspace(folder: Path, replaced: Mapping[str, str] | None = None) -> Path:
    """Write the sample workspace; `replaced` gives the text of other or altered files by path."""
    files = {
        "forecast.toml": WORKSPACE,
        "priors/tiny.yaml": NETWORK,
        "evidence/items.csv": EVIDENCE,
        **(replaced or {}),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def draws_tree() -> xr.DataTree:
    """Return a tree with what netCDF finds hard: text, objects, flags, and rich attributes."""
    rng = np.random.default_rng(3)
    coords = {"draw": np.arange(64), "event": ["pact", "troops"]}
    posterior = xr.Dataset({"rate": (("draw", "event"), rng.random((64, 2)))}, coords)
    posterior.attrs = {"settings": {"seed": 1}, "converged": True, "note": None, "names": ["a"]}
    stats = xr.Dataset(
        {
            "diverging": ("draw", np.zeros(64, bool)),
            "message": ("draw", np.array([None, "late"] * 32, dtype=object)),
            "khat": ((), 0.3),
        }
    )
    return xr.DataTree.from_dict({"/": xr.Dataset(), "/posterior": posterior, "/stats": stats})


@dataclass
class FakePosterior:
    """What the workspace asks of a posterior, made up."""

    network: Network
    evidence: Evidence
    as_of: datetime
    khat: float = 0.3
    method: str = "importance"

    def saved_groups(self) -> Groups:
        return groups_of(draws_tree())

    @property
    def gate(self) -> Gate:
        return Gate((Check("khat", self.khat, 0.7, self.khat <= 0.7),))

    def gate_at(self, by: Sequence[datetime]) -> Gate:
        assert by
        return self.gate + forecasts_gate(0.001, 0.004)

    def event_rows(self, by: Sequence[datetime]) -> dict[datetime, dict[str, dict[str, float]]]:
        table = self.table(by)
        return {day: table[day_label(day)].to_dict("index") for day in by}

    def question_rows(self, questions: Sequence[Question]) -> list[dict[str, float]]:
        rows = self.event_rows([each.by for each in questions])
        return [rows[each.by][each.event] for each in questions]

    def table(self, by: Sequence[datetime]) -> pd.DataFrame:
        columns, values = [], []
        for position, deadline in enumerate(by):
            means = np.linspace(0.004, 0.6, len(self.network.events)) * (position + 1) / len(by)
            figures = {
                "mean": means,
                "lower": means / 2,
                "upper": np.minimum(1.5 * means, 1.0),
                "mcse": np.full_like(means, 0.001),
                "lower_mcse": np.full_like(means, 0.0023),
                "upper_mcse": np.full_like(means, 0.004),
                "prior": (prior := np.maximum(means - 0.034, 0.0)),
                "change": means - prior,
            }
            columns += [(day_label(deadline), name) for name in figures]
            values += list(figures.values())
        ids = [event.id for event in self.network.events]
        return pd.DataFrame(
            np.array(values).T,
            index=pd.Index(ids, name="event"),
            columns=pd.MultiIndex.from_tuples(columns, names=["deadline", "statistic"]),
        )


def never_estimate(monkeypatch: pytest.MonkeyPatch, *, khat: float = 0.3) -> list[str]:
    """Put the made-up posterior in the place of estimation; return the list of calls."""
    calls: list[str] = []

    def estimate(inputs: Inputs, settings: Settings) -> FakePosterior:
        calls.append(inputs.network.name)
        seen = inputs.evidence.as_of(settings.as_of, settings.known)
        return FakePosterior(inputs.network, seen, settings.as_of, khat=khat)

    monkeypatch.setattr(job, "_estimate", estimate)
    return calls
