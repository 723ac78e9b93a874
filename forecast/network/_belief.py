"""Beliefs about a probability (``30% [10%, 60%]``), a ratio (``x3 [1.5, 6]``) or a duration."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forecast.network._base import bad
from forecast.network._phrase import (
    LEVEL,
    Phrase,
    Range,
    chance,
    look_up,
    number,
    scales,
    span_range,
    split,
    to_range,
)
from forecast.network._prior import (
    Fixed,
    LogitNormal,
    LogNormal,
    PoolKind,
    Prior,
    averaged_chance,
    logit,
    probability_of,
)
from forecast.network._spoken import (
    INTERVAL_PIECES,
    POOL_PIECES,
    Belief,
    Expert,
    Wording,
    read_pool,
    reject_unknown_keys,
    sentence,
)

_WORD = re.compile(r"([a-z][a-z0-9_]*) ?: ?([a-z].*)")


class ProbabilityBelief(Belief):
    """A belief about a probability.

    Examples
    --------
    >>> belief = ProbabilityBelief.parse("30% [10%, 60%]")
    >>> round(belief.prior().median(), 3)
    0.3
    """

    description: ClassVar[str] = (
        "A probability: a percentage, a number, odds, or a word on a named scale, and the interval "
        "that holds it with 90% confidence (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "30% [10%, 60%]",
        "0.3 [0.1, 0.6] (80% interval)",
        "1:9",
        "icd203: likely",
    )
    pieces: ClassVar[Mapping[str, str]] = {
        "median": "The probability: 30%, 0.3 or 1:9.",
        **INTERVAL_PIECES,
        **POOL_PIECES,
        **{scale: f"A word on the scale {scale}, such as likely." for scale in scales()},
    }

    @classmethod
    def _read(cls, wording: Wording) -> "ProbabilityBelief":
        if isinstance(wording, dict) and "pool" in wording:
            return ProbabilityPool(*read_pool(wording, ProbabilityBelief.parse), wording)
        return ProbabilityRange(_range(wording), wording)

    @abstractmethod
    def prior(self) -> Prior:
        """Return the prior of the probability."""


@dataclass(frozen=True)
class ProbabilityRange(ProbabilityBelief):
    """A probability, with its interval if it is uncertain."""

    range: Range
    wording: Wording = field(compare=False)

    def prior(self) -> Fixed | LogitNormal:
        """Return the logit-normal, or the number known exactly."""
        return self.range.logit_normal()


@dataclass(frozen=True)
class ProbabilityPool(ProbabilityBelief):
    """Several experts' probabilities."""

    kind: PoolKind
    experts: tuple[Expert[ProbabilityBelief], ...]
    wording: Wording = field(compare=False)

    def prior(self) -> Prior:
        """Return the prior whose quantiles are averages of the experts'."""
        priors = [expert.belief.prior() for expert in self.experts]
        weights = [expert.weight for expert in self.experts]
        return averaged_chance(self.kind, priors, weights)


def _range(wording: Wording) -> Range:
    text = wording if isinstance(wording, str) else _sentence(wording)
    phrase = split(text)
    if re.search(r" (?:within|by) ", f" {phrase.head} "):
        raise bad(
            "is a probability at one moment, so it takes no 'within' and no 'by'",
            "Write the probability alone, such as '30% [10%, 60%]'.",
        )
    return chance_range(phrase)


def _sentence(wording: dict[str, Any]) -> str:
    scale = next((key for key in wording if key.lower() in scales()), "")
    if scale:
        reject_unknown_keys(wording, (scale,))
        return sentence(wording, scale, before=f"{scale}: ")
    reject_unknown_keys(wording, ("median", "interval", "level", *scales()))
    return sentence(wording, "median")


def chance_range(phrase: Phrase) -> Range:
    """Return the range of a probability: stated outright, as odds, or by a word on a scale."""
    word = _WORD.fullmatch(phrase.head)
    if word is None:
        return to_range(chance(phrase.head), phrase, chance, phrase.head)
    if phrase.ends is not None:
        raise bad(
            f"'{phrase.head}' already stands for a range, so it takes no interval",
            "Leave the interval out, or write the probability as a number.",
        )
    low, high = look_up(word[1], word[2])
    middle = probability_of((logit(low) + logit(high)) / 2)
    return Range(middle, (low, high), LEVEL)


@dataclass(frozen=True)
class RatioBelief(Belief):
    """A belief about a ratio: a hazard ratio, or a likelihood ratio.

    Examples
    --------
    >>> round(RatioBelief.parse("×3 [1.5, 6]").prior().median(), 6)
    3.0
    """

    range: Range
    wording: Wording = field(compare=False)

    description: ClassVar[str] = (
        "How many times as high (×3) or as low (×0.5), and the interval that holds it with 90% "
        "confidence (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = ("x3 [1.5, 6]", "×0.5 [0.2, 0.9] (80% interval)")
    pieces: ClassVar[Mapping[str, str]] = {"median": "The ratio, such as 3.", **INTERVAL_PIECES}

    @classmethod
    def _read(cls, wording: Wording) -> "RatioBelief":
        phrase = split(wording if isinstance(wording, str) else _median_sentence(wording))
        return cls(to_range(_ratio(phrase.head), phrase, _ratio, phrase.head), wording)

    def prior(self) -> Fixed | LogNormal:
        """Return the log-normal ratio, or the number known exactly."""
        return self.range.log_normal()


@dataclass(frozen=True)
class DurationBelief(Belief):
    """A belief about a length of time, in years.

    Examples
    --------
    >>> round(DurationBelief.parse("3 months [1 month, 6 months]").prior().median(), 6)
    0.25
    """

    range: Range
    wording: Wording = field(compare=False)

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
    def _read(cls, wording: Wording) -> "DurationBelief":
        phrase = split(wording if isinstance(wording, str) else _median_sentence(wording))
        return cls(span_range(phrase.head, phrase), wording)

    def prior(self) -> Fixed | LogNormal:
        """Return the log-normal duration in years, or the number known exactly."""
        return self.range.log_normal()


def _median_sentence(wording: dict[str, object]) -> str:
    reject_unknown_keys(wording, ("median", "interval", "level"))
    return sentence(wording, "median")


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
