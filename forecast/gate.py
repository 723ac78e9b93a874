"""The convergence gate: an estimate that fails one of its checks is not published.

The estimate of a network, rates of reference classes and event histories are judged here alone, and
a check has one record from the estimate to the ledger and the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

LEAST_ESS = 400.0
MOST_RHAT = 1.01
LEAST_BFMI = 0.3
MOST_MCSE = 0.5 / np.sqrt(LEAST_ESS)
"""Of a forecast: what so many independent draws leave of the largest spread that there is."""
LEAST_FORECAST_ESS = LEAST_ESS / 2
"""Of what the draws say of the worst forecast: the least of a hundred figures, each of which is
itself an estimate that errs by a tenth or two; its error has a limit of its own."""
MOST_END_MCSE = 4 * MOST_MCSE
"""Of an end of its interval, of which fewer draws tell, and few indeed where it lies in a gap."""
TAILS = (0.05, 0.95)
"""Quantiles whose effective sample size counts."""


OF_FORECASTS = "forecast_"
"""How the names of checks of forecasts begin."""

_NOTHING = "none, as nothing that was sampled is uncertain"
NO_FIGURE = {
    "khat": "none, as the largest weights are alike and so have no heavy tail",
    "ess_tail": "none, as nothing that was sampled has tails",
    **dict.fromkeys(("ess_bulk", "bfmi", "forecast_ess"), _NOTHING),
}
"""Why a check passes on a figure that is not finite. Pareto k is minus infinity where all weights
are equal, as without any uncertain number, or the largest of them are; see `pareto_smooth`."""


@dataclass(frozen=True)
class Check:
    """One convergence check: a figure, and the limit that it must keep."""

    name: str
    value: float
    limit: float
    passed: bool

    @property
    def of_forecasts(self) -> bool:
        """Whether it judges forecasts, and not the parameters."""
        return self.name.startswith(OF_FORECASTS)

    @property
    def figure(self) -> str:
        """The figure in words; where there is none and that is fine, why."""
        if np.isfinite(self.value):
            return f"{self.value:.4g}"
        return NO_FIGURE.get(self.name, "not finite") if self.passed else "not finite"

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return f"{self.name} {self.figure} (limit {self.limit:.4g}) {verdict}"


@dataclass(frozen=True)
class Gate:
    """All checks of one estimate."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def __add__(self, other: "Gate") -> "Gate":
        """Return the checks of both."""
        return Gate((*self.checks, *other.checks))

    def __str__(self) -> str:
        return "; ".join(str(check) for check in self.checks)


def at_most(name: str, value: float, limit: float) -> Check:
    """Return the check of a figure that must not be above a limit; NaN fails."""
    return Check(name, float(value), limit, bool(value <= limit))


def at_least(name: str, value: float, limit: float) -> Check:
    """Return the check of a figure that must not be below a limit; NaN fails."""
    return Check(name, float(value), limit, bool(value >= limit))


def khat_limit(draws: int) -> float:
    """Return the largest Pareto k at which S draws are enough [1]_.

    References
    ----------
    .. [1] Vehtari, Simpson, Gelman, Yao & Gabry (2024). Pareto smoothed importance sampling. JMLR.
    """
    return float(min(1 - 1 / np.log10(draws), 0.7))


def importance_gate(khat: float, ess: float, draws: int) -> Gate:
    """Return the verdict on importance sampling."""
    return Gate((at_most("khat", khat, khat_limit(draws)), at_least("ess", ess, LEAST_ESS)))


def chains_gate(rhat: float, ess_bulk: float, ess_tail: float) -> Gate:
    """Return the verdict on chains, from the worst figure over all numbers that they drew."""
    return Gate(
        (
            at_most("rhat", rhat, MOST_RHAT),
            at_least("ess_bulk", ess_bulk, LEAST_ESS),
            at_least("ess_tail", ess_tail, LEAST_ESS),
        )
    )


def nuts_gate(numbers: Floats, stats: Mapping[str, Floats], *, allowed: float = 0.0) -> Gate:
    """Return the verdict on a run of NUTS.

    Parameters
    ----------
    numbers
        Draws of all that is uncertain, shape (number, chain, draw).
    stats
        ``diverging`` and ``energy``, shape (chain, draw); no energy where nothing was uncertain.
    allowed
        The share of draws that may diverge.
    """
    from arviz_stats.base import array_stats  # noqa: PLC0415 - takes a second

    diverging = stats["diverging"]
    bfmi = float(np.min(array_stats.bfmi(stats["energy"]))) if "energy" in stats else np.inf
    return chains_gate(*worst(numbers)) + Gate(
        (
            at_most("divergences", int(diverging.sum()), int(allowed * diverging.size)),
            at_least("bfmi", bfmi, LEAST_BFMI),
        )
    )


def forecasts_gate(mcse: float, end_mcse: float, mixing: tuple[float, float] | None = None) -> Gate:
    """Return the verdict on forecasts, from the worst figure over all of them.

    Parameters
    ----------
    mcse, end_mcse
        Monte Carlo errors of a mean, and of an end of an interval.
    mixing
        R-hat and bulk effective size of what the draws say, where they come from chains.
    """
    checks = [
        at_most("forecast_mcse", mcse, MOST_MCSE),
        at_most("forecast_end_mcse", end_mcse, MOST_END_MCSE),
    ]
    if mixing is not None:
        rhat, ess = mixing
        checks.append(at_most("forecast_rhat", rhat, MOST_RHAT))
        checks.append(at_least("forecast_ess", ess, LEAST_FORECAST_ESS))
    return Gate(tuple(checks))


def worst(numbers: Floats, *, tails: bool = True) -> tuple[float, float, float]:
    """Return the largest R-hat and the smallest bulk and tail effective sizes.

    Parameters
    ----------
    numbers
        Shape (number, chain, draw); with none of them everything is as well as can be.
    tails
        Whether the tails count: what is only ever 0 or 1 has none.
    """
    if len(numbers) == 0:
        return 1.0, np.inf, np.inf
    if (np.ptp(numbers, axis=(1, 2)) == 0).any():
        return np.inf, 1.0, 1.0
    from arviz_stats.base import array_stats  # noqa: PLC0415 - takes a second

    # Folded about its median, what is 0 half of the time has one value, and an R-hat of 0/0.
    method = "rank" if tails else "split"
    rhat = float(np.max(array_stats.rhat(numbers, method=method)))
    bulk = float(np.min(array_stats.ess(numbers, method="bulk")))  # a NaN anywhere fails the gate
    tail = array_stats.ess(numbers, method="tail", prob=TAILS) if tails else np.inf
    return rhat, bulk, float(np.min(tail))
