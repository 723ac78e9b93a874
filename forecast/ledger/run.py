"""Reading one run whole: its record, as it was published."""

from sqlalchemy import Connection, Row, Select, Table, select

from forecast.errors import LedgerError
from forecast.ledger.connection import Ledger, reading
from forecast.ledger.records import ArtifactRecord, Entry, ItemRecord, RunRecord
from forecast.ledger.rows import FORECAST_COLUMNS, forecast_of, forecasts_whole
from forecast.ledger.tables import SEALED, contents, entries, instant

__all__ = ["read_run"]


def read_run(ledger: Ledger, entry: int) -> tuple[Entry, RunRecord]:
    """Return a run's entry and its record, equal to the one that was published.

    Parameters
    ----------
    ledger
        The ledger.
    entry
        The run's place.

    Raises
    ------
    LedgerError
        If there is no run at this place, or the ledger cannot be read.
    """
    runs, items, forecasts = SEALED["runs"], SEALED["evidence"], SEALED["forecasts"]
    head = (
        select(entries, runs, contents.c.body)
        .join(runs, runs.c.entry == entries.c.seq)
        .join(contents, contents.c.sha256 == runs.c.network_content)
        .where(entries.c.seq == entry)
    )
    bodies = (
        select(items.c.item, contents.c.body)
        .join(contents, contents.c.sha256 == items.c.content)
        .where(items.c.entry == entry)
        .order_by(items.c.position)
    )
    told = (
        select(*FORECAST_COLUMNS)
        .select_from(forecasts_whole())
        .where(forecasts.c.entry == entry)
        .order_by(forecasts.c.position)
    )
    with reading(ledger) as connection:
        row = connection.execute(head).one_or_none()
        if row is None:
            msg = f"the ledger has no run at place {entry}"
            raise LedgerError(msg)
        record = RunRecord(
            key=row.key,
            network=row.network,
            network_body=row.body,
            as_of=instant(row.as_of),
            settings=row.settings,
            gate=row.gate,
            forced=bool(row.forced),
            forecasts=tuple(map(forecast_of, connection.execute(told))),
            evidence=tuple(ItemRecord(*each) for each in connection.execute(bodies)),
            artifacts=tuple(
                ArtifactRecord(each.path, each.sha256, each.bytes)
                for each in _rows(connection, "artifacts", entry)
            ),
            versions={each.package: each.version for each in _rows(connection, "versions", entry)},
        )
    return Entry(row.seq, row.kind, instant(row.made_at), row.previous, row.digest), record


def _rows(connection: Connection, name: str, entry: int) -> list[Row[tuple[object, ...]]]:
    """Return a run's rows in one table, in their order."""
    table: Table = SEALED[name]
    query: Select[tuple[object, ...]] = select(table).where(table.c.entry == entry)
    return list(connection.execute(query.order_by(table.c.position)).all())
