"""Reading: the files that entries name, of runs, of what was pruned, and of pages of the report."""

from collections.abc import Iterable
from itertools import batched

from sqlalchemy import Connection, select

from forecast.ledger._connection import Ledger, reading
from forecast.ledger._records import PAGE, PRUNED, ArtifactRecord
from forecast.ledger._tables import LOOKED_UP_AT_ONCE, SEALED, entries


def artifacts_of(ledger: Ledger, runs: Iterable[int]) -> list[ArtifactRecord]:
    """Return the files of some runs, by their entries."""
    table, found = SEALED["artifacts"], []
    with reading(ledger) as connection:
        for some in batched(sorted(runs), LOOKED_UP_AT_ONCE):
            query = select(table).where(table.c.entry.in_(some))
            rows = connection.execute(query.order_by(table.c.entry, table.c.position))
            found += [ArtifactRecord(row.path, row.sha256, row.bytes) for row in rows]
    return found


def pruned_files(ledger: Ledger) -> dict[str, str]:
    """Return the files that were removed on purpose: the digest of each, by path."""
    with reading(ledger) as connection:
        return pruned_in(connection)


def pruned_in(connection: Connection) -> dict[str, str]:
    """Return the same as `pruned_files`."""
    return {path: names[-1] for path, names in _named_in(connection, PRUNED).items()}


def pages_written(ledger: Ledger) -> dict[str, list[str]]:
    """Return the digests of the pages of the report, oldest first, by path in the workspace."""
    with reading(ledger) as connection:
        return pages_in(connection)


def pages_in(connection: Connection) -> dict[str, list[str]]:
    """Return the same as `pages_written`."""
    return _named_in(connection, PAGE)


def _named_in(connection: Connection, kind: str) -> dict[str, list[str]]:
    """Return the files that entries of a kind name: their digests, oldest first, by path."""
    table = SEALED["artifacts"]
    query = (
        select(table.c.path, table.c.sha256)
        .join(entries, entries.c.seq == table.c.entry)
        .where(entries.c.kind == kind)
        .order_by(table.c.entry, table.c.position)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.path, []).append(row.sha256)
    return found
