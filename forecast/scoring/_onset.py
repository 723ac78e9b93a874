r"""The continuous ranked probability score of onset dates, "not by the horizon" among them.

Both functions integrate the Brier score of "on by t" over all t up to the horizon,

.. math:: \int_0^H (F(t) - 1[T \le t])^2 \, dt,

the CRPS with weight 1 up to the horizon and 0 beyond it [1]_. What happens after the horizon does
not count, so an onset after it needs no date. The score has the unit of the times it is given, and
is strictly proper for the distribution up to the horizon.

References
----------
.. [1] Gneiting, T. & Ranjan, R. (2011). Comparing density forecasts using threshold- and
   quantile-weighted scoring rules. Journal of Business & Economic Statistics 29(3), 411-422.
"""

import numpy as np
from numpy.typing import ArrayLike

from forecast.decimals import as_written
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, numbers, probabilities


def crps_onset(times: ArrayLike, p: ArrayLike, onset: ArrayLike) -> Floats:
    r"""Return the CRPS of a curve "on by t" against the onset; lower is better.

    Parameters
    ----------
    times
        Times at which the curve is known, increasing, shape (time,): the first is where the
        question opens, the last the horizon.
    p
        P(on by each time), never falling, shape (…, time); linear in between. One minus the last
        is the probability of "not by the horizon".
    onset
        The time of onset, shape (…), in the unit of `times`; infinity for "not by the horizon".

    Returns
    -------
    array
        The score, shape (…), in the unit of `times`.

    Raises
    ------
    InputError
        If the times do not increase, the curve falls, or the onset lies before the first time.

    Notes
    -----
    Exact for the piecewise linear curve. An event that is off at the first time has
    :math:`F = 0` there; a first value above 0 is a jump at the first time.

    Examples
    --------
    >>> crps_onset([0, 10], [0.0, 1.0], onset=5.0).round(4).tolist()
    0.8333
    >>> crps_onset([0, 10], [0.0, 0.0], onset=np.inf).round(4).tolist()
    0.0
    """
    grid, curve = numbers(times, "times"), probabilities(p)
    came = _onsets(onset, grid)
    if curve.shape[-1:] != grid.shape:
        raise InputError(
            Fault(
                "the last axis of p has one probability for each time",
                field="p",
                value=f"shapes {curve.shape} and {grid.shape}",
            )
        )
    if (as_written(np.diff(curve, axis=-1)) < 0).any():
        raise InputError(
            Fault("the probability of being on by a time never falls with time", field="p")
        )
    low, high = grid[:-1], grid[1:]  # (step,)
    cut = np.clip(came[..., None], low, high)  # (…, step)
    share = (cut - low) / (high - low)
    at_low, at_high = curve[..., :-1], curve[..., 1:]
    at_cut = at_low + (at_high - at_low) * share
    before = (cut - low) * _mean_square(at_low, at_cut)
    after = (high - cut) * _mean_square(1 - at_cut, 1 - at_high)
    return np.asarray((before + after).sum(axis=-1))


def crps_onset_draws(draws: ArrayLike, onset: ArrayLike, *, horizon: float) -> Floats:
    r"""Return the CRPS of drawn onset times against the onset; lower is better.

    With times cut at the horizon it is
    :math:`\overline{|x_i - t|} - \tfrac{1}{2} \overline{|x_i - x_j|}`: the score of the
    draws' own step function, not corrected for their finite number.

    Parameters
    ----------
    draws
        Onset times, shape (…, draw); infinity, or anything past the horizon, for "not by then".
    onset
        The time of onset, shape (…); infinity for "not by the horizon".
    horizon
        The end of the period that counts.

    Returns
    -------
    array
        The score, shape (…), in the unit of the times.

    Raises
    ------
    InputError
        If there are no draws, or the horizon is not a finite number.

    Examples
    --------
    >>> crps_onset_draws([2.0, np.inf], onset=2.0, horizon=10.0).round(4).tolist()
    2.0
    """
    if not np.isfinite(horizon):
        raise InputError(Fault("must be a finite time", field="horizon", value=str(horizon)))
    drawn = numbers(draws, "draws")
    if drawn.ndim == 0 or drawn.shape[-1] == 0:
        raise InputError(Fault("there are no draws", field="draws"))
    cut = np.sort(np.minimum(drawn, horizon), axis=-1)  # (…, draw)
    came = np.minimum(numbers(onset, "onset"), horizon)
    count = cut.shape[-1]
    distance = np.abs(cut - came[..., None]).mean(axis=-1)
    rank = 2 * np.arange(1, count + 1) - count - 1  # sum over pairs of |xi - xj|, from sorted x
    spread = (cut * rank).sum(axis=-1) / count**2
    return np.asarray(distance - spread)


def _onsets(onset: ArrayLike, grid: Floats) -> Floats:
    if grid.ndim != 1 or grid.size < 2 or (np.diff(grid) <= 0).any() or not np.isfinite(grid).all():  # noqa: PLR2004
        raise InputError(
            Fault(
                "times are two or more finite numbers that increase",
                "Give the opening of the question first and the horizon last.",
                field="times",
            )
        )
    came = numbers(onset, "onset")
    if (came < grid[0]).any():
        raise InputError(
            Fault(
                "lies before the first time",
                "Open the curve before the onset; write inf for 'not by the horizon'.",
                field="onset",
                value=f"{came.min():g}",
            )
        )
    return came


def _mean_square(first: Floats, last: Floats) -> Floats:
    """Return the mean of the square of a line between two values."""
    return np.asarray((first * first + first * last + last * last) / 3)
