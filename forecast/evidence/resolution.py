"""Resolutions: how questions about events came out. No estimate ever sees them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from forecast.errors import Fault
from forecast.evidence.moment import Moment, finish
from forecast.network.base import Id, Model

__all__ = ["Resolution"]


class Resolution(Model):
    """A question, whether an event would be on by a deadline, and how it came out.

    Parameters
    ----------
    id
        Its name.
    event
        The event that the question is about, under the event's own rule of resolution.
    deadline
        On by the end of this day, or by this time.
    outcome
        ``"yes"``, ``"no"``, or ``"annulled"``, which is not scored.
    resolved
        The day by whose end the answer was public: a yes closes the question then, if that is
        before its deadline. A no needs none: it closes with the deadline.
    cluster
        Questions that stand or fall together share a name; the event's, unless given.
    left_out
        Why the question's wording does not fit the event, so that it is not scored; empty where
        it fits.
    question
        Its words as they were put; never interpreted.
    source, citation, notes
        Who settled it, where that stands, and anything else; never interpreted.

    Examples
    --------
    >>> Resolution(
    ...     id="q1", event="pact", deadline="2024-12-31", outcome="yes", resolved="2024-10-18"
    ... ).closed.isoformat()
    '2024-10-19T00:00:00+00:00'
    """

    id: Id
    event: Id
    deadline: Moment
    outcome: Literal["yes", "no", "annulled"]
    resolved: Moment | None = None
    cluster: str = ""
    left_out: str = ""
    question: str = ""
    source: str = ""
    citation: str = ""
    notes: str = ""

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a resolution."""
        if fields.get("outcome") == "yes" and fields.get("resolved") is None:
            yield Fault(
                "a yes has the day on which it was known",
                "Write the day by whose end the answer was public.",
                field="resolved",
            )

    @property
    def by(self) -> datetime:
        """The instant of the deadline."""
        return finish(self.deadline)

    @property
    def closed(self) -> datetime:
        """The instant at which the question closed: its deadline, or an answer before it."""
        return self.by if self.resolved is None else min(self.by, finish(self.resolved))

    @property
    def scored(self) -> bool:
        """Whether forecasts of the event are held to it."""
        return self.outcome != "annulled" and not self.left_out

    @property
    def together(self) -> str:
        """The cluster: the one that is given, else the event."""
        return self.cluster or self.event
