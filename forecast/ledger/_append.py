"""Appending: a run once, however often and from however many processes; a resolution."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched

from sqlalchemy import Connection, insert, select

from forecast.ledger._canonical import NOTHING_BEFORE, digest, entry_bytes
from forecast.ledger._clock import CLOCK
from forecast.ledger._connection import Ledger, appending, persistent, reading
from forecast.ledger._records import (
    PAGE,
    PRUNED,
    ArtifactRecord,
    Entry,
    ResolutionRecord,
    RunRecord,
    check_resolution,
    check_run,
)
from forecast.ledger._tables import (
    LOOKED_UP_AT_ONCE,
    SEALED,
    Rows,
    contents,
    contents_of,
    entries,
    entry_of,
    instant,
    instant_text,
    numbered,
    resolution_rows,
    run_rows,
)


@dataclass(frozen=True, slots=True)
class Published:
    """A run's entry, and whether it is new or was there before."""

    entry: Entry
    new: bool


def publish(ledger: Ledger, run: RunRecord) -> Published:
    """Append a run, unless one of the same key is there; on disk when this returns.

    Parameters
    ----------
    ledger
        The ledger.
    run
        The run. Its files are to be on disk already: where there is an entry, they are whole.

    Raises
    ------
    InputError
        If the record holds what the ledger cannot.
    LedgerError
        If it cannot be written; then nothing was. A connection that is lost is made again for half
        a minute before.
    """
    check_run(run)
    return persistent(lambda: _published(ledger, run))


def _published(ledger: Ledger, run: RunRecord) -> Published:
    with appending(ledger) as connection:
        entry = _entry_of(connection, run.key)
        if entry is not None:
            return Published(entry, new=False)
        _add_contents(connection, contents_of(run))
        entry = _append(connection, "run", lambda seq: run_rows(run, seq))
    return Published(entry, new=True)


def resolve(ledger: Ledger, resolution: ResolutionRecord) -> Entry:
    """Append what became of an event; earlier words on it stay, and the last one stands.

    Raises
    ------
    InputError
        If the record holds what the ledger cannot, or no date where there must be one.
    LedgerError
        If it cannot be written; then nothing was.
    """
    check_resolution(resolution)
    with appending(ledger) as connection:
        return _append(connection, "resolution", lambda seq: resolution_rows(resolution, seq))


def confirm_clock(ledger: Ledger) -> Entry:
    """Append that the machine's clock is right: what stands before and is dated later is not.

    Raises
    ------
    LedgerError
        If it cannot be written; then nothing was.
    """
    with appending(ledger) as connection:
        return _append(connection, CLOCK, lambda _: {})


def prune(ledger: Ledger, files: Sequence[ArtifactRecord]) -> Entry:
    """Append that files of runs are removed on purpose: their paths and digests as in the runs.

    Raises
    ------
    LedgerError
        If it cannot be written; then nothing was, and no file may be removed.
    """
    return _name(ledger, PRUNED, files)


def enter_page(ledger: Ledger, page: ArtifactRecord) -> Entry:
    """Append that a page of the report is about to be written: its path in the workspace.

    Raises
    ------
    LedgerError
        If it cannot be written; then nothing was, and the page may not be.
    """
    return _name(ledger, PAGE, [page])


def _name(ledger: Ledger, kind: str, files: Sequence[ArtifactRecord]) -> Entry:
    rows = [(file.path, file.sha256, file.bytes) for file in files]
    with appending(ledger) as connection:
        return _append(connection, kind, lambda seq: {"artifacts": numbered(seq, rows)})


def find_run(ledger: Ledger, key: str) -> Entry | None:
    """Return the entry of the run with a key, or None."""
    with reading(ledger) as connection:
        return _entry_of(connection, key)


def _entry_of(connection: Connection, key: str) -> Entry | None:
    runs = SEALED["runs"]
    query = select(entries).join(runs, runs.c.entry == entries.c.seq).where(runs.c.key == key)
    found = connection.execute(query).one_or_none()
    return None if found is None else entry_of(found)


def _append(connection: Connection, kind: str, rows_of: Callable[[int], Rows]) -> Entry:
    """Add rows, and last of all the entry that seals them."""
    last = connection.execute(select(entries).order_by(entries.c.seq.desc()).limit(1)).one_or_none()
    seq = 1 if last is None else last.seq + 1
    previous = NOTHING_BEFORE if last is None else last.digest
    made_at = instant_text(datetime.now(UTC))  # right or wrong: `_clock` says what it counts for
    rows = {name: added for name, added in rows_of(seq).items() if added}
    sealed = digest(entry_bytes(seq, kind, made_at, previous, rows))
    add_rows(connection, rows)
    values = {"kind": kind, "made_at": made_at, "previous": previous, "digest": sealed}
    connection.execute(insert(entries), {"seq": seq, **values})
    return Entry(seq, kind, instant(made_at), previous, sealed)


def add_rows(connection: Connection, rows: Mapping[str, Iterable[Sequence[object]]]) -> None:
    """Add the rows of one entry, by table."""
    for name, added in rows.items():
        columns = SEALED[name].columns.keys()
        values = [dict(zip(columns, row, strict=True)) for row in added]
        connection.execute(insert(SEALED[name]), values)


def _add_contents(connection: Connection, texts: dict[str, str]) -> None:
    """Add the texts that are not there yet."""
    known: set[str] = set()
    for some in batched(texts, LOOKED_UP_AT_ONCE):
        query = select(contents.c.sha256).where(contents.c.sha256.in_(some))
        known.update(connection.scalars(query))
    new = [{"sha256": name, "body": body} for name, body in texts.items() if name not in known]
    if new:
        connection.execute(insert(contents), new)
