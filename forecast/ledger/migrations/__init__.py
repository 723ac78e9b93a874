"""The forms that ledgers have had, as Alembic's revisions; run by `upgrade` alone."""

__all__ = ["FORMS", "HEAD"]

FORMS = ("0001", "0002", "0003")
"""All of them, the oldest first."""

HEAD = FORMS[-1]
"""The form that this version writes."""
