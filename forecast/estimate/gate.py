"""The gate: an estimate that fails its convergence checks is not published."""

from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class Check:
    """One convergence check: a figure, and the limit that it must keep."""

    name: str
    value: float
    limit: float
    passed: bool

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return f"{self.name} {self.value:.4g} (limit {self.limit:.4g}) {verdict}"


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


def _at_most(name: str, value: float, limit: float) -> Check:
    return Check(name, float(value), limit, bool(value <= limit))


def _at_least(name: str, value: float, limit: float) -> Check:
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
    return Gate((_at_most("khat", khat, khat_limit(draws)), _at_least("ess", ess, LEAST_ESS)))


def nuts_gate(rhat: float, ess_bulk: float, ess_tail: float, divergences: int, bfmi: float) -> Gate:
    """Return the verdict on a NUTS run, from the worst figure over all parameters."""
    return Gate(
        (
            _at_most("rhat", rhat, MOST_RHAT),
            _at_least("ess_bulk", ess_bulk, LEAST_ESS),
            _at_least("ess_tail", ess_tail, LEAST_ESS),
            _at_most("divergences", divergences, 0),
            _at_least("bfmi", bfmi, LEAST_BFMI),
        )
    )


def paths_gate(rhat: float, ess_bulk: float, ess_tail: float) -> Gate:
    """Return the verdict on a run of the path sampler, from the worst figure over all numbers."""
    return Gate(
        (
            _at_most("rhat", rhat, MOST_RHAT),
            _at_least("ess_bulk", ess_bulk, LEAST_ESS),
            _at_least("ess_tail", ess_tail, LEAST_ESS),
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
        _at_most("forecast_mcse", mcse, MOST_MCSE),
        _at_most("forecast_end_mcse", end_mcse, MOST_END_MCSE),
    ]
    if mixing is not None:
        rhat, ess = mixing
        checks.append(_at_most("forecast_rhat", rhat, MOST_RHAT))
        checks.append(_at_least("forecast_ess", ess, LEAST_FORECAST_ESS))
    return Gate(tuple(checks))
