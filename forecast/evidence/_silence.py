"""Silence: a source watched, would have reported, and did not, or not before the end."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from forecast.errors import Fault
from forecast.evidence._channel import Channel, Heard, Number
from forecast.evidence._watched import Watched
from forecast.network._base import EventId, Listed
from forecast.time import add_years, years_between


class Silence(Watched):
    """A source watched an event over a window and did not report it to be on.

    While the event was on the source would have reported it at its `report_rate` r, so the chance
    of its silence is exp(−r · time on within the window): silence lowers, and never raises. Of
    several events it would have reported each at that rate, and their times on add up: it is worth
    as much as a silence on each.

    A silence with a `claim` was broken: as the window ended the source saw the event on, and said
    so. That is worth r · exp(−r · time on within the window), makes it certain that the event was
    on just then, and teaches how fast the source is.

    Notes
    -----
    Such a source is silent or right, never wrong. What may be mistaken is a `Report`.

    Parameters
    ----------
    event
        The event that it watched, or a list of several.
    more_events
        The others, where there are several: set from such a list.
    source
        The source that was silent; it or its type states a `report_rate`.
    watched_from
        When it began to watch; a date means the begin of that day.
    watched_to
        Until when it watched, not after `published`; a date means the end of that day.
    claim
        ``"on"`` if its silence ended then, because it saw the event on; left out if it did not. Of
        one event alone.

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
    # Left out of what is written where it is empty: items are known by what is written of them.
    more_events: Annotated[tuple[EventId, ...], Listed, Field(exclude_if=lambda ids: not ids)] = ()

    @model_validator(mode="before")
    @classmethod
    def _several(cls, fields: Any) -> Any:
        """Return the first of several events, and the others."""
        events = fields.get("event") if isinstance(fields, dict) else None
        if not isinstance(events, list | tuple) or not events:
            return fields
        return {**fields, "event": events[0], "more_events": tuple(events[1:])}

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a silence."""
        yield from super().rules(fields)
        one, more = fields.get("event"), fields.get("more_events") or ()
        listed = one if isinstance(one, list | tuple) else (one,)
        if one != listed and isinstance(more, list | tuple):
            listed = (*listed, *more)
        if len(set(map(str, listed))) < len(listed):
            yield Fault("names an event twice", "Name each once.", field="event")
        if len(listed) > 1 and fields.get("claim") is not None:
            yield Fault(
                f"a silence that a word ended is on one event, and this is on {len(listed)}",
                "Write an item with claim: on for the event that was seen, and a silence on the "
                "others until then, without a claim.",
                field="claim",
            )

    @property
    def events(self) -> tuple[str, ...]:
        """All events that it watched."""
        return (self.event, *self.more_events)

    def on_some(self, events: Iterable[str]) -> "Silence":
        """Return the silence on some of its events alone, in its own order."""
        chosen = set(events)
        first, *more = (event for event in self.events if event in chosen)
        return self.model_copy(update={"event": first, "more_events": tuple(more)})

    def reads(self) -> tuple[Number, ...]:
        """Return its source's reporting rate."""
        return (("report_rate", self.source),)

    def channel(self) -> Channel:
        """Return how its chances follow from that rate."""
        (rate,), window = self.reads(), years_between(*self.window)
        return Channel("silence", rate, number=window, broken=self.claim is not None)

    def words(self) -> str:
        """Return from when to when it was silent, and whether it spoke at the end."""
        several = f" on {len(self.events)} events" if self.more_events else ""
        return f"silent{several} {self.window_words}" + (", then saw it on" if self.claim else "")

    def drawn(self, heard: Heard) -> "Silence | tuple[Silence, ...]":
        """Return a silence on each event until its source first saw it on: after so long of it on.

        Those that it kept are one item; each that it broke is one of its own.
        """
        watched = {event: self._of_one(event, heard) for event in self.events}
        kept = [event for event, one in watched.items() if one.claim is None]
        broken = [one for one in watched.values() if one.claim is not None]
        if not self.more_events:
            return next(iter(watched.values()))
        return (*([self.on_some(kept)] if kept else []), *broken)

    def _of_one(self, event: str, heard: Heard) -> "Silence":
        """Return the silence on one of its events, as drawn."""
        one, left = self.on_some([event]), heard.rng.exponential() / heard.rate
        for begin, end in heard.spells(event, *self.window):
            length = years_between(begin, end)
            if left < length:
                ended = max(add_years(begin, left), self.window[0] + timedelta(seconds=1))
                return one.model_copy(update={"watched_to": ended, "claim": "on"})
            left -= length
        return one
