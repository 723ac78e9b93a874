"""Feeds to entries: RSS, RDF and Atom by feedparser, and JSON Feed."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from forecast.errors import Fault, InputError
from forecast.files._limits import most
from forecast.inbox.readers._dates import TWO_READINGS, UNREAD, Moment, from_struct, read_moment
from forecast.inbox.readers._entry import Entry, joined
from forecast.inbox.readers._markup import MAX_MARKUP, plain

_CLOSED_BY = {"<![CDATA[": "]]>", "<!--": "-->"}
_SPECIAL = re.compile(r"<!\[CDATA\[|<!--|<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
MOST_CHARACTERS = most("feed", "characters")
MOST_TAGS = most("feed", "tags")
LONGEST_TAG = most("feed", "characters of a tag")
_VERBATIM = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_LONG_TAG = re.compile(rf"<[^<>]{{{LONGEST_TAG}}}")
STUMBLES = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
"""What feedparser raises on some feeds that are broken, where it should only say so."""
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]+|[0-9]+);")
JSON_FEED = "jsonfeed.org/version/"


def refuse_declarations(text: str, via: str) -> None:
    """Refuse XML that declares a document type or entities: they can stand for files and bombs."""
    position = 0
    while match := _SPECIAL.search(text, position):
        if match[1]:
            what = match[1].upper()
            problem = f"declares <!{what}, which a feed has no need of and which may hide an attack"
            remedy = (
                "It was not read. If you trust it, save it without the declaration and add the "
                "file; a web page is read with --as page."
            )
            raise InputError(Fault(problem, remedy, file=via))
        closing = _CLOSED_BY[match[0].upper()]
        position = text.find(closing, match.end())
        if position < 0:
            return


def _refuse_heaps(text: str, via: str) -> None:
    """Refuse XML of which the parser would take long: some 20 microseconds for each tag."""
    bare = _VERBATIM.sub("", text)
    tags, remedy = bare.count("<"), "Check the address, or split it."
    if tags > MOST_TAGS:
        raise InputError(Fault(f"has {tags:,} tags, more than {MOST_TAGS:,}", remedy, file=via))
    if _LONG_TAG.search(bare):
        problem = f"has a tag of more than {LONGEST_TAG:,} characters"
        raise InputError(Fault(problem, remedy, file=via))


def xml_entries(text: str, via: str, address: str) -> tuple[str, str, Iterator[Entry | str]]:
    """Return the layout of a feed, what to note of it, and its entries.

    Raises
    ------
    InputError
        If it declares entities, or is no feed.
    """
    if len(text) > MOST_CHARACTERS:
        problem = f"is a feed of more than {MOST_CHARACTERS / 1e6:.0f} million characters"
        raise InputError(Fault(problem, "Check the address.", file=via))
    refuse_declarations(text, via)
    _refuse_heaps(text, via)
    feed = _parsed(_REFERENCE.sub(_sound_reference, _XML_HEAD.sub("", text)), via)
    version = feed.get("version") or ""
    if not version and not feed.entries:
        raise InputError(
            Fault(
                "is no feed: it has no entries of RSS or Atom",
                "Read it as something else with --as, or check the address.",
                file=via,
            )
        )
    note = ""
    if feed.get("bozo"):
        error = feed.get("bozo_exception")
        line = error.getLineNumber() if hasattr(error, "getLineNumber") else 0
        at = f", from line {line} on" if line else ""
        note = f"is not well-formed{at}; what can be read of it was read"
    layout = "atom" if version.startswith("atom") else "rss"
    base = address or _said(feed.feed, "link")
    return layout, note, (_xml_entry(n, each, feed, base) for n, each in enumerate(feed.entries, 1))


def _parsed(text: str, via: str) -> Any:
    """Return what feedparser makes of a feed; what it stumbles over is a fault."""
    import feedparser  # noqa: PLC0415  an eighth of a second that most commands save

    try:
        # As bytes in a stream: a text or bytes alone would be taken for a path or an address.
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,  # all markup is taken off below
        )
    except STUMBLES as error:
        problem = "is a feed so broken that it cannot be read"
        remedy = "Tell who publishes it; its entries can be added as a table or a page."
        raise InputError(Fault(problem, remedy, file=via)) from error


def _sound_reference(match: re.Match[str]) -> str:
    """Return a reference to a character, or a mark where there is none of that number."""
    digits = match[1][:10]
    number = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
    sound = 0 < number < 0x11_0000 and not 0xD800 <= number < 0xE000  # noqa: PLR2004  Unicode
    return match[0] if sound else "\ufffd"


def _xml_entry(number: int, told: Any, whole: Any, base: str) -> Entry:
    feed, atom = whole.feed, str(whole.get("version")).startswith("atom")
    bodies = [_said(part, "value") for part in told.get("content") or ()]
    body = max([*bodies, _said(told, "summary")], key=len)
    entry = Entry(
        f"entry {number}",
        title=plain(_said(told, "title")),
        text=_text(body),
        url=_joined_address(base, _said(told, "link")),
        outlet=plain(_said(told.get("source"), "title") or _said(feed, "title")),
        byline=plain(_said(told, "author")),
        language=_said(told.get("title_detail"), "language") or _said(feed, "language"),
    )
    entry.published_as, entry.published = _when(told, entry.notes if atom else [])
    _note_cut(body, entry.notes)
    entry.fields = {
        "id": _said(told, "id"),
        "tags": joined(_said(tag, "term") for tag in told.get("tags") or ()),
    }
    return entry


def _said(told: Any, name: str) -> str:
    """Return a text of what feedparser found; empty where it found none."""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) else ""


def _text(body: str) -> str:
    return plain(body[:MAX_MARKUP])


def _note_cut(body: str, notes: list[str]) -> None:
    if len(body) > MAX_MARKUP:
        notes.append(f"its text has {len(body):,} characters; {MAX_MARKUP:,} were read")


def _when(told: Any, notes: list[str]) -> tuple[str, Moment]:
    """Return how an entry's date is written, and when that was."""
    name = next((each for each in ("published", "updated", "created") if each in told.keys()), "")  # noqa: SIM118
    if not name:  # `in told` would find one under another name
        return "", (None, "")
    if name == "updated":  # what other feeds call dc:date comes by this name, too
        notes.append("it states no publication; when it was last changed was taken")
    stated = str(told[name])
    found, note = read_moment(stated)
    if found is None and note != TWO_READINGS:
        found = from_struct(told.get(f"{name}_parsed"))
        note = "" if found else UNREAD
    return stated, (found, note)


