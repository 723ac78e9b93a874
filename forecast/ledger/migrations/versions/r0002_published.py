"""Form 2: the view of all that was said, for readers with SQL, and the index that serves it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEW = """\
CREATE VIEW published AS
SELECT e.seq AS entry, r.network, f.event, f.condition, f.deadline, f.probability, f.lower, f.upper,
       f.mcse, f.prior, r.as_of, e.made_at, f.valid_until, r.forced, r.key
FROM forecasts f JOIN runs r ON r.entry = f.entry JOIN entries e ON e.seq = f.entry
"""


def upgrade() -> None:
    """Add the index and the view."""
    op.create_index("forecasts_by_event", "forecasts", ["event", "entry"])
    op.execute(VIEW)
