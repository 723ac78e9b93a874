"""What a run was made from, read back: its network, its items, its settings and its files."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forecast.ledger.connection import Ledger, reading
from forecast.ledger.run import read_run
from forecast.ledger.tables import SEALED, entries, instant

__all__ = ["RunHead", "RunInputs", "run_heads", "run_inputs"]

_runs = SEALED["runs"]


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run in the ledger.

    Parameters
    ----------
    entry, key
        Its place in the ledger, and its key.
    network
        The network's name.
    as_of, made_at
        The knowledge cut-off, and when it was published.
    forced
        Whether it was kept although its gate failed.
    """

    entry: int
    key: str
    network: str
    as_of: datetime
    made_at: datetime
    forced: bool


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a run was made from.

    Parameters
    ----------
    network
        The network as canonical JSON.
    items
        Each item of evidence that it saw as canonical JSON, by id.
    settings, gate
        As JSON.
    files
        The digest of each of its files, by path.
    """

    network: str
    items: dict[str, str]
    settings: str
    gate: str
    files: dict[str, str]


def run_heads(ledger: Ledger) -> list[RunHead]:
    """Return every run, oldest first."""
    query = select(_runs, entries.c.made_at).join(entries, entries.c.seq == _runs.c.entry)
    with reading(ledger) as connection:
        rows = connection.execute(query.order_by(_runs.c.entry)).all()
    return [
        RunHead(
            entry=row.entry,
            key=row.key,
            network=row.network,
            as_of=instant(row.as_of),
            made_at=instant(row.made_at),
            forced=bool(row.forced),
        )
        for row in rows
    ]


def run_inputs(ledger: Ledger, entry: int) -> RunInputs:
    """Return what a run was made from; the entry is that of a run."""
    _, run = read_run(ledger, entry)
    return RunInputs(
        network=run.network_body,
        items={item.item: item.body for item in run.evidence},
        settings=run.settings,
        gate=run.gate,
        files={file.path: file.sha256 for file in run.artifacts},
    )
