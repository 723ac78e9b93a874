"""Fit a lowered network: the choice between methods, and draws of every parameter."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forecast.engine._components import AnyPlan
from forecast.engine._importance import importance_sample, resample
from forecast.engine._likelihood import log_likelihoods
from forecast.errors import ContradictionError, InputError
from forecast.estimate._choice import foreseen, why_not_filter
from forecast.estimate._conflict import contradiction, impossible
from forecast.estimate._cost import Costs
from forecast.estimate._result import Fit, Settings
from forecast.gate import LEAST_ESS
from forecast.model._factors import by_item
from forecast.model._lower import Lowered

type Floats = NDArray[np.float64]
type Progress = Callable[[str], None]


def fit(lowered: Lowered, settings: Settings, progress: Progress = lambda _: None) -> Fit:
    """Return draws of the posterior by the method asked for, or by the cheapest that passes.

    Raises
    ------
    InputError
        If the method asked for needs the exact filter, and it cannot do the job.
    ContradictionError
        If the evidence is impossible.
    """
    choice = foreseen(lowered, settings)
    plans, costs, note = choice.plans, choice.costs, ""
    if settings.method in {"importance", "nuts"} and plans is None:
        raise _out_of_reach(lowered)
    if settings.method == "auto" and choice.why_paths:
        note = f"the path sampler was chosen: {choice.why_paths}"
    if plans is not None and not note and settings.method in {"auto", "importance"}:
        progress("importance sampling")
        found = _by_importance(lowered, plans, settings)
        if found.gate.passed or settings.method == "importance" or settings.draws < LEAST_ESS:
            return found
        note = f"importance sampling failed its gate ({found.gate}); {_next(costs)} took over"
    if note:
        progress(note)
    nuts = settings.method == "nuts" or (settings.method == "auto" and costs.nuts < costs.paths)
    if nuts and plans is not None:
        return _by_nuts(lowered, plans, settings, note)
    progress("path sampler")
    from forecast.estimate._paths import fit_by_paths  # noqa: PLC0415 - ArviZ takes a second

    return fit_by_paths(lowered, plans, settings, note)


def _next(costs: Costs) -> str:
    return "NUTS" if costs.nuts < costs.paths else "the path sampler"


def _out_of_reach(lowered: Lowered) -> InputError:
    if lowered.record.counted.any():
        lowered.refuse_counts()
    return InputError(f"{why_not_filter(lowered)}. Use method='paths', or 'auto'")


class PosteriorLogLikelihood:
    """The log likelihood as a function of standard-normal coordinates.

    What it found of the draws that it was last given is kept: they are often the ones to stay.

    Parameters
    ----------
    lowered, plans
        The network and its evidence.
    """

    def __init__(self, lowered: Lowered, plans: tuple[AnyPlan, ...]) -> None:
        self._lowered, self._plans = lowered, plans
        self._latest: tuple[Floats, dict[str, Floats], Floats] | None = None

    def __call__(self, z: Floats) -> Floats:
        """Return the log likelihood of each draw, shape (draw,)."""
        return np.asarray(self.details(z)[1].sum(axis=1))

    def details(self, z: Floats) -> tuple[dict[str, Floats], Floats]:
        """Return each draw's natural values by group, and the log likelihood of each row."""
        if self._latest is None or self._latest[0] is not z:
            values = self._lowered.table.from_z(z)
            items = log_likelihoods(self._plans, self._lowered.theta(values))
            self._latest = (z, values, items)
        return self._latest[1:]


def _by_nuts(lowered: Lowered, plans: tuple[AnyPlan, ...], settings: Settings, note: str) -> Fit:
    from forecast.estimate._nuts import fit_by_nuts  # noqa: PLC0415 - PyMC takes seconds to import

    if impossible(lowered):
        raise contradiction(lowered)
    return fit_by_nuts(lowered, plans, settings, note)


def _by_importance(lowered: Lowered, plans: tuple[AnyPlan, ...], settings: Settings) -> Fit:
    log_likelihood = PosteriorLogLikelihood(lowered, plans)
    try:
        weighted = importance_sample(
            log_likelihood,
            lowered.table.dimensions,
            draws=settings.draws,
            seed=settings.seed,
        )
    except ContradictionError as error:
        raise contradiction(lowered) from error
    chosen = resample(weighted.weights, settings.draws, settings.seed)
    values, items = log_likelihood.details(weighted.z)
    return Fit(
        lowered=lowered,
        settings=settings,
        method="importance",
        values={name: value[chosen][None] for name, value in values.items()},
        log_likelihood=by_item(lowered.evidence, items[chosen][None]),
        gate=weighted.gate,
        ess=weighted.ess,
        weighted=weighted,
        batch=weighted.replicate[chosen][None],
    )
