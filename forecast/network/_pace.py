"""Beliefs about a pace: how long until half of what will come has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log
from typing import ClassVar

from forecast.network._base import bad
from forecast.network._phrase import Range, span_range, split
from forecast.network._prior import Fixed, LogNormal
from forecast.network._rate_belief import RateBelief
from forecast.network._spoken import INTERVAL_PIECES, Wording, reject_unknown_keys, sentence


@dataclass(frozen=True)
class Pace(RateBelief):
    """How soon it comes if it ever does: by when half of the chance has been used up.

    With a half-time h in years the rate is ln 2 / h per year.

    Examples
    --------
    >>> from datetime import date
    >>> pace = Pace.parse("half of it within 4 months [2, 9]")
    >>> round(pace.prior(date(2024, 6, 1)).median(), 3)
    2.079
    """

    range: Range
    wording: Wording = field(compare=False)

    lead: ClassVar[str] = "half of it within"
    description: ClassVar[str] = (
        "How soon it comes if it ever does: the time within which half of the chance is used up, "
        "with its 90% interval (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "half of it within 4 months [2, 9]",
        "half of it within 10 days",
    )
    pieces: ClassVar[Mapping[str, str]] = {
        "median": "The half-time, such as 4 months.",
        **INTERVAL_PIECES,
    }

    @classmethod
    def _read(cls, wording: Wording) -> "Pace":
        if isinstance(wording, dict):
            reject_unknown_keys(wording, ("median", "interval", "level"))
            phrase = split(sentence(wording, "median"))
            return cls(span_range(phrase.head, phrase), wording)
        lead, _, rest = wording.partition(cls.lead + " ")
        if lead or not rest:
            raise bad(
                f"does not begin with '{cls.lead}'", f"Write for example '{cls.examples[0]}'."
            )
        phrase = split(rest)
        return cls(span_range(phrase.head, phrase), wording)

    def prior(self, start: date) -> Fixed | LogNormal:  # noqa: ARG002  # as in the others
        """Return the log-normal rate per year, or the number known exactly."""
        return self.range.through(lambda half: log(2) / half).log_normal()


@dataclass(frozen=True)
class Lag(Pace):
    """How soon what has happened is confirmed: half of such events are by then.

    Examples
    --------
    >>> str(Lag.parse("within 2 weeks [3 days, 2 months]"))
    'within 2 weeks [3 days, 2 months]'
    """

    lead: ClassVar[str] = "within"
    description: ClassVar[str] = (
        "The time within which half of such events are confirmed, with its 90% interval (or the "
        "level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = ("within 2 weeks [3 days, 2 months]", "within 1 month")
