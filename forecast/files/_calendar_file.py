"""Calendars (.ics) as days: when each entry takes place, and what does not fit kept aside.

Nothing is guessed. An entry whose time zone is unknown, whose rule cannot be followed, or that was
cancelled is set aside with the reason. Days are those of UTC, the clock of the library.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError
from forecast.files._calendar_rules import Bounds, CannotReadError, Part, repeated
from forecast.files._limits import most
from forecast.files._safe_text import sanitize
from forecast.files._text_file import plain_text

MAX_BYTES = most("calendar", "bytes")
MAX_ENTRIES = most("calendar", "entries")
MAX_TIMES = most("calendar", "times of an entry")
"""Of one entry that repeats, within the period; that there are more is told."""
MAX_TEXT = 2_000
READ = {
    "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "UID",
    "SEQUENCE", "STATUS", "DTSTAMP", "BEGIN", "END",
}  # fmt: skip
"""What is read of an entry, or says nothing of it; the rest is kept aside."""

_ZONES = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$\n?", re.M | re.S | re.I)
_SECOND = timedelta(seconds=1)


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
    title
        What people call the entry, or its name in the file.
    """

    place: str
    why: str
    fields: dict[str, str]
    title: str = ""


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
    cut
        Whether it takes place more often than is told.
    """

    uid: str
    title: str
    spans: tuple[tuple[date, date], ...]
    repeats: bool
    notes: tuple[str, ...] = ()
    cut: bool = False


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
    except Exception as error:  # the library raises many kinds, such as for a zone called 'Europe/'
        raise InputError(_no_calendar(path, text)) from error
    parsed = [part for part in parsed if part.name == "VCALENDAR"]
    found = Calendar()
    events: dict[str, list[Part]] = {}
    for calendar in parsed:
        for part in calendar.subcomponents:
            if part.name == "VEVENT":
                events.setdefault(_word(part, "UID") or f"entry {len(events) + 1}", []).append(part)
            else:
                place = f"{part.name} '{_word(part, 'SUMMARY') or _word(part, 'UID')}'"
                name = _word(part, "SUMMARY") or _word(part, "UID")
                found.aside.append(Aside(place, "is no event", _fields(part, set()), name))
    if not parsed:
        raise InputError(_no_calendar(path, text))
    if sum(map(len, events.values())) > MAX_ENTRIES:
        problem = f"has more than {MAX_ENTRIES:,} entries"
        raise InputError(Fault(problem, "Split it.", file=str(path)))
    bounds = Bounds()
    for uid, parts in events.items():
        _add(found, uid, parts, (begin, end), bounds)
    found.entries.sort(key=lambda entry: (entry.spans[0], entry.uid))
    return found


def _no_calendar(path: Path, text: str) -> Fault:
    """Return why a file is none: most often it is another one, or was cut off."""
    lines = [line.strip().upper() for line in text.splitlines() if line.strip()]
    if lines[:1] != ["BEGIN:VCALENDAR"]:
        problem, remedy = "holds no calendar", "One begins with BEGIN:VCALENDAR; export it again."
    elif "END:VCALENDAR" not in lines:
        problem, remedy = "ends before END:VCALENDAR", "It may have been cut off: export it again."
    else:
        problem = "is no calendar: what stands in it does not read as iCalendar"
        remedy = "Export it again as iCalendar (.ics)."
    return Fault(problem, remedy, file=str(path))


def _add(
    found: Calendar,
    uid: str,
    parts: Sequence[Part],
    period: tuple[date, date],
    bounds: Bounds,
) -> None:
    """Add an entry with its exceptions, each of which stands in place of one of its times."""

    def aside(part: Part, why: str, left_out: set[str]) -> None:
        if fields := _fields(part, left_out):
            title = _word(part, "SUMMARY") or uid
            found.aside.append(Aside(f"entry '{uid}'", why, fields, title))

    main, moved, older = _versions(parts)
    for part in older:
        aside(part, "a later version of it stands", set())
    for part in [*main, *moved]:
        aside(part, "no field of an event has it", READ)
    main = main or [moved.pop(0)]
    whole = next((part for part in main if "RRULE" in part or "RDATE" in part), main[0])
    told: list[tuple[tuple[date, date], ...]] = []
    for part in [whole, *(part for part in main if part is not whole)]:
        notes: list[str] = []
        try:
            spans, more = _spans(part, moved if part is whole else (), period, notes, bounds)
        except CannotReadError as error:
            aside(part, str(error), set())
            continue
        except OverflowError:
            aside(part, "it lasts too long, or lies outside the years 1 to 9999", set())
            continue
        if not spans:
            found.outside += 1
            continue
        days = tuple(_apart(spans))
        if days in told:
            aside(part, "another entry has its UID and its days", set())
            continue
        told.append(days)
        cut = more or len(days) > MAX_TIMES
        if cut:
            notes.append(f"only its first {MAX_TIMES:,} times are here")
        name = uid if len(told) == 1 else f"{uid} ({len(told)})"
        repeats = "RRULE" in part or "RDATE" in part
        title = _word(part, "SUMMARY") or uid
        found.entries.append(Entry(name, title, days[:MAX_TIMES], repeats, tuple(notes), cut))


def _versions(parts: Sequence[Part]) -> tuple[list[Part], list[Part], list[Part]]:
    """Return what stands of an entry, what stands in place of its times, and earlier versions."""
    main, older = _latest([part for part in parts if "RECURRENCE-ID" not in part])
    moved: list[Part] = []
    times: dict[str, list[Part]] = {}
    for part in parts:
        if "RECURRENCE-ID" in part:
            times.setdefault(_fields(part, set())["RECURRENCE-ID"], []).append(part)
    for same in times.values():
        last, before = _latest(same)
        moved.append(last[-1])
        older += [*before, *last[:-1]]
    return main, moved, older


def _latest(parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Return those of the highest SEQUENCE and the latest DTSTAMP, and those that came before."""

    def version(part: Part) -> tuple[int, str]:
        return _number(part, "SEQUENCE"), _fields(part, set()).get("DTSTAMP", "")

    last = max(map(version, parts), default=None)
    return (
        [part for part in parts if version(part) == last],
        [part for part in parts if version(part) != last],
    )


