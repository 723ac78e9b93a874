"""Rows of tables to entries: CSV, TSV, XLSX and JSON, whatever their columns are called."""

import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from forecast.errors import Fault, InputError
from forecast.inbox.readers._columns import (
    GDELT_EVENTS,
    GDELT_GKG,
    KNOWN,
    SYNONYMS,
    WRAPPERS,
    Meaning,
    meaning_of,
    squeezed,
)
from forecast.inbox.readers._dates import Moment, from_seconds, read_day, read_moment
from forecast.inbox.readers._entry import Entry, joined
from forecast.inbox.readers._markup import plain

MOST_COLUMNS = 500
FIRST_ROWS = 100
"""Rows that show which columns there are: those of JSON may each have others."""
DELIMITERS = ",\t;"
LONGEST_CELL = 64_000_000

_GDELT_ROW = re.compile(r"\d{6,12}\t\d{8}\t\d{6}\t\d{4}\t")
_GKG_ROW = re.compile(r"\d{14}-T?\d+\t\d{14}\t")
_EXTRA = re.compile(r"<(PAGE_[A-Z]+)>(.*?)</\1>", re.DOTALL)
_SOURCE_LANGUAGE = re.compile(r"srclc:([a-z]{2,3})")

type First = Callable[[tuple[str, ...]], tuple[str, str]]
"""The first of some columns that says something, and what."""
type Rows = Iterator[tuple[str, dict[str, str] | str]]
"""Where a row stands, and its cells by column, or what is wrong with it."""


def is_gdelt(text: str) -> bool:
    r"""Return whether a text is a GDELT 2.0 file of events or of the knowledge graph.

    Examples
    --------
    >>> is_gdelt("1189000001\t20240630\t202406\t2024\t2024.4932\tRUS")
    True
    """
    return bool(_GDELT_ROW.match(text) or _GKG_ROW.match(text))


def gdelt_rows(text: str) -> Rows:
    """Yield the rows of a GDELT file: cells between tabs, never quoted."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        names = {len(GDELT_EVENTS): GDELT_EVENTS, len(GDELT_GKG): GDELT_GKG}.get(len(cells))
        if names is None:
            told = f"{len(GDELT_EVENTS)} (events) or {len(GDELT_GKG)} (knowledge graph)"
            yield f"line {number}", f"has {len(cells)} cells, not {told}"
        else:
            yield f"line {number}", dict(zip(names, cells, strict=True))


def delimiter_of(text: str) -> str | None:
    """Return what separates the cells of a table; None if its first line names no known column."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in DELIMITERS:
        header = _header(line, delimiter)
        if len(header) > 1 and meaning_of(header):
            return delimiter
    return None


def _header(line: str, delimiter: str) -> tuple[str, ...]:
    with _long_cells():
        return tuple(next(csv.reader([line[:100_000]], delimiter=delimiter), []))


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells have any length: the csv module refuses an article of more than 128 KB."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def csv_rows(text: str, delimiter: str) -> Rows:
    """Yield the rows of a table whose first row names its columns.

    Where it names one repeatedly, that is told before its first sound row.
    """
    header: list[str] | None = None
    note = ""
    with _long_cells():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    pass
                elif header is None:
                    header, note, named_at = cells, repeated_note(cells), line
                else:
                    row = _row(header, cells)
                    if note and isinstance(row, dict):
                        yield f"line {named_at}", note
                        note = ""
                    yield f"line {line}", row
                line = reader.line_num + 1
        except csv.Error as error:
            yield f"line {line}", f"is broken: {error}; the rows after it were not read"


def _row(header: list[str], cells: list[str]) -> dict[str, str] | str:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return f"has {len(cells)} cells for {len(header)} columns"
    if len(cells) < len(header):
        return f"has {len(cells)} cells for {len(header)} columns; is it cut off?"
    return by_heading(header, cells)


def by_heading(header: Sequence[str], cells: Iterable[str]) -> dict[str, str]:
    """Return cells by their headings; of one that is repeated, the first that is filled.

    Examples
    --------
    >>> by_heading(["title", "date", "title"], ["", "2024-07-01", "Talks begin"])
    {'title': 'Talks begin', 'date': '2024-07-01'}
    """
    found: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        if not found.get(name, "").strip():
            found[name] = cell
    return found


