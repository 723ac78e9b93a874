"""Silence: a source watched, would have reported, and did not, or not before the end."""

from typing import Literal

from forecast.evidence.watched import Watched

__all__ = ["Silence"]


class Silence(Watched):
    """A source watched an event over a window and did not report it to be on.

    While the event was on the source would have reported it at its `report_rate` r, so the chance
    of its silence is exp(−r · time on within the window): silence lowers, and never raises.

    A silence with a `claim` was broken: as the window ended the source saw the event on, and said
    so. That is worth r · exp(−r · time on within the window), makes it certain that the event was
    on just then, and teaches how fast the source is.

    Notes
    -----
    Such a source is silent or right, never wrong. What may be mistaken is a `Report`.

    Parameters
    ----------
    source
        The source that was silent; it or its type states a `report_rate`.
    watched_from
        When it began to watch; a date means the begin of that day.
    watched_to
        Until when it watched, not after `published`; a date means the end of that day.
    claim
        ``"on"`` if its silence ended then, because it saw the event on; left out if it did not.

    Examples
    --------
    >>> quiet = Silence(
    ...     id="quiet",
    ...     event="troops",
    ...     source="isw",
    ...     published="2024-07-31",
    ...     watched_from="2024-07-01",
    ...     watched_to="2024-07-31",
    ... )
    >>> [instant.date().isoformat() for instant in quiet.window]
    ['2024-07-01', '2024-08-01']
    """

    kind: Literal["silence"] = "silence"
    claim: Literal["on"] | None = None