def _spans(
    part: Part,
    moved: Sequence[Part],
    period: tuple[date, date],
    notes: list[str],
    bounds: Bounds,
) -> tuple[list[tuple[date, date]], bool]:
    """Return the first and last days of an entry within a period, and whether there are more."""
    status = _word(part, "STATUS").upper()
    if status == "CANCELLED":
        raise CannotReadError("it was cancelled")
    if status == "TENTATIVE":
        notes.append("it is tentative")
    start, length = _time(part, "DTSTART"), _length(part)
    if isinstance(start, datetime) and start.tzinfo is not None:
        local, there = start.date(), start.astimezone(UTC).date()
        notes.append(
            f"it begins {start.isoformat()}" + ("" if local == there else f", in UTC on {there}")
        )
    elif isinstance(start, datetime):
        notes.append(f"it begins {start.isoformat()}, without a zone")
    gone = {_key(each) for each in _several(part, "EXDATE")}
    gone |= {_key(_time(each, "RECURRENCE-ID")) for each in moved}
    by_rule = repeated(part, start, length, period, bounds) if "RRULE" in part else iter((start,))
    starts = list(islice((each for each in by_rule if _key(each) not in gone), MAX_TIMES + 1))
    more = len(starts) > MAX_TIMES
    starts += [each for each in _several(part, "RDATE") if _key(each) not in gone]
    spans = [_days(each, length) for each in starts]
    spans += [
        _days(_time(each, "DTSTART"), _length(each))
        for each in moved
        if _word(each, "STATUS").upper() != "CANCELLED"
    ]
    begin, end = period
    return sorted(span for span in spans if span[0] <= end and span[1] >= begin), more


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
            raise CannotReadError("its duration cannot be read") from error
    elif "DTEND" in part:
        end = _time(part, "DTEND")
        if isinstance(end, datetime) != isinstance(start, datetime):
            raise CannotReadError("it begins on a day and ends at a time, or the other way round")
        if isinstance(end, datetime) and isinstance(start, datetime):
            if (end.tzinfo is None) != (start.tzinfo is None):
                raise CannotReadError("one of its two times has no zone")
            found = (
                end - start if end.tzinfo is None else end.astimezone(UTC) - start.astimezone(UTC)
            )
        else:
            found = end - start
    else:
        found = timedelta(0)
    if not isinstance(found, timedelta) or found < timedelta(0):
        raise CannotReadError("it ends before it begins")
    return found


def _time(part: Part, name: str) -> date:
    """Return a day, or a time with its zone or with none; refuse a zone that is not known."""
    if name not in part:
        raise CannotReadError(f"it has no {name}")
    return _moment(part[name], name)


def _moment(value: Any, name: str) -> date:
    try:
        found, zone = value.dt, str(value.params.get("TZID", ""))
    except Exception as error:  # the library raises several kinds for what it cannot read
        raise CannotReadError(f"its {name} cannot be read") from error
    if not isinstance(found, date):
        raise CannotReadError(f"its {name} is no day and no time")
    if isinstance(found, datetime) and found.tzinfo is None and zone:
        raise CannotReadError(f"its time zone is not known by name: '{zone[:60]}'")
    return found


def _several(part: Part, name: str) -> Iterator[date]:
    """Yield the times of a field that may stand several times, with several times each."""
    if name not in part:
        return
    values = part[name]
    for each in values if isinstance(values, list) else [values]:
        try:
            times = getattr(each, "dts", ())
        except ValueError as error:  # a broken value says so wherever it is looked at
            raise CannotReadError(f"its {name} cannot be read") from error
        for one in times:
            found = one.dt
            if isinstance(found, tuple) and isinstance(found[0], date):  # a period
                yield found[0]
            else:
                yield _moment(one, name)


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