def repeated_note(header: Sequence[str]) -> str:
    """Return that headings are repeated, in any case; empty if none is.

    Examples
    --------
    >>> repeated_note(["title", "Published", "published"])
    "the column 'Published' is there 2 times: of each row the first cell that is filled is read"
    >>> repeated_note(["title", "", ""])
    ''
    """
    counts = Counter(filter(None, map(squeezed, header)))
    first = {squeezed(name): name.strip() for name in reversed(header)}
    several = [
        f"the column '{first[name]}' is there {n} times" for name, n in counts.items() if n > 1
    ]
    if not several:
        return ""
    return f"{'; '.join(several)}: of each row the first cell that is filled is read"


def json_rows(text: str) -> Rows | None:
    """Return the rows of a JSON document or of lines of JSON; None if it is neither."""
    try:
        document = json.loads(text)
    except RecursionError:
        return None
    except ValueError:
        return _json_lines(text)
    if isinstance(document, dict):
        for name in WRAPPERS:
            if isinstance(document.get(name), list):
                document = document[name]
                break
    entries = document if isinstance(document, list) else [document]
    return ((f"entry {n}", _from_json(entry)) for n, entry in enumerate(entries, 1))


def _json_lines(text: str) -> Rows | None:
    """Return the rows of lines of JSON; None if the first is none."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        if not lines or not isinstance(json.loads(lines[0][1]), dict):
            return None
    except (ValueError, RecursionError):
        return None
    return ((f"line {n}", _from_line(line)) for n, line in lines)


def _from_line(line: str) -> dict[str, str] | str:
    try:
        return _from_json(json.loads(line))
    except (ValueError, RecursionError):
        return "is not JSON"


def _from_json(entry: object) -> dict[str, str] | str:
    if not isinstance(entry, dict):
        return "is no object of JSON"
    return {str(name): text_of(value) for name, value in entry.items()}


def text_of(value: Any) -> str:
    """Return a value of JSON or of a spreadsheet as text.

    Examples
    --------
    >>> text_of(3.0), text_of(None), text_of(["a", "b"]), text_of(date(2024, 7, 1))
    ('3', '', 'a, b', '2024-07-01')
    """
    if value is None:
        return ""
    return next(
        (words(value) for kind, words in _WORDS.items() if isinstance(value, kind)), str(value)
    )


def _of_list(value: list[Any]) -> str:
    if all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _of_object(value: dict[str, Any]) -> str:
    """Return the name in an object, as many interfaces state an outlet, else all of it."""
    name = value.get("name")
    return name if isinstance(name, str) else json.dumps(value, ensure_ascii=False)


def _of_moment(value: datetime) -> str:
    whole_day = value.time() == datetime.min.time() and value.tzinfo is None
    return value.date().isoformat() if whole_day else value.isoformat(sep=" ")


_WORDS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).lower(),
    float: lambda value: f"{value:.0f}" if value.is_integer() else str(value),
    datetime: _of_moment,
    date: date.isoformat,
    list: _of_list,
    dict: _of_object,
}
"""How a value of each type is written; a subclass stands before its base."""


def entries_of(rows: Rows, via: str, layout: str | None) -> tuple[str, Iterator[Entry | str]]:
    """Return the layout of a table, and its entries, with a line for each row that is none.

    Raises
    ------
    InputError
        If its columns say nothing of news, or are not those of the layout asked for.
    """
    first = list(islice(rows, FIRST_ROWS))
    sound = {name: None for _, cells in first if isinstance(cells, dict) for name in cells}
    if not sound:
        if first:
            problem = f"has no row that can be read: {first[0][0]} {first[0][1]}"
            remedy = "The first row names the columns, and each other row has as many cells."
            raise InputError(Fault(problem, remedy, file=via))
        return layout or "table", iter(())
    meaning = meaning_of(tuple(sound), layout)
    if meaning is None:
        raise InputError(_unknown_columns(tuple(sound), via, layout))
    if len(sound) > MOST_COLUMNS:
        problem = f"has {len(sound):,} columns, more than {MOST_COLUMNS}"
        raise InputError(Fault(problem, "Leave out those that say nothing.", file=via))

    def all_rows() -> Iterator[Entry | str]:
        for where, cells in first:
            yield _entry(where, cells, meaning)
        for where, cells in rows:
            yield _entry(where, cells, meaning)

    return meaning.layout, all_rows()


def _unknown_columns(header: tuple[str, ...], via: str, layout: str | None) -> Fault:
    asked = [meaning.marks for meaning in KNOWN if meaning.layout == layout]
    if asked:
        named = " or ".join(", ".join(marks) for marks in asked)
        problem, remedy = f"has no columns of {layout}", f"Such a table names {named}."
    else:
        wanted = ", ".join(name for meant in ("title", "text", "url") for name in SYNONYMS[meant])
        problem = "has no column with a title, a text or an address"
        remedy = f"Call one of them: {wanted}."
    return Fault(problem, remedy, file=via, value=", ".join(header)[:200])


def _entry(where: str, cells: dict[str, str] | str, meaning: Meaning) -> Entry | str:
    if isinstance(cells, str):
        return f"{where}: {cells}"
    if "V2EXTRASXML" in cells:
        cells = {**cells, **_gkg_extras(cells)}
    named: dict[str, str] = {}  # of headings that differ in their letters' case, the first filled
    for name, cell in cells.items():
        known = named.setdefault(squeezed(name), name)
        if cell.strip() and not cells[known].strip():
            named[squeezed(name)] = name

    def first(names: tuple[str, ...]) -> tuple[str, str]:
        """Return the first of the columns that says something, and what."""
        for name in names:
            column = named.get(squeezed(name), "")
            if column and cells[column].strip():
                return column, cells[column]
        return "", ""

    found = {meant: first(names) for meant, names in meaning.columns.items()}
    used = {column for column, _ in found.values()} | {
        named.get(squeezed(name), "") for name in meaning.left_out
    }
    entry = Entry(where)
    for meant in ("title", "text", "url", "outlet", "byline", "language", "published_as"):
        setattr(entry, meant, found.get(meant, ("", ""))[1])
    entry.title, entry.text = plain(entry.title), plain(entry.text)
    _put_dates(entry, found, meaning)
    if not entry.title and meaning.headline:
        entry.title = _headline(meaning, first)
    if not entry.outlet and meaning.layout == "gdelt":
        entry.outlet = _host(entry.url)
    entry.fields |= {name: value for name, value in cells.items() if name not in used}
    for name, remarks in meaning.remarks.items():
        if remark := remarks.get(first((name,))[1].strip()):
            entry.notes.append(remark)
    return entry


def _put_dates(entry: Entry, found: Mapping[str, tuple[str, str]], meaning: Meaning) -> None:
    for meant in ("happened_from", "happened_to"):
        column, stated = found.get(meant, ("", ""))
        if stated:
            setattr(entry, meant, read_day(stated))
            if read_day(stated) is None:
                entry.notes.append(
                    f"its {column} cannot be read as one day, and is among its fields"
                )
                entry.fields[column] = stated
    if meaning.dates == "seconds":
        entry.published = from_seconds(entry.published_as)
    elif meaning.dates == "several":
        entry.published = _last(entry.published_as)


def _last(text: str) -> Moment:
    """Return the last of several dates in one cell: by then all of its sources were out."""
    days = [day for part in text.split(";") if (day := read_day(part.strip()))]
    if not days:
        return read_moment(text)
    note = "its sources have several dates; the last was taken" if len(set(days)) > 1 else ""
    return read_moment(max(days).isoformat())[0], note


def _headline(meaning: Meaning, first: "First") -> str:
    stated = [(name, first((name,))[1].strip()) for name in meaning.headline]
    return joined(meaning.words.get(name, {}).get(code, code) for name, code in stated)


def _gkg_extras(cells: Mapping[str, str]) -> dict[str, str]:
    """Return what the last columns of the knowledge graph say of the page and its language."""
    extras = {name: html.unescape(value) for name, value in _EXTRA.findall(cells["V2EXTRASXML"])}
    kept = ("PAGE_TITLE", "PAGE_AUTHORS", "PAGE_PRECISEPUBTIMESTAMP")
    language = _SOURCE_LANGUAGE.search(cells.get("V2.1TRANSLATIONINFO", ""))
    told = {name: extras[name] for name in kept if name in extras}
    return {**told, "LANGUAGE": language[1]} if language else told


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
