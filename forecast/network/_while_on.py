"""A link's strength, given as the child's rate while the parent is on.

``if on: 40% [20%, 60%] within 6 months`` states the rate λ₁ while on; the child's base rate λ₀ has
a prior of its own. The hazard ratio is λ₁/λ₀ and the extra rate λ₁ − λ₀: not numbers of their own,
but whatever takes the base to the stated rate. So the stated range is kept, however close to the
base it is and however vague the base. (A log-normal fitted to the differences of the quantiles has
a huge upper tail if the lower difference is small.)

An extra rate cannot be negative. If λ₀ may exceed λ₁, the rate while on is the larger of λ₀ and a λ
with P(λ ≤ x) = P(λ₁ ≤ x) / P(λ₀ ≤ x) at the ends and the median, so that the larger of the two has
the stated quantiles. If they lie too close together, no such λ exists.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from statistics import NormalDist
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecast.network._base import BadValueError, bad
from forecast.network._phrase import LEVEL
from forecast.network._prior import TINY, Fixed, Prior, Shaped, half_width, scaled
from forecast.network._rate_belief import Chance, RateBelief
from forecast.network._spoken import Belief, Wording, reject_unknown_keys

type Array = NDArray[np.float64]

SOFTNESS = 0.01
"""How smoothly an extra rate falls to zero, relative to the difference of the medians."""
MIDDLE, END = 0.01, 0.025
"""Relative errors allowed in the median and the ends of the rate while on."""
FINE = 0.25
"""The share of these that is not corrected."""
Z = half_width(0.9)
STATED = (-Z, 0.0, Z)
EDGE = 8.0
GRID = np.linspace(-EDGE, EDGE, 1601)
"""Standard normals; no probability is left beyond."""
NORMAL = NormalDist()


@dataclass(frozen=True)
class WhileOn:
    """The child's rate while the parent is on, from which the strength follows.

    Parameters
    ----------
    rate
        Its prior; for an extra rate whose base may exceed it, the prior of the λ above.
    softness
        How smoothly an extra rate falls to zero, per year; None for a hazard ratio.
    """

    rate: Prior
    softness: float | None = None

    def strength(self, rate: Array, base: Array) -> Array:
        """Return the strength that takes a base rate to a rate while on."""
        if self.softness is None:
            return rate / base
        return bent(rate - base, self.softness)

    def rate_of(self, strength: Array, base: Array) -> Array:
        """Return the rate while on that has this strength; the inverse of `strength`."""
        if self.softness is None:
            return strength * base
        return np.maximum(base + strength - self.softness**2 / strength, TINY)

    def at(self, base: float) -> Prior:
        """Return the prior of the strength given the base rate."""
        if self.softness is None:
            return scaled(self.rate, 1 / base)
        return Excess(self.rate, base, self.softness)


@dataclass(frozen=True)
class Excess(Shaped):
    """A positive number less a constant, bent so that it stays above zero.

    Parameters
    ----------
    number
        The prior of the number.
    less
        The constant.
    softness
        How smoothly it falls to zero.
    """

    number: Prior
    less: float
    softness: float

    def line(self, z: Array) -> Array:
        """Return the logarithm at standard normal z."""
        return np.log(bent(self.number.from_z(z) - self.less, self.softness))

    def dline_dz(self, z: Array) -> Array:
        """Return the slope of `line` at z."""
        above = self.number.from_z(z) - self.less
        return np.asarray(self.number.dvalue_dz(z) / np.hypot(above, 2 * self.softness))


@dataclass(frozen=True)
class Warped(Shaped):
    """A positive number with its quantiles moved: the number at h(z), for a smooth increasing h.

    Parameters
    ----------
    number
        The prior of the number.
    at, to
        Three standard normals each: h takes the first to the second. Between them it is cubic, and
        beyond them it has slope 1, so that the number keeps its tails.
    """

    number: Prior
    at: tuple[float, float, float]
    to: tuple[float, float, float]

    def line(self, z: Array) -> Array:
        """Return the logarithm at standard normal z."""
        return np.log(self.number.from_z(self._moved(z)[0]))

    def dline_dz(self, z: Array) -> Array:
        """Return the slope of `line` at z."""
        moved, slope = self._moved(z)
        return np.asarray(self.number.dvalue_dz(moved) / self.number.from_z(moved) * slope)

    def _moved(self, z: Array) -> tuple[Array, Array]:
        """Return h(z) and its slope, by cubics that rise throughout [1]_.

        References
        ----------
        .. [1] Fritsch, F. N. & Butland, J. (1984). A method for constructing local monotone
           piecewise cubic interpolants. SIAM J. Sci. Stat. Comput. 5(2), 300-304.
        """
        at, to = np.array(self.at), np.array(self.to)
        rise = np.diff(to) / np.diff(at)
        slopes = np.array([min(1.0, 3 * rise[0]), 2 / (1 / rise).sum(), min(1.0, 3 * rise[1])])
        inside = np.clip(z, at[0], at[2])
        k = np.where(inside < at[1], 0, 1)
        step = np.diff(at)[k]
        t = (inside - at[k]) / step
        a, b, c, d = to[k], step * slopes[k], to[k + 1], step * slopes[k + 1]
        moved = a + t * (b + t * (3 * (c - a) - 2 * b - d + t * (2 * (a - c) + b + d)))
        slope = (b + t * (2 * (3 * (c - a) - 2 * b - d) + 3 * t * (2 * (a - c) + b + d))) / step
        beyond = np.asarray(z) - inside
        return moved + beyond, np.where(beyond != 0, 1.0, slope)


def bent(above: Array, softness: float) -> Array:
    """Return (u + √(u² + 4 ε²)) / 2: u where it is large, ε²/−u where it is far below zero."""
    root = np.hypot(above, 2 * softness)
    high = np.maximum(above + root, softness) / 2
    low = 2 * softness**2 / np.maximum(root - above, softness)
    return np.where(np.asarray(above) > 0, high, low)


@cache
def adding(rate: Prior, base: Prior) -> WhileOn | None:
    """Return what is known about an extra rate; None if no extra rate gives the rate while on.

    Parameters
    ----------
    rate
        Of the child while the parent is on.
    base
        Of the child while it is off, with a lower median.
    """
    softness = SOFTNESS * (rate.median() - base.median())
    stated = rate.from_z(np.array(STATED))

    def off(tried: WhileOn) -> float:
        """Return the error relative to the largest allowed."""
        relative = np.abs(_quantiles(tried, base, stated) / stated - 1)
        return float((relative / np.array([END, MIDDLE, END])).max())

    found = WhileOn(rate, softness)
    distance = off(found)
    raised = None if distance <= FINE else _raised(rate, base, stated)
    if raised is not None and off(WhileOn(raised, softness)) < distance:
        found = WhileOn(raised, softness)
        distance = off(found)
    return found if distance <= 1 else None


def _raised(rate: Prior, base: Prior, stated: Array) -> Prior | None:
    """Return λ's prior, from P(λ ≤ x) = P(λ₁ ≤ x) / P(λ₀ ≤ x) at the three quantiles x."""
    if isinstance(base, Fixed):
        return None
    below = np.interp(stated, base.from_z(GRID), _normal_chances())
    chances = np.array([NORMAL.cdf(z) for z in STATED]) / below
    if not (np.diff(chances) > 0).all() or chances[2] >= 1:
        return None
    first, second, third = (NORMAL.inv_cdf(float(p)) for p in chances)
    return Warped(rate, (first, second, third), STATED)


