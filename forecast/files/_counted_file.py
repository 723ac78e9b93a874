"""The counts that a rule makes of a table: one for each whole period that it covers."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files import _cell_forms as forms
from forecast.files._count_rules import CountRule, periods
from forecast.files._safe_text import sanitize
from forecast.files._table_file import Layout, Row, read_table
from forecast.time import DayError, parse_day

MOST = 50
"""Faults of one table that are told."""
MOST_VALUES = 1_000
"""Values of a column among which one that was meant is looked for."""
NONE_YET = "If the table truly has none yet, write none_yet = true in the rule."

_WHOLE = re.compile(r"(-?(?:0|[1-9]\d{0,14}))[.,]0{1,2}")


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


@dataclass(frozen=True)
class Counts:
    """What a rule makes of its table.

    Parameters
    ----------
    values
        The counts of all periods that are over, covered and published.
    told
        What was read otherwise than it is written, or may have been meant otherwise.
    lacking
        Values of ``where`` that no row of the table has.
    """

    values: list[Counted]
    told: tuple[Fault, ...]
    lacking: tuple[Fault, ...]


def counted(rule: CountRule, folder: Path, today: date) -> Counts:
    """Return what a rule makes of its table. A period in which no row falls has the count 0.

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
    rows = []
    for row in table.rows:
        if len(faults) >= MOST:
            break
        one = _read(row, rule, today, faults)
        if one is not None:
            rows.append(one)
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
    alike, lacking = _unmatched(rule, [row.cells for row in table.rows])
    if not fitting and not lacking:
        told = "has all that where asks for" if rows else "is there"
        lacking.append(Fault(f"no row of {rule.file} {told}", NONE_YET))
    return Counts(counts, (*table.told, *alike), tuple(lacking))


def _unmatched(
    rule: CountRule, rows: Sequence[Mapping[str, str]]
) -> tuple[list[Fault], list[Fault]]:
    """Return which values nearly are those that are asked for, and which of these no row has."""
    alike: list[Fault] = []
    lacking: list[Fault] = []
    for column, wanted in rule.where.items():
        among = Counter(row.get(column, "").strip() for row in rows)
        for value in wanted:
            others = [each for each in among if _folded(each) == _folded(value)]
            same = [each for each in others if _is_one(each, (value,))]
            near = [each for each in others if not _is_one(each, wanted)]
            if same:
                alike += (
                    Fault(
                        (f"{among[each]:,} rows have" if among[each] > 1 else "1 row has")
                        + f" {column} = '{_shown(each)}', which is not '{value}', and "
                        + ("are not counted" if among[each] > 1 else "is not counted"),
                        "Name it in where as well, or correct the table.",
                        str(rule.file),
                    )
                    for each in near[:MOST]
                )
            elif rows:
                known = near or [_shown(each) for each in list(among)[:MOST_VALUES] if each]
                hint = f"Did you mean '{_shown(near[0])}'?" if near else did_you_mean(value, known)
                problem = f"no row of {rule.file} has {column} = '{value}'"
                lacking.append(Fault(problem, f"{hint} {NONE_YET}".strip()))
    return alike, lacking


def _is_one(cell: str, wanted: Iterable[str]) -> bool:
    """Return whether a cell is one of some values; 4.0 is 4, and text is what it is."""
    text = cell.strip()
    # Three zeros may be those of thousands.
    number = _WHOLE.fullmatch(text)
    forms = {text, text.lower()} & {text, "true", "false"} | ({number[1]} if number else set())
    return not forms.isdisjoint(wanted)


def _folded(value: str) -> str:
    return "".join(value.split()).casefold()


def _shown(value: str) -> str:
    return sanitize(value)[:60]


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
    fits = all(_is_one(row.cells.get(name, ""), wanted) for name, wanted in rule.where.items())
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
