"""Silence: a source watched, would have reported, and did not."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from forecast.errors import Fault
from forecast.evidence.item import Item
from forecast.evidence.moment import Moment, begin, finish
from forecast.network.base import Id
from forecast.network.fault import bad

__all__ = ["Silence"]


class Silence(Item):
    """A source watched an event over a window and did not report it to be on.

    While the event was on the source would have reported it at its `report_rate` r, so the chance
    of its silence is exp(−r · time on within the window): silence lowers, and never raises.

    Parameters
    ----------
    source
        The source that was silent; it or its type states a `report_rate`.
    watched_from
        When it began to watch; a date means the begin of that day.
    watched_to
        Until when it watched, not after `published`; a date means the end of that day.

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
    source: Id
    watched_from: Moment = Field(examples=["2024-07-01"])
    watched_to: Moment = Field(examples=["2024-07-31"])

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a silence."""
        if fields.get("speaks_of") is not None:
            yield Fault("a silence speaks of its window", "Leave it out.", field="speaks_of")

    @model_validator(mode="after")
    def _watched_the_past(self) -> "Silence":
        first, last = self.window
        if last <= first:
            raise bad(
                f"the window from {self.watched_from} to {self.watched_to} holds no time",
                "Correct one of the two dates.",
            )
        if last > self.published_instant:
            raise bad(
                f"a silence until {self.watched_to}, published {self.published}, would see the "
                "future",
                "Correct one of the two dates.",
            )
        return self

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The instants between which the source watched."""
        return begin(self.watched_from), finish(self.watched_to, cut=self.published)

    @property
    def speaks_of_instant(self) -> datetime:
        """The end of the window."""
        return self.window[1]
