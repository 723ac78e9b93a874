"""Bytes and a name to drafts: the layout is found by content, or named by the caller."""

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._limits import most
from forecast.files._news_layouts import LAYOUTS
from forecast.files._text_file import file_bytes
from forecast.inbox._draft import Draft
from forecast.inbox.readers._bytes import MOST_BYTES, decoded, unpacked
from forecast.inbox.readers._entry import Entry, draft_of
from forecast.inbox.readers._feeds import JSON_FEED, json_feed_entries, xml_entries
from forecast.inbox.readers._pages import page_entry, text_entry
from forecast.inbox.readers._tables import (
    Rows,
    csv_rows,
    delimiter_of,
    entries_of,
    gdelt_rows,
    is_gdelt,
    json_rows,
)
from forecast.inbox.readers._workbook import is_workbook, workbook_rows

MOST_ENTRIES = most("news", "entries")
"""Entries of one file or answer."""
MOST_TOLD = 50
"""Notes on single entries; the drafts have their own."""
TEXTS = ("", ".txt", ".text", ".md", ".eml")
"""How the names of files of plain text end."""

_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>|\s+)*", re.DOTALL | re.I
)
_ROOT = re.compile(r"<([a-zA-Z][\w.-]*:)?([a-zA-Z][\w.-]*)")
_FEEDS = {"rss": "rss", "RDF": "rss", "feed": "atom"}
_HTML = re.compile(r"<(html|head|body|article|main|div|p|h1|meta|title)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Entries:
    """What was read.

    Parameters
    ----------
    layout
        As what it was read.
    drafts
        One for each entry that says something.
    notes
        What of it could not be read, or was read otherwise than written.
    """

    layout: str
    drafts: tuple[Draft, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where bytes came from.

    Parameters
    ----------
    via
        The name of a file, or the address of a feed: what the drafts are kept as having come by.
    content_type
        What a server calls it.
    address
        Where it was fetched from; links are relative to it.
    outlet, language
        What is known of it where an entry states none.
    """

    via: str
    content_type: str = ""
    address: str = ""
    outlet: str = ""
    language: str = ""


def read_entries(
    data: bytes, origin: Origin, received: datetime, layout: str | None = None
) -> Entries:
    """Return the drafts of a file or an answer.

    Parameters
    ----------
    data
        Its bytes.
    origin
        Where they came from.
    received
        When, UTC.
    layout
        One of `LAYOUTS`; by default what its content shows.

    Raises
    ------
    InputError
        If it is none of the layouts, or not the one that was named.
    """
    via = origin.via
    if layout is not None and layout not in LAYOUTS:
        raise InputError(Fault("unknown layout", did_you_mean(layout, LAYOUTS), value=layout))
    if not data.strip():
        raise InputError(Fault("is empty", "Check that it is the right one.", file=via))
    notes: list[str] = []
    found, entries = _entries(data, origin, layout, notes)
    drafts, told = [], []
    for count, entry in enumerate(entries, 1):
        if count > MOST_ENTRIES:
            problem = f"has more than {MOST_ENTRIES:,} entries"
            raise InputError(Fault(problem, "Split it into several files.", file=via))
        if isinstance(entry, str):
            told.append(entry)
            continue
        entry.outlet = entry.outlet or origin.outlet
        entry.language = entry.language or origin.language
        draft = draft_of(entry, via, found, received)
        if draft is None:
            told.append(f"{entry.where}: has no title, text or address")
        else:
            drafts.append(draft)
            told += (f"{entry.where}: {note}" for note in draft.notes)
    if len(told) > MOST_TOLD:
        told[MOST_TOLD:] = [f"and {len(told) - MOST_TOLD:,} more notes on entries"]
    return Entries(found, tuple(drafts), tuple(notes + told))


def _entries(
    data: bytes, origin: Origin, layout: str | None, notes: list[str]
) -> tuple[str, Iterator[Entry | str]]:
    via = origin.via
    if is_workbook(data):
        return _table(workbook_rows(data, via), via, layout)
    plain, inner = unpacked(data, via)
    text, note = decoded(plain, via, origin.content_type)
    if note:
        notes.append(note)
    asked = layout or _layout_of(text, inner or via, origin)
    if asked in ("rss", "atom"):
        found, note, entries = xml_entries(text, via, origin.address)
        if note:
            notes.append(note)
        return found, entries
    if asked == "json_feed":
        return asked, json_feed_entries(text, via, origin.address)
    if asked == "page":
        return asked, iter([page_entry(text, origin.address)])
    if asked == "text":
        return asked, iter([text_entry(text, origin.address)])
    return _table(_rows(text, via), via, layout)


def _table(rows: Rows, via: str, layout: str | None) -> tuple[str, Iterator[Entry | str]]:
    if layout not in (None, "table", "gdelt", "acled", "ucdp"):
        remedy = "Leave out --as, or write --as table."
        raise InputError(Fault(f"is a table, and cannot be read as {layout}", remedy, file=via))
    return entries_of(rows, via, layout)


def _rows(text: str, via: str) -> Rows:
    if is_gdelt(text):
        return gdelt_rows(text)
    if text.lstrip()[:1] in ("{", "["):
        rows = json_rows(text)
        if rows is None:
            problem = "is neither JSON nor lines of JSON"
            remedy = "Write one object on each line, or read it as something else with --as."
            raise InputError(Fault(problem, remedy, file=via))
        return rows
    line = next((line for line in text.splitlines() if line.strip()), "")
    return csv_rows(text, delimiter_of(text) or max(",\t;", key=line.count))


def _layout_of(text: str, name: str, origin: Origin) -> str:
    """Return the layout that content shows; the name decides only what is plain text."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return _markup_layout(start, origin.via)
    if start.startswith(("{", "[")) and json_rows(start) is not None:
        return "json_feed" if _is_json_feed(start) else "table"
    suffix = PurePath(name).suffix.lower()
    if is_gdelt(start) or delimiter_of(start) or suffix in (".csv", ".tsv", ".tab"):
        return "table"
    is_text = origin.content_type.lower().startswith("text/") or (
        not origin.address and suffix in TEXTS
    )
    if is_text or origin.via == "standard input":
        return "page" if _HTML.search(start[:2_000]) else "text"
    problem = "is no feed, no table with a column that is known, no JSON and no page"
    remedy = f"Say what it is with --as, one of {', '.join(LAYOUTS)}."
    raise InputError(Fault(problem, remedy, file=origin.via))


def _markup_layout(start: str, via: str) -> str:
    before = _BEFORE_ROOT.match(start)
    root = _ROOT.match(start, before.end() if before else 0)
    name = root[2] if root else ""
    if name in _FEEDS:
        return _FEEDS[name]
    if (_HTML.search(start[:20_000]) and not start.startswith("<?xml ")) or name.lower() == "html":
        return "page"
    problem = f"is markup that begins with <{name[:40]}>, and no feed" if name else "is no feed"
    remedy = "Feeds begin with <rss>, <rdf:RDF> or <feed>; to read it as a page, write --as page."
    raise InputError(Fault(problem, remedy, file=via))


def _is_json_feed(text: str) -> bool:
    """Return whether JSON calls itself a feed."""
    if JSON_FEED not in text[:100_000]:
        return False
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and JSON_FEED in str(document.get("version"))


def read_drafts(path: str | Path, layout: str | None = None) -> list[Draft]:
    r"""Return the entries of a file of news as drafts, without keeping them in an inbox.

    Reads RSS, Atom, JSON Feed, GDELT exports, tables of ACLED and UCDP, CSV, TSV, XLSX, JSON lines,
    web pages and plain text. Text comes without markup, each field bounded; what was read otherwise
    than written stands in a draft's ``notes``.

    Parameters
    ----------
    path
        The file.
    layout
        ``rss``, ``atom``, ``json_feed``, ``gdelt``, ``acled``, ``ucdp``, ``table``, ``page`` or
        ``text``; by default what the file's content shows.

    Raises
    ------
    InputError
        If the file cannot be read, or is none of these.

    Warns
    -----
    UserWarning
        If entries were left out, or the file was read otherwise than written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import forecast as fc
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "clippings.csv"
    ...     _ = file.write_text("headline,date,source\nPort closed,2024-07-01,Gazette\n")
    ...     (draft,) = fc.read_drafts(file)
    >>> draft.title, draft.outlet, str(draft.published)
    ('Port closed', 'Gazette', '2024-07-02 00:00:00+00:00')
    """
    file = Path(path)
    data = file_bytes(file, MOST_BYTES)
    found = read_entries(data, Origin(file.name), datetime.now(UTC), layout)
    of_drafts = {note for draft in found.drafts for note in draft.notes}
    others = [note for note in found.notes if note.partition(": ")[2] not in of_drafts]
    if others:
        warnings.warn(f"{file}: {'; '.join(others)}", stacklevel=2)
    return list(found.drafts)
