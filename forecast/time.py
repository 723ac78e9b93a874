"""Instants, spans and years: every clock of the library is UTC, and a year has 365.25 days."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from math import isnan
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

DAYS_PER_YEAR = 365.25
SECONDS_PER_YEAR = DAYS_PER_YEAR * 86400

# The calendar module's names follow the machine's language.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

type Day = str | date | datetime | "np.datetime64"

FIRST = datetime(1000, 1, 1, tzinfo=UTC)
"""Earlier years have probably lost a digit, and dates cannot go much further back."""
LAST = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of the last day: one before the last possible date, whose end cannot be represented."""

_ADVICE = "write an ISO 8601 date such as 2024-07-01 (year-month-day)"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})([T ].*)?")
_NO_DATE = {"nat", "nan", "<na>"}
_NUMPY_DAYS = {"D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)?\s*(day|week|month|year)s?\s*")
_YEARS_PER = {
    "day": 1 / DAYS_PER_YEAR,
    "week": 7 / DAYS_PER_YEAR,
    "month": 1 / 12,
    "year": 1.0,
}


class DayError(ValueError):
    """What was given as a day is not one.

    Attributes
    ----------
    problem : str
        Why not, without the value; empty if it merely has another form.
    remedy : str
        What to write instead, if `problem` says why.
    """

    def __init__(
        self, value: object, problem: str, advice: str = _ADVICE, *, form: bool = False
    ) -> None:
        self.problem = "" if form else problem
        self.remedy = f"{advice[0].upper()}{advice[1:]}."
        super().__init__(f"{str(value)[:40]!r} {problem}: {advice}")


def parse_day(day: Day) -> date | datetime:
    """Return a whole day as a date, and a time of day as an instant in UTC.

    Text is strict ISO 8601, without guessing. A time without a zone is UTC. A midnight without a
    zone is the day that it begins, whether text, a `datetime`, a `numpy.datetime64` or a
    `pandas.Timestamp`, because tables write days that way. A `pandas.Timestamp` at midnight UTC is
    also that day, as pandas has no other form for a day; otherwise a zone makes a time an instant.

    Parameters
    ----------
    day
        ``"2024-07-01"``, ``"2024-07-01T12:30Z"``, a `datetime.date`, a `datetime.datetime`, a
        `pandas.Timestamp` or a `numpy.datetime64`.

    Raises
    ------
    DayError
        If it is none of these, is missing (NaT, NaN), or lies outside the years 1000 to 9998.

    Examples
    --------
    >>> parse_day("2024-07-01"), parse_day(datetime(2024, 7, 1))
    (datetime.date(2024, 7, 1), datetime.date(2024, 7, 1))
    >>> parse_day("2024-07-01T00:00Z").isoformat()
    '2024-07-01T00:00:00+00:00'
    """
    found = _plain(day)
    if isinstance(found, datetime):
        if found.tzinfo is None and found.time() == time.min:
            found = found.date()
        elif found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        else:
            # The edges of the calendar overflow in other zones; they are refused below.
            found = found.astimezone(UTC) if 1 < found.year < LAST.year else found
    elif not isinstance(found, date):
        raise DayError(day, "is not a date", form=True)
    begin, end = (found, found) if isinstance(found, datetime) else _edges(found)
    if begin < FIRST or end > LAST:
        raise DayError(
            day,
            f"lies outside the calendar, the years {FIRST.year} to {LAST.year - 1}",
            "correct the year, and write all four digits of it, as in 2024-07-01",
        )
    return found


def _plain(day: object) -> object:
    """Return text, NumPy's and pandas' instants as dates and datetimes; anything else unchanged."""
    if isinstance(day, str):
        return _from_text(day.strip())
    if stands_for_nothing(day):
        raise _none(day)
    try:
        if type(day).__name__ == "datetime64":
            return _from_numpy(day)
        if isinstance(day, datetime) and hasattr(day, "to_pydatetime"):
            return _from_pandas(day.to_pydatetime(warn=False))
    except (ValueError, OverflowError) as error:
        if isinstance(error, DayError):
            raise
        raise DayError(day, "is not a day of the calendar") from error
    return day


def stands_for_nothing(value: object) -> bool:
    """Return whether a value is a table's mark for a missing one: NaN, NaT, NA.

    Examples
    --------
    >>> stands_for_nothing(float("nan")), stands_for_nothing(0.5)
    (True, False)
    """
    missing = type(value).__name__ in {"NaTType", "NAType"}
    return missing or (isinstance(value, float) and isnan(value))


def _none(day: object) -> DayError:
    return DayError(day, "stands for no date at all", f"{_ADVICE}, or leave out what may be")


def _from_numpy(day: object) -> object:
    # Slow to import, and nobody has such a value who has not imported it.
    import numpy as np  # noqa: PLC0415

    assert isinstance(day, np.datetime64)  # noqa: S101  for the type checker
    if np.isnat(day):
        raise _none(day)
    if np.datetime_data(day)[0] not in _NUMPY_DAYS:
        raise DayError(day, "is a week, a month or a year, and a day is asked for")
    return day.astype("datetime64[us]").item()


def _from_pandas(day: datetime) -> datetime:
    if day.tzinfo is None:
        return day
    utc = day.astimezone(UTC)
    return utc.replace(tzinfo=None) if utc.time() == time.min else utc


