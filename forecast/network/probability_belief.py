"""Beliefs about a probability: ``30% [10%, 60%]``, ``1:9``, ``icd203: likely``, or a pool."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forecast.network.averaged import averaged_chance
from forecast.network.fault import bad
from forecast.network.phrase import LEVEL, Phrase, Range, chance, split, to_range
from forecast.network.pool import Expert, PoolKind, read_pool
from forecast.network.prior import Fixed, LogitNormal, Prior, logit, probability_of
from forecast.network.scale import look_up, scales
from forecast.network.spoken import (
    INTERVAL_PIECES,
    POOL_PIECES,
    Belief,
    Said,
    reject_unknown_keys,
    sentence,
    taken,
)

__all__ = ["ProbabilityBelief", "ProbabilityPool", "ProbabilityRange", "chance_range"]

_WORD = re.compile(r"([a-z][a-z0-9_]*) ?: ?([a-z].*)")


class ProbabilityBelief(Belief):
    """What somebody believes about a probability.

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
    def parse(cls, source: object) -> "ProbabilityBelief":
        """Return the belief that a text or a mapping states.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        if isinstance(source, ProbabilityBelief):
            return source
        said = taken(source)
        if isinstance(said, dict) and "pool" in said:
            kind, experts = read_pool(said, _single_expert)
            return ProbabilityPool(kind, experts, said)
        return ProbabilityRange(_range(said), said)

    @abstractmethod
    def prior(self) -> Prior:
        """Return the prior of the probability."""


@dataclass(frozen=True)
class ProbabilityRange(ProbabilityBelief):
    """A probability, with its interval if it is uncertain."""

    range: Range
    said: Said = field(compare=False)

    def prior(self) -> Fixed | LogitNormal:
        """Return the logit-normal, or the number known exactly."""
        return self.range.logit_normal()


@dataclass(frozen=True)
class ProbabilityPool(ProbabilityBelief):
    """Several experts' probabilities."""

    kind: PoolKind
    experts: tuple[Expert[ProbabilityBelief], ...]
    said: Said = field(compare=False)

    def prior(self) -> Prior:
        """Return the prior whose every quantile is the average of the experts'."""
        priors = [expert.belief.prior() for expert in self.experts]
        weights = [expert.weight for expert in self.experts]
        return averaged_chance(self.kind, priors, weights)


def _single_expert(source: object) -> ProbabilityBelief:
    belief = ProbabilityBelief.parse(source)
    if isinstance(belief, ProbabilityPool):
        raise bad("is a pool within a pool", "List all experts in one pool.")
    return belief


def _range(said: Said) -> Range:
    text = said if isinstance(said, str) else _sentence(said)
    phrase = split(text)
    if re.search(r" (?:within|by) ", f" {phrase.head} "):
        raise bad(
            "is a probability at one moment, so it takes no 'within' and no 'by'",
            "Write the probability alone, such as '30% [10%, 60%]'.",
        )
    return chance_range(phrase)


def _sentence(said: dict[str, Any]) -> str:
    scale = next((key for key in said if key.lower() in scales()), "")
    if scale:
        reject_unknown_keys(said, (scale,))
        return sentence(said, scale, before=f"{scale}: ")
    reject_unknown_keys(said, ("median", "interval", "level", *scales()))
    return sentence(said, "median")


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
