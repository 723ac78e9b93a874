"""The database itself refuses to change what was said, whatever statement is tried."""

import pytest
from sqlalchemy.exc import DBAPIError

from forecast.ledger import Ledger, publish, resolve, verify
from tests.ledger.samples import happened, run

FOLLOWS_NOTHING = "INSERT INTO entries VALUES (3, 'run', '2030', '', 'd')"
EVERYWHERE = [
    "UPDATE entries SET digest = '0'",
    "UPDATE contents SET body = ''",
    "UPDATE runs SET forced = 1",
    "UPDATE forecasts SET probability = 0.5",
    "UPDATE interval_errors SET lower_mcse = 0.5",
    "UPDATE evidence SET item = 'x'",
    "UPDATE artifacts SET bytes = 0",
    "UPDATE versions SET version = '0'",
    "UPDATE resolutions SET outcome = 'void'",
    "DELETE FROM entries",
    "DELETE FROM contents",
    "DELETE FROM runs",
    "DELETE FROM forecasts",
    "DELETE FROM interval_errors",
    "DELETE FROM evidence",
    "DELETE FROM artifacts",
    "DELETE FROM versions",
    "DELETE FROM resolutions",
    # A row too late for its entry, an entry out of line, one that follows nothing.
    "INSERT INTO versions VALUES (1, 9, 'late', '1')",
    "INSERT INTO forecasts VALUES (1, 9, 'e', '', 'd', 0.5, NULL, NULL, NULL, NULL, 'd')",
    "INSERT INTO interval_errors VALUES (1, 9, 0.1, 0.1)",
    "INSERT INTO entries VALUES (9, 'run', '2030', '0', 'd')",
    FOLLOWS_NOTHING,
    "INSERT INTO contents SELECT sha256, 'other' FROM contents",
]
ONLY_SQLITE = [
    "INSERT OR REPLACE INTO entries SELECT 1, 'run', '2030', previous, 'd' FROM entries",
    "INSERT OR REPLACE INTO contents SELECT sha256, 'other' FROM contents",
    "INSERT OR REPLACE INTO runs SELECT 3, key, network, network_content, '2030', settings, gate, 1"
    " FROM runs",
    "INSERT OR REPLACE INTO runs SELECT entry, 'other', network, network_content, '2030', settings,"
    " gate, 1 FROM runs",
    "INSERT OR REPLACE INTO forecasts"
    " VALUES (1, 0, 'e', '', 'd', 0.5, NULL, NULL, NULL, NULL, 'd')",
    "INSERT OR IGNORE INTO versions VALUES (1, 9, 'late', '1')",
    "REPLACE INTO resolutions VALUES (2, 'event_0', 'void', NULL, '')",
    "UPDATE OR REPLACE forecasts SET position = 0",
    "UPDATE OR IGNORE forecasts SET position = 0",
    "INSERT INTO versions VALUES (1, 0, 'p', '1') ON CONFLICT DO UPDATE SET version = '9'",
]
ONLY_POSTGRESQL = [
    *(
        f"TRUNCATE {table} CASCADE"
        for table in (
            "entries",
            "contents",
            "runs",
            "forecasts",
            "interval_errors",
            "evidence",
            "artifacts",
            "versions",
            "resolutions",
        )
    ),
    "INSERT INTO versions VALUES (1, 0, 'p', '1') "
    "ON CONFLICT (entry, position) DO UPDATE SET version = '9'",
    "SET session_replication_role = replica; DELETE FROM forecasts",
    "SET session_replication_role = replica; UPDATE runs SET forced = 1",
    "MERGE INTO versions v USING runs r ON v.entry = r.entry WHEN MATCHED THEN DELETE",
]


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    publish(ledger, run("a"))
    resolve(ledger, happened())
    return ledger


def refuses(ledger: Ledger, statements: list[str]) -> None:
    head = verify(ledger).head
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), ledger.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    found = verify(ledger)
    assert found.passed
    assert found.head == head


def test_no_statement_changes_what_was_said(filled: Ledger) -> None:
    only = ONLY_SQLITE if filled.address.file else ONLY_POSTGRESQL
    refuses(filled, [*EVERYWHERE, *only])


def test_rows_without_an_entry_do_not_stay(filled: Ledger) -> None:
    """Rows come before the entry that seals them: without it the transaction fails."""
    statement = "INSERT INTO versions VALUES (3, 0, 'numpy', '1')"
    with (
        pytest.raises(DBAPIError, match=r"(?i)foreign key"),
        filled.engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement)
    assert verify(filled).passed


def test_the_key_of_a_run_is_taken_once_only(filled: Ledger) -> None:
    again = (
        "INSERT INTO runs SELECT 3, key, network, network_content, as_of, settings, gate, forced "
        "FROM runs"
    )
    with pytest.raises(DBAPIError, match="append-only"), filled.engine.begin() as connection:
        connection.exec_driver_sql(again)
