"""The days that a draft speaks of."""

from datetime import UTC, datetime, timedelta

import pytest

from forecast.inbox._days import guess_days
from tests.inbox.drafts import RECEIVED, read


def days(text: str, at: datetime | None = None) -> list[str]:
    reading = read("", text) if at is None else read("", text, at=at)
    return [guess.value for guess in guess_days(reading)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It was signed on 18 October 2024 in Karsk.", "2024-10-18"),
        ("It was signed on October 18, 2024 in Karsk.", "2024-10-18"),
        ("It was signed on 2024-10-18.", "2024-10-18"),
        ("It was signed on the 18th of October.", "2024-10-18"),
        ("Am 18. Oktober 2024 unterzeichnet.", "2024-10-18"),
        ("Підписано 18 жовтня.", "2024-10-18"),
        ("Подписано 18 октября 2024 года.", "2024-10-18"),
        ("10월 18일 서명했다.", "2024-10-18"),
        ("It comes by the end of the year.", "2024-12-31"),
        ("It comes by the end of 2025.", "2025-12-31"),
        ("It will come by March.", "2025-03-31"),
        ("It was signed on Monday.", "2024-10-14"),
        ("It was signed on Wednesday.", "2024-10-16"),
        ("It will be signed on Friday.", "2024-10-18"),
        ("It will be signed next Wednesday.", "2024-10-23"),
        ("It was signed last Wednesday.", "2024-10-09"),
        ("It was signed yesterday.", "2024-10-15"),
        ("Es wurde am Montag unterzeichnet.", "2024-10-14"),
    ],
)
def test_a_day_is_read_as_written(text: str, day: str) -> None:
    assert days(text)[:1] == [day]


@pytest.mark.parametrize(
    "text",
    [
        "On 31 February 2024 nothing happened.",
        "The year 1950 was long ago.",
        "On 4 July 1776.",
        "Version 2024-13-45.",
        "It may rain.",
        "Marching on.",
        "0000-00-00",
        "10 may have died.",
        "They march 5 abreast.",
        "On frıday.",
        "3 aprıl.",
        "",
    ],
)
def test_what_is_no_day_gives_none(text: str) -> None:
    assert days(text) == []


def test_a_day_without_a_year_is_the_nearest() -> None:
    new_year = datetime(2025, 1, 3, tzinfo=UTC)
    assert days("It was signed on 30 December.", new_year) == ["2024-12-30"]
    assert days("It will be signed on 2 February.", new_year) == ["2025-02-02"]


@pytest.mark.parametrize("year", [1, 9999])
def test_from_an_impossible_publication_no_day_is_counted(year: int) -> None:
    at = datetime(year, 12, 31, tzinfo=UTC)  # so that the day on which it came in counts
    assert days("It comes tomorrow.", at) == [str(RECEIVED.date() + timedelta(days=1))]


def test_the_dateline_is_no_day_that_a_text_speaks_of() -> None:
    assert days("ORMEN, Oct 16 (Wire One) - Ships left on 14 October.") == ["2024-10-14"]


def test_the_reason_quotes_the_words() -> None:
    (guess,) = guess_days(read("", "It was signed on 18 October 2024."))
    assert guess.reason == '"18 October 2024" in the text'
