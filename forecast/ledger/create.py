"""Making a new ledger: whole, or not at all."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from filelock import FileLock
from sqlalchemy import URL, Connection, create_engine, inspect

from forecast.errors import LedgerError
from forecast.files.text_file import replacing
from forecast.ledger import migrations

__all__ = ["create_file", "create_tables", "migrate", "revision_of"]

PATIENCE = 60.0
"""Seconds to wait for the lock: where no file can be made, as in /proc, it is never had."""


def revision_of(connection: Connection) -> str | None:
    """Return the form that a ledger has, or None where there is no ledger."""
    return MigrationContext.configure(connection).get_current_revision()


def create_tables(connection: Connection) -> None:
    """Make the tables of a ledger in an empty database.

    Raises
    ------
    LedgerError
        If the database holds tables of something else.
    """
    if revision_of(connection) is not None:
        return  # another process was here first
    if inspect(connection).get_table_names():
        msg = "the database holds other tables: give the ledger a database or a schema of its own"
        raise LedgerError(msg)
    migrate(connection, migrations.HEAD)


def migrate(connection: Connection, revision: str) -> None:
    """Bring a ledger to a form, inside the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def create_file(file: Path) -> None:
    """Make a SQLite ledger under another name, and give it its own when it is on disk.

    Where two do this at once, the second finds the first one's.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.parent / f".{file.name}.lock", timeout=PATIENCE):
        if file.exists():
            return
        with replacing(file) as temporary:
            _fill(temporary)


def _fill(file: Path) -> None:
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, connect_args={"isolation_level": None})
    try:
        with engine.connect() as connection:
            # Neither synchronous nor journalled: it is forced to disk once, when it is whole.
            for pragma in ("synchronous = OFF", "journal_mode = OFF"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.exec_driver_sql("BEGIN")
            create_tables(connection)
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        engine.dispose()
