"""Priors as increasing functions of a standard normal z: what a belief becomes.

Every prior is a smooth increasing function of one standard normal number, so that any sampler can
work on z alone. `from_z` is that function and `dvalue_dz` its slope; both take arrays.

A pool of several people's priors averages their quantiles: at each z its value is the weighted mean
of the experts' values at that z, so its every quantile, far tails included, is the mean of theirs.
A linear pool averages the quantiles, a logarithmic pool their logarithms (log-odds for a
probability) [1]_. Averaging quantiles keeps the pool as sharp as its experts; averaging densities
would not. A pool of one is that one.

References
----------
.. [1] Lichtendahl, K. C., Grushka-Cockayne, Y. & Winkler, R. L. (2013). Is it better to average
   probabilities or quantiles? Management Science 59(7), 1594-1611.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, lgamma, log, log1p
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
        """Return the value twice."""
        return self.value, self.value


class Uncertain(ABC):
    """A number that is not known exactly."""

    @abstractmethod
    def from_z(self, z: Array) -> Array:
        """Return the values at standard normal z; same shape as z."""

    def median(self) -> float:
        """Return the median."""
        return float(self.from_z(np.zeros(()))[()])

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval of this probability."""
        z = half_width(level)
        low, high = self.from_z(np.array([-z, z]))
        return float(low), float(high)


@dataclass(frozen=True)
class LogNormal(Uncertain):
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


@dataclass(frozen=True)
class LogitNormal(Uncertain):
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


@dataclass(frozen=True)
class Gamma(Uncertain):
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

    def _unit(self, z: Array) -> Array:
        # Imported here: scipy.special takes longer to load than a whole check of files.
        from scipy.special import gammainccinv, gammaincinv, ndtr  # noqa: PLC0415

        z = np.clip(z, -FARTHEST, FARTHEST)
        below = z < 0
        unit = np.empty(z.shape)
        unit[below] = gammaincinv(self.shape, ndtr(z[below]))
        unit[~below] = gammainccinv(self.shape, ndtr(-z[~below]))
        return np.maximum(unit, TINY)


class Shaped(Uncertain):
    """A number whose prior is some other smooth increasing function of z.

    It is given by its line, the number's logarithm (log-odds for a probability). Compiled code,
    which cannot call it, reads the line from a table.
    """

    @property
    def is_chance(self) -> bool:
        """Whether the number is a probability, so that its line is that of its log-odds."""
        return False

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


type Prior = Fixed | LogNormal | LogitNormal | Gamma | Shaped


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


type PoolKind = Literal["linear", "logarithmic"]
type Members = tuple[tuple[Prior, float], ...]


@dataclass(frozen=True)
class Averaged(Shaped):
    """A pool of priors of which at least two differ.

    Parameters
    ----------
    kind
        Whether values or their logarithms are averaged. A logarithmic pool of probabilities needs
        no class of its own: it is a logit-normal.
    members
        Each prior with its weight; the weights sum to 1.
    is_chance
        Whether the numbers are probabilities.
    """

    kind: PoolKind
    members: Members
    is_chance: bool = False

    def line(self, z: Array) -> Array:
        """Return the logarithm of the mean, or the mean of the logarithms; of a chance, log-odds.

        The log-odds are the mean's over those of its complement, for digits near one.
        """
        if self.is_chance:
            return np.log(self._mean(z)) - np.log(self._mean(z, complement=True))
        if self.kind == "linear":
            return np.log(self._mean(z))
        return self._sum([weight * np.log(prior.from_z(z)) for prior, weight in self.members])

    def dline_dz(self, z: Array) -> Array:
        """Return the slope of `line` at z."""
        z = np.asarray(z, dtype=float)
        if self.kind == "logarithmic":
            return self._sum(
                [weight * prior.dvalue_dz(z) / prior.from_z(z) for prior, weight in self.members]
            )
        slope = self._sum([weight * prior.dvalue_dz(z) for prior, weight in self.members])
        if self.is_chance:
            return slope / (self._mean(z) * self._mean(z, complement=True))
        return slope / self._mean(z)

    def _mean(self, z: Array, *, complement: bool = False) -> Array:
        return self._sum(
            [
                weight * (_complement(prior, z) if complement else prior.from_z(z))
                for prior, weight in self.members
            ]
        )

    @staticmethod
    def _sum(parts: Sequence[Array]) -> Array:
        return np.asarray(np.sum(parts, axis=0))


def _complement(prior: Prior, z: Array) -> Array:
    """Return one minus a probability, by its own logarithm where it has one."""
    if isinstance(prior, LogitNormal):
        return expit(-prior.mu - prior.sigma * np.asarray(z))
    return 1.0 - prior.from_z(z)


def averaged(kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float]) -> Prior:
    """Return the pool of priors of positive numbers, with weights above 0."""
    return _averaged(kind, priors, weights, is_chance=False)


def averaged_chance(kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float]) -> Prior:
    """Return the pool of priors of probabilities, with weights above 0."""
    return _averaged(kind, priors, weights, is_chance=True)


def _averaged(
    kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float], *, is_chance: bool
) -> Prior:
    members = _members(priors, weights)
    if len(members) == 1:
        return members[0][0]
    to_scale, from_scale = (logit, probability_of) if is_chance else (log, exp)
    fixed = [(prior.value, weight) for prior, weight in members if isinstance(prior, Fixed)]
    if len(fixed) == len(members):
        if kind == "linear":
            return Fixed(fsum(weight * value for value, weight in fixed))
        return Fixed(from_scale(fsum(weight * to_scale(value) for value, weight in fixed)))
    normal = [
        (LogNormal(to_scale(prior.value), 0.0) if isinstance(prior, Fixed) else prior, weight)
        for prior, weight in members
    ]
    found = [(p, w) for p, w in normal if isinstance(p, LogNormal | LogitNormal)]
    if kind == "logarithmic" and len(found) == len(members):
        mu, sigma = fsum(w * p.mu for p, w in found), fsum(w * p.sigma for p, w in found)
        return LogitNormal(mu, sigma) if is_chance else LogNormal(mu, sigma)
    return Averaged(kind, members, is_chance)


def scaled(prior: Prior, factor: float) -> Prior:
    """Return the prior of a positive number times a factor.

    Raises
    ------
    TypeError
        For a prior of something else.
    """
    match prior:
        case Fixed():
            return Fixed(prior.value * factor)
        case LogNormal():
            return LogNormal(prior.mu + log(factor), prior.sigma)
        case Gamma():
            return Gamma(prior.shape, prior.rate / factor)
        case Averaged(is_chance=False):
            members = tuple((scaled(member, factor), weight) for member, weight in prior.members)
            return Averaged(prior.kind, members)
    raise TypeError(prior)


def _members(priors: Sequence[Prior], weights: Sequence[float]) -> Members:
    """Return each distinct prior once, with its share, in an order that depends on priors alone."""
    most = max(weights)
    heard: dict[Prior, list[float]] = {}
    for prior, weight in zip(priors, weights, strict=True):
        heard.setdefault(prior, []).append(weight / most)
    total = fsum(weight / most for weight in weights)
    shares = [(prior, fsum(parts) / total) for prior, parts in heard.items()]
    return tuple(sorted(shares, key=lambda member: repr(member[0])))
