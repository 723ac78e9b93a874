r"""CORP: reliability by isotonic regression, and the split of a score that comes with it [1]_.

The forecasts are recalibrated by the best function that never falls, found by pooling adjacent
violators: no bins to choose, and the same picture each time. What the mean loss would drop to
splits it,

.. math:: \bar S = \text{miscalibration} - \text{discrimination} + \text{uncertainty},

with :math:`\text{miscalibration} = \bar S - \bar S_{recalibrated}`,
:math:`\text{discrimination} = \bar S_{base rate} - \bar S_{recalibrated}` and
:math:`\text{uncertainty} = \bar S_{base rate}`; none of them is ever negative.

References
----------
.. [1] Dimitriadis, T., Gneiting, T. & Jordan, A. I. (2021). Stable reliability diagrams for
   probabilistic classifiers. PNAS 118(8), e2016191118.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression
from scipy.special import xlog1py, xlogy

from forecast.decimals import as_written
from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring.binary import RULES
from forecast.scoring.checks import Floats, Ints, vectors

__all__ = ["Corp", "Curve", "Tally", "corp", "isotonic", "tally"]


@dataclass(frozen=True)
class Curve:
    """The reliability curve: what was said, and how often it then happened.

    Parameters
    ----------
    probability
        The different probabilities that were said, to 12 decimals (`forecast.decimals`),
        increasing, shape (value,).
    calibrated
        The recalibrated probability of each, never falling, shape (value,).
    count
        How many forecasts said it, shape (value,).
    """

    probability: Floats
    calibrated: Floats
    count: Ints


@dataclass(frozen=True)
class Corp:
    """The mean loss of forecasts, split, with their reliability curve.

    Parameters
    ----------
    rule
        The loss: ``"brier"`` or ``"logarithmic"``.
    mean_score
        The mean loss: miscalibration - discrimination + uncertainty.
    miscalibration
        What recalibration would save; 0 for calibrated forecasts.
    discrimination
        What the recalibrated forecasts save over always saying the base rate.
    uncertainty
        What saying the base rate costs: a matter of the questions, not of the forecasts.
    curve
        The reliability curve.
    """

    rule: str
    mean_score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    curve: Curve

    def __repr__(self) -> str:
        return (
            f"Corp({self.rule} {self.mean_score:.4f} = {self.miscalibration:.4f} miscalibration "
            f"- {self.discrimination:.4f} discrimination + {self.uncertainty:.4f} uncertainty)"
        )


@dataclass(frozen=True)
class Tally:
    """Forecasts by what they said: value, how many, how many of them came true; shapes (value,)."""

    probability: Floats
    count: Ints
    events: Floats
    index: Ints  # (forecast,): which value each forecast said


def corp(p: ArrayLike, y: ArrayLike, *, rule: str = "brier") -> Corp:
    """Return the CORP decomposition and reliability curve of forecasts.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).
    y
        Outcomes, 1 or 0, shape (forecast,).
    rule
        ``"brier"`` or ``"logarithmic"``.

    Returns
    -------
    Corp

    Raises
    ------
    InputError
        If the input holds no probabilities and outcomes of one length, or the rule is unknown.

    Notes
    -----
    Isotonic regression fits noise: of n calibrated forecasts the miscalibration is above 0, and
    falls as n grows. Hold it against its band (`consistency_band`), or test by
    `recalibration_test`. The curve and the split take rows as they are; where questions are
    linked or repeated, bands and tests take clusters.

    With the logarithmic score, probability 0 for what happened makes miscalibration infinite.

    Examples
    --------
    >>> corp([0.1, 0.2, 0.2, 0.8], [0, 1, 0, 1])
    Corp(brier 0.1825 = 0.0575 miscalibration - 0.1250 discrimination + 0.2500 uncertainty)
    """
    if rule not in ("brier", "logarithmic"):
        remedy = did_you_mean(rule, ("brier", "logarithmic"))
        raise InputError(Fault("unknown score", remedy, field="rule", value=str(rule)))
    forecasts, happened = vectors(p, y)
    found = tally(forecasts, happened)
    calibrated = isotonic(found.events / found.count, found.count)
    total = found.count.sum()
    base_rate = np.full_like(calibrated, found.events.sum() / total)
    cost = _brier_cost if rule == "brier" else _logarithmic_cost
    ours = float(RULES[rule](forecasts, happened).mean())  # of the forecasts as they are
    best, base = (cost(said, found) / total for said in (calibrated, base_rate))
    return Corp(
        rule=rule,
        mean_score=ours,
        miscalibration=max(ours - best, 0.0),
        discrimination=max(base - best, 0.0),
        uncertainty=base,
        curve=Curve(found.probability, calibrated, found.count),
    )


def tally(p: Floats, y: Floats) -> Tally:
    """Return forecasts by what they said: those of one number as written are one value."""
    values, index, count = np.unique(as_written(p), return_inverse=True, return_counts=True)
    return Tally(values, count, np.bincount(index, weights=y, minlength=values.size), index)


def isotonic(means: Floats, weights: Floats | Ints) -> Floats:
    """Return the weighted least-squares fit that never falls, shape (value,)."""
    fit = isotonic_regression(means, weights=np.asarray(weights, dtype=np.float64)).x
    return np.asarray(np.clip(fit, 0.0, 1.0), dtype=np.float64)


def _brier_cost(said: Floats, found: Tally) -> float:
    missed = found.count - found.events
    return float((found.events * (1 - said) ** 2 + missed * said**2).sum())


def _logarithmic_cost(said: Floats, found: Tally) -> float:
    missed = found.count - found.events
    with np.errstate(divide="ignore"):
        return float(-(xlogy(found.events, said) + xlog1py(missed, -said)).sum())
