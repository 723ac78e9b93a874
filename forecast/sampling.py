"""One runner of NUTS, for networks, reference classes and event histories; the gate judges it."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

STATS = {  # ours: nutpie's, where it has another name, and PyMC's
    "diverging": ("diverging",),
    "energy": ("energy",),
    "tree_depth": ("depth", "tree_depth"),
    "n_steps": ("n_steps",),
    "step_size": ("step_size",),
    "acceptance_rate": ("mean_tree_accept", "acceptance_rate"),
}


def nuts_sampler() -> Literal["nutpie", "pymc"]:
    """Return whose NUTS makes the draws: nutpie's where it is installed, else PyMC's."""
    return "nutpie" if find_spec("nutpie") else "pymc"


def sample_nuts(
    model: Any,
    *,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    names: Sequence[str] | None = None,
    target_accept: float = 0.8,
) -> tuple[Any, dict[str, Floats]]:
    """Return an ArviZ tree of draws by NUTS, nutpie's where installed, else PyMC's; and statistics.

    Parameters
    ----------
    model
        A PyMC model.
    draws, tune
        Of each chain, after tuning and in it.
    chains
        How many.
    seed
        Of the sampler.
    names
        Variables to keep; all, unless given.
    target_accept
        The mean acceptance rate that steps are tuned for; nearer to one where the posterior has
        a funnel.

    Returns
    -------
    tuple
        The tree, and the sampler's statistics by the same names whichever it was, each of shape
        (chain, draw).
    """
    if nuts_sampler() == "nutpie":
        import nutpie  # noqa: PLC0415 - an extra

        tree = nutpie.sample(
            nutpie.compile_pymc_model(model, var_names=names),
            draws=draws,
            tune=tune,
            chains=chains,
            seed=seed,
            target_accept=target_accept,
            save_warmup=False,
            progress_bar=False,
        )
    else:
        import pymc as pm  # noqa: PLC0415 - takes seconds

        tree = pm.sample(
            draws=draws,
            tune=tune,
            chains=chains,
            cores=1,  # worker processes cannot start everywhere; forking after threads deadlocks
            random_seed=seed,
            nuts_sampler="pymc",
            var_names=names,
            target_accept=target_accept,
            model=model,
            compute_convergence_checks=False,  # the gate's business
            progressbar=False,
            quiet=True,
        )
    kept = tree["sample_stats"]
    stats = {
        ours: np.asarray(kept[name].transpose("chain", "draw"), dtype=np.float64)
        for ours, theirs in STATS.items()
        for name in theirs
        if name in kept
    }
    return tree, stats


def flat(tree: Any, name: str) -> Floats:
    """Return a variable's draws with one last axis for all its entries; (chain, draw, entry)."""
    values = np.asarray(tree["posterior"][name].transpose("chain", "draw", ...), dtype=np.float64)
    return values.reshape(*values.shape[:2], -1)
