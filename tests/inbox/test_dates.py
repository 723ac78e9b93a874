"""Dates of news: read where they have one reading, honest about the rest, never in the future."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forecast.inbox.readers import Origin, read_drafts, read_entries
from forecast.inbox.readers._dates import (
    AHEAD,
    NO_ZONE,
    TWO_READINGS,
    UNREAD,
    not_ahead,
    read_day,
    read_moment,
)

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-01T09:30:00+02:00", "2024-07-01T07:30"),
        ("2024-07-01 09:30:00 -0530", "2024-07-01T15:00"),
        ("2024-07-01T09:30Z", "2024-07-01T09:30"),
        ("2024-07-01T09:30:00.250Z", "2024-07-01T09:30:00.250"),
        ("20240701093000", "2024-07-01T09:30"),
        ("20240701T093000Z", "2024-07-01T09:30"),
        ("Mon, 01 Jul 2024 09:30:00 EST", "2024-07-01T14:30"),
        ("01 Jul 2024 09:30 GMT", "2024-07-01T09:30"),
        ("2024-07-01", "2024-07-02T00:00"),
        ("2024-07-01T00:00:00", "2024-07-02T00:00"),
        ("2024-07-01T00:00:00Z", "2024-07-01T00:00"),
        ("1 July 2024", "2024-07-02T00:00"),
        ("Monday, July 1st, 2024", "2024-07-02T00:00"),
        ("1 Sept 2023", "2023-09-02T00:00"),
        ("2024/07/01", "2024-07-02T00:00"),
        ("13/07/2023", "2023-07-14T00:00"),
        ("07.13.2023", "2023-07-14T00:00"),
        ("07/07/2023", "2023-07-08T00:00"),
    ],
)
def test_a_date_with_one_reading_is_read(text: str, moment: str) -> None:
    assert read_moment(text) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), "")


@pytest.mark.parametrize(
    "text", ["01/02/2024", "1.2.2024", "1-2-2024 10:00", "03/04/05", "31/12/99"]
)
def test_day_and_month_are_not_guessed(text: str) -> None:
    assert read_moment(text) == (None, TWO_READINGS)
    assert read_day(text) is None


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2024", "2024-13-01", "2024-02-30", "31/02/2024", "Mon, 32 Jul 2024 10:00 GMT",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1 Juillet 2024", "2024-W27"],
)  # fmt: skip
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert read_moment(text) == (None, UNREAD)


def test_nothing_is_no_date_and_no_fault() -> None:
    assert read_moment("  ") == (None, "")


def test_a_time_without_a_zone_or_with_an_unknown_one_is_utc_and_noted() -> None:
    assert read_moment("2024-07-01 09:30") == (datetime(2024, 7, 1, 9, 30, tzinfo=UTC), NO_ZONE)
    found, note = read_moment("Mon, 01 Jul 2024 09:30:00 CEST")
    assert found == datetime(2024, 7, 1, 9, 30, tzinfo=UTC)
    assert note == "its time zone 'CEST' is not known and was read as UTC"


@pytest.mark.parametrize(
    ("ahead", "taken"),
    [
        (timedelta(minutes=30), True),  # a clock that is fast
        (timedelta(hours=2), False),
        (timedelta(hours=12), True),  # the end of today
        (timedelta(hours=36), True),  # the end of a day that has begun in the east
        (timedelta(hours=60), False),
        (timedelta(days=400), False),
    ],
)
def test_what_is_dated_after_it_came_in_is_not_taken(ahead: timedelta, taken: bool) -> None:
    moment = NOW + ahead
    found, note = not_ahead(moment, "", received=NOW)
    assert (found, note) == ((moment, "") if taken else (None, AHEAD))


def test_a_future_date_leaves_a_draft_without_one_and_says_so() -> None:
    (draft,) = read_entries(b"title,date\nA,2031-01-01\n", Origin("x.csv"), NOW).drafts
    assert (draft.published, draft.published_as, draft.notes) == (None, "2031-01-01", (AHEAD,))


def test_days_of_tables_are_read_as_they_are_written() -> None:
    assert read_day("20240628") == date(2024, 6, 28)
    assert read_day("2024-06-28 00:00:00.000") == date(2024, 6, 28)
    assert read_day("2024-06-28T23:00:00-05:00") == date(2024, 6, 28)
    assert read_day("16 May 2025") == date(2025, 5, 16)
    assert read_day("soon") is None


def test_days_of_an_event_that_end_before_they_begin_are_left_out() -> None:
    row = b"title,start date,end date\nA,2024-06-28,2024-06-27\n"
    (draft,) = read_entries(row, Origin("x.csv"), NOW).drafts
    assert (draft.happened_from, draft.happened_to) == (None, None)
    assert "ended before they began" in draft.notes[0]


def test_reading_a_file_warns_of_what_was_left_out(tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("title,date\nA,1/2/2024\nB,2024-01-01,C\n", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"x\.csv: line 3: has 3 cells for 2 columns$"):
        (draft,) = read_drafts(file)
    assert draft.notes == (TWO_READINGS,)
