"""Brier scores of forecasts of censored patients, and differences with bootstrap intervals.

A patient of whom it is known at the horizon what came has the weight 1/G, where G is the chance of
having been followed that long: until the outcome was decided, or to the horizon. All others have
the weight 0 [1]_. G is the Kaplan-Meier estimate of the time of censoring after the day of the
forecast, by period of the transplant, on which the length of follow-up depends. All forecasters are
scored with the same weights.

References
----------
.. [1] Graf, E., Schmoor, C., Sauerbrei, W. & Schumacher, M. (1999). Assessment and comparison of
   prognostic classification schemes for survival data. Statistics in Medicine 18, 2529-2545.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.marrow.data import Bools, Floats, Patients

RESAMPLES, LEVEL, SEED = 4000, 0.9, 1


@dataclass(frozen=True)
class Asked:
    """One question, asked of every patient at risk on a day.

    Parameters
    ----------
    at_risk
        Of whom it is asked, shape (patient,).
    outcome
        Whether it came by the horizon, as far as is known, shape (patient,).
    weight
        Shape (patient,); 0 for those not asked, and for those of whom the outcome is not known.
    """

    at_risk: Bools
    outcome: Floats
    weight: Floats


def asked(patients: Patients, day: float, horizon: float, what: str) -> Asked:
    """Return who is asked, what came of it, and what each patient counts.

    Parameters
    ----------
    patients
        All of them.
    day
        Of the forecast: asked are those alive then and, for a relapse, without one.
    horizon
        Days after it.
    what
        ``"relapse"`` or ``"death"``. Who dies without a relapse has none, which is then known.
    """
    onset = patients.histories.onset
    relapse, death = onset["relapse"], onset["death"]
    at_risk = patients.end > day
    decided = death
    if what == "relapse":
        at_risk = at_risk & (relapse > day)
        decided = np.minimum(relapse, death)
    by = day + horizon
    outcome = onset[what] <= by
    known = (decided <= by) | (patients.end > by)
    until = np.minimum(decided, by)
    followed = np.ones(len(patients))
    censored = np.isinf(death)
    for period in np.unique(patients.period):
        here = at_risk & (patients.period == period)
        followed[here] = kept_on(patients.end[here], censored[here], until[here])
    weight = np.where(at_risk & known, 1 / followed, 0.0)
    return Asked(at_risk, outcome.astype(np.float64), weight)


def kept_on(end: Floats, censored: Bools, until: Floats) -> Floats:
    """Return the Kaplan-Meier chance of not being censored before each of some days.

    Parameters
    ----------
    end, censored
        The last day of each patient, and whether it is one of censoring.
    until
        The days.
    """
    days = np.unique(end[censored])
    at_risk = (end[:, None] >= days).sum(axis=0)
    lost = ((end[:, None] == days) & censored[:, None]).sum(axis=0)
    left = np.concatenate([[1.0], np.cumprod(1 - lost / at_risk)])
    return np.asarray(left[np.searchsorted(days, until, side="left")])


def losses(question: Asked, said: Floats) -> Floats:
    """Return each patient's weighted squared error, shape (patient,)."""
    off = np.where(question.at_risk, said, 0.0) - question.outcome
    return question.weight * off**2


def resampled(patients: int) -> NDArray[np.int64]:
    """Return how often each patient is drawn, by resample, shape (resample, patient)."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(patients, np.full(patients, 1 / patients), size=RESAMPLES)


def mean_difference(
    ours: list[Floats], theirs: list[Floats], weights: list[Floats], drawn: NDArray[np.int64]
) -> list[float]:
    """Return how much lower our Brier score is than theirs, with its interval.

    Several questions count the same, whatever the number of patients; patients are drawn with all
    of their questions.

    Parameters
    ----------
    ours, theirs, weights
        Of each question, shape (patient,).
    drawn
        As `resampled` has it.
    """
    pairs = list(zip(ours, theirs, weights, strict=True))
    estimate = np.mean([(b - a).sum() / w.sum() for a, b, w in pairs])
    again = np.mean([drawn @ (b - a) / (drawn @ w) for a, b, w in pairs], axis=0)
    tails = np.quantile(again, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [float(number) for number in (estimate, *tails)]
