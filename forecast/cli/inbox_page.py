"""One draft on a screen: what it says, the item that it would be, what is proposed, the keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from forecast.cli.text import visible
from forecast.inbox._prefill import NEEDED
from forecast.inbox._proposal import Guess, Proposal
from forecast.time import day_words
from forecast.workspace._waiting import Waiting

TITLE_LINES, FEWEST_TEXT, FEWEST_EVENTS, MOST_COPIES = 2, 2, 3, 2
MOST_EVENTS = 9  # one key each
MOST_TEXT = 12
LABEL = 13  # cells of a screen for the name of a field
KEYS = (
    "a accept, s skip, n next, 1-9 event, w who, o on/off, c change, m merge, u undo, q quit, "
    "? help"
)
KEY_OF = {"event": "1-9", "source": "w", "claim": "o"}
"""The key that fills a field in; any other is asked for."""
BOLD, FAINT, ALARM = "bold", "dim", "yellow"


@dataclass(frozen=True)
class Page:
    """What a screen shows.

    Parameters
    ----------
    waiting
        The draft.
    head
        Which of how many it is.
    rows, at
        The items that it would be, by column, and which of them is shown.
    events
        The events to choose from, the best first, with their titles.
    titles
        The titles of sources.
    told
        What is to be said: faults, warnings, what was done.
    """

    waiting: Waiting
    head: str
    rows: Sequence[Mapping[str, str]]
    at: int
    events: Mapping[str, str]
    titles: Mapping[str, str]
    told: Sequence[str]


def lines_of(page: Page, console: Console) -> list[Text]:
    """Return the lines of a screen: as many as it has room for, less one for the cursor.

    The text gives way first, then events that are offered, then what is told; nothing that a
    stranger wrote is taken for markup.
    """
    width, room = console.width, max(console.height - 1, 8)

    def wrapped(text: str, most: int, style: str = "") -> list[Text]:
        return _wrapped(text, console, most, style)

    draft = page.waiting.draft
    head = [
        _line(f"{page.head}  {draft.id}  {draft.layout} from {draft.via}", width, FAINT),
        *wrapped(draft.title or "(no headline)", TITLE_LINES, BOLD),
        _line(_about(page.waiting), width, FAINT),
        *([_line(draft.url, width, FAINT)] if draft.url else []),
    ]
    fields = [_line(words, width, style) for words, style in _fields(page)]
    copies = [_line(words, width) for words in _copies(page.waiting.proposal)]
    keys = _keys(width)
    left = room - len(head) - len(fields) - len(copies) - len(keys)
    told = wrapped_all(page.told, console, max(left - FEWEST_EVENTS, 1))
    left -= len(told)
    offered = list(_events(page))[:MOST_EVENTS]
    events = [_line(words, width) for words in offered[: max(left - FEWEST_TEXT, FEWEST_EVENTS)]]
    left -= len(events)
    text = wrapped(draft.text, min(left - 2, MOST_TEXT)) if draft.text and left > 2 else []  # noqa: PLR2004  blanks
    left -= len(text)
    blank = [Text()]
    return [
        *head,
        *text,
        *blank[: left > 1],
        *fields,
        *events,
        *copies,
        *blank[: left > 0],
        *told,
        *keys,
    ][:room]


def offered_events(
    waiting: Waiting, titles: Mapping[str, str], most: int = MOST_EVENTS
) -> list[str]:
    """Return the events that number keys choose: those proposed, then the network's others."""
    proposed = [guess.value for guess in waiting.proposal.events if guess.value in titles]
    return list(dict.fromkeys([*proposed, *titles]))[:most]


def _keys(width: int) -> list[Text]:
    """Return the keys with their words, in as many lines as they take."""
    lines = [Text()]
    for part in KEYS.split(", "):
        if lines[-1].cell_len + len(part) > width:
            lines.append(Text())
        key, word = part.split(" ")
        lines[-1].append(key, BOLD).append(f" {word}  ", FAINT)
    return lines


