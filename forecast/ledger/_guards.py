"""Triggers that keep the ledger append-only, whoever writes to the database.

No row is changed or removed, by ``INSERT OR REPLACE`` and ``TRUNCATE`` neither; an entry follows
the last one and names its digest; rows of an entry come before the entry, which seals them. Whoever
owns the database can drop the triggers: `verify` says so, and the chain shows what was done.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from forecast.ledger._canonical import NOTHING_BEFORE

CHAIN = "entries"
CONTENTS = "contents"
RUNS = "runs"
REFUSAL = "the ledger is append-only"

_ON_CHANGE, _ON_INSERT = 2 + 8 + 16 + 32, 1 + 2 + 4
"""When PostgreSQL's triggers act, as ``pg_trigger.tgtype`` has it: each row 1, before 2, insert 4,
delete 8, update 16, truncate 32."""

_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM entries"
_LAST = (
    f"SELECT coalesce((SELECT digest FROM entries ORDER BY seq DESC LIMIT 1), '{NOTHING_BEFORE}')"  # noqa: S608
)
_TAKEN = {
    CONTENTS: "EXISTS (SELECT 1 FROM contents WHERE sha256 = NEW.sha256)",
    RUNS: "EXISTS (SELECT 1 FROM runs WHERE key = NEW.key)",
}


def guard_statements(dialect: str, tables: list[str]) -> list[str]:
    """Return the statements that make the triggers of some tables, every one with its own."""
    make = _sqlite if dialect == "sqlite" else _postgresql
    return [statement for table in tables for statement in make(table)]


def expected_guards(table: str) -> tuple[str, str]:
    """Return the names of a table's triggers in PostgreSQL."""
    return f"{table}_change", f"{table}_insert"


def missing_guards(connection: Connection, tables: list[str]) -> list[str]:
    """Return the names of triggers that are not there, disabled, or not as they were made."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        found: dict[str, object] = {
            str(name): str(sql) for name, sql in connection.execute(text(query))
        }
        expected: dict[str, object] = {
            statement.split()[2]: statement for statement in guard_statements("sqlite", tables)
        }
    else:
        query = (
            "SELECT t.tgname, f.prosrc, t.tgtype, "
            "t.tgqual IS NULL AND t.tgattr::text = '' AND l.lanname = 'plpgsql' FROM pg_trigger t "
            "JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_language l ON l.oid = f.prolang "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
            "AND t.tgenabled = 'A' AND c.relnamespace = current_schema()::regnamespace "
            "AND t.tgname LIKE c.relname || '\\_%'"
        )
        found = {str(name): tuple(rest) for name, *rest in connection.execute(text(query))}
        expected = {}
        for table in tables:
            expected |= {
                f"{table}_change": (_refuse(), _ON_CHANGE, True),
                f"{table}_insert": (_insert(table), _ON_INSERT, True),
            }
    return sorted(name for name, made in expected.items() if found.get(name) != made)


def _wrong(table: str) -> str:
    """Return what is wrong with a new row, as a condition in SQL."""
    if table == CHAIN:
        return f"NEW.seq <> ({_NEXT}) OR NEW.previous <> ({_LAST})"
    taken = _TAKEN.get(table, "")
    if table == CONTENTS:
        return taken
    return f"NEW.entry <> ({_NEXT})" + (f" OR {taken}" if taken else "")


def _sqlite(table: str) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    yield f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {_wrong(table)} {refuse}"


def _postgresql(table: str) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path FROM CURRENT AS $${_refuse()}$$"
    )
    yield (
        f"CREATE FUNCTION {table}_insert() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path FROM CURRENT AS $${_insert(table)}$$"
    )
    yield (
        f"CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    )
    yield (
        f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_insert()"
    )
    for trigger in (f"{table}_change", f"{table}_insert"):  # on replicas and in sessions like them
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def _refuse() -> str:
    return f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END"


def _insert(table: str) -> str:
    return f"BEGIN IF {_wrong(table)} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN NEW; END"
