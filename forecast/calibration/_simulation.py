"""Simulation-based calibration: do posteriors cover the values that their data were drawn from.

Draw parameters from the prior and data from the parameters, and estimate. Over many such worlds the
rank of the true value among the posterior's draws is uniform if the estimate is right [1]_.

References
----------
.. [1] Talts, S., Betancourt, M., Simpson, D., Vehtari, A. & Gelman, A. (2018). Validating Bayesian
   inference algorithms with simulation-based calibration. arXiv:1804.06788.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Ints, numbers

BINS = 20
FEWEST_IN_A_BIN = 5


@dataclass(frozen=True)
class Uniformity:
    """Two tests of uniform ranks.

    Parameters
    ----------
    bins_p_value
        Chi-square over bins of ranks: sensitive to posteriors that are too narrow or too wide.
    distance_p_value
        Kolmogorov-Smirnov: sensitive to posteriors that are too high or too low.
    """

    bins_p_value: float
    distance_p_value: float


def simulation_ranks(truth: ArrayLike, draws: ArrayLike, *, seed: int = 1) -> Ints:
    """Return the rank of each true value among the posterior's draws in its world.

    Parameters
    ----------
    truth
        The values that data were drawn from, shape (world,).
    draws
        Independent draws of the posterior in each world, shape (world, draw). Thin a Markov chain
        first: ranks among autocorrelated draws are not uniform.
    seed
        Of the random order of ties.

    Returns
    -------
    array
        How many draws lie below the truth, from 0 to the number of draws, shape (world,).

    Raises
    ------
    InputError
        If there is not one row of draws for each world.

    Examples
    --------
    >>> simulation_ranks([0.5, 9.0], [[0.1, 0.4, 0.7], [1.0, 2.0, 3.0]]).tolist()
    [2, 3]
    """
    values, sampled = numbers(truth, "truth"), numbers(draws, "draws")
    if values.ndim != 1 or sampled.ndim != 2 or len(sampled) != len(values) or not sampled.size:  # noqa: PLR2004
        problem = "there is one row of draws for each world, and one true value"
        shapes = f"shapes {values.shape} and {sampled.shape}"
        raise InputError(Fault(problem, field="draws", value=shapes))
    below = (sampled < values[:, None]).sum(axis=1)  # (world,)
    tied = (sampled == values[:, None]).sum(axis=1)
    return np.asarray(below + np.random.default_rng(seed).integers(0, tied + 1))


def rank_uniformity(ranks: ArrayLike, draws: int) -> Uniformity:
    """Test whether ranks are uniform.

    Parameters
    ----------
    ranks
        Of the true values, from 0 to `draws`, shape (world,); at least 100.
    draws
        The number of draws they were ranked among. One less than a multiple of 20 is best: then
        every bin holds equally many ranks.

    Raises
    ------
    InputError
        If ranks are not whole numbers from 0 to `draws`, or are too few for the bins.

    Notes
    -----
    Among many parameters some p-values are small by chance: compare the smallest with the error
    rate divided by twice their number.

    Examples
    --------
    >>> import numpy as np
    >>> found = rank_uniformity(np.arange(400) % 100, draws=99)
    >>> found.bins_p_value, found.distance_p_value
    (1.0, 1.0)
    """
    from scipy import stats  # noqa: PLC0415  it takes a third of a second

    found = numbers(ranks, "ranks")
    if found.ndim != 1 or ((found != np.floor(found)) | (found < 0) | (found > draws)).any():
        problem = f"ranks among {draws} draws are whole numbers from 0 to {draws}"
        raise InputError(Fault(problem, field="ranks"))
    bins = min(BINS, draws + 1)
    if found.size < FEWEST_IN_A_BIN * bins:
        problem = f"{bins} bins need {FEWEST_IN_A_BIN * bins} worlds or more"
        raise InputError(Fault(problem, field="ranks", value=str(found.size)))
    values = np.arange(draws + 1) * bins // (draws + 1)  # the bin of each rank
    share = np.bincount(values, minlength=bins) / (draws + 1)
    counts = np.bincount(values[found.astype(np.intp)], minlength=bins)
    by_bins = stats.chisquare(counts, share * found.size)
    distance = stats.kstest((found + 0.5) / (draws + 1), "uniform")
    return Uniformity(float(by_bins.pvalue), float(distance.pvalue))