def _quantiles(found: WhileOn, base: Prior, near: Array) -> Array:
    """Return the 5%, 50% and 95% quantiles of the base rate plus the extra rate."""
    assert found.softness is not None, found  # noqa: S101 - an extra rate
    bases, rates, chances = base.from_z(GRID), found.rate.from_z(GRID), _normal_chances()
    weights = np.exp(-0.5 * GRID * GRID)
    weights /= weights.sum()
    lowest = found.softness * 1e-9

    def below(sums: Array) -> Array:
        extra = np.maximum(sums[:, None] - bases, lowest)
        return np.asarray(np.interp(found.rate_of(extra, bases), rates, chances) @ weights)

    wanted = np.array([NORMAL.cdf(z) for z in STATED])
    low, high = np.log(near) - 1.0, np.log(near) + 1.0
    for _ in range(16):  # to some 1e-5
        middle = (low + high) / 2
        less = below(np.exp(middle)) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.asarray(np.exp((low + high) / 2))


@cache
def _normal_chances() -> Array:
    return np.array([NORMAL.cdf(z) for z in GRID.tolist()])


_IF_ON = re.compile(r"if on ?: ?(.+)", re.IGNORECASE)
KEYS = ("if on", "if_on")
SAME = 0.05
"""Relative difference up to which an end is shown as it was written."""


