"""What fitted event histories say: hazard ratios for links, base rates for events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.history.risk_sets import History
from forecast.network import LogNormal
from forecast.network.base import find
from forecast.sampling import flat
from forecast.time import parse_span

if TYPE_CHECKING:
    import pandas as pd

    from forecast.history.partial import Mode

__all__ = ["FlatFit", "HazardFit"]

type Floats = NDArray[np.float64]

LEVEL = 0.9


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
        """Return one row a covariate: mean and sd of the log ratio, the ratio, its interval."""
        return ratio_table(self.log_ratios.mean(axis=0), self.log_ratios, self.history.names, level)

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
        """Return the hazard ratio as a network file says it: ``x2.1 [1.2, 3.6]``."""
        prior = self.link_prior(covariate)
        low, high = prior.interval(LEVEL)
        return f"x{prior.median():.3g} [{low:.3g}, {high:.3g}]"

    def rate_draws(self, at: Mapping[str, float] | None = None) -> Floats:
        """Return draws of the rate per year for given covariates: those not given are 0.

        The pieces of the baseline are averaged by the time at risk that was seen in them. Frailties
        are at their mean.
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
        """Return the base rate as a network file says it: ``0.3 per year [0.2, 0.45]``."""
        prior = self.base_rate_prior(at)
        low, high = prior.interval(LEVEL)
        return f"{prior.median():.3g} per year [{low:.3g}, {high:.3g}]"

    def _place(self, covariate: str) -> int:
        names = {name: place for place, name in enumerate(self.history.names)}
        return find("covariate", covariate, names)

    def _shares(self) -> Floats:
        """Return the share of the time at risk that lies in each piece."""
        begin = np.maximum(self.history.start[:, None], self.cuts[:-1])
        end = np.minimum(self.history.stop[:, None], self.cuts[1:])
        seen = np.maximum(end - begin, 0.0).sum(axis=0)
        return np.asarray(seen / seen.sum())


@dataclass(frozen=True)
class FlatFit:
    """The posterior of log hazard ratios under flat priors.

    Parameters
    ----------
    history
        What was fitted.
    peak
        The mode of the partial likelihood.
    draws
        Shape (draw, covariate).
    """

    history: History
    peak: "Mode"
    draws: Floats = field(repr=False)

    @property
    def mode(self) -> dict[str, float]:
        """The maximum-partial-likelihood estimate of each log hazard ratio."""
        return dict(zip(self.history.names, self.peak.beta.tolist(), strict=True))

    @property
    def standard_error(self) -> dict[str, float]:
        """The root of the inverse observed information's diagonal."""
        errors = np.sqrt(np.diag(np.linalg.inv(self.peak.information)))
        return dict(zip(self.history.names, errors.tolist(), strict=True))

    @property
    def log_likelihood(self) -> float:
        """The log partial likelihood at the mode."""
        return self.peak.log_likelihood

    def table(self, level: float = LEVEL) -> "pd.DataFrame":
        """Return one row a covariate: mode and sd of the log ratio, the ratio, its interval."""
        return ratio_table(self.peak.beta, self.draws, self.history.names, level)


def ratio_table(
    centre: Floats, draws: Floats, names: tuple[str, ...], level: float
) -> "pd.DataFrame":
    """Return the table of hazard ratios of a fit.

    Raises
    ------
    InputError
        If the level is no probability.
    """
    import pandas as pd  # noqa: PLC0415 - takes longer than the rest

    if not 0 < level < 1:
        raise InputError(Fault(f"a level lies between 0 and 1, not {level}"))
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    columns = {
        "log ratio": centre,
        "sd": draws.std(axis=0),
        "hazard ratio": np.exp(centre),
        "lower": np.exp(low),
        "upper": np.exp(high),
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="covariate"))