def _about(waiting: Waiting) -> str:
    draft = waiting.draft
    when = "no date stated" if draft.published is None else day_words(draft.published)
    if draft.published is None and draft.published_as:
        when = f"date not read: {draft.published_as[:40]}"
    parts = (draft.outlet, draft.byline, when, draft.language)
    return " · ".join(part for part in parts if part)


def _fields(page: Page) -> Iterable[tuple[str, str]]:
    """Yield what the item says, and in which style; what is missing stands out."""
    row = page.rows[page.at]
    kind = row.get("kind", "report")
    which = f"item {page.at + 1} of {len(page.rows)}, " if len(page.rows) > 1 else ""
    yield f"── {which}{kind}{_by_whom(page.waiting)} " + "─" * 20, FAINT
    needed = NEEDED if kind == "report" else ("published", "event")
    shown = [*needed, *(name for name in row if name not in {*needed, "kind", "citation", "text"})]
    for name in shown:
        cell = row.get(name, "")
        label = name.ljust(LABEL)
        if not cell:
            yield f"{label}?  to be filled in: {KEY_OF.get(name, 'c')}", ALARM
            continue
        title = {"event": page.events, "source": page.titles}.get(name, {}).get(cell, "")
        reason = _reason(page.waiting.proposal, name, cell)
        yield f"{label}{cell}" + "".join(f"  — {part}" for part in (title, reason) if part), ""


def _by_whom(waiting: Waiting) -> str:
    """Return which assistant proposes what is shown, and its remark."""
    suggested = waiting.suggested
    if suggested is None:
        return ""
    return f", proposed by {suggested.by}" + (f": {suggested.why}" if suggested.why else "")


def _reason(proposal: Proposal, name: str, cell: str) -> str:
    guesses: dict[str, tuple[Guess, ...]] = {
        "event": proposal.events,
        "source": proposal.sources,
        "claim": proposal.claims,
        "speaks_of": proposal.days,
    }
    return next((guess.reason for guess in guesses.get(name, ()) if guess.value == cell), "")


def _events(page: Page) -> Iterable[str]:
    reasons = {guess.value: guess for guess in page.waiting.proposal.events}
    chosen = page.rows[page.at].get("event", "")
    for number, name in enumerate(offered_events(page.waiting, page.events), 1):
        guess = reasons.get(name)
        why = f"{guess.score:.2f} {guess.reason}" if guess else page.events[name]
        yield f"{'>' if name == chosen else ' '}{number} {name}  {why}"


def _copies(proposal: Proposal) -> Iterable[str]:
    words = {
        "duplicate": "the same entry as",
        "derived_from": "repeats",
        "origin": "shares with",
        "corrects": "corrects",
    }
    for kin in proposal.kin[:MOST_COPIES]:
        where = "item" if kin.on_file else "draft"
        yield f"= {words[kin.relation]} {where} {kin.value} ({kin.score:.2f})  {kin.reason}"


def _line(text: str, width: int, style: str = "") -> Text:
    line = Text(visible(text), style=style, no_wrap=True)
    line.truncate(width, overflow="ellipsis")
    return line


def _wrapped(text: str, console: Console, most: int, style: str = "") -> list[Text]:
    """Return text in so many lines at most; where more are left out, the last says so."""
    clean = " ".join(visible(text[: console.width * (most + 1)]).split())
    lines = list(Text(clean, style=style).wrap(console, console.width))
    if len(lines) > most > 0:
        lines[most - 1].truncate(console.width - 2)
        lines[most - 1].append(" …")
    return lines[: max(most, 0)]


def wrapped_all(told: Sequence[str], console: Console, most: int) -> list[Text]:
    """Return what is told, wrapped, in so many lines at most."""
    lines: list[Text] = []
    for words in told:
        lines += _wrapped(words, console, max(most - len(lines), 0), ALARM)
    return lines
