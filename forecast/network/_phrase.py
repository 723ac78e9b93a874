"""The smallest pieces of the belief language: numbers, chances, odds, spans, words, intervals.

A word such as "unlikely" stands for a range of probability on a named scale. Scales are data: every
CSV file in the folder ``scales`` is one, named after the file.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import NamedTuple

from forecast.errors import did_you_mean
from forecast.network._base import BadValueError, bad
from forecast.network._prior import Fixed, LogitNormal, LogNormal, log_normal, logit_normal
from forecast.time import parse_span

LEVEL = 0.9
LOWEST_LEVEL, HIGHEST_LEVEL = 0.1, 0.999
LONGEST_TEXT = 300
SMALLEST, LARGEST = 1e-12, 1e12

NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?"
_NUMBER = re.compile(rf"[-+]?{NUMBER}")
_ODDS = re.compile(rf"({NUMBER}) ?(?::|to) ?({NUMBER})")
_LEVEL = re.compile(rf"({NUMBER} ?%?)(?: (?:central |credible )?(?:interval|range|ci))?")


@dataclass(frozen=True)
class Range:
    """A median and, unless the number is known exactly, its central interval.

    Parameters
    ----------
    median
        The middle value.
    interval
        Lower and upper end; None if the number is known exactly.
    level
        The probability of the interval.
    """

    median: float
    interval: tuple[float, float] | None = None
    level: float = LEVEL

    def through(self, function: Callable[[float], float]) -> "Range":
        """Return the range of a monotone function of the number."""
        if self.interval is None:
            return Range(function(self.median))
        low, high = sorted(function(end) for end in self.interval)
        return Range(function(self.median), (low, high), self.level)

    def log_normal(self) -> Fixed | LogNormal:
        """Return the prior of a positive number."""
        if self.interval is None:
            return Fixed(self.median)
        return log_normal(self.median, *self.interval, self.level)

    def logit_normal(self) -> Fixed | LogitNormal:
        """Return the prior of a probability."""
        if self.interval is None:
            return Fixed(self.median)
        return logit_normal(self.median, *self.interval, self.level)


@dataclass(frozen=True)
class Phrase:
    """A belief in parts: the text outside the brackets, and the two ends inside."""

    head: str
    ends: tuple[str, str] | None = None
    level: float = LEVEL


def tidy(text: str) -> str:
    """Return text with single spaces, trimmed."""
    text = " ".join(text.split())
    if not text:
        raise bad("is empty", "Write a belief such as '10% [3%, 25%] within 6 months'.")
    if len(text) > LONGEST_TEXT:
        raise bad(f"is longer than {LONGEST_TEXT} characters", "Put explanations into 'why'.")
    return text


def split(text: str) -> Phrase:
    """Return a belief's head, the ends of its interval, and the interval's level.

    Examples
    --------
    >>> split("10% [3%, 25%] (80% interval) within 6 months")
    Phrase(head='10% within 6 months', ends=('3%', '25%'), level=0.8)
    """
    text = tidy(text).lower().replace("×", "x")
    head, ends = _take_interval(text)
    head, level = _take_level(head)
    if level is not None and ends is None:
        raise bad(
            "gives the level of an interval, but no interval",
            "Add the interval, as in '10% [3%, 25%] (80% interval)', or leave the level out.",
        )
    return Phrase(head, ends, LEVEL if level is None else level)


def _take_interval(text: str) -> tuple[str, tuple[str, str] | None]:
    if "[" not in text and "]" not in text:
        return text, None
    match = re.fullmatch(r"([^\[\]]*)\[([^\[\]]*)\]([^\[\]]*)", text)
    if match is None:
        raise bad(
            "may hold at most one interval in square brackets",
            "Write it as in '10% [3%, 25%]'.",
        )
    ends = [end.strip() for end in match[2].split(",")]
    if len(ends) != 2 or not all(ends):  # noqa: PLR2004
        raise bad(
            f"'[{match[2]}]' is not an interval: it needs a lower and an upper end, "
            "separated by one comma",
            "Write it as in '[3%, 25%]', with a point, not a comma, for decimals.",
        )
    return tidy(f"{match[1]} {match[3]}") if (match[1] + match[3]).strip() else "", (
        ends[0],
        ends[1],
    )


def _take_level(text: str) -> tuple[str, float | None]:
    if "(" not in text and ")" not in text:
        return text, None
    match = re.fullmatch(r"([^()]*)\(([^()]*)\)([^()]*)", text)
    level = _LEVEL.fullmatch(match[2].strip()) if match else None
    if match is None or level is None:
        raise bad(
            "may hold nothing in round brackets but the level of its interval",
            "Write for example '(80% interval)', and put remarks into 'why'.",
        )
    return " ".join(f"{match[1]} {match[3]}".split()), _level(level[1])


def _level(text: str) -> float:
    percent = text.endswith("%")
    level = float(text.removesuffix("%")) / (100 if percent else 1)
    if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        raise bad(
            f"the level '{text}' of the interval must lie between {LOWEST_LEVEL:.0%} and "
            f"{HIGHEST_LEVEL:.1%}",
            "Write for example '(80% interval)'.",
        )
    return level


def number(text: str, what: str = "number") -> float:
    """Return a positive number."""
    text = text.strip()
    if _NUMBER.fullmatch(text) is None:
        raise _no_number(text, what)
    value = float(text)
    if value < 0:
        raise bad(f"the {what} '{text}' is negative", "Write a positive number.")
    if value == 0 and float(text.split("e")[0]) == 0:
        raise bad(f"the {what} is 0", "Write a number above 0, however small.")
    if not SMALLEST <= value <= LARGEST:
        raise bad(
            f"the {what} '{text}' is implausible",
            f"Write a number between {SMALLEST:g} and {LARGEST:g}.",
        )
    return value


def _no_number(text: str, what: str) -> BadValueError:
    if text.strip("+-.") in {"nan", "inf", "infinity"}:
        return bad(f"the {what} '{text}' is not a finite number", "Write a number such as 0.3.")
    if re.fullmatch(r"[0-9]+,[0-9]+%?", text):
        return bad(
            f"the {what} '{text}' has a comma in it",
            f"Write a point for decimals: {text.replace(',', '.')}.",
        )
    return bad(f"'{text}' is not a {what}", "")


def chance(text: str) -> float:
    """Return a probability strictly between 0 and 1, from a percentage, a number or odds.

    Examples
    --------
    >>> chance("30%"), chance("0.3"), chance("1:9"), chance("3 to 1")
    (0.3, 0.3, 0.1, 0.75)
    """
    text = text.strip()
    odds = _ODDS.fullmatch(text)
    if odds:
        return _within_one(_share(number(odds[1], "odds"), number(odds[2], "odds")), text)
    percent = text.endswith("%")
    digits = text.removesuffix("%").strip()
    if _NUMBER.fullmatch(digits) is None:
        raise _no_chance(text)
    value = float(digits)
    if not percent and value > 1:
        raise bad(
            f"the probability '{text}' is above 1",
            f"Write {text}% if you mean per cent." if value < 100 else "",  # noqa: PLR2004
        )
    return _within_one(value / 100 if percent else value, text)


def _share(for_it: float, against: float) -> float:
    return for_it / (for_it + against)


def _within_one(value: float, text: str) -> float:
    if not isfinite(value) or value > 1:
        raise bad(f"the probability '{text}' is above 100%", "Write one below 100%.")
    if value < 0:
        raise bad(f"the probability '{text}' is negative", "Write one above 0%.")
    if value < SMALLEST:
        raise bad(
            f"the probability '{text}' is 0, which no evidence could ever change",
            "Write a small one such as 0.1%; if it cannot happen while another event is on or off, "
            "add a link of kind prevents or requires.",
        )
    if value > 1 - SMALLEST:
        raise bad(
            f"the probability '{text}' is 1, which no evidence could ever change",
            "Write a large one such as 99.9%; if it is on from the start, write initially: true.",
        )
    return value


def _no_chance(text: str) -> BadValueError:
    word = meanings(text)
    if word:
        listed = ", ".join(
            f"{low:.0%} to {high:.0%} in {name}" for name, (low, high) in word.items()
        )
        advice = " or ".join(f"'{name}: {text}'" for name in word)
        return bad(
            f"'{text}' means different things to different people ({listed})",
            f"Name the scale: write {advice}.",
        )
    scale = text.split(":", maxsplit=1)[0].strip()
    if ":" in text and re.fullmatch("[a-z][a-z0-9_ ]*", scale) and scale not in scales():
        return bad(f"there is no scale of words called '{scale}'", f"Known: {', '.join(scales())}.")
    error = _no_number(text.removesuffix("%").strip(), "probability")
    fault = error.faults[0]
    return bad(
        fault.problem if text else "names no probability",
        fault.remedy or "Write for example 10%, 0.1, 1:9, or a word such as 'icd203: unlikely'.",
    )


def period(text: str, unit: str = "") -> float:
    """Return the years in a span; a bare number is in `unit`, if one is given."""
    text = text.strip()
    if unit and _NUMBER.fullmatch(text):
        text = f"{text} {unit}"
    amount = text.split(" ")[0]
    if _NUMBER.fullmatch(amount):
        number(amount, "length of time")
    try:
        return parse_span(text)
    except ValueError as error:
        raise bad(str(error)) from error


def span_range(text: str, phrase: Phrase) -> Range:
    """Return the range of a length of time in years; ends without a unit have the median's."""
    unit = text.rsplit(" ", maxsplit=1)[-1]
    return to_range(period(text), phrase, lambda end: period(end, unit), text)


