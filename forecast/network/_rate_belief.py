"""Beliefs about a rate per year: a chance within a span, a base rate, counts, a class, or a pool.

A reference class is named: ``class troop_entry/interstate since 1990, half-life 20 years, weight
50%: 12 onsets in 143 years``. The reader of the file fills in what follows the colon from the
class's counts; if a person has written it, it is checked against them.
"""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import expm1, log1p
from typing import Any, ClassVar

from forecast.errors import did_you_mean
from forecast.network._base import BadValueError, bad, to_day
from forecast.network._belief import chance_range
from forecast.network._phrase import (
    LARGEST,
    NUMBER,
    SMALLEST,
    Phrase,
    Range,
    chance,
    number,
    period,
    scales,
    span_range,
    split,
    tidy,
    to_range,
)
from forecast.network._prior import Fixed, Gamma, LogNormal, PoolKind, Prior, averaged
from forecast.network._spoken import (
    INTERVAL_PIECES,
    POOL_PIECES,
    Belief,
    Expert,
    Wording,
    read_pool,
    reject_unknown_keys,
    sentence,
)
from forecast.time import parse_instant, years_between

CLASS_EXAMPLE = "'class troop_entry/interstate since 1990, weight 50%'"
WHOLE = 1.0

_NAME = r"[a-z_][a-z0-9_]{0,63}"
_PHRASE = re.compile(
    rf"class ({_NAME})(?:/({_NAME}))?(?: since ([0-9]{{4}}))?"
    rf"(?:,? half-life ([^,:]+?))?(?:,? weight ([^,:]+?))?(?: ?: ?(.+))?"
)
_COUNTED = re.compile(rf"({NUMBER}) onsets? in ({NUMBER}) ([a-z-]+)")


@dataclass(frozen=True)
class ClassPhrase:
    """Which counts of which class.

    Parameters
    ----------
    name
        The class.
    subclass
        One of its subclasses; empty for all of them together.
    since
        The first year that counts; None for all.
    half_life
        Years after which a count has half its weight; None for no discount.
    weight
        How relevant one onset of the class is to the case at hand, above 0 and up to 1.
    counted
        Onsets and exposure, discounted but not yet weighted; None before they are looked up.
    unit
        The unit of the exposure.
    """

    name: str
    subclass: str = ""
    since: int | None = None
    half_life: float | None = None
    weight: float = WHOLE
    counted: tuple[float, float] | None = None
    unit: str = "years"
    wording: str = ""

    def resolved(self, onsets: float, exposure: float, unit: str) -> "ClassPhrase":
        """Return the phrase with the counts filled in, to six digits as it will be written."""
        counted = float(f"{onsets:.6g}"), float(f"{exposure:.6g}")
        head = self.wording.split(":", maxsplit=1)[0].rstrip()
        onset = "onset" if counted[0] == 1 else "onsets"
        wording = f"{head}: {counted[0]:.6g} {onset} in {counted[1]:.6g} {unit}"
        return replace(self, counted=counted, unit=unit, wording=wording)


def is_class(source: object) -> bool:
    """Return whether a belief names a reference class."""
    if isinstance(source, str):
        return source.strip().lower().startswith("class ")
    return isinstance(source, dict) and "class" in source


def read_class(text: str) -> ClassPhrase:
    """Return the phrase that a text states.

    Examples
    --------
    >>> phrase = read_class("class troop_entry/interstate since 1990, weight 50%")
    >>> phrase.name, phrase.subclass, phrase.since, phrase.weight
    ('troop_entry', 'interstate', 1990, 0.5)
    """
    text = tidy(text).lower()
    found = _PHRASE.fullmatch(text)
    if found is None:
        if "[" in text:
            raise bad(
                "counts have their own uncertainty, so they take no interval",
                "Leave the interval out; a weight below 100% widens them.",
            )
        raise bad("does not name a reference class in a readable way", f"Write {CLASS_EXAMPLE}.")
    name, subclass, since, half_life, weight, counts = found.groups()
    counted, unit = _class_counts(counts) if counts else (None, "years")
    return ClassPhrase(
        name=name,
        subclass=subclass or "",
        since=int(since) if since else None,
        half_life=period(half_life) if half_life else None,
        weight=_class_weight(weight) if weight else WHOLE,
        counted=counted,
        unit=unit,
        wording=text,
    )


def _class_weight(text: str) -> float:
    try:
        return WHOLE if text.strip() in ("100%", "1") else chance(text)
    except BadValueError as error:
        raise bad(
            f"the weight '{text.strip()}' of a class lies between 0 and 100%",
            "Write 100% for a class that fits the case as well as its own members, and less "
            "otherwise; leave out a class that says nothing about the case.",
        ) from error


def _class_counts(text: str) -> tuple[tuple[float, float], str]:
    found = _COUNTED.fullmatch(text)
    if found is None:
        raise bad(
            f"'{text}' are not counts",
            "Write ': 12 onsets in 143 years', or leave them out: the file fills them in.",
        )
    return (float(found[1]), number(found[2], "exposure")), found[3]


