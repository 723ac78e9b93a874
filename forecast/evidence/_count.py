"""Counts: how often an indicator was counted over a window."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from forecast.evidence._channel import Channel, Heard, Number
from forecast.evidence._watched import Watched
from forecast.network._base import bad
from forecast.network._prior_of import COUNT_RATES
from forecast.time import years_between

MOST_COUNTED = 1_000_000
ADVICE = "Write how many were counted, such as 12, or 0 for none."


def _whole(value: Any) -> Any:
    """Return a whole number that can have been counted."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNTED:
        raise bad(f"is not a whole number from 0 to {MOST_COUNTED:,}", ADVICE)
    return value


type Counted = Annotated[
    int,
    Field(ge=0, le=MOST_COUNTED, examples=[12]),
    BeforeValidator(_whole),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_COUNTED}),
]


class Count(Watched):
    """A source counted an indicator over a window: incidents, flights, ships, articles.

    The number N is Poisson. With r0 = `count_rate_off` and r1 = `count_rate_on` of the source, both
    per year, L the window's length in years, and s the share of it that the event was on,

        P(N | path) = Poisson(N; L · (r0 · (1 − s) + r1 · s)).

    Notes
    -----
    One source counts one indicator: all its counts share the two rates, which are learned. Counts
    over windows in which the event is known to be off (or on) teach one rate each. Where any part
    of the window is not known for sure, the exact filter cannot take the item.

    Parameters
    ----------
    source
        The series of counts; it or its type states `count_rate_off` and `count_rate_on`.
    watched_from
        From when it counted; a date means the begin of that day.
    watched_to
        Until when it counted, not after `published`; a date means the end of that day.
    counted
        N, the number counted.

    Examples
    --------
    >>> trains = Count(
    ...     id="trains_july",
    ...     event="troops",
    ...     source="tumangang_trains",
    ...     published="2024-08-01",
    ...     watched_from="2024-07-01",
    ...     watched_to="2024-07-31",
    ...     counted=14,
    ... )
    >>> trains.counted
    14
    """

    kind: Literal["count"] = "count"
    counted: Counted

    def reads(self) -> tuple[Number, ...]:
        """Return its source's rates while the event is off, and while it is on."""
        return tuple((name, self.source) for name in COUNT_RATES)

    def channel(self) -> Channel:
        """Return how the numbers expected follow from those."""
        off, on = self.reads()
        return Channel("count", on, off, number=years_between(*self.window), said=self.counted)

    def words(self) -> str:
        """Return how many it counted, and from when to when."""
        return f"counted {self.counted:,}, {self.window_words}"

    def drawn(self, heard: Heard) -> "Count":
        """Return a count of what happened while the event was off, and while it was on."""
        spells = heard.spells(self.event, *self.window)
        share = sum(years_between(*spell) for spell in spells) / years_between(*self.window)
        mean = np.array(heard.chances) @ np.array([1 - share, share])
        return self.model_copy(update={"counted": int(heard.rng.poisson(mean))})
