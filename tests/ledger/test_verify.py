"""Verification finds one changed bit, wherever it is, and says in which entry."""

import hashlib
import json
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from forecast.errors import LedgerError
from forecast.files._sealed import sealed
from forecast.ledger import (
    Address,
    ArtifactRecord,
    Ledger,
    export,
    ledger_address,
    open_ledger,
    publish,
    resolve,
    verify,
)
from forecast.ledger._guards import missing_guards
from forecast.ledger._tables import SEALED, run_rows
from tests.commit import commit
from tests.ledger.conftest import postgres_address
from tests.ledger.postgres import Server
from tests.ledger.samples import happened, run
from tests.ledger.tampering import cells, changes, set_cell, unguarded

RESULT = Path(__file__).with_name("sweep_result.json")
FLIPS_OF_THE_FILE = 400


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls the plug on these: thousands of commits need not be forced to disk."""
    monkeypatch.setattr("forecast.ledger._connection.SYNCHRONOUS", "OFF")


@pytest.fixture
def small(ledger: Ledger) -> Ledger:
    """A ledger with a run, a resolution, and another run."""
    publish(ledger, run("a", forecasts=2, items=1))
    resolve(ledger, happened())
    publish(ledger, run("b", forecasts=1, items=1, network="other"))
    return ledger


def test_what_is_as_it_was_written_passes(small: Ledger) -> None:
    found = verify(small)
    assert found.passed
    assert found.faults == ()
    assert (found.entries, found.rows, found.contents) == (3, 3 + 3 + 3 + 3 + 2 + 2 + 4, 3)


def test_an_empty_ledger_passes(ledger: Ledger) -> None:
    assert verify(ledger).passed
    assert verify(ledger).head == ""


@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["short", "whole"]
)
def test_one_changed_byte_in_any_cell_is_found(ledger: Ledger, whole: bool) -> None:
    """Every bit of every double and every byte of all text; in short, on PostgreSQL one a cell."""
    publish(ledger, run("a", forecasts=1, items=1))
    resolve(ledger, happened())
    every = whole or ledger.address.file is not None
    everything = cells(ledger)
    tried = 0
    with unguarded(ledger) as connection:
        assert not faults(ledger)
        for table, row, column in everything:
            for value in changes(row[column], every=every):
                set_cell(connection, table, row, column, value)
                found = faults(ledger)
                set_cell(connection, table, {**row, column: value}, column, row[column])
                assert found, f"{table.name}.{column}: {row[column]!r} -> {value!r}"
                tried += 1
    assert tried > (1200 if every else 45)
    assert verify(ledger).passed
    if whole:
        kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
        figures = {"version": version("eventcast"), "commit": commit(), "tried": tried, "missed": 0}
        kept[ledger.engine.dialect.name] = figures
        RESULT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def test_the_kept_figures_are_of_every_bit_and_byte_on_each_database() -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept.keys() == {"sqlite", "postgresql"}
    assert all(each["tried"] > 1200 and each["missed"] == 0 for each in kept.values())


def faults(ledger: Ledger) -> list[str]:
    """Return what is wrong but for the triggers."""
    return [fault for fault in verify(ledger).faults if "trigger" not in fault]


def test_a_fault_names_the_entry(small: Ledger) -> None:
    everything = cells(small)
    with unguarded(small) as connection:
        for table, row, column in everything:
            if table.name == "forecasts" and column == "probability" and row["entry"] == 3:
                set_cell(connection, table, row, column, 0.9)
    assert verify(small).faults == ("entry 3 (run) is not what was written",)


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("DELETE FROM forecasts WHERE entry = 1 AND position = 1", "entry 1 (run) is not what"),
        ("DELETE FROM interval_errors", "entry 1 (run) is not what was written"),
        (
            "UPDATE interval_errors SET entry = 9 WHERE entry = 3",
            "rows of interval_errors belong to no entry",
        ),
        ("DELETE FROM entries WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM entries WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM entries WHERE seq = 3", "rows of runs belong to no entry"),
        ("DELETE FROM contents", "is missing"),
        ("UPDATE forecasts SET entry = 9 WHERE entry = 3", "rows of forecasts belong to no entry"),
        ("UPDATE evidence SET position = position + 1", "is not what was written"),
        (
            "INSERT INTO versions VALUES (2, 0, 'numpy', '1')",
            "entry 2 (resolution) is not what was written",
        ),
    ],
)
def test_rows_that_went_or_came_are_found(small: Ledger, tampering: str, fault: str) -> None:
    with unguarded(small) as connection:
        connection.exec_driver_sql(tampering)
    found = verify(small)
    assert any(fault in words for words in found.faults), found.faults


def test_the_end_cut_off_shows_against_a_head_noted_elsewhere(small: Ledger) -> None:
    head = verify(small).head
    assert verify(small, heads=[head]).passed
    with unguarded(small) as connection:
        for table in run_rows(run(), 3):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE entry = 3")  # noqa: S608
        connection.exec_driver_sql("DELETE FROM entries WHERE seq = 3")
    assert verify(small).passed
    (fault,) = verify(small, heads=[head]).faults
    assert fault.startswith("the chain does not hold the head 3:")


def test_an_earlier_head_stays_in_a_chain_that_grew(small: Ledger) -> None:
    head = verify(small).head
    publish(small, run("c"))
    assert verify(small, heads=[head]).passed


def test_a_trigger_that_is_gone_is_missed(small: Ledger) -> None:
    drop = {
        "sqlite": "DROP TRIGGER runs_delete",
        "postgresql": "ALTER TABLE runs DISABLE TRIGGER runs_change",
    }
    with small.engine.begin() as connection:
        connection.exec_driver_sql(drop[connection.dialect.name])
    (fault,) = verify(small).faults
    assert "the trigger runs_" in fault
    assert "is missing or was changed" in fault


@pytest.mark.parametrize(
    "made",
    [
        "CREATE OR REPLACE TRIGGER runs_change BEFORE DELETE OR TRUNCATE ON runs "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
        "CREATE OR REPLACE TRIGGER runs_change BEFORE UPDATE OF key OR DELETE OR TRUNCATE ON runs "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
        "CREATE OR REPLACE TRIGGER runs_change BEFORE UPDATE OR DELETE OR TRUNCATE ON runs "
        "FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION ledger_refuse()",
        "CREATE OR REPLACE TRIGGER runs_change AFTER UPDATE OR DELETE OR TRUNCATE ON runs "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
    ],
    ids=["no update", "one column", "never", "too late"],
)
def test_a_trigger_of_our_name_that_lets_more_through_is_found(
    server: Server, tmp_path: Path, made: str
) -> None:
    with open_ledger(postgres_address(server, tmp_path)) as ledger:
        publish(ledger, run("a"))
        assert verify(ledger).passed
        with ledger.engine.begin() as connection:
            connection.exec_driver_sql(made)
            connection.exec_driver_sql("ALTER TABLE runs ENABLE ALWAYS TRIGGER runs_change")
        assert verify(ledger).faults == ("the trigger runs_change is missing or was changed",)


@pytest.mark.parametrize(
    "step", [29, pytest.param(1, marks=pytest.mark.slow)], ids=["sampled", "all"]
)
def test_one_changed_byte_in_a_function_of_the_triggers_is_found(
    server: Server, tmp_path: Path, step: int
) -> None:
    """PostgreSQL runs the text of a function, which the owner of the server can write."""
    with open_ledger(postgres_address(server, tmp_path)) as ledger:
        query = (
            "SELECT oid, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
            "ORDER BY proname"
        )
        with ledger.engine.connect() as connection:
            functions = connection.exec_driver_sql(query).all()
            connection.rollback()
            assert len(functions) >= 10
            flips = [(oid, text, at) for oid, text in functions for at in range(len(text))]
            for oid, whole, at in flips[::step]:
                changed = whole[:at] + chr(ord(whole[at]) ^ 1) + whole[at + 1 :]
                write = "UPDATE pg_proc SET prosrc = %s WHERE oid = %s"
                connection.exec_driver_sql(write, (changed, oid))
                names = [*SEALED, "entries", "contents"]
                assert missing_guards(connection, names), changed
                connection.rollback()
        assert verify(ledger).passed


@pytest.mark.parametrize("seq", [2**40, 2**63 - 1])
def test_an_entry_that_was_given_a_huge_number_is_found_at_once(small: Ledger, seq: int) -> None:
    """Nothing counts through the gap: with the number of 2**40 that would take hours."""
    with unguarded(small) as connection:
        connection.exec_driver_sql(f"UPDATE entries SET seq = {seq} WHERE seq = 3")  # noqa: S608
    found = verify(small)
    assert "entry 3 is missing" in found.faults
    assert f"entry {seq} (run) is not what was written" in found.faults
    assert found.entries == 3


def test_every_entry_of_a_long_chain_is_read_once(
    small: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verify(small)
    monkeypatch.setattr("forecast.ledger._audit.BLOCK", 2)
    assert verify(small) == whole


@pytest.fixture
def with_file(ledger: Ledger, tmp_path: Path) -> tuple[Ledger, Path]:
    data = bytes(range(256))
    (tmp_path / "runs" / "tiny").mkdir(parents=True)
    (tmp_path / "runs" / "tiny" / "a.nc").write_bytes(data)
    artifact = ArtifactRecord("tiny/a.nc", hashlib.sha256(data).hexdigest(), len(data))
    publish(ledger, run("a", artifacts=(artifact,)))
    return ledger, tmp_path / "runs"


def test_one_changed_byte_in_a_file_is_found(with_file: tuple[Ledger, Path]) -> None:
    ledger, folder = with_file
    file = folder / "tiny" / "a.nc"
    data = file.read_bytes()
    assert verify(ledger, folder=folder).passed
    for place in range(len(data)):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        (fault,) = verify(ledger, folder=folder).faults
        assert fault == "the file tiny/a.nc of entry 1 is not what was written"


def test_a_missing_file_is_found(with_file: tuple[Ledger, Path]) -> None:
    ledger, folder = with_file
    (folder / "tiny" / "a.nc").unlink()
    (fault,) = verify(ledger, folder=folder).faults
    assert fault.startswith("the file tiny/a.nc of entry 1 cannot be read: No such file")


def content_of(address: Address) -> list[str]:
    with open_ledger(address) as ledger:
        return list(export(ledger))


def test_one_flipped_bit_of_the_database_file_is_found_or_says_nothing(tmp_path: Path) -> None:
    """A bit in no use may change; wherever it changes what the ledger says, that is found."""
    address = ledger_address("sqlite:///whole.sqlite3", tmp_path, {})
    with open_ledger(address) as ledger:
        publish(ledger, run("a", forecasts=12, items=6))
        resolve(ledger, happened())
    assert address.file is not None
    with closing(sqlite3.connect(address.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before, data = content_of(address), address.file.read_bytes()
    rng = np.random.default_rng(7)
    found = 0
    for number in range(FLIPS_OF_THE_FILE):
        damaged = bytearray(data)
        damaged[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        copy = ledger_address(f"sqlite:///flip{number}.sqlite3", tmp_path, {})
        assert copy.file is not None
        copy.file.write_bytes(damaged)
        try:
            with open_ledger(copy) as ledger:
                noticed = not verify(ledger).passed
        except LedgerError:
            noticed = True
        if noticed:
            found += 1
        else:
            assert content_of(copy) == before
        for leftover in tmp_path.glob(f"*flip{number}.*"):
            leftover.unlink()
    assert found > FLIPS_OF_THE_FILE / 20


def schema_texts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "places", [40, pytest.param(None, marks=pytest.mark.slow)], ids=["sampled", "all"]
)
def test_one_changed_byte_in_the_text_of_the_schema_is_found(
    tmp_path: Path, places: int | None
) -> None:
    """Of tables, indexes, views and triggers; one that makes the database unreadable is told."""
    address = ledger_address("sqlite:///whole.sqlite3", tmp_path, {})
    with open_ledger(address) as ledger:
        publish(ledger, run("a", forecasts=1, items=1))
    assert address.file is not None
    with closing(sqlite3.connect(address.file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        texts = schema_texts(connection)
    data = address.file.read_bytes()
    flips = [(name, sql, at) for name, sql in texts for at in range(len(sql))]
    step = 1 if places is None else len(flips) // places
    assert len({name for name, _, _ in flips}) > 30
    for name, sql, at in flips[::step]:
        changed = sql[:at] + chr(ord(sql[at]) ^ 1) + sql[at + 1 :]
        if changed.split() == sql.split():
            continue  # one kind of blank for another
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes(data)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (changed, name))
        try:
            with open_ledger(ledger_address("sqlite:///copy.sqlite3", tmp_path, {})) as ledger:
                noticed = verify(ledger).faults
        except LedgerError:
            continue
        assert any(name in fault or "cannot be read" in fault for fault in noticed), changed


def test_a_view_that_says_what_no_row_says_is_found(small: Ledger) -> None:
    with small.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            source = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = 'published'"
            ).scalar_one()
            connection.exec_driver_sql("DROP VIEW published")
        else:
            source = connection.exec_driver_sql(
                "SELECT 'CREATE OR REPLACE VIEW published AS ' "
                "|| pg_get_viewdef('published'::regclass)"
            ).scalar_one()
        changed = source.replace("f.probability", "f.probability / 2 AS probability")
        assert changed != source
        connection.exec_driver_sql(changed)
    (fault,) = verify(small).faults
    assert "the view published" in fault


def test_a_trigger_of_nobodys_is_found(small: Ledger) -> None:
    made = {
        "sqlite": ["CREATE TRIGGER mine BEFORE INSERT ON runs BEGIN SELECT 1; END"],
        "postgresql": [
            "CREATE TRIGGER mine BEFORE INSERT ON runs FOR EACH ROW "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ],
    }
    with small.engine.begin() as connection:
        for statement in made[connection.dialect.name]:
            connection.exec_driver_sql(statement)
    (fault,) = verify(small).faults
    assert "mine is none of this ledger's" in fault


@pytest.mark.parametrize("name", ["tiny/a.reasons.json", "tiny.pass.npz"])
def test_one_changed_byte_in_what_is_kept_beside_the_runs_is_found(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "posteriors" / name
    file.parent.mkdir(parents=True)
    whole = sealed(b'{"told": {"2024": "because"}}\n')
    with open_ledger(ledger_address(None, tmp_path, {})) as ledger:
        file.write_bytes(whole)
        found = verify(ledger, folder=tmp_path / "posteriors")
        assert (found.passed, found.files) == (True, 1)
        for place in range(len(whole)):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            (fault,) = verify(ledger, folder=tmp_path / "posteriors").faults
            assert f"the file {name} is not what was written: delete it" in fault
