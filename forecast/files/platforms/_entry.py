"""Files of platforms as entries: one JSON object or one row, every fault with its place.

Nothing is coerced: a field that is there and is not what it should be is a fault. A field that is
absent, null or empty is missing, which most fields may be. What nobody asked for stays `unread`.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

from forecast.errors import Fault, InputError
from forecast.files._csv_reader import MAX_COLUMNS, csv_records, csv_text
from forecast.files._limits import most, too_many
from forecast.files._safe_text import inert, sanitize
from forecast.files._text_file import file_bytes
from forecast.network._base import value_text

LARGEST = most("platform's file", "bytes")
OBJECTS, FREE_OBJECTS = most("platform's file", "objects for 1,000 bytes"), 20_000
LONGEST = 2_000  # characters of a text; a cell of 131,072 could not be read back
MOST_FAULTS = most("platform's file", "faults")
FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Of times that are counted from 1970: outside, they are counted in another unit."""

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_SHORT_SECONDS = re.compile(r"(:\d\d):(\d)$")  # 10:03:7, as one platform writes 10:03:07
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
)
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False, "": False}

type Unit = Literal["s", "ms"]


class TwiceError(ValueError):
    """A key that one JSON object has twice."""


@dataclass
class Faults:
    """The faults of all files, up to what a person reads; how many times had no zone."""

    found: list[Fault] = field(default_factory=list)
    more: int = 0
    unzoned: int = 0

    def add(self, fault: Fault) -> None:
        """Add one, once; beyond the limit only count it."""
        if len(self.found) >= MOST_FAULTS:
            self.more += 1
            if too_many(range(self.more)):
                self.refuse()  # nobody reads on: the rest is not judged
        elif fault not in self.found:
            self.found.append(fault)

    def refuse(self) -> None:
        """Raise all that were found, if any was, as one `InputError`."""
        if self.found:
            left = ": the rest was not judged" if too_many(range(self.more)) else ""
            rest = Fault(f"and {self.more:,} more faults of these files{left}")
            raise InputError([*self.found, *([rest] if self.more else [])])


