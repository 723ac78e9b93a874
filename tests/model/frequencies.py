"""Evidence that a model draws, against the probability of each of its outcomes."""

import numpy as np
import pymc as pm

from forecast.engine._problem import Floats
from tests.tolerances import MONTE_CARLO_Z

DRAWS = 6000
PYTHON = "FAST_COMPILE"  # quicker than compiling what runs a few times


def assert_drawn_as_often_as_probable(
    model: pm.Model, vectors: Floats, probabilities: Floats
) -> None:
    """Hold the frequencies of drawn evidence against the probabilities of all its outcomes.

    Parameters
    ----------
    model
        With the observed variable ``evidence``, of yes-or-no claims.
    vectors
        Every outcome, shape (outcome, claim).
    probabilities
        Of each, shape (outcome,).
    """
    drawn = pm.draw(model["evidence"], draws=DRAWS, random_seed=4, mode=PYTHON)
    weights = 2 ** np.arange(vectors.shape[1])
    found = np.bincount(drawn @ weights, minlength=len(vectors))[vectors @ weights] / DRAWS
    common = probabilities > 30 / DRAWS  # where a count is near enough to normal
    error = np.sqrt(probabilities * (1 - probabilities) / DRAWS)
    assert common.sum() > 10
    assert (np.abs(found - probabilities)[common] <= MONTE_CARLO_Z * error[common]).all()
    rare = probabilities[~common].sum()
    spread = np.sqrt(rare * (1 - rare) / DRAWS)
    assert abs(found[~common].sum() - rare) <= MONTE_CARLO_Z * spread
