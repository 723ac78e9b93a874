"""Beliefs about a rate per year: a chance within a span, a base rate, counts, or a pool."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import expm1, log1p
from typing import Any, ClassVar

from forecast.errors import did_you_mean
from forecast.network.averaged import averaged
from forecast.network.class_phrase import ClassPhrase, is_class, read_class
from forecast.network.fault import BadValueError, bad
from forecast.network.phrase import (
    LARGEST,
    NUMBER,
    SMALLEST,
    Phrase,
    Range,
    number,
    period,
    split,
    to_range,
)
from forecast.network.pool import Expert, PoolKind, read_pool
from forecast.network.prior import Fixed, Gamma, LogNormal, Prior
from forecast.network.probability_belief import chance_range
from forecast.network.scale import scales
from forecast.network.spoken import (
    INTERVAL_PIECES,
    POOL_PIECES,
    Belief,
    Said,
    reject_unknown_keys,
    sentence,
    taken,
)
from forecast.time import DayError, parse_day, parse_instant, years_between

__all__ = ["Chance", "ClassCounts", "Counts", "Frequency", "RateBelief", "RatePool"]

EXAMPLE = "'10% [3%, 25%] within 6 months'"

CLASS_PIECES = {
    "class": "A reference class, NAME or NAME/SUBCLASS: counts in reference_classes/NAME.csv.",
    "since": "The first year of the class that counts, such as 1990.",
    "half_life": "How old a count of the class is when it weighs half, such as 20 years.",
    "weight": "How much the class tells of this case, such as 50%; 100% if nothing is said.",
}

_CHANCE = re.compile(r"(.*?) ?\b(within|by) (.+)")
_ONCE = re.compile(r"once (?:in|every) (.+)")
_PER = re.compile(r"([-+.0-9a-z,]+) (?:per|a|an) (day|week|month|year)")
_COUNTS = re.compile(
    rf"(?:k ?= ?)?({NUMBER}|[-+][0-9.]+) [a-z][a-z-]* in ({NUMBER}|[-+][0-9.]+) ([a-z-]*years?)"
)


class RateBelief(Belief):
    """What somebody believes about the rate per year at which an event turns on (or off).

    Examples
    --------
    >>> from datetime import date, datetime
    >>> belief = RateBelief.parse("10% [3%, 25%] within 6 months")
    >>> round(belief.prior(date(2024, 6, 1)).median(), 3)
    0.211
    """

    description: ClassVar[str] = (
        "How readily it happens, all influences off: a probability within a span or by a date, a "
        "base rate per year, counts over years of exposure, a reference class by name, or a pool "
        "of experts; with the "
        "interval that holds it with 90% confidence (or the level given in round brackets)."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "10% [3%, 25%] within 6 months",
        "10% [3%, 25%] by 2024-12-31",
        "once in 8 years [3, 20]",
        "0.12 per year [0.05, 0.3]",
        "4 onsets in 61 dyad-years",
        "class troop_entry/interstate since 1990, weight 50%",
        "icd203: unlikely within 6 months",
        "1:9 [1:30, 1:3] within 6 months",
    )
    pieces: ClassVar[Mapping[str, str]] = {
        "median": "The probability that it happens: 10%, 0.1 or 1:9; needs 'within' or 'by'.",
        "within": "The span of time of that probability, such as 6 months.",
        "by": "The day by whose end that probability holds, such as 2024-12-31.",
        "per_year": "The rate per year, such as 0.12.",
        "once_in": "How long between onsets, such as 8 years.",
        "onsets": "How many onsets were counted; needs 'years'.",
        "years": "The years of exposure over which they were counted.",
        **CLASS_PIECES,
        **INTERVAL_PIECES,
        **POOL_PIECES,
        **{scale: f"A word on the scale {scale}, such as unlikely." for scale in scales()},
    }

    @classmethod
    def parse(cls, source: object) -> "RateBelief":
        """Return the belief that a text or a mapping states.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        if isinstance(source, RateBelief):
            return source
        said = taken(source)
        if isinstance(said, dict) and "pool" in said:
            kind, experts = read_pool(said, _single_expert)
            return RatePool(kind, experts, said)
        text = said if isinstance(said, str) else _sentence(said)
        if is_class(text):
            return ClassCounts(read_class(text), said)
        return _read(split(text), said)

    @abstractmethod
    def prior(self, start: date) -> Prior:
        """Return the prior of the rate per year, for a network that begins on the day `start`."""


