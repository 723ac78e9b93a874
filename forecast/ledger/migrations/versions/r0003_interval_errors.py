"""Form 3: the Monte Carlo errors of both ends of a forecast's interval, and the view with them."""

import sqlalchemy as sa
from alembic import op

from forecast.ledger._guards import guard_statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VIEW = """\
VIEW published AS
SELECT e.seq AS entry, r.network, f.event, f.condition, f.deadline, f.probability, f.lower, f.upper,
       f.mcse, f.prior, r.as_of, e.made_at, f.valid_until, r.forced, r.key,
       i.lower_mcse, i.upper_mcse
FROM forecasts f JOIN runs r ON r.entry = f.entry JOIN entries e ON e.seq = f.entry
LEFT JOIN interval_errors i ON i.entry = f.entry AND i.position = f.position
"""
"""With the new columns last, so that PostgreSQL keeps the view, and what was granted on it."""


def upgrade() -> None:
    """Add the table, its triggers and the view's columns."""
    dialect = op.get_bind().dialect.name
    tie = sa.ForeignKey("entries.seq", deferrable=True, initially="DEFERRED")
    whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "interval_errors",
        sa.Column("entry", whole, tie, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("lower_mcse", sa.Double),
        sa.Column("upper_mcse", sa.Double),
        sa.PrimaryKeyConstraint("entry", "position"),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(dialect, ["interval_errors"]):
        op.execute(statement)
    if dialect == "sqlite":
        op.execute("DROP VIEW published")
        op.execute(f"CREATE {VIEW}")
    else:
        op.execute(f"CREATE OR REPLACE {VIEW}")
