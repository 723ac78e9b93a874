"""What a fitted reference class says: rates, one more such case, and how well the model fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.history._reference_class import ReferenceClass
from forecast.network import LogNormal
from forecast.network._base import find
from forecast.sampling import flat
from forecast.seeds import generator
from forecast.time import parse_span

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

LEVEL = 0.9


def check_scales(priors: object, *, above_zero: str) -> None:
    """Refuse scales of priors that are not numbers of 0 or more, one of them above 0."""
    for name, value in vars(priors).items():
        if not (isfinite(value) and value >= 0) or (name == above_zero and value == 0):
            problem = f"the scale {name} is a number of 0 or more, not {value}"
            raise InputError(Fault(problem, f"{above_zero} must be above 0."))


@dataclass(frozen=True)
class Pooling:
    """How far things may differ, as scales of priors; a scale of 0 leaves that part out.

    Parameters
    ----------
    centre_sd
        Normal, of the log of the centre's rate.
    spread_sd
        Half-normal, of the spread of log rates between subclasses; unused in a class of one.
    burst_sd
        Half-normal, of the relative spread of the rate between periods (overdispersion).
    trend_sd
        Normal, of the change of log rates in ten years.
    """

    centre_sd: float = 4.0
    spread_sd: float = 1.0
    burst_sd: float = 1.0
    trend_sd: float = 0.25

    def __post_init__(self) -> None:
        check_scales(self, above_zero="centre_sd")


@dataclass(frozen=True)
class RateFit:
    """Draws of a class's rates at one year, partially pooled over its subclasses.

    Parameters
    ----------
    counts
        The class.
    pooling
        The scales of the priors.
    at
        The year of the rates.
    data
        What the model was given.
    idata
        The sampler's tree.
    seed
        Of what is drawn from it.
    """

    counts: ReferenceClass
    pooling: Pooling
    at: float
    data: Mapping[str, NDArray[Any]]
    idata: Any
    seed: int

    @cached_property
    def log_rates(self) -> Floats:
        """Log rates per year of exposure, shape (draw, subclass)."""
        return flat(self.idata, "log_rate").reshape(-1, len(self.counts.subclasses))

    def draws(self, name: str) -> Floats:
        """Return the draws of a scalar variable of the model; zeros where it was left out."""
        if name not in self.idata["posterior"]:
            return np.zeros(len(self.log_rates))
        return flat(self.idata, name).ravel()

    def rate_draws(self, subclass: str | None = None) -> Floats:
        """Return draws of a subclass's rate per year of exposure; for None, of a new subclass.

        A new subclass's log rate is normal around the centre with the spread between subclasses.
        """
        if subclass is None:
            rng = generator(self.seed, "new subclass")
            centre = self.draws("log_centre") + self.draws("trend") * self.data["ahead"]
            spread = self.draws("spread")
            return np.asarray(np.exp(centre + spread * rng.normal(size=centre.size)))
        places = {name: place for place, name in enumerate(self.counts.subclasses)}
        return np.asarray(np.exp(self.log_rates[:, find("subclass", subclass, places)]))

    def prior(self, subclass: str | None = None) -> LogNormal:
        """Return the log-normal prior with the mean and spread of the logs of a rate's draws."""
        logs = np.log(self.rate_draws(subclass))
        return LogNormal(float(logs.mean()), float(logs.std()))

    def belief(self, subclass: str | None = None) -> str:
        """Return the rate as a network file states it: ``0.08 per year [0.03, 0.2]``."""
        prior = self.prior(subclass)
        low, high = prior.interval(LEVEL)
        return f"{prior.median():.3g} per year [{low:.3g}, {high:.3g}]"

    def weight(self, subclass: str | None = None) -> float:
        """Return the outside-view weight: the share of the class's counts that the fit is worth.

        The log of a rate known from n onsets has the variance ψ′(n + ½), so the variance of the
        fitted log rate shows how many onsets it is worth. The weight is that number over the onsets
        counted (in the subclass; for a new one, in the whole class), at most 1. It is small for a
        new case of a class whose subclasses differ a lot, or if onsets come in bursts. If none was
        counted it is 1.
        """
        from scipy.optimize import brentq  # noqa: PLC0415 - heavy
        from scipy.special import polygamma  # noqa: PLC0415

        counted = self.data["onsets"] * self.data["weight"]
        if subclass is not None:
            counted = counted * (self.data["subclass_of"] == self.counts.subclasses.index(subclass))
        onsets = float(counted.sum())
        variance = float(np.log(self.rate_draws(subclass)).var())
        if onsets == 0 or variance <= polygamma(1, onsets + 0.5):
            return 1.0
        if variance >= polygamma(1, 0.5):
            return 0.0
        worth = brentq(lambda n: float(polygamma(1, n + 0.5)) - variance, 0.0, onsets)
        return float(worth) / onsets

    def table(self, *, within: str = "1 year", level: float = LEVEL) -> "pd.DataFrame":
        """Return one row per subclass, and one for a new one: rate, interval, chance, weight.

        Parameters
        ----------
        within
            The span of the chance of at least one onset in one unit of exposure.
        level
            Of the central intervals.
        """
        import pandas as pd  # noqa: PLC0415

        years = parse_span(within)
        tails = [(1 - level) / 2, (1 + level) / 2]
        rows = {}
        names = self.counts.subclasses
        for name in names if len(names) == 1 else (*names, None):
            rates = self.rate_draws(name)
            low, high = np.quantile(rates, tails)
            chance = float(np.mean(-np.expm1(-rates * years)))
            rows[name or "(a new one)"] = {
                "rate": float(np.median(rates)),
                "lower": float(low),
                "upper": float(high),
                f"chance within {within}": chance,
                "weight": self.weight(name),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("subclass")

    def replicated(self) -> NDArray[np.int64]:
        """Return counts drawn anew from the fitted model, shape (draw, tally)."""
        rng = generator(self.seed, "replicated")
        decades = self.data["decades"] - self.data["ahead"]
        trend = self.draws("trend")[:, None] * decades  # (draw, tally)
        mean = self.data["exposure"] * np.exp(self.log_rates[:, self.data["subclass_of"]] + trend)
        burst = self.draws("burst")[:, None]
        shape = 1 / np.maximum(burst**2, 1e-6)
        rates = rng.gamma(np.broadcast_to(shape, mean.shape), mean / shape)
        return np.asarray(rng.poisson(rates), dtype=np.int64)

    def checks(self) -> "pd.DataFrame":
        """Return posterior predictive checks: what was counted against what the model would count.

        Returns
        -------
        DataFrame
            One row per statistic: its observed value, median and 90% interval over replicated
            counts, and ``p``, the share of replications at least as large, ties counted half. Near
            0 or 1 the model does not fit: there are too few years without an onset, for example, or
            a year has more than its bursts allow.
        """
        import pandas as pd  # noqa: PLC0415

        seen = statistics(self.data["onsets"][None, :], self.data)
        drawn = statistics(self.replicated(), self.data)
        rows = {}
        for name, values in drawn.items():
            observed = float(seen[name][0])
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            above, equal = np.mean(values > observed), np.mean(values == observed)
            rows[name] = (observed, middle, low, high, float(above + equal / 2))
        columns = ["observed", "median", "lower", "upper", "p"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def statistics(counts: NDArray[np.int64], data: Mapping[str, NDArray[Any]]) -> Mapping[str, Floats]:
    """Return statistics of counts of shape (draw, tally), each of shape (draw,).

    ``onsets``: all of them. ``empty``: tallies without an onset. ``fullest``: the most in a tally.
    ``dispersion``: the mean of (y − m)²/m around each subclass's own rate m. ``subclass spread``:
    the standard deviation of log((k + ½)/E) over subclasses. ``late``: the share of onsets in the
    later half of the exposure.
    """
    exposure, index = data["exposure"], data["subclass_of"]
    groups = int(index.max()) + 1
    member = (index[:, None] == np.arange(groups)).astype(float)  # (tally, subclass)
    onsets, seen = counts @ member, exposure @ member  # (draw, subclass), (subclass,)
    expected = (onsets / seen)[:, index] * exposure  # (draw, tally)
    squares = np.where(expected > 0, (counts - expected) ** 2 / np.maximum(expected, 1e-300), 0.0)
    total = counts.sum(axis=1)
    late = counts[:, _late(data)].sum(axis=1)
    found = {
        "onsets": total,
        "empty": (counts == 0).sum(axis=1),
        "fullest": counts.max(axis=1),
        "dispersion": squares.mean(axis=1),
        "late": late / np.maximum(total, 1),
    }
    if groups > 1:
        found["subclass spread"] = np.log((onsets + 0.5) / seen).std(axis=1)
    return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}


def _late(data: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Return which tallies lie in the later half of the exposure."""
    order = np.argsort(data["decades"], kind="stable")
    before = np.cumsum(data["exposure"][order]) - data["exposure"][order]
    late = np.empty(len(order), dtype=bool)
    late[order] = before >= data["exposure"].sum() / 2
    return late