@dataclass(frozen=True)
class Chance(RateBelief):
    """A probability within a span of years, or by the end of a day: p = 1 − exp(−λ Δ)."""

    range: Range
    within: float | None
    by: date | None
    said: Said = field(compare=False)

    def prior(self, start: date) -> Fixed | LogNormal:
        """Return the prior of λ = −ln(1 − p)/Δ, log-normal through its quantiles."""
        years = self._years(start)

        def rate(probability: float) -> float:
            return -log1p(-probability) / years

        return self.range.through(rate).log_normal()

    def probability_at(self, rate: float, start: date) -> float:
        """Return the probability, over this belief's own span, that a rate per year implies."""
        return -expm1(-rate * self._years(start))

    def _years(self, start: date) -> float:
        if self.by is None:
            return self.within or 0.0
        begin = parse_instant(start, edge="start")
        years = years_between(begin, parse_instant(self.by, edge="end"))
        if years <= 0:
            raise bad(
                f"speaks of {self.by}, before the network's start {start}",
                "Write a later date, or 'within' a span.",
            )
        return years


@dataclass(frozen=True)
class Frequency(RateBelief):
    """A base rate per year."""

    range: Range
    said: Said = field(compare=False)

    def prior(self, start: date) -> Fixed | LogNormal:  # noqa: ARG002  # as in the others
        """Return the log-normal rate, or the number known exactly."""
        return self.range.log_normal()


@dataclass(frozen=True)
class Counts(RateBelief):
    """Onsets counted over years of exposure: Jeffreys' prior updated by them."""

    onsets: int
    exposure: float
    said: Said = field(compare=False)

    def prior(self, start: date) -> Gamma:  # noqa: ARG002  # as in the others
        """Return Gamma(k + ½, exposure)."""
        return Gamma(self.onsets + 0.5, self.exposure)


@dataclass(frozen=True)
class ClassCounts(RateBelief):
    """The counts of a reference class, each of them weighed: a power prior [1]_.

    With weight w the prior is Gamma(w k + ½, w E): as after w k onsets in w E years. A class that
    fits the case badly says the same, less surely.

    References
    ----------
    .. [1] Ibrahim, J. G. & Chen, M.-H. (2000). Power prior distributions for regression models.
       Statistical Science 15(1), 46-60.
    """

    phrase: ClassPhrase
    said: Said = field(compare=False)

    def prior(self, start: date) -> Gamma:  # noqa: ARG002  # as in the others
        """Return Gamma(w k + ½, w exposure).

        Raises
        ------
        BadValueError
            If nobody has looked the counts up.
        """
        if self.phrase.counted is None:
            raise bad(
                f"the counts of the class '{self.phrase.name}' have not been looked up",
                "Read the network from a file beside the folder reference_classes, or add the "
                "counts: '…: 12 onsets in 143 years'.",
            )
        onsets, exposure = (self.phrase.weight * count for count in self.phrase.counted)
        return Gamma(onsets + 0.5, exposure)


@dataclass(frozen=True)
class RatePool(RateBelief):
    """Several experts' rates."""

    kind: PoolKind
    experts: tuple[Expert[RateBelief], ...]
    said: Said = field(compare=False)

    def prior(self, start: date) -> Prior:
        """Return the prior whose every quantile is the average of the experts'."""
        priors = [expert.belief.prior(start) for expert in self.experts]
        weights = [expert.weight for expert in self.experts]
        return averaged(self.kind, priors, weights)


def _single_expert(source: object) -> RateBelief:
    belief = RateBelief.parse(source)
    if isinstance(belief, RatePool):
        raise bad("is a pool within a pool", "List all experts in one pool.")
    return belief