def to_range(median: float, phrase: Phrase, read: Callable[[str], float], head: str) -> Range:
    """Return the range with this median and the phrase's interval, its ends read by `read`.

    `head` is the median as text, for the message.
    """
    if phrase.ends is None:
        return Range(median)
    low, high = (read(end) for end in phrase.ends)
    shown = f"[{phrase.ends[0]}, {phrase.ends[1]}]"
    if low == high:
        raise bad(
            f"the interval {shown} has no width",
            "Leave it out if the number is known exactly.",
        )
    if low > high:
        raise bad(
            f"the interval {shown} has its ends in the wrong order",
            f"Write [{phrase.ends[1]}, {phrase.ends[0]}].",
        )
    if not low < median < high:
        raise bad(
            f"the median '{head}' does not lie inside its interval {shown}",
            "Correct one of the three numbers: the lower end, the median, the upper end.",
        )
    return Range(median, (low, high), phrase.level)


class WordRange(NamedTuple):
    """The range of probability that a word stands for on one scale."""

    low: float
    high: float


@cache
def scales() -> dict[str, dict[str, WordRange]]:
    """Return every scale by name, each a mapping from word to range.

    Examples
    --------
    >>> scales()["icd203"]["unlikely"]
    WordRange(low=0.2, high=0.45)
    """
    folder = files("forecast.network") / "scales"
    return {
        entry.name.removesuffix(".csv"): _read(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".csv")
    }


def _read(text: str) -> dict[str, WordRange]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {
        row["word"].lower(): WordRange(float(row["low"]), float(row["high"]))
        for row in csv.DictReader(lines)
    }


def look_up(scale: str, word: str) -> WordRange:
    """Return the range of a word on a named scale, in whatever case either is written."""
    known = scales()
    name = scale.lower()
    if name not in known:
        raise bad(
            f"there is no scale of words called '{scale}'",
            did_you_mean(name, known),
        )
    words = known[name]
    if word.lower() not in words:
        raise bad(
            f"the scale '{name}' has no expression '{word}'", did_you_mean(word.lower(), words)
        )
    return words[word.lower()]


def meanings(word: str) -> dict[str, WordRange]:
    """Return what a word means on every scale that has it."""
    return {name: words[word.lower()] for name, words in scales().items() if word.lower() in words}
