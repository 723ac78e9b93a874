"""Priors as transforms of a standard normal z: what a belief becomes.

Every prior is a smooth increasing function of one standard normal number, so that any sampler can
work on z alone. `from_z` is that function and `dvalue_dz` its slope; both take arrays.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fixed", "Gamma", "LogNormal", "LogitNormal", "Prior", "Shaped", "half_width"]

type Array = NDArray[np.float64]

LOG_ROOT_TWO_PI = 0.5 * float(np.log(2 * np.pi))
FARTHEST = 37.0
"""Beyond this |z| a normal tail has no floating-point probability left."""
TINY = float(np.finfo(float).tiny)


def half_width(level: float) -> float:
    """Return z such that a standard normal lies within ±z with probability `level`.

    Examples
    --------
    >>> round(half_width(0.9), 4)
    1.6449
    """
    return NormalDist().inv_cdf(0.5 + level / 2)


@dataclass(frozen=True)
class Fixed:
    """A number known exactly.

    Parameters
    ----------
    value
        The number.
    """

    value: float

    def from_z(self, z: Array) -> Array:
        """Return the value, whatever z is; same shape as z."""
        return np.full(np.shape(z), self.value)

    def dvalue_dz(self, z: Array) -> Array:
        """Return zeros, the slope of a constant; same shape as z."""
        return np.zeros(np.shape(z))

    def median(self) -> float:
        """Return the value."""
        return self.value

    def interval(self, level: float = 0.9) -> tuple[float, float]:  # noqa: ARG002  # as in the others
        """Return the value twice: an interval without width."""
        return self.value, self.value


@dataclass(frozen=True)
class LogNormal:
    """A positive number whose logarithm is normal: exp(mu + sigma z).

    Parameters
    ----------
    mu, sigma
        Mean and standard deviation of the logarithm.
    """

    mu: float
    sigma: float

    def from_z(self, z: Array) -> Array:
        """Return the values at standard normal z."""
        return np.asarray(np.exp(self.mu + self.sigma * np.asarray(z)))

    def dvalue_dz(self, z: Array) -> Array:
        """Return the slope of `from_z` at z."""
        return self.sigma * self.from_z(z)

    def median(self) -> float:
        """Return the median."""
        return exp(self.mu)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds probability `level`."""
        return _interval(self, level)


@dataclass(frozen=True)
class LogitNormal:
    """A probability whose log-odds are normal: 1 / (1 + exp(−mu − sigma z)).

    Parameters
    ----------
    mu, sigma
        Mean and standard deviation of the log-odds.
    """

    mu: float
    sigma: float

    def from_z(self, z: Array) -> Array:
        """Return the probabilities at standard normal z."""
        return expit(self.mu + self.sigma * np.asarray(z))

    def dvalue_dz(self, z: Array) -> Array:
        """Return the slope of `from_z` at z."""
        log_odds = self.mu + self.sigma * np.asarray(z)
        return self.sigma * expit(log_odds) * expit(-log_odds)

    def median(self) -> float:
        """Return the median."""
        return probability_of(self.mu)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds probability `level`."""
        return _interval(self, level)


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution: a rate per year after `shape` − ½ onsets in `rate` years [1]_.

    Parameters
    ----------
    shape
        Shape, without a unit.
    rate
        Inverse scale, in years for a rate per year.

    References
    ----------
    .. [1] Jeffreys, H. (1961). Theory of Probability, 3rd ed. Oxford: Clarendon Press, ch. 3.
    """

    shape: float
    rate: float

    def from_z(self, z: Array) -> Array:
        """Return the values at standard normal z; the smaller tail is inverted, for its digits."""
        return self._unit(np.asarray(z, dtype=float)) / self.rate

    def dvalue_dz(self, z: Array) -> Array:
        """Return the normal density at z over the gamma density at `from_z(z)`, by logarithms."""
        z = np.asarray(z, dtype=float)
        unit = self._unit(z)
        log_unit = np.log(unit)
        log_gamma_density = (self.shape - 1) * log_unit - unit - lgamma(self.shape)
        log_slope = -0.5 * z * z - LOG_ROOT_TWO_PI - log_gamma_density
        return np.where(unit > TINY, np.exp(log_slope), 0.0) / self.rate

    def median(self) -> float:
        """Return the median."""
        return float(self.from_z(np.zeros(()))[()])

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds probability `level`."""
        return _interval(self, level)

    def _unit(self, z: Array) -> Array:
        # Imported here: scipy.special takes longer to load than a whole check of files.
        from scipy.special import gammainccinv, gammaincinv, ndtr  # noqa: PLC0415

        z = np.clip(z, -FARTHEST, FARTHEST)
        below = z < 0
        unit = np.empty(z.shape)
        unit[below] = gammaincinv(self.shape, ndtr(z[below]))
        unit[~below] = gammainccinv(self.shape, ndtr(-z[~below]))
        return np.maximum(unit, TINY)


class Shaped(ABC):
    """A number of a shape of its own: a smooth increasing function of z that has no shorter name.

    It is given as a line, which is the number's logarithm (the log-odds of a probability): where
    compiled code cannot call it, the line is read from a table.
    """

    @property
    @abstractmethod
    def is_chance(self) -> bool:
        """Whether the number is a probability, so that its line is that of its log-odds."""

    @abstractmethod
    def line(self, z: Array) -> Array:
        """Return the logarithm or the log-odds at standard normal z; same shape as z."""

    @abstractmethod
    def dline_dz(self, z: Array) -> Array:
        """Return the slope of `line` at z; same shape as z."""

    def from_z(self, z: Array) -> Array:
        """Return the values at standard normal z; same shape as z."""
        line = self.line(np.asarray(z, dtype=float))
        return expit(line) if self.is_chance else np.asarray(np.exp(line))

    def dvalue_dz(self, z: Array) -> Array:
        """Return the slope of `from_z` at z."""
        line = self.line(np.asarray(z, dtype=float))
        value = expit(line) * expit(-line) if self.is_chance else np.exp(line)
        return np.asarray(value * self.dline_dz(z))

    def median(self) -> float:
        """Return the median."""
        return float(self.from_z(np.zeros(()))[()])

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds probability `level`."""
        return _interval(self, level)


type Prior = Fixed | LogNormal | LogitNormal | Gamma | Shaped


def _interval(prior: LogNormal | LogitNormal | Gamma | Shaped, level: float) -> tuple[float, float]:
    z = half_width(level)
    low, high = prior.from_z(np.array([-z, z]))
    return float(low), float(high)


def log_normal(median: float, low: float, high: float, level: float) -> LogNormal:
    """Return the log-normal with this median whose central interval is as wide as [low, high]."""
    return LogNormal(log(median), (log(high) - log(low)) / (2 * half_width(level)))


def logit_normal(median: float, low: float, high: float, level: float) -> LogitNormal:
    """Return the logit-normal with this median whose interval is as wide as [low, high]."""
    return LogitNormal(logit(median), (logit(high) - logit(low)) / (2 * half_width(level)))


def logit(probability: float) -> float:
    """Return the log-odds of a probability."""
    return log(probability) - log1p(-probability)


def probability_of(log_odds: float) -> float:
    """Return the probability that log-odds stand for; the inverse of `logit`."""
    return float(expit(np.asarray(log_odds)))


def expit(log_odds: Array) -> Array:
    """Return probabilities for log-odds, to full relative precision in the lower tail."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))
