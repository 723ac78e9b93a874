"""Verification: every row against the chain, every content and file against its digest."""

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, func, or_, select, text

from forecast.files._sealed import KEPT, unsealed
from forecast.ledger._canonical import NOTHING_BEFORE, digest, entry_bytes
from forecast.ledger._clock import Reading, clock_remarks
from forecast.ledger._connection import DATABASE_ERRORS, Ledger, reading, revision_of
from forecast.ledger._guards import missing_guards
from forecast.ledger._read_files import pages_in, pruned_in
from forecast.ledger._records import PAGE, PRUNED
from forecast.ledger._shape import schema_faults
from forecast.ledger._tables import SEALED, contents, entries, sealed_in

BLOCK = 500
"""Entries that are read at once."""

MOST_FAULTS = 100
"""After so many the rest is not told: something larger is wrong."""

_first = itemgetter(0)


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Parameters
    ----------
    entries, rows, contents, files
        How many were held against their digests.
    head
        Place and digest of the last entry, to note elsewhere; empty where there is none.
    faults
        What is wrong; empty where all is as it was written.
    notes
        What is not wrong and yet to be known: when the machine's clock ran back; a page of the
        report that is an earlier one.
    pruned
        How many files were removed on purpose, as an entry says.
    """

    entries: int
    rows: int
    contents: int
    files: int
    head: str
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()
    pruned: int = 0

    @property
    def passed(self) -> bool:
        """Whether all is as it was written."""
        return not self.faults


class _Tally:
    """Counts and faults while the ledger is read."""

    def __init__(self) -> None:
        self.entries = self.rows = self.contents = self.files = self.pruned = 0
        self.head = ""
        self.heads_seen: set[str] = set()
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.readings: list[Reading] = []

    def fault(self, words: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)

    def result(self) -> Verification:
        counts = (self.entries, self.rows, self.contents, self.files)
        notes = () if self.faults else (*clock_remarks(self.readings), *self.notes)
        told = (tuple(self.faults), notes[:MOST_FAULTS], self.pruned)
        return Verification(*counts, self.head, *told)


def verify(
    ledger: Ledger,
    *,
    folder: Path | None = None,
    pages: Path | None = None,
    heads: Sequence[str] = (),
) -> Verification:
    """Hold the whole ledger against its hash chain.

    Every column of every row that belongs to an entry is part of the entry's digest, which is part
    of the next one's; every content and file has its own; the schema is held against the one that
    this version makes. One changed byte is found. What a chain
    cannot show by itself is that its end was cut off: for that, hold it against a head that was
    noted elsewhere.

    Parameters
    ----------
    ledger
        The ledger.
    folder
        The folder of runs' files; None leaves the files out.
    pages
        The folder of the workspace, in which the report's pages stand; None leaves them out.
    heads
        Heads that were noted earlier, ``"SEQ:DIGEST"``, which must be in the chain.

    Raises
    ------
    LedgerError
        If the ledger cannot be reached. Damage is no error: it is reported.
    """
    tally = _Tally()
    with reading(ledger) as connection:
        try:
            form = revision_of(connection)
            tables = sealed_in(form)
            _verify_guards(connection, tally, tables, form)
            _verify_chain(connection, tally, set(heads), tables)
            _verify_contents(connection, tally)
            if folder is not None:
                _verify_files(connection, tally, folder)
                _verify_kept(tally, folder)
            if pages is not None:
                _verify_pages(connection, tally, pages)
        except DATABASE_ERRORS as error:
            cause = getattr(error, "orig", None) or error
            first = ledger.address.hide(str(cause)).splitlines()[0]
            tally.fault(f"the database cannot be read to its end: {first}")
    for head in heads:
        if head not in tally.heads_seen:
            tally.fault(
                f"the chain does not hold the head {head[:80]}: its end was cut or rewritten"
            )
    return tally.result()


def _verify_guards(
    connection: Connection, tally: _Tally, tables: Mapping[str, Table], form: str | None
) -> None:
    names = [*tables, entries.name, contents.name]
    for name in missing_guards(connection, names):
        tally.fault(f"the trigger {name} is missing or was changed")
    for words in schema_faults(connection, names, form):
        tally.fault(words)
    if connection.dialect.name == "sqlite":
        for (word,) in connection.execute(text("PRAGMA quick_check(5)")):
            if word != "ok":
                tally.fault(f"SQLite's own check: {word}")


def _verify_chain(
    connection: Connection, tally: _Tally, heads: set[str], tables: Mapping[str, Table]
) -> None:
    first, last = connection.execute(select(func.min(entries.c.seq), func.max(entries.c.seq))).one()
    expected, previous = 1, NOTHING_BEFORE
    start = first
    while start is not None and start <= last:
        # From entry to entry, not from number to number: a changed one may leave a huge gap.
        links = _fetch(connection, select(entries).where(entries.c.seq >= start).limit(BLOCK))
        end = links[-1][0] if links else last
        if end < start:
            tally.fault(f"entries are out of order from entry {start} on")
            break
        rows = {
            name: _fetch(connection, select(table).where(table.c.entry.between(start, end)))
            for name, table in tables.items()
        }
        claimed = 0
        for seq, kind, made_at, before, sealed in links:
            mine = {name: _of_entry(found, seq) for name, found in rows.items()}
            claimed += sum(map(len, mine.values()))
            if seq != expected:
                tally.fault(f"entry {expected} is missing")
            if before != previous:
                tally.fault(f"entry {seq} does not follow the entry before it")
            if _digest_of(seq, kind, made_at, before, mine) != sealed:
                tally.fault(f"entry {seq} ({kind}) is not what was written")
            tally.readings.append((seq, kind, made_at))
            expected, previous = seq + 1, sealed
            tally.head = f"{seq}:{sealed}"
            if tally.head in heads:
                tally.heads_seen.add(tally.head)
        tally.entries += len(links)
        tally.rows += len(links) + claimed
        if claimed != sum(map(len, rows.values())):
            tally.fault(f"rows that no entry seals stand between entries {start} and {end}")
        start = end + 1
    for table in tables.values():
        _verify_nothing_outside(connection, tally, table, (first, last))


def _digest_of(seq: int, kind: str, made_at: str, before: str, rows: dict[str, Any]) -> str:
    try:
        return digest(entry_bytes(seq, kind, made_at, before, rows))
    except (TypeError, ValueError):  # a value of a kind that was never written
        return ""


def _verify_nothing_outside(
    connection: Connection, tally: _Tally, table: Table, ends: tuple[int | None, int | None]
) -> None:
    first, last = ends
    query = select(func.count()).select_from(table)
    if first is not None and last is not None:
        query = query.where(or_(table.c.entry < first, table.c.entry > last))
    count = connection.execute(query).scalar_one()
    if count:
        tally.fault(f"{count} rows of {table.name} belong to no entry")


def _verify_contents(connection: Connection, tally: _Tally) -> None:
    found = set()
    query = select(contents).execution_options(yield_per=500)
    for name, body in connection.execute(query):
        tally.contents += 1
        found.add(name)
        if not isinstance(body, str) or digest(body.encode(errors="replace")) != name:
            tally.fault(f"the content {str(name)[:64]} is not what was written")
    runs, evidence = SEALED["runs"], SEALED["evidence"]
    wanted = set(connection.scalars(select(runs.c.network_content).distinct()))
    wanted.update(connection.scalars(select(evidence.c.content).distinct()))
    for name in sorted(wanted - found, key=str):
        tally.fault(f"the content {str(name)[:64]} is missing")


def _verify_files(connection: Connection, tally: _Tally, folder: Path) -> None:
    table, pruned = SEALED["artifacts"], pruned_in(connection)
    query = (
        select(table.c.entry, table.c.path, table.c.sha256)
        .join(entries, entries.c.seq == table.c.entry)
        .where(entries.c.kind.not_in((PRUNED, PAGE)))
        .order_by(table.c.entry)
    )
    for entry, path, sha256 in connection.execute(query):
        if pruned.get(path) == sha256 and not (folder / path).exists():
            tally.pruned += 1
            continue
        tally.files += 1
        try:
            with (folder / path).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            tally.fault(f"the file {path} of entry {entry} cannot be read: {reason}")
            continue
        if found != sha256:
            tally.fault(f"the file {path} of entry {entry} is not what was written")


def _verify_pages(connection: Connection, tally: _Tally, folder: Path) -> None:
    """Hold the pages of the report that are here against what was entered before they were written.

    A job that was killed in between leaves the page before, which the ledger names as well.
    """
    for path, written in pages_in(connection).items():
        file = folder / path
        try:
            if not (file.is_file() and file.resolve().is_relative_to(folder.resolve())):
                continue  # a page may be deleted, and made again
            tally.files += 1
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            tally.fault(f"the page {path} cannot be read: {reason}")
            continue
        if found not in written:
            tally.fault(f"the page {path} is not what was written: 'forecast report' makes it anew")
        elif found != written[-1]:
            tally.notes.append(f"the page {path} is an earlier one: 'forecast report' renews it")


def _verify_kept(tally: _Tally, folder: Path) -> None:
    """Hold what is kept beside the runs to save work, such as their reasons, against its seal."""
    for file in sorted(folder.rglob("*")):
        if not file.name.endswith(KEPT):
            continue
        tally.files += 1
        try:
            whole = unsealed(file.read_bytes()) is not None
        except OSError as error:
            tally.fault(f"the file {file.relative_to(folder)} cannot be read: {error.strerror}")
            continue
        if not whole:
            tally.fault(
                f"the file {file.relative_to(folder)} is not what was written: delete it, and it "
                "is made anew"
            )


def _fetch(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Return rows in the order of the chain as the driver gives them: plain tuples, fast."""
    table = query.get_final_froms()[0]
    result = connection.execute(query.order_by(*table.primary_key))
    rows = [] if result.cursor is None else list(result.cursor.fetchall())
    result.close()
    return rows


def _of_entry(rows: list[tuple[Any, ...]], seq: int) -> list[tuple[Any, ...]]:
    start = bisect_left(rows, seq, key=_first)
    return rows[start : bisect_left(rows, seq + 1, lo=start, key=_first)]
