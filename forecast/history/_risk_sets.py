"""Event histories as counting processes: stretches (start, stop] that may end with an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what.

    Parameters
    ----------
    start, stop
        When a stretch begins and ends, in one unit of time; the event, if any, is at its stop.
    event
        1 where the stretch ends with the event, else 0.
    covariates
        What the hazard depends on, constant over each stretch; None for all other columns.
    group
        Whose hazards share a frailty; None for no groups.
    """

    start: str = "start"
    stop: str = "stop"
    event: str = "event"
    covariates: Sequence[str] | None = None
    group: str | None = None


@dataclass(frozen=True)
class History:
    """Stretches as arrays.

    Parameters
    ----------
    start, stop, event
        Shape (stretch,).
    covariates
        Shape (stretch, covariate).
    names
        Of the covariates.
    group
        Index of each stretch's group; zeros where there are none.
    groups
        Names of the groups; empty where there are none.
    """

    start: Floats
    stop: Floats
    event: NDArray[np.bool_]
    covariates: Floats
    names: tuple[str, ...]
    group: NDArray[np.int64]
    groups: tuple[str, ...]

    @property
    def exposure(self) -> float:
        """All time at risk."""
        return float((self.stop - self.start).sum())

    def centred(self) -> tuple[Floats, Floats, Floats]:
        """Return covariates less their means over stretches, the means, and standard deviations."""
        mean, spread = self.covariates.mean(axis=0), self.covariates.std(axis=0)
        return self.covariates - mean, mean, spread

    def ratio_table(self, centre: Floats, draws: Floats, level: float) -> "pd.DataFrame":
        """Return one row a covariate: log ratio and sd, hazard ratio and its central interval."""
        import pandas as pd  # noqa: PLC0415 - takes longer than the rest

        if not 0 < level < 1:
            raise InputError(Fault(f"a level lies between 0 and 1, not {level}"))
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        columns = {
            "log ratio": centre,
            "sd": draws.std(axis=0),
            "hazard ratio": np.exp(centre),
            "lower": np.exp(low),
            "upper": np.exp(high),
        }
        return pd.DataFrame(columns, index=pd.Index(self.names, name="covariate"))


def read_history(table: "pd.DataFrame", columns: Columns) -> History:
    """Return the stretches of a table, checked.

    Raises
    ------
    InputError
        With every fault: a column that is missing or not numeric, a stretch that ends before it
        begins, an event that is neither 0 nor 1, no event at all, a covariate that is constant or
        follows from others.
    """
    missing = _missing(table, columns)
    if missing:
        raise InputError(missing)
    fixed = {columns.start, columns.stop, columns.event, columns.group}
    names = (
        tuple(columns.covariates)
        if columns.covariates is not None
        else tuple(str(name) for name in table.columns if name not in fixed)
    )
    faults: list[Fault] = []
    numbers = {name: _numbers(table, name, faults) for name in (*_times(columns), *names)}
    if faults:
        raise InputError(faults)
    start, stop = numbers[columns.start], numbers[columns.stop]
    event = numbers[columns.event]
    covariates = (
        np.column_stack([numbers[n] for n in names]) if names else np.zeros((len(start), 0))
    )
    faults += _faults(start, stop, event, columns)
    faults += _idle(covariates, names)
    if faults:
        raise InputError(faults)
    labels, group = np.unique(
        table[columns.group].astype(str) if columns.group else np.full(len(start), ""),
        return_inverse=True,
    )
    groups = tuple(str(label) for label in labels) if columns.group else ()
    return History(start, stop, event == 1, covariates, names, group.astype(np.int64), groups)


def _times(columns: Columns) -> tuple[str, str, str]:
    return columns.start, columns.stop, columns.event


def _missing(table: "pd.DataFrame", columns: Columns) -> list[Fault]:
    wanted = [*_times(columns), *(columns.covariates or ())]
    wanted += [columns.group] if columns.group else []
    have = [str(name) for name in table.columns]
    faults = [
        Fault(f"the table has no column '{name}'", did_you_mean(name, have), field=name)
        for name in wanted
        if name not in have
    ]
    if len(table) == 0 and not faults:
        faults.append(Fault("the table has no rows"))
    return faults


def _numbers(table: "pd.DataFrame", name: str, faults: list[Fault]) -> Floats:
    try:
        values = np.asarray(table[name], dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(
            Fault(
                f"the column '{name}' holds something other than numbers",
                "Code categories as 0/1 columns, or name the covariates to use.",
                field=name,
            )
        )
        return np.zeros(len(table))
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        faults.append(
            Fault(
                f"the column '{name}' has no finite number in row {table.index[bad[0]]}",
                "Fill the gap or drop the row: missing values are not guessed.",
                field=name,
                value=str(values[bad[0]]),
            )
        )
    return values


def _faults(start: Floats, stop: Floats, event: Floats, columns: Columns) -> list[Fault]:
    faults = []
    backwards = np.flatnonzero(stop <= start)
    if backwards.size:
        row = backwards[0]
        faults.append(
            Fault(
                f"row {row}: the stretch from {start[row]:g} to {stop[row]:g} has no length",
                "Stretches are (start, stop] with start before stop.",
                field=columns.stop,
            )
        )
    odd = np.flatnonzero((event != 0) & (event != 1))
    if odd.size:
        faults.append(
            Fault(
                f"row {odd[0]}: an event is 0 or 1",
                "Write a row per stretch.",
                field=columns.event,
                value=f"{event[odd[0]]:g}",
            )
        )
    elif not event.any():
        faults.append(
            Fault("no stretch ends with the event", "Nothing can be learned.", field=columns.event)
        )
    return faults


def _idle(covariates: Floats, names: tuple[str, ...]) -> list[Fault]:
    constant = [
        name for name, spread in zip(names, np.ptp(covariates, axis=0), strict=True) if not spread
    ]
    if constant:
        return [
            Fault(f"the covariate '{name}' never varies", "Leave it out.", field=name)
            for name in constant
        ]
    centred = covariates - covariates.mean(axis=0)
    scaled = centred / np.maximum(np.abs(centred).max(axis=0, initial=0.0), 1e-300)
    if names and np.linalg.matrix_rank(scaled) < len(names):
        return [
            Fault(
                f"the covariates {', '.join(names)} repeat each other",
                "Leave out one that follows from the others.",
            )
        ]
    return []
