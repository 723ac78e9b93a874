"""Beliefs about a rate while a parent is on: ``if on: 40% [20%, 60%] within 6 months``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from forecast.network.fault import BadValueError, bad
from forecast.network.phrase import LEVEL
from forecast.network.prior import Fixed, Prior
from forecast.network.rate_belief import Chance, RateBelief
from forecast.network.spoken import Belief, Said, reject_unknown_keys, taken
from forecast.network.while_on import WhileOn, adding, multiplying

__all__ = ["ConditionalBelief", "is_conditional"]

_IF_ON = re.compile(r"if on ?: ?(.+)", re.IGNORECASE)
KEYS = ("if on", "if_on")
SAME = 0.05
"""Relative difference up to which an end is told as it was written."""


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

    Against the child's base rate λ₀, a rate λ₁ while on is the hazard ratio ρ = λ₁/λ₀, or the extra
    rate γ = λ₁ − λ₀.
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

    def while_on(self, base: Prior, start: date, *, adds: bool) -> WhileOn | Fixed:
        """Return what is known of the strength, or the one number that it is.

        A rate without a range makes the strength one number, against the median of the base.

        Parameters
        ----------
        base
            The prior of the child's base rate per year.
        start
            The network's first day.
        adds
            Whether the strength is an extra rate, and not a hazard ratio.

        Raises
        ------
        BadValueError
            If it is an extra rate, and the base rate is not below the rate while on.
        """
        rate = self.rate.prior(start)
        if not adds:
            if isinstance(rate, Fixed):
                return Fixed(rate.value / base.median())
            return multiplying(rate)
        middle, (low, high) = base.median(), rate.interval(LEVEL)
        self._must_exceed(middle, rate.median(), "", start)
        if isinstance(rate, Fixed):
            return Fixed(rate.value - middle)
        self._must_exceed(middle, low, "the lower end of ", start)
        found = adding(rate, base) if high > base.interval(LEVEL)[1] else None
        if found is None:
            raise self._too_near(rate, base, start)
        return found

    def _must_exceed(self, base: float, rate: float, what: str, start: date) -> None:
        if rate > base:
            return
        least = self._told(base, start)
        if isinstance(self.rate, Chance):
            least += " over the same time"
        raise bad(
            f"{what}the rate while the parent is on ({self._told(rate, start)}"
            f"{self._as_read(rate, start)}) is not above the child's own base rate ({least}), so "
            "the parent would cause nothing",
            f"Write one above {least}, or use kind: multiplies with the same words as "
            "hazard_ratio, which may lie below the base or on both sides of it.",
        )

    def _as_read(self, rate: float, start: date) -> str:
        """Return why an end is not the one that was written: a range is read as its width."""
        if not isinstance(self.rate, Chance) or self.rate.range.interval is None:
            return ""
        here = self.rate.probability_at(rate, start)
        said = (self.rate.range.median, *self.rate.range.interval)
        if self.rate.range.level != LEVEL or min(abs(here / p - 1) for p in said) < SAME:
            return ""
        return ", for a range is read as its width, laid evenly about its median"

    def _too_near(self, rate: Prior, base: Prior, start: date) -> BadValueError:
        on, own = (
            " to ".join(self._told(end, start) for end in prior.interval(LEVEL))
            for prior in (rate, base)
        )
        return bad(
            f"the rate while the parent is on ({on}) lies too close to the child's own base rate "
            f"({own}) for its range to be kept by a parent that can only add to it",
            "State a range that lies higher, or a base rate that is known better, or use kind: "
            "multiplies with the same words as hazard_ratio, which keeps any range.",
        )

    def _told(self, rate: float, start: date) -> str:
        if isinstance(self.rate, Chance):
            return f"{self.rate.probability_at(rate, start):.1%}"
        return f"{rate:.3g} per year"
