"""Eliciting one rate: what an answer implies, whether answers agree, and the pool of experts.

A person is asked for a low, a high and a middle probability that something happens within a span
[1]_, is shown what that implies, and sees what was counted.

References
----------
.. [1] O'Hagan, A. and others (2006). Uncertain Judgements: Eliciting Experts' Probabilities. Wiley.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import expm1, isfinite, log1p
from typing import Any

from forecast.errors import Fault, InputError
from forecast.history._reference_class import ReferenceClass
from forecast.network import Fixed, Gamma, LogNormal, RateBelief
from forecast.network._base import bad
from forecast.network._phrase import chance, period
from forecast.network._prior import PoolKind
from forecast.network._spoken import Wording

LONG, SHORT = 1.0, 7 / 365.25
"""Years; longer times are shown in years, shorter ones in days."""
MONTH = 1 / 12
LEAST_SHOWN, TENTHS_BELOW = 0.05, 10.0
"""Per cent."""


@dataclass(frozen=True)
class Answer:
    """Somebody's probability of an onset within a span, with all influences off.

    Parameters
    ----------
    within
        The span as text, such as ``6 months``.
    low, median, high
        Probabilities as text: 3%, 0.03 or 1:30. It would surprise them, at odds of 19 to 1 each, if
        the true chance were below low or above high.

    Raises
    ------
    BadValueError
        If one of them cannot be read, or they do not rise.

    Examples
    --------
    >>> Answer("6 months", "3%", "10%", "25%").belief
    '10% [3%, 25%] within 6 months'
    """

    within: str
    low: str
    median: str
    high: str

    def __post_init__(self) -> None:
        period(self.within)
        low, median, high = (chance(text) for text in (self.low, self.median, self.high))
        if not low < median < high:
            raise bad(
                f"{self.low}, {self.median}, {self.high} do not increase",
                "Give a low, a middle and a high probability, in that order.",
            )

    @property
    def years(self) -> float:
        """The span in years."""
        return period(self.within)

    @property
    def belief(self) -> str:
        """The answer as a network file states it."""
        return f"{self.median} [{self.low}, {self.high}] within {self.within}"

    @property
    def rates(self) -> tuple[float, float, float]:
        """Low, middle and high rate per year: −ln(1 − p)/Δ."""
        low, middle, high = (
            -log1p(-chance(text)) / self.years for text in (self.low, self.median, self.high)
        )
        return low, middle, high


def check_weight(name: str, weight: float) -> None:
    """Raise if the weight of a person's answer is no finite number above 0."""
    if not (isfinite(weight) and weight > 0):
        raise InputError(Fault(f"the weight of '{name}' is above 0, not {weight}", "Write 1."))


@dataclass(frozen=True)
class Expert:
    """One person's answers, for one span or several, and their weight.

    Parameters
    ----------
    name
        Who.
    answers
        At least one.
    weight
        Above 0.
    """

    name: str
    answers: tuple[Answer, ...]
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.answers:
            raise InputError(Fault(f"the expert '{self.name}' has no answer", "Add one."))
        check_weight(self.name, self.weight)

    @property
    def beliefs(self) -> list[tuple[str, float]]:
        """Each answer as a belief, with its share of the expert's weight."""
        share = self.weight / len(self.answers)
        return [(answer.belief, share) for answer in self.answers]


@dataclass(frozen=True)
class Outside:
    """A reference class as one more expert.

    Parameters
    ----------
    belief
        As a network file states it: ``class troop_entry/interstate, weight 50%``.
    weight
        Relative to the experts' weights.
    """

    belief: str
    weight: float


def feedback(answer: Answer) -> list[str]:
    """Return what an answer implies, in other words.

    Examples
    --------
    >>> for line in feedback(Answer("1 year", "3%", "7%", "15%")):
    ...     print(line)
    You have just said: once in 13.8 years; once in 6.2 years at the
    oftenest, once in 32.8 years at the rarest.
    Of a hundred such cases, 7 happen within 1 year; between 3 and 15 would not surprise you.
    Left alone, it would happen within 10 years with 52%, not within 1 month with 99.4%.
    """
    low, middle, high = answer.rates
    cases = [100 * chance(text) for text in (answer.median, answer.low, answer.high)]
    return [
        f"You have just said: once in {_wait(1 / middle)}; once in {_wait(1 / high)} at the "
        f"oftenest, once in {_wait(1 / low)} at the rarest.",
        f"Of a hundred such cases, {cases[0]:.3g} happen within {answer.within}; between "
        f"{cases[1]:.3g} and {cases[2]:.3g} would not surprise you.",
        f"Left alone, it would happen within 10 years with {share(-expm1(-middle * 10))}, not "
        f"within 1 month with {share(1 + expm1(-middle * MONTH))}.",
    ]


