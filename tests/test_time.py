"""Days and instants: every way to write a day means that day, and what is none is refused."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.time import FIRST, LAST, DayError, day_label, day_stamp, parse_day, parse_instant

DAY = date(2024, 7, 1)
NOON = datetime(2024, 7, 1, 12, 30, tzinfo=UTC)
DAYS = [
    "2024-07-01",
    " 2024-07-01 ",
    "2024-07-01 00:00:00",
    "2024-07-01T00:00",
    date(2024, 7, 1),
    datetime(2024, 7, 1),  # noqa: DTZ001  without a zone, as tables have them
    pd.Timestamp("2024-07-01"),
    pd.Timestamp("2024-07-01").as_unit("ns"),
    pd.Timestamp("2024-07-01", tz="UTC"),
    np.datetime64("2024-07-01"),
    np.datetime64("2024-07-01T00:00", "ns"),
    pd.date_range("2024-07-01", periods=1)[0],
]
TIMES = [
    "2024-07-01T12:30Z",
    "2024-07-01 12:30",
    "2024-07-01T14:30+02:00",
    datetime(2024, 7, 1, 12, 30),  # noqa: DTZ001
    datetime(2024, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2))),
    pd.Timestamp("2024-07-01 12:30"),
    pd.Timestamp("2024-07-01 14:30", tz="Europe/Berlin"),
    np.datetime64("2024-07-01T12:30"),
]


@pytest.mark.parametrize("given", DAYS, ids=repr)
def test_a_day_is_a_day_whoever_writes_it(given: Any) -> None:
    assert parse_day(given) == DAY
    assert not isinstance(parse_day(given), datetime)
    assert parse_instant(given, edge="start") == datetime(2024, 7, 1, tzinfo=UTC)
    assert parse_instant(given) == datetime(2024, 7, 2, tzinfo=UTC)


@pytest.mark.parametrize("given", TIMES, ids=repr)
def test_a_time_is_an_instant_whoever_writes_it(given: Any) -> None:
    assert parse_day(given) == NOON
    assert parse_instant(given, edge="start") == parse_instant(given) == NOON


@pytest.mark.parametrize("given", ["2024-07-01T00:00Z", datetime(2024, 7, 1, tzinfo=UTC)])
def test_a_midnight_with_a_zone_is_an_instant(given: Any) -> None:
    assert parse_instant(given) == datetime(2024, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", [pd.NaT, pd.NA, float("nan"), np.nan, np.datetime64("NaT", "D"), "NaT", "nan"]
)
def test_what_stands_for_no_date_is_refused_as_such(given: Any) -> None:
    with pytest.raises(DayError, match="stands for no date at all: write"):
        parse_day(given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "is not a date"),
        (20240701, "is not a date"),
        (True, "is not a date"),
        (pd.Period("2024-07"), "is not a date"),
        ([DAY], "is not a date"),
        ("1 July 2024", "is not an ISO 8601 date"),
        ("31.12.2026", "is not a date in ISO 8601: write 2026-12-31"),
        ("12/31/2026", "is not a date in ISO 8601: write 2026-12-31"),
        ("03.04.2026", "may be 3 April 2026 or 4 March 2026: .*2026-04-03 or 2026-03-04"),
        ("3.4.26", "a date whose year has two digits"),
        ("32.13.2026", "is not a day of the calendar"),
        ("2024-02-30", "is not a day of the calendar"),
        (np.datetime64("2024-07"), "a week, a month or a year"),
        (np.datetime64("12024-01-01", "s"), "is not a date"),
        ("0024-09-26", "outside the calendar, the years 1000 to 9998"),
        ("0001-01-01", "outside the calendar, the years 1000 to 9998"),
        ("9999-12-31", "outside the calendar, the years 1000 to 9998"),
        (date.min, "outside the calendar, the years"),
        (date.max, "outside the calendar, the years"),
        (datetime.min.replace(tzinfo=UTC), "outside the calendar, the years"),
        (datetime.max.replace(tzinfo=UTC), "outside the calendar, the years"),
        (
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),
            "outside the calendar, the years",
        ),
        (pd.Timestamp("0024-09-26"), "outside the calendar, the years"),
    ],
)
def test_what_is_no_day_that_can_be_used_is_refused_in_words(given: Any, says: str) -> None:
    with pytest.raises(DayError, match=says):
        parse_day(given)


@pytest.mark.parametrize("text", ["1000-01-01", "1677-09-21", "2262-04-12", "9998-12-31"])
def test_the_edges_of_the_calendar_and_of_nanoseconds_are_days(text: str) -> None:
    assert parse_instant(text) - parse_instant(text, edge="start") == timedelta(days=1)
    assert day_label(parse_instant(text)) == text
    assert parse_instant(pd.Timestamp(text)) == parse_instant(text)


def test_the_first_and_the_last_instant_can_be_given_back() -> None:
    assert parse_instant(FIRST) == FIRST
    assert parse_instant(LAST) == LAST == parse_instant("9998-12-31")


@pytest.mark.parametrize("given", [*DAYS, *TIMES], ids=repr)
def test_a_stamp_of_an_instant_gives_the_instant_back(given: Any) -> None:
    instant = parse_instant(given)
    assert day_stamp(instant).tzinfo is None
    assert parse_instant(day_stamp(instant)) == instant
    assert parse_instant(pd.Timestamp(day_stamp(instant))) == instant
