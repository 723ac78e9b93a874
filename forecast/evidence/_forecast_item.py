"""Forecasts: what a forecaster, a crowd or a market took to be the probability of an event."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from scipy.special import expit, logit

from forecast.evidence._channel import Channel, Heard, Number
from forecast.evidence._item import Item
from forecast.evidence._moment import Moment
from forecast.network._base import Id, bad
from forecast.network._source import SHARE_SCHEMA, to_share
from forecast.time import day_words

type Chance = Annotated[
    float,
    Field(gt=0, lt=1, examples=[0.35]),
    BeforeValidator(to_share),
    WithJsonSchema(SHARE_SCHEMA),
]


class Forecast(Item):
    """A source put the probability that an event is on at a deadline at q.

    What the source knew and the network did not is its *surprise*: Δ = logit q - logit b, with b
    the network's own probability given all that had been published by then, forecasts left out. It
    moves the network's own log-odds, as of any later date, by κ Δ, where κ is what such forecasts
    have been worth: 0 for nothing, 1 for the source's word taken whole. So a source that says what
    the network says moves nothing, then or later. κ is learned from what has been resolved, and
    from that alone. An analyst's own weighing of a piece of news, a ratio to begin with, is a
    `LikelihoodRatio`.

    What a source thinks of an event is what it said last: from a newer forecast's publication on,
    its older ones on the same event do not count, without being retracted. Forecasts that it
    published together, for several deadlines, are one opinion. Where the newest is retracted, the
    one before it is the newest again.

    Parameters
    ----------
    source
        The forecaster, crowd or market; how much its forecasts weigh (`forecast_weight`) is
        learned.
    probability
        q, above 0 and below 1.
    speaks_of
        The deadline, after `published`.
    base
        b, what would have been said without this source's insight; unless given, the network's
        own probability given all that had been published by then, forecasts left out.

    Examples
    --------
    >>> Forecast(
    ...     id="market",
    ...     event="pact",
    ...     published="2024-07-01",
    ...     speaks_of="2024-12-31",
    ...     source="crowd",
    ...     probability="35%",
    ... ).probability
    0.35
    """

    kind: Literal["forecast"] = "forecast"
    source: Id
    probability: Chance
    speaks_of: Moment = Field(examples=["2024-12-31"])
    base: Chance | None = None

    @model_validator(mode="after")
    def _has_a_future(self) -> "Forecast":
        if not self.is_prediction:
            raise bad(
                f"a forecast published {self.published} of {self.speaks_of} forecasts nothing",
                "Set speaks_of to the deadline of the question, or make it a report.",
            )
        return self

    def reads(self) -> tuple[Number, ...]:
        """Return how much its source's forecasts weigh."""
        return (("forecast_weight", self.source),)

    def channel(self) -> Channel | None:
        """Return that it is an opinion; its surprise is set from what the network itself says."""
        (weight,) = self.reads()
        return Channel("forecast", weight)

    @property
    def claims(self) -> bool:
        """True: the virtual one."""
        return True

    def words(self) -> str:
        """Return the probability, and by when."""
        return f"says {100 * self.probability:.4g}% by {day_words(self.speaks_of_instant)}"

    def drawn(self, heard: Heard) -> "Forecast":
        """Return it with its base stated, on the other side of it if it speaks against."""
        if heard.number is None:
            return self
        base = float(expit(logit(self.probability) - heard.number))
        turned = float(expit(logit(base) - heard.number))
        update = {"base": base, "probability": self.probability if heard.says_on else turned}
        return self.model_copy(update=update)


def replaced(items: Iterable[Item]) -> dict[str, str]:
    """Return the forecasts that do not count because their source has said another since.

    Parameters
    ----------
    items
        Those that stand, in the order of the record.

    Returns
    -------
    dict of str to str
        The id of each old forecast, and that of the first of those that stand in its place.
    """
    series: dict[tuple[str, str], list[Forecast]] = {}
    for item in items:
        if isinstance(item, Forecast):
            series.setdefault((item.source, item.event), []).append(item)
    found: dict[str, str] = {}
    for said in series.values():
        last = max(each.published_instant for each in said)
        newest = next(each.id for each in said if each.published_instant == last)
        found |= {each.id: newest for each in said if each.published_instant < last}
    return found
