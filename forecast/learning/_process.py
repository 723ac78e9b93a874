"""The likelihood of one process: Poisson counts given rates, what units and groups add summed out.

Of draw d, a cell has the mean count

    m = exposure × on-rate of its configuration × exp(covariates · β + drift of its period),

the on-rate being the engine's. A unit multiplies its own by a gamma ratio with mean 1 and variance
v, which is summed out: with n events and M = Σ m in unit u, and b the effect of its group,

    Σ_j<n log(1 + j v) + n b − (1/v + n) log(1 + v M e^b),

a negative multinomial [1]_. Group effects are Normal(0, s²), and each is summed out by adaptive
Gauss-Hermite quadrature.

References
----------
.. [1] Lawless, J. F. (1987). Regression methods for Poisson process data. JASA 82(399), 808-815.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri_exp

from forecast.engine._problem import Parameters
from forecast.learning._drift import Drift
from forecast.learning._hidden import Passages
from forecast.learning._risk import Risk, Role, rates_in
from forecast.learning._scales import Scales
from forecast.model._lower import Lowered
from forecast.network import Event

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

BLOCK = 2_000_000
"""Numbers that are made at once."""
LEAST_VARIANCE = 1e-8
LEAST_SHARE = 1e-3
NODES = 11
STEPS = 8


@dataclass(frozen=True)
class Layout:
    """Which standard normals of a process are what, in this order.

    Parameters
    ----------
    stated
        Columns of the network's table.
    covariates
        How many.
    units, groups
        Whether there is a spread between units, between groups.
    periods
        Of the drift; 1 for none.
    """

    stated: Ints
    covariates: int
    units: bool
    groups: bool
    periods: int

    @property
    def size(self) -> int:
        """How many there are."""
        drift = self.periods if self.periods > 1 else 0
        return len(self.stated) + self.covariates + self.units + self.groups + drift

    @property
    def scale(self) -> int | None:
        """Which normal sets the scale of others: the spread of the steps of a drift."""
        return self.size - self.periods if self.periods > 1 else None

    @property
    def spread(self) -> int | None:
        """Which normal is the spread of units: where it may be none, that is far from a mode."""
        return len(self.stated) + self.covariates if self.units else None

    def parts(self, z: Floats) -> dict[str, Floats]:
        """Return the columns of each part."""
        sizes = {
            "stated": len(self.stated),
            "covariates": self.covariates,
            "units": int(self.units),
            "groups": int(self.groups),
            "drift": self.periods if self.periods > 1 else 0,
        }
        ends = np.cumsum([0, *sizes.values()])
        return {name: z[:, ends[k] : ends[k + 1]] for k, name in enumerate(sizes)}


@dataclass(frozen=True)
class Numbers:
    """The numbers of a process in natural units, each with a leading draw dimension.

    Parameters
    ----------
    values
        Of the network's table, by group, shape (draw, label).
    theta
        The engine's parameters.
    beta
        Log ratios for one unit of each covariate, shape (draw, covariate).
    variance
        Of the units' ratios, shape (draw,); zeros for none.
    group_sd
        Shape (draw,); zeros for none.
    drift
        Log ratio of each period to the one of reference, shape (draw, period).
    drift_sd
        Of the steps between neighbouring periods, shape (draw,); zeros for none.
    """

    values: Mapping[str, Floats]
    theta: Parameters
    beta: Floats
    variance: Floats
    group_sd: Floats
    drift: Floats
    drift_sd: Floats


@dataclass(frozen=True)
class Process:
    """One process, its cells, and the map from standard normals to its numbers.

    Parameters
    ----------
    event, role
        What it is of.
    lowered
        The network as the engine has it.
    risk
        The cells.
    layout
        Which normals are what.
    scales
        Of the priors.
    spread
        Standard deviation of each covariate over time at risk.
    drift
        The periods in which rates may differ.
    group
        Index of each unit's group, shape (unit,).
    group_count
        How many groups there are.
    passages
        Of causes that act with a delay; None where there are none.
    ever
        The engine's fact on which it depends whether it ever comes; None where it does.
    """

    event: Event
    role: Role
    lowered: Lowered
    risk: Risk
    layout: Layout
    scales: Scales
    spread: Floats
    drift: Drift
    group: Ints
    group_count: int
    passages: Passages | None = None
    ever: int | None = None

    @cached_property
    def _summed(self) -> bool:
        """Whether units are all alike, so that their exposures may be added up."""
        return not (self.layout.units or self.layout.groups or self.ever is not None)

    @cached_property
    def _exposure(self) -> Any:
        if self._summed:
            return np.asarray(self.risk.exposure.sum(axis=1)).reshape(-1, 1)
        return self.risk.exposure

    def numbers(self, z: Floats) -> Numbers:
        """Return the numbers at standard normals, (draw, dimension)."""
        parts, scales = self.layout.parts(z), self.scales
        every = np.zeros((len(z), self.lowered.table.dimensions))
        every[:, self.layout.stated] = parts["stated"]
        values = self.lowered.table.from_z(every)
        none = np.zeros(len(z))
        spread = half_normal(parts["units"][:, 0], scales.unit_sd) if self.layout.units else none
        groups = half_normal(parts["groups"][:, 0], scales.group_sd) if self.layout.groups else none
        drift, step = np.zeros((len(z), self.layout.periods)), none
        if self.layout.periods > 1:
            step = half_normal(parts["drift"][:, 0], scales.drift_sd)
            steps = self._powers(step, 1 - self._own) * scales.drift_sd * parts["drift"][:, 1:]
            drift[:, 1:] = np.cumsum(steps, axis=1)
            drift -= drift[:, [self.drift.reference]]
        return Numbers(
            values=values,
            theta=self.lowered.theta(values),
            beta=parts["covariates"] * scales.covariate_sd / self.spread,
            variance=spread**2,
            group_sd=groups,
            drift=drift,
            drift_sd=step,
        )

    @cached_property
    def _own(self) -> Floats:
        """How far each step of the drift is known from its own periods' events, 0 to 1, (step,).

        What is sampled of a step has the standard deviation (s/s₀)^p, s being the learned one of
        all steps, s₀ its scale and p this share; the step is (s/s₀)^(1-p) s₀ times it, so Normal(0,
        s²) for any p. Steps of which much is known are sampled as they are, the others by their
        distance from 0 in units of s [1]_.

        References
        ----------
        .. [1] Gorinova, M. I., Moore, D. & Hoffman, M. D. (2020). Automatic reparameterisation of
           probabilistic programs. ICML 37.
        """
        events = np.bincount(self.risk.period, self.risk.all_events, self.layout.periods)
        known = events[1:] * events[:-1] / np.maximum(events[1:] + events[:-1], 1.0)
        known = known * self.scales.drift_sd**2
        return np.asarray(known / (1 + known))

    def _powers(self, step: Floats, power: Floats) -> Floats:
        """Return powers of the steps' learned standard deviation over its scale, (draw, step)."""
        share = np.maximum(step / self.scales.drift_sd, LEAST_SHARE)
        return np.asarray(share[:, None] ** power)

    def _step_sd(self, z: Floats) -> tuple[Floats, Floats]:
        """Return what is sampled of each step, and its standard deviation given that of all."""
        own = self.layout.parts(z)["drift"]
        spread = half_normal(own[:, 0], self.scales.drift_sd)
        return own[:, 1:], self._powers(spread, self._own)

    def log_prior(self, z: Floats) -> Floats:
        """Return the log prior density of z over that of standard normals, shape (draw,)."""
        if self.layout.periods == 1:
            return np.zeros(len(z))
        steps, sd = self._step_sd(z)
        return np.asarray((-0.5 * steps**2 * (sd**-2 - 1) - np.log(sd)).sum(axis=1))

    def as_prior(self, z: Floats) -> Floats:
        """Return draws of the prior from standard normals."""
        if self.layout.periods == 1:
            return z
        steps, sd = self._step_sd(z)
        return np.concatenate([z[:, : -sd.shape[1]], steps * sd], axis=1)

    def rates(self, numbers: Numbers) -> Floats:
        """Return the rate of each configuration, shape (draw, configuration)."""
        risk, theta = self.risk, numbers.theta
        if self.role == "off":
            return np.asarray(theta.off_rate[:, risk.node])
        return rates_in(self.lowered, risk.node, risk.x, risk.weight, theta)

    def log_means(self, numbers: Numbers) -> Floats:
        """Return the log rate of each cell, shape (draw, cell)."""
        with np.errstate(divide="ignore"):
            found = np.log(self.rates(numbers))[:, self.risk.configuration]
        if self.layout.covariates:
            found = found + numbers.beta @ self.risk.covariates.T
        if self.layout.periods > 1:
            found = found + numbers.drift[:, self.risk.period]
        return found

    def __call__(self, z: Floats) -> Floats:
        """Return the log likelihood, and what `log_prior` adds, shape (draw,)."""
        block = self._block
        parts = [self._some(self.numbers(z[k : k + block])) for k in range(0, len(z), block)]
        return np.concatenate(parts) + self.log_prior(z)

    def _some(self, numbers: Numbers) -> Floats:
        """Return the log likelihood at some numbers, shape (draw,)."""
        if self.passages is not None:
            terms, _ = self._passage_terms(numbers)
            return np.asarray(self._ever(numbers, terms).sum(axis=1))
        happened, log_mean = self.risk.events > 0, self.log_means(numbers)
        found = log_mean[:, happened] @ self.risk.events[happened]
        mean = np.exp(log_mean)
        if self.risk.mixed is not None:  # the mean rate over the time in which each may have come
            found = found + np.log(mean @ self.risk.mixed.T).sum(axis=1)
        expected = mean @ self._exposure  # (draw, unit), or (draw, 1)
        if self._summed:
            return np.asarray(found - expected[:, 0])
        before = None if self.risk.before is None else mean @ self.risk.before
        if not self.layout.groups:
            return np.asarray(found + self.unit_terms(numbers, expected, before).sum(axis=1))
        return found + self.group_terms(numbers, expected, before).sum(axis=1)

    def _passage_terms(self, numbers: Numbers) -> tuple[Floats, Floats]:
        """Return log likelihoods of units with passages summed out, and their expected events."""
        assert self.passages is not None  # noqa: S101 - asked for by the caller
        given = (numbers.theta, numbers.beta, numbers.drift, numbers.variance)
        inside, expected = self.passages.terms(*given, self.risk.unit_events)
        if not self.layout.units:
            return inside, expected
        return inside + self._ratio_terms(numbers.variance, expected), expected

    def chance(self, numbers: Numbers) -> Floats | None:
        """Return the chance that it ever comes, shape (draw,); None where it does in the end."""
        return None if self.ever is None else numbers.theta.initial[:, self.ever]

    def _ever(self, numbers: Numbers, terms: Floats, *, seen: bool = True) -> Floats:
        """Return log likelihoods of units with whether it ever comes summed out.

        Parameters
        ----------
        numbers
            The numbers.
        terms
            Log likelihoods if it ever comes, shape (draw, unit).
        seen
            Whether the events that came are in them; else none has come.
        """
        chance = self.chance(numbers)
        if chance is None:
            return terms
        with np.errstate(divide="ignore"):
            sure, never = np.log(chance)[:, None], np.log1p(-chance)[:, None]
        came = (self.risk.unit_events > 0) & seen
        return np.where(came, sure + terms, np.logaddexp(sure + terms, never))

    def expected(
        self, z: Floats, units: Sequence[int] | None = None, *, before: bool = False
    ) -> Floats:
        """Return how many events units should have had at ratio 1, shape (draw, unit).

        Parameters
        ----------
        z
            Standard normals.
        units
            Which; all, unless given.
        before
            Whether the time before they entered is meant, in which none came.
        """
        exposure = self.risk.before if before else self.risk.exposure
        if exposure is None:
            return np.zeros((len(z), len(self.risk.unit_events if units is None else units)))
        exposure = exposure if units is None else exposure[:, list(units)]
        found = []
        for k in range(0, len(z), self._block):
            numbers = self.numbers(z[k : k + self._block])
            if self.passages is not None:
                own = self._passage_terms(numbers)[1]
                found.append(own if units is None else own[:, list(units)])
            else:
                found.append(np.exp(self.log_means(numbers)) @ exposure)
        return np.concatenate(found)

    @property
    def _block(self) -> int:
        """How many draws are treated at once."""
        return max(1, BLOCK // max(len(self.risk.events), len(self.risk.unit_events)))

    def unit_terms(self, numbers: Numbers, expected: Floats, before: Floats | None) -> Floats:
        """Return what each unit adds, its ratio and whether it ever comes summed out.

        Parameters
        ----------
        numbers
            The numbers.
        expected, before
            Events that units should have had while at risk and before, shape (draw, unit). That
            none came before they entered is given, and not learned from.
        """
        if before is None:
            return self._ever(numbers, self._ratio_terms(numbers.variance, expected))
        found = self._ever(numbers, self._ratio_terms(numbers.variance, expected + before))
        none = self._ratio_terms(numbers.variance, before, np.zeros(len(self.risk.unit_events)))
        return found - self._ever(numbers, none, seen=False)

    def _ratio_terms(
        self, variance: Floats, expected: Floats, events: Floats | None = None
    ) -> Floats:
        """Return what units add with their ratios summed out, shape (draw, unit)."""
        n = self.risk.unit_events if events is None else events
        if not self.layout.units:
            return -expected
        v = np.maximum(variance, LEAST_VARIANCE)[:, None]
        counts, of = np.unique(n, return_inverse=True)
        rising = np.stack([np.log1p(np.arange(k) * v).sum(axis=-1) for k in counts], axis=-1)
        return np.asarray(rising[:, of.ravel()] - (1 / v + n) * np.log1p(v * expected))

    def group_terms(
        self, numbers: Numbers, expected: Floats, before: Floats | None = None
    ) -> Floats:
        """Return what each group adds, its effect and its units' ratios summed out."""
        mode, sd = self.group_fit(numbers, expected)
        nodes, weights = np.polynomial.hermite.hermgauss(NODES)
        found = np.empty((NODES, *mode.shape))
        for k, node in enumerate(nodes):
            b = mode + np.sqrt(2) * sd * node
            found[k] = (
                self.group_height(numbers, expected, before, b) + node**2 + np.log(weights[k])
            )
        top = found.max(axis=0)
        return np.asarray(top + np.log(np.exp(found - top).sum(axis=0)) + np.log(np.sqrt(2) * sd))

    def _member(self) -> Any:
        return np.eye(self.group_count)[self.group]  # (unit, group)

    def group_height(
        self, numbers: Numbers, expected: Floats, before: Floats | None, b: Floats
    ) -> Floats:
        """Return log density and likelihood of group effects b, shape (draw, group)."""
        own = b[:, self.group]
        ratio = np.exp(own)
        earlier = None if before is None else before * ratio
        terms = self.unit_terms(numbers, expected * ratio, earlier)
        terms = terms + self.risk.unit_events * own
        s = np.maximum(numbers.group_sd, 1e-6)[:, None]
        prior = -0.5 * (b / s) ** 2 - np.log(s) - 0.5 * np.log(2 * np.pi)
        return np.asarray(terms @ self._member() + prior)

    def group_fit(self, numbers: Numbers, expected: Floats) -> tuple[Floats, Floats]:
        """Return the mode of each group's effect and the standard deviation there, by Newton."""
        member = self._member()
        v = np.maximum(numbers.variance, LEAST_VARIANCE)[:, None]
        precision = 1 / np.maximum(numbers.group_sd, 1e-6)[:, None] ** 2
        n = self.risk.unit_events
        b = np.zeros((len(v), self.group_count))
        for _ in range(STEPS):
            mean = expected * np.exp(b[:, self.group])
            share = mean / (1 + v * mean)
            slope = (n - (1 + v * n) * share) @ member - precision * b
            curve = ((1 + v * n) * share / (1 + v * mean)) @ member + precision
            b = b + np.clip(slope / curve, -2.0, 2.0)
        return b, 1 / np.sqrt(curve)


def half_normal(z: Floats, scale: float) -> Floats:
    """Return half-normal numbers at standard normal z, increasing, accurate in both tails."""
    # P(|Z| > x) = P(Z > z): x = -Φ⁻¹(Φ(-z)/2).
    return -scale * np.asarray(ndtri_exp(log_ndtr(-z) - np.log(2)))
