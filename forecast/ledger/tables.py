"""The tables: one chain of entries, and the rows that each entry seals.

All text, integers and doubles, the same on every database, so that an entry has one digest wherever
it is kept. Instants are text in UTC, 27 characters, in the order of time.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import Double

__all__ = ["SEALED", "contents", "entries", "instant", "instant_text", "metadata", "sealed_in"]

metadata = MetaData()

_whole = BigInteger().with_variant(Integer, "sqlite")  # INTEGER is SQLite's own row number
_sha256 = String(64)
_instant = String(27)


def instant_text(instant: datetime) -> str:
    """Return an instant as the ledger writes it.

    Examples
    --------
    >>> instant_text(datetime(2024, 7, 2, tzinfo=UTC))
    '2024-07-02T00:00:00.000000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Return the instant that the ledger wrote."""
    return datetime.fromisoformat(text)


def _sealed_by() -> ForeignKey:
    """Tie a row to its entry, which comes last in the transaction and so seals it."""
    return ForeignKey("entries.seq", deferrable=True, initially="DEFERRED")


def _content() -> ForeignKey:
    return ForeignKey("contents.sha256")


entries = Table(
    "entries",
    metadata,
    Column("seq", _whole, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("made_at", _instant, nullable=False),
    Column("previous", _sha256, nullable=False),
    Column("digest", _sha256, nullable=False),
)

contents = Table(
    "contents",
    metadata,
    Column("sha256", _sha256, primary_key=True),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Networks and items of evidence, each once, under its own digest."""

runs = Table(
    "runs",
    metadata,
    Column("entry", _whole, _sealed_by(), primary_key=True, autoincrement=False),
    Column("key", _sha256, nullable=False, unique=True),
    Column("network", String(64), nullable=False),
    Column("network_content", _sha256, _content(), nullable=False),
    Column("as_of", _instant, nullable=False),
    Column("settings", Text, nullable=False),
    Column("gate", Text, nullable=False),
    Column("forced", SmallInteger, nullable=False),
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("entry", _whole, _sealed_by(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("event", String(64), nullable=False),
    Column("condition", Text, nullable=False),
    Column("deadline", _instant, nullable=False),
    Column("probability", Double, nullable=False),
    Column("lower", Double),
    Column("upper", Double),
    Column("mcse", Double),
    Column("prior", Double),
    Column("valid_until", _instant, nullable=False),
    PrimaryKeyConstraint("entry", "position"),
    CheckConstraint("probability >= 0 AND probability <= 1", name="forecasts_probability"),
    Index("forecasts_by_event", "event", "entry"),
    sqlite_with_rowid=False,
)

interval_errors = Table(
    "interval_errors",
    metadata,
    Column("entry", _whole, _sealed_by(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("lower_mcse", Double),
    Column("upper_mcse", Double),
    PrimaryKeyConstraint("entry", "position"),
    sqlite_with_rowid=False,
)
"""Of the forecast at the same position: a table of its own, since columns are part of digests."""

evidence = Table(
    "evidence",
    metadata,
    Column("entry", _whole, _sealed_by(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("item", String(128), nullable=False),
    Column("content", _sha256, _content(), nullable=False),
    PrimaryKeyConstraint("entry", "position"),
    sqlite_with_rowid=False,
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("entry", _whole, _sealed_by(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", _sha256, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry", "position"),
    sqlite_with_rowid=False,
)

versions = Table(
    "versions",
    metadata,
    Column("entry", _whole, _sealed_by(), nullable=False),
    Column("position", Integer, nullable=False),
    Column("package", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    PrimaryKeyConstraint("entry", "position"),
    sqlite_with_rowid=False,
)

resolutions = Table(
    "resolutions",
    metadata,
    Column("entry", _whole, _sealed_by(), primary_key=True, autoincrement=False),
    Column("event", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("at", _instant),
    Column("note", Text, nullable=False),
)

_all_sealed = (runs, forecasts, interval_errors, evidence, artifacts, versions, resolutions)
SEALED = {table.name: table for table in _all_sealed}
"""The tables whose rows belong to an entry and are part of its digest."""

_SINCE = {"interval_errors": "0003"}
"""The form that brought a table; those not named were there from the first."""


def sealed_in(form: str | None) -> dict[str, Table]:
    """Return those of the sealed tables that a ledger of a form has.

    Parameters
    ----------
    form
        As `revision_of` gives it; None: all of them.

    Examples
    --------
    >>> sorted(sealed_in("0003").keys() - sealed_in("0002").keys())
    ['interval_errors']
    """
    if form is None:
        return SEALED
    return {name: table for name, table in SEALED.items() if _SINCE.get(name, "") <= form}
