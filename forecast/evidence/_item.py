"""What every item of evidence has: an id, an event, and three clocks."""

from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from forecast.evidence._channel import Bearing, Channel, Heard, Number
from forecast.evidence._moment import Moment, begin, finish
from forecast.network._base import EventId, Id, Listed, Model, bad

type Clock = Literal["published", "recorded"]
# Left out of what is written where it is empty: items are known by what is written of them.
Filed = Annotated[str, Field(exclude_if=lambda text: not text)]


def _on_off(value: object) -> object:
    return ("off", "on")[value] if isinstance(value, bool) else value


type OnOff = Annotated[Literal["on", "off"], BeforeValidator(_on_off)]
"""Whether something is on: as a word, or as a truth value."""


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise bad("names an item twice", "Name each once.")
    return names


class Place(NamedTuple):
    """Where an item stands; empty and 0 for one built in Python. Never part of the item itself."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Item(Model):
    """One dated piece of evidence on one event; the kinds of item build on this class.

    A date without a time is a whole day and means its end. Where `published` is a time, the same
    day in another clock ends at that time.

    Parameters
    ----------
    id
        Its name, unique in the record.
    event
        The event it bears on.
    published
        When it could first be read. `as_of` sees only what was published by then.
    speaks_of
        The time whose state it tells of; `published` where nothing is said.
    recorded
        When it was put on file here; `published` where nothing is said.
    retracts
        Earlier items that do not count any more from this one's publication on. Taking back a
        correction does not bring back what it corrected.
    reinstates
        Items that count again from this one's publication on: each was retracted by an item that
        this one retracts.
    citation
        A URL or a reference.
    text
        The claim in words; never interpreted.
    notes
        Anything else; never interpreted.
    draft, accepted_by, proposed
        The draft of the inbox that it was accepted from, who accepted it, and what a machine had
        proposed for it; never interpreted, and empty for an item that was written by hand.
    """

    kind: str
    id: Id
    event: EventId
    published: Moment
    speaks_of: Moment | None = None
    recorded: Moment | None = None
    retracts: Annotated[tuple[Id, ...], Listed, AfterValidator(_distinct)] = ()
    # Left out of what is written where it is empty: items are known by what is written of them.
    reinstates: Annotated[
        tuple[Id, ...], Listed, AfterValidator(_distinct), Field(exclude_if=lambda ids: not ids)
    ] = ()
    citation: str = ""
    text: str = ""
    notes: str = ""
    draft: Filed = ""
    accepted_by: Filed = ""
    proposed: Filed = ""

    @model_validator(mode="after")
    def _recorded_after_publication(self) -> "Item":
        if self.recorded is not None and finish(self.recorded) < begin(self.published):
            raise bad(
                f"the item was recorded ({self.recorded}) before it was published "
                f"({self.published})",
                "Correct one of the two dates.",
            )
        return self

    @model_validator(mode="after")
    def _retracts_others(self) -> "Item":
        if self.id in self.retracts:
            raise bad("the item retracts itself", "Name the earlier items that it takes back.")
        both = [name for name in self.reinstates if name in self.retracts]
        if both:
            raise bad(f"the item retracts and reinstates '{both[0]}'", "Name it in one of the two.")
        return self

    def reads(self) -> tuple[Number, ...]:
        """Return the stated numbers that the item teaches; none where it makes things certain."""
        return ()

    def channel(self) -> Channel | None:
        """Return how its chances follow from those; None where it says nothing by itself."""
        return None

    @property
    def events(self) -> tuple[str, ...]:
        """The events that it bears on: one, but for kinds that say otherwise."""
        return (self.event,)

    def bears(self) -> tuple[Bearing, ...]:
        """Return its rows in the record: of which event it tells, and of when."""
        at = self.speaks_of_instant
        return (Bearing(self.event, at, at),)

    @property
    def claims(self) -> bool:
        """Whether it makes a claim, on or off, which others may copy."""
        return False

    def words(self) -> str:
        """Return what it says of its event in a few words, as a reader is told; each kind's own."""
        return self.kind.replace("_", " ")

    def drawn(self, heard: Heard) -> "Item | tuple[Item, ...]":
        """Return the item as it would be in a simulated world, or what would stand in its place."""
        del heard
        return self

    @property
    def published_instant(self) -> datetime:
        """The instant from which the item counts."""
        return self._published_instant

    @cached_property
    def _published_instant(self) -> datetime:  # private: pydantic would take it for a field
        return finish(self.published)

    @property
    def recorded_instant(self) -> datetime:
        """The instant from which this workspace had the item; never before its publication."""
        if self.recorded is None:
            return self.published_instant
        return max(self.published_instant, finish(self.recorded))

    def instant(self, clock: Clock) -> datetime:
        """Return the instant from which the item counts by a clock."""
        return self.published_instant if clock == "published" else self.recorded_instant

    @property
    def speaks_of_instant(self) -> datetime:
        """The instant whose state the item tells of."""
        if self.speaks_of is None:
            return self.published_instant
        return finish(self.speaks_of, cut=self.published)

    @property
    def is_prediction(self) -> bool:
        """Whether it tells of a time after its publication."""
        return self.speaks_of_instant > self.published_instant
