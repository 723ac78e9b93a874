"""Words that mean much the same, in several languages: a table, and how it is used."""

import csv
from functools import cache
from importlib.resources import files

from forecast.inbox._words import plain, words_of

TABLE = "concepts.csv"


def concept(stem: str) -> str:
    """Return what a stem is compared by: its row in the table, else the stem itself.

    Examples
    --------
    >>> concept("troop"), concept("солдат"), concept("duck")
    ('soldier', 'soldier', 'duck')
    """
    return _table().get(stem, stem)


def is_concept(term: str) -> bool:
    """Return whether a term is a row of the table."""
    return term in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(_table().values())


@cache
def _table() -> dict[str, str]:
    text = files("forecast.inbox").joinpath(TABLE).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    found: dict[str, str] = {}
    for row in csv.DictReader(lines):
        name = row.pop("concept")
        for word in (word for cell in row.values() for word in cell.split(";")):
            words = words_of(plain(word))
            if len(words) == 1:
                found.setdefault(words[0].stem, name)
    return found
