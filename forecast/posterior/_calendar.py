"""What callers hand in: dates that a posterior can be asked for, and shares and counts."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, QueryError
from forecast.time import Day, DayError, add_years, day_label, parse_instant, years_between

WEEK = timedelta(days=7)
MOST_WEEKS, MOST_MONTHS = 1044, 240
"""Dates shown unasked: twenty years of them; each has as many numbers as there are draws."""


def read_day(day: Day) -> datetime:
    """Return the instant that a date or a time stands for.

    Raises
    ------
    QueryError
        If it is none.
    """
    try:
        return parse_instant(day)
    except DayError as error:
        raise QueryError(str(error)) from error


def several[T](given: Iterable[T], what: str) -> list[T]:
    """Return what was given as a list.

    Raises
    ------
    QueryError
        If it is one text, whose letters would be taken one by one, one date, or nothing.
    """
    if isinstance(given, str | date) or not isinstance(given, Iterable):
        msg = f"several can be asked for at once, and '{given}' is one {what}"
        raise QueryError(Fault(msg, f"Write it in a list: ['{given}']."))
    found = list(given)
    if not found:
        msg = f"nothing is asked for: give at least one {what}"
        raise QueryError(msg)
    return found


def _steps(first: datetime, last: datetime, step: timedelta) -> list[datetime]:
    """Return instants at even steps from the first to the last, the last not included."""
    return [first + k * step for k in range(ceil((last - first) / step))]


def _later(first: datetime, months: int) -> datetime:
    """Return the first of a month so many months later."""
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)


class Calendar(NamedTuple):
    """From when to when a posterior can be asked.

    Parameters
    ----------
    start
        The network's.
    as_of
        The cut-off.
    horizon
        The end of the network's time.
    """

    start: datetime
    as_of: datetime
    horizon: datetime

    def deadline(self, by: Day) -> datetime:
        """Return a date to ask for as an instant; those before `as_of` are asked in hindsight.

        Raises
        ------
        QueryError
            If it is no date, before the network's start or beyond the horizon.
        """
        day = read_day(by)
        if not self.start <= day <= self.horizon:
            msg = (
                f"{day_label(day)} is outside what this posterior speaks of: ask for a date from "
                f"{self.start.date()} (the network's start) to {day_label(self.horizon)} "
                "(the horizon)"
            )
            raise QueryError(msg)
        return day

    def deadlines(self, by: Iterable[Day], what: str = "deadline") -> list[datetime]:
        """Return several dates to ask for as instants, in their order.

        Raises
        ------
        QueryError
            If there is none, or one of them cannot be asked for.
        """
        return [self.deadline(day) for day in several(by, what)]

    def years(self, instant: datetime) -> float:
        """Return an instant in years from the start."""
        return years_between(self.start, instant)

    def instant(self, years: float) -> datetime:
        """Return the instant so many years after the start."""
        return add_years(self.start, years)

    def weeks(self) -> list[datetime]:
        """Return weekly instants from `as_of` to the horizon, both included.

        Where that is more than twenty years, those past the first ten are further apart.
        """
        near = self.as_of + min(self.horizon - self.as_of, MOST_WEEKS // 2 * WEEK)
        step = WEEK * max(1, ceil((self.horizon - near) / (MOST_WEEKS // 2 * WEEK)))
        return [*_steps(self.as_of, near, WEEK), *_steps(near, self.horizon, step), self.horizon]

    def months(self) -> list[datetime]:
        """Return the ends of the months between `as_of` and the horizon, and the horizon.

        Where that is more than twenty years, of every second, third, … month only, and as many.
        """
        first, last = self.as_of.replace(day=1), self.horizon
        months = 12 * (last.year - first.year) + last.month - first.month
        days = (_later(first, month) for month in range(1, months + 1))
        starts = [day for day in days if day < last]
        told = starts[:: max(1, ceil(len(starts) / MOST_MONTHS))]
        return [*told, last]

    def grid(self, times: Iterable[float]) -> NDArray[np.float64]:
        """Return times, in years, and the ends of the months before the last of them.

        Sweeps that are cut at the same times agree to rounding, so all questions share the months.
        """
        asked = list(times)
        ends = [self.years(day) for day in self.months()]
        return np.unique([*asked, *(t for t in ends if t <= max(asked))])


def is_share(value: object) -> bool:
    """Return whether something is a number strictly between 0 and 1."""
    return isinstance(value, Real) and 0 < float(value) < 1


def is_count(value: object) -> bool:
    """Return whether something is a whole number of at least 1."""
    return isinstance(value, Integral) and int(value) >= 1


def shares(value: Any) -> list[float] | None:
    """Return one number between 0 and 1 or several as a list, or None where it is neither."""
    each = list(value) if isinstance(value, Iterable) else [value]
    return [float(one) for one in each] if each and all(map(is_share, each)) else None
