"""Beliefs about plain quantities: a ratio ``x3 [1.5, 6]`` and a duration ``3 months [1, 6]``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from forecast.network.fault import bad
from forecast.network.phrase import Range, number, period, split, to_range
from forecast.network.prior import Fixed, LogNormal
from forecast.network.spoken import (
    INTERVAL_PIECES,
    Belief,
    Said,
    reject_unknown_keys,
    sentence,
    taken,
)

__all__ = ["DurationBelief", "RatioBelief"]


@dataclass(frozen=True)
class RatioBelief(Belief):
    """What somebody believes about a ratio: a hazard ratio, or a likelihood ratio.

    Examples
    --------
    >>> round(RatioBelief.parse("×3 [1.5, 6]").prior().median(), 6)
    3.0
    """

    range: Range
    said: Said = field(compare=False)

    description: ClassVar[str] = (
        "How many times as high (×3) or as low (×0.5), and the interval that holds it with 90% "
        "confidence (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = ("x3 [1.5, 6]", "×0.5 [0.2, 0.9] (80% interval)")
    pieces: ClassVar[Mapping[str, str]] = {"median": "The ratio, such as 3.", **INTERVAL_PIECES}

    @classmethod
    def parse(cls, source: object) -> "RatioBelief":
        """Return the belief that a text or a mapping states.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        if isinstance(source, RatioBelief):
            return source
        said = taken(source)
        phrase = split(said if isinstance(said, str) else _sentence(said))
        return cls(to_range(_ratio(phrase.head), phrase, _ratio, phrase.head), said)

    def prior(self) -> Fixed | LogNormal:
        """Return the log-normal ratio, or the number known exactly."""
        return self.range.log_normal()


@dataclass(frozen=True)
class DurationBelief(Belief):
    """What somebody believes about a length of time, in years.

    Examples
    --------
    >>> round(DurationBelief.parse("3 months [1 month, 6 months]").prior().median(), 6)
    0.25
    """

    range: Range
    said: Said = field(compare=False)

    description: ClassVar[str] = (
        "A length of time in days, weeks, months or years, and the interval that holds it with "
        "90% confidence (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = ("3 months [1 month, 6 months]", "10 days")
    pieces: ClassVar[Mapping[str, str]] = {
        "median": "The length of time, such as 3 months.",
        **INTERVAL_PIECES,
    }

    @classmethod
    def parse(cls, source: object) -> "DurationBelief":
        """Return the belief that a text or a mapping states.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        if isinstance(source, DurationBelief):
            return source
        said = taken(source)
        phrase = split(said if isinstance(said, str) else _sentence(said))
        unit = phrase.head.split(" ")[-1]

        def years(text: str) -> float:
            return period(text, unit)

        return cls(to_range(period(phrase.head), phrase, years, phrase.head), said)

    def prior(self) -> Fixed | LogNormal:
        """Return the log-normal duration in years, or the number known exactly."""
        return self.range.log_normal()


def _sentence(said: dict[str, object]) -> str:
    reject_unknown_keys(said, ("median", "interval", "level"))
    return sentence(said, "median")


def _ratio(text: str) -> float:
    text = text.strip()
    digits = text.removeprefix("x").removesuffix("x").strip()
    if text.endswith("%"):
        raise bad(
            f"'{text}' is a percentage, not a ratio",
            "Write how many times as high: 'x1.3' is 30% higher, 'x0.7' is 30% lower.",
        )
    try:
        return number(digits, "ratio")
    except ValueError as error:
        fault = getattr(error, "faults")[0]  # noqa: B009
        raise bad(fault.problem, fault.remedy or "Write for example 'x3 [1.5, 6]'.") from error
