"""Eliciting whether something ever comes, and how soon: what an answer implies, and the pool.

With the chance p that it ever comes and the half-time h, the probability that it has come within t
is p (1 − 2^(−t/h)): a cure fraction [1]_. A constant rate has no p: it would come in the end.

References
----------
.. [1] Berkson, J. and Gage, R. P. (1952). Survival curve for cancer patients following treatment.
   Journal of the American Statistical Association 47.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, log1p

import numpy as np
from scipy.special import ndtri

from forecast.errors import Fault, InputError
from forecast.history._elicitation import check_weight, share
from forecast.network import Prior
from forecast.network._base import bad
from forecast.network._belief import ProbabilityBelief
from forecast.network._pace import Pace
from forecast.network._phrase import LEVEL, chance, period
from forecast.network._prior import PoolKind
from forecast.network._spoken import Wording

type Quantiles = tuple[float, float, float]
"""Of a number: its middle, and the ends of its central 90% interval."""

GRID = 256
TAIL = (1 - LEVEL) / 2
SOON = 0.5
"""Years: the span at which a steady rate is compared."""

SPANS = {"3 months": 0.25, "6 months": 0.5, "12 months": 1.0}
NEARLY_SURE = 0.9
"""Of a steady rate by the horizon: more is seldom meant."""


@dataclass(frozen=True)
class EverAnswer:
    """Somebody's chance that something ever comes, and how soon it comes if it does.

    Parameters
    ----------
    ever
        Low, median and high chance that it ever comes, however long one waits, as text.
    pace
        Short, median and long time within which half of that chance is used up, as text.

    Raises
    ------
    BadValueError
        If one of them cannot be read, or they do not rise.

    Examples
    --------
    >>> answer = EverAnswer(("20%", "45%", "70%"), ("2 months", "4 months", "9 months"))
    >>> answer.beliefs
    {'ever': '45% [20%, 70%]', 'pace': 'half of it within 4 months [2 months, 9 months]'}
    """

    ever: tuple[str, str, str]
    pace: tuple[str, str, str]

    def __post_init__(self) -> None:
        for texts, read in ((self.ever, chance), (self.pace, period)):
            low, median, high = (read(text) for text in texts)
            if not low < median < high:
                raise bad(
                    f"{', '.join(texts)} do not increase",
                    "Give a low, a middle and a high one, in that order.",
                )

    @property
    def beliefs(self) -> dict[str, Wording]:
        """The answer as a network file states it: the fields ``ever`` and ``pace``."""
        (low, median, high), (short, half, long) = self.ever, self.pace
        return {
            "ever": f"{median} [{low}, {high}]",
            "pace": f"{Pace.lead} {half} [{short}, {long}]",
        }


@dataclass(frozen=True)
class EverExpert:
    """One person's answer, and their weight.

    Parameters
    ----------
    name
        Who.
    answer
        What they said.
    weight
        Above 0.
    """

    name: str
    answer: EverAnswer
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_weight(self.name, self.weight)


def come_by(ever: Prior, pace: Prior, years: float) -> Quantiles:
    """Return the probability that it has come within a span, as quantiles over both priors.

    Parameters
    ----------
    ever
        The chance that it ever comes.
    pace
        Its rate per year if it does.
    years
        The span.

    Examples
    --------
    >>> from math import log
    >>> from forecast.network import Fixed
    >>> come_by(Fixed(0.4), Fixed(log(2)), 1.0)
    (0.2, 0.2, 0.2)
    """
    z = ndtri((np.arange(GRID) + 0.5) / GRID)  # (point,)
    used = -np.expm1(-pace.from_z(z) * years)
    chances = np.multiply.outer(ever.from_z(z), used)  # (point, point)
    middle, low, high = np.quantile(chances, [0.5, TAIL, 1 - TAIL]).tolist()
    return middle, low, high


def implied(ever: Prior, pace: Prior, horizon: float) -> list[str]:
    """Return what a chance and a pace imply by some dates, beside a steady rate.

    Parameters
    ----------
    ever, pace
        As in `come_by`.
    horizon
        How far the network reaches, in years from its start.
    """
    spans = {**SPANS, "the network's horizon": horizon}
    by = ", ".join(
        f"{_quantiles(come_by(ever, pace, years))} {'within' if name in SPANS else 'by'} {name}"
        for name, years in spans.items()
    )
    rate = -log1p(-come_by(ever, pace, SOON)[0]) / SOON
    return [
        f"So it has come: {by}.",
        f"A steady rate with as much within 6 months would give {share(-expm1(-rate * horizon))} "
        "by the horizon, and certainty in the end.",
    ]


def implied_by_rate(rates: Quantiles, horizon: float) -> list[str]:
    """Return what a steady rate implies by some dates, and a warning if it is nearly certain.

    Parameters
    ----------
    rates
        Low, middle and high rate per year.
    horizon
        How far the network reaches, in years from its start.
    """
    low, middle, high = rates
    spans = {**SPANS, "the network's horizon": horizon}
    by = ", ".join(
        _quantiles((-expm1(-middle * t), -expm1(-low * t), -expm1(-high * t)))
        + f" {'within' if name in SPANS else 'by'} {name}"
        for name, t in spans.items()
    )
    told = [f"So it has come: {by}."]
    if -expm1(-middle * horizon) > NEARLY_SURE:
        told.append(
            "A steady rate makes it nearly certain by the horizon. If it may never come, state "
            "whether it ever comes and how soon."
        )
    return told


def feedback(answer: EverAnswer) -> list[str]:
    """Return what an answer says, in other words.

    Examples
    --------
    >>> for line in feedback(
    ...     EverAnswer(("20%", "45%", "70%"), ("2 months", "4 months", "9 months"))
    ... ):
    ...     print(line)
    Of a hundred such cases, 45 come in the end, and 55 never; between 20 and 70 would not surprise
    you.
    Of those that come, half have come within 4 months; 2 months to 9 months would not surprise you.
    """
    low, median, high = (100 * chance(text) for text in answer.ever)
    return [
        f"Of a hundred such cases, {median:.3g} come in the end, and {100 - median:.3g} never; "
        f"between {low:.3g} and {high:.3g} would not surprise you.",
        f"Of those that come, half have come within {answer.pace[1]}; {answer.pace[0]} to "
        f"{answer.pace[2]} would not surprise you.",
    ]


def beliefs_of(experts: Sequence[EverExpert], kind: PoolKind) -> dict[str, Wording]:
    """Return the fields ``ever`` and ``pace``: one answer as given, several as a pool.

    The chance is written as a pool of the experts. Half-times are pooled here: their quantiles are
    averaged, or the logarithms of these.

    Raises
    ------
    InputError
        If there is no answer.

    Examples
    --------
    >>> kim = EverAnswer(("20%", "45%", "70%"), ("2 months", "4 months", "9 months"))
    >>> lee = EverAnswer(("10%", "20%", "40%"), ("8 months", "16 months", "36 months"))
    >>> beliefs_of([EverExpert("kim", kim), EverExpert("lee", lee)], "logarithmic")["pace"]
    'half of it within 8 months [4 months, 18 months]'
    """
    if not experts:
        raise InputError(Fault("there is no answer", "Give one."))
    if len(experts) == 1:
        return experts[0].answer.beliefs
    voices = [
        {"name": e.name, "belief": e.answer.beliefs["ever"], "weight": round(e.weight, 6)}
        for e in experts
    ]
    ever: Wording = {"pool": kind, "experts": voices}
    ProbabilityBelief.parse(ever)
    times = [[12 * period(text) for text in e.answer.pace] for e in experts]
    weights = [e.weight for e in experts]
    short, half, long = (
        f"{_averaged([time[place] for time in times], weights, kind):.3g} months"
        for place in range(3)
    )
    return {"ever": ever, "pace": f"{Pace.lead} {half} [{short}, {long}]"}


def _averaged(values: Sequence[float], weights: Sequence[float], kind: PoolKind) -> float:
    if kind == "linear":
        return float(np.average(values, weights=weights))
    return exp(float(np.average(np.log(values), weights=weights)))


def _quantiles(found: Quantiles) -> str:
    middle, low, high = (share(each) for each in found)
    return middle if low == high else f"{middle} ({low} to {high})"
