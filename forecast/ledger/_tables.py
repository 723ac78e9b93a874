"""The tables: one chain of entries, and the rows that each entry seals.

All text, integers and doubles, the same on every database, so that an entry has one digest wherever
it is kept. Instants are text in UTC, 27 characters, in the order of time. Records become rows in
the tables' order of columns, and their long texts contents.
"""

from collections.abc import Iterable
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
    Row,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import Double

from forecast.ledger._canonical import digest
from forecast.ledger._records import Entry, ForecastRecord, ResolutionRecord, RunRecord

LOOKED_UP_AT_ONCE = 500
"""Names in one question to the database: some take no more than a thousand."""

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


def _many(name: str, *columns: SchemaItem) -> Table:
    """Return a table of many rows an entry, in order."""
    entry = Column("entry", _whole, _sealed_by(), nullable=False)
    position = Column("position", Integer, nullable=False)
    key = PrimaryKeyConstraint("entry", "position")
    return Table(name, metadata, entry, position, *columns, key, sqlite_with_rowid=False)


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

forecasts = _many(
    "forecasts",
    Column("event", String(64), nullable=False),
    Column("condition", Text, nullable=False),
    Column("deadline", _instant, nullable=False),
    Column("probability", Double, nullable=False),
    Column("lower", Double),
    Column("upper", Double),
    Column("mcse", Double),
    Column("prior", Double),
    Column("valid_until", _instant, nullable=False),
    CheckConstraint("probability >= 0 AND probability <= 1", name="forecasts_probability"),
    Index("forecasts_by_event", "event", "entry"),
)

interval_errors = _many(
    "interval_errors",
    Column("lower_mcse", Double),
    Column("upper_mcse", Double),
)
"""Of the forecast at the same position: a table of its own, since columns are part of digests."""

evidence = _many(
    "evidence",
    Column("item", String(128), nullable=False),
    Column("content", _sha256, _content(), nullable=False),
)

artifacts = _many(
    "artifacts",
    Column("path", Text, nullable=False),
    Column("sha256", _sha256, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

versions = _many(
    "versions",
    Column("package", String(64), nullable=False),
    Column("version", String(64), nullable=False),
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
    """Return those of the sealed tables that a ledger of a form has; all where it is None.

    Examples
    --------
    >>> sorted(sealed_in("0003").keys() - sealed_in("0002").keys())
    ['interval_errors']
    """
    if form is None:
        return SEALED
    return {name: table for name, table in SEALED.items() if _SINCE.get(name, "") <= form}


type Rows = dict[str, list[tuple[object, ...]]]
"""The rows of one entry, by table."""


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    """Return the entry that a row with the columns of `entries` holds."""
    return Entry(row.seq, row.kind, instant(row.made_at), row.previous, row.digest)


def contents_of(run: RunRecord) -> dict[str, str]:
    """Return the texts that a run refers to, by digest."""
    texts = [run.network_body, *(item.body for item in run.evidence)]
    return {digest(text.encode()): text for text in texts}


def run_rows(run: RunRecord, entry: int) -> Rows:
    """Return a run's rows."""
    network = digest(run.network_body.encode())
    head = (run.key, run.network, network, instant_text(run.as_of), run.settings, run.gate)
    seen = ((item.item, digest(item.body.encode())) for item in run.evidence)
    files = ((file.path, file.sha256, file.bytes) for file in run.artifacts)
    return {
        "runs": [(entry, *head, int(run.forced))],
        "forecasts": numbered(entry, map(_forecast_row, run.forecasts)),
        "interval_errors": [
            (entry, position, *errors)
            for position, errors in enumerate(map(_error_row, run.forecasts))
            if errors != (None, None)
        ],
        "evidence": numbered(entry, seen),
        "artifacts": numbered(entry, files),
        "versions": numbered(entry, sorted(run.versions.items())),
    }


def resolution_rows(resolution: ResolutionRecord, entry: int) -> Rows:
    """Return a resolution's one row."""
    at = None if resolution.at is None else instant_text(resolution.at)
    return {"resolutions": [(entry, resolution.event, resolution.outcome, at, resolution.note)]}


def numbered(entry: int, rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return an entry's rows in a table of many, each with its position."""
    return [(entry, position, *row) for position, row in enumerate(rows)]


def _forecast_row(forecast: ForecastRecord) -> tuple[object, ...]:
    told = forecast
    figures = (told.probability, told.lower, told.upper, told.mcse, told.prior)
    deadline, until = instant_text(told.deadline), instant_text(told.valid_until)
    return (told.event, told.condition, deadline, *map(_unsigned, figures), until)


def _error_row(forecast: ForecastRecord) -> tuple[float | None, float | None]:
    return _unsigned(forecast.lower_mcse), _unsigned(forecast.upper_mcse)


def _unsigned(figure: float | None) -> float | None:
    """Take the sign off a zero: no database keeps it."""
    return None if figure is None else figure + 0.0
