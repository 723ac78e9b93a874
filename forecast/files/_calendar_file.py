"""Calendars (.ics) as days: when each entry takes place, and what does not fit kept aside.

Nothing is guessed. An entry whose time zone is unknown, whose rule cannot be followed, or that was
cancelled is set aside with the reason. Days are those of UTC, the clock of the library.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError
from forecast.files._safe_text import sanitize
from forecast.files._text_file import plain_text

MAX_BYTES = 10_000_000
MAX_ENTRIES = 5_000
MAX_TIMES = 1_000
"""Of one entry that repeats, within the period; more are told."""
MAX_TEXT = 2_000
READ = {
    "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "UID",
    "SEQUENCE", "STATUS", "DTSTAMP", "BEGIN", "END",
}  # fmt: skip
"""What is read of an entry, or says nothing of it; the rest is kept aside."""
DAILY_AT_MOST = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

_ZONES = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$\n?", re.M | re.S | re.I)
_SECOND = timedelta(seconds=1)


type Part = Any
"""A component of a calendar; the values of its fields are of some thirty classes."""


class _CannotReadError(Exception):
    """Why an entry is set aside."""


@dataclass(frozen=True)
class Aside:
    """What does not fit.

    Parameters
    ----------
    place
        The entry that it belongs to.
    why
        Why it does not fit.
    fields
        What it says, by its names in the file.
    """

    place: str
    why: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One entry, and the days on which it takes place within a period.

    Parameters
    ----------
    uid, title
        What it is called in the calendar, and to people.
    spans
        First and last days, in order, apart from each other.
    repeats
        Whether it may take place more than once.
    notes
        What a person who takes it over should know.
    """

    uid: str
    title: str
    spans: tuple[tuple[date, date], ...]
    repeats: bool
    notes: tuple[str, ...] = ()


@dataclass
class Calendar:
    """The entries of a calendar within a period, how many lie outside, and what does not fit."""

    entries: list[Entry] = field(default_factory=list)
    outside: int = 0
    aside: list[Aside] = field(default_factory=list)


def read_calendar(path: Path, begin: date, end: date) -> Calendar:
    """Return what a calendar has between two days, both included.

    Raises
    ------
    InputError
        If it is no calendar, is too large, or has too many entries.
    """
    import icalendar  # noqa: PLC0415 - for calendars alone

    text = plain_text(path, MAX_BYTES)
    # Zones are known by name. Those that a file defines have rules of their own, which may go on
    # without end; what stands in a zone that is not known is set aside.
    text = _ZONES.sub("", text.replace("\r\n", "\n"))
    try:
        parsed = icalendar.Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        problem = f"is no calendar: {sanitize(str(error))[:200]}"
        remedy = "Export it again as iCalendar (.ics)."
        raise InputError(Fault(problem, remedy, file=str(path))) from error
    parsed = [part for part in parsed if part.name == "VCALENDAR"]
    found = Calendar()
    events: dict[str, list[Part]] = {}
    for calendar in parsed:
        for part in calendar.subcomponents:
            if part.name == "VEVENT":
                events.setdefault(_word(part, "UID") or f"entry {len(events) + 1}", []).append(part)
            else:
                place = f"{part.name} '{_word(part, 'SUMMARY') or _word(part, 'UID')}'"
                found.aside.append(Aside(place, "is no event", _fields(part, set())))
    if not parsed or sum(map(len, events.values())) > MAX_ENTRIES:
        problem = f"has more than {MAX_ENTRIES:,} entries" if parsed else "holds no calendar"
        remedy = "Split it." if parsed else "It begins with BEGIN:VCALENDAR; export it again."
        raise InputError(Fault(problem, remedy, file=str(path)))
    for uid, parts in events.items():
        _add(found, uid, parts, (begin, end))
    found.entries.sort(key=lambda entry: (entry.spans[0], entry.uid))
    return found


