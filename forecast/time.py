"""Instants, spans and years: every clock of the library is UTC, and a year has 365.25 days."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

__all__ = [
    "DAYS_PER_YEAR",
    "MONTHS",
    "Day",
    "add_years",
    "day_label",
    "day_words",
    "parse_instant",
    "parse_span",
    "years_between",
]

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

type Day = str | date | datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)?\s*(day|week|month|year)s?\s*")
_YEARS_PER = {
    "day": 1 / DAYS_PER_YEAR,
    "week": 7 / DAYS_PER_YEAR,
    "month": 1 / 12,
    "year": 1.0,
}


def parse_instant(day: Day, *, edge: Literal["start", "end"] = "end") -> datetime:
    """Return the UTC instant that a date or a time stands for.

    A date without a time is a whole day: its ``end`` is the next midnight, so that "by DATE"
    includes the day. Text is strict ISO 8601; nothing is guessed. A time without a zone is UTC.

    Parameters
    ----------
    day
        ``"2024-07-01"``, ``"2024-07-01T12:30Z"``, a `datetime.date` or a `datetime.datetime`.
    edge
        Which end of the day a bare date stands for.

    Raises
    ------
    ValueError
        If the text is no ISO 8601 date or time, with what to write instead.

    Examples
    --------
    >>> parse_instant("2024-07-01").isoformat()
    '2024-07-02T00:00:00+00:00'
    >>> parse_instant("2024-07-01", edge="start").isoformat()
    '2024-07-01T00:00:00+00:00'
    """
    if isinstance(day, str):
        day = _from_text(day.strip())
    if isinstance(day, datetime):
        return day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight if edge == "start" else midnight + timedelta(days=1)


def _from_text(text: str) -> date | datetime:
    advice = "write an ISO 8601 date such as 2024-07-01 (year-month-day)"
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"'{text[:40]}' is not a day of the calendar: {advice}"
        raise ValueError(msg) from error
    msg = f"'{text[:40]}' is not an ISO 8601 date: {advice}"
    raise ValueError(msg)


def years_between(start: datetime, end: datetime) -> float:
    """Return the years of 365.25 days from `start` to `end`; negative where `end` is earlier."""
    return (end - start).total_seconds() / SECONDS_PER_YEAR


def add_years(start: datetime, years: float) -> datetime:
    """Return the instant `years` years of 365.25 days after `start`, to the second."""
    return start + timedelta(seconds=round(years * SECONDS_PER_YEAR))


def day_label(instant: datetime) -> str:
    """Return an instant as people write it: a midnight closes the day before it.

    Examples
    --------
    >>> day_label(parse_instant("2024-07-01"))
    '2024-07-01'
    """
    instant = instant.astimezone(UTC)
    if (instant.hour, instant.minute, instant.second, instant.microsecond) == (0, 0, 0, 0):
        return (instant - timedelta(days=1)).date().isoformat()
    return instant.isoformat(timespec="minutes").replace("+00:00", "Z")


def day_words(instant: datetime) -> str:
    """Return an instant as people write it in text: a midnight closes the day before it.

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
        If the text is no span, or the span is zero.

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
