"""Rules of ``forecast.toml`` by which rows of tables are counted: ``[[counts]]``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from forecast.errors import Fault, InputError
from forecast.files._inside import Inside
from forecast.files._limits import most
from forecast.files._table_file import TABLES, heading, is_table
from forecast.network._base import BadValueError, Day, EventId, Id, Model, bad, inside

COUNTS = "counts"
MOST_RULES = most("forecast.toml", "rules of counts")
LONGEST_ID = 40
"""Of a rule: the names of its items begin with it."""

_LAG = re.compile(r"\s*(\d{1,4})\s*days?\s*")
_FIELDS = {"from": "begins", "to": "ends", "sum": "added", "published": "published_column"}
"""Keys of the file that are called otherwise in Python."""

type Per = Literal["day", "week", "month", "quarter", "year"]


def _days(value: object) -> object:
    if isinstance(value, str) and (found := _LAG.fullmatch(value)):
        return int(found[1])
    raise bad("is no number of days", "Write for example '3 days'.")


def _wanted(value: object) -> object:
    """Return, for each column, the values of which a row must have one."""
    if not isinstance(value, Mapping):
        raise bad("is no filter", "Write where = {column = 'value', other = ['one', 'two']}.")
    found: dict[str, tuple[str, ...]] = {}
    for column, wanted in value.items():
        several = wanted if isinstance(wanted, list) else [wanted]
        if not several or not all(isinstance(each, str | int | float | date) for each in several):
            told = f"the value of '{column}' is neither text, a number nor a list of these"
            raise bad(told, "Rows are compared with plain values alone.")
        found[heading(str(column))] = tuple(_text(each) for each in several)
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _column(value: object) -> object:
    return heading(value) if isinstance(value, str) else value


type Column = Annotated[str, BeforeValidator(_column), Field(min_length=1)]


class CountRule(Model):
    """Rows of a table, with a filter, counted by period.

    Parameters
    ----------
    id
        The name of the rule, with which those of its items begin.
    file
        The table, relative to the workspace file.
    date
        The column that says on which day a row falls.
    where
        Values that a row must have, by column: one, or one of several. Plain data.
    added
        A column of whole numbers to add up, in place of counting rows.
    per
        The period: a day, an ISO week (from Monday), a month, a quarter or a year.
    event, source, citation
        As of an item of kind `count`.
    begins
        The first day that the table covers.
    ends
        The last one; the day of its last row, unless given.
    delay
        Days from the end of a period until its count is published.
    published_column
        A column with the day on which each row was published: a count is published with its last
        row, though not before the period's end and the delay.
    none_yet
        Whether the table may lack a value of `where`, although all counts are then 0 or fall.
    """

    id: Annotated[Id, Field(max_length=LONGEST_ID)]
    file: Inside
    date: Column
    where: Annotated[dict[str, tuple[str, ...]], BeforeValidator(_wanted)] = Field(
        default_factory=dict
    )
    added: Column | None = None
    per: Per
    event: EventId
    source: Id
    citation: str = ""
    begins: Day
    ends: Day | None = None
    delay: Annotated[int, BeforeValidator(_days)] = 0
    published_column: Column | None = None
    none_yet: bool = False

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields."""
        file = fields.get("file")
        if isinstance(file, str) and file and not is_table(Path(file)):
            remedy = f"Name one of {', '.join(TABLES)}."
            yield Fault("is no kind of table", remedy, field="file", value=file)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        named = (self.date, *self.where, self.added, self.published_column)
        return tuple(dict.fromkeys(name for name in named if name is not None))


def count_rules(value: object) -> tuple[CountRule, ...]:
    """Return the rules of a file, or every fault of them, by position and key."""
    if not isinstance(value, list | tuple):
        raise bad("is not a list of tables", "Write [[counts]] on a line of its own for each rule.")
    if len(value) > MOST_RULES:
        raise bad(f"has more than {MOST_RULES} rules", "Count what the forecast needs.")
    found: list[CountRule] = []
    faults: list[Fault] = []
    for position, entry in enumerate(value):
        if isinstance(entry, CountRule):
            found.append(entry)
            continue
        if not isinstance(entry, Mapping):
            faults.append(
                Fault("is no table", "Write its keys below [[counts]].", field=str(position))
            )
            continue
        try:
            found.append(CountRule(**_renamed(entry)))
        except InputError as error:
            faults += inside(str(position), [_as_in_file(fault) for fault in error.faults])
    names = [rule.id for rule in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        faults.append(Fault("two rules have one id", "Rename one.", field="0.id", value=name))
    if faults:
        raise BadValueError(faults)
    return tuple(found)


def _renamed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of the file as the fields of a rule."""
    # A field that is no key must not be taken for one: with a blank, no field has its name.
    own = {**{name: f"{name} " for name in _FIELDS.values()}, **_FIELDS}
    return {own.get(key, key): value for key, value in entry.items()}


def _as_in_file(fault: Fault) -> Fault:
    back = {field: key for key, field in _FIELDS.items()}
    head, dot, rest = fault.field.partition(".")
    return replace(fault, field=back.get(head.strip(), head) + dot + rest)


def periods(rule: CountRule, last: date) -> Iterator[tuple[str, date, date]]:
    """Yield the whole periods from a rule's first day to a last one: name, first and last day.

    Examples
    --------
    >>> told = {"id": "t", "file": "t.csv", "date": "d", "event": "e", "source": "s"}
    >>> rule = CountRule(**told, per="quarter", begins="2024-02-01")
    >>> [name for name, *_ in periods(rule, date(2024, 12, 30))]
    ['2024_q2', '2024_q3']
    """
    begin = _first_of(rule.per, rule.begins)
    while True:
        after = _next(rule.per, begin)
        end = after - timedelta(days=1)
        if end > last:
            return
        if begin >= rule.begins:
            yield _name(rule.per, begin), begin, end
        begin = after


def _first_of(per: Per, day: date) -> date:
    match per:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        case "year":
            return date(day.year, 1, 1)


def _next(per: Per, begin: date) -> date:
    days = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[per]
    return _first_of(per, begin + timedelta(days=days))


def _name(per: Per, begin: date) -> str:
    match per:
        case "day":
            return begin.strftime("%Y_%m_%d")
        case "week":
            year, week, _ = begin.isocalendar()
            return f"{year}_w{week:02d}"
        case "month":
            return begin.strftime("%Y_%m")
        case "quarter":
            return f"{begin.year}_q{(begin.month - 1) // 3 + 1}"
        case "year":
            return str(begin.year)
