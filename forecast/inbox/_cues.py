"""Words that tell who speaks, what is claimed and what is corrected: a table, and its use."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

type Kind = Literal["says", "cites", "reports", "told", "off", "neither", "on", "corrects"]
TABLE = "cues.csv"


@cache
def cues(kind: Kind) -> re.Pattern[str]:
    """Return the pattern that finds the words of a kind in text without capitals.

    Examples
    --------
    >>> cues("off").search("moscow denies it")[0]
    'denies'
    """
    phrases = sorted({words for row in _rows() if row["kind"] == kind for words in _each(row)})
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(_pattern, longest_first)) + ")")


def _each(row: dict[str, str]) -> Iterator[str]:
    return (words.strip().lower() for words in row["words"].split(";"))


def _pattern(phrase: str) -> str:
    """Return a phrase as a pattern: ``*`` is any ending, or alone up to six words."""
    parts = [r"\w+(?:\s+\w+){0,5}" if part == "*" else _part(part) for part in phrase.split()]
    hangul = "\uac00" <= phrase[-1] <= "\ud7a3"  # verbs and nouns take endings
    return r"\s+".join(parts) + ("" if hangul or not phrase[-1].isalnum() else r"(?!\w)")


def _part(word: str) -> str:
    return re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("forecast.inbox").joinpath(TABLE).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(csv.DictReader(lines))
