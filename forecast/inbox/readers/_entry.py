"""One entry as a reader found it, and the draft that it becomes: plain, bounded, inert."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from forecast.files._safe_text import sanitize
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox.readers._dates import Moment, not_ahead, read_moment
from forecast.inbox.readers._markup import tidy

MOST_TITLE = 500
MOST_TEXT = 20_000
MOST_URL = 2_000
MOST_NAME = 200
"""Characters of an outlet, an author, and of how a date was written."""
MOST_LANGUAGE = 35
"""The longest tag that BCP 47 asks software to keep."""
MOST_FIELDS = 80
MOST_FIELD_NAME = 60
MOST_FIELD = 1_000
MOST_NOTES = 20

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_SPACE = re.compile(r"\s")


@dataclass
class Entry:
    """One entry as a reader found it: text that is not yet made safe.

    Parameters
    ----------
    where
        Where it stands, such as ``entry 3`` or ``line 12``.
    title, text, url, outlet, byline, language, published_as
        As of a `Draft`.
    happened_from, happened_to, fields, notes
        As of a `Draft`, too.
    published
        When and with what note, where the reader knows it better than `published_as` tells.
    """

    where: str
    title: str = ""
    text: str = ""
    url: str = ""
    outlet: str = ""
    byline: str = ""
    language: str = ""
    published_as: str = ""
    published: Moment | None = None
    happened_from: date | None = None
    happened_to: date | None = None
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def draft_of(entry: Entry, via: str, layout: str, received: datetime) -> Draft | None:
    """Return the draft of an entry; None if it says nothing."""
    notes = list(entry.notes)
    fields = dict(entry.fields)
    url = _address(entry.url, fields, notes)
    said = {
        "title": _bounded(entry.title, MOST_TITLE, "title", notes),
        "text": _bounded(entry.text, MOST_TEXT, "text", notes, lines=True),
        "url": url,
        "published_as": _bounded(entry.published_as, MOST_NAME, "date", notes),
    }
    if not (said["title"] or said["text"] or said["url"]):
        return None
    found, note = entry.published or read_moment(said["published_as"])
    published, note = not_ahead(found, note, received=received)
    if note:
        notes.append(note)
    happened = _in_order(entry.happened_from, entry.happened_to, notes)
    return Draft(
        id=draft_id(via, said),
        received=received,
        via=via,
        layout=layout,
        outlet=_bounded(entry.outlet, MOST_NAME, "outlet", notes),
        byline=_bounded(entry.byline, MOST_NAME, "author", notes),
        language=_language(entry.language, notes),
        published=published,
        happened_from=happened[0],
        happened_to=happened[1],
        fields=_fields(fields, notes),
        notes=tuple(sanitize(each) for each in notes[:MOST_NOTES]),
        **said,
    )


def is_web_address(text: str) -> bool:
    """Return whether a text is an http or https address.

    Examples
    --------
    >>> is_web_address("https://example.org/1"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _address(text: str, fields: dict[str, str], notes: list[str]) -> str:
    """Return an address of the web; any other is kept as a field."""
    stated = sanitize(text).strip()
    if not stated:
        return ""
    if not is_web_address(stated) or _SPACE.search(stated):
        fields.setdefault("url", stated)
        notes.append("its address is none of the web, and is kept among its fields")
        return ""
    if len(stated) > MOST_URL:
        fields.setdefault("url", stated)
        notes.append(f"its address is longer than {MOST_URL:,} characters, and is kept cut")
        return ""
    return stated


def _bounded(text: str, most: int, name: str, notes: list[str], *, lines: bool = False) -> str:
    """Return text without unsafe characters and of a bounded length; a cut is noted."""
    # What is cut away is not made safe first: an article may have any length.
    clean = tidy(sanitize(text[: 4 * most].replace("\r", "\n"), lines=lines))
    if len(clean) <= most and len(text) <= 4 * most:
        return clean
    notes.append(f"its {name} was cut to {most:,} of {len(text):,} characters")
    return clean[:most].rstrip()


def _language(text: str, notes: list[str]) -> str:
    stated = text.strip().replace("_", "-")
    if not stated or (len(stated) <= MOST_LANGUAGE and _LANGUAGE.fullmatch(stated)):
        return stated
    notes.append("its language is stated as no language tag, and was left out")
    return ""


def _in_order(
    begin: date | None, end: date | None, notes: list[str]
) -> tuple[date | None, date | None]:
    if begin and end and end < begin:
        notes.append("the days of what it tells ended before they began, and were left out")
        return None, None
    return begin, end or begin


def _fields(fields: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    cut = 0
    for name, value in fields.items():
        label = tidy(sanitize(name[: 4 * MOST_FIELD_NAME]))[:MOST_FIELD_NAME]
        if len(kept) >= MOST_FIELDS:
            notes.append(f"{len(fields) - len(kept)} of its {len(fields)} fields were left out")
            break
        clean = tidy(sanitize(value[: 4 * MOST_FIELD]))
        if clean and label:
            cut += len(clean) > MOST_FIELD or len(value) > 4 * MOST_FIELD
            kept[label] = clean[:MOST_FIELD]
    if cut:
        notes.append(f"{cut} of its fields were cut to {MOST_FIELD:,} characters")
    return kept


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """Return the parts that say something, each once."""
    return between.join(dict.fromkeys(part.strip() for part in parts if part.strip()))