def _joined_address(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return link


def json_feed_entries(text: str, via: str, address: str) -> Iterator[Entry | str]:
    """Return the entries of a JSON Feed.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        feed = None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        remedy = 'Such a feed is one object of JSON with "version" and "items"; see --as.'
        raise InputError(Fault("is no JSON Feed", remedy, file=via))
    base = address or _string(feed, "home_page_url")
    return (_json_entry(n, each, feed, base) for n, each in enumerate(feed["items"], 1))


def _string(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _json_entry(number: int, told: object, feed: dict[str, Any], base: str) -> Entry | str:
    where = f"entry {number}"
    if not isinstance(told, dict):
        return f"{where}: is no object of JSON"
    body = (
        _string(told, "content_text") or _string(told, "content_html") or _string(told, "summary")
    )
    tags = told.get("tags")
    entry = Entry(
        where,
        title=plain(_string(told, "title")),
        text=_text(body),
        url=_joined_address(base, _string(told, "url") or _string(told, "external_url")),
        outlet=plain(_string(feed, "title")),
        byline=_authors(told) or _authors(feed),
        language=_string(told, "language") or _string(feed, "language"),
        published_as=_string(told, "date_published") or _string(told, "date_modified"),
    )
    if not _string(told, "date_published") and entry.published_as:
        entry.notes.append("it states no publication; when it was last changed was taken")
    _note_cut(body, entry.notes)
    identity = told.get("id")
    entry.fields = {
        "id": str(identity) if isinstance(identity, str | int | float) else "",
        "external_url": _string(told, "external_url"),
        "tags": joined(tag for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else "",
    }
    return entry


def _authors(told: dict[str, Any]) -> str:
    """Return the names of authors, of version 1.1 or of version 1."""
    authors = told.get("authors")
    stated = authors if isinstance(authors, list) else [told.get("author")]
    return joined(_string(each, "name") for each in stated if isinstance(each, dict))
