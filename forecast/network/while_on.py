"""A link's strength, said as the child's rate while the parent is on.

The rate λ₁ while on was stated, and the child's base rate λ₀ has a prior of its own. The hazard
ratio is then λ₁/λ₀ and the extra rate λ₁ − λ₀: no numbers of their own, but what takes the base,
wherever it lies, to the rate that was stated. So the range that was stated is kept, however near to
the base it is and however vague that is. (An extra rate of its own, a log-normal put through the
differences of the quantiles, has a monstrous upper tail where the lower difference is small.)

An extra rate cannot be negative. Where λ₀ may lie above λ₁, the rate while on is the larger of λ₀
and a λ with P(λ ≤ x) = P(λ₁ ≤ x) / P(λ₀ ≤ x) at the ends and the median, so that the larger of both
has the quantiles stated; where they lie too close together for that, there is no such λ.
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecast.network.averaged import scaled
from forecast.network.prior import TINY, Fixed, Prior, Shaped, half_width

__all__ = ["Excess", "Warped", "WhileOn", "adding", "multiplying"]

type Array = NDArray[np.float64]

SOFTNESS = 0.01
"""How softly an extra rate comes down to zero, relative to the difference of the medians."""
MIDDLE, END = 0.01, 0.025
"""How far, relatively, the median and the ends of the rate while on may be from those stated."""
FINE = 0.25
"""The share of these that is left as it is."""
Z = half_width(0.9)
STATED = (-Z, 0.0, Z)
EDGE = 8.0
GRID = np.linspace(-EDGE, EDGE, 1601)
"""Standard normals; beyond there is nothing."""
NORMAL = NormalDist()


@dataclass(frozen=True)
class WhileOn:
    """The child's rate while the parent is on, from which the strength follows.

    Parameters
    ----------
    rate
        Its prior; of an extra rate, where the base may lie above it, that of the λ above.
    softness
        How softly an extra rate comes down to zero, per year; None for a hazard ratio.
    """

    rate: Prior
    softness: float | None = None

    def strength(self, rate: Array, base: Array) -> Array:
        """Return the strength that takes a base rate to a rate while on."""
        if self.softness is None:
            return rate / base
        return bent(rate - base, self.softness)

    def rate_of(self, strength: Array, base: Array) -> Array:
        """Return the rate of which this is the strength; the inverse of `strength`."""
        if self.softness is None:
            return strength * base
        return np.maximum(base + strength - self.softness**2 / strength, TINY)

    def at(self, base: float) -> Prior:
        """Return the prior of the strength, were the base rate known to be this."""
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
        How softly it comes down to zero.
    """

    number: Prior
    less: float
    softness: float

    @property
    def is_chance(self) -> bool:
        """False: it is a positive number."""
        return False

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

    @property
    def is_chance(self) -> bool:
        """False: it is a positive number."""
        return False

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


def multiplying(rate: Prior) -> WhileOn:
    """Return what is known of a hazard ratio, given the rate while on."""
    return WhileOn(rate)


@cache
def adding(rate: Prior, base: Prior) -> WhileOn | None:
    """Return what is known of an extra rate; None if no extra rate gives the rate while on.

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
        """Return how far from what was stated it is, where 1 is as far as may be."""
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
