"""Form 1: the chain of entries, what they seal, and the triggers that keep it append-only."""

import sqlalchemy as sa
from alembic import op

from forecast.ledger._guards import guard_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SHA256 = sa.String(64)
INSTANT = sa.String(27)


def _sealed(*, alone: bool = False) -> sa.Column[int]:
    tie = sa.ForeignKey("entries.seq", deferrable=True, initially="DEFERRED")
    return sa.Column("entry", WHOLE, tie, primary_key=alone, autoincrement=False, nullable=False)


def _content(name: str) -> sa.Column[str]:
    return sa.Column(name, SHA256, sa.ForeignKey("contents.sha256"), nullable=False)


def upgrade() -> None:
    """Make the tables and their triggers."""
    _make_chain()
    _make_runs()
    _make_rows()
    tables = ["entries", "contents", "runs", "forecasts", "evidence", "artifacts", "versions"]
    for statement in guard_statements(op.get_bind().dialect.name, [*tables, "resolutions"]):
        op.execute(statement)


def _make_chain() -> None:
    op.create_table(
        "entries",
        sa.Column("seq", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("previous", SHA256, nullable=False),
        sa.Column("digest", SHA256, nullable=False),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", SHA256, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        _sealed(alone=True),
        sa.Column("key", SHA256, nullable=False, unique=True),
        sa.Column("network", sa.String(64), nullable=False),
        _content("network_content"),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("forced", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "resolutions",
        _sealed(alone=True),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("at", INSTANT),
        sa.Column("note", sa.Text, nullable=False),
    )


def _make_rows() -> None:
    _make(
        "forecasts",
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("deadline", INSTANT, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("lower", sa.Double),
        sa.Column("upper", sa.Double),
        sa.Column("mcse", sa.Double),
        sa.Column("prior", sa.Double),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="forecasts_probability"),
    )
    _make("evidence", sa.Column("item", sa.String(128), nullable=False), _content("content"))
    _make(
        "artifacts",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    _make(
        "versions",
        sa.Column("package", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
    )


def _make(name: str, *columns: sa.schema.SchemaItem) -> None:
    """Make a table with many rows an entry, in order."""
    position = sa.Column("position", sa.Integer, nullable=False)
    key = sa.PrimaryKeyConstraint("entry", "position")
    op.create_table(name, _sealed(), position, *columns, key, sqlite_with_rowid=False)