EXAMPLE = "'10% [3%, 25%] within 6 months'"

CLASS_PIECES = {
    "class": "A reference class, NAME or NAME/SUBCLASS: counts in reference_classes/NAME.csv.",
    "since": "The first year of the class that counts, such as 1990.",
    "half_life": "The age at which a count of the class has half its weight, such as 20 years.",
    "weight": "How relevant the class is to this case, such as 50%; default 100%.",
}

_CHANCE = re.compile(r"(.*?) ?\b(within|by) (.+)")
_ONCE = re.compile(r"once (?:in|every) (.+)")
_PER = re.compile(r"([-+.0-9a-z,]+) (?:per|a|an) (day|week|month|year)")
_COUNTS = re.compile(
    rf"(?:k ?= ?)?({NUMBER}|[-+][0-9.]+) [a-z][a-z-]* in ({NUMBER}|[-+][0-9.]+) ([a-z-]*years?)"
)


class RateBelief(Belief):
    """A belief about the rate per year at which an event turns on (or off).

    Examples
    --------
    >>> from datetime import date, datetime
    >>> belief = RateBelief.parse("10% [3%, 25%] within 6 months")
    >>> round(belief.prior(date(2024, 6, 1)).median(), 3)
    0.211
    """

    description: ClassVar[str] = (
        "How likely it is to happen with all influences off: a probability within a span or by a "
        "date, a base rate per year, counts over years of exposure, a reference class by name, or "
        "a pool of experts; with its 90% interval (or the level given in round brackets)."
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
    def _read(cls, wording: Wording) -> "RateBelief":
        if isinstance(wording, dict) and "pool" in wording:
            return RatePool(*read_pool(wording, RateBelief.parse), wording)
        text = wording if isinstance(wording, str) else _sentence(wording)
        if is_class(text):
            return ClassCounts(read_class(text), wording)
        return _read(split(text), wording)

    @abstractmethod
    def prior(self, start: date) -> Prior:
        """Return the prior of the rate per year, for a network that begins on the day `start`."""


@dataclass(frozen=True)
class Chance(RateBelief):
    """A probability within a span of years, or by the end of a day: p = 1 − exp(−λ Δ)."""

    range: Range
    within: float | None
    by: date | None
    wording: Wording = field(compare=False)

    def prior(self, start: date) -> Fixed | LogNormal:
        """Return the prior of λ = −ln(1 − p)/Δ, log-normal through its quantiles."""
        years = self.years(start)

        def rate(probability: float) -> float:
            return -log1p(-probability) / years

        return self.range.through(rate).log_normal()

    def probability_at(self, rate: float, start: date) -> float:
        """Return the probability, over this belief's own span, that a rate per year implies."""
        return -expm1(-rate * self.years(start))

    def years(self, start: date) -> float:
        """Return how long a time, in years, the probability is about."""
        if self.by is None:
            return self.within or 0.0
        begin = parse_instant(start, edge="start")
        years = years_between(begin, parse_instant(self.by, edge="end"))
        if years <= 0:
            raise bad(
                f"ends on {self.by}, before the network's start {start}",
                "Write a later date, or 'within' a span.",
            )
        return years


@dataclass(frozen=True)
class Frequency(RateBelief):
    """A base rate per year."""

    range: Range
    wording: Wording = field(compare=False)

    def prior(self, start: date) -> Fixed | LogNormal:  # noqa: ARG002  # as in the others
        """Return the log-normal rate, or the number known exactly."""
        return self.range.log_normal()


@dataclass(frozen=True)
class Counts(RateBelief):
    """Onsets counted over years of exposure: Jeffreys' prior updated by them."""

    onsets: int
    exposure: float
    wording: Wording = field(compare=False)

    def prior(self, start: date) -> Gamma:  # noqa: ARG002  # as in the others
        """Return Gamma(k + ½, exposure)."""
        return Gamma(self.onsets + 0.5, self.exposure)


@dataclass(frozen=True)
class ClassCounts(RateBelief):
    """The weighted counts of a reference class: a power prior [1]_.

    With weight w the prior is Gamma(w k + ½, w E), as after w k onsets in w E years: the worse a
    class fits the case, the less certain it is.

    References
    ----------
    .. [1] Ibrahim, J. G. & Chen, M.-H. (2000). Power prior distributions for regression models.
       Statistical Science 15(1), 46-60.
    """

    phrase: ClassPhrase
    wording: Wording = field(compare=False)

    def prior(self, start: date) -> Gamma:  # noqa: ARG002  # as in the others
        """Return Gamma(w k + ½, w exposure), once the counts have been looked up."""
        if self.phrase.counted is None:
            raise bad(
                f"the counts of the class '{self.phrase.name}' have not been looked up",
                "Read the network from a file next to the folder reference_classes, or add the "
                "counts: '…: 12 onsets in 143 years'.",
            )
        onsets, exposure = (self.phrase.weight * count for count in self.phrase.counted)
        return Gamma(onsets + 0.5, exposure)


@dataclass(frozen=True)
class RatePool(RateBelief):
    """Several experts' rates."""

    kind: PoolKind
    experts: tuple[Expert[RateBelief], ...]
    wording: Wording = field(compare=False)

    def prior(self, start: date) -> Prior:
        """Return the prior whose quantiles are averages of the experts'."""
        priors = [expert.belief.prior(start) for expert in self.experts]
        weights = [expert.weight for expert in self.experts]
        return averaged(self.kind, priors, weights)


def _sentence(wording: dict[str, Any]) -> str:
    """Return the text that a mapping stands for; its keys tell which form it is."""
    forms: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "median": ("", "", ("interval", "level", "within", "by")),
        "per_year": ("", " per year", ("interval", "level")),
        "once_in": ("once in ", "", ("interval", "level")),
        **{scale: (f"{scale}: ", "", ("within", "by")) for scale in scales()},
    }
    if "class" in wording:
        return _class_sentence(wording)
    if "onsets" in wording or "years" in wording:
        reject_unknown_keys(wording, ("onsets", "years"))
        onsets = sentence(wording, "onsets", after=" onsets in ")
        return sentence(wording, "years", before=onsets, after=" years")
    for key, (before, after, others) in forms.items():
        if key in wording:
            reject_unknown_keys(wording, (key, *others))
            return sentence(wording, key, before=before, after=after)
    known = (*forms, "onsets", "years", "class", "pool", "experts")
    strange = [key for key in wording if key not in (*known, "interval", "level", "within", "by")]
    raise bad(
        f"a belief has no part called '{strange[0]}'" if strange else "the belief has no 'median'",
        did_you_mean(strange[0], known) if strange else f"Add it, or write one text: {EXAMPLE}.",
    )


