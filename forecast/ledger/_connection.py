"""Where the ledger is, making it, and its two kinds of transaction: to read and to append.

It is a file of the workspace, or a PostgreSQL database by URL. A password is never stored: not in
the workspace file, and not in a message. A new ledger is made whole, or not at all.

SQLite: write-ahead log, every commit forced to disk, writers one after another (``BEGIN
IMMEDIATE``). PostgreSQL: an advisory lock, held to the end of the transaction, does the same.
"""

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from forecast.errors import Fault, InputError, LedgerError, MissingExtraError
from forecast.files._text_file import make_folder, new_mode, replacing
from forecast.ledger import migrations
from forecast.ledger._clock import Readings
from forecast.ledger.migrations import HEAD

DEFAULT_FILE = "ledger.sqlite3"
VARIABLE = "FORECAST_LEDGER"

_FORMS = "Write sqlite:///NAME.sqlite3, or postgresql://USER@HOST/DATABASE."
_SAFE_OPTIONS = {"sslmode", "sslrootcert", "connect_timeout", "application_name", "options"}


@dataclass(frozen=True)
class Address:
    """Where a ledger is.

    Parameters
    ----------
    url
        As SQLAlchemy has it; the password, if any, inside.
    file
        The file of a SQLite ledger; None for PostgreSQL.
    """

    url: URL = field(repr=False)
    file: Path | None = None

    def __str__(self) -> str:
        """Return the address for a message: no password, no user."""
        if self.file is not None:
            return str(self.file)
        port = f":{self.url.port}" if self.url.port else ""
        return f"postgresql://{self.url.host or ''}{port}/{self.url.database or ''}"

    def hide(self, message: str) -> str:
        """Return a message of the database without the password, should it be in there."""
        password = None if self.url.password is None else str(self.url.password)
        return message.replace(password, "***") if password else message


def ledger_address(
    stated: str | None, folder: Path, environment: Mapping[str, str] | None = None
) -> Address:
    """Return where a workspace's ledger is: the environment's word, else the file's, else a file.

    Parameters
    ----------
    stated
        The URL that the workspace file states, if any.
    folder
        The workspace's folder, which a relative file is in.
    environment
        Where ``FORECAST_LEDGER`` is looked up; by default the process's environment.

    Raises
    ------
    InputError
        If the URL is none that can be used, or the workspace file's holds a password or names a
        file outside the workspace.

    Examples
    --------
    >>> str(ledger_address("postgresql://me@db.example/forecasts", Path("."), {}))
    'postgresql://db.example/forecasts'
    """
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE):
        return _parse(environment[VARIABLE], folder, field_name=VARIABLE)
    if stated is None:
        return _sqlite(folder / DEFAULT_FILE)
    address = _parse(stated, folder, field_name="ledger.url")
    if address.file is not None and _leaves(address.file, folder):
        message = "the file lies outside the workspace"
        remedy = f"Name one inside it, or set {VARIABLE}, which may name any."
        raise InputError(Fault(message, remedy, field="ledger.url"))
    if address.url.password is not None:
        message = "a password does not belong into the workspace file"
        remedy = f"Take it out, and set {VARIABLE} or PGPASSWORD, or write ~/.pgpass."
        raise InputError(Fault(message, remedy, field="ledger.url"))
    return address


def _parse(text: str, folder: Path, field_name: str) -> Address:
    # No message shows the text: there may be a password in it, wherever it is broken.
    def refusal(message: str, remedy: str = _FORMS) -> InputError:
        return InputError(Fault(message, remedy, field=field_name))

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise refusal("is not a URL") from None
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not url.database or url.database == ":memory:" or url.query or url.host:
            raise refusal("a SQLite ledger is a plain file, without options")
        if re.search(r"[\x00-\x1f]", url.database) or url.database.startswith("file:"):
            raise refusal("is no file name")
        return _sqlite(folder / url.database)
    if url.drivername not in {"postgresql", "postgresql+psycopg", "postgres"}:
        raise refusal("is not a database that a ledger can be in")
    if text.count("@") > 1:  # what follows the first would be shown as the host's name
        remedy = "In a name or a password, write @ as %40, : as %3A, / as %2F, and % as %25."
        raise refusal("holds more than one @", remedy)
    odd = sorted(set(url.query) - _SAFE_OPTIONS - {"host", "port"})
    if odd:
        known = f"Known: {', '.join(sorted(_SAFE_OPTIONS))}."
        raise refusal(f"cannot take the option '{odd[0][:40]}'", known)
    if not url.database:
        raise refusal("names no database")
    return Address(url.set(drivername="postgresql+psycopg"))


def _leaves(file: Path, folder: Path) -> bool:
    """Whether a file is elsewhere than below a folder, links followed."""
    return not file.resolve().is_relative_to(folder.resolve())


def _sqlite(file: Path) -> Address:
    return Address(URL.create("sqlite", database=str(file)), file)


PATIENCE = 60.0
"""Seconds to wait for another writer, or for a lock: where no file can be made it is never had."""


FORM_TABLE = "alembic_version"
"""Where Alembic notes the form."""


