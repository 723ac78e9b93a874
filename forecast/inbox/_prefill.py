"""A draft and what is proposed for it as a row of evidence, for a person to complete."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from forecast.files._safe_text import sanitize
from forecast.files._table_writer import moment_text
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Proposal
from forecast.inbox._store import Suggestion
from forecast.time import day_label

NEEDED = ("published", "event", "source", "claim")
"""What a report must say: its columns, in the order in which a person is asked."""
NEEDED_OF_OTHERS = ("published", "event")
"""What items of other kinds must say, among columns of their own."""
WORDY = ("text", "citation", "notes")
"""Columns of free text, which the record of what was proposed leaves out."""
MOST_WORDS = 300
"""Characters of a headline that become the text of an item."""
LONGEST_ID = 64
WHO, WORDS, DIGITS = 16, 20, (4, 8, 12)


@dataclass(frozen=True)
class Prefilled:
    """A draft as a row of evidence.

    Parameters
    ----------
    cells
        The cells of its row by the columns of a file of evidence, without its id.
    missing
        The columns that a person must fill in before it can be accepted.
    proposed
        What of it a machine proposed, by column; ``by`` has the name of an assistant.
    more
        The cells of further items, where an assistant proposes several.
    """

    cells: Mapping[str, str]
    missing: tuple[str, ...]
    proposed: Mapping[str, str]
    more: tuple[Mapping[str, str], ...] = ()

    @property
    def rows(self) -> tuple[Mapping[str, str], ...]:
        """The cells of all items that it would be."""
        return (self.cells, *self.more)


def prefilled(
    draft: Draft,
    proposal: Proposal | None = None,
    sources: Collection[str] = (),
    suggested: Suggestion | None = None,
) -> Prefilled:
    """Return a draft as a row of evidence: a report, as far as it is known.

    What the draft states comes from it: when it was published, its address, its headline. Source,
    event, claim, day and what it repeats are the first of what is proposed. Nothing is made up:
    what neither says stays empty.

    Parameters
    ----------
    draft
        The draft.
    proposal
        What is proposed for it.
    sources
        The ids of the network's sources; an origin that is none of them is left out.
    suggested
        What an assistant proposes; it stands in place of the proposal.

    Examples
    --------
    >>> from datetime import UTC
    >>> from forecast.inbox._proposal import Guess
    >>> noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    >>> draft = Draft("d0123456789ab", noon, "feed.xml", "rss", title="Talks begin", published=noon)
    >>> guess = Proposal(draft.id, events=(Guess("pact", 0.8, "it says 'talks'"),))
    >>> row = prefilled(draft, guess)
    >>> row.cells["published"], row.cells["event"], row.missing
    ('2024-07-01T12:00:00Z', 'pact', ('source', 'claim'))
    """
    day = draft.happened_to or draft.happened_from
    stated = {
        "published": "" if draft.published is None else instant_cell(draft.published),
        "kind": "report",
        "speaks_of": "" if day is None else moment_text(day),
        "citation": sanitize(draft.url),
        "text": _headline(draft),
    }
    if suggested is not None and suggested.rows:
        first, *more = ({**stated, **row} for row in suggested.rows)
        told = {name: cell for name, cell in suggested.rows[0].items() if name not in WORDY}
        proposed = {"by": sanitize(suggested.by), **told}
    else:
        proposed = {} if proposal is None else _proposed(proposal, draft, sources)
        first, more = {**stated, **proposed}, []
    cells = _filled(first)
    needed = NEEDED if cells["kind"] == "report" else NEEDED_OF_OTHERS
    missing = tuple(name for name in needed if name not in cells)
    return Prefilled(cells, missing, proposed, tuple(map(_filled, more)))


def _filled(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that hold something, made safe."""
    safe = {name: sanitize(cell) for name, cell in cells.items()}
    return {name: cell for name, cell in safe.items() if cell}


def _proposed(proposal: Proposal, draft: Draft, sources: Collection[str]) -> dict[str, str]:
    """Return the best of what is proposed, by column."""
    guesses = {
        "event": proposal.events,
        "source": proposal.sources,
        "claim": proposal.claims,
        "speaks_of": proposal.days,
    }
    best = {name: sanitize(some[0].value) for name, some in guesses.items() if some}
    if draft.published is not None and best.get("speaks_of") == day_label(draft.published)[:10]:
        del best["speaks_of"]  # the day of its publication is what an empty cell means
    copied = next((kin.value for kin in proposal.kin if kin.relation == "derived_from"), "")
    if copied:
        best["derived_from"] = sanitize(copied)
    elif proposal.origin in sources and proposal.origin != best.get("source"):
        best["origin"] = proposal.origin
    return best


def instant_cell(instant: datetime) -> str:
    """Return an instant as a cell; a midnight is the day that it ends.

    Examples
    --------
    >>> from datetime import UTC
    >>> instant_cell(datetime(2024, 7, 2, tzinfo=UTC))
    '2024-07-01'
    """
    label = day_label(instant)
    return label if len(label) == len("2024-07-01") else moment_text(instant.replace(microsecond=0))


def _headline(draft: Draft) -> str:
    words = " ".join(sanitize(draft.title or draft.text[: 4 * MOST_WORDS]).split())
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1].rstrip()}…"


def proposed_text(proposed: Mapping[str, str]) -> str:
    """Return what was proposed as one line for the record.

    Examples
    --------
    >>> proposed_text({"event": "pact", "claim": "on"})
    'event=pact; claim=on'
    """
    return "; ".join(f"{name}={value}" for name, value in proposed.items())


def item_id(cells: Mapping[str, str], draft: str, taken: Collection[str]) -> str:
    """Return an id for an item that a draft becomes: readable, and the same each time.

    Who says it, the day, the first words, and digits of the draft's id; more of these, and then a
    number, where an item of that name is `taken`.

    Parameters
    ----------
    cells
        The item's cells by column.
    draft
        The draft's id.
    taken
        The ids of other items.

    Examples
    --------
    >>> cells = {"source": "gazette", "published": "2024-07-01", "text": "Talks begin in Paris"}
    >>> item_id(cells, "d0123456789ab", ())
    'gazette_20240701_talks_begin_in_paris_0123'
    >>> item_id(cells, "d0123456789ab", {"gazette_20240701_talks_begin_in_paris_0123"})
    'gazette_20240701_talks_begin_in_paris_01234567'
    """
    who = _plain(cells.get("source") or cells.get("kind", ""), WHO)
    day = re.sub(r"[^0-9]", "", cells.get("published", "")[:10])
    words = _plain(cells.get("text", ""), WORDS)
    stem = "_".join(part for part in (who, day, words) if part)
    stem = stem if stem[:1].isalpha() else f"_{stem}"
    digits = _plain(draft.removeprefix("d"), DIGITS[-1])
    for count in DIGITS:
        name = f"{stem}_{digits[:count]}"[:LONGEST_ID]
        if name not in taken:
            return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _plain(text: str, most: int) -> str:
    """Return the whole words of a text, in the letters that an id may have, up to a length."""
    bare = unicodedata.normalize("NFKD", text[: 8 * most]).encode("ascii", "ignore").decode()
    words = [word for word in re.split(r"[^a-z0-9]+", bare.lower()) if word]
    kept = "_".join(words)
    if len(kept) <= most:
        return kept
    cut = kept[: most + 1]
    return cut.rpartition("_")[0] if "_" in cut else cut[:most]