def _class_sentence(wording: dict[str, Any]) -> str:
    words = {"class": "class", "since": " since", "half_life": ", half-life", "weight": ", weight"}
    reject_unknown_keys(wording, (*words, "onsets", "years"))
    parts = [
        sentence(wording, key, before=f"{word} ") for key, word in words.items() if key in wording
    ]
    if "onsets" in wording or "years" in wording:
        parts += [sentence(wording, "onsets", before=": ", after=" onsets in ")]
        parts += [sentence(wording, "years", after=" years")]
    return "".join(parts)


def _read(phrase: Phrase, wording: Wording) -> RateBelief:
    head = phrase.head
    if counts := _COUNTS.fullmatch(head):
        return _counts(counts, phrase, wording)
    if once := _ONCE.fullmatch(head):
        return _once(once[1], phrase, wording)
    if per := _PER.fullmatch(head):
        return _per(per[1], per[2], phrase, wording)
    if spoken := _CHANCE.fullmatch(head):
        words, preposition, when = spoken.groups()
        range_ = chance_range(Phrase(words, phrase.ends, phrase.level))
        if preposition == "by":
            return Chance(range_, None, _day(when), wording)
        return Chance(range_, period(when), None, wording)
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


def _counts(counts: re.Match[str], phrase: Phrase, wording: Wording) -> Counts:
    if phrase.ends is not None:
        raise bad(
            "counts have their own uncertainty, so they take no interval",
            "Leave the interval out.",
        )
    onsets, exposure = float(counts[1]), number(counts[2], "exposure in years")
    if not onsets.is_integer() or not 0 <= onsets <= LARGEST:
        raise bad(f"'{counts[1]}' is not a count", "Write a whole number, 0 or more.")
    return Counts(int(onsets), exposure, wording)


def _once(when: str, phrase: Phrase, wording: Wording) -> Frequency:
    periods = span_range(when, phrase)
    return Frequency(_within_reach(periods.through(lambda span: 1 / span)), wording)


def _per(amount: str, unit: str, phrase: Phrase, wording: Wording) -> Frequency:
    years = period(f"1 {unit}")

    def read(text: str) -> float:
        return number(text.removesuffix(f" per {unit}"), "rate")

    rates = to_range(read(amount), phrase, read, amount)
    return Frequency(_within_reach(rates.through(lambda rate: rate / years)), wording)


def _within_reach(rates: Range) -> Range:
    ends = rates.interval or (rates.median, rates.median)
    if ends[0] < SMALLEST or ends[1] > LARGEST:
        raise bad(
            "is an implausible rate",
            f"Write one between {SMALLEST:g} and {LARGEST:g} per year.",
        )
    return rates


def _day(text: str) -> date:
    try:
        return to_day(text)
    except BadValueError as error:
        problem = f"'{text}' {error.faults[0].problem}"
        raise bad(problem, "Write an ISO 8601 date: 'by 2024-12-31'.") from error