def is_conditional(source: object) -> bool:
    """Return whether a text or a mapping states a conditional belief."""
    if isinstance(source, str):
        return re.match(r"\s*if\b", source, re.IGNORECASE) is not None
    if isinstance(source, dict):
        return any(key in source for key in KEYS)
    return isinstance(source, ConditionalBelief)


@dataclass(frozen=True)
class ConditionalBelief(Belief):
    """A belief about the child's rate while the parent is on, everything else at its base.

    Relative to the child's base rate λ₀, a rate λ₁ while on is the hazard ratio ρ = λ₁/λ₀, or the
    extra rate γ = λ₁ − λ₀.
    """

    rate: RateBelief
    wording: Wording = field(compare=False)

    description: ClassVar[str] = (
        "How likely the child is to happen while the parent is on, everything else at its base: "
        "'if on: ' and a rate."
    )
    examples: ClassVar[tuple[str, ...]] = ("if on: 40% [20%, 60%] within 6 months",)
    pieces: ClassVar[Mapping[str, str]] = dict.fromkeys(
        KEYS, "The rate while the parent is on, such as 40% [20%, 60%] within 6 months."
    )

    @classmethod
    def _read(cls, wording: Wording) -> "ConditionalBelief":
        if isinstance(wording, dict):
            key = next((key for key in KEYS if key in wording), KEYS[0])
            reject_unknown_keys(wording, (key,))
            return cls(RateBelief.parse(wording.get(key)), wording)
        spoken = _IF_ON.fullmatch(wording)
        if spoken is None:
            raise bad(
                "is not a conditional belief",
                "Write for example 'if on: 40% [20%, 60%] within 6 months'.",
            )
        return cls(RateBelief.parse(spoken[1]), wording)

    def while_on(self, base: Prior, start: date, *, adds: bool) -> WhileOn | Fixed:
        """Return what is known about the strength; one number if the rate has no range.

        That number is relative to the median of the base.

        Parameters
        ----------
        base
            The prior of the child's base rate per year.
        start
            The network's first day.
        adds
            Whether the strength is an extra rate, and not a hazard ratio.
        """
        rate = self.rate.prior(start)
        if not adds:
            if isinstance(rate, Fixed):
                return Fixed(rate.value / base.median())
            return WhileOn(rate)
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
        """Return why an end differs from the one that was written: a range is read as its width."""
        if not isinstance(self.rate, Chance) or self.rate.range.interval is None:
            return ""
        here = self.rate.probability_at(rate, start)
        wording = (self.rate.range.median, *self.rate.range.interval)
        if self.rate.range.level != LEVEL or min(abs(here / p - 1) for p in wording) < SAME:
            return ""
        return ", as a range is read as its width, centred on its median"

    def _too_near(self, rate: Prior, base: Prior, start: date) -> BadValueError:
        on, own = (
            " to ".join(self._told(end, start) for end in prior.interval(LEVEL))
            for prior in (rate, base)
        )
        return bad(
            f"the rate while the parent is on ({on}) is too close to the child's own base rate "
            f"({own}): a parent that can only add to the rate cannot give this range",
            "State a higher range, or a more certain base rate, or use kind: multiplies with the "
            "same words as hazard_ratio, which keeps any range.",
        )

    def _told(self, rate: float, start: date) -> str:
        if isinstance(self.rate, Chance):
            return f"{self.rate.probability_at(rate, start):.1%}"
        return f"{rate:.3g} per year"
