"""Opening a ledger, and the two kinds of transaction: one that reads, one that appends.

SQLite: write-ahead log, every commit forced to disk, writers one after another (``BEGIN
IMMEDIATE``). PostgreSQL: an advisory lock, held to the end of the transaction, does the same.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from forecast.errors import LedgerError, MissingExtraError
from forecast.ledger.address import Address
from forecast.ledger.create import create_file, create_tables, revision_of
from forecast.ledger.migrations import HEAD

__all__ = ["DATABASE_ERRORS", "Ledger", "appending", "open_ledger", "reading"]

PATIENCE = 60.0
"""Seconds to wait for another writer before giving up."""

SYNCHRONOUS = "FULL"
"""Every commit is forced to disk before it is acknowledged."""

LOCK = 0x6C6564676572
"""The advisory lock's number: 'ledger' in ASCII."""


DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError, CommandError)
"""What a database, its driver, a disk or a damaged file raise; sqlite3 decodes broken names too."""


@dataclass(frozen=True)
class Ledger:
    """An open ledger; `open_ledger` gives one."""

    address: Address
    engine: Engine


@contextmanager
def open_ledger(address: Address, *, upgrading: bool = False) -> Iterator[Ledger]:
    """Open a ledger for the length of a ``with`` block; make it where there is none yet.

    Parameters
    ----------
    address
        Where it is.
    upgrading
        Open one of an older form as well, to bring it up to date. Nothing else may be done to it.

    Raises
    ------
    LedgerError
        If it cannot be reached, is no ledger, or is of another form than this version writes.
    MissingExtraError
        If the driver for PostgreSQL is not installed.
    """
    if address.file is None and find_spec("psycopg") is None:
        raise MissingExtraError("psycopg", "postgres")
    engine = _engine(address)
    ledger = Ledger(address, engine)
    try:
        if address.file is not None and not address.file.exists():
            with _telling(ledger, "made"):
                create_file(address.file)
        _require_form(ledger, upgrading=upgrading)
        yield ledger
    finally:
        engine.dispose()


@contextmanager
def reading(ledger: Ledger) -> Iterator[Connection]:
    """Give a connection that sees one state of the ledger and changes nothing."""
    with _telling(ledger, "read"), ledger.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        try:
            yield connection
        finally:
            connection.rollback()


@contextmanager
def appending(ledger: Ledger) -> Iterator[Connection]:
    """Give a connection of which nobody else appends; committed to disk when the block ends."""
    engine = ledger.engine.execution_options(appending=True)
    with _telling(ledger, "written"), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('lock_timeout', :ms, true)"), _WAIT)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


_WAIT = {"ms": f"{PATIENCE * 1000:.0f}ms"}


def _engine(address: Address) -> Engine:
    if address.file is None:
        options = {"connect_timeout": 15, "application_name": "forecast", **address.url.query}
        return create_engine(address.url.set(query={}), connect_args=options, pool_size=1)
    engine = create_engine(
        address.url, connect_args={"timeout": PATIENCE, "isolation_level": None}, pool_size=1
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    synchronous = f"synchronous = {SYNCHRONOUS}"
    try:
        for pragma in (synchronous, "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()  # of a damaged file: the pool never gets it, and would not close it
        raise


def _begin(connection: Connection) -> None:
    # A writer that begins as a reader fails where another one came between: it must not wait then.
    immediate = connection.get_execution_options().get("appending", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _require_form(ledger: Ledger, *, upgrading: bool) -> None:
    """Make the tables of an empty PostgreSQL database; refuse a form that is not today's."""
    with reading(ledger) as connection:
        revision = revision_of(connection)
    if revision is None and ledger.address.file is None:
        with appending(ledger) as connection:
            create_tables(connection)
            revision = revision_of(connection)
    if revision == HEAD or (upgrading and revision is not None):
        return
    if revision is None:
        msg = f"{ledger.address}: is not a ledger. Move it away, or name another."
    else:
        msg = (
            f"{ledger.address}: the ledger has form {revision}, and this version of the library "
            f"writes form {HEAD}. Run 'forecast ledger upgrade', which keeps a copy; or, if the "
            "ledger is the newer, upgrade the library."
        )
    raise LedgerError(msg)


@contextmanager
def _telling(ledger: Ledger, done: str) -> Iterator[None]:
    """Turn what a database driver raises into an error of ours, without statement and secrets."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise LedgerError(_message(ledger, done, error)) from None


def _message(ledger: Ledger, done: str, error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    reason = ""
    with suppress(IndexError):
        reason = str(getattr(cause, "strerror", None) or cause).strip().splitlines()[0]
    if "locked" in reason or "lock timeout" in reason:
        reason = f"another process has kept it locked for {PATIENCE:.0f} seconds"
    return ledger.address.hide(f"{ledger.address}: the ledger cannot be {done}: {reason}")
