"""Observations: what is certain."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import model_validator

from forecast.errors import Fault, QueryError
from forecast.evidence._item import Item, OnOff
from forecast.evidence._moment import OnsetDays, begin, finish
from forecast.network._base import bad
from forecast.time import day_words


class Observation(Item):
    """An event seen on or off at a time, or its onset dated to a day or a range of days.

    An onset "on day d" means off as d begins and on as d ends. An observation is certain: what
    somebody merely says belongs in a `Report`.

    Parameters
    ----------
    state
        ``"on"`` or ``"off"``, at `speaks_of`.
    onset
        The day of the onset, or its first and last possible day (kept as a pair). Exactly one of
        `state` and `onset` is given.

    Examples
    --------
    >>> seen = Observation(id="a", event="pact", published="2024-07-03", onset="2024-07-01")
    >>> [instant.isoformat() for instant in seen.onset_instants]
    ['2024-07-01T00:00:00+00:00', '2024-07-02T00:00:00+00:00']
    """

    kind: Literal["observation"] = "observation"
    state: OnOff | None = None
    onset: OnsetDays | None = None

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of an observation."""
        state, onset = fields.get("state"), fields.get("onset")
        if (state is None) == (onset is None):
            yield Fault(
                "an observation tells either of a state or of an onset",
                "Give exactly one: state ('on' or 'off', at speaks_of), or the days of the onset.",
                field="state",
            )
        elif onset is not None and fields.get("speaks_of") is not None:
            yield Fault("an onset carries its own days", "Leave it out.", field="speaks_of")

    @model_validator(mode="after")
    def _tells_of_the_past(self) -> "Observation":
        if self._is_of_the_future():
            told = self.speaks_of if self.onset is None else self.onset[1]
            raise bad(
                f"an observation of {told}, published {self.published}, would see the future",
                "Correct one of the two dates, or make it a report, which may predict.",
            )
        return self

    def _is_of_the_future(self) -> bool:
        unseen = self.onset is not None and begin(self.onset[1]) >= self.published_instant
        return unseen or self.is_prediction

    def words(self) -> str:
        """Return what was seen, and of when where that is not its own day.

        Examples
        --------
        >>> told = {"id": "o", "event": "pact", "published": "2024-07-03"}
        >>> Observation(**told, state="off").words()
        'observed to be off'
        >>> Observation(**told, onset=("2024-06-28", "2024-07-01")).words()
        'observed to begin between 28 June 2024 and 1 July 2024'
        """
        if self.onset is not None:
            days = [day_words(finish(day)) for day in dict.fromkeys(self.onset)]
            when = f"on {days[0]}" if len(days) == 1 else f"between {' and '.join(days)}"
            return f"observed to begin {when}"
        when = day_words(self.speaks_of_instant)
        own = when == day_words(self.published_instant)
        return f"observed to be {self.state}" + ("" if own else f" on {when}")

    @property
    def onset_instants(self) -> tuple[datetime, datetime]:
        """The instants between which the onset lies; for an observation of an onset only."""
        if self.onset is None:
            msg = f"'{self.id}' tells of a state, not of an onset"
            raise QueryError(msg)
        first, last = self.onset
        return begin(first), finish(last, cut=self.published)

    @property
    def speaks_of_instant(self) -> datetime:
        """The instant whose state it tells of: for an onset, the end of its last day."""
        return super().speaks_of_instant if self.onset is None else self.onset_instants[1]
