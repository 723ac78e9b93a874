"""Dates as news writes them; none is guessed: what has two readings is left unread, with a note."""

import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time

from forecast.time import FIRST, LAST, MONTHS, DayError, parse_day, parse_instant

SKEW = timedelta(hours=1)
"""How far another machine's clock may be ahead of ours."""
EASTERNMOST = timedelta(hours=14)
"""The zone in which a day begins first."""

_MONTH = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_NAMED = re.compile(r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})", re.I)
_NAMED_AMERICAN = re.compile(
    r"(?:[a-z]{3,9},? )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.I
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})\b")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})Z?)?")
_ISO_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.I,
)
_RFC_ZONE = re.compile(r":\d{2}(?::\d{2})?\s*([A-Za-z]{2,5})\s*$")
_KNOWN_ZONES = re.compile("ut|utc|gmt|z|[ecmpa][sd]t", re.IGNORECASE)
"""The names of zones that RFC 5322 gives, and the Atlantic ones; readers of mail know them."""

type Moment = tuple[datetime | None, str]
"""When, or None; and what to note."""

UNREAD = "its date cannot be read"
TWO_READINGS = "its date has two readings, day first and month first: write it as YYYY-MM-DD"
NO_ZONE = "its time states no zone and was read as UTC"
AHEAD = "its date lies after the day on which it came in, and was not taken"


def read_moment(text: str) -> Moment:
    """Return when something was published, in UTC, by how it is written; a day alone is its end.

    ISO 8601, the dates of mail and feeds, days with the month's name, and days of figures where
    they have one reading.

    Examples
    --------
    >>> read_moment("Mon, 01 Jul 2024 09:30:00 +0200")[0].isoformat()
    '2024-07-01T07:30:00+00:00'
    >>> read_moment("2 July 2024")[0].isoformat()
    '2024-07-03T00:00:00+00:00'
    >>> read_moment("02/07/2024")
    (None, 'its date has two readings, day first and month first: write it as YYYY-MM-DD')
    """
    stated = " ".join(text.split())
    if not stated:
        return None, ""
    for reader in (_iso, _day, _mail):
        try:
            found, note = reader(stated)
        except (ValueError, OverflowError, TypeError):
            continue
        if found is not None or note:
            return (None, UNREAD) if found and not FIRST <= found <= LAST else (found, note)
    return None, UNREAD


def read_day(text: str) -> date | None:
    """Return the day of a date or time that has one reading, as it is written, or None.

    Examples
    --------
    >>> read_day("2024-07-01 00:00:00.000"), read_day("16 May 2025"), read_day("1/2/2024")
    (datetime.date(2024, 7, 1), datetime.date(2025, 5, 16), None)
    """
    stated = " ".join(text.split())
    try:
        if match := _ISO_TIME.fullmatch(stated):
            return date.fromisoformat(match[1])
        if _DIGITS.fullmatch(stated):
            return date.fromisoformat(stated[:8])
        return _plain_day(stated)[0]
    except (ValueError, OverflowError):
        return None


def from_struct(parsed: struct_time | None) -> datetime | None:
    """Return the UTC instant of a time that feedparser read."""
    try:
        return None if parsed is None else datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def from_seconds(text: str) -> Moment:
    """Return the instant of a number of seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(text), UTC), ""
    except (ValueError, OverflowError, OSError):
        return None, UNREAD if text.strip() else ""


def not_ahead(found: datetime | None, note: str, *, received: datetime) -> Moment:
    """Return a moment, unless it is later than when it came in."""
    if found is None or found <= received + SKEW:
        return found, note
    whole_day = found.time() == datetime.min.time()
    if whole_day and found - timedelta(days=1) <= received + EASTERNMOST:
        return found, note  # the end of a day that goes on
    return None, AHEAD


def _iso(text: str) -> Moment:
    if match := _ISO_TIME.fullmatch(text):
        zone = (match[3] or "").upper()
        offset = "+00:00" if zone in ("", "Z", "UTC", "GMT") else zone
        found = datetime.fromisoformat(f"{match[1]}T{match[2].replace(',', '.')}{offset}")
        if not zone and found.time() == datetime.min.time():
            return parse_instant(found.date()), ""  # tables write days that way
        return found.astimezone(UTC), "" if zone else NO_ZONE
    if match := _DIGITS.fullmatch(text):
        parts = [int(part) for part in match.groups() if part is not None]
        if match[4] is None:
            return parse_instant(date(*parts)), ""
        return datetime(*parts, tzinfo=UTC), ""  # type: ignore[misc, arg-type]  # six of them
    return None, ""


def _day(text: str) -> Moment:
    found, note = _plain_day(text)
    return (None if found is None else parse_instant(found)), note


def _plain_day(text: str) -> tuple[date | None, str]:
    """Return a day without a time, and a note if it has two readings."""
    try:
        found = parse_day(text)
        if type(found) is date:
            return found, ""
    except DayError:
        pass
    if match := _NAMED.fullmatch(text):
        return date(int(match[3]), _month(match[2]), int(match[1])), ""
    if match := _NAMED_AMERICAN.fullmatch(text):
        return date(int(match[3]), _month(match[1]), int(match[2])), ""
    if match := _YEAR_FIRST.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3])), ""
    if match := _YEAR_LAST.match(text):
        return _one_reading(match, whole=match.end() == len(text))
    return None, ""


def _one_reading(match: re.Match[str], *, whole: bool) -> tuple[date | None, str]:
    first, second, year = (int(part) for part in match.groups())
    if len(match[3]) != len("2024"):
        return None, TWO_READINGS
    readings = set()
    for month, day in ((first, second), (second, first)):
        try:
            readings.add(date(year, month, day))
        except ValueError:
            continue
    if len(readings) > 1:
        return None, TWO_READINGS
    return (readings.pop(), "") if readings and whole else (None, UNREAD)


def _month(name: str) -> int:
    short = name[:3].lower()
    whole = MONTHS[_MONTH[short] - 1].lower() if short in _MONTH else ""
    if not whole or not (whole.startswith(name.lower()) or name.lower() == "sept"):
        msg = "no month of that name"
        raise ValueError(msg)
    return _MONTH[short]


def _mail(text: str) -> Moment:
    """Return the moment of a date of mail or RSS; an unknown zone is noted."""
    found = parsedate_to_datetime(text)
    zone = _RFC_ZONE.search(text)
    unknown = zone is not None and not _KNOWN_ZONES.fullmatch(zone[1])
    note = f"its time zone '{zone[1]}' is not known and was read as UTC" if zone and unknown else ""
    if found.tzinfo is None:
        found, note = found.replace(tzinfo=UTC), note or NO_ZONE
    return found.astimezone(UTC), note


READERS: dict[str, Callable[[str], Moment]] = {"moment": read_moment, "seconds": from_seconds}
"""How a column's dates are written, by name."""
