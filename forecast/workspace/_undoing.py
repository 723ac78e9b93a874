"""A decision on a draft taken back: the draft waits again, and what it became is withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Item, Place
from forecast.files._evidence_file import COLUMNS, item_of_cells
from forecast.files._safe_text import inert, sanitize
from forecast.files._table_writer import appended, moment_text, without_rows
from forecast.inbox._prefill import instant_cell
from forecast.inbox._store import Decision
from forecast.workspace._contents import Contents
from forecast.workspace._filed import (
    by_draft,
    evidence_file,
    held,
    inbox_of,
    named,
    note,
    on_file,
    whole,
    write_whole,
)
from forecast.workspace._followed import ledger_of


@dataclass(frozen=True)
class Undone:
    """What came of taking a decision back.

    Parameters
    ----------
    draft
        The draft, which waits again.
    outcome
        What had been decided.
    removed
        The items that were taken out of their file, since no run had seen them.
    retracted
        The items that stay on file and are retracted from now on, since runs have seen them, other
        items name them, or they stand where they cannot be taken out of.
    """

    draft: str
    outcome: str
    removed: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()


def undo(folder: Path, draft: str = "", *, by: str, why: str = "") -> Undone:
    """Take back what was decided on a draft, so that it waits again.

    Items that it became are taken out of the evidence if no run has seen them. Otherwise they are
    retracted: they were put on file by mistake, so the retraction is dated as they are and recorded
    now, and forecasts by what was on file at an earlier date stay as they were.

    Parameters
    ----------
    folder
        The workspace.
    draft
        The draft's id; empty for the last decision of all that stands.
    by, why
        Who takes it back, and a remark.

    Raises
    ------
    InputError
        If nothing was decided on the draft, or the workspace has faults.
    ForecastError
        If a file cannot be written.
    """
    by = named(by)
    inbox = inbox_of(folder)
    with held(inbox):
        contents, _ = whole(folder)
        items = on_file(contents)
        filed = by_draft(item for item, _ in items.values())
        decided = inbox.standing()
        outcomes = {name: str(each.outcome) for name, each in decided.items()}
        outcomes |= dict.fromkeys(filed, "accepted")
        draft = draft or _newest(decided)
        if draft not in outcomes:
            remedy = did_you_mean(draft, outcomes) if outcomes else "No decision stands."
            fault = Fault("nothing is decided on this draft", remedy, field="draft", value=draft)
            raise InputError(fault)
        now = datetime.now(UTC)
        standing = filed.get(draft, ())
        removed = _removed(folder, contents, [items[each.id] for each in standing])
        retracted = tuple(each.id for each in standing) if not removed else ()
        if retracted:
            _retract(folder, contents, standing, _Word(by, why, now))
        note(inbox, [Decision(draft, "reopened", by, now, (*removed, *retracted), why=why)])
    return Undone(draft, outcomes[draft], removed, retracted)


def _newest(decided: Mapping[str, Decision]) -> str:
    """Return the draft of the last decision that stands; empty where there is none."""
    latest_first = reversed(list(decided))  # of a batch the last
    return max(latest_first, key=lambda name: decided[name].at, default="")


def _removed(
    folder: Path, contents: Contents, placed: Sequence[tuple[Item, Place]]
) -> tuple[str, ...]:
    """Take items out of their file, if they stand in one file and nothing has used them."""
    files = {place.file for _, place in placed}
    names = tuple(item.id for item, _ in placed)
    if len(files) != 1 or not all(name.endswith(".csv") for name in files):
        return ()
    if _seen(contents, names):
        return ()
    try:
        whole(folder, without=names)
    except InputError:  # another item names them
        return ()
    file = Path(files.pop())
    write_whole(file, without_rows(file, names))
    return names


def _seen(contents: Contents, names: Sequence[str]) -> bool:
    """Return whether any run in the ledger saw any of some items."""
    with ledger_of(contents) as ledger:
        if ledger is None:
            return False
        from forecast.ledger import first_seen  # noqa: PLC0415  it reaches the database library

        return bool(first_seen(ledger, names))


@dataclass(frozen=True)
class _Word:
    by: str
    why: str
    at: datetime


def _retract(folder: Path, contents: Contents, items: Sequence[Item], word: _Word) -> None:
    """Append a retraction of each item to the evidence."""
    taken = {*on_file(contents)}
    rows: list[dict[str, str]] = []
    new: list[tuple[Item, Place]] = []
    for item in items:
        name, number = f"not_{item.id}"[:64], 2
        while name in taken:
            ending = f"_{number}"
            name, number = f"not_{item.id}"[: 64 - len(ending)] + ending, number + 1
        taken.add(name)
        cells = {
            "id": name,
            "published": moment_text(item.published),
            "kind": "retraction",
            "event": item.event,
            "retracts": item.id,
            "recorded": instant_cell(word.at.replace(microsecond=0)),
            "text": f"The acceptance of '{item.id}' is taken back",
            "notes": inert(sanitize(word.why)),
            "accepted_by": inert(word.by),
        }
        cells = {column: cell for column, cell in cells.items() if cell}
        place = Place(f"draft {item.draft}", 0)
        made, faults = item_of_cells(cells, place)
        if made is None:
            raise InputError(faults)
        rows.append(cells)
        new.append((made, place))
    whole(folder, new)
    file = evidence_file(contents)
    write_whole(file, appended(file, COLUMNS, rows))
