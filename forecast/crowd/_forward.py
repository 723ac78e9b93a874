r"""Whether a learned shift carries over: learned on earlier questions, judged on later ones.

Questions in the order in which they resolved are cut into blocks. Each block is forecast from what
the blocks before it taught, with a share :math:`\lambda` of the shift (the crowd's and the
forecasters'), and the blocks' likelihoods are multiplied. Under a uniform prior of
:math:`\lambda` from 0 to 1 its posterior mean is the share that is applied: near 1 where the shift
did well forward in time, near 0 where it misled, and one half where there is nothing to tell.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logsumexp

from forecast.crowd._problem import HYPERPRIORS, Problem, Solver, hyper_of
from forecast.scoring._inputs import Floats, Ints

BLOCKS = 8
SHARES = np.linspace(0, 1, 21)
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def carried(
    problem: Problem, z: Floats, resolved: Floats, solver_of: Callable[[Problem, Ints], Solver]
) -> float:
    """Return the share of the learned shift to apply; 1 if nothing tells the order of questions.

    Parameters
    ----------
    problem
        What was said, and what came of it.
    z
        The hyperparameters, standard normal, shape (hyperparameter,).
    resolved
        When each question resolved, NaN where not told, shape (question,).
    solver_of
        The way to learn from some of the questions.
    """
    seen = problem.seen
    timed = seen[~np.isnan(resolved[seen])]
    blocks = _blocks(resolved[timed])
    if blocks is None or z.size != len(HYPERPRIORS):
        return 1.0
    hyper = hyper_of(problem, z)
    heights = np.zeros(SHARES.size)
    for number in range(1, int(blocks.max()) + 1):
        earlier, later = timed[blocks < number], timed[blocks == number]
        found = solver_of(problem, earlier).given(hyper, None, later).predicted
        assert found is not None  # noqa: S101  targets were given
        heights += _heights(problem.y[later], found.centre, found.variance, found.shift)
    weights = np.exp(heights - logsumexp(heights))
    return float(weights @ SHARES)


def _blocks(resolved: Floats) -> Ints | None:
    """Return the block of each question, about equal in size; None if all resolved at once."""
    order = np.argsort(resolved, kind="stable")
    rank = np.empty(resolved.size, dtype=np.intp)
    rank[order] = np.arange(resolved.size)
    times, first = np.unique(resolved[order], return_index=True)
    if times.size < 2:  # noqa: PLR2004
        return None
    # Questions that resolved together stay together: none of them came before the others.
    together = first[np.searchsorted(times, resolved)]
    cut = together * BLOCKS // resolved.size
    return np.asarray(np.unique(cut, return_inverse=True)[1], dtype=np.intp)


def _heights(y: Floats, centre: Floats, variance: Floats, shift: Floats) -> Floats:
    """Return the log likelihood of outcomes at each share of the shift."""
    at = centre - (1 - SHARES[:, None]) * shift  # (share, question)
    chance = expit(at[..., None] + np.sqrt(variance)[:, None] * NODES) @ NODE_WEIGHTS
    chance = chance / NODE_WEIGHTS.sum()
    return np.asarray(np.log(np.where(y == 1, chance, 1 - chance)).sum(axis=1))
