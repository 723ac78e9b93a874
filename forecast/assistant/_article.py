"""An article that an assistant hands in, as a draft: text alone, made safe, and bounded."""

from dataclasses import dataclass
from datetime import datetime

from forecast.errors import Fault, InputError
from forecast.inbox._draft import Draft
from forecast.inbox.readers._entry import Entry, draft_of
from forecast.inbox.readers._markup import plain

LAYOUT = "assistant"
MOST_READ = 250_000
"""Characters of a text that are looked at; a draft keeps fewer."""


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
        r"""Return the draft that it becomes: bounded, without markup, with notes of what was cut.

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
        >>> draft = Article("<b>Talks</b>\x1b[31m begin", published="2024-06-30").draft("ada", now)
        >>> draft.title, draft.via, draft.published.isoformat()
        ('Talks[31m begin', 'ada', '2024-07-01T00:00:00+00:00')
        """
        notes = []
        if len(self.text) > MOST_READ:
            notes.append(f"of its {len(self.text):,} characters the first {MOST_READ:,} were read")
        entry = Entry(
            where="article",
            title=plain(self.title[:MOST_READ]),
            text=plain(self.text[:MOST_READ]),
            url=self.url,
            outlet=plain(self.outlet[:MOST_READ]),
            byline=plain(self.byline[:MOST_READ]),
            language=self.language,
            published_as=self.published,
            notes=notes,
        )
        draft = draft_of(entry, via, LAYOUT, received)
        if draft is None:
            raise InputError(
                Fault("the article says nothing", "Give its title, its text, or its address.")
            )
        return draft