@dataclass(slots=True)
class Entry:
    """One JSON object, or one row of a table.

    Parameters
    ----------
    fields
        By name.
    file, path, line
        Where it stands: the file, and the path in the document or the line of the table.
    faults
        Where faults of its fields go.
    """

    fields: dict[str, Any]
    file: str
    faults: Faults
    path: str = ""
    line: int = 0
    read: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.file}:{self.line}" if self.line else f"{self.file}: {self.path or 'top'}"

    def has(self, *names: str) -> bool:
        """Return whether it has all of these fields, filled or not."""
        return all(self._key(name) in self.fields for name in names)

    def _key(self, name: str) -> str:
        """Return the name as the file writes it: some write spaces for underscores."""
        return name if name in self.fields else name.replace("_", " ")

    def raw(self, name: str) -> Any:
        """Return the value as it is; None where it is missing, null or blank."""
        key = self._key(name)
        self.read.add(key)
        value = self.fields.get(key)
        return None if isinstance(value, str) and not value.strip() else value

    def at(self, name: str) -> str:
        """Return the place of a field: its path in the document, or its column."""
        return ".".join(part for part in (self.path, self._key(name)) if part)

    def wrong(self, name: str, problem: str, remedy: str, value: object = None) -> None:
        """Add a fault of a field."""
        got = self.fields.get(self._key(name)) if value is None else value
        self.faults.add(
            Fault(problem, remedy, self.file, self.line, self.at(name), value_text(got))
        )

    def text(self, *names: str) -> str:
        """Return the text of the first of these fields that is filled; safe and on one line."""
        for name in names:
            value = self.raw(name)
            if isinstance(value, str):
                return clean(value)
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value) if abs(value) < 1e18 else f"{value:.6e}"  # noqa: PLR2004
            if value is not None:
                self.wrong(name, "is not text", "Write one line of text.")
        return ""

    def needed(self, name: str) -> str:
        """Return the text of a field that has to be filled."""
        found = self.text(name)
        if not found:
            self.wrong(name, "is missing", f"Each question and each price needs its '{name}'.")
        return found

    def flag(self, name: str) -> bool:
        """Return a yes or no; no where it is missing."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        known = _FLAGS.get(str(value).strip().lower())
        if known is None:
            self.wrong(name, "is neither true nor false", "Write true or false.")
        return bool(known)

    def number(self, name: str) -> float | None:
        """Return a finite number."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, "is not a number", "Write a decimal such as 0.35.")
            return None
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            self.wrong(name, "is not a finite number", "Write a decimal, or null for none.", found)
            return None
        return found

    def share(self, name: str) -> float | None:
        """Return a number from 0 to 1."""
        return self.checked_share(name, self.number(name))

    def checked_share(self, name: str, value: float | None) -> float | None:
        """Return a number if it lies from 0 to 1; a fault of this field otherwise."""
        if value is not None and not 0 <= value <= 1:
            remedy = "Write a probability from 0 to 1: 0.35 for 35%."
            self.wrong(name, "lies outside 0 to 1", remedy, value)
            return None
        return value

    def moment(self, *names: str, unit: Unit = "s") -> date | None:
        """Return the first of these that is filled: a day, or an instant in UTC to the second.

        A number counts seconds (or milliseconds) from 1970. A text is in ISO 8601; one with a time
        and no zone is UTC.
        """
        for name in names:
            value = self.raw(name)
            if value is None:
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                return self._counted(name, unit)
            return self._dated(name, str(value).strip())
        return None

    def _counted(self, name: str, unit: Unit) -> datetime | None:
        value = self.number(name)
        if value is None:
            return None
        seconds = value / 1000 if unit == "ms" else value
        try:
            found = datetime.fromtimestamp(int(seconds), UTC)
        except (OverflowError, ValueError, OSError):
            found = datetime.min.replace(tzinfo=UTC)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            counted = "milliseconds" if unit == "ms" else "seconds"
            problem = f"is no time from {FIRST_YEAR} to {LAST_YEAR} in {counted} since 1970"
            self.wrong(name, problem, f"Write {counted} since 1970, or an ISO 8601 time.")
            return None
        return found

    def _dated(self, name: str, text: str) -> date | None:
        text = _SHORT_SECONDS.sub(r"\1:0\2", text)
        remedy = "Write an ISO 8601 time such as 2024-07-01T12:30:00Z."
        if not _MOMENT.fullmatch(text):
            self.wrong(name, "is not a time in ISO 8601", remedy)
            return None
        try:
            if len(text) == len("2024-07-01"):
                return date.fromisoformat(text)
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                self.faults.unzoned += 1
                found = found.replace(tzinfo=UTC)
            return found.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            self.wrong(name, "is not a time of the calendar", remedy)
            return None

    def instant(self, *names: str, unit: Unit = "s") -> datetime | None:
        """Return the first of these that is filled, as an instant; a bare day is its midnight."""
        found = self.moment(*names, unit=unit)
        if found is None or isinstance(found, datetime):
            return found
        return datetime(found.year, found.month, found.day, tzinfo=UTC)

    def entry(self, name: str) -> "Entry | None":
        """Return an object in it."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "is not an object", "Write {…}, or null for none.")
            return None
        return Entry(value, self.file, self.faults, self.at(name), self.line)

    def entries(self, name: str) -> "list[Entry]":
        """Return a list of objects in it."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(name, "is not a list", "Write […], or null for none.")
            return []
        found = []
        for number, each in enumerate(value):
            path = f"{self.at(name)}[{number}]"
            if isinstance(each, dict) and each:
                found.append(Entry(each, self.file, self.faults, path, self.line))
            else:
                problem = "is empty" if each == {} else "is not an object"
                remedy = "Write {…} with its fields."
                got = value_text(each)
                self.faults.add(Fault(problem, remedy, self.file, self.line, path, got))
        return found

    def listed(self, name: str) -> list[Any]:
        """Return a list of plain values, which may be written as text that holds a JSON list."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                value = 0
        if value is None or isinstance(value, list):
            return value or []
        self.wrong(name, "is not a list", 'Write a list such as ["Yes", "No"].')
        return []

    @property
    def unread(self) -> dict[str, Any]:
        """The filled fields that nobody has asked for."""
        return {
            name: value
            for name, value in self.fields.items()
            if name not in self.read and value not in (None, "", [], {})
        }


def clean(value: object) -> str:
    """Return text that is safe to show, on one line, in a cell, and not endless."""
    return inert(sanitize(str(value)).strip()[:LONGEST])


def as_deadline(found: date | None) -> date | None:
    """Return a deadline; the last minute of a day means that day.

    Examples
    --------
    >>> as_deadline(datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC))
    datetime.date(2024, 12, 31)
    """
    if isinstance(found, datetime) and found.time() >= time(23, 59):
        return found.date()
    return found


def load(path: Path, faults: Faults) -> tuple[Any, Iterator[Entry] | None]:
    """Return what a file holds: a JSON document and None, or None and the rows of a CSV table."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return load_json(path), None
    if suffix == ".csv":
        return None, iter(load_csv(path, faults))
    remedy = "Give the JSON or the CSV that the platform hands out: a name in .json or .csv."
    raise InputError(Fault("is of no kind that can be imported", remedy, str(path), value=suffix))