def _add(found: Calendar, uid: str, parts: Sequence[Part], period: tuple[date, date]) -> None:
    """Add an entry with its exceptions, each of which stands in place of one of its times."""
    main = [part for part in parts if "RECURRENCE-ID" not in part]
    main.sort(key=lambda part: _number(part, "SEQUENCE"))
    moved = [part for part in parts if "RECURRENCE-ID" in part]
    for part in [*main[-1:], *moved]:
        unread = _fields(part, READ)
        if unread:
            found.aside.append(Aside(f"entry '{uid}'", "no field of an event has it", unread))
    whole = main[-1] if main else moved[0]
    try:
        spans, notes = _spans(whole, moved if main else moved[1:], period)
    except _CannotReadError as error:
        found.aside.append(Aside(f"entry '{uid}'", str(error), _fields(whole, set())))
        return
    if not spans:
        found.outside += 1
        return
    repeats = "RRULE" in whole or "RDATE" in whole
    title = _word(whole, "SUMMARY") or uid
    found.entries.append(Entry(uid, title, tuple(_apart(spans)), repeats, tuple(notes)))


def _spans(
    part: Part, moved: Sequence[Part], period: tuple[date, date]
) -> tuple[list[tuple[date, date]], list[str]]:
    """Return the first and last days of an entry within a period, and notes on them."""
    status = _word(part, "STATUS").upper()
    if status == "CANCELLED":
        raise _CannotReadError("it was cancelled")
    notes = ["it is tentative"] if status == "TENTATIVE" else []
    start, length = _time(part, "DTSTART"), _length(part)
    if isinstance(start, datetime) and start.tzinfo is not None:
        local, there = start.date(), start.astimezone(UTC).date()
        notes.append(
            f"it begins {start.isoformat()}" + ("" if local == there else f", in UTC on {there}")
        )
    elif isinstance(start, datetime):
        notes.append(f"it begins {start.isoformat()}, without a zone")
    gone = {_key(each) for each in _several(part, "EXDATE")}
    replaced = {_key(_time(each, "RECURRENCE-ID")) for each in moved}
    starts = [
        each for each in _starts(part, start, period, notes) if _key(each) not in gone | replaced
    ]
    spans = [_days(each, length) for each in starts]
    spans += [
        _days(_time(each, "DTSTART"), _length(each))
        for each in moved
        if _word(each, "STATUS").upper() != "CANCELLED"
    ]
    begin, end = period
    return sorted(span for span in spans if span[0] <= end and span[1] >= begin), notes


def _starts(part: Part, start: date, period: tuple[date, date], notes: list[str]) -> Iterator[date]:
    """Yield when an entry begins, up to the end of a period."""
    if "RRULE" not in part:
        yield start
    else:
        times = list(islice(_repeated(part, start, period), MAX_TIMES + 1))
        if len(times) > MAX_TIMES:
            notes.append(f"only its first {MAX_TIMES:,} times are here")
        yield from times[:MAX_TIMES]
    yield from islice(_several(part, "RDATE"), MAX_TIMES)


def _repeated(part: Part, start: date, period: tuple[date, date]) -> Iterator[date]:
    """Yield the times of a rule within a period; wall-clock times stay what they are."""
    rule = part["RRULE"]
    if isinstance(rule, list):
        raise _CannotReadError("it has several rules of repetition")
    try:
        parts = {str(name).upper(): value for name, value in rule.items()}
        often, step = str(parts["FREQ"][0]).upper(), int(parts.get("INTERVAL", [1])[0])
        most = int(parts.pop("COUNT")[0]) if "COUNT" in parts else None
        times = _times(parts, start, period[1])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise _CannotReadError(f"its rule of repetition cannot be read: {error}") from error
    if often not in DAILY_AT_MOST or step < 1 or (most is not None and most < 1):
        raise _CannotReadError("it repeats more than once a day, or by no interval, or never")
    zone = start.tzinfo if isinstance(start, datetime) else None
    first = datetime.combine(period[0], time.min) - _length(part) - timedelta(days=2)
    for one in islice(times, most):
        if one >= first:
            yield one.replace(tzinfo=zone) if isinstance(start, datetime) else one.date()


def _times(parts: dict[str, Any], start: date, end: date) -> Iterator[datetime]:
    """Return the wall-clock times of a rule, which has an end in any case."""
    from dateutil.rrule import (  # type: ignore[import-untyped]  # noqa: PLC0415 - for calendars
        rrulestr,
    )

    zone = start.tzinfo if isinstance(start, datetime) else None
    last = datetime.combine(end + timedelta(days=1), time.max)
    for until in parts.pop("UNTIL", [])[:1]:
        if isinstance(until, datetime):
            local = until.astimezone(zone) if until.tzinfo and zone else until
            last = min(last, local.replace(tzinfo=None))
        else:
            last = min(last, datetime.combine(until, time.max))
    text = ";".join(f"{name}={','.join(map(_rule_text, values))}" for name, values in parts.items())
    found: Any = rrulestr(text, dtstart=_wall(start)).replace(until=last)
    return iter(found)


