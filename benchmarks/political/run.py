"""The benchmark: forecasts of every state and year, each from what was on record as it began."""

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.political import model, references
from benchmarks.political.data import Records, read
from benchmarks.political.features import table
from benchmarks.political.model import EVENTS, Settings
from benchmarks.political.page import PART, headline
from benchmarks.political.scores import summary
from benchmarks.record import keep

YEARS = range(1985, 2015)


def forecasts(
    records: Records, years: Iterable[int] = YEARS, settings: Settings | None = None
) -> pd.DataFrame:
    """Return what each forecaster said of each state, year and event, and what came of it.

    Whatever forecasts a year gets the records as they were when it began: `Records.until`.

    Returns
    -------
    DataFrame
        Columns ``state``, ``year``, ``event``, ``came``, and one a forecaster.
    """
    settings = settings or Settings()
    found = []
    for year in years:
        known = records.until(year)
        for rows in of_year(known, year, settings):
            log = {"attempt": records.attempts, "exit": records.exits, "onset": records.onsets}
            came = ~np.isnan(model.came(rows, log[rows.attrs["event"]]))
            found.append(rows.assign(event=rows.attrs["event"], came=came.astype(np.float64)))
            found[-1].attrs.clear()
        print(f"  {year}", flush=True)
    return pd.concat(found, ignore_index=True)


def of_year(known: Records, year: int, settings: Settings) -> list[pd.DataFrame]:
    """Return the forecasts of a year from what was on record as it began, a table an event."""
    features = table(known, year)
    now, past = features[features["year"] == year], features[features["year"] < year]
    together = model.linked(known, features, year, settings)
    apart = model.alone(known, features, year, settings)
    logs = {"attempt": known.attempts, "exit": known.exits, "onset": known.onsets}
    found = []
    for event in EVENTS:
        outcome = (~np.isnan(model.came(past, logs[event]))).astype(np.float64)
        said = now[["state", "year"]].assign(
            linked=together[event],
            apart=apart[event],
            climatology=references.climatology(past, outcome, now),
            own_rate=references.own_rate(past, outcome, now),
            logistic=references.logistic(past, outcome, now, references.PLAIN),
            logistic_rich=references.logistic(past, outcome, now, references.RICH[event]),
        )
        said.attrs["event"] = event
        found.append(said)
    return found


def run(folder: Path) -> None:
    """Forecast, score and keep the scores."""
    records, peer = read(folder)
    began = time.process_time()
    found = summary(forecasts(records), peer)
    found["processor_seconds"] = round(time.process_time() - began, 1)
    found["command"] = "python -m benchmarks.truth --data DIR"
    found["commit"] = commit()
    keep(PART, {"headline": headline(found), **found})


def commit() -> str:
    """Return the commit that is checked out; a plus where files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return described.stdout.strip()
