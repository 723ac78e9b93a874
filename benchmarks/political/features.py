"""What may foretell an event of a state in a year, from what was on record as the year began.

One rule for all: the row of a year holds nothing that happened on or after its first of January.
Governments are as they were in the December before, elections those that were due by then. The
calendar counts as known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.political.data import BEGIN, Bools, Floats, Ints, Log, Records

LONGEST = 60.0
"""Years since the last event, at most; also where none is on record."""
DECAYS = (1, 2, 5, 10, 20)
"""Years after which the weight of an event is 1/e."""
COUNTED = (5, 10)
"""Years over which past events are simply counted."""
REGIONS = (200, 400, 600, 700, 900)
"""Codes at which they begin: Europe, Africa, the Middle East, Asia, Oceania; the Americas first."""
REGION_YEARS, REGION_WEIGHT = 10, 20.0
"""Years that count for a region's own rate, and state-years at the world's rate added to them."""
AFTER = (-3 / 365.25, 30 / 365.25)
"""Years from an attempt to an exit that is put down to it: a leader may go as it begins."""
SINCE = 1950
"""The calendar counts as the logarithm of the years since then."""
KINDS = {  # of government; what is in none is left to the constant
    "democracy": ("Parliamentary Democracy", "Presidential Democracy"),
    "parliamentary": ("Parliamentary Democracy",),
    "military": ("Military", "Military-Personal", "Indirect Military", "Provisional - Military",
                 "Warlordism"),
    "personal": ("Personal Dictatorship", "Party-Personal", "Party-Personal-Military Hybrid"),
    "monarchy": ("Monarchy",),
    "provisional": ("Provisional - Military", "Provisional - Civilian"),
    "party": ("Dominant Party", "Party-Military", "Oligarchy"),
}  # fmt: skip


def by_attempt(records: Records) -> Bools:
    """Return which exits came with an attempt, or within a month of one."""
    attempts, exits = records.attempts, records.exits
    lag = exits.time[:, None] - attempts.time
    same = exits.state[:, None] == attempts.state
    return np.asarray((same & (lag >= AFTER[0]) & (lag <= AFTER[1])).any(axis=1))


@dataclass(frozen=True)
class Grid:
    """States by years: each array has the shape (state, year), or broadcasts to it.

    Parameters
    ----------
    states
        Codes, in order.
    years
        From `BEGIN` to the year of the forecast.
    """

    states: Ints
    years: Ints

    def counts(self, log: Log, tau: float = np.inf) -> Floats:
        """Return events of each year, each weighed as decay would leave it at the year's end."""
        found = np.zeros((len(self.states), len(self.years)))
        place = np.minimum(np.searchsorted(self.states, log.state), len(self.states) - 1)
        year = np.floor(log.time).astype(np.int64)
        inside = (self.states[place] == log.state) & (year >= BEGIN) & (year <= self.years[-1])
        left = np.exp(-(year + 1 - log.time) / tau)
        np.add.at(found, (place[inside], year[inside] - BEGIN), left[inside])
        return found

    def decayed(self, log: Log, tau: float) -> Floats:
        """Return the sum of exp(-age / tau) over events before each year."""
        fresh, found = self.counts(log, tau), np.zeros((len(self.states), len(self.years)))
        for t in range(1, len(self.years)):
            found[:, t] = found[:, t - 1] * np.exp(-1 / tau) + fresh[:, t - 1]
        return found

    def since(self, log: Log) -> Floats:
        """Return the years since the last event before each year, at most `LONGEST`."""
        last = np.full((len(self.states), len(self.years)), -np.inf)
        place = np.minimum(np.searchsorted(self.states, log.state), len(self.states) - 1)
        after = np.floor(log.time).astype(np.int64) + 1 - BEGIN
        inside = (self.states[place] == log.state) & (after > 0) & (after < len(self.years))
        np.maximum.at(last, (place[inside], after[inside]), log.time[inside])
        last = np.maximum.accumulate(last, axis=1)
        return np.asarray(np.minimum(self.years - last, LONGEST))

    def past(self, log: Log, years: int) -> Floats:
        """Return how many events there were in the years before each year."""
        total = np.cumsum(self.counts(log), axis=1)
        total = np.pad(total, ((0, 0), (years + 1, 0)))[:, :-1]  # up to the year before
        return np.asarray(total[:, years:] - total[:, : len(self.years)])

    def regional(self, log: Log, alive: Bools) -> Floats:
        """Return the log rate of each state's region, drawn towards the rate of all states."""
        region = np.searchsorted(REGIONS, self.states, side="right")
        each = np.eye(len(REGIONS) + 1)[region]  # (state, region)
        past = self.past(log, REGION_YEARS)
        before = np.pad(np.cumsum(alive, axis=1), ((0, 0), (REGION_YEARS + 1, 0)))[:, :-1]
        lived = before[:, REGION_YEARS:] - before[:, : len(self.years)]
        world = (past.sum(axis=0) + 1) / (lived.sum(axis=0) + REGION_WEIGHT)
        events, years = each.T @ past + REGION_WEIGHT * world, each.T @ lived + REGION_WEIGHT
        return np.asarray(np.log(events / years)[region])

    def near(self, borders: pd.DataFrame, values: Floats) -> Floats:
        """Return the sum of values over neighbours, of the newest list before each year."""
        found = np.zeros_like(values)
        lists = np.sort(borders["year"].unique())
        for t, year in enumerate(self.years.tolist()):
            known = lists[lists < year]
            if not len(lists):
                break
            newest = known[-1] if len(known) else lists[0]  # before the first list: that one
            one, other = (
                borders.loc[borders["year"] == newest, name].to_numpy() for name in ("one", "other")
            )
            a, b = np.searchsorted(self.states, one), np.searchsorted(self.states, other)
            last = len(self.states) - 1
            a, b = np.minimum(a, last), np.minimum(b, last)
            both = (self.states[a] == one) & (self.states[b] == other)
            np.add.at(found[:, t], a[both], values[b[both], t])
            np.add.at(found[:, t], b[both], values[a[both], t])
        return found


