"""Opening makes a ledger where there is none, and takes nothing else for one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from forecast.errors import LedgerError
from forecast.ledger import Address, ledger_address, open_ledger, publish, verify
from tests.ledger.conftest import postgres_address
from tests.ledger.postgres import Server
from tests.ledger.samples import run


def test_a_new_ledger_is_made_whole_and_leaves_nothing_beside_it(sqlite_address: Address) -> None:
    with open_ledger(sqlite_address) as ledger:
        publish(ledger, run("a"))
    assert sqlite_address.file is not None
    names = {file.name for file in sqlite_address.file.parent.iterdir()}
    assert names == {"ledger.sqlite3", ".ledger.sqlite3.lock"}


def test_commits_go_to_disk(sqlite_address: Address) -> None:
    with open_ledger(sqlite_address) as ledger, ledger.engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        said = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in asked]
    assert said == ["wal", 2, 1]


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look at"])
def test_a_file_that_is_no_ledger_is_left_alone(sqlite_address: Address, content: bytes) -> None:
    assert sqlite_address.file is not None
    sqlite_address.file.write_bytes(content)
    with (
        pytest.raises(LedgerError, match=r"is not a ledger|file is not a database"),
        open_ledger(sqlite_address),
    ):
        pass
    assert sqlite_address.file.read_bytes() == content


def test_another_programs_database_is_left_alone(sqlite_address: Address) -> None:
    assert sqlite_address.file is not None
    with closing(sqlite3.connect(sqlite_address.file)) as connection:
        connection.execute("CREATE TABLE mine (a)")
    with pytest.raises(LedgerError, match=r"is not a ledger. Move it"), open_ledger(sqlite_address):
        pass


def test_a_schema_in_use_is_left_alone(server: Server, tmp_path: Path) -> None:
    address = postgres_address(server, tmp_path)
    with open_ledger(address) as ledger, ledger.engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("CREATE TABLE other.mine (a integer)")
    elsewhere = address.url.update_query_dict({"options": "-csearch_path=other"})
    stated = {"FORECAST_LEDGER": elsewhere.render_as_string(hide_password=False)}
    with (
        pytest.raises(LedgerError, match="holds other tables"),
        open_ledger(ledger_address(None, tmp_path, stated)),
    ):
        pass


def test_ledgers_in_two_schemas_do_not_touch(server: Server, tmp_path: Path) -> None:
    address = postgres_address(server, tmp_path)
    with open_ledger(address) as ledger:
        publish(ledger, run("a"))
        with ledger.engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA other")
    elsewhere = address.url.update_query_dict({"options": "-csearch_path=other"})
    stated = {"FORECAST_LEDGER": elsewhere.render_as_string(hide_password=False)}
    with open_ledger(ledger_address(None, tmp_path, stated)) as ledger:
        assert publish(ledger, run("a")).entry.seq == 1
        assert verify(ledger).passed


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    address = ledger_address("sqlite:///kept/said.db", tmp_path, {})
    with pytest.raises(LedgerError, match="the ledger cannot be made: "), open_ledger(address):
        pass


def test_a_lock_that_is_never_had_ends_in_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that cannot make its ledger says so, and does not wait for good."""
    monkeypatch.setattr("forecast.ledger._connection.PATIENCE", 0.1)
    address = ledger_address(None, tmp_path, {})
    refused = pytest.raises(LedgerError, match="the ledger cannot be made: ")
    with FileLock(tmp_path / ".ledger.sqlite3.lock"), refused, open_ledger(address):
        pass
