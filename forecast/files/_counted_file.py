"""The counts that a rule makes of a table: one for each whole period that it covers."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files import _cell_forms as forms
from forecast.files._count_rules import CountRule, periods
from forecast.files._table_file import Layout, Row, read_table
from forecast.time import DayError, parse_day

MOST = 50
"""Faults of one table that are told."""


@dataclass(frozen=True)
class Counted:
    """One period's count.

    Parameters
    ----------
    period
        Its name, such as ``2024_07``.
    first, last
        Its days.
    number
        How many.
    published
        The day by whose end it could be read.
    """

    period: str
    first: date
    last: date
    number: int
    published: date


def counted(rule: CountRule, folder: Path, today: date) -> tuple[list[Counted], tuple[Fault, ...]]:
    """Return the counts of all periods that are over, covered and published, and remarks.

    A period in which no row falls has the count 0.

    Raises
    ------
    InputError
        With every fault of the table: columns that it lacks, dates and numbers that do not read,
        days that are still to come.
    """
    path = folder / rule.file
    layout = Layout(rule.columns, rule.columns, _forms(rule), others=True)
    table = read_table(path, layout)
    faults = list(table.faults)
    rows = [one for row in table.rows if (one := _read(row, rule, today, faults)) is not None]
    if faults:
        raise InputError(faults[:MOST])
    last = rule.ends or max((day for day, *_ in rows), default=rule.begins - timedelta(days=1))
    counts: list[Counted] = []
    fitting = sorted((day, number, seen) for day, number, seen, fits in rows if fits)
    days = [day for day, *_ in fitting]
    for name, begin, end in periods(rule, min(last, today)):
        among = fitting[bisect_left(days, begin) : bisect_right(days, end)]
        mine = [(number, seen) for _, number, seen in among]
        published = max([end, *(seen for _, seen in mine)]) if mine else end
        published = max(published, end + timedelta(days=rule.delay))
        if published <= today:
            number = sum(number for number, _ in mine)
            counts.append(Counted(name, begin, end, number, published))
    return counts, tuple(table.told)


def _forms(rule: CountRule) -> Mapping[str, forms.Form]:
    found: dict[str, forms.Form] = {rule.date: forms.day}
    if rule.published_column is not None:
        found[rule.published_column] = forms.day
    if rule.added is not None:
        found[rule.added] = forms.whole
    return found


def _read(
    row: Row, rule: CountRule, today: date, faults: list[Fault]
) -> tuple[date, int, date, bool] | None:
    """Return a row's day, its number, when it was published, and whether it counts."""
    before = len(faults)
    faults += [Fault(f.problem, f.remedy, row.file, row.line, f.field, f.value) for f in row.faults]
    unread = {fault.field for fault in row.faults}

    def day_in(column: str) -> date | None:
        text = row.cells.get(column, "").strip()
        if column in unread:
            return None
        try:
            found = parse_day(text) if text else None
        except DayError as error:
            remedy = "Write an ISO 8601 date such as 2024-07-01."
            problem = error.problem or "is not a date in ISO 8601"
            faults.append(Fault(problem, remedy, row.file, row.line, column, text))
            return None
        if found is None:
            remedy = "Write the day, or remove the row."
            faults.append(Fault("the row has no day", remedy, row.file, row.line, column))
            return None
        found = found.date() if isinstance(found, datetime) else found
        if found > today:
            problem = f"lies in the future (today is {today}), and would make later periods whole"
            faults.append(Fault(problem, "Correct the year.", row.file, row.line, column, text))
        return found

    day = day_in(rule.date)
    seen = day if rule.published_column is None else day_in(rule.published_column)
    number = 1
    fits = all(
        row.cells.get(name, "").strip() in wanted
        or row.cells.get(name, "").strip().lower() in {"true", "false"} & set(wanted)
        for name, wanted in rule.where.items()
    )
    if rule.added is not None and rule.added not in unread:
        text = row.cells.get(rule.added, "").strip()
        if not (text.isascii() and text.isdigit()):
            remedy = "Write a whole number, 0 for none."
            faults.append(
                Fault("is not a whole number", remedy, row.file, row.line, rule.added, text)
            )
        else:
            number = int(text)
    if len(faults) > before or day is None or seen is None:
        return None
    return day, number, seen, fits
