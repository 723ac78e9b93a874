"""Times in tables of histories: known to the day, the month or the year, or numbers of a unit.

A time is the stretch within which it lies, in years: of 365.25 days since 1970 where tables are
dated, else since the origin of the unit that it is about.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from forecast.errors import Fault
from forecast.time import DayError, parse_instant, stands_for_nothing, years_between

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REMEDY = (
    "Write a day (1974-05-03), a month (1974-05) or a year (1974); or numbers of the unit since "
    "each unit's own origin, in all of on, off, start and stop."
)
_YEAR, _MONTH = re.compile(r"(\d{4})"), re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR, LAST_YEAR, DECEMBER = 1000, 9998, 12


class Stretch(NamedTuple):
    """Within which a time lies: two equal numbers where it is known exactly."""

    low: float
    high: float


@dataclass(frozen=True)
class TimeScale:
    """How the times of two tables are to be read.

    Parameters
    ----------
    dated
        Whether they are dates.
    years
        Of one unit of those that are numbers.
    """

    dated: bool
    years: float

    def read(self, value: Any) -> Stretch:
        """Return the stretch within which a time lies.

        Raises
        ------
        DayError
            If it is not a time of this scale.
        """
        if not self.dated:
            if _is_number(value) and isfinite(float(value)):
                return Stretch(float(value) * self.years, float(value) * self.years)
            raise DayError(value, "is not a number, and the other times are", REMEDY)
        if _is_number(value):
            if float(value).is_integer() and FIRST_YEAR <= float(value) <= LAST_YEAR:
                return _year(int(value))
            raise DayError(value, "is not a date, and the other times are", REMEDY)
        text = value.strip() if isinstance(value, str) else ""
        if found := _YEAR.fullmatch(text):
            return _year(int(found[1]))
        if (found := _MONTH.fullmatch(text)) and 1 <= int(found[2]) <= DECEMBER:
            year, month = int(found[1]), int(found[2])
            after = (year + month // DECEMBER, month % DECEMBER + 1)
            return Stretch(_since(date(year, month, 1)), _since(date(*after, 1)))
        start, end = (parse_instant(value, edge="start"), parse_instant(value))
        return Stretch(years_between(EPOCH, start), years_between(EPOCH, end))

    def words(self, time: float) -> str:
        """Return a time of this scale for a message."""
        if not self.dated:
            return f"{time / self.years:g}"
        return str(np.datetime64(EPOCH.date()) + np.timedelta64(int(np.floor(time * 365.25)), "D"))


def time_scale(values: "Iterable[Any]", years: float) -> TimeScale:
    """Return the scale of times, which are dates where any of them is no number.

    Whole numbers between 1000 and 9998 are years of the calendar where the unit is a year.
    """
    given = [value for value in values if not is_missing(value)]
    if any(not _is_number(value) for value in given):
        return TimeScale(dated=True, years=years)
    whole = all(float(v).is_integer() and FIRST_YEAR <= v <= LAST_YEAR for v in given)
    return TimeScale(dated=bool(given) and whole and years == 1.0, years=years)


def time_fault(error: DayError, field: str, value: object) -> Fault:
    """Return the fault of a cell that is no time."""
    problem = error.problem or "is not a time"
    return Fault(problem, error.remedy or REMEDY, field=field, value=str(value))


def is_missing(value: object) -> bool:
    """Return whether a cell is empty."""
    return value is None or stands_for_nothing(value) or (isinstance(value, str) and not value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _year(year: int) -> Stretch:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DayError(year, "lies outside the calendar", REMEDY)
    return Stretch(year_start(year), year_start(year + 1))


def year_start(year: int) -> float:
    """Return when a year begins, in years of 365.25 days since 1970."""
    return _since(date(year, 1, 1))


def _since(day: date) -> float:
    return years_between(EPOCH, datetime(day.year, day.month, day.day, tzinfo=UTC))
