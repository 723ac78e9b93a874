"""A PostgreSQL server of the tests' own: in a temporary folder, on loopback, gone afterwards."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine

from tests.memory import workroom

USER = "ledger_tests"
STARTS = 3


@dataclass(frozen=True)
class Server:
    """A running server, and its administrator's password."""

    port: int
    password: str

    def url(self, database: str) -> URL:
        return URL.create(
            "postgresql+psycopg", USER, self.password, "127.0.0.1", self.port, database
        )

    def make_database(self) -> URL:
        """Return the URL of a new, empty database."""
        name = f"t{secrets.token_hex(8)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self.url(name)


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """Give a server that listens on loopback only; PostgreSQL's programs must be installed.

    Nobody pulls the plug on tests, so its commits are forced to disk only where it is `durable`;
    else it is in memory, where there is room.
    """
    programs = _programs()
    owner = _owner()
    room = None if durable else workroom()
    folder = Path(tempfile.mkdtemp(prefix="ledger-postgres-", dir=room))
    password = secrets.token_urlsafe(16)
    data, secret = folder / "data", folder / "password"
    secret.write_text(password)
    if owner:
        for path in (folder, secret):
            shutil.chown(path, owner, owner)

    def run(program: str, *arguments: str | Path) -> None:
        # The server outlives pg_ctl: with pipes, this would wait for the server's end.
        subprocess.run(  # noqa: S603
            [programs / program, "-D", data, *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=owner,
            group=owner,
            extra_groups=[] if owner else None,
        )

    who = ("-U", USER, "-A", "scram-sha-256", "--pwfile", secret)
    run("initdb", *who, "-E", "UTF8", "--locale=C", "--no-sync")
    listening = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    fixed = f"{listening} -c fsync={'on' if durable else 'off'} -c max_connections=60"

    def start() -> int:
        port = _free_port()
        run("pg_ctl", "-w", "-l", folder / "log", "-o", f"{fixed} -c port={port}", "start")
        return port

    for _ in range(STARTS - 1):  # somebody else may take the port before the server does
        with suppress(subprocess.CalledProcessError):
            port = start()
            break
    else:
        port = start()
    try:
        yield Server(port, password)
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Return the folder of initdb and pg_ctl, of the newest version where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    if program is None:
        msg = "these tests need PostgreSQL's server: apt-get install postgresql"
        raise FileNotFoundError(msg)
    return Path(program).resolve().parent


def _owner() -> str | None:
    """Return who the server runs as: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
