"""Fit a lowered network: the choice between methods, and draws of every parameter."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forecast.engine.likelihood import log_likelihoods
from forecast.engine.plan import Plan
from forecast.errors import ContradictionError, InputError
from forecast.estimate.conflict import contradiction
from forecast.estimate.importance import importance_sample, resample
from forecast.estimate.result import Fit, Settings
from forecast.model.lower import Lowered

__all__ = ["MOST_FILTER_BITS", "fit"]

type Floats = NDArray[np.float64]
type Progress = Callable[[str], None]

MOST_FILTER_BITS = 14


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
    try:
        weighted = importance_sample(
            posterior_log_likelihood(lowered, plans),
            lowered.table.dimensions,
            draws=settings.draws,
            seed=settings.seed,
        )
    except ContradictionError as error:
        raise contradiction(lowered) from error
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
