"""The ROC curve: hits against false alarms as the threshold falls. It asks about order alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration.corp import tally
from forecast.errors import Fault, InputError
from forecast.scoring.checks import Floats, written_vectors

__all__ = ["Roc", "roc"]


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
        The chance that a yes was given more than a no, ties for half: 0.5 knows nothing.
    """

    false_alarm_rate: Floats
    hit_rate: Floats
    threshold: Floats
    area: float


def roc(p: ArrayLike, y: ArrayLike) -> Roc:
    """Return the ROC curve of forecasts.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,), with a yes and a no among them.

    Returns
    -------
    Roc

    Raises
    ------
    InputError
        If the outcomes are all alike.

    Notes
    -----
    Blind to calibration: p and p/10 have one curve. For its interval over linked questions, put
    ``lambda rows: roc(p[rows], y[rows]).area`` to `forecast.scoring.cluster_bootstrap`.

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
        raise InputError(Fault("a ROC curve needs a yes and a no among the outcomes", field="y"))
    hits = np.concatenate([[0.0], np.cumsum(events) / events.sum()])  # (threshold,)
    alarms = np.concatenate([[0.0], np.cumsum(misses) / misses.sum()])
    area = float((np.diff(alarms) * (hits[1:] + hits[:-1]) / 2).sum())
    threshold = np.concatenate([[np.inf], found.probability[::-1]])
    return Roc(alarms, hits, threshold, area)
