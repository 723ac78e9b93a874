"""Beliefs about a rate while a parent is on: ``if on: 40% [20%, 60%] within 6 months``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log
from typing import ClassVar

from forecast.network.fault import bad
from forecast.network.phrase import LEVEL, Range
from forecast.network.prior import Fixed, Gamma, LogNormal
from forecast.network.rate_belief import Chance, RateBelief
from forecast.network.spoken import Belief, Said, reject_unknown_keys, taken

__all__ = ["ConditionalBelief", "is_conditional"]

_IF_ON = re.compile(r"if on ?: ?(.+)", re.IGNORECASE)
KEYS = ("if on", "if_on")


def is_conditional(source: object) -> bool:
    """Return whether a text or a mapping states a conditional belief."""
    if isinstance(source, str):
        return re.match(r"\s*if\b", source, re.IGNORECASE) is not None
    if isinstance(source, dict):
        return any(key in source for key in KEYS)
    return isinstance(source, ConditionalBelief)


@dataclass(frozen=True)
class ConditionalBelief(Belief):
    """What somebody believes about the child's rate while the parent is on, all else at its base.

    Against the child's base rate λ₀ (the median of its prior), a rate λ₁ while on is the hazard
    ratio ρ = λ₁/λ₀, or the extra rate γ = λ₁ − λ₀.
    """

    rate: RateBelief
    said: Said = field(compare=False)

    description: ClassVar[str] = (
        "How readily the child happens while the parent is on, everything else at its base: "
        "'if on: ' and a rate."
    )
    examples: ClassVar[tuple[str, ...]] = ("if on: 40% [20%, 60%] within 6 months",)
    pieces: ClassVar[Mapping[str, str]] = dict.fromkeys(
        KEYS, "The rate while the parent is on, such as 40% [20%, 60%] within 6 months."
    )

    @classmethod
    def parse(cls, source: object) -> "ConditionalBelief":
        """Return the belief that a text or a mapping states.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        if isinstance(source, ConditionalBelief):
            return source
        said = taken(source)
        if isinstance(said, dict):
            key = next((key for key in KEYS if key in said), KEYS[0])
            reject_unknown_keys(said, (key,))
            return cls(RateBelief.parse(said.get(key)), said)
        spoken = _IF_ON.fullmatch(said)
        if spoken is None:
            raise bad(
                "is not a conditional belief",
                "Write for example 'if on: 40% [20%, 60%] within 6 months'.",
            )
        return cls(RateBelief.parse(spoken[1]), said)

    def hazard_ratio(self, base: float, start: date) -> Fixed | LogNormal | Gamma:
        """Return the prior of ρ, given the child's base rate per year."""
        prior = self.rate.prior(start)
        if isinstance(prior, Fixed):
            return Fixed(prior.value / base)
        if isinstance(prior, LogNormal):
            return LogNormal(prior.mu - log(base), prior.sigma)
        return Gamma(prior.shape, prior.rate * base)

    def extra_rate(self, base: float, start: date) -> Fixed | LogNormal:
        """Return the prior of γ per year, given the child's base rate per year.

        Raises
        ------
        BadValueError
            If γ would not be above 0 over the whole interval.
        """
        prior = self.rate.prior(start)
        median = prior.median()
        if isinstance(prior, Fixed):
            self._must_exceed(base, median, "", start)
            return Fixed(median - base)
        low, high = prior.interval(LEVEL)
        self._must_exceed(base, median, "", start)
        self._must_exceed(base, low, "the lower end of ", start)
        return Range(median - base, (low - base, high - base), LEVEL).log_normal()

    def _must_exceed(self, base: float, rate: float, what: str, start: date) -> None:
        if rate > base:
            return
        least = f"{base:.3g} per year"
        if isinstance(self.rate, Chance):
            least = f"{self.rate.probability_at(base, start):.1%} over the same time"
        raise bad(
            f"{what}the rate while the parent is on is not above the child's own base rate "
            f"({least}), so the parent would cause nothing",
            f"Write one above {least}; for a parent that makes it less likely, use kind: "
            "multiplies with hazard_ratio.",
        )
