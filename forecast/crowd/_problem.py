"""What the Bayesian pool is given: shares of log-odds, priors, and what each solver returns."""

from typing import NamedTuple, Protocol

import numpy as np

from forecast.crowd._pools import log_odds, shares
from forecast.crowd._table import Crowd
from forecast.scoring._inputs import Floats, Ints


class Hyperprior(NamedTuple):
    """A log-normal prior by its median and the standard deviation of its logarithm."""

    median: float
    spread: float


HYPERPRIORS = {
    "single": Hyperprior(0.9, 0.3),  # k_1: one forecaster alone is a little too bold
    "shared": Hyperprior(1.0, 1.0),  # r: with 1, very many extremise by 2 k_1
    "weight_spread": Hyperprior(0.3, 0.7),  # omega
    "shift_spread": Hyperprior(0.3, 0.7),  # gamma, in log-odds
    "link_spread": Hyperprior(0.5, 0.7),  # of g, in log-odds
}
CROWD_SHIFT = 0.5  # standard deviation of alpha, in log-odds
STRAY_COST = 0.3  # standard deviation of delta
FEW = 3.0  # straying counts as if a forecaster had answered this many more like the others


class Problem(NamedTuple):
    """What does not depend on the hyperparameters.

    Parameters
    ----------
    y
        Outcomes, NaN where unknown, shape (question,).
    mean
        Weighted mean log-odds, shape (question,).
    answers
        The effective number of forecasters, 1 / sum of squared shares, shape (question,).
    share
        Log-odds times each forecast's share, 0 where there is none, shape (forecaster, question).
    one
        The shares alone, shape (forecaster, question).
    stray
        s, shape (forecaster,).
    lean
        Minus the weighted mean of s times log-odds, shape (question,).
    cluster
        Linked questions have one number, shape (question,).
    linked
        Whether any two questions are linked.
    """

    y: Floats
    mean: Floats
    answers: Floats
    share: Floats
    one: Floats
    stray: Floats
    lean: Floats
    cluster: Ints
    linked: bool

    @property
    def seen(self) -> Ints:
        """The places of the resolved questions."""
        return np.flatnonzero(~np.isnan(self.y))


class Hyper(NamedTuple):
    """The five hyperparameters on their own scales, and k(n) of each question, (question,)."""

    weight: float
    shift: float
    link: float
    factor: Floats


class Effects(NamedTuple):
    """The mode of what is learned: alpha, weights less 1 and shifts, (forecaster,) each."""

    crowd: float
    weight: Floats
    shift: Floats


class Predicted(NamedTuple):
    """Log-odds of some questions: mean, variance, and the part of the mean that is shift."""

    centre: Floats
    variance: Floats
    shift: Floats


class Found(NamedTuple):
    """The result at one value of the hyperparameters.

    Parameters
    ----------
    log_evidence
        The log of the marginal likelihood, by Laplace's approximation.
    start
        Where to begin with a similar value.
    effects
        The mode.
    predicted
        Of the questions asked for, if any were.
    """

    log_evidence: float
    start: Floats
    effects: Effects
    predicted: Predicted | None


class Solver(Protocol):
    """Laplace's approximation given the hyperparameters, learned from fixed questions."""

    def given(self, hyper: Hyper, start: Floats | None, targets: Ints | None) -> Found:
        """Return the mode and its evidence, with predictions of the targets."""
        ...


def problem_of(crowd: Crowd, weight: Floats) -> Problem:
    """Return the problem of a crowd with the weight of each forecast."""
    given = ~np.isnan(crowd.p)
    one = shares(crowd.p, weight)
    odds = np.where(given, log_odds(crowd.p), 0.0)  # (forecaster, question)
    stray = _straying(np.where(given, odds, np.nan))
    share = one * odds
    return Problem(
        y=crowd.y,
        mean=share.sum(axis=0),
        answers=1 / (one**2).sum(axis=0),
        share=share,
        one=one,
        stray=stray,
        lean=-stray @ share,
        cluster=crowd.cluster,
        linked=np.unique(crowd.cluster).size < crowd.cluster.size,
    )


def hyper_of(problem: Problem, z: Floats) -> Hyper:
    """Return hyperparameters on their own scales from standard normal ones, in prior's order."""
    single, shared, weight, shift, link = (
        float(natural(name, value)) for name, value in zip(HYPERPRIORS, z, strict=True)
    )
    n = problem.answers
    factor = single * n * (1 + shared) / (1 + shared * n)
    return Hyper(weight, shift, link if problem.linked else 0.0, factor)


def shift_of(problem: Problem, hyper: Hyper, effects: Effects, at: Ints) -> Floats:
    """Return the part of log-odds that is shift, alpha among it, of some questions."""
    whole = effects.crowd + hyper.factor * (effects.shift @ problem.one)  # (question,)
    return np.asarray(whole[at])


def _straying(odds: Floats) -> Floats:
    """Return how far each forecaster strays from the median, standardised; (forecaster,)."""
    away = np.abs(odds - np.nanmedian(odds, axis=0))
    usual = float(np.nanmean(away))
    if not usual > 0:
        return np.zeros(len(odds))
    answers = (~np.isnan(odds)).sum(axis=1)
    ratio = (np.nansum(away, axis=1) / usual + FEW) / (answers + FEW)
    log_ratio = np.log(ratio)
    spread = float(log_ratio.std())
    if not spread > 0:
        return np.zeros(len(odds))
    return np.asarray((log_ratio - log_ratio.mean()) / spread)


def natural(name: str, z: Floats) -> Floats:
    prior = HYPERPRIORS[name]
    return np.asarray(prior.median * np.exp(prior.spread * z))