def clashes(answers: Sequence[Answer]) -> list[str]:
    """Return where answers for several spans cannot come from one steady rate.

    Two answers clash if the middle rate of either lies outside the other's range. Both may be right
    if the rate changes: then state that by links and windows instead of one rate.

    Examples
    --------
    >>> soon, late = Answer("6 months", "3%", "10%", "25%"), Answer("2 years", "3%", "10%", "20%")
    >>> for line in clashes([soon, late]):
    ...     print(line)
    10% within 6 months is once in 4.7 years, 10% within 2 years is once in 19.0 years. At the first
    pace it would be 34% within 2 years; at the second, 2.6% within 6 months.
    """
    found = []
    for one, two in combinations(sorted(answers, key=lambda answer: answer.years), 2):
        (low_1, rate_1, high_1), (low_2, rate_2, high_2) = one.rates, two.rates
        if low_1 <= rate_2 <= high_1 and low_2 <= rate_1 <= high_2:
            continue
        found.append(
            f"{one.median} within {one.within} is once in {_wait(1 / rate_1)}, {two.median} within "
            f"{two.within} is once in {_wait(1 / rate_2)}. At the first pace it would be "
            f"{share(-expm1(-rate_1 * two.years))} within {two.within}; at the second, "
            f"{share(-expm1(-rate_2 * one.years))} within {one.within}."
        )
    return found


def outside_view(
    counts: ReferenceClass,
    prior: Gamma | LogNormal | Fixed,
    within: str,
    answer: Answer | None = None,
) -> list[str]:
    """Return what a reference class says about a span, compared with an answer if there is one.

    Parameters
    ----------
    counts
        The class or subclass.
    prior
        Its rate per year.
    within
        The span.
    answer
        An expert's answer.
    """
    total, years = counts.total(), period(within)
    low, high = prior.interval(0.9)
    chances = [share(-expm1(-rate * years)) for rate in (prior.median(), low, high)]
    first, last = counts.period
    lines = [
        f"Counted: {total.onsets:g} onsets in {total.exposure:,.6g} {counts.unit}, {first} to "
        f"{last} ({counts.title or counts.name}): {chances[0]} within {within}, 90% interval "
        f"{chances[1]} to {chances[2]}."
    ]
    if answer is not None:
        ratio = answer.rates[1] / prior.median()
        pace = f"{ratio:.2g} times as fast" if ratio >= 1 else f"{1 / ratio:.2g} times as slow"
        where = "inside" if low <= answer.rates[1] <= high else "outside"
        lines.append(f"Your rate is {pace} as what was counted, {where} its interval.")
    return lines


def belief_of(experts: Sequence[Expert], kind: PoolKind, outside: Outside | None = None) -> Wording:
    """Return the belief for a network file: one answer as given, several as a pool.

    Raises
    ------
    InputError
        If there is neither an expert nor a class.

    Examples
    --------
    >>> kim = Expert("kim", (Answer("6 months", "3%", "10%", "25%"),))
    >>> belief_of([kim], "logarithmic")
    '10% [3%, 25%] within 6 months'
    >>> belief_of([kim], "logarithmic", Outside("class coups", 1.0))["experts"][1]
    {'name': 'outside_view', 'belief': 'class coups', 'weight': 1.0}
    """
    voices: list[dict[str, Any]] = [
        {"name": expert.name, "belief": belief, "weight": round(weight, 6)}
        for expert in experts
        for belief, weight in expert.beliefs
    ]
    if outside is not None:
        voices.append({"name": "outside_view", "belief": outside.belief, "weight": outside.weight})
    if not voices:
        raise InputError(Fault("there is no answer", "Give one, or name a class."))
    belief: Wording = voices[0]["belief"] if len(voices) == 1 else {"pool": kind, "experts": voices}
    RateBelief.parse(belief)
    return belief


def _wait(years: float) -> str:
    if years >= LONG:
        return f"{years:,.1f} years" if years < 1000 else f"{years:,.0f} years"  # noqa: PLR2004
    return f"{years * 12:.1f} months" if years >= SHORT * 8 else f"{years * 365.25:.1f} days"


def share(probability: float) -> str:
    """Return a probability as per cent, with tenths where it is small.

    Examples
    --------
    >>> share(0.5), share(0.031), share(0.9999)
    ('50%', '3.1%', '>99.9%')
    """
    percent = 100 * probability
    if percent < LEAST_SHOWN or percent > 100 - LEAST_SHOWN:
        return "<0.1%" if percent < LEAST_SHOWN else ">99.9%"
    return f"{percent:.0f}%" if TENTHS_BELOW <= percent <= 100 - 1 else f"{percent:.1f}%"
