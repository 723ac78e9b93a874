"""The whole ledger as lines of JSON, and back: readable for good, and a copy on any database.

The first line names the columns. A content is ``{"body": …, "sha256": …}``. An entry is its digest,
a blank, and the very bytes that the digest is made over, so that a reader needs nothing of this
library to hold one against the other. An old ledger is brought to today's form on request alone,
with a copy kept first.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import URL

from forecast.errors import LedgerError
from forecast.files._text_file import make_folder, replacing
from forecast.ledger._append import add_rows
from forecast.ledger._canonical import NOTHING_BEFORE, canonical, digest, entry_bytes
from forecast.ledger._connection import (
    Address,
    Ledger,
    appending,
    migrate,
    open_ledger,
    reading,
    revision_of,
)
from forecast.ledger._tables import contents, entries, sealed_in
from forecast.ledger.migrations import FORMS, HEAD

FORMAT = 1


def export(ledger: Ledger) -> Iterator[str]:
    """Yield the lines of an export, without their ends: columns, contents, entries in order.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with reading(ledger) as connection:
        yield from _lines(connection)


def _lines(connection: Connection) -> Iterator[str]:
    form = revision_of(connection)  # a copy before an upgrade is of an old one
    yield canonical(_header(form)).decode()
    query = select(contents).order_by(contents.c.sha256)
    for name, body in connection.execute(query.execution_options(yield_per=500)):
        yield canonical({"body": body, "sha256": name}).decode()
    for seq, kind, made_at, previous, sealed in connection.execute(
        select(entries).order_by(entries.c.seq)
    ):
        rows = {}
        for name, table in sealed_in(form).items():
            query = select(table).where(table.c.entry == seq).order_by(*table.primary_key)
            rows[name] = [tuple(row) for row in connection.execute(query)]
        yield f"{sealed} {entry_bytes(seq, kind, made_at, previous, rows).decode()}"


def restore(ledger: Ledger, exported: Iterable[str]) -> int:
    """Fill an empty ledger with an export, entry by entry as it was; return how many.

    Parameters
    ----------
    ledger
        A ledger without entries.
    exported
        The lines.

    Raises
    ------
    LedgerError
        If the ledger has entries, or a line is damaged; then nothing is kept.
    """
    with appending(ledger) as connection:
        if connection.execute(select(func.count()).select_from(entries)).scalar_one():
            msg = f"{ledger.address}: has entries already; an export goes into an empty ledger"
            raise LedgerError(msg)
        previous, count = NOTHING_BEFORE, 0
        for number, line in enumerate(exported, start=1):
            try:
                if number == 1:
                    _check_header(json.loads(line))
                elif line.startswith("{"):
                    _add_content(connection, json.loads(line))
                else:
                    previous = _add_entry(connection, line, previous)
                    count += 1
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                msg = f"line {number} of the export is damaged: {error}"
                raise LedgerError(msg) from None
    return count


def restore_file(address: Address, exported: Iterable[str]) -> int:
    """Make a ledger from an export, whole or not at all; return how many entries it has.

    Raises
    ------
    LedgerError
        If there is a ledger with entries already, or a line is damaged; then nothing is kept.
    """
    if address.file is None:
        with open_ledger(address) as ledger:
            return restore(ledger, exported)
    if address.file.exists():
        msg = f"{address.file}: is there already. Move it away, with its -wal and -shm, first"
        raise LedgerError(msg)
    try:
        make_folder(address.file.parent)
        with replacing(address.file) as temporary:
            temporary.unlink()
            inside = Address(URL.create("sqlite", database=str(temporary)), temporary)
            try:
                with open_ledger(inside) as new:
                    count = restore(new, exported)
            finally:
                temporary.with_name(f".{temporary.name}.lock").unlink(missing_ok=True)
    except OSError as error:
        msg = f"{address.file}: the ledger cannot be made: {error.strerror or error}"
        raise LedgerError(msg) from error
    return count


def head_in(exported: Iterable[str], head: str) -> bool:
    """Return whether an entry of this place and digest is among the lines of an export.

    Examples
    --------
    >>> head_in(["{}", "{}", "aa {}", "bb {}"], "2:bb")
    True
    """
    seq, _, digest = head.partition(":")
    entry_lines = (line for line in exported if not line.startswith("{"))
    return any(
        number == int(seq) and line.partition(" ")[0] == digest
        for number, line in enumerate(entry_lines, start=1)
    )


def _header(form: str | None) -> dict[str, Any]:
    columns = {name: list(table.columns.keys()) for name, table in sealed_in(form).items()}
    return {"columns": columns, "format": FORMAT, "what": "ledger"}


def _check_header(header: dict[str, Any]) -> None:
    if header not in map(_header, FORMS):
        msg = "its columns are those of no form that this version of the library knows"
        raise ValueError(msg)


def _add_content(connection: Connection, content: dict[str, str]) -> None:
    if digest(content["body"].encode()) != content["sha256"]:
        msg = "the content does not have this digest"
        raise ValueError(msg)
    connection.execute(insert(contents), content)


def _add_entry(connection: Connection, line: str, previous: str) -> str:
    sealed, _, data = line.rstrip("\n").partition(" ")
    if digest(data.encode()) != sealed:
        msg = "the entry does not have this digest"
        raise ValueError(msg)
    entry = json.loads(data)
    if entry["previous"] != previous:
        msg = "the entry does not follow the one before it"
        raise ValueError(msg)
    add_rows(connection, entry.pop("body"))
    connection.execute(insert(entries), {**entry, "digest": sealed})
    return sealed


@dataclass(frozen=True)
class Upgrade:
    """From which form to which, and where the copy is: None where nothing was due."""

    before: str
    after: str
    backup: Path | None


def upgrade(ledger: Ledger, folder: Path) -> Upgrade:
    """Bring a ledger to today's form, in one transaction, with a copy made first.

    Parameters
    ----------
    ledger
        The ledger, opened with ``upgrading=True``.
    folder
        Where the copy goes: of SQLite the file, of PostgreSQL an export.

    Raises
    ------
    LedgerError
        If the copy cannot be made, or the upgrade fails; then the ledger is as it was.
    """
    with reading(ledger) as connection:
        before = revision_of(connection)
    if before is None:
        msg = f"{ledger.address}: is not a ledger"
        raise LedgerError(msg)
    if before == HEAD:
        return Upgrade(before, HEAD, None)
    if before > HEAD:
        msg = (
            f"{ledger.address}: the ledger has form {before}, which a newer version of the library "
            "made: upgrade the library instead"
        )
        raise LedgerError(msg)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    file = ledger.address.file
    name = f"ledger-form{before}-{stamp}.jsonl"
    if file is not None:
        name = f"{file.stem}-form{before}-{stamp}.sqlite3"
    backup = folder / name
    try:
        with replacing(backup) as copy:
            if file is not None:
                _copy_file(file, copy)
            else:
                _copy_lines(ledger, copy)
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{backup}: the copy cannot be made, so nothing was upgraded: {reason}"
        raise LedgerError(msg) from None
    with appending(ledger) as connection:
        if revision_of(connection) == before:
            migrate(connection, HEAD)
    return Upgrade(before, HEAD, backup)


def _copy_file(file: Path, copy: Path) -> None:
    """Copy a SQLite ledger as it stands, its write-ahead log included."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _copy_lines(ledger: Ledger, copy: Path) -> None:
    with copy.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in export(ledger))
