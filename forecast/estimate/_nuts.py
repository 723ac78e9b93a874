"""NUTS on the marginal likelihood: the reference, and what takes over where importance fails."""

import numpy as np
from numpy.typing import NDArray

from forecast.engine._components import AnyPlan
from forecast.engine._likelihood import log_likelihoods
from forecast.estimate._result import Fit, Settings, effective, uncertain
from forecast.gate import nuts_gate
from forecast.model._build import build_from
from forecast.model._factors import by_item
from forecast.model._lower import Lowered
from forecast.sampling import flat, sample_nuts
from forecast.seeds import child_seed

type Floats = NDArray[np.float64]
type Draws = tuple[dict[str, Floats], dict[str, Floats]]


def fit_by_nuts(
    lowered: Lowered, plans: tuple[AnyPlan, ...], settings: Settings, note: str = ""
) -> Fit:
    """Return draws of the posterior by NUTS: nutpie's where it is installed, else PyMC's."""
    table = lowered.table
    if table.dimensions == 0:
        values, stats = _nothing_uncertain(lowered, settings)
    else:
        names = list(table.uncertain_labels())
        tree, stats = sample_nuts(
            build_from(lowered, plans),
            draws=settings.draws // settings.chains,
            tune=settings.tune,
            chains=settings.chains,
            seed=child_seed(settings.seed, "nuts"),
            names=names,
        )
        drawn = {name: flat(tree, name) for name in names}
        values = table.filled(drawn, stats["diverging"].shape)
    chains, draws = next(iter(stats.values())).shape
    theta = lowered.theta({name: v.reshape(-1, v.shape[-1]) for name, v in values.items()})
    items = by_item(lowered.evidence, log_likelihoods(plans, theta))
    gate = nuts_gate(uncertain(table, values), stats)
    return Fit(
        lowered=lowered,
        settings=settings,
        method="nuts",
        values=values,
        log_likelihood=items.reshape(chains, draws, -1),
        gate=gate,
        ess=effective(gate, chains * draws),
        note=note,
        stats=stats,
    )


def _nothing_uncertain(lowered: Lowered, settings: Settings) -> Draws:
    """Return the fixed values, over and over: no sampler runs without a parameter."""
    shape = (settings.chains, settings.draws // settings.chains)
    fixed = lowered.table.from_z(np.zeros((1, 0)))
    values = {name: np.broadcast_to(v, (*shape, v.shape[-1])).copy() for name, v in fixed.items()}
    return values, {"diverging": np.zeros(shape)}
