"""The schema of a ledger, held against what this version makes: tables, views, indexes, triggers.

A view may say what no row says, and a trigger may write what nobody asked for. On SQLite the text
of every statement is compared. PostgreSQL keeps no text: there tables are compared with the
definitions, the view with what its query gives, and triggers and rules with the list of ours.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from sqlalchemy import Connection, create_engine, text

from forecast.ledger._connection import FORM_TABLE, migrate
from forecast.ledger._guards import expected_guards
from forecast.ledger._tables import metadata
from forecast.ledger.migrations import FORMS, HEAD

_STATEMENTS = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
_TRIGGERS = (
    "SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT tablename || '.' || rulename FROM pg_rules "
    "WHERE schemaname = current_schema()"
)


def schema_faults(connection: Connection, tables: list[str], form: str | None) -> Iterator[str]:
    """Yield what is not as this version makes a ledger of a form, beside missing guards.

    In PostgreSQL an older form, which is only read to be upgraded, is held to its triggers alone.
    """
    if connection.dialect.name == "sqlite":
        made = _made(form if form in FORMS else HEAD)
        yield from _of_statements(_statements(connection), made)
        return
    yield from _of_triggers(connection, tables)
    if form == HEAD:
        yield from _of_catalogue(connection)


@cache
def _made(form: str) -> Mapping[tuple[str, str, str], str]:
    """Return the statements of a new ledger of a form."""
    engine = create_engine("sqlite://", connect_args={"isolation_level": None})
    try:
        with engine.connect() as connection:
            migrate(connection, form)
            return _statements(connection)
    finally:
        engine.dispose()


def _statements(connection: Connection) -> dict[tuple[str, str, str], str]:
    """Return every statement of the schema, by kind, name and table; lines and blanks aside."""
    rows = connection.execute(text(_STATEMENTS)).all()
    return {
        (str(kind), str(name), str(table)): " ".join(str(sql).split())
        for kind, name, table, sql in rows
        if not str(name).startswith("sqlite_stat")  # of ANALYZE, which anybody may run
    }


def _of_statements(
    found: Mapping[tuple[str, str, str], str], made: Mapping[tuple[str, str, str], str]
) -> Iterator[str]:
    for key in sorted(made.keys() | found.keys()):
        kind, name, _ = key
        if key not in made:
            yield f"the {kind} {name[:80]} is none of this ledger's"
        elif found.get(key) != made[key] and kind != "trigger":  # those are told as guards
            yield f"the {kind} {name} is missing or was changed"


def _of_triggers(connection: Connection, tables: list[str]) -> Iterator[str]:
    ours = {f"{table}.{guard}" for table in tables for guard in expected_guards(table)}
    for name in sorted(set(connection.scalars(text(_TRIGGERS)))):
        if name not in ours and not name.endswith("._RETURN"):
            yield f"the trigger or rule {str(name)[:80]} is none of this ledger's"


def _of_catalogue(connection: Connection) -> Iterator[str]:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - slow to import
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    from forecast.ledger.migrations.versions.r0003_interval_errors import VIEW  # noqa: PLC0415

    def of_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or name != FORM_TABLE

    context = MigrationContext.configure(connection, opts={"include_object": of_ours})
    for difference in compare_metadata(context, metadata):
        yield f"the tables are not as they were made: {str(difference)[:200]}"
    if not connection.execute(text("SELECT to_regclass('published') IS NOT NULL")).scalar_one():
        yield "the view published is missing or was changed"
        return
    query = VIEW.partition(" AS\n")[2]
    for one, other in (("SELECT * FROM published", query), (query, "SELECT * FROM published")):
        differing = f"SELECT count(*) FROM (({one}) EXCEPT ALL ({other})) AS differing"  # noqa: S608
        if connection.execute(text(differing)).scalar_one():
            yield "the view published does not say what the tables say"
            return
