"""Changing a ledger as somebody would who owns the database and hides it."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, select, text

from forecast.ledger import Ledger
from forecast.ledger._tables import SEALED, contents, entries

TABLES = [entries, contents, *SEALED.values()]


@contextmanager
def unguarded(ledger: Ledger) -> Iterator[Connection]:
    """Give a connection that no trigger, check or foreign key stops; they are back afterwards."""
    with ledger.engine.connect() as connection:
        around = _sqlite if connection.dialect.name == "sqlite" else _postgresql
        with around(connection):
            yield connection


@contextmanager
def _sqlite(connection: Connection) -> Iterator[None]:
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = connection.execute(query).all()
    connection.rollback()
    for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON", "synchronous = OFF"):
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA {pragma}")
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.commit()
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
    connection.commit()
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def _postgresql(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("SET session_replication_role = replica")
    checks = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
    ).all()
    for table in TABLES:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
    for name, check, _ in checks:
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {check}")
    connection.commit()
    yield
    for name, check, rule in checks:
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {check} {rule}")
    connection.exec_driver_sql("SET session_replication_role = origin")
    for table in TABLES:
        for kind in ("change", "insert"):
            trigger = f"{table.name}_{kind}"
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {trigger}")
    connection.commit()


def cells(ledger: Ledger) -> list[tuple[Table, dict[str, Any], str]]:
    """Return every cell: its table, its whole row, and its column."""
    found = []
    with ledger.engine.connect() as connection:
        for table in TABLES:
            rows = connection.execute(select(table)).mappings().all()
            found += [(table, dict(row), column) for row in rows for column in row]
    return found


def set_cell(
    connection: Connection, table: Table, row: dict[str, Any], name: str, value: Any
) -> None:
    """Write a value into the cell of a row, for others to see; `row` names the row as it is."""
    where = [column == row[column.name] for column in table.primary_key.columns]
    done = connection.execute(table.update().where(*where).values({name: value}))
    assert done.rowcount == 1
    connection.commit()


def changes(value: Any, *, every: bool) -> list[Any]:
    """Return values that differ in one bit or byte: all of them, or one."""
    if value is None:
        return ["2024-07-02T00:00:00.000000Z"]
    if isinstance(value, int):
        return [value + 1000]
    if isinstance(value, float):
        bits = range(64) if every else [0]
        return [_flipped(value, bit) for bit in bits]
    if not value:
        return ["x"]
    places = range(len(value)) if every else [len(value) // 2]
    return [value[:p] + chr(ord(value[p]) ^ 1) + value[p + 1 :] for p in places]


def _flipped(value: float, bit: int) -> float:
    (pattern,) = struct.unpack("<Q", struct.pack("<d", value))
    flipped: float = struct.unpack("<d", struct.pack("<Q", pattern ^ (1 << bit)))[0]
    return flipped
