"""Fit a lowered network: the choice between methods, and draws of every parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.engine.likelihood import log_likelihoods
from forecast.engine.plan import Plan
from forecast.errors import InputError
from forecast.estimate.gate import Gate
from forecast.estimate.importance import Weighted, importance_sample, resample
from forecast.model.lower import Lowered

__all__ = ["MOST_FILTER_BITS", "Fit", "Method", "Settings", "fit"]

type Floats = NDArray[np.float64]
type Method = Literal["auto", "importance", "nuts"]
type Progress = Callable[[str], None]

MOST_FILTER_BITS = 14


@dataclass(frozen=True)
class Settings:
    """How to estimate.

    Parameters
    ----------
    method
        ``"auto"`` takes importance sampling where it passes the gate, else NUTS.
    draws
        Of importance sampling, a power of two; NUTS takes a quarter of it in each chain.
    seed
        Of everything random.
    tune, chains
        Of NUTS.
    """

    method: Method = "auto"
    draws: int = 4096
    seed: int = 1
    tune: int = 1000
    chains: int = 4

    def __post_init__(self) -> None:
        if self.method not in ("auto", "importance", "nuts"):
            msg = f"unknown method '{self.method}': choose auto, importance or nuts"
            raise InputError(msg)
        if self.draws < 64 or self.draws & (self.draws - 1):  # noqa: PLR2004
            msg = f"draws must be a power of two from 64 on, such as 4096 (got {self.draws})"
            raise InputError(msg)


@dataclass(frozen=True)
class Fit:
    """Equally weighted draws of every parameter, and how they were made.

    Parameters
    ----------
    lowered
        What was fitted.
    settings
        How it was asked for.
    method
        ``"importance"`` or ``"nuts"``.
    values
        Natural values by group, shape (chain, draw, label).
    log_likelihood
        By item in force and, last, of what is known for sure; shape (chain, draw, item + 1).
    gate
        The verdict.
    weighted
        The weighted draws before resampling, of importance sampling alone.
    ess
        Effective number of draws.
    note
        What a reader should know of how the method came to be chosen.
    stats
        Sampler statistics of NUTS, shape (chain, draw).
    """

    lowered: Lowered
    settings: Settings
    method: str
    values: Mapping[str, Floats]
    log_likelihood: Floats
    gate: Gate
    ess: float
    weighted: Weighted | None = None
    note: str = ""
    stats: Mapping[str, Floats] = field(default_factory=dict)

    def flat(self) -> dict[str, Floats]:
        """Return the values with chains joined, shape (draw, label)."""
        return {name: v.reshape(-1, v.shape[-1]) for name, v in self.values.items()}


def fit(lowered: Lowered, settings: Settings, progress: Progress = lambda _: None) -> Fit:
    """Return draws of the posterior by the method asked for, or by the cheapest that passes.

    Raises
    ------
    InputError
        If more events are live at once than the filter can hold.
    """
    plans = lowered.plans()
    bits = max(int(plan.bits.max()) for plan in plans)
    if bits > MOST_FILTER_BITS:
        msg = (
            f"{bits} events with unknown state bear on the evidence at once; the exact filter "
            f"holds {MOST_FILTER_BITS}. Leave out evidence on events far downstream, or split "
            "the network"
        )
        raise InputError(msg)
    note = ""
    if settings.method != "nuts":
        progress("importance sampling")
        found = _by_importance(lowered, plans, settings)
        if found.gate.passed or settings.method == "importance":
            return found
        note = f"importance sampling failed its gate ({found.gate}); NUTS took over"
        progress(note)
    from forecast.estimate.nuts import fit_by_nuts  # noqa: PLC0415 - PyMC takes seconds to import

    return fit_by_nuts(lowered, plans, settings, note)


def posterior_log_likelihood(
    lowered: Lowered, plans: tuple[Plan, ...]
) -> Callable[[Floats], Floats]:
    """Return the log likelihood as a function of standard-normal coordinates."""

    def log_likelihood(z: Floats) -> Floats:
        return log_likelihoods(plans, lowered.theta(lowered.table.from_z(z))).sum(axis=1)

    return log_likelihood


def _by_importance(lowered: Lowered, plans: tuple[Plan, ...], settings: Settings) -> Fit:
    weighted = importance_sample(
        posterior_log_likelihood(lowered, plans),
        lowered.table.dimensions,
        draws=settings.draws,
        seed=settings.seed,
    )
    chosen = resample(weighted.weights, settings.draws, settings.seed)
    values = lowered.table.from_z(weighted.z[chosen])
    unique, inverse = np.unique(chosen, return_inverse=True)
    theta = lowered.theta(lowered.table.from_z(weighted.z[unique]))
    items = log_likelihoods(plans, theta)[inverse]
    return Fit(
        lowered=lowered,
        settings=settings,
        method="importance",
        values={name: value[None] for name, value in values.items()},
        log_likelihood=items[None],
        gate=weighted.gate,
        ess=weighted.ess,
        weighted=weighted,
    )
