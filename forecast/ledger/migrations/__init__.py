"""The forms that ledgers have had, as Alembic's revisions; run by `upgrade` alone."""

__all__ = ["HEAD"]

HEAD = "0002"
"""The form that this version writes."""
