r"""How much each forecast counts: as told, by how recent it is, and by its forecaster's skill.

**Recency.** A forecast made d days before the cut-off (or before its question resolved) counts
:math:`2^{-d/h}`. Unless told, the half-life h is the one, of a grid, under which the weighted mean
of log-odds, stretched, makes the resolved questions likeliest, with a log-normal prior around a
month (a factor of 4.5 either way), which decides where little is resolved.

**Skill.** Hard questions cost everybody, so a forecaster's logarithmic loss is taken relative to
the mean loss of the others who answered the same question. With :math:`r_{jq}` that difference,
above 0 where j did better, skill is its mean, shrunk by how much forecasters differ:

.. math:: s_j = \frac{\sum_q r_{jq}}{n_j + \sigma^2 / \tau^2},

:math:`\sigma^2` the variance of r about forecasters' means and :math:`\tau^2` that of the means
beyond it. Forecasts count :math:`\exp(\eta s_j / \tau)`, with :math:`\eta` of a grid as likely as
the resolved questions make it, each judged by skill that leaves that question out; a half-normal
prior with scale 1 keeps it at 0 where there is little to go by.
"""

from collections.abc import Mapping

import numpy as np

from forecast.crowd._pools import log_odds, shares, stretch_of
from forecast.crowd._table import Crowd
from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring._inputs import Floats

HALF_LIVES = (1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0, 120.0, 365.0, np.inf)
USUAL_HALF_LIFE, HALF_LIFE_SPREAD = 30.0, 1.5  # median in days, standard deviation of logarithm
LONGEST = 1_000.0  # what the prior takes for no decay at all
STRESS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # eta
FEWEST = 3
"""Questions that a forecaster must have answered before anything is made of their skill."""


def told(crowd: Crowd, weights: Mapping[str, float] | None) -> Floats:
    """Return each forecast's weight as the table and the caller state it, (forecaster, question).

    Raises
    ------
    InputError
        If a weight is not a number above 0, or names nobody.
    """
    if weights is None:
        return crowd.weight
    people = {str(name): place for place, name in enumerate(crowd.forecasters)}
    factor = np.ones(len(crowd.forecasters))
    faults = []
    for name, value in weights.items():
        if str(name) not in people:
            problem = "weights name a forecaster who is not in the table"
            remedy = did_you_mean(str(name), people)
            faults.append(Fault(problem, remedy, field="weights", value=str(name)))
        elif not (isinstance(value, (int, float)) and np.isfinite(value) and value > 0):
            problem = f"the weight of '{name}' must be a number above 0"
            faults.append(Fault(problem, field="weights", value=str(value)))
        else:
            factor[people[str(name)]] = value
    if faults:
        raise InputError(faults)
    return np.asarray(crowd.weight * factor[:, None])


def half_life_of(crowd: Crowd, weight: Floats) -> float:
    """Return the half-life, in days, that suits the resolved questions; see the module."""
    if not crowd.age.any():
        return np.inf
    seen = crowd.seen
    y = crowd.y[seen]
    odds = log_odds(crowd.p[:, seen])
    heights = []
    for half_life in HALF_LIVES:
        days = min(half_life, LONGEST)
        z = np.log(days / USUAL_HALF_LIFE) / HALF_LIFE_SPREAD
        share = shares(crowd.p[:, seen], decayed(weight, crowd.age, half_life)[:, seen])
        # Stretched, or averaging more would be liked for being less bold.
        _, height = stretch_of(np.nansum(share * odds, axis=0), y)
        heights.append(height - z**2 / 2)
    return HALF_LIVES[int(np.argmax(heights))]


def decayed(weight: Floats, age: Floats, half_life: float) -> Floats:
    """Return weights with recency, relative to the newest forecast of each question."""
    younger = age - age.min(axis=0)  # only ratios within a question matter
    return np.asarray(weight * np.exp2(-np.minimum(younger / half_life, LONGEST)))


