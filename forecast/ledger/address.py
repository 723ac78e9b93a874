"""Where the ledger is: a file of the workspace, or a PostgreSQL database by URL.

A password is never stored: not in the workspace file, and not in a message. It comes from the
environment or from PostgreSQL's own password file.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from forecast.errors import Fault, InputError

__all__ = ["DEFAULT_FILE", "VARIABLE", "Address", "ledger_address"]

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
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise InputError(Fault("is not a URL", _FORMS, field=field_name)) from None
    if url.get_backend_name() == "sqlite" and url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not url.database or url.database == ":memory:" or url.query or url.host:
            message = "a SQLite ledger is a plain file, without options"
            raise InputError(Fault(message, _FORMS, field=field_name))
        if re.search(r"[\x00-\x1f]", url.database) or url.database.startswith("file:"):
            raise InputError(Fault("is no file name", _FORMS, field=field_name))
        return _sqlite(folder / url.database)
    if url.drivername in {"postgresql", "postgresql+psycopg", "postgres"}:
        if text.count("@") > 1:  # what follows the first would be shown as the host's name
            message = "holds more than one @"
            remedy = "In a name or a password, write @ as %40, : as %3A, / as %2F, and % as %25."
            raise InputError(Fault(message, remedy, field=field_name))
        odd = sorted(set(url.query) - _SAFE_OPTIONS - {"host", "port"})
        if odd:
            message = f"cannot take the option '{odd[0][:40]}'"
            remedy = f"Known: {', '.join(sorted(_SAFE_OPTIONS))}."
            raise InputError(Fault(message, remedy, field=field_name))
        if not url.database:
            raise InputError(Fault("names no database", _FORMS, field=field_name))
        return Address(url.set(drivername="postgresql+psycopg"))
    raise InputError(Fault("is not a database that a ledger can be in", _FORMS, field=field_name))


def _leaves(file: Path, folder: Path) -> bool:
    """Whether a file is elsewhere than below a folder, links followed."""
    return not file.resolve().is_relative_to(folder.resolve())


def _sqlite(file: Path) -> Address:
    return Address(URL.create("sqlite", database=str(file)), file)