def _edges(day: date) -> tuple[datetime, datetime]:
    """Return the midnights at both ends of a day; the very last day has only one."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin, begin + timedelta(days=1) if begin <= LAST else begin


def parse_instant(day: Day, *, edge: Literal["start", "end"] = "end") -> datetime:
    """Return the UTC instant that a date or a time means.

    A date without a time is a whole day; its ``end`` is the next midnight, so "by DATE" includes
    the day.

    Parameters
    ----------
    day
        A day or a time, as `parse_day` takes it.
    edge
        Which end of the day a bare date means.

    Raises
    ------
    DayError
        If it is neither: a `ValueError` that says what to write instead.

    Examples
    --------
    >>> parse_instant("2024-07-01").isoformat()
    '2024-07-02T00:00:00+00:00'
    >>> parse_instant("2024-07-01", edge="start").isoformat()
    '2024-07-01T00:00:00+00:00'
    """
    found = parse_day(day)
    if isinstance(found, datetime):
        return found
    return _edges(found)[edge == "end"]


def _from_text(text: str) -> date | datetime:
    if text.lower() in _NO_DATE:
        raise _none(text)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError as error:
        raise DayError(text, "is not a day of the calendar", form=True) from error
    if found := _YEAR_LAST.fullmatch(text):
        problem, remedy = year_last(int(found[1]), int(found[3]), found[4])
        raise DayError(text, problem, f"{remedy[0].lower()}{remedy[1:-1]}")
    raise DayError(text, "is not an ISO 8601 date", form=True)


def year_last(first: int, second: int, year: str) -> tuple[str, str]:
    """Return why a date that begins with a day or a month is refused, and what to write.

    Examples
    --------
    >>> year_last(31, 12, "2026")
    ('is not a date in ISO 8601', 'Write 2026-12-31.')
    >>> year_last(3, 4, "2026")[0]
    'may be 3 April 2026 or 4 March 2026'
    """
    if len(year) < len("2024"):
        return (
            "is a date whose year has two digits",
            "Write it in ISO 8601, the year first and in four digits: 2024-07-01.",
        )
    meant: dict[date, str] = {}
    for one, month in ((first, second), (second, first)):
        with suppress(ValueError):
            found = date(int(year), month, one)
            meant[found] = f"{found.day} {MONTHS[found.month - 1]} {found.year}"
    days = " or ".join(each.isoformat() for each in meant)
    if len(meant) == 1:
        return "is not a date in ISO 8601", f"Write {days}."
    if meant:
        may_be = f"may be {' or '.join(meant.values())}"
        return may_be, f"Write it in ISO 8601, the year first: {days}."
    return "is not a day of the calendar", "Write it in ISO 8601, such as 2024-07-01."


def years_between(start: datetime, end: datetime) -> float:
    """Return the years of 365.25 days from `start` to `end`; negative if `end` is earlier."""
    return (end - start).total_seconds() / SECONDS_PER_YEAR


def add_years(start: datetime, years: float) -> datetime:
    """Return the instant `years` years of 365.25 days after `start`, to the second."""
    return start + timedelta(seconds=round(years * SECONDS_PER_YEAR))


def day_label(instant: datetime) -> str:
    """Return an instant in ISO 8601; a midnight is the end of the day before it.

    Examples
    --------
    >>> day_label(parse_instant("2024-07-01"))
    '2024-07-01'
    """
    instant = instant.astimezone(UTC)
    if instant.time() == time.min:
        return day_stamp(instant).date().isoformat()
    return instant.isoformat(timespec="minutes").replace("+00:00", "Z")


def next_midnight(instant: datetime) -> datetime:
    """Return the first midnight at or after an instant: from then on a forecast made then counts.

    Examples
    --------
    >>> day_label(next_midnight(parse_instant("2024-07-01T12:30Z")))
    '2024-07-01'
    """
    midnight = datetime(instant.year, instant.month, instant.day, tzinfo=UTC)
    return midnight if instant == midnight else midnight + timedelta(days=1)


def day_stamp(instant: datetime) -> datetime:
    """Return an instant for tables, without a zone; a midnight is the day that it ends.

    `parse_instant` returns it to the same instant.

    Examples
    --------
    >>> day_stamp(parse_instant("2024-07-01")).isoformat()
    '2024-07-01T00:00:00'
    >>> day_stamp(parse_instant("2024-07-01T12:30Z")).isoformat()
    '2024-07-01T12:30:00'
    """
    plain = instant.astimezone(UTC).replace(tzinfo=None)
    return plain - timedelta(days=1) if plain.time() == time.min else plain


def day_words(instant: datetime) -> str:
    """Return an instant in words; a midnight is the end of the day before it.

    Examples
    --------
    >>> day_words(parse_instant("2024-07-01")), day_words(parse_instant("2024-07-01T12:30Z"))
    ('1 July 2024', '1 July 2024, 12:30 UTC')
    """
    label = day_label(instant)
    day = date.fromisoformat(label[:10])
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return words if len(label) == len("2024-07-01") else f"{words}, {label[11:16]} UTC"


def parse_span(text: str) -> float:
    """Return the years in a span such as ``"6 months"``, ``"10 days"`` or ``"1 year"``.

    A month is a twelfth of a year.

    Raises
    ------
    ValueError
        If the text is not a span, or the span is zero.

    Examples
    --------
    >>> parse_span("6 months")
    0.5
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        msg = f"'{text[:40]}' is not a span of time: write for example '6 months' or '10 days'"
        raise ValueError(msg)
    years = float(match[1] or 1) * _YEARS_PER[match[2]]
    if years <= 0:
        msg = f"'{text[:40]}' is no time at all: a span must be longer than zero"
        raise ValueError(msg)
    return years
