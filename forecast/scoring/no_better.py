r"""How likely a gain is of forecasts that are no better than their reference, however rare.

What a question can gain is known beforehand: one number if it comes, another if it does not. So
nothing need be read off how far the gains seen vary, which says nothing of a loss that is rare and
has not been seen yet. With questions c that gain at least :math:`a_c` and at most
:math:`a_c + w_c`, the forecasts are no better than the reference if
:math:`\sum_c a_c + w_c \theta_c \le 0` for the chances :math:`\theta_c` of the better end. They may
be better on some questions and worse on others, and no model says how.

**Independent questions.** What is held against the error rate is the tail mean of the sum,

.. math:: P(T \ge t) \le \inf_{h < t} \max_\theta \frac{E (T - h)^+}{t - h} ,

a bound by Markov's inequality, of some two to three times the chance itself. For questions of one
weight the maximum is at equal :math:`\theta`, which is a theorem of Hoeffding's [1]_. For others it
is taken where Chernoff's bound has it, which is a concave problem,

.. math:: P(T \ge t) \le \inf_s \max_\theta
          \prod_c \left(1 + \theta_c (e^{s w_c} - 1)\right) e^{-s t} ,

and a search for worse ones found none by more than `SLACK`, by which the bound is multiplied. Where
Chernoff's bound is the smaller, it stands: it needs no search.

**Clusters** may hang together in any way, so that all that is known of a cluster's sum
:math:`D_c` is where it ends. Of sums between two ends those have the largest tail mean that are
always at one of them: so a cluster can be taken for one question that gains or loses all at once.
That suits clusters that do stand or fall together. Where they do not, wealth tells more: for a
stake :math:`\lambda` fixed beforehand

.. math:: E \prod_c (1 + \lambda D_c) = \prod_c (1 + \lambda E D_c)
          \le \exp \lambda \sum_c E D_c \le 1,

wherever :math:`1 + \lambda D_c \ge 0` for all that can come, so that the product, and its mean over
several stakes, exceeds :math:`1 / \alpha` with a chance of at most :math:`\alpha` [2]_ [3]_. Both
are tried, each at half of the error rate.

References
----------
.. [1] Hoeffding, W. (1956). On the distribution of the number of successes in independent trials.
   Annals of Mathematical Statistics 27(3), 713-721; (1963). Probability inequalities for sums of
   bounded random variables. Journal of the American Statistical Association 58(301), 13-30.
.. [2] Henzi, A. & Ziegel, J. F. (2022). Valid sequential inference on probability forecast
   performance. Biometrika 109(3), 647-663.
.. [3] Choe, Y. J. & Ramdas, A. (2024). Comparing sequential forecasters. Operations Research 72(4),
   1368-1387.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from forecast.scoring.checks import Floats

__all__ = ["chance_by_cluster", "chance_of_independent"]

SLACK = 1.2
"""By how much worse chances than those found may be, of any weights: a search over lumpy sets of
weights, which are the worst, found a sixth at most, and over even ones a hundredth."""

FEWEST_DRAWS, MOST_DRAWS = 1_000, 4_000
MOST_TOSSES, TOSSES_AT_ONCE = 50_000_000, 100_000
CLOSE = 1e-12

IN_VAIN = 0.5
"""A bound above this is not made finer: no error rate asks for it."""

STEEPEST = 500.0
"""The largest tilt of the heaviest question: e to the power of more overflows."""

STAKES = 0.5 ** np.arange(7)
"""Shares of the largest stake that can never lose all: down to a 64th, evenly on a log scale."""

DUST = 1e-12


def chance_of_independent(gains: Floats, worst: Floats, best: Floats, seed: int) -> float:
    """Return how likely so large a sum is if independent questions gain nothing, at the most.

    Parameters
    ----------
    gains
        What each question gained, shape (question,).
    worst, best
        The least and the most that it could gain, shape (question,).
    seed
        Of the draws that the chance is computed with, to a few per cent of itself.
    """
    dust = DUST * float(np.abs(worst).sum() + np.abs(best).sum())
    open_ = best - worst > dust
    weights = (best - worst)[open_]
    reached, allowed = float((gains - worst)[open_].sum()), float(-worst.sum())
    if not weights.size or reached <= allowed + dust:
        return 1.0
    tilt, chances, log_bound = _least_favourable(weights, allowed, reached)
    bound = float(np.exp(min(log_bound, 0.0)))
    if bound > IN_VAIN or reached >= weights.sum() - dust:  # or all came out best: it is exact
        return bound
    beyond = _drawn(weights, _tilted(tilt, chances, weights), seed) - reached  # (draw,)
    beyond[np.abs(beyond) <= dust] = 0.0
    share = np.exp(log_bound - tilt * beyond) / beyond.size  # of the chance before the tilt
    tail = _tail_mean(beyond, share, max(float(beyond.std()), float(weights.max())))
    return min(bound, SLACK * tail)


def chance_by_cluster(sums: Floats, worst: Floats, best: Floats, seed: int) -> float:
    """Return how likely so large a sum is if clusters gain nothing, at the most.

    Parameters
    ----------
    sums
        What each cluster gained, shape (cluster,).
    worst, best
        The least and the most that it could gain, shape (cluster,).
    seed
        As for `chance_of_independent`.
    """
    each = chance_of_independent(sums, worst, best, seed), _chance_of_wealth(sums, worst)
    return min(1.0, len(each) * min(each))


def _chance_of_wealth(sums: Floats, worst: Floats) -> float:
    """Return one over what a unit would have become, by stakes that never lose all."""
    deepest = float(-worst.min())
    if not deepest > 0:  # nothing can be lost: there is no question on which they differ
        return 1.0
    with np.errstate(divide="ignore"):  # all was lost that was staked
        wealth = np.log1p(STAKES[:, None] * np.maximum(sums / deepest, -1.0)).sum(axis=1)
    return float(min(1.0, np.exp(-(logsumexp(wealth) - np.log(STAKES.size)))))


def _least_favourable(
    weights: Floats, allowed: float, reached: float
) -> tuple[float, Floats, float]:
    """Return the tilt of Chernoff's bound, the chances that make it largest, and its logarithm."""

    def short(tilt: float) -> float:
        """Return by how much the tilted sum falls short on average."""
        chances = _chances(weights, allowed, tilt)
        return reached - float((weights * _tilted(tilt, chances, weights)).sum())

    steepest = STEEPEST / float(weights.max())
    gentlest = steepest * DUST
    if short(steepest) >= 0:
        tilt = steepest
    elif short(gentlest) <= 0:
        tilt = gentlest
    else:
        tilt = float(brentq(short, gentlest, steepest, xtol=gentlest, rtol=CLOSE))
    chances = _chances(weights, allowed, tilt)
    log_bound = float(np.log1p(chances * np.expm1(tilt * weights)).sum() - tilt * reached)
    return tilt, chances, log_bound


