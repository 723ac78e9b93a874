"""Cox's partial likelihood, ties by Efron's method, and its posterior under flat priors.

The baseline hazard drops out: at each time with events, which of those at risk had them? With a
flat prior on log hazard ratios β the posterior is the partial likelihood itself, and its mode the
published estimate. Draws come from a multivariate t at the mode, weighted and resampled.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import GateError
from forecast.gate import Gate, at_least
from forecast.history._risk_sets import History
from forecast.seeds import generator

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

LEVEL = 0.9
STEPS = 50
CLOSE = 1e-10
FREEDOM = 7.0
PROPOSALS_A_DRAW = 4
LEAST_SHARE = 0.1
BLOCK = 1000
FARTHEST_STEP = 5.0
"""A β per standard deviation of its covariate beyond this diverges: the data separate."""
NO_MODE = (
    "the partial likelihood has no mode: some covariate separates all events from all others. "
    "Leave it out, or use event_history.fit, whose priors bound it."
)


@dataclass(frozen=True)
class Mode:
    """The mode of a partial likelihood, the observed information there, and its height."""

    beta: Floats
    information: Floats
    log_likelihood: float


@dataclass(frozen=True)
class FlatFit:
    """The posterior of log hazard ratios under flat priors.

    Parameters
    ----------
    history
        What was fitted.
    peak
        The mode of the partial likelihood.
    draws
        Shape (draw, covariate).
    """

    history: History
    peak: Mode
    draws: Floats = field(repr=False)

    @property
    def mode(self) -> dict[str, float]:
        """The maximum-partial-likelihood estimate of each log hazard ratio."""
        return dict(zip(self.history.names, self.peak.beta.tolist(), strict=True))

    @property
    def standard_error(self) -> dict[str, float]:
        """The root of the inverse observed information's diagonal."""
        errors = np.sqrt(np.diag(np.linalg.inv(self.peak.information)))
        return dict(zip(self.history.names, errors.tolist(), strict=True))

    @property
    def log_likelihood(self) -> float:
        """The log partial likelihood at the mode."""
        return self.peak.log_likelihood

    def table(self, level: float = LEVEL) -> "pd.DataFrame":
        """Return one row a covariate: mode and sd of the log ratio, the ratio, its interval."""
        return self.history.ratio_table(self.peak.beta, self.draws, level)


def log_partial_likelihood(history: History, beta: Floats) -> tuple[float, Floats, Floats]:
    """Return the log partial likelihood, its gradient, and its negative second derivative.

    At a time with the d events D among the set R at risk, Efron's method [1]_ adds

        Σ_D x'β − Σ_{l<d} log( Σ_R e^{x'β} − (l/d) Σ_D e^{x'β} ).

    Parameters
    ----------
    history
        Stretches (start, stop]: at risk at t are those with start < t <= stop.
    beta
        Log hazard ratios, shape (covariate,).

    References
    ----------
    .. [1] Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. JASA
       72(359), 557-565.
    """
    x = history.covariates - history.covariates.mean(axis=0)
    score = x @ beta
    relative = np.exp(score)
    value, slope = 0.0, np.zeros(len(beta))
    curve = np.zeros((len(beta), len(beta)))
    for time in np.unique(history.stop[history.event]):
        at_risk = (history.start < time) & (time <= history.stop)
        failing = at_risk & history.event & (history.stop == time)
        events = int(failing.sum())
        sums = [_moments(relative[who], x[who]) for who in (at_risk, failing)]
        value += float(score[failing].sum())
        slope += x[failing].sum(axis=0)
        for share in np.arange(events) / events:
            zero, one, two = (a - share * b for a, b in zip(*sums, strict=True))
            mean = one / zero
            value -= float(np.log(zero))
            slope -= mean
            curve += two / zero - np.outer(mean, mean)
    return value, slope, curve


def _moments(relative: Floats, x: Floats) -> tuple[float, Floats, Floats]:
    """Return the sums of weights, of weighted covariates, and of their weighted products."""
    weighed = relative[:, None] * x
    return float(relative.sum()), weighed.sum(axis=0), weighed.T @ x


def log_partial_likelihoods(history: History, betas: Floats) -> Floats:
    """Return the log partial likelihood of many β at once, shape (draw,)."""
    x = history.covariates - history.covariates.mean(axis=0)
    times = np.unique(history.stop[history.event])
    at_risk = (history.start[:, None] < times) & (times <= history.stop[:, None])
    failing = history.event[:, None] & (history.stop[:, None] == times)  # (stretch, time)
    events = failing.sum(axis=0)
    place = np.repeat(np.arange(len(times)), events)  # one entry an event
    share = np.concatenate([np.arange(count) / count for count in events])
    found = np.empty(len(betas))
    for first in range(0, len(betas), BLOCK):
        score = betas[first : first + BLOCK] @ x.T  # (draw, stretch)
        relative = np.exp(score)
        risk, fail = (relative @ who.astype(float) for who in (at_risk, failing))  # (draw, time)
        left = risk[:, place] - share * fail[:, place]
        found[first : first + BLOCK] = score @ failing.sum(axis=1) - np.log(left).sum(axis=1)
    return found


def find_mode(history: History) -> Mode:
    """Return the mode by Newton's method, with steps halved where they lead down."""
    beta = np.zeros(history.covariates.shape[1])
    spread = history.covariates.std(axis=0)
    value, slope, curve = log_partial_likelihood(history, beta)
    for _ in range(STEPS):
        step = np.linalg.lstsq(curve, slope)[0]
        for _ in range(STEPS):
            new = log_partial_likelihood(history, beta + step)
            if new[0] >= value - CLOSE:
                break
            step = step / 2
        beta, gain = beta + step, new[0] - value
        value, slope, curve = new
        if np.abs(beta * spread).max(initial=0.0) > FARTHEST_STEP * len(beta) ** 0.5:
            break
        if gain < CLOSE and np.abs(slope / spread).max(initial=0.0) < np.sqrt(CLOSE) * len(spread):
            return Mode(beta, curve, value)
    raise GateError(NO_MODE)


def draw_flat(history: History, mode: Mode, *, draws: int, seed: int) -> Floats:
    """Return draws of β under flat priors, shape (draw, covariate).

    Raises
    ------
    GateError
        If the likelihood is flat around the mode, so that it is none, or fewer than a tenth of the
        proposals count: the posterior is far from normal.
    """
    from scipy.stats import multivariate_t  # noqa: PLC0415 - takes a third of a second

    try:
        covariance = np.linalg.inv(mode.information)
        shape = (covariance + covariance.T) / 2
        proposal: Any = multivariate_t(mode.beta, shape, df=FREEDOM)  # type: ignore[call-overload]
    except np.linalg.LinAlgError as error:
        raise GateError(NO_MODE) from error
    rng = generator(seed, "flat priors")
    proposed = proposal.rvs(PROPOSALS_A_DRAW * draws, random_state=rng)
    proposed = np.asarray(proposed).reshape(PROPOSALS_A_DRAW * draws, len(mode.beta))
    log_weight = log_partial_likelihoods(history, proposed) - proposal.logpdf(proposed)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    gate = Gate((at_least("ess", 1 / (weight**2).sum(), LEAST_SHARE * len(weight)),))
    if not gate.passed:
        msg = (
            "the posterior under flat priors is too far from normal to be sampled: there are too "
            f"few events ({gate}). Use event_history.fit, which has priors."
        )
        raise GateError(msg)
    edges = (np.arange(draws) + rng.uniform()) / draws  # systematic resampling
    return proposed[np.minimum(np.searchsorted(np.cumsum(weight), edges), len(weight) - 1)]
