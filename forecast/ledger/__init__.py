"""KEEP: the append-only store of what was said: schema, writes, verification, upgrades.

SQLAlchemy is reached from here alone. Importing this package costs a quarter of a second, so those
above import it where they need it.
"""

from forecast.ledger._append import Published, confirm_clock, find_run, prune, publish, resolve
from forecast.ledger._audit import Verification, verify
from forecast.ledger._connection import Address, Ledger, ledger_address, open_ledger
from forecast.ledger._copies import Upgrade, export, head_in, restore, restore_file, upgrade
from forecast.ledger._read import (
    RunHead,
    RunInputs,
    Said,
    Standing,
    artifacts_of,
    clock_words,
    contents_named,
    first_seen,
    holds,
    items_seen,
    last_head,
    latest_run,
    pruned_files,
    read_run,
    run_heads,
    run_inputs,
    run_said,
    said,
    standing,
)
from forecast.ledger._records import (
    ArtifactRecord,
    Entry,
    ForecastRecord,
    ItemRecord,
    ResolutionRecord,
    RunRecord,
)

__all__ = [
    "Address",
    "ArtifactRecord",
    "Entry",
    "ForecastRecord",
    "ItemRecord",
    "Ledger",
    "Published",
    "ResolutionRecord",
    "RunHead",
    "RunInputs",
    "RunRecord",
    "Said",
    "Standing",
    "Upgrade",
    "Verification",
    "artifacts_of",
    "clock_words",
    "confirm_clock",
    "contents_named",
    "export",
    "find_run",
    "first_seen",
    "head_in",
    "holds",
    "items_seen",
    "last_head",
    "latest_run",
    "ledger_address",
    "open_ledger",
    "prune",
    "pruned_files",
    "publish",
    "read_run",
    "resolve",
    "restore",
    "restore_file",
    "run_heads",
    "run_inputs",
    "run_said",
    "said",
    "standing",
    "upgrade",
    "verify",
]
