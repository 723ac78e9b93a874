"""Numbers as people write them in a network file: what the critic suggests in place of others."""

from math import log

import numpy as np

from forecast.network._phrase import LEVEL, Range
from forecast.network._prior import logit, probability_of
from forecast.time import DAYS_PER_YEAR

UNITS = {"year": 1.0, "month": 1 / 12, "week": 7 / DAYS_PER_YEAR, "day": 1 / DAYS_PER_YEAR}
LEAST = {"year": 2.0, "month": 2.0, "week": 2.0, "day": 0.0}
"""From how many of a unit on a length of time is told in it, where it is no whole number."""
WHOLE, MOST = 1e-6, 60
TENS, NINETIES = 10.0, 99.0
"""Per cent: below and above, two digits that tell are kept."""
FACTOR = 3.0
"""How far a range that is put forward for a bare number goes each way, in odds or as a ratio."""


def short(number: float) -> str:
    """Return a number with two digits, without an exponent.

    Examples
    --------
    >>> short(123.4), short(0.0567)
    ('120', '0.057')
    """
    return str(np.format_float_positional(float(f"{number:.2g}"), trim="-"))


def percent(chance: float) -> str:
    """Return a probability as it may be written.

    Examples
    --------
    >>> percent(0.352), percent(0.0123), percent(0.9934)
    ('35%', '1.2%', '99.3%')
    """
    points = 100 * chance
    if points < TENS:
        return f"{short(points)}%"
    if points <= NINETIES:
        return f"{points:.0f}%"
    return f"{100 - float(f'{100 - points:.1g}'):.10g}%"


def span(years: float) -> str:
    """Return a length of time, in the largest unit of which it is a whole number, or one that fits.

    Examples
    --------
    >>> span(0.25), span(1), span(0.137)
    ('3 months', '1 year', '7.1 weeks')
    """
    for unit, length in UNITS.items():
        count = round(years / length)
        if 1 <= count <= MOST and abs(years / length - count) < WHOLE:
            return _counted(str(count), unit)
    unit = next(unit for unit, least in LEAST.items() if years / UNITS[unit] >= least)
    return _counted(short(years / UNITS[unit]), unit)


def _counted(count: str, unit: str) -> str:
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


def span_between(years: float, low: float, high: float) -> str:
    """Return a length of time with its interval: ``6 weeks [3, 12]``."""
    told = span(years)
    length = UNITS[told.split(" ")[1].removesuffix("s")]
    return f"{told} [{short(low / length)}, {short(high / length)}]"


def chance_between(range_: Range, ratio: float = 1.0) -> str:
    """Return a probability and its interval, with odds `ratio` times as high: ``35% [12%, 65%]``.

    One without an interval is given one.
    """
    middle = logit(range_.median) + log(ratio)
    ends = (logit(end) + log(ratio) for end in range_.interval or ())
    low, high = tuple(ends) or (middle - log(FACTOR), middle + log(FACTOR))
    told = percent(probability_of(middle))
    ends_told = f"[{percent(probability_of(low))}, {percent(probability_of(high))}]"
    level = "" if range_.interval is None or range_.level == LEVEL else _level(range_.level)
    return f"{told} {ends_told}{level}"


def _level(level: float) -> str:
    return f" ({100 * level:.10g}% interval)"


def ratio_between(median: float, low: float, high: float) -> str:
    """Return a ratio and its interval: ``x3 [1.5, 6]``; one without a width alone."""
    if low == high:
        return f"x{short(median)}"
    return f"x{short(median)} [{short(low)}, {short(high)}]"


def rate_between(median: float, low: float, high: float) -> str:
    """Return a rate per year and its interval; one without a width is given one."""
    if low == high:
        low, high = median / FACTOR, median * FACTOR
    return f"{short(median)} per year [{short(low)}, {short(high)}]"


def doubled_each_way(years: float) -> str:
    """Return a length of time from half to twice of it."""
    return span_between(years, years / 2, years * 2)
