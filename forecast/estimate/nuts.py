"""NUTS on the marginal likelihood: the reference, and what takes over where importance fails."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from forecast.engine.likelihood import log_likelihoods
from forecast.engine.plan import Plan
from forecast.estimate.convergence import uncertain, worst
from forecast.estimate.gate import Gate, nuts_gate
from forecast.estimate.result import Fit, Settings
from forecast.model.build import build_from
from forecast.model.lower import Lowered
from forecast.seeds import child_seed

type Floats = NDArray[np.float64]
type Draws = tuple[Mapping[str, Floats], Mapping[str, Floats]]

STATS = {  # ours: those of nutpie, and of PyMC
    "diverging": ("diverging", "diverging"),
    "energy": ("energy", "energy"),
    "tree_depth": ("depth", "tree_depth"),
    "n_steps": ("n_steps", "n_steps"),
    "step_size": ("step_size", "step_size"),
    "acceptance_rate": ("mean_tree_accept", "acceptance_rate"),
}


def fit_by_nuts(
    lowered: Lowered, plans: tuple[Plan, ...], settings: Settings, note: str = ""
) -> Fit:
    """Return draws of the posterior by NUTS: nutpie's where it is installed, else PyMC's.

    Parameters
    ----------
    lowered
        What to fit.
    plans
        Of its likelihood.
    settings
        `draws` is the number over all chains, after tuning.
    note
        Why NUTS was chosen.
    """
    table = lowered.table
    if table.dimensions == 0:
        values, stats = _nothing_uncertain(lowered, settings)
    else:
        sample = _with_nutpie if find_spec("nutpie") else _with_pymc
        values, stats = sample(lowered, plans, settings)
    chains, draws = next(iter(stats.values())).shape
    theta = lowered.theta({name: v.reshape(-1, v.shape[-1]) for name, v in values.items()})
    items = log_likelihoods(plans, theta)
    gate, ess = _judge(lowered, values, stats)
    return Fit(
        lowered=lowered,
        settings=settings,
        method="nuts",
        values=values,
        log_likelihood=items.reshape(chains, draws, -1),
        gate=gate,
        ess=ess,
        note=note,
        stats=stats,
    )


def _nothing_uncertain(lowered: Lowered, settings: Settings) -> Draws:
    """Return the fixed values, over and over: no sampler runs without a parameter."""
    shape = (settings.chains, settings.draws // settings.chains)
    fixed = lowered.table.from_z(np.zeros((1, 0)))
    values = {name: np.broadcast_to(v, (*shape, v.shape[-1])).copy() for name, v in fixed.items()}
    return values, {"diverging": np.zeros(shape)}


def _with_nutpie(lowered: Lowered, plans: tuple[Plan, ...], settings: Settings) -> Draws:
    import nutpie  # noqa: PLC0415 - an extra

    names = list(lowered.table.uncertain_labels())
    compiled = nutpie.compile_pymc_model(build_from(lowered, plans), var_names=names)
    tree = nutpie.sample(
        compiled,
        draws=settings.draws // settings.chains,
        tune=settings.tune,
        chains=settings.chains,
        seed=child_seed(settings.seed, "nuts"),
        save_warmup=False,
        progress_bar=False,
    )
    return _arrays(lowered, tree, names, {ours: theirs for ours, (theirs, _) in STATS.items()})


def _with_pymc(lowered: Lowered, plans: tuple[Plan, ...], settings: Settings) -> Draws:
    import pymc as pm  # noqa: PLC0415 - takes seconds

    names = list(lowered.table.uncertain_labels())
    tree = pm.sample(
        draws=settings.draws // settings.chains,
        tune=settings.tune,
        chains=settings.chains,
        cores=1,  # worker processes cannot start everywhere, and forking after threads deadlocks
        random_seed=child_seed(settings.seed, "nuts"),
        nuts_sampler="pymc",
        var_names=names,
        model=build_from(lowered, plans),
        compute_convergence_checks=False,  # the gate's business
        progressbar=False,
        quiet=True,
    )
    return _arrays(lowered, tree, names, {ours: theirs for ours, (_, theirs) in STATS.items()})


def _arrays(lowered: Lowered, tree: Any, names: list[str], stats: Mapping[str, str]) -> Draws:
    """Return natural values (chain, draw, label) and statistics (chain, draw) out of a tree."""
    posterior, sampled = tree["posterior"], tree["sample_stats"]
    drawn = {
        name: np.asarray(posterior[name].transpose("chain", "draw", ...), dtype=np.float64)
        for name in names
    }
    found = {
        ours: np.asarray(sampled[theirs].transpose("chain", "draw"), dtype=np.float64)
        for ours, theirs in stats.items()
    }
    shape = next(iter(found.values())).shape
    return lowered.table.filled(drawn, shape), found


def _judge(
    lowered: Lowered, values: Mapping[str, Floats], stats: Mapping[str, Floats]
) -> tuple[Gate, float]:
    """Return the gate's verdict on the worst parameter, and the smallest effective sample size."""
    if "energy" not in stats:
        return nuts_gate(1.0, np.inf, np.inf, 0, np.inf), float(stats["diverging"].size)
    rhat, bulk, tail = worst(uncertain(lowered.table, values))
    bfmi = float(np.min(array_stats.bfmi(stats["energy"])))
    gate = nuts_gate(rhat, bulk, tail, int(stats["diverging"].sum()), bfmi)
    return gate, bulk if np.isfinite(bulk) else float(stats["diverging"].size)
