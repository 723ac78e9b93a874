"""Bayesian proportional hazards: the PyMC model of event histories, and what its draws say.

Events are Poisson counts, piece by piece of the baseline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.history._hierarchy import pooled_logs
from forecast.history._rate_fit import check_scales
from forecast.history._risk_sets import History
from forecast.history._sampling import sample
from forecast.network import LogNormal
from forecast.network._base import find
from forecast.sampling import flat
from forecast.time import parse_span

if TYPE_CHECKING:
    import pandas as pd


type Floats = NDArray[np.float64]

LEVEL = 0.9
LEVEL_SD = 5.0
"""Of the log of the baseline around one event in all the time at risk: up to 10,000-fold."""


@dataclass(frozen=True)
class HazardPriors:
    """Scales of the priors of a proportional-hazards model.

    Parameters
    ----------
    ratio_sd
        Normal, of log hazard ratios per unit of a covariate; at 1 most are between 1/7 and 7.
    roughness_sd
        Half-normal, of the steps between log hazards of neighbouring pieces; 0 for none.
    frailty_sd
        Half-normal, of the spread of log frailties between groups.
    """

    ratio_sd: float = 1.0
    roughness_sd: float = 0.5
    frailty_sd: float = 0.5

    def __post_init__(self) -> None:
        check_scales(self, above_zero="ratio_sd")


@dataclass(frozen=True)
class HazardFit:
    """Draws of a proportional-hazards model.

    Parameters
    ----------
    history
        What was fitted.
    cuts
        The edges between pieces of the baseline, first and last included.
    unit
        What 1 in its times means, such as ``"1 week"``.
    idata
        The sampler's tree.
    """

    history: History
    cuts: Floats
    unit: str
    idata: Any

    @cached_property
    def log_ratios(self) -> Floats:
        """Log hazard ratios, shape (draw, covariate)."""
        if not self.history.names:
            return np.zeros((self.log_baseline.shape[0], 0))
        return flat(self.idata, "log_hazard_ratio").reshape(-1, len(self.history.names))

    @cached_property
    def log_baseline(self) -> Floats:
        """Log hazards per unit of time with covariates at their means, shape (draw, piece)."""
        return flat(self.idata, "log_baseline").reshape(-1, len(self.cuts) - 1)

    def table(self, level: float = LEVEL) -> "pd.DataFrame":
        """Return one row per covariate: mean and sd of the log ratio, the ratio, its interval."""
        return self.history.ratio_table(self.log_ratios.mean(axis=0), self.log_ratios, level)

    def link_prior(self, covariate: str) -> LogNormal:
        """Return the log-normal prior of a hazard ratio, for a link of kind multiplies.

        Raises
        ------
        UnknownNameError
            If there is no such covariate.
        """
        logs = self.log_ratios[:, self._place(covariate)]
        return LogNormal(float(logs.mean()), float(logs.std()))

    def hazard_ratio(self, covariate: str) -> str:
        """Return the hazard ratio as a network file states it: ``x2.1 [1.2, 3.6]``."""
        prior = self.link_prior(covariate)
        low, high = prior.interval(LEVEL)
        return f"x{prior.median():.3g} [{low:.3g}, {high:.3g}]"

    def rate_draws(self, at: Mapping[str, float] | None = None) -> Floats:
        """Return draws of the rate per year for given covariates; the others are 0.

        The pieces of the baseline are averaged by their time at risk. Frailties are at their mean.
        """
        given = dict.fromkeys(self.history.names, 0.0)
        for name, value in (at or {}).items():
            self._place(name)
            given[name] = value
        _, mean, _ = self.history.centred()
        away = np.array([given[name] for name in self.history.names]) - mean
        hazards = np.exp(self.log_baseline) @ self._shares()
        return np.asarray(hazards * np.exp(self.log_ratios @ away) / parse_span(self.unit))

    def base_rate_prior(self, at: Mapping[str, float] | None = None) -> LogNormal:
        """Return the log-normal prior of the rate per year; see `rate_draws`."""
        logs = np.log(self.rate_draws(at))
        return LogNormal(float(logs.mean()), float(logs.std()))

    def base_rate(self, at: Mapping[str, float] | None = None) -> str:
        """Return the base rate as a network file states it: ``0.3 per year [0.2, 0.45]``."""
        prior = self.base_rate_prior(at)
        low, high = prior.interval(LEVEL)
        return f"{prior.median():.3g} per year [{low:.3g}, {high:.3g}]"

    def _place(self, covariate: str) -> int:
        names = {name: place for place, name in enumerate(self.history.names)}
        return find("covariate", covariate, names)

    def _shares(self) -> Floats:
        """Return the share of the time at risk in each piece."""
        begin = np.maximum(self.history.start[:, None], self.cuts[:-1])
        end = np.minimum(self.history.stop[:, None], self.cuts[1:])
        seen = np.maximum(end - begin, 0.0).sum(axis=0)
        return np.asarray(seen / seen.sum())


@dataclass(frozen=True)
class Cells:
    """Stretches cut at the pieces' edges; those that differ only in time are summed.

    Parameters
    ----------
    events, exposure
        Shape (cell,).
    piece, group
        Indices, shape (cell,).
    covariates
        Less their means over stretches, shape (cell, covariate).
    """

    events: NDArray[np.int64]
    exposure: Floats
    piece: NDArray[np.int64]
    group: NDArray[np.int64]
    covariates: Floats


def cut_points(history: History, pieces: int | Sequence[float]) -> Floats:
    """Return the edges of the baseline's pieces, from the first start to the last stop.

    Parameters
    ----------
    history
        What will be fitted.
    pieces
        Their number, of equally many events each (fewer where events coincide), or inner edges.

    Raises
    ------
    InputError
        If the number is not positive, or edges do not rise within the history's time.
    """
    first, last = float(history.start.min()), float(history.stop.max())
    if isinstance(pieces, int):
        if pieces < 1:
            raise InputError(Fault(f"a baseline has at least one piece, not {pieces}"))
        times = history.stop[history.event]
        inner = np.unique(np.quantile(times, np.arange(1, pieces) / pieces, method="lower"))
        inner = inner[(inner > first) & (inner < last)]
    else:
        inner = np.asarray(pieces, dtype=np.float64)
        if not (np.diff(inner, prepend=first, append=last) > 0).all():
            raise InputError(
                Fault(
                    f"the edges of pieces must rise within {first:g} and {last:g}",
                    "Leave out the first and the last.",
                )
            )
    return np.array([first, *inner, last])


def cells(history: History, cuts: Floats) -> Cells:
    """Return a history as counts of events over time at risk."""
    covariates, _, _ = history.centred()
    stretch, piece = np.nonzero(
        (history.start[:, None] < cuts[1:]) & (history.stop[:, None] > cuts[:-1])
    )
    begin = np.maximum(history.start[stretch], cuts[piece])
    end = np.minimum(history.stop[stretch], cuts[piece + 1])
    ends_here = history.event[stretch] & (history.stop[stretch] <= cuts[piece + 1])
    keys = np.column_stack([piece, history.group[stretch], covariates[stretch]])
    alike, of = np.unique(keys, axis=0, return_inverse=True)
    of = of.ravel()
    return Cells(
        events=np.bincount(of, ends_here, len(alike)).astype(np.int64),
        exposure=np.bincount(of, end - begin, len(alike)),
        piece=alike[:, 0].astype(np.int64),
        group=alike[:, 1].astype(np.int64),
        covariates=alike[:, 2:],
    )


def build(history: History, cuts: Floats, priors: HazardPriors) -> Any:
    """Return the PyMC model of a history."""
    import pymc as pm  # noqa: PLC0415 - takes seconds

    found = cells(history, cuts)
    pieces = len(cuts) - 1
    coords = {"covariate": list(history.names), "piece": range(pieces), "group": history.groups}
    with pm.Model(coords=coords) as model:
        level = pm.Normal("level", -log(history.exposure), LEVEL_SD)
        walk = _walk(pieces, priors)
        pm.Deterministic("log_baseline", level + walk, dims="piece")
        log_mean = walk[found.piece] + np.log(found.exposure)
        if history.names:
            log_mean = log_mean + found.covariates @ _ratios(history, priors)
        if history.groups and priors.frailty_sd:
            spread = pm.HalfNormal("frailty_sd", priors.frailty_sd)
            events = np.bincount(found.group, found.events, len(history.groups))
            levels = pooled_logs(level, spread, events, "group")
            pm.Deterministic("frailty", levels - level, dims="group")
            log_mean = log_mean + levels[found.group]
        else:
            log_mean = log_mean + level
        pm.Poisson("events", pm.math.exp(log_mean), observed=found.events)
    return model


def _walk(pieces: int, priors: HazardPriors) -> Any:
    """Return the distances of the pieces' log hazards from their mean: a random walk."""
    import pymc as pm  # noqa: PLC0415

    if pieces == 1 or priors.roughness_sd == 0:
        return np.zeros(pieces)
    roughness = pm.HalfNormal("roughness", priors.roughness_sd)
    steps = pm.Normal("step", 0.0, 1.0, shape=pieces - 1)
    sums = np.tril(np.ones((pieces, pieces - 1)), -1)  # (piece, step): sums of the steps before
    return roughness * ((sums - sums.mean(axis=0)) @ steps)


def _ratios(history: History, priors: HazardPriors) -> Any:
    """Return log hazard ratios for one unit of a covariate, sampled for one standard deviation."""
    import pymc as pm  # noqa: PLC0415

    _, _, spread = history.centred()
    standard = pm.Normal("standard_ratio", 0.0, priors.ratio_sd * spread, dims="covariate")
    return pm.Deterministic("log_hazard_ratio", standard / spread, dims="covariate")


def fit_history(
    history: History, cuts: Floats, priors: HazardPriors, *, unit: str, draws: int, seed: int
) -> HazardFit:
    """Return the posterior; see `event_history.fit`."""
    try:
        parse_span(unit)
    except ValueError as error:
        raise InputError(
            Fault(f"the unit '{unit}' is not a span of time", "Write for example '1 week'.")
        ) from error
    tree = sample(build(history, cuts, priors), draws=draws, seed=seed, what="the event histories")
    return HazardFit(history, cuts, unit, tree)
