"""Sources and their types: how often they are right, as a type and one by one."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from forecast.network.base import Id, Model
from forecast.network.fault import BadValueError, bad
from forecast.network.grade import Letter
from forecast.network.phrase import chance
from forecast.network.probability_belief import ProbabilityBelief
from forecast.network.rate_belief import RateBelief

__all__ = ["SHARE_SCHEMA", "Share", "Source", "SourceType", "to_share"]


def to_share(value: object) -> object:
    """Return a percentage as the number it stands for, and anything else as it is."""
    if not isinstance(value, str) or not value.strip().endswith("%"):
        return value
    try:
        return chance(value)
    except BadValueError:
        whole = {"0%": 0.0, "100%": 1.0}.get(value.strip())
        if whole is None:
            raise bad("must lie between 0% and 100%", "Write for example 0.1 or 10%.") from None
        return whole


SHARE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^[0-9.]+ ?%$"},
    ],
    "examples": [0.1, "10%"],
}

type Share = Annotated[
    float,
    Field(ge=0, le=1, examples=[0.1]),
    BeforeValidator(to_share),
    WithJsonSchema(SHARE_SCHEMA),
]


class SourceType(Model):
    """A type of source: what is believed of its members before any has a record of its own.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    hit_rate
        P(says on, given on), for reports of what is or was.
    false_alarm_rate
        P(says on, given off), for reports of what is or was.
    predictive_hit_rate, predictive_false_alarm_rate
        The same for predictions; as for reports if nothing is said.
    forecast_weight
        How much of the way from its base to its stated probability a forecast is worth, in
        log-odds: 0 for nothing, 1 for all.
    report_rate
        How soon a member would report an event that is on and that it watches: a chance within a
        span, or a rate. Needed where the evidence has a silence of it.
    count_rate_off, count_rate_on
        How many a member counts a year of what it counts, while the event is off, and while it is
        on. Needed where the evidence has a count of it.
    spread
        How much sources of the type differ: the standard deviation of their log-odds.
    check
        The chance that a source which repeats another has checked for itself.
    why
        Why these numbers.
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: Id = Field(examples=["news_agency"])
    title: str = ""
    hit_rate: ProbabilityBelief = Field(examples=["70% [50%, 85%]"])
    false_alarm_rate: ProbabilityBelief = Field(examples=["5% [1%, 15%]"])
    predictive_hit_rate: ProbabilityBelief | None = None
    predictive_false_alarm_rate: ProbabilityBelief | None = None
    forecast_weight: ProbabilityBelief = ProbabilityBelief.parse("50% [20%, 80%]")
    report_rate: RateBelief | None = Field(default=None, examples=["80% [50%, 95%] within 1 month"])
    count_rate_off: RateBelief | None = Field(default=None, examples=["24 per year [12, 48]"])
    count_rate_on: RateBelief | None = Field(default=None, examples=["10 per month [5, 20]"])
    spread: float = Field(default=0.5, ge=0)
    check: Share = 0.1
    why: str = ""


class Source(Model):
    """One source; what is not said of it is learned, pooled with its type.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    type
        The type it belongs to.
    hit_rate, false_alarm_rate, predictive_hit_rate, predictive_false_alarm_rate
        Its own rates, where they are known apart from the type.
    forecast_weight
        How much its forecasts are worth, where that is known apart from the type.
    report_rate
        How soon it would report what is on, where that is known apart from the type.
    count_rate_off, count_rate_on
        How many it counts a year while the event is off, and while it is on, where that is known
        apart from the type. One source counts one indicator.
    grade
        The Admiralty code's letter for it, A to F: gives the two rates for reports that are not
        stated here.
    check
        The chance that it has checked for itself what it repeats; its type's if nothing is said.
    why
        Why these numbers.
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: Id = Field(examples=["yonhap"])
    title: str = ""
    type: Id = Field(examples=["news_agency"])
    hit_rate: ProbabilityBelief | None = None
    false_alarm_rate: ProbabilityBelief | None = None
    predictive_hit_rate: ProbabilityBelief | None = None
    predictive_false_alarm_rate: ProbabilityBelief | None = None
    forecast_weight: ProbabilityBelief | None = None
    report_rate: RateBelief | None = None
    count_rate_off: RateBelief | None = None
    count_rate_on: RateBelief | None = None
    grade: Letter | None = None
    check: Share | None = None
    why: str = ""
