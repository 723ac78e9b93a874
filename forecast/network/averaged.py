"""Averages of quantiles: what several people's priors come to in a pool.

At each standard normal z the pool's value is the weighted mean of the experts' values at that z,
so that its every quantile, far tails included, is the mean of theirs: a linear pool averages the
quantiles as they are, a logarithmic pool their logarithms (log-odds for a probability) [1]_.
Averaging quantiles keeps the pool as sharp as its experts are; averaging densities would not. A
pool of one is that one.

References
----------
.. [1] Lichtendahl, K. C., Grushka-Cockayne, Y. & Winkler, R. L. (2013). Is it better to average
   probabilities or quantiles? Management Science 59(7), 1594-1611.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.network.prior import (
    Fixed,
    Gamma,
    LogitNormal,
    LogNormal,
    Prior,
    Shaped,
    expit,
    logit,
    probability_of,
)

__all__ = ["Averaged", "PoolKind", "averaged", "averaged_chance", "scaled"]

type Array = NDArray[np.float64]
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
        Whether the priors are those of probabilities.
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
    """Return the pool of positive numbers.

    Parameters
    ----------
    kind
        Whether quantiles or their logarithms are averaged.
    priors
        The experts'.
    weights
        Theirs, above 0.
    """
    members = _members(priors, weights)
    if len(members) == 1:
        return members[0][0]
    to_scale, from_scale = (log, exp) if kind == "logarithmic" else (float, float)
    sure = _all_fixed(members)
    if sure is not None:
        return Fixed(from_scale(fsum(weight * to_scale(value) for value, weight in sure)))
    normal = [(_as_log_normal(prior), weight) for prior, weight in members]
    if kind == "logarithmic" and all(prior is not None for prior, _ in normal):
        found = [(prior, weight) for prior, weight in normal if prior is not None]
        return LogNormal(fsum(w * p.mu for p, w in found), fsum(w * p.sigma for p, w in found))
    return Averaged(kind, members)


def averaged_chance(kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float]) -> Prior:
    """Return the pool of probabilities; the parameters are those of `averaged`."""
    members = _members(priors, weights)
    if len(members) == 1:
        return members[0][0]
    to_scale, from_scale = (logit, probability_of) if kind == "logarithmic" else (float, float)
    sure = _all_fixed(members)
    if sure is not None:
        return Fixed(from_scale(fsum(weight * to_scale(value) for value, weight in sure)))
    if kind == "logarithmic":
        found = [(_as_logit_normal(prior), weight) for prior, weight in members]
        return LogitNormal(fsum(w * p.mu for p, w in found), fsum(w * p.sigma for p, w in found))
    return Averaged(kind, members, is_chance=True)


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
    """Return each different prior once, with its share, in an order that hangs on nothing said."""
    most = max(weights)
    heard: dict[Prior, list[float]] = {}
    for prior, weight in zip(priors, weights, strict=True):
        heard.setdefault(prior, []).append(weight / most)
    total = fsum(weight / most for weight in weights)
    shares = [(prior, fsum(parts) / total) for prior, parts in heard.items()]
    return tuple(sorted(shares, key=lambda member: repr(member[0])))


def _all_fixed(members: Members) -> list[tuple[float, float]] | None:
    sure = [(prior.value, weight) for prior, weight in members if isinstance(prior, Fixed)]
    return sure if len(sure) == len(members) else None


def _as_log_normal(prior: Prior) -> LogNormal | None:
    if isinstance(prior, Fixed):
        return LogNormal(log(prior.value), 0.0)
    return prior if isinstance(prior, LogNormal) else None


def _as_logit_normal(prior: Prior) -> LogitNormal:
    if isinstance(prior, Fixed):
        return LogitNormal(logit(prior.value), 0.0)
    assert isinstance(prior, LogitNormal), prior  # noqa: S101 - all that a probability may be
    return prior
