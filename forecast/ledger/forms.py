"""Bringing an old ledger to today's form: on request alone, and with a copy kept first."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forecast.errors import LedgerError
from forecast.files.text_file import replacing
from forecast.ledger.connection import Ledger, appending, reading
from forecast.ledger.create import migrate, revision_of
from forecast.ledger.exchange import export
from forecast.ledger.migrations import HEAD

__all__ = ["Upgrade", "upgrade"]


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
