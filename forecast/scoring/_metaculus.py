"""Metaculus points: the baseline score and the peer score, exactly; higher is better.

Both scale the logarithmic score: the baseline score against chance, so that chance has 0 points and
certainty that came true 100, the peer score against the geometric mean of the other forecasters.
Over the life of a question Metaculus averages them with weights fixed by the *scheduled* closing
date, as `gain_over_life` does.

References
----------
.. [1] Metaculus, Scores FAQ, https://www.metaculus.com/help/scores-faq/
"""

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import (
    Floats,
    category_pairs,
    floats,
    numbers,
    outcomes,
    pairs,
    probabilities,
)
from forecast.scoring._losses import of_outcome


def metaculus_baseline(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the baseline score of a yes-or-no question, :math:`100 (\log_2 p_y + 1)` points.

    Parameters
    ----------
    p
        Probabilities of yes, above 0 and below 1.
    y
        Outcomes, 1 or 0.

    Raises
    ------
    InputError
        If a probability does not lie above 0 and below 1: Metaculus takes no others.

    Examples
    --------
    >>> metaculus_baseline([0.3, 0.9], [1, 1]).round(2).tolist()
    [-73.7, 84.8]
    """
    forecasts, happened = pairs(p, y)
    _open(forecasts)
    return np.asarray(100 * (np.log2(np.where(happened == 1, forecasts, 1 - forecasts)) + 1))


def metaculus_baseline_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the baseline score over K categories, :math:`100 \ln(K p_y) / \ln K` points.

    Parameters
    ----------
    p
        Probabilities, shape (…, category), each above 0 and below 1.
    y
        The index of the category that came true, shape (…).

    Raises
    ------
    InputError
        As `metaculus_baseline`.

    Examples
    --------
    >>> metaculus_baseline_categories([0.2, 0.3, 0.5], 2).round(4).tolist()
    36.907
    """
    forecasts, index = category_pairs(p, y)
    _open(forecasts)
    count = forecasts.shape[-1]
    return np.asarray(100 * np.log(of_outcome(forecasts, index) * count) / np.log(count))


def metaculus_baseline_density(density: ArrayLike, baseline: ArrayLike) -> Floats:
    r"""Return the baseline score of a continuous question, :math:`50 \ln(f / b)` points.

    Parameters
    ----------
    density
        The forecast's density at the outcome; beyond an open bound, its mass there.
    baseline
        The density of the baseline: (1 - 0.05 times the number of open bounds) / range;
        beyond an open bound, 0.05.

    Raises
    ------
    InputError
        If either is not a number above 0.

    Examples
    --------
    >>> metaculus_baseline_density(np.e, 1.0).round(4).tolist()
    50.0
    """
    ours, chance = numbers(density, "density"), numbers(baseline, "baseline")
    for name, values in (("density", ours), ("baseline", chance)):
        if not ((values > 0) & np.isfinite(values)).all():
            raise InputError(Fault("a density is a number above 0", field=name))
    return np.asarray(50 * np.log(ours / chance))


def metaculus_peer(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the peer score of yes-or-no questions, :math:`100 \ln(p_y / \mathrm{GM}_y)` points.

    :math:`\mathrm{GM}_y` is the geometric mean of the *other* forecasters' probabilities of the
    outcome. The points of a question sum to 0 over its forecasters.

    Parameters
    ----------
    p
        Probabilities of yes, shape (forecaster, …), above 0 and below 1; NaN where a forecaster
        did not answer.
    y
        Outcomes, shape (…).

    Returns
    -------
    array
        Points, shape (forecaster, …): NaN for no answer, 0 for the only answer.

    Raises
    ------
    InputError
        As `metaculus_baseline`.

    Examples
    --------
    >>> metaculus_peer([0.9, 0.5, np.nan], 1).round(2).tolist()
    [58.78, -58.78, nan]
    """
    given = ~np.isnan(answers := floats(p, "p"))
    forecasts = probabilities(np.where(given, answers, 0.5))
    _open(forecasts)
    happened = outcomes(y)
    if forecasts.shape[1:] != happened.shape:
        raise InputError(
            Fault(
                "p has one row for each forecaster, and y one outcome for each column",
                value=f"shapes {forecasts.shape} and {happened.shape}",
            )
        )
    return peer_points(np.log(np.where(happened == 1, forecasts, 1 - forecasts)), given)


def metaculus_peer_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the peer score over categories, :math:`100 \ln(p_y / \mathrm{GM}_y)` points.

    Parameters
    ----------
    p
        Probabilities, shape (forecaster, …, category), each above 0 and below 1.
    y
        The index of the category that came true, shape (…).

    Returns
    -------
    array
        Points, shape (forecaster, …).

    Raises
    ------
    InputError
        As `metaculus_baseline`.

    Examples
    --------
    >>> metaculus_peer_categories([[0.2, 0.3, 0.5], [0.2, 0.6, 0.2]], 1).round(2).tolist()
    [-69.31, 69.31]
    """
    forecasts, index = category_pairs(p, y)
    _open(forecasts)
    log_p = np.log(of_outcome(forecasts, index))
    return peer_points(log_p, np.ones(log_p.shape, dtype=bool))


def peer_points(log_p: Floats, given: np.ndarray) -> Floats:
    """Return points from log probabilities of the outcome, shape (forecaster, …)."""
    others = given.sum(axis=0) - given  # (forecaster, …)
    log_p = np.where(given, log_p, 0.0)
    of_others = (log_p.sum(axis=0) - log_p) / np.maximum(others, 1)
    points = np.where(others > 0, 100 * (log_p - of_others), 0.0)
    return np.where(given, points, np.nan)


def _open(forecasts: Floats) -> None:
    bad = forecasts[(forecasts <= 0) | (forecasts >= 1)]
    if bad.size:
        raise InputError(
            Fault(
                "Metaculus scores take probabilities above 0 and below 1",
                "Metaculus itself takes 0.1% to 99.9%.",
                field="p",
                value=f"{bad[0]:g}",
            )
        )
