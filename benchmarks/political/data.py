"""What is on record of states: attempted coups, leaders, onsets of conflict, governments, borders.

Times are years with a fraction: 1974.0 is the first of January 1974.

| file | of it | columns |
|---|---|---|
| states.csv | Gleditsch and Ward's list | gwcode, startdate, enddate |
| coup_attempts.csv | Powell and Thyne's list | cow_code, year, month, day, outcome |
| leaders.csv | Archigos | gwcode, enddate, exit |
| internal_conflict_onsets.csv | UCDP, by state and year | gwcode, year, sumonset2 |
| government_country_year.csv.gz | REIGN, as each December was | gwcode, year, `GOVERNMENT` |
| neighbours.csv | states at most 50 km apart, in some years | gwcode1, gwcode2, year |
| peer_coup_forecasts.csv | a peer's forecasts | gwcode, for_year, outcome, observed, p |
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Fault, InputError, did_you_mean

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]

FOLDER = "political_events"
BEGIN = 1940
"""The first year that counts: what happened before is left out."""
GOVERNMENT = (
    "age", "militarycareer", "tenure_months", "government", "election_now", "election_recent",
    "anticipation", "irregular", "lastelection", "prev_conflict",
)  # fmt: skip
"""As of December; ``anticipation`` is of an election that is due within six months."""
COLUMNS = {
    "states.csv": ("gwcode", "startdate", "enddate"),
    "coup_attempts.csv": ("cow_code", "year", "month", "day", "outcome"),
    "leaders.csv": ("gwcode", "enddate", "exit"),
    "internal_conflict_onsets.csv": ("gwcode", "year", "sumonset2"),
    "government_country_year.csv.gz": ("gwcode", "year", *GOVERNMENT),
    "neighbours.csv": ("gwcode1", "gwcode2", "year"),
    "peer_coup_forecasts.csv": ("gwcode", "for_year", "outcome", "observed", "p"),
}
TEXT = {"startdate", "enddate", "outcome", "exit", "government"}
MAY_BE_EMPTY = {"enddate", "exit", "observed"}
TO_GLEDITSCH_WARD = {255: 260, 679: 678, 816: 816, 818: 816}
"""States that the Correlates of War number otherwise: Germany, Yemen, Vietnam."""


@dataclass(frozen=True)
class Log:
    """Dated events of states: whose, and when.

    Parameters
    ----------
    state
        Code of the state, shape (event,).
    time
        Shape (event,).
    """

    state: Ints
    time: Floats

    def some(self, which: Bools) -> "Log":
        """Return some of them."""
        return Log(self.state[which], self.time[which])

    def until(self, year: int) -> "Log":
        """Return those before a year begins."""
        return self.some(self.time < year)


@dataclass(frozen=True)
class Records:
    """What was on record on a day, or at the end.

    Parameters
    ----------
    spells
        When states were independent: columns ``state``, ``start``, ``stop`` (infinite if not
        ended).
    attempts
        Attempted coups, whether they succeeded or not.
    exits
        Leaders who lost office in an irregular way.
    onsets
        Of internal conflict, after two quiet years or more; known to the year, put in its middle.
    government
        Columns ``state``, ``year`` and `GOVERNMENT`.
    borders
        Columns ``one``, ``other``, ``year``.
    """

    spells: pd.DataFrame
    attempts: Log
    exits: Log
    onsets: Log
    government: pd.DataFrame
    borders: pd.DataFrame

    def until(self, year: int) -> "Records":
        """Return what was on record as a year began: nothing later is in it."""
        spells = self.spells[self.spells["start"] <= year]
        return Records(
            spells=spells.assign(stop=spells["stop"].where(spells["stop"] <= year, np.inf)),
            attempts=self.attempts.until(year),
            exits=self.exits.until(year),
            onsets=self.onsets.until(year),
            government=self.government[self.government["year"] < year],
            borders=self.borders[self.borders["year"] < year],
        )


def read(folder: Path) -> tuple[Records, pd.DataFrame]:
    """Return the records of a folder, and the peer's forecasts of attempts.

    Parameters
    ----------
    folder
        With the files, or with a folder ``political_events`` that has them.

    Returns
    -------
    Records, DataFrame
        The second with columns ``state``, ``year``, ``observed``, ``p``.

    Raises
    ------
    InputError
        With every file that is missing, every column, and every cell that cannot be read.
    """
    place = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    faults: list[Fault] = []
    tables = {name: _table(place / name, columns, faults) for name, columns in COLUMNS.items()}
    if faults:
        raise InputError(faults)
    coups, leaders = tables["coup_attempts.csv"], tables["leaders.csv"]
    onsets = tables["internal_conflict_onsets.csv"]
    onsets = onsets[onsets["sumonset2"] > 0]
    ends = pd.to_datetime(leaders["enddate"])
    irregular = (leaders["exit"] == "Irregular") & (ends.dt.year >= BEGIN)
    states, borders = tables["states.csv"], tables["neighbours.csv"]
    government = tables["government_country_year.csv.gz"].rename(columns={"gwcode": "state"})
    peer = tables["peer_coup_forecasts.csv"].rename(columns={"gwcode": "state", "for_year": "year"})
    records = Records(
        spells=pd.DataFrame(
            {
                "state": _codes(states["gwcode"]),
                "start": _years(states["startdate"]),
                "stop": _years(states["enddate"]) + 1 / 366,  # the day after the last
            }
        ),
        attempts=Log(
            np.array([TO_GLEDITSCH_WARD.get(c, c) for c in _codes(coups["cow_code"]).tolist()]),
            _years(pd.to_datetime(coups[["year", "month", "day"]])),
        ),
        exits=Log(_codes(leaders["gwcode"][irregular]), _years(ends[irregular])),
        onsets=Log(_codes(onsets["gwcode"]), onsets["year"].to_numpy(np.float64) + 0.5),
        government=government.astype({"state": np.int64, "year": np.int64}),
        borders=pd.DataFrame(
            {
                "one": _codes(borders["gwcode1"]),
                "other": _codes(borders["gwcode2"]),
                "year": _codes(borders["year"]),
            }
        ),
    )
    attempts = peer[(peer["outcome"] == "attempt") & peer["observed"].notna()]
    attempts = attempts.astype({"state": np.int64, "year": np.int64})
    return records, attempts[["state", "year", "observed", "p"]].reset_index(drop=True)


def _table(file: Path, columns: tuple[str, ...], faults: list[Fault]) -> pd.DataFrame:
    """Return some columns of a file, and take in what is wrong with them."""
    if not file.is_file():
        remedy = "Give the folder that holds the files of political events: --data DIR."
        faults.append(Fault(f"there is no file {file.name}", remedy, file=str(file.parent)))
        return pd.DataFrame()
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for name in columns:
        if name not in table:
            remedy = did_you_mean(name, list(table.columns))
            faults.append(Fault(f"there is no column '{name}'", remedy, file=str(file)))
            continue
        cells = table[name]
        empty = cells == ""
        if name.endswith("date"):
            read = pd.to_datetime(cells.where(~empty), format="%Y-%m-%d", errors="coerce")
            wanted, bad = "a day such as 1974-05-03", read.isna()
        elif name in TEXT:
            read, wanted, bad = cells.where(~empty), "a word", empty
        else:
            read = pd.to_numeric(cells.where(~empty), errors="coerce")
            wanted, bad = "a number", read.isna()
        if name in MAY_BE_EMPTY:
            bad &= ~empty
        faults += [
            Fault(f"is not {wanted}", "Correct the row.", file=str(file), line=int(row) + 2,
                  field=name, value=str(cells[row]))
            for row in np.flatnonzero(bad)
        ]  # fmt: skip
        table[name] = read
    return table[[name for name in columns if name in table]]


def _codes(cells: "pd.Series[float]") -> Ints:
    return cells.to_numpy(np.float64).astype(np.int64)


def _years(days: "pd.Series[pd.Timestamp]") -> Floats:
    """Return days as years with a fraction; infinite where there is none."""
    length = np.where(days.dt.is_leap_year, 366, 365)
    found = days.dt.year.to_numpy(np.float64) + (days.dt.day_of_year.to_numpy() - 1) / length
    return np.where(np.isnan(found), np.inf, found)