def _chances(weights: Floats, allowed: float, tilt: float) -> Floats:
    """Return the chances under which the tilted sum is largest, of those whose mean is allowed."""
    flat = 1 / np.expm1(tilt * weights)

    def at(level: float) -> Floats:
        return np.asarray(np.clip(level / weights - flat, 0.0, 1.0))

    low, high = float((flat * weights).min()), float(((1 + flat) * weights).max())
    if low >= high:  # so gentle a tilt that rounding leaves nothing between
        return np.full(weights.shape, allowed / weights.sum())
    found = brentq(
        lambda level: float((weights * at(level)).sum()) - allowed, low, high, rtol=CLOSE
    )
    return at(float(found))


def _tilted(tilt: float, chances: Floats, weights: Floats) -> Floats:
    """Return the chances once each better end is e to the power of its weight likelier."""
    raised = chances * np.exp(tilt * weights)
    return np.asarray(raised / (1 - chances + raised))


def _drawn(weights: Floats, chances: Floats, seed: int) -> Floats:
    """Return sums of the weights of what comes, shape (draw,)."""
    draws = int(np.clip(MOST_TOSSES // weights.size, FEWEST_DRAWS, MOST_DRAWS))
    rng, found = np.random.default_rng(seed), np.empty(draws)
    block = max(1, TOSSES_AT_ONCE // weights.size)
    for begin in range(0, draws, block):
        part = slice(begin, min(begin + block, draws))
        found[part] = (rng.random((part.stop - begin, weights.size)) < chances) @ weights
    return found


def _tail_mean(beyond: Floats, share: Floats, widest: float) -> float:
    """Return the least of E(x + d)+ / d over distances d, none above `widest`.

    Further down draws would be too few to tell, and the least is not there.
    """
    order = np.argsort(-beyond)
    x, weight = beyond[order], share[order]
    over, times = np.cumsum(weight), np.cumsum(weight * x)  # of all from here up
    turns = (x < 0) & (x >= -widest)  # between draws it bends one way: the least is at one
    if not turns.any():
        return float((over + times / widest)[x >= 0][-1]) if (x >= 0).any() else 1.0
    return float((over[turns] - times[turns] / x[turns]).min())
