"""The rules by which entries of a calendar repeat, followed within bounds."""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from forecast.files._limits import most

MAX_ALL_TIMES = most("calendar", "times of all entries")
MAX_RULES = most("calendar", "entries that repeat")
MAX_FOLLOWED = most("calendar", "days of rules with filters")
"""On which rules are followed that may never come true, all together."""
SELDOM = 4
"""How much faster a day is followed of a rule by the month or the year."""
ALWAYS = {"FREQ", "INTERVAL", "WKST", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"}
"""Parts of a rule with which it comes true again and again, and so ends where the period does."""
MAX_DAYS = most("calendar", "days of a rule")
"""From the beginning of a rule, or the last time of it that is known, to the end of the period."""
DAILY_AT_MOST = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
MIN_MONTH = 28
CYCLE = 400
"""Years after which the calendar repeats."""

type Part = Any
"""A component of a calendar; the values of its fields are of some thirty classes."""


class CannotReadError(Exception):
    """Why an entry is set aside."""


@dataclass
class Bounds:
    """What is left for the rules of a calendar: each takes time, whether it comes true or not."""

    rules: int = MAX_RULES
    times: int = MAX_ALL_TIMES
    days: int = MAX_FOLLOWED

    def take_days(self, days: int) -> None:
        """Take days on which a rule is followed that may never come true, or set it aside."""
        self.days -= days
        if self.days < 0:
            raise CannotReadError("too many entries before it repeat by such rules")

    def take_rule(self) -> None:
        """Take one rule, or set the entry aside."""
        self.rules -= 1
        if self.rules < 0:
            raise CannotReadError(f"{MAX_RULES:,} entries before it repeat")

    def taken(self, times: Iterator[datetime]) -> Iterator[datetime]:
        """Yield times while there are any left, then set the entry aside."""
        for each in times:
            self.times -= 1
            if self.times < 0:
                raise CannotReadError(f"the calendar has more than {MAX_ALL_TIMES:,} times")
            yield each


def repeated(
    part: Part, start: date, length: timedelta, period: tuple[date, date], bounds: Bounds
) -> Iterator[date]:
    """Yield the times of a rule within a period; wall-clock times stay what they are."""
    bounds.take_rule()
    rule = part["RRULE"]
    if isinstance(rule, list):
        raise CannotReadError("it has several rules of repetition")
    first = datetime.combine(period[0], time.min) - length - timedelta(days=2)
    try:
        parts = {str(name).upper(): list(value) for name, value in rule.items()}
        often, step = str(parts["FREQ"][0]).upper(), int(parts.get("INTERVAL", [1])[0])
        most = int(parts.pop("COUNT")[0]) if "COUNT" in parts else None
        if often not in DAILY_AT_MOST or step < 1 or (most is not None and most < 1):
            raise CannotReadError("it repeats more than once a day, or by no interval, or never")
        if any(len(parts.get(name, ())) > 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
            raise CannotReadError("it repeats more than once a day")
        known = _wall(start) if most is not None else _nearer(_wall(start), often, step, first)
        times = _times(parts, start, known, period[1], bounds)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise CannotReadError("its rule of repetition cannot be read") from error
    zone = start.tzinfo if isinstance(start, datetime) else None
    for one in bounds.taken(islice(times, most)):
        if one >= first:
            yield one.replace(tzinfo=zone) if isinstance(start, datetime) else one.date()


def _nearer(start: datetime, often: str, step: int, first: datetime) -> datetime:
    """Return a beginning from which a rule without a number of times has the same times later on.

    Without it, a rule that began long ago takes a step for each day since then.
    """
    if often in {"DAILY", "WEEKLY"}:
        days = step * (7 if often == "WEEKLY" else 1)
        return start + timedelta(days=days * max(0, (first - start).days // days - 1))
    months = step * (12 if often == "YEARLY" else 1)
    between = (first.year - start.year) * 12 + first.month - start.month
    ahead = months * max(0, between // months - 1)
    if start.day > MIN_MONTH:  # a month may lack the day
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + ahead, 12)
    return start.replace(year=year, month=month + 1)


def _times(
    parts: dict[str, Any], start: date, known: datetime, end: date, bounds: Bounds
) -> Iterator[datetime]:
    """Return the wall-clock times of a rule from one of them on; it has an end in any case."""
    from dateutil.rrule import (  # type: ignore[import-untyped]  # noqa: PLC0415 - for calendars
        rrulestr,
    )

    zone = start.tzinfo if isinstance(start, datetime) else None
    last = datetime.combine(end + timedelta(days=1), time.max)
    if (last - known).days > MAX_DAYS:
        raise CannotReadError(f"its rule begins more than {MAX_DAYS:,} days before the end")
    for until in parts.pop("UNTIL", [])[:1]:
        if isinstance(until, datetime):
            local = until.astimezone(zone) if until.tzinfo and zone else until
            last = min(last, local.replace(tzinfo=None))
        else:
            last = min(last, datetime.combine(until, time.max))
    if known > last:
        return iter(())
    text = ";".join(f"{name}={','.join(map(_rule_text, values))}" for name, values in parts.items())
    if "EASTER" in text.upper():
        raise CannotReadError("its rule of repetition cannot be read")
    # A rule that never comes true is followed until the year 9999: so it is followed near it.
    ahead = _ahead(known.year, last.year)
    if not parts.keys() <= ALWAYS:
        days = (date.max - known.replace(year=known.year + ahead).date()).days
        seldom = str(parts["FREQ"][0]).upper() in {"MONTHLY", "YEARLY"}
        bounds.take_days(days // SELDOM if seldom else days)
    begin, until = (each.replace(year=each.year + ahead) for each in (known, last))
    found: Any = rrulestr(text, dtstart=begin).replace(until=until)
    return (each.replace(year=each.year - ahead) for each in found)


def _ahead(first: int, last: int) -> int:
    """Return how many years later the calendar is the same, as near to its end as may be.

    It is so after 400 years, to the day of the week, and sooner where no century comes between.
    """

    def alike(years: int) -> bool:
        return all(
            date(year, 1, 1).weekday() == date(year + years, 1, 1).weekday()
            and isleap(year) == isleap(year + years)
            for year in range(first, last + 1)
        )

    whole = CYCLE * ((MAXYEAR - last) // CYCLE)
    return next(filter(alike, range(MAXYEAR - 1 - last, whole, -1)), whole)


def _rule_text(value: object) -> str:
    to_ical = getattr(value, "to_ical", None)
    return to_ical().decode() if to_ical else str(value)


def _wall(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time.min)
