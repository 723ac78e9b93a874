"""Scores over the life of a question that is forecast day by day and closes early if it resolves.

Two ways of averaging, of which one is proper. Take "X by day 100", X striking with the same chance
each day and with probability 0.30 in all. Averaged over the days on which the question was open, a
forecast of day one weighs 1/100 where X never comes, and far more where it comes early and closes
the question: yes is over-weighted, and the best thing to say on day one is 0.71. With weights fixed
in advance over the *scheduled* life it is 0.30. Closed days then count for nobody, which is fair
only to a difference: so the score is taken against a reference that is open on the same days.
"""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from forecast.decimals import same
from forecast.errors import Fault, InputError
from forecast.scoring.binary import Rule, rule_named
from forecast.scoring.checks import Floats, numbers, outcomes, probabilities

__all__ = ["ImproperScoreWarning", "gain_over_life", "open_days_average", "standing"]


class ImproperScoreWarning(UserWarning):
    """A score that rewards saying something else than one believes."""


def gain_over_life(
    p: ArrayLike,
    y: float,
    reference: ArrayLike,
    *,
    scheduled: int,
    rule: Rule = "brier",
) -> float:
    r"""Return what forecasts gained over a reference in the life of a question; higher is better.

    .. math:: \frac{1}{D} \sum_{d \le \text{open}} S(r_d, y) - S(p_d, y)

    with D the days scheduled, and S the loss. Proper: each day's weight is fixed before anything is
    known, so on each day the best thing to say is the probability given all that is known by then.

    Parameters
    ----------
    p
        The forecast that stood on each day the question was open, shape (day,). NaN for a
        day without a forecast, which counts as the reference; see `standing`.
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
    Questions are comparable by this figure, since each is worth the same if it lasts as scheduled.

    Examples
    --------
    >>> round(gain_over_life([0.5, 0.8], 1, 0.5, scheduled=10), 4)
    0.021
    """
    loss = rule_named(rule)
    said = _days(p)
    if isinstance(scheduled, bool) or scheduled < said.size:
        raise InputError(
            Fault(
                f"the question was open for {said.size} days, more than scheduled",
                "Give the days from opening to the scheduled close.",
                field="scheduled",
                value=str(scheduled),
            )
        )
    standard = probabilities(reference, "reference")
    if standard.shape not in {(), said.shape}:
        raise InputError(
            Fault(
                "the reference is one number, or one for each day open",
                field="reference",
                value=f"shape {standard.shape} for {said.size} days",
            )
        )
    daily = np.broadcast_to(standard, said.shape)
    forecasts = np.where(np.isnan(said), daily, said)
    alike = same(forecasts, daily)  # no difference, even where both losses are infinite
    with np.errstate(invalid="ignore"):
        gains = loss(daily, outcomes(y)) - loss(forecasts, outcomes(y))
    return float(np.where(alike, 0.0, gains).sum() / scheduled)


def open_days_average(p: ArrayLike, y: float, *, rule: Rule = "brier") -> float:
    """Return the mean loss over the days that a question was open. Improper: see the Notes.

    Parameters
    ----------
    p
        The forecast on each day that the question was open, shape (day,).
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
    The average of the Good Judgment Project and of many sites, here to compare with what they
    publish. Where a yes closes the question early it is improper: with a constant hazard and
    P = 0.30 over 100 days it rewards saying 0.71 on the first day. Use `gain_over_life`.

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
    return float(rule_named(rule)(_filled(p), outcomes(y)).mean())


def standing(times: ArrayLike, p: ArrayLike, at: ArrayLike) -> Floats:
    """Return the forecast that stands at each of some times: the latest one made by then.

    Parameters
    ----------
    times
        When forecasts were made, increasing, shape (forecast,).
    p
        What they said, shape (forecast,).
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
    made, said, days = numbers(times, "times"), probabilities(p), numbers(at, "at")
    if made.ndim != 1 or made.shape != said.shape or (np.diff(made) <= 0).any():
        raise InputError(
            Fault("times increase, and there is one probability for each", field="times")
        )
    latest = np.searchsorted(made, days, side="right") - 1  # (day,)
    return np.concatenate([[np.nan], said])[latest + 1]


def _days(p: ArrayLike) -> Floats:
    try:
        values = np.asarray(p, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(Fault("these are not numbers", field="p", value=str(error))) from None
    if values.ndim != 1 or values.size == 0:
        raise InputError(
            Fault(
                "p has one probability for each day that the question was open, at least one",
                field="p",
                value=f"shape {values.shape}",
            )
        )
    probabilities(values[~np.isnan(values)])
    return values


def _filled(p: ArrayLike) -> Floats:
    return probabilities(_days(p))