def load_json(path: Path) -> Any:
    """Return a JSON document; NaN and infinite numbers stay, to be refused where they stand."""
    file, raw = str(path), file_bytes(path, LARGEST)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(Fault("is not text in UTF-8", "Save it as UTF-8.", file, line)) from error
    objects, limit = text.count("{"), max(FREE_OBJECTS, OBJECTS * len(raw) // 1000)
    if objects > limit:
        problem = f"has {objects:,} objects, more than {limit:,} for its size"
        raise InputError(Fault(problem, "Check that it is the right file.", file))
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        fault = Fault(
            f"is not JSON: {error.msg} at character {error.colno}",
            "Save the platform's answer again, whole.",
            file,
            error.lineno,
        )
        raise InputError(fault) from error
    except TwiceError as error:
        remedy = "Leave one of them."
        problem = "an object has one key twice"
        raise InputError(Fault(problem, remedy, file, value=str(error))) from error
    except RecursionError as error:
        problem = "is nested too deeply"
        raise InputError(Fault(problem, "Check that it is the right file.", file)) from error
    except ValueError as error:  # a whole number of thousands of digits
        remedy = "Check that it is the right file."
        raise InputError(Fault("holds a number that is too long", remedy, file)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        number = Counter(name for name, _ in pairs)
        raise TwiceError(next(name for name in number if number[name] > 1))
    return found


def load_csv(path: Path, faults: Faults) -> list[Entry]:
    """Return the rows of a table with a header, whatever its columns are."""
    broken: list[Fault] = []
    rows = csv_records(csv_text(path, LARGEST), path, broken)
    _, header = next(rows, (1, []))
    if len(header) > MAX_COLUMNS:
        problem = f"the header has {len(header):,} columns, more than {MAX_COLUMNS}"
        remedy = "Give the table that the platform hands out."
        raise InputError(Fault(problem, remedy, str(path), 1))
    names = [name.strip() for name in header]
    found = []
    for line, cells in rows:
        if len(cells) != len(names):
            problem = f"the row has {len(cells)} cells for {len(names)} columns"
            remedy = "Put a cell that holds a comma in quotation marks."
            faults.add(Fault(problem, remedy, str(path), line))
            continue
        found.append(Entry(dict(zip(names, cells, strict=True)), str(path), faults, line=line))
    twice = sorted({name for name in names if names.count(name) > 1})
    for fault in (*broken, *(Fault("the column is repeated", "Remove one.", str(path), 1, name)
                             for name in twice)):  # fmt: skip
        faults.add(fault)
    return found
