"""Days and times as people write them in items, kept as written and read as instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from forecast.errors import InputError
from forecast.network._base import bad, inside
from forecast.time import Day, DayError, day_words, parse_day, parse_instant

ADVICE = "Write an ISO 8601 date such as 2024-07-01, or a time such as 2024-07-01T12:30Z."


def _moment(value: object) -> date:
    """Return a date for a whole day, or an aware UTC datetime for a time."""
    try:
        return parse_day(value)  # type: ignore[arg-type]  # it refuses what is none
    except DayError as error:
        if error.problem:
            raise bad(error.problem, error.remedy) from None
        form = " of the calendar in ISO 8601" if isinstance(value, str) else ""
        raise bad(f"is not a date{form}", ADVICE) from None


def moment_or_none(value: object) -> date | None:
    """Return the day or time that a field says as it was given; None for what says none."""
    try:
        return parse_day(value)  # type: ignore[arg-type]  # it refuses what is none
    except DayError:
        return None


def plain_day(value: object) -> date:
    """Return the day that a value stands for; a time is refused."""
    day = _moment(value)
    if not _is_plain(day):
        raise bad("is a time, not a day", "Write the day alone, such as 2024-07-01.")
    return day


def _onset_days(value: object) -> tuple[date, date]:
    """Return the first and last day of an onset; one day stands for both."""
    days = value if isinstance(value, tuple | list) else (value, value)
    if len(days) != 2:  # noqa: PLR2004
        raise bad("is not one day, nor a first and a last possible day", "Give one day or two.")
    first, last = (plain_day(day) for day in days)
    if last < first:
        raise bad(f"the last day of the onset ({last}) is before its first ({first})", "Swap them.")
    return first, last


OnsetDays = Annotated[tuple[date, date], BeforeValidator(_onset_days)]
"""The first and the last possible day of an onset."""


def _is_plain(day: date) -> bool:
    return not isinstance(day, datetime)


def _iso(moment: date) -> str:
    return moment.isoformat()


Moment = Annotated[
    date | datetime,
    PlainValidator(_moment),
    PlainSerializer(_iso, return_type=str, when_used="json"),
]


def begin(moment: date) -> datetime:
    """Return the first instant of a day, or the time itself."""
    return parse_instant(moment, edge="start")


def finish(moment: date, *, cut: date | None = None) -> datetime:
    """Return the last instant of a day, or the time itself.

    Parameters
    ----------
    moment
        A day or a time.
    cut
        A time that shortens the day it falls on: an item published at noon is about that day until
        noon.

    Examples
    --------
    >>> from datetime import date, datetime, UTC
    >>> finish(date(2024, 7, 1)).isoformat()
    '2024-07-02T00:00:00+00:00'
    >>> finish(date(2024, 7, 1), cut=datetime(2024, 7, 1, 12, tzinfo=UTC)).isoformat()
    '2024-07-01T12:00:00+00:00'
    """
    end = _end(moment)
    if isinstance(cut, datetime) and _is_plain(moment) and cut.astimezone(UTC).date() == moment:
        return cut.astimezone(UTC)
    return end


@lru_cache(maxsize=65_536)
def _end(moment: date) -> datetime:
    return parse_instant(moment, edge="end")  # records are sorted by it again and again


def span_words(first: datetime, last: datetime) -> str:
    """Return a stretch of time in words.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> span_words(datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))
    '1–30 June 2024'
    >>> span_words(datetime(2024, 6, 28, tzinfo=UTC), datetime(2024, 7, 3, tzinfo=UTC))
    '28 June 2024 to 2 July 2024'
    """
    opens = first + timedelta(days=1) if first.time() == time.min else first  # as a day
    told, end = day_words(opens), day_words(last)
    if told == end:
        return end
    (day, *month), (other, *same) = told.split(), end.split()
    if month == same and opens.time() == last.time() == time.min:
        return f"{day}–{other} {' '.join(month)}"
    return f"{told} to {end}"


def cut_off(as_of: Day) -> datetime:
    """Return the instant up to which things are known; a date means the end of that day."""
    try:
        return finish(_moment(as_of))
    except InputError as error:
        raise InputError(inside("as_of", error.faults)) from None
