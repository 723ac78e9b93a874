"""Sources, their types and their grades: how often they are right, as a type and one by one.

The Admiralty code has a letter for a source and a digit for an item. The folder ``grades`` holds
one table for the letters and one for the digits. The two are not independent: of over 1,400 graded
reports 87% lay on the diagonal A1, B2, … [1]_. The digits' table allows for that; see its head.

References
----------
.. [1] Baker, McKendry & Mace (1968). Certitude judgments in an operational environment. U.S. Army
   Behavioral Science Research Laboratory, technical research note 200.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from forecast.errors import Fault
from forecast.network._base import BadValueError, Id, Listed, Model, bad
from forecast.network._belief import ProbabilityBelief
from forecast.network._phrase import chance
from forecast.network._prior import Prior
from forecast.network._rate_belief import RateBelief

LETTERS, DIGITS = "ABCDEF", "123456"
CONFIRMED, PROBABLE = "1", "2"
NODES = 40  # of the quadrature of a mean


def _grade(value: object) -> object:
    if isinstance(value, str) and len(value) == 2 and value[0] in LETTERS and value[1] in DIGITS:  # noqa: PLR2004
        return value
    raise bad(
        "is not a grade of the Admiralty code",
        "Write a letter from A to F and a digit from 1 to 6, such as B2.",
    )


type Letter = Literal["A", "B", "C", "D", "E", "F"]
type Grade = Annotated[
    str,
    BeforeValidator(_grade),
    WithJsonSchema({"type": "string", "pattern": "^[A-F][1-6]$", "examples": ["B2"]}),
]


class SourceGrade(NamedTuple):
    """What a letter says about a source."""

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
    nothing else about its distribution matters.

    Parameters
    ----------
    grade
        Such as B2.
    confirmed_here
        Whether another item of the record confirms it: then 1, "confirmed by other sources",
        counts as 2, so that no confirmation counts twice.
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


def to_share(value: object) -> object:
    """Return a percentage as the number it stands for, and anything else as it is."""
    if not isinstance(value, str) or not value.strip().endswith("%"):
        return value
    try:
        return chance(value)
    except BadValueError:
        whole = {"0%": 0.0, "100%": 1.0}.get(value.strip())
        if whole is None:
            raise bad("must lie between 0% and 100%", "Write for example 0.1 or 10%.") from None
        return whole


SHARE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^[0-9.]+ ?%$"},
    ],
    "examples": [0.1, "10%"],
}

type Share = Annotated[
    float,
    Field(ge=0, le=1, examples=[0.1]),
    BeforeValidator(to_share),
    WithJsonSchema(SHARE_SCHEMA),
]


TYPICAL = {"hit_rate": "70% [50%, 85%]", "false_alarm_rate": "5% [1%, 15%]"}


class SourceType(Model):
    """A type of source: what is believed about its members before any has a record of its own.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    hit_rate
        P(says on | on), for reports of what is or was. Needed if the evidence has a report of one.
    false_alarm_rate
        P(says on | off), for reports of what is or was. Both are stated, or neither.
    predictive_hit_rate, predictive_false_alarm_rate
        The same for predictions; default as for reports.
    forecast_weight
        The share of a forecast's distance from its base, in log-odds, that is taken over: 0 for
        none of it, 1 for all.
    report_rate
        How soon a member would report an event that is on and that it watches: a chance within a
        span, or a rate. Needed if the evidence has a silence of one.
    count_rate_off, count_rate_on
        How many a member counts per year while the event is off, and while it is on. Needed if the
        evidence has a count of one.
    spread
        How much sources of the type differ: the standard deviation of their log-odds.
    check
        The chance that a source which repeats another has checked for itself.
    why
        Why these numbers.
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: Id = Field(examples=["news_agency"])
    title: str = ""
    hit_rate: ProbabilityBelief | None = Field(default=None, examples=["70% [50%, 85%]"])
    false_alarm_rate: ProbabilityBelief | None = Field(default=None, examples=["5% [1%, 15%]"])
    predictive_hit_rate: ProbabilityBelief | None = None
    predictive_false_alarm_rate: ProbabilityBelief | None = None
    forecast_weight: ProbabilityBelief = ProbabilityBelief.parse("50% [20%, 80%]")
    report_rate: RateBelief | None = Field(default=None, examples=["80% [50%, 95%] within 1 month"])
    count_rate_off: RateBelief | None = Field(default=None, examples=["24 per year [12, 48]"])
    count_rate_on: RateBelief | None = Field(default=None, examples=["10 per month [5, 20]"])
    spread: float = Field(default=0.5, ge=0)
    check: Share = 0.1
    why: str = ""

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a type."""
        names = ("hit_rate", "false_alarm_rate")
        stated = [name for name in names if fields.get(name) is not None]
        if len(stated) == 1:
            (missing,) = {*names} - {*stated}
            yield Fault(
                f"is missing beside {stated[0]}",
                f"State it, such as '{TYPICAL[missing]}'; where no member reports, leave both out.",
                field=missing,
            )


DOMAIN_PATTERN = r"^(?!www\.)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"
LONGEST_ALIAS = 80


def _domain(value: object) -> object:
    if not isinstance(value, str):
        return value
    if re.match(DOMAIN_PATTERN, value):
        return value
    host = re.sub(r"^[a-z]+:/*", "", value.strip().lower()).split("/")[0].split(":")[0]
    host = host.removeprefix("www.").strip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    better = host if re.match(DOMAIN_PATTERN, host) else "reuters.com"
    raise bad(
        "is not a domain: lower-case, without scheme, 'www.', port or path",
        f"Write for example '{better}'; it stands for its subdomains too.",
    )


def _alias(value: object) -> object:
    if isinstance(value, str) and not (
        2 <= len(value) <= LONGEST_ALIAS  # noqa: PLR2004
        and value.strip() == value
        and any(map(str.isalpha, value))
        and value.isprintable()
    ):
        raise bad(
            f"must be a name of 2 to {LONGEST_ALIAS} characters, with a letter and without spaces "
            "at its ends",
            "Write for example 'Yonhap News Agency'.",
        )
    return value


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    folded = [name.casefold() for name in names]
    twice = [name for name in names if folded.count(name.casefold()) > 1]
    if twice:
        raise bad(f"names '{twice[0]}' twice", "Name each once; capitals do not matter.")
    return names


type Domain = Annotated[
    str,
    BeforeValidator(_domain),
    WithJsonSchema({"type": "string", "pattern": DOMAIN_PATTERN, "examples": ["reuters.com"]}),
]
type Alias = Annotated[
    str,
    BeforeValidator(_alias),
    WithJsonSchema(
        {"type": "string", "minLength": 2, "maxLength": LONGEST_ALIAS, "examples": ["연합뉴스"]}
    ),
]


class Source(Model):
    """One source; whatever is not stated is learned, pooled with its type.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    type
        The type it belongs to.
    hit_rate, false_alarm_rate, predictive_hit_rate, predictive_false_alarm_rate
        Its own rates, if they differ from the type's.
    forecast_weight
        Its own weight of forecasts, if it differs from the type's.
    report_rate
        How soon it would report what is on, if that differs from the type.
    count_rate_off, count_rate_on
        How many it counts per year while the event is off, and while it is on, if they differ from
        the type's. One source counts one indicator.
    grade
        The Admiralty code's letter for it, A to F: gives the two rates for reports that are not
        stated here.
    independent
        Whether what it knows when it forecasts is known to no other source that forecasts; else
        they are taken to share most of it.
    check
        The chance that it has checked for itself what it repeats; default its type's.
    domains
        The domains of its own pages, such as ``reuters.com``, each with its subdomains: by them the
        inbox recognises it. They change no forecast.
    aliases
        Other names and spellings by which a text calls it, in any language, such as ``ISW``; for a
        government also those who speak for it. They change no forecast.
    why
        Why these numbers.
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: Id = Field(examples=["yonhap"])
    title: str = ""
    type: Id = Field(examples=["news_agency"])
    hit_rate: ProbabilityBelief | None = None
    false_alarm_rate: ProbabilityBelief | None = None
    predictive_hit_rate: ProbabilityBelief | None = None
    predictive_false_alarm_rate: ProbabilityBelief | None = None
    forecast_weight: ProbabilityBelief | None = None
    report_rate: RateBelief | None = None
    count_rate_off: RateBelief | None = None
    count_rate_on: RateBelief | None = None
    grade: Letter | None = None
    # Left out of what is written unless it is set: networks are known by what is written of them.
    independent: Annotated[bool, Field(exclude_if=lambda flag: not flag)] = False
    check: Share | None = None
    domains: Annotated[
        tuple[Domain, ...], Listed, AfterValidator(_each_once), Field(exclude_if=lambda t: not t)
    ] = ()
    aliases: Annotated[
        tuple[Alias, ...], Listed, AfterValidator(_each_once), Field(exclude_if=lambda t: not t)
    ] = ()
    why: str = ""
