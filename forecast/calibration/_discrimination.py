"""How far forecasts commit themselves, and how well they separate yes from no: sharpness, ROC."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration._corp import tally
from forecast.decimals import as_written
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, probabilities, written_vectors


@dataclass(frozen=True)
class Roc:
    """The ROC curve and the area under it.

    Parameters
    ----------
    false_alarm_rate, hit_rate
        Shares of no and of yes at or above each threshold, from 0 to 1, shape (threshold,).
    threshold
        Falling, from infinity.
    area
        The chance that a yes had a higher forecast than a no, ties counted half: 0.5 is chance.
    """

    false_alarm_rate: Floats
    hit_rate: Floats
    threshold: Floats
    area: float


def roc(p: ArrayLike, y: ArrayLike) -> Roc:
    """Return the ROC curve: hits against false alarms as the threshold falls.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,), with a yes and a no among them.

    Raises
    ------
    InputError
        If the outcomes are all the same.

    Notes
    -----
    The curve depends on the order of forecasts alone: p and p/10 have the same. For an interval
    over linked questions, pass ``lambda rows: roc(p[rows], y[rows]).area`` to
    `forecast.scoring.cluster_bootstrap`.

    References
    ----------
    .. [1] Fawcett, T. (2006). An introduction to ROC analysis. Pattern Recognition Letters 27(8),
       861-874.

    Examples
    --------
    >>> roc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).area
    0.75
    """
    found = tally(*written_vectors(p, y))
    events = found.events[::-1]
    misses = (found.count - found.events)[::-1]
    if not events.sum() or not misses.sum():
        raise InputError(Fault("an ROC curve needs a yes and a no among the outcomes", field="y"))
    hits = np.concatenate([[0.0], np.cumsum(events) / events.sum()])  # (threshold,)
    alarms = np.concatenate([[0.0], np.cumsum(misses) / misses.sum()])
    area = float((np.diff(alarms) * (hits[1:] + hits[:-1]) / 2).sum())
    threshold = np.concatenate([[np.inf], found.probability[::-1]])
    return Roc(alarms, hits, threshold, area)


def sharpness(p: ArrayLike) -> float:
    r"""Return the variance of the forecasts, :math:`\overline{(p - \bar p)^2}`.

    0 for constant forecasts; at most :math:`\bar p (1 - \bar p)`, for forecasts of 0 and 1 only.
    For calibrated forecasts it is their resolution; for others it says nothing about quality.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).

    Raises
    ------
    InputError
        If `p` does not hold probabilities.

    References
    ----------
    .. [1] Murphy, A. H. & Winkler, R. L. (1987). A general framework for forecast verification.
       Monthly Weather Review 115(7), 1330-1338.

    Examples
    --------
    >>> round(sharpness([0.1, 0.9]), 4)
    0.16
    """
    return float(np.var(_some(p)))


def expected_brier(p: ArrayLike) -> float:
    r"""Return the Brier score that the forecasts themselves expect, :math:`\overline{p (1 - p)}`.

    It is lower for sharper forecasts. A mean Brier score above it is a sign of overconfidence.

    Parameters
    ----------
    p
        As for `sharpness`, with the same errors.

    Examples
    --------
    >>> round(expected_brier([0.1, 0.9]), 4)
    0.09
    """
    forecasts = _some(p)
    return float((forecasts * (1 - forecasts)).mean())


def _some(p: ArrayLike) -> Floats:
    forecasts = probabilities(p)
    if forecasts.size == 0:
        raise InputError(Fault("there are no forecasts", field="p"))
    return as_written(forecasts)
