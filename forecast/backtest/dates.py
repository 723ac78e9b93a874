"""Dates at even steps."""

from datetime import date, timedelta

from forecast.errors import Fault, InputError
from forecast.network.base import inside, to_day

__all__ = ["MOST_DATES", "every"]

MOST_DATES = 1_000


def every(first: str | date, last: str | date, *, days: int) -> tuple[date, ...]:
    """Return the days from a first to a last one, at even steps; the last only if a step hits it.

    Parameters
    ----------
    first, last
        ISO 8601 days.
    days
        The step.

    Raises
    ------
    InputError
        If either is no day, the last comes before the first, the step is less than a day, or there
        would be more than a thousand.

    Examples
    --------
    >>> len(every("2024-06-01", "2024-12-31", days=14))
    16
    """
    begin, end = _day(first, "first"), _day(last, "last")
    if end < begin:
        raise InputError(
            Fault("the last day is before the first", "Swap them.", field="last", value=str(last))
        )
    if days < 1:
        raise InputError(Fault("a step is one day at least", field="days", value=str(days)))
    count = (end - begin).days // days + 1
    if count > MOST_DATES:
        problem = f"that makes {count:,} dates, more than {MOST_DATES:,}"
        raise InputError(Fault(problem, "Take longer steps.", field="days", value=str(days)))
    return tuple(begin + timedelta(days=days * step) for step in range(count))


def _day(value: str | date, field: str) -> date:
    try:
        return to_day(value)
    except InputError as error:
        raise InputError(inside(field, error.faults)) from None