def _rule_text(value: object) -> str:
    to_ical = getattr(value, "to_ical", None)
    return to_ical().decode() if to_ical else str(value)


def _wall(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time.min)


def _days(start: date, length: timedelta) -> tuple[date, date]:
    """Return the first and last day of one time, in UTC; a day without a time has no zone."""
    if not isinstance(start, datetime):
        return start, start + max(length, timedelta(days=1)) - timedelta(days=1)
    begin = start.astimezone(UTC) if start.tzinfo is not None else start
    return begin.date(), max(begin, begin + length - _SECOND).date()


def _length(part: Part) -> timedelta:
    start = _time(part, "DTSTART")
    if "DURATION" in part:
        try:
            found = part["DURATION"].dt
        except Exception as error:  # the library raises several kinds for what it cannot read
            raise _CannotReadError(f"its duration cannot be read: {error}") from error
    elif "DTEND" in part:
        end = _time(part, "DTEND")
        if isinstance(end, datetime) != isinstance(start, datetime):
            raise _CannotReadError("it begins on a day and ends at a time, or the other way round")
        if isinstance(end, datetime) and isinstance(start, datetime):
            if (end.tzinfo is None) != (start.tzinfo is None):
                raise _CannotReadError("one of its two times has no zone")
            found = (
                end - start if end.tzinfo is None else end.astimezone(UTC) - start.astimezone(UTC)
            )
        else:
            found = end - start
    else:
        found = timedelta(0)
    if not isinstance(found, timedelta) or found < timedelta(0):
        raise _CannotReadError("it ends before it begins")
    return found


def _time(part: Part, name: str) -> date:
    """Return a day, or a time with its zone or with none; refuse a zone that is not known."""
    if name not in part:
        raise _CannotReadError(f"it has no {name}")
    return _moment(part[name], name)


def _moment(value: Any, name: str) -> date:
    try:
        found, zone = value.dt, str(value.params.get("TZID", ""))
    except Exception as error:  # the library raises several kinds for what it cannot read
        raise _CannotReadError(f"its {name} cannot be read: {error}") from error
    if not isinstance(found, date):
        raise _CannotReadError(f"its {name} is no day and no time")
    if isinstance(found, datetime) and found.tzinfo is None and zone:
        raise _CannotReadError(f"its time zone is not known by name: '{zone[:60]}'")
    return found


def _several(part: Part, name: str) -> Iterator[date]:
    """Yield the times of a field that may stand several times, with several times each."""
    if name not in part:
        return
    values = part[name]
    for each in values if isinstance(values, list) else [values]:
        for one in getattr(each, "dts", ()):
            found = one.dt
            yield _moment(one, name) if isinstance(found, date) else found[0]


def _key(moment: date) -> tuple[object, ...]:
    """Return by what two times of an entry are the same."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return ("instant", moment.astimezone(UTC))
    return (type(moment).__name__, moment)


def _apart(spans: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return spans, those that overlap made one."""
    found: list[tuple[date, date]] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _number(part: Part, name: str) -> int:
    text = _word(part, name)
    return int(text) if text.isascii() and text.isdigit() else 0


def _word(part: Part, name: str) -> str:
    value = part.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return "" if value is None else sanitize(str(value)).strip()[:MAX_TEXT]


def _fields(part: Part, left_out: set[str]) -> dict[str, str]:
    """Return what is stated, as text, but for some fields."""
    found: dict[str, str] = {}
    for name, value in part.property_items(recursive=False):
        if name in left_out or name in {"BEGIN", "END"}:
            continue
        to_ical = getattr(value, "to_ical", None)
        try:
            text = to_ical().decode(errors="replace") if to_ical else str(value)
        except Exception as error:  # noqa: BLE001 - a broken value; what is known of it is told
            text = f"{error}"
        text = sanitize(text)[:MAX_TEXT]
        found[name] = f"{found[name]}; {text}" if name in found else text
    return found
