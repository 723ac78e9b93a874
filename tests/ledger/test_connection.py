"""Opening makes a ledger where there is none, and takes nothing else for one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, text

import forecast.ledger._append as append
from forecast.errors import LedgerError
from forecast.ledger import Address, ledger_address, open_ledger, publish, verify
from forecast.ledger._connection import reading
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
        pytest.raises(LedgerError, match=r"is not a ledger\. Move it|not a database\. Move it"),
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


def terminated(server: Server, address: Address) -> int:
    """Cut every connection to a ledger, as a server does that is started again."""
    other = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with other.connect() as connection:
        found = len(connection.execute(text(cut), {"name": address.url.database}).all())
    other.dispose()
    return found


def test_a_connection_that_was_cut_during_the_estimate_is_made_again(
    server: Server, tmp_path: Path
) -> None:
    address = postgres_address(server, tmp_path)
    with open_ledger(address) as ledger:
        publish(ledger, run("a"))
        assert terminated(server, address) == 1
        publish(ledger, run("b"))
        assert verify(ledger).entries == 2


def test_a_connection_that_is_cut_while_a_run_is_published_loses_and_doubles_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_address(server, tmp_path)
    monkeypatch.setattr("forecast.ledger._connection.AGAIN_AFTER", (0.01, 0.01))
    before, cuts = append.add_rows, iter((1, 1))

    def cut(*arguments: object) -> None:
        if next(cuts, 0):
            assert terminated(server, address) == 1
        before(*arguments)

    with open_ledger(address) as ledger:
        monkeypatch.setattr(append, "add_rows", cut)
        assert publish(ledger, run("a")).new
        found = verify(ledger)
        assert (found.passed, found.entries) == (True, 1)


def test_a_server_that_stays_away_is_told_after_a_stated_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_address(server, tmp_path)
    waited: list[float] = []
    monkeypatch.setattr("forecast.ledger._connection.time.sleep", waited.append)

    before = append.add_rows

    def cut(*each: object) -> None:
        terminated(server, address)
        before(*each)

    with open_ledger(address) as ledger:
        monkeypatch.setattr(append, "add_rows", cut)
        with pytest.raises(LedgerError, match="the ledger cannot be written"):
            publish(ledger, run("a"))
        assert waited == [1.0, 5.0, 25.0]
        monkeypatch.setattr(append, "add_rows", before)
        assert verify(ledger).entries == 0


@pytest.mark.parametrize("said", ["disk I/O error", "database or disk is full"])
def test_a_disk_that_may_be_full_is_told(sqlite_address: Address, said: str) -> None:
    with (
        pytest.raises(LedgerError, match=rf"cannot be read: {said}\..*ake room"),
        open_ledger(sqlite_address) as ledger,
        reading(ledger),
    ):
        raise sqlite3.OperationalError(said)
