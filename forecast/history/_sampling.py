"""NUTS for the small models of this floor, each judged by the gate."""

from typing import Any

import numpy as np

from forecast.errors import Fault, GateError, InputError
from forecast.gate import nuts_gate
from forecast.sampling import flat, sample_nuts
from forecast.seeds import child_seed

CHAINS = 4
TUNE = 1000
TARGET = 0.99
LEAST_DRAWS = 4 * CHAINS
"""R-hat and effective sample sizes need four draws a chain."""
MOST_DIVERGING = 0.005
"""Share of draws; hierarchies of few groups have a funnel whose tip a few steps overshoot."""


def sample(model: Any, *, draws: int, seed: int, what: str) -> Any:
    """Return an ArviZ tree of posterior draws of a PyMC model.

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
        If it fails the gate for any free variable, or more than 0.5% of the draws diverged.
    """
    if draws < LEAST_DRAWS:
        problem = f"{draws} draws over {CHAINS} chains are too few to tell whether they agree"
        raise InputError(Fault(problem, "Ask for 4000, the default, or more."))
    tree, stats = sample_nuts(
        model,
        draws=draws // CHAINS,
        tune=TUNE,
        chains=CHAINS,
        seed=child_seed(seed, "history"),
        target_accept=TARGET,
    )
    numbers = [np.moveaxis(flat(tree, free.name), -1, 0) for free in model.free_RVs]
    gate = nuts_gate(np.concatenate(numbers), stats, allowed=MOST_DIVERGING)
    if not gate.passed:
        msg = (
            f"the sampler did not converge on {what}: {gate}. Ask for more draws, or narrow the "
            "priors."
        )
        raise GateError(msg)
    return tree
