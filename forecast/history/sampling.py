"""NUTS for the small models of this floor, and the gate that every one of them passes."""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, GateError, InputError
from forecast.seeds import child_seed

__all__ = ["CHAINS", "sample"]

CHAINS = 4
TUNE = 1000
TARGET = 0.99
HIGHEST_RHAT = 1.01
LEAST_ESS = 400
LEAST_DRAWS = 4 * CHAINS
"""R-hat and effective sample sizes need four draws a chain."""
MOST_DIVERGING = 0.005
"""Share of draws; hierarchies of few groups have a funnel whose tip a few steps overshoot."""


def sample(model: Any, *, draws: int, seed: int, what: str) -> Any:
    """Return an ArviZ tree of posterior draws by NUTS: nutpie's where installed, else PyMC's.

    Parameters
    ----------
    model
        A PyMC model.
    draws
        Over all four chains.
    seed
        Of the sampler.
    what
        What is fitted, for the message.

    Raises
    ------
    InputError
        If there are fewer than four draws a chain.
    GateError
        If R-hat is above 1.01 or the effective sample size below 400 for any free variable, or
        more than 0.5% of the draws diverged.
    """
    if draws < LEAST_DRAWS:
        problem = f"{draws} draws over {CHAINS} chains are too few to tell whether they agree"
        raise InputError(Fault(problem, "Ask for 4000, the default, or more."))
    run = _with_nutpie if find_spec("nutpie") else _with_pymc
    tree = run(model, draws // CHAINS, child_seed(seed, "history"))
    _gate(model, tree, what)
    return tree


def _with_nutpie(model: Any, draws: int, seed: int) -> Any:
    import nutpie  # noqa: PLC0415 - an extra

    return nutpie.sample(
        nutpie.compile_pymc_model(model),
        draws=draws,
        tune=TUNE,
        chains=CHAINS,
        seed=seed,
        target_accept=TARGET,
        save_warmup=False,
        progress_bar=False,
    )


def _with_pymc(model: Any, draws: int, seed: int) -> Any:
    import pymc as pm  # noqa: PLC0415 - takes seconds

    return pm.sample(
        draws=draws,
        tune=TUNE,
        chains=CHAINS,
        cores=1,
        random_seed=seed,
        nuts_sampler="pymc",
        target_accept=TARGET,
        model=model,
        compute_convergence_checks=False,  # ours follow
        progressbar=False,
        quiet=True,
    )


def _gate(model: Any, tree: Any, what: str) -> None:
    from arviz_stats.base import array_stats  # noqa: PLC0415

    rhat, ess = 1.0, np.inf
    for variable in model.free_RVs:
        values = flat(tree, variable.name)  # (chain, draw, entry)
        for entry in np.moveaxis(values, -1, 0):
            rhat = max(rhat, float(array_stats.rhat(entry)))
            bulk = array_stats.ess(entry, method="bulk")
            tail = array_stats.ess(entry, method="tail", prob=(0.05, 0.95))
            ess = min(ess, float(bulk), float(tail))
    diverging = float(np.mean(tree["sample_stats"]["diverging"].to_numpy()))
    if rhat > HIGHEST_RHAT or ess < LEAST_ESS or diverging > MOST_DIVERGING:
        msg = (
            f"the sampler did not converge on {what}: R-hat {rhat:.3f} (limit {HIGHEST_RHAT}), "
            f"effective sample size {ess:.0f} (limit {LEAST_ESS}), {diverging:.1%} diverging "
            f"(limit {MOST_DIVERGING:.1%}). Ask for more draws, or narrow the priors."
        )
        raise GateError(msg)


def flat(tree: Any, name: str) -> NDArray[np.float64]:
    """Return a variable's draws with one last axis for all its entries; (chain, draw, entry)."""
    values = np.asarray(tree["posterior"][name].transpose("chain", "draw", ...), dtype=np.float64)
    return values.reshape(*values.shape[:2], -1)
