r"""Scores relative to a reference forecast: skill, the gain, and how likely a gain is by luck.

The interval of `gain` is read off the gains that were seen. The chances below, on which
`forecast.testing.assert_skill` rests, are not: what a question can gain is known beforehand, one
number if it happens and another if it does not, so a rare loss counts even if it has not happened
yet. Let question c gain at least :math:`a_c` and at most :math:`a_c + w_c`. The forecasts are no
better than the reference if :math:`\sum_c a_c + w_c \theta_c \le 0`, where :math:`\theta_c` is the
chance of the better end. They may be better on some questions and worse on others; no model says
how.

**Independent questions.** The chance of a sum of t or more is bounded by the tail mean,

.. math:: P(T \ge t) \le \inf_{h < t} \max_\theta \frac{E (T - h)^+}{t - h} ,

which is Markov's inequality and gives two to three times the chance itself. For questions of equal
weight the maximum is at equal :math:`\theta`, a theorem of Hoeffding's [1]_. For others the
:math:`\theta` of Chernoff's bound are used, which solve a concave problem,

.. math:: P(T \ge t) \le \inf_s \max_\theta
          \prod_c \left(1 + \theta_c (e^{s w_c} - 1)\right) e^{-s t} ,

and the result is multiplied by `SLACK`: a search found no worse :math:`\theta` by more than that.
Where Chernoff's bound itself is smaller, it is used, and needs no search.

**Clusters** may be dependent in any way, so all that is known of a cluster's sum :math:`D_c` is its
two ends. Among sums between two ends the largest tail means belong to those that are always at one
of them, so a cluster can be treated as one question that gains or loses everything at once. That is
close to the truth for clusters that do stand or fall together. For others, wealth tells more: for a
stake :math:`\lambda` fixed beforehand

.. math:: E \prod_c (1 + \lambda D_c) = \prod_c (1 + \lambda E D_c)
          \le \exp \lambda \sum_c E D_c \le 1,

wherever :math:`1 + \lambda D_c \ge 0` for every possible :math:`D_c`, so the product, and its mean
over several stakes, exceeds :math:`1 / \alpha` with a chance of at most :math:`\alpha` [2]_ [3]_.
Both bounds are computed, each at half the error rate.

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
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import logsumexp

from forecast.decimals import same
from forecast.errors import Fault, InputError
from forecast.scoring._clusters import (
    DUST,
    Interval,
    bootstrap_means,
    cluster_sizes,
    cluster_sums,
    percentile_interval,
)
from forecast.scoring._inputs import Floats, cluster_codes, fraction, numbers


def skill(loss: ArrayLike, reference: ArrayLike) -> float:
    r"""Return the skill score, :math:`1 - \bar S / \bar S_{ref}`; higher is better.

    1 is a perfect forecast, 0 is as good as the reference, below 0 is worse. It is a ratio of
    means; a mean of ratios would not be proper.

    Parameters
    ----------
    loss, reference
        Losses of the forecasts and of the reference on the same questions, shape (row,).

    Raises
    ------
    InputError
        If the shapes differ, or the reference's mean loss is 0.

    References
    ----------
    .. [1] Murphy, A. H. (1973). Hedging and skill scores for probability forecasts. Journal of
       Applied Meteorology 12(1), 215-223.

    Examples
    --------
    >>> skill([0.09, 0.01], [0.25, 0.25])
    0.8
    """
    ours, theirs = _losses(loss, reference)
    if not theirs.mean() > 0:
        raise InputError(
            Fault("the reference has no loss, so nothing can be better", field="reference")
        )
    return float(1 - ours.mean() / theirs.mean())


def gain(
    loss: ArrayLike,
    reference: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.9,
    resamples: int = 9_999,
    seed: int = 1,
) -> Interval:
    r"""Return the mean gain over a reference, :math:`\overline{S_{ref} - S}`, with its interval.

    Parameters
    ----------
    loss, reference
        Losses of the forecasts and of the reference on the same questions, shape (row,).
    cluster
        The cluster of each row; without it every row is a question of its own.
    level, resamples, seed
        As for `cluster_bootstrap`.

    Returns
    -------
    Interval
        Above 0 where the forecasts were better.

    Raises
    ------
    InputError
        If the shapes differ, a loss is infinite, there are fewer than two clusters, or all gains
        are equal but not 0, as when a rare loss has not happened yet.

    Notes
    -----
    The interval reflects only the gains it is given, so it is too narrow while a rare and costly
    outcome has not happened, or has happened only once or twice. For forecasts of 0.1% against a
    true 2%, 90% intervals covered the truth 56%, 84% and 88% of the time with 40, 100 and 400
    questions (0.8, 2 and 8 losses), and about 90% from 20 losses on.
    `forecast.testing.assert_skill` keeps its error rate for any number.

    Examples
    --------
    >>> round(gain([0.09, 0.01, 0.16], [0.25, 0.25, 0.25]).estimate, 4)
    0.1633
    """
    fraction(level, "level")
    ours, theirs = _losses(loss, reference)
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        raise InputError(
            Fault(
                "a loss is infinite, so there is no mean and no interval",
                "Something with forecast probability 0 happened; use the Brier score.",
                field="loss",
            )
        )
    codes = cluster_codes(cluster, ours.size)
    sums, sizes = cluster_sums(theirs - ours, codes), cluster_sizes(codes)
    if same(np.ptp(theirs - ours), 0) and not same(ours, theirs).all():
        problem = "the gains are all equal, so resampling cannot show how far off they may be"
        raise InputError(
            Fault(problem, "Use assert_skill, or gather more questions.", field="loss")
        )
    rng = np.random.default_rng(seed)
    means = bootstrap_means(sums, sizes, resamples, rng)
    return percentile_interval(float(sums.sum() / sizes.sum()), means, level, sizes.size)


def _losses(loss: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    ours, theirs = numbers(loss, "loss"), numbers(reference, "reference")
    if ours.shape != theirs.shape or ours.ndim != 1 or ours.size == 0:
        raise InputError(
            Fault(
                "the losses and the reference's losses are vectors over the same questions",
                value=f"shapes {ours.shape} and {theirs.shape}",
            )
        )
    return ours, theirs


SLACK = 1.2
"""A search found chances worse than Chernoff's by a sixth at most, for a few very unequal weights,
and by a hundredth for even ones."""

FEWEST_DRAWS, MOST_DRAWS = 1_000, 4_000
MOST_TOSSES, TOSSES_AT_ONCE = 50_000_000, 100_000
CLOSE = 1e-12

IN_VAIN = 0.5
"""A bound above this is not refined: no error rate needs it."""

STEEPEST = 500.0
"""The largest tilt of the heaviest question: the exponential of more overflows."""

STAKES = 0.5 ** np.arange(7)
"""Shares of the largest stake that can never lose everything: 1, ½, … 1/64."""


def chance_of_independent(gains: Floats, worst: Floats, best: Floats, seed: int) -> float:
    """Return an upper bound on the chance of so large a sum if independent questions gain nothing.

    Parameters
    ----------
    gains
        What each question gained, shape (question,).
    worst, best
        The least and the most that it could gain, shape (question,).
    seed
        Of the draws that compute the bound, to a few per cent of itself.
    """
    dust = DUST * float(np.abs(worst).sum() + np.abs(best).sum())
    open_ = best - worst > dust
    weights = (best - worst)[open_]
    reached, allowed = float((gains - worst)[open_].sum()), float(-worst.sum())
    if not weights.size or reached <= allowed + dust:
        return 1.0
    tilt, chances, log_bound = _least_favourable(weights, allowed, reached)
    bound = float(np.exp(min(log_bound, 0.0)))
    if bound > IN_VAIN or reached >= weights.sum() - dust:  # the best of all outcomes: exact
        return bound
    beyond = _drawn(weights, _tilted(tilt, chances, weights), seed) - reached  # (draw,)
    beyond[np.abs(beyond) <= dust] = 0.0
    share = np.exp(log_bound - tilt * beyond) / beyond.size  # of the chance before the tilt
    tail = _tail_mean(beyond, share, max(float(beyond.std()), float(weights.max())))
    return min(bound, SLACK * tail)


def chance_by_cluster(sums: Floats, worst: Floats, best: Floats, seed: int) -> float:
    """Return the same bound for dependent questions, from sums over clusters, shape (cluster,)."""
    each = chance_of_independent(sums, worst, best, seed), _chance_of_wealth(sums, worst)
    return min(1.0, len(each) * min(each))


def _chance_of_wealth(sums: Floats, worst: Floats) -> float:
    """Return one over the final wealth of stakes that can never lose everything."""
    deepest = float(-worst.min())
    if not deepest > 0:  # nothing can be lost: the two forecasts are the same
        return 1.0
    with np.errstate(divide="ignore"):  # the whole stake may be lost
        wealth = np.log1p(STAKES[:, None] * np.maximum(sums / deepest, -1.0)).sum(axis=1)
    return float(min(1.0, np.exp(-(logsumexp(wealth) - np.log(STAKES.size)))))


def _least_favourable(
    weights: Floats, allowed: float, reached: float
) -> tuple[float, Floats, float]:
    """Return the tilt of Chernoff's bound, the chances that make it largest, and its logarithm."""

    def short(tilt: float) -> float:
        """Return how far the mean of the tilted sum falls short."""
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
    if low >= high:  # the tilt is so small that rounding leaves no bracket
        return np.full(weights.shape, allowed / weights.sum())
    found = brentq(
        lambda level: float((weights * at(level)).sum()) - allowed, low, high, rtol=CLOSE
    )
    return at(float(found))


