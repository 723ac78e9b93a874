"""What items that tell of a window of time share: a source, and from when to when it watched."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field, model_validator

from forecast.errors import Fault
from forecast.evidence.item import Item
from forecast.evidence.moment import Moment, begin, finish
from forecast.network.base import Id, bad

__all__ = ["Watched"]


class Watched(Item):
    """A source watched an event over a window; `Silence` and `Count` build on this class.

    Parameters
    ----------
    source
        Who watched.
    watched_from
        When it began to watch; a date means the begin of that day.
    watched_to
        Until when it watched, not after `published`; a date means the end of that day.
    """

    source: Id
    watched_from: Moment = Field(examples=["2024-07-01"])
    watched_to: Moment = Field(examples=["2024-07-31"])

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of an item that watches."""
        if fields.get("speaks_of") is not None:
            kind = cls.model_fields["kind"].default
            yield Fault(f"a {kind} speaks of its window", "Leave it out.", field="speaks_of")

    @model_validator(mode="after")
    def _watched_the_past(self) -> "Watched":
        first, last = self.window
        if last <= first:
            raise bad(
                f"the window from {self.watched_from} to {self.watched_to} holds no time",
                "Correct one of the two dates.",
            )
        if last > self.published_instant:
            raise bad(
                f"a {self.kind} until {self.watched_to}, published {self.published}, would see the "
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