def table(records: Records, year: int) -> pd.DataFrame:
    """Return the features of every state and year, to a year that begins.

    Parameters
    ----------
    records
        Cut to what was on record then: see `Records.until`.
    year
        The last one; of it, nothing is on record yet.

    Returns
    -------
    DataFrame
        One row a state and year: ``state``, ``year``, ``began`` (when the state did), the
        `GOVERNMENT` of the year before, and features. States are those of both lists, so that the
        smallest ones, which the list of states leaves out, are not in it.
    """
    spells, government = records.spells, records.government
    grid = Grid(np.unique(spells["state"]), np.arange(BEGIN, year + 1))
    began = np.full((len(grid.states), len(grid.years)), np.nan)
    for state, start, stop in spells[["state", "start", "stop"]].to_numpy(np.float64).tolist():
        there = (grid.years >= start) & (grid.years < stop)
        began[np.searchsorted(grid.states, state), there] = start
    alive = ~np.isnan(began)
    now = pd.DataFrame(
        {
            "state": np.repeat(grid.states, len(grid.years)),
            "year": np.tile(grid.years, len(grid.states)),
            "began": began.ravel(),
            **{name: values.ravel() for name, values in _histories(grid, records, alive).items()},
        }
    )[alive.ravel()]
    found = now.merge(government.assign(year=government["year"] + 1), on=["state", "year"])
    return _said(found).sort_values(["year", "state"], ignore_index=True)


def _histories(grid: Grid, records: Records, alive: Bools) -> Mapping[str, Floats]:
    """Return what the histories of events say, of states, their regions and their neighbours."""
    logs = {"attempt": records.attempts, "exit": records.exits, "onset": records.onsets}
    found: dict[str, Floats] = {}
    for name, log in logs.items():
        for tau in DECAYS:
            found[f"{name} {tau}"] = np.log1p(grid.decayed(log, tau))
        found[f"{name} since"] = np.log1p(grid.since(log))
        found[f"{name} region"] = grid.regional(log, alive)
        found[f"{name} near"] = np.log1p(grid.near(records.borders, grid.decayed(log, 1)))
        for years in COUNTED:
            found[f"{name} in {years} years"] = grid.past(log, years)
    return found


def _said(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with what governments and the calendar say."""
    kinds = {
        name: table["government"].isin(those).astype(np.float64) for name, those in KINDS.items()
    }
    return table.assign(
        **kinds,
        conflict=(table["prev_conflict"] > 0).astype(np.float64),
        tenure=np.log1p(table["tenure_months"] / 12),
        independent=np.log1p(table["year"] - table["began"]),
        era=np.log(np.maximum(table["year"] - SINCE, 1)),
    )
