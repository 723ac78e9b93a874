"""Scales of estimative words: which range of probability a word stands for, and on whose scale.

Scales are data: every CSV file in the folder ``scales`` is one, named after the file.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from forecast.errors import did_you_mean
from forecast.network.fault import bad

__all__ = ["WordRange", "look_up", "meanings", "scales"]


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
    """Return the range of a word on a named scale, in whatever case either is written.

    Raises
    ------
    BadValueError
        If there is no such scale, or no such word on it.
    """
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
