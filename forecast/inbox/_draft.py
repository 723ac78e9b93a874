"""A draft: one entry of news as it came in, with where and when it came from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Draft:
    """One entry of news as it came in. It is never changed; what is made of it stands beside it.

    All text is what a stranger wrote, without markup: it is shown and compared, never followed.

    Parameters
    ----------
    id
        ``d`` and twelve hexadecimal digits of the digest of what it says and where it came from
        (`draft_id`): the same entry of the same feed twice is one draft.
    received
        When it came in, UTC.
    via
        What it came by: the name of a file, the address of a feed, or the name of an assistant.
    layout
        As what it was read: ``rss``, ``atom``, ``json_feed``, ``gdelt``, ``acled``, ``ucdp``,
        ``table``, ``page``, ``text``, or ``assistant``.
    title, text
        The headline, and the text below it; empty where there is none.
    url
        Its address, http or https; empty where there is none.
    outlet, byline
        Who published it and who wrote it, as stated.
    language
        As stated, such as ``en``; empty where it is not.
    published
        When it was published, UTC; a date alone is the end of that day. None where it is not
        stated, or cannot be read.
    published_as
        How that was written.
    happened_from, happened_to
        The days of what it tells, where a table states them.
    fields
        What else it stated, kept as text.
    notes
        What was read otherwise than written, or could not be.

    Examples
    --------
    >>> from datetime import UTC
    >>> from forecast.inbox._draft import Draft, draft_id
    >>> said = {"title": "Talks begin", "url": "https://example.org/1"}
    >>> Draft(
    ...     draft_id("feed.xml", said), datetime(2024, 7, 1, tzinfo=UTC), "feed.xml", "rss", **said
    ... ).title
    'Talks begin'
    """

    id: str
    received: datetime
    via: str
    layout: str
    title: str = ""
    text: str = ""
    url: str = ""
    outlet: str = ""
    byline: str = ""
    language: str = ""
    published: datetime | None = None
    published_as: str = ""
    happened_from: date | None = None
    happened_to: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


DIGITS = 12


def draft_id(via: str, said: Mapping[str, object]) -> str:
    """Return the id of an entry that came by something and says something.

    Parameters
    ----------
    via
        What it came by.
    said
        Its title, text, url and day of publication; what is missing counts as empty.
    """
    parts = [via, *(str(said.get(name) or "") for name in ("title", "text", "url", "published_as"))]
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"d{digest[:DIGITS]}"
