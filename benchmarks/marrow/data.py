"""Patients with a transplant: when each event came, how long they were followed, what they were.

Times are days since the transplant. The file has, of each event, a time and whether it came then
(``.s`` is 1) or the patient was only followed until then.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Fault, InputError, did_you_mean

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]
type Ints = NDArray[np.int64]

FOLDER, FILE = "bone_marrow", "ebmt4.csv"
COLUMNS = {"rec": "platelets", "ae": "adverse", "rel": "relapse", "srv": "death"}
"""The file's names of the events, and ours: platelets recovered, an adverse event."""
LEVELS = {
    "year": ("1985-1989", "1990-1994", "1995-1998"),
    "agecl": ("<=20", "20-40", ">40"),
    "proph": ("no", "yes"),
    "match": ("no gender mismatch", "gender mismatch"),
}
"""The covariates; the first level of each is the one that the others are compared with."""
COVARIATES = tuple(f"{name} {level}" for name, levels in LEVELS.items() for level in levels[1:])
NEVER = np.inf
APART = 0.1
"""Days between two events of a patient that are on file for one day, in the order of `COLUMNS`."""


@dataclass(frozen=True)
class Histories:
    """What was known of patients on a day, or at the end.

    Parameters
    ----------
    onset
        By event, the day on which it came; infinite where it had not. Shape (patient,) each.
    covariates
        Shape (patient, covariate), 0 or 1, in the order of `COVARIATES`.
    """

    onset: dict[str, Floats]
    covariates: Floats

    def until(self, day: float) -> "Histories":
        """Return the histories as they stood at the end of a day: nothing later is in them."""
        known = {event: np.where(when <= day, when, NEVER) for event, when in self.onset.items()}
        return Histories(known, self.covariates)

    def some(self, which: Any) -> "Histories":
        """Return the histories of some patients."""
        chosen = {event: when[which] for event, when in self.onset.items()}
        return Histories(chosen, self.covariates[which])


@dataclass(frozen=True)
class Patients:
    """Patients from transplant to death or the last that was heard of them.

    Parameters
    ----------
    histories
        What came when.
    end
        The day of death, or the last day on which a patient was known to be alive, (patient,).
    period
        When the transplant was, a level of ``year``, shape (patient,).
    """

    histories: Histories
    end: Floats
    period: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.end)

    def some(self, which: Any) -> "Patients":
        """Return some of the patients."""
        return Patients(self.histories.some(which), self.end[which], self.period[which])


def read(folder: Path) -> Patients:
    """Return the patients of a folder, or of the folder ``bone_marrow`` in it.

    Raises
    ------
    InputError
        If there is no such file, a column is missing, or a cell is not one of those that it knows.
    """
    file = (folder / FOLDER if (folder / FOLDER).is_dir() else folder) / FILE
    if not file.is_file():
        remedy = f"Give the folder that holds {FOLDER}/{FILE}: --data DIR."
        raise InputError(Fault(f"there is no file {FILE}", remedy, file=str(folder)))
    table = pd.read_csv(file)
    have = list(table.columns)
    wanted = [*LEVELS, *(name for event in COLUMNS for name in (event, f"{event}.s"))]
    faults = [
        Fault(f"there is no column '{name}'", did_you_mean(name, have), file=str(file))
        for name in wanted
        if name not in have
    ]
    if faults:
        raise InputError(faults)
    for name, levels in LEVELS.items():
        faults += [
            Fault("is none of the levels", f"Write {' or '.join(levels)}.",
                  file=str(file), field=name, value=str(value))
            for value in sorted(set(table[name]) - set(levels))
        ]  # fmt: skip
    for event in COLUMNS:
        wrong = ~(table[event] > 0) | ~table[f"{event}.s"].isin([0, 1])
        faults += [
            Fault("is not a day after the transplant with a 0 or a 1", "Correct the row.",
                  file=str(file), line=int(row) + 2, field=event, value=str(table[event][row]))
            for row in np.flatnonzero(wrong)
        ]  # fmt: skip
    if faults:
        raise InputError(faults)
    return _patients(table)


def _patients(table: pd.DataFrame) -> Patients:
    onset = {
        name: np.where(table[f"{event}.s"] == 1, table[event], NEVER).astype(np.float64)
        for event, name in COLUMNS.items()
    }
    names = list(onset)
    for k, name in enumerate(names):
        for earlier in names[:k]:
            onset[name] = onset[name] + APART * (onset[name] == onset[earlier])
    columns = [table[name] == level for name, levels in LEVELS.items() for level in levels[1:]]
    last = table["srv"].to_numpy(dtype=np.float64)
    end = np.where(np.isfinite(onset["death"]), onset["death"], last)
    return Patients(
        histories=Histories(onset, np.column_stack(columns).astype(np.float64)),
        end=end,
        period=table["year"].to_numpy(dtype=np.str_),
    )
