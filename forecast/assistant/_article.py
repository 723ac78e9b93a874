"""An article that an assistant hands in, as a draft: text alone, made safe, and bounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from forecast.errors import Fault, InputError
from forecast.files._safe_text import sanitize
from forecast.inbox._draft import Draft, draft_id
from forecast.time import DayError, parse_instant

LAYOUT = "assistant"
MOST: Mapping[str, int] = {
    "title": 500,
    "text": 20_000,
    "url": 2_000,
    "outlet": 200,
    "byline": 200,
    "language": 35,
    "published": 200,
}
"""Characters that are kept of each part."""


@dataclass(frozen=True)
class Article:
    """An article as an assistant hands it in: what a stranger wrote, and not yet made safe.

    Parameters
    ----------
    title, text, url, outlet, byline, language
        As of a `Draft`.
    published
        The day or the time when it could first be read, in ISO 8601; empty where it is not known.
    """

    title: str = ""
    text: str = ""
    url: str = ""
    outlet: str = ""
    byline: str = ""
    language: str = ""
    published: str = ""

    def draft(self, via: str, received: datetime) -> Draft:
        r"""Return the draft that it becomes: bounded, without control characters, with notes.

        Parameters
        ----------
        via
            The name of the assistant.
        received
            When it came in, UTC.

        Raises
        ------
        InputError
            If it says nothing.

        Examples
        --------
        >>> from datetime import UTC
        >>> now = datetime(2024, 7, 1, tzinfo=UTC)
        >>> draft = Article(title="Talks\x1b[31m begin", published="2024-06-30").draft("ada", now)
        >>> draft.title, draft.via, draft.published.isoformat()
        ('Talks[31m begin', 'ada', '2024-07-01T00:00:00+00:00')
        """
        notes: list[str] = []
        told = {name: _bounded(name, getattr(self, name), notes) for name in MOST}
        if told["url"] and not _is_address(told["url"]):
            notes.append("its address is none of the web (http or https), and was left out")
            told["url"] = ""
        if not (told["title"] or told["text"] or told["url"]):
            raise InputError(
                Fault(
                    "the article says nothing",
                    "Give its title, its text, or its address, which begins with https:// or "
                    "http://.",
                )
            )
        stated = told["published"]
        said = {**told, "published_as": stated}
        return Draft(
            id=draft_id(via, said),
            received=received,
            via=via,
            layout=LAYOUT,
            title=told["title"],
            text=told["text"],
            url=told["url"],
            outlet=told["outlet"],
            byline=told["byline"],
            language=told["language"],
            published=_published(stated, received, notes),
            published_as=stated,
            notes=tuple(notes),  # last: reading the date may add one
        )


def _bounded(name: str, text: str, notes: list[str]) -> str:
    most, lines = MOST[name], name == "text"
    # What is cut away is not made safe first: an article may have any length.
    safe = sanitize(text[: 4 * most].replace("\r\n", "\n").replace("\r", "\n"), lines=lines)
    clean = safe.strip() if lines else " ".join(safe.split())
    if len(clean) <= most and len(text) <= 4 * most:
        return clean
    notes.append(f"its {name} was cut to {most:,} of {len(text):,} characters")
    return clean[:most].rstrip()


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text


def _published(text: str, received: datetime, notes: list[str]) -> datetime | None:
    if not text:
        return None
    try:
        instant = parse_instant(text)
    except DayError as error:
        notes.append(f"its date cannot be read: {error}")
        return None
    day = received.date()
    if instant > received and instant > parse_instant(day):
        notes.append(f"its date lies ahead of {day.isoformat()}, when it came in; it was left out")
        return None
    return instant
