"""The inbox on disk: drafts, what assistants propose for them, and decisions.

One line of JSON each, appended and never changed.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from filelock import FileLock, Timeout

from forecast.errors import Fault, InputError
from forecast.files._limits import most
from forecast.files._text_file import file_bytes, flush_folder, make_folder, new_mode
from forecast.inbox._draft import Draft

DRAFTS, DECISIONS, SUGGESTIONS = "drafts.jsonl", "decisions.jsonl", "proposals.jsonl"
LOCK = ".lock"
MOST_BYTES = most("inbox", "bytes of a file")
PATIENCE = 30.0
"""Seconds to wait for another process that writes to the inbox."""
BLOCK = 65_536
"""Bytes that are read at once from the end."""
MOMENTS, DAYS = ("received", "published", "at"), ("happened_from", "happened_to")

type Outcome = Literal["accepted", "skipped", "merged", "reopened"]


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a draft. The newest on a draft stands.

    Parameters
    ----------
    draft
        The draft's id.
    outcome
        ``accepted`` as items of evidence, ``skipped``, ``merged`` with a copy that is on file, or
        ``reopened``, so that it waits again.
    by
        Who decided.
    at
        When, UTC.
    items
        The ids of the items that it became, or that it was merged with.
    proposed
        What the machine had proposed then, by field.
    why
        A remark.
    """

    draft: str
    outcome: Outcome
    by: str
    at: datetime
    items: tuple[str, ...] = ()
    proposed: Mapping[str, str] | None = None
    why: str = ""


@dataclass(frozen=True)
class Suggestion:
    """What an assistant proposes that a draft becomes. The newest on a draft is shown first.

    It decides nothing, and is no item: a person accepts it, changed or not, or does not.

    Parameters
    ----------
    draft
        The draft's id.
    by
        The name of the assistant.
    at
        When, UTC.
    rows
        The items that it would be, each by the columns of a file of evidence.
    why
        A remark.
    """

    draft: str
    by: str
    at: datetime
    rows: tuple[Mapping[str, str], ...]
    why: str = ""


type Entry = Draft | Decision | Suggestion


class Inbox:
    """The drafts and decisions of a workspace.

    Parameters
    ----------
    folder
        Where they are kept, usually ``inbox/`` of a workspace; made when something is added.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import forecast as fc
    >>> with TemporaryDirectory() as folder:
    ...     inbox = fc.Inbox(folder)
    ...     inbox.drafts(), inbox.waiting()
    ([], [])
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def drafts(self) -> list[Draft]:
        """Return all drafts in the order in which they came.

        Raises
        ------
        InputError
            If a line cannot be read; with its number.
        """
        return [Draft(**values) for values in _lines(self.folder / DRAFTS, Draft)]

    def decisions(self) -> list[Decision]:
        """Return all decisions in the order in which they were made.

        Raises
        ------
        InputError
            If a line cannot be read; with its number.
        """
        return [Decision(**values) for values in _lines(self.folder / DECISIONS, Decision)]

    def suggestions(self) -> list[Suggestion]:
        """Return all that assistants proposed, in the order in which it came.

        Raises
        ------
        InputError
            If a line cannot be read; with its number.
        """
        return [Suggestion(**values) for values in _lines(self.folder / SUGGESTIONS, Suggestion)]

    def standing(self) -> dict[str, Decision]:
        """Return the decisions that stand, by the draft's id: the newest on each, unless reopened.

        Raises
        ------
        InputError
            If a line cannot be read; with its number.
        """
        last = {each.draft: each for each in self.decisions()}
        return {draft: each for draft, each in last.items() if each.outcome != "reopened"}

    def waiting(self) -> list[Draft]:
        """Return the drafts on which nobody has decided, or whose last decision was taken back."""
        decided = self.standing()
        return [draft for draft in self.drafts() if draft.id not in decided]

    def add(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Append those drafts that are not there yet, all or none, and return them.

        Raises
        ------
        InputError
            If another process holds the inbox too long.
        OSError
            If it cannot be written.
        """
        with self.locked():
            known = {draft.id for draft in self.drafts()}
            new: dict[str, Draft] = {}
            for draft in drafts:
                if draft.id not in known:
                    new.setdefault(draft.id, draft)
            _append(self.folder / DRAFTS, new.values())
        return list(new.values())

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Append decisions, all or none.

        Raises
        ------
        InputError
            If another process holds the inbox too long.
        OSError
            If it cannot be written.
        """
        with self.locked():
            _append(self.folder / DECISIONS, decisions)

    def suggest(self, suggestions: Iterable[Suggestion]) -> None:
        """Append what an assistant proposes, all or none.

        Raises
        ------
        InputError
            If another process holds the inbox too long.
        OSError
            If it cannot be written.
        """
        with self.locked():
            _append(self.folder / SUGGESTIONS, suggestions)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the inbox against other processes; a process that holds it may take it again."""
        make_folder(self.folder)
        lock = FileLock(self.folder / LOCK, timeout=PATIENCE, mode=new_mode(), is_singleton=True)
        try:
            with lock:
                yield
        except Timeout:
            raise InputError(
                Fault(
                    f"another process has held the inbox for {PATIENCE:.0f} seconds",
                    "Wait until it has ended, and try again.",
                    file=str(self.folder),
                )
            ) from None


def _append(path: Path, entries: Iterable[Entry]) -> None:
    """Write lines at the end in one go, in place of a last line that a crash cut off."""
    text = "".join(json.dumps(_plain(entry), ensure_ascii=False) + "\n" for entry in entries)
    if not text:
        return
    make_folder(path.parent)
    with path.open("ab+") as file:
        end = _whole(file)
        new = end == 0
        file.truncate(end)
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            if new:
                flush_folder(path.parent)
        except OSError:
            file.truncate(end)
            raise


def _whole(file: BinaryIO) -> int:
    """Return where the last line that ends in a newline ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _plain(entry: Entry) -> dict[str, Any]:
    """Return what an entry states, empty fields left out."""
    told = {name: value for name, value in asdict(entry).items() if value}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in told.items()
    }


def _lines(path: Path, kind: type[Entry]) -> Iterator[dict[str, Any]]:
    """Yield the fields of each line; what a crash cut off, or left holes in, is passed over."""
    if not path.exists():
        return
    names = {each.name for each in fields(kind)}
    lines = file_bytes(path, MOST_BYTES).split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip() or b"\0" in line:  # JSON has no NUL: blocks that a power cut lost
            continue
        try:
            stated = json.loads(line)
            values = {name: _read(name, value) for name, value in stated.items() if name in names}
            kind(**values)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            if number == len(lines):  # no newline: it was never acknowledged
                return
            raise InputError(
                Fault(
                    "is not an entry of the inbox",
                    "Take the file from a backup, or remove the line; entries are never edited.",
                    file=str(path),
                    line=number,
                )
            ) from error
        yield values


def _read(name: str, value: Any) -> Any:
    if name in MOMENTS:
        return datetime.fromisoformat(value)
    if name in DAYS:
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
