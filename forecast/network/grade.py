"""The Admiralty code: a letter for a source, a digit for an item, and what either stands for.

Grades are data: the folder ``grades`` holds one table for the letters and one for the digits.
Letter and digit are not independent: of over 1,400 graded reports 87% lay on the diagonal A1, B2,
… [1]_. The digits' table allows for that; see its head.

References
----------
.. [1] Baker, McKendry & Mace (1968). Certitude judgments in an operational environment. U.S. Army
   Behavioral Science Research Laboratory, technical research note 200.
"""

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import BeforeValidator, WithJsonSchema

from forecast.network.fault import bad
from forecast.network.prior import Prior
from forecast.network.probability_belief import ProbabilityBelief

__all__ = ["Grade", "Letter", "SourceGrade", "credibility_of", "source_grades"]

LETTERS, DIGITS = "ABCDEF", "123456"
CONFIRMED, PROBABLE = "1", "2"
NODES = 40  # of the quadrature of a mean


def _grade(value: object) -> object:
    if isinstance(value, str) and len(value) == 2 and value[0] in LETTERS and value[1] in DIGITS:  # noqa: PLR2004
        return value
    raise bad(
        "is no grade of the Admiralty code",
        "Write a letter from A to F and a digit from 1 to 6, such as B2.",
    )


type Letter = Literal["A", "B", "C", "D", "E", "F"]
type Grade = Annotated[
    str,
    BeforeValidator(_grade),
    WithJsonSchema({"type": "string", "pattern": "^[A-F][1-6]$", "examples": ["B2"]}),
]


class SourceGrade(NamedTuple):
    """What a letter says of a source."""

    hit_rate: ProbabilityBelief
    false_alarm_rate: ProbabilityBelief


@cache
def source_grades() -> dict[str, SourceGrade]:
    """Return what each letter stands for.

    Examples
    --------
    >>> sorted(source_grades())
    ['A', 'B', 'C', 'D', 'E', 'F']
    """
    return {
        row["grade"]: SourceGrade(
            ProbabilityBelief.parse(row["hit_rate"]),
            ProbabilityBelief.parse(row["false_alarm_rate"]),
        )
        for row in _rows("admiralty_sources.csv")
    }


@cache
def _credibilities() -> dict[str, float]:
    rows = _rows("admiralty_items.csv")
    return {
        row["grade"]: _mean(ProbabilityBelief.parse(row["credibility"]).prior()) for row in rows
    }


def credibility_of(grade: str, *, confirmed_here: bool) -> float:
    """Return the credibility that the digit of a grade stands for.

    It is the mean of what the table states: an item's chance is linear in its credibility, so
    nothing else of its distribution matters.

    Parameters
    ----------
    grade
        Such as B2.
    confirmed_here
        Whether the record has another item that confirms it: then 1, "confirmed by other
        sources", counts as 2, so that no confirmation counts twice.
    """
    digit = grade[1]
    return _credibilities()[PROBABLE if digit == CONFIRMED and confirmed_here else digit]


def _mean(prior: Prior) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return float(prior.from_z(nodes) @ weights / weights.sum())


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("forecast.network") / "grades" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(
        line for line in text.splitlines() if line.strip() and not line.startswith("#")
    )
