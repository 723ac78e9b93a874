"""Cells of a table of forecasts: names, numbers, times and outcomes, every fault by row and column.

Rows are counted from 1, the first under the header, whatever the table's index.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, Ints
from forecast.time import Day, DayError, parse_instant

type Edge = Literal["start", "end"]

MOST_SHOWN = 20
SECONDS_PER_DAY = 86_400.0
YES = frozenset({"yes", "true", "1", "1.0"})
NO = frozenset({"no", "false", "0", "0.0"})
OUTCOME_REMEDY = "Write yes, true or 1, or no, false or 0; leave it blank while it is not known."


class Faults(list[Fault]):
    """The faults of one table, found column by column, raised together.

    Parameters
    ----------
    rows
        How many rows the table has as its author wrote it; whatever has more repeats them.
    """

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.known: set[Fault] = set()

    def note(self, fault: Fault) -> None:
        """Note a fault, once."""
        if fault not in self.known:
            self.known.add(fault)
            self.append(fault)

    def cell(self, row: int, column: str, problem: str, remedy: str, value: object = "") -> None:
        """Note that a cell cannot be used; rows count from 0 here and from 1 in the message."""
        where = f"row {row % self.rows + 1}, {column}"
        self.note(Fault(problem, remedy, field=where, value=str(value)))

    def stop(self) -> None:
        """Raise what was found, if anything.

        Raises
        ------
        InputError
            With the first faults, and how many more there are.
        """
        if not self:
            return
        shown = self[:MOST_SHOWN]
        if len(self) > MOST_SHOWN:
            shown = [*shown, Fault(f"and {len(self) - MOST_SHOWN} more faults like these")]
        raise InputError(shown)


class Names(NamedTuple):
    """The distinct names of a column, sorted, and each row's place among them (-1: none)."""

    known: pd.Index
    codes: Ints


def need(frame: object, columns: Sequence[str], remedy: str) -> None:
    """Stop if the table has no rows, or lacks columns.

    Raises
    ------
    InputError
        Naming every column that is missing.
    """
    if not isinstance(frame, pd.DataFrame):
        problem = "forecasts are given as a pandas DataFrame"
        raise InputError(Fault(problem, remedy, value=type(frame).__name__))
    faults = Faults(1)
    for name in columns:
        if name not in frame.columns:
            faults.note(Fault(f"the table of forecasts has no column '{name}'", remedy))
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        problem = "the table has two columns of one name"
        faults.note(Fault(problem, "Rename one of them.", value=str(twice[0])))
    if not faults and frame.empty:
        faults.note(Fault("the table of forecasts has no rows"))
    faults.stop()


def missing(value: Any) -> bool:
    """Return whether a cell is empty: None, NaN, NA, NaT or blank text."""
    if isinstance(value, str):
        return not value.strip()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def cells(column: pd.Series) -> list[Any]:
    """Return a column's values as objects, None where there is none."""
    return [None if missing(value) else value for value in column.astype(object)]


def names(column: pd.Series, faults: Faults) -> Names:
    """Return the names in a column; a row without one is a fault.

    A categorical column's unused categories are no names.
    """
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    values = column.astype(column.cat.categories.dtype) if categorical else column
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        values = pd.Series(cells(values), dtype=object)
    try:
        codes, known = pd.factorize(values, sort=True)
    except TypeError:  # numbers and texts have no common order: compare them as texts
        told = [None if value is None else str(value) for value in cells(values)]
        codes, known = pd.factorize(pd.Series(told, dtype=object), sort=True)
    for row in np.flatnonzero(codes < 0):
        remedy = "Name the question and the forecaster in every row."
        faults.cell(int(row), str(column.name), f"a forecast has no {column.name}", remedy)
    return Names(pd.Index(known, name=column.name), codes)


def numbers(
    column: pd.Series, faults: Faults, good: Callable[[Floats], Any], problem: str, remedy: str
) -> Floats:
    """Return a column's numbers, NaN where a cell is empty; any that is not `good` is a fault."""
    values = np.array(pd.to_numeric(column.astype(object), errors="coerce"), dtype=np.float64)
    unread = np.isnan(values)
    unread[unread] = [not missing(value) for value in column[unread]]
    with np.errstate(invalid="ignore"):
        wrong = unread | (~np.isnan(values) & ~np.asarray(good(values), dtype=bool))
    for row in np.flatnonzero(wrong):
        faults.cell(int(row), str(column.name), problem, remedy, column.iloc[row])
    return values


def probabilities(column: pd.Series, faults: Faults, *, blank: bool) -> Floats:
    """Return a column's probabilities; `blank` says whether a cell may be empty (NaN)."""
    problem, remedy = "a probability lies between 0 and 1", "Write 30% as 0.3."
    found = numbers(column, faults, lambda p: (p >= 0) & (p <= 1), problem, remedy)
    if not blank:
        for row in np.flatnonzero([missing(value) for value in column]):
            lacking = "a forecast has no probability"
            faults.cell(int(row), str(column.name), lacking, "Leave out the row, or fill it in.")
    return found


def outcome(value: Any) -> float | None:
    """Return 1 for yes, 0 for no, and None for what is neither."""
    text = str(value).strip().lower()
    return 1.0 if text in YES else 0.0 if text in NO else None


def instant(value: Any, *, edge: Edge) -> float:
    """Return a date or a time as days since 1970, and a number as it is.

    Raises
    ------
    DayError
        If it is neither.
    """
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        if not np.isfinite(value):
            problem = "stands for no time at all"
            raise DayError(value, problem, "leave the cell blank, or write a date")
        return float(value)
    day: Day = value
    begin = parse_instant(day, edge="start").timestamp() / SECONDS_PER_DAY
    end = parse_instant(day, edge="end").timestamp() / SECONDS_PER_DAY
    # The midnight that ends a day begins the next: what is dated the next day is not yet there.
    return begin if begin == end or edge == "start" else float(np.nextafter(end, begin))


def times(column: pd.Series, faults: Faults, *, edge: Edge = "start") -> Floats:
    """Return a column of dates, times or numbers as days, NaN where a cell is empty."""
    told = cells(column)
    known: dict[Any, float] = {}
    found = np.full(len(told), np.nan)
    for row, value in enumerate(told):
        if value is None:
            continue
        try:
            if value not in known:
                known[value] = instant(value, edge=edge)
            found[row] = known[value]
        except (DayError, TypeError) as error:
            remedy = getattr(error, "remedy", "") or "Write a date such as 2024-07-01."
            faults.cell(row, str(column.name), "this is no time", remedy, value)
    kinds = {isinstance(value, (int, float, np.number)) for value in known}
    if len(kinds) > 1:
        problem = "a column of times holds dates or numbers, not both"
        faults.note(Fault(problem, "Write all of them as dates.", field=str(column.name)))
    return found


def of_question(
    values: Sequence[Any], column: str, question: Names, faults: Faults, *, what: str = "question"
) -> list[Any]:
    """Return each question's one value in a column, in their order; rows that differ are faults."""
    found: list[Any] = [None] * len(question.known)
    told = np.zeros(len(question.known), dtype=bool)
    for row, (number, value) in enumerate(zip(question.codes.tolist(), values, strict=True)):
        if number < 0:
            continue
        if not told[number]:
            found[number], told[number] = value, True
        elif value != found[number] and not (value is None and found[number] is None):
            name = question.known[number]
            remedy = f"Write the same in all rows of {what} '{name}'."
            faults.cell(row, column, f"a {what} has more than one {column}", remedy, value)
    return found