def checked_half_life(half_life: float | None) -> float | None:
    """Return a half-life as given, in days.

    Raises
    ------
    InputError
        If it is not a number above 0.
    """
    if half_life is not None and not (isinstance(half_life, (int, float)) and half_life > 0):
        problem = "a half-life is a number of days above 0"
        remedy = "Leave it out to have it learned, or write float('inf') for no decay."
        raise InputError(Fault(problem, remedy, field="half_life", value=str(half_life)))
    return half_life


def relative_losses(crowd: Crowd) -> Floats:
    """Return r: the others' mean loss less one's own, on resolved questions, else NaN."""
    odds = log_odds(crowd.p)
    given = ~np.isnan(crowd.p) & crowd.seen
    signed = np.where(given, (2 * crowd.y - 1) * odds, 0.0)
    loss = np.where(given, np.logaddexp(0, -signed), np.nan)  # (forecaster, question)
    answers = (~np.isnan(loss)).sum(axis=0)
    others = (np.nansum(loss, axis=0) - loss) / np.maximum(answers - 1, 1)
    return np.where(answers > 1, others - loss, np.nan)


def skill(relative: Floats) -> tuple[Floats, Floats, float]:
    """Return shrunk skill (forecaster,), the same without each question, and tau.

    Parameters
    ----------
    relative
        From `relative_losses`, shape (forecaster, question).

    Returns
    -------
    skill, without, tau
        In nats a question; `without` has the shape of `relative`. All 0 where forecasters do not
        differ by more than luck.
    """
    given = ~np.isnan(relative)
    answers = given.sum(axis=1)
    totals = np.nansum(relative, axis=1)
    within, between = _variances(relative, answers, totals)
    if not between > 0:
        return np.zeros(len(relative)), np.zeros_like(relative), 0.0
    prior = within / between
    left = np.where(given, totals[:, None] - np.where(given, relative, 0.0), totals[:, None])
    count = answers[:, None] - given
    without = np.where(count >= FEWEST, left / (count + prior), 0.0)
    whole = np.where(answers >= FEWEST, totals / (answers + prior), 0.0)
    return whole, without, float(np.sqrt(between))


def _variances(relative: Floats, answers: Floats, totals: Floats) -> tuple[float, float]:
    """Return the variance within forecasters, and between their means beyond luck (moments)."""
    several = answers >= FEWEST
    if several.sum() < FEWEST:
        return 0.0, 0.0
    part, n = relative[several], answers[several]
    means = totals[several] / n
    freedom = float((n - 1).sum())
    within = float(np.nansum((part - means[:, None]) ** 2) / freedom)
    weight = n / within if within > 0 else np.ones(n.size)  # DerSimonian and Laird's moments
    centre = (weight * means).sum() / weight.sum()
    excess = (weight * (means - centre) ** 2).sum() - (n.size - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return within, max(float(excess / scale), 0.0)


def by_skill(crowd: Crowd, weight: Floats) -> tuple[Floats, Floats, float]:
    """Return weights with skill, the skill itself (forecaster,), and the extremising that fits.

    Notes
    -----
    With resolved questions only; the caller makes sure that there are some.
    """
    relative = relative_losses(crowd)
    whole, without, tau = skill(relative)
    seen = crowd.seen
    y, p = crowd.y[seen], crowd.p[:, seen]
    odds = log_odds(p)
    tried = []
    for eta in STRESS if tau > 0 else (0.0,):
        stress = np.exp(eta * without[:, seen] / tau) if eta else 1.0
        pooled = np.nansum(shares(p, weight[:, seen] * stress) * odds, axis=0)
        factor, height = stretch_of(pooled, y)
        tried.append((height - eta**2 / 2, eta, factor))
    _, eta, factor = max(tried)
    heavy = weight * np.exp(eta * whole / tau)[:, None] if eta else weight
    return heavy, whole, factor
