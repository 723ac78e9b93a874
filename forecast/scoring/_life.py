"""Scores over the life of a question that is forecast day by day and closes when it resolves.

There are two ways of averaging, and only one is proper. Take "X by day 100", where X is equally
likely on each day and has a probability of 0.30 in all. Averaged over the days on which the
question was open, the forecast of day one has weight 1/100 if X never happens, and far more if X
happens early and closes the question. So a yes is over-weighted, and the best forecast on day one
is 0.71. With weights fixed in advance over the *scheduled* life it is 0.30. Days after the close
then count for nothing, which is fair only to a difference, so the score is taken relative to a
reference on the same days.
"""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from forecast.decimals import same
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import (
    Floats,
    floats,
    numbers,
    outcomes,
    probabilities,
    reference_for,
)
from forecast.scoring._losses import Rule, rule_named


class ImproperScoreWarning(UserWarning):
    """A score that rewards forecasts other than what one believes."""


def gain_over_life(
    p: ArrayLike,
    y: float,
    reference: ArrayLike,
    *,
    scheduled: int,
    rule: Rule = "brier",
) -> float:
    r"""Return the gain of forecasts over a reference in the life of a question; higher is better.

    .. math:: \frac{1}{D} \sum_{d \le \text{open}} S(r_d, y) - S(p_d, y)

    with D the days scheduled, and S the loss. Proper: each day's weight is fixed in advance, so on
    each day the best forecast is the probability given everything known by then.

    Parameters
    ----------
    p
        The forecast in force on each day the question was open, shape (day,). NaN on a day
        without a forecast, which counts as the reference; see `standing`.
    y
        The outcome, 1 or 0.
    reference
        The reference on the same days, shape (day,), or one number.
    scheduled
        The days from opening to the *scheduled* close, at least as many as were open.
    rule
        The loss: ``"brier"``, ``"logarithmic"`` or ``"spherical"``.

    Returns
    -------
    float
        Above 0 where the forecasts were better than the reference.

    Raises
    ------
    InputError
        If the question was open for longer than scheduled, or the input holds no probabilities.

    Notes
    -----
    Questions can be compared by this figure: each has the same weight if it lasts as scheduled.

    Examples
    --------
    >>> round(gain_over_life([0.5, 0.8], 1, 0.5, scheduled=10), 4)
    0.021
    """
    loss = rule_named(rule)
    given = _days(p)
    if isinstance(scheduled, bool) or scheduled < given.size:
        raise InputError(
            Fault(
                f"the question was open for {given.size} days, more than scheduled",
                "Give the days from opening to the scheduled close.",
                field="scheduled",
                value=str(scheduled),
            )
        )
    daily = reference_for(reference, given.shape, "day")
    forecasts = np.where(np.isnan(given), daily, given)
    equal = same(forecasts, daily)  # no difference, even where both losses are infinite
    with np.errstate(invalid="ignore"):
        gains = loss(daily, outcomes(y)) - loss(forecasts, outcomes(y))
    return float(np.where(equal, 0.0, gains).sum() / scheduled)


def open_days_average(p: ArrayLike, y: float, *, rule: Rule = "brier") -> float:
    """Return the mean loss over the days on which a question was open. Improper: see the Notes.

    Parameters
    ----------
    p
        The forecast on each day on which the question was open, shape (day,).
    y
        The outcome, 1 or 0.
    rule
        The loss: ``"brier"``, ``"logarithmic"`` or ``"spherical"``.

    Returns
    -------
    float
        A loss; lower is better.

    Raises
    ------
    InputError
        If the input holds no probabilities.

    Warns
    -----
    ImproperScoreWarning
        Always.

    Notes
    -----
    The average of the Good Judgment Project and of many sites, for comparison with what they
    publish. If a yes closes the question early it is improper: with a constant hazard and a
    probability of 0.30 over 100 days it rewards a forecast of 0.71 on the first day. Use
    `gain_over_life`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ImproperScoreWarning)
    ...     round(open_days_average([0.5, 0.8], 1), 4)
    0.145
    """
    warnings.warn(
        "the average over the days a question was open is improper where a yes closes it early; "
        "gain_over_life is proper",
        ImproperScoreWarning,
        stacklevel=2,
    )
    return float(rule_named(rule)(probabilities(_days(p)), outcomes(y)).mean())


def standing(times: ArrayLike, p: ArrayLike, at: ArrayLike) -> Floats:
    """Return the forecast in force at each of some times: the latest one made by then.

    Parameters
    ----------
    times
        When forecasts were made, increasing, shape (forecast,).
    p
        The forecasts, shape (forecast,).
    at
        Times to look at, shape (day,).

    Returns
    -------
    array
        Probabilities, shape (day,); NaN before the first forecast.

    Raises
    ------
    InputError
        If the times do not increase, or there is not one probability for each.

    Examples
    --------
    >>> standing([1.0, 3.0], [0.2, 0.6], [0, 1, 2, 3, 4]).tolist()
    [nan, 0.2, 0.2, 0.6, 0.6]
    """
    made, forecasts, days = numbers(times, "times"), probabilities(p), numbers(at, "at")
    if made.ndim != 1 or made.shape != forecasts.shape or (np.diff(made) <= 0).any():
        raise InputError(
            Fault("times increase, and there is one probability for each", field="times")
        )
    by_then = np.searchsorted(made, days, side="right")  # (day,)
    return np.concatenate([[np.nan], forecasts])[by_then]


def _days(p: ArrayLike) -> Floats:
    values = floats(p, "p")
    if values.ndim != 1 or values.size == 0:
        raise InputError(
            Fault(
                "p has one probability for each day on which the question was open, at least one",
                field="p",
                value=f"shape {values.shape}",
            )
        )
    probabilities(values[~np.isnan(values)])
    return values