def _tilted(tilt: float, chances: Floats, weights: Floats) -> Floats:
    """Return the chances after exponential tilting."""
    raised = chances * np.exp(tilt * weights)
    return np.asarray(raised / (1 - chances + raised))


def _drawn(weights: Floats, chances: Floats, seed: int) -> Floats:
    """Return sums of the weights of questions drawn with these chances, shape (draw,)."""
    draws = int(np.clip(MOST_TOSSES // weights.size, FEWEST_DRAWS, MOST_DRAWS))
    rng, found = np.random.default_rng(seed), np.empty(draws)
    block = max(1, TOSSES_AT_ONCE // weights.size)
    for begin in range(0, draws, block):
        part = slice(begin, min(begin + block, draws))
        found[part] = (rng.random((part.stop - begin, weights.size)) < chances) @ weights
    return found


def _tail_mean(beyond: Floats, share: Floats, widest: float) -> float:
    """Return the least of E(x + d)+ / d over 0 < d <= `widest`; beyond, draws would be too few."""
    order = np.argsort(-beyond)
    x, weight = beyond[order], share[order]
    over, times = np.cumsum(weight), np.cumsum(weight * x)  # of all draws from here up
    turns = (x < 0) & (x >= -widest)  # concave between draws: the least is at one of them
    if not turns.any():
        return float((over + times / widest)[x >= 0][-1]) if (x >= 0).any() else 1.0
    return float((over[turns] - times[turns] / x[turns]).min())
