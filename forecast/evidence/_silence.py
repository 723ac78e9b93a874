"""Silence: a source watched, would have reported, and did not, or not before the end."""

from datetime import timedelta
from typing import Literal

from forecast.evidence._channel import Channel, Heard, Number
from forecast.evidence._watched import Watched
from forecast.time import add_years, years_between


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

    def reads(self) -> tuple[Number, ...]:
        """Return its source's reporting rate."""
        return (("report_rate", self.source),)

    def channel(self) -> Channel:
        """Return how its chances follow from that rate."""
        (rate,), window = self.reads(), years_between(*self.window)
        return Channel("silence", rate, number=window, broken=self.claim is not None)

    def words(self) -> str:
        """Return from when to when it was silent, and whether it spoke at the end."""
        return f"silent {self.window_words}" + (", then saw it on" if self.claim else "")

    def drawn(self, heard: Heard) -> "Silence":
        """Return a silence, until its source first saw the event on: after so long of it on."""
        left = heard.rng.exponential() / heard.rate
        for begin, end in heard.spells(*self.window):
            length = years_between(begin, end)
            if left < length:
                ended = max(add_years(begin, left), self.window[0] + timedelta(seconds=1))
                return self.model_copy(update={"watched_to": ended, "claim": "on"})
            left -= length
        return self