def revision_of(connection: Connection) -> str | None:
    """Return the form that a ledger has, or None where there is no ledger."""
    if not inspect(connection).has_table(FORM_TABLE):
        return None
    found = connection.scalars(text(f"SELECT version_num FROM {FORM_TABLE}")).all()  # noqa: S608
    if len(found) > 1:
        msg = f"its table {FORM_TABLE} names {len(found)} forms, and a ledger has one"
        raise SQLAlchemyError(msg)
    return str(found[0]) if found else None


def create_tables(connection: Connection) -> None:
    """Make the tables of a ledger in an empty database; refuse one that holds something else."""
    if revision_of(connection) is not None:
        return  # another process was here first
    if inspect(connection).get_table_names():
        msg = "the database holds other tables: give the ledger a database or a schema of its own"
        raise LedgerError(msg)
    migrate(connection, HEAD)


def migrate(connection: Connection, revision: str) -> None:
    """Bring a ledger to a form, inside the connection's transaction."""
    # It takes a quarter of a second to import, with Mako and every dialect.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise SQLAlchemyError(str(error)) from error


def create_file(file: Path) -> None:
    """Make a SQLite ledger under another name, and give it its own when it is on disk.

    Where two do this at once, the second finds the first one's.
    """
    make_folder(file.parent)
    with FileLock(file.parent / f".{file.name}.lock", timeout=PATIENCE, mode=new_mode()):
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


SYNCHRONOUS = "FULL"
"""Every commit is forced to disk before it is acknowledged."""

LOCK = 0x6C6564676572
"""The advisory lock's number: 'ledger' in ASCII."""


DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError)
"""What a database, its driver, a disk or a damaged file raise; sqlite3 decodes broken names too."""


@dataclass(frozen=True)
class Ledger:
    """An open ledger; `open_ledger` gives one."""

    address: Address
    engine: Engine
    readings: Readings = field(default_factory=Readings, compare=False, repr=False)

    @property
    def readable_only(self) -> bool:
        """Whether it is a file that may not be written here."""
        return self.address.file is not None and not _writable(self.address.file)


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


_PATIENT = {
    "connect_timeout": 15,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Seconds, and the last in milliseconds: a server that is gone is noticed within a minute."""

AGAIN_AFTER = (1.0, 5.0, 25.0)
"""Seconds after which what lost its connection is tried again."""


class LostError(LedgerError):
    """The connection to the server was lost, or cannot be made: it may be back soon."""


def persistent[T](work: Callable[[], T]) -> T:
    """Do a piece of work that may be done twice; where the connection is lost, again, a few times.

    The last loss is raised.
    """
    for seconds in AGAIN_AFTER:
        try:
            return work()
        except LostError:
            time.sleep(seconds)
    return work()


_WAIT = {"ms": f"{PATIENCE * 1000:.0f}ms"}


def _engine(address: Address) -> Engine:
    if address.file is None:
        options = {**_PATIENT, "application_name": "forecast", **address.url.query}
        url = address.url.set(query={})
        # An estimate takes hours, in which the server may have closed the connection: look first.
        return create_engine(url, connect_args=options, pool_size=1, pool_pre_ping=True)
    how: dict[str, Any] = {"timeout": PATIENCE, "isolation_level": None}
    if address.file.exists() and not _writable(address.file):
        name = _read_only_name(address.file)

        def connect() -> sqlite3.Connection:
            opened: sqlite3.Connection = sqlite3.connect(
                name, uri=True, check_same_thread=False, **how
            )
            return opened

        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1)
    else:
        engine = create_engine(address.url, connect_args=how, pool_size=1)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _writable(file: Path) -> bool:
    """Whether a SQLite database can be written: beside it stands its write-ahead log."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def _read_only_name(file: Path) -> str:
    """Return the name by which SQLite opens a file that it cannot write, nor its folder.

    Where a writer's log stands beside it, that is read too. Where none does, SQLite would make one,
    unless it is told that nobody writes.
    """
    log = file.with_name(f"{file.name}-wal")
    how = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    return f"{file.resolve().as_uri()}?{how}"


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
        lost = ledger.address.file is None and isinstance(error, OperationalError)
        locked = lost and "lock timeout" in str(error)
        kind = LostError if lost and not locked else LedgerError
        raise kind(_message(ledger, done, error)) from None


def _message(ledger: Ledger, done: str, error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    reason = ""
    with suppress(IndexError):
        reason = str(getattr(cause, "strerror", None) or cause).strip().splitlines()[0]
    if "locked" in reason or "lock timeout" in reason:
        reason = f"another process has kept it locked for {PATIENCE:.0f} seconds"
    remedy = next((f". {told}" for words, told in _REMEDIES.items() if words in reason), "")
    return ledger.address.hide(f"{ledger.address}: the ledger cannot be {done}: {reason}{remedy}")


_BACK = (
    "Move it away, and put it back from a copy, or make it from a backup: 'forecast ledger restore "
    "FILE'."
)
_REMEDIES = {
    "file is not a database": _BACK,
    "is malformed": _BACK,
    "disk I/O error": "The disk may be full, as reading needs room for a log too, or it fails: "
    "make room, or look at it, and run again.",
    "disk is full": "Make room, and run again.",
}
"""What to do, by what SQLite says."""