def _sentence(said: dict[str, Any]) -> str:
    """Return the text that a mapping stands for; its keys tell which form it is."""
    forms: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "median": ("", "", ("interval", "level", "within", "by")),
        "per_year": ("", " per year", ("interval", "level")),
        "once_in": ("once in ", "", ("interval", "level")),
        **{scale: (f"{scale}: ", "", ("within", "by")) for scale in scales()},
    }
    if "class" in said:
        return _class_sentence(said)
    if "onsets" in said or "years" in said:
        reject_unknown_keys(said, ("onsets", "years"))
        onsets = sentence(said, "onsets", after=" onsets in ")
        return sentence(said, "years", before=onsets, after=" years")
    for key, (before, after, others) in forms.items():
        if key in said:
            reject_unknown_keys(said, (key, *others))
            return sentence(said, key, before=before, after=after)
    known = (*forms, "onsets", "years", "class", "pool", "experts")
    strange = [key for key in said if key not in (*known, "interval", "level", "within", "by")]
    raise bad(
        f"a belief has no part called '{strange[0]}'" if strange else "the belief has no 'median'",
        did_you_mean(strange[0], known) if strange else f"Add it, or write one text: {EXAMPLE}.",
    )


def _class_sentence(said: dict[str, Any]) -> str:
    words = {"class": "class", "since": " since", "half_life": ", half-life", "weight": ", weight"}
    reject_unknown_keys(said, (*words, "onsets", "years"))
    parts = [sentence(said, key, before=f"{word} ") for key, word in words.items() if key in said]
    if "onsets" in said or "years" in said:
        parts += [sentence(said, "onsets", before=": ", after=" onsets in ")]
        parts += [sentence(said, "years", after=" years")]
    return "".join(parts)


def _read(phrase: Phrase, said: Said) -> RateBelief:
    head = phrase.head
    if counts := _COUNTS.fullmatch(head):
        return _counts(counts, phrase, said)
    if once := _ONCE.fullmatch(head):
        return _once(once[1], phrase, said)
    if per := _PER.fullmatch(head):
        return _per(per[1], per[2], phrase, said)
    if spoken := _CHANCE.fullmatch(head):
        words, preposition, when = spoken.groups()
        range_ = chance_range(Phrase(words, phrase.ends, phrase.level))
        if preposition == "by":
            return Chance(range_, None, _day(when), said)
        return Chance(range_, period(when), None, said)
    raise _no_span(phrase)


def _no_span(phrase: Phrase) -> BadValueError:
    if re.fullmatch(NUMBER, phrase.head):
        raise bad(
            "is a bare number, neither a rate nor a probability within some time",
            f"Write '{phrase.head} per year', or a probability such as {EXAMPLE}.",
        )
    chance_range(phrase)  # a fault of the number itself comes first
    return bad(
        "says how likely, but not within what time",
        "Add 'within 6 months' or 'by 2024-12-31'; for a rate, 'per year' or 'once in 8 years'.",
    )


def _counts(counts: re.Match[str], phrase: Phrase, said: Said) -> Counts:
    if phrase.ends is not None:
        raise bad(
            "counts carry their own uncertainty, so they take no interval",
            "Leave the interval out.",
        )
    onsets, exposure = float(counts[1]), number(counts[2], "exposure in years")
    if not onsets.is_integer() or not 0 <= onsets <= LARGEST:
        raise bad(f"'{counts[1]}' is not a count", "Write a whole number, 0 or more.")
    return Counts(int(onsets), exposure, said)


def _once(when: str, phrase: Phrase, said: Said) -> Frequency:
    unit = when.rsplit(" ", maxsplit=1)[-1]

    def years(text: str) -> float:
        return period(text, unit)

    periods = to_range(period(when), phrase, years, when)
    return Frequency(_within_reach(periods.through(lambda span: 1 / span)), said)


def _per(amount: str, unit: str, phrase: Phrase, said: Said) -> Frequency:
    years = period(f"1 {unit}")

    def read(text: str) -> float:
        return number(text.removesuffix(f" per {unit}"), "rate")

    rates = to_range(read(amount), phrase, read, amount)
    return Frequency(_within_reach(rates.through(lambda rate: rate / years)), said)


def _within_reach(rates: Range) -> Range:
    ends = rates.interval or (rates.median, rates.median)
    if ends[0] < SMALLEST or ends[1] > LARGEST:
        raise bad(
            "is a rate beyond any use",
            f"Write one between {SMALLEST:g} and {LARGEST:g} per year.",
        )
    return rates


def _day(text: str) -> date:
    try:
        found = parse_day(text)
    except DayError as error:
        problem = f"'{text}' {error.problem or 'is not a day'}"
        raise bad(problem, "Write an ISO 8601 date: 'by 2024-12-31'.") from error
    if isinstance(found, datetime):
        raise bad(f"'{text}' is a time, and a day is asked for", "Write 'by 2024-12-31'.")
    return found
