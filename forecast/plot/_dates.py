"""Dates along an axis, and lines at dates, in short English form."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from matplotlib.ticker import Formatter, Locator

from forecast.plot._style import GREY, PLAIN, SMALL, room
from forecast.time import MONTHS, day_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Matplotlib's dates are days since this instant."""

MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
DAYS = (1, 2, 7, 14)
MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)

TICK = 55.0
"""The least distance between two labels, in points."""


def short_day(instant: datetime) -> str:
    """Return the day that an instant ends or lies in, without its year.

    Examples
    --------
    >>> short_day(datetime(2024, 7, 5, 12, tzinfo=UTC))
    '5 Jul'
    """
    date = _closing(instant)
    return f"{date.day} {MONTHS[date.month - 1][:3]}"


def number(instant: datetime) -> float:
    """Return an instant as a position on an axis of dates, in days."""
    return (instant - EPOCH) / timedelta(days=1)


def date_axis(ax: "Axes") -> None:
    """Label the horizontal axis by days, months or years: as many as fit its width."""
    ax.xaxis.set_major_locator(_Dates(max(2, int(room(ax) / TICK))))
    ax.xaxis.set_major_formatter(_Days())


def marks(first: datetime, last: datetime, most: int) -> list[datetime]:
    """Return round dates between two instants, as close together as the largest number allows.

    Examples
    --------
    >>> begin, end = datetime(2024, 7, 10, tzinfo=UTC), datetime(2025, 3, 5, tzinfo=UTC)
    >>> [f"{date:%d %b}" for date in marks(begin, end, 4)]
    ['01 Sep', '01 Nov', '01 Jan', '01 Mar']
    """
    for days in DAYS:
        if (last - first) / timedelta(days=days) <= most:
            found = _every(first, last, days)
            if len(found) <= most:
                return found
    for months in MONTHS_APART:
        found = _firsts(first, last, months)
        if len(found) <= most:
            return found
    return []


def _every(first: datetime, last: datetime, days: int) -> list[datetime]:
    """Return midnights a number of days apart, on Mondays for whole weeks."""
    number = -(-((first - MONDAY) // timedelta(seconds=1)) // (86_400 * days))
    found: list[datetime] = []
    while (date := MONDAY + timedelta(days=number * days)) <= last:
        found.append(date)
        number += 1
    return found


def _firsts(first: datetime, last: datetime, months: int) -> list[datetime]:
    """Return firsts of months a number of months apart, including January if that divides 12."""
    number = (first.year * 12 + first.month - 1) // months
    found: list[datetime] = []
    while True:
        year, month = divmod(number * months, 12)
        date = datetime(year, month + 1, 1, tzinfo=UTC)
        if date > last:
            return found
        if date >= first:
            found.append(date)
        number += 1


def as_of_line(ax: "Axes", instant: datetime) -> None:
    """Mark the cut-off by a line."""
    at = number(instant)
    ax.axvline(at, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    ax.annotate(
        f"as of {day_words(instant)}",
        xy=(at, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -3),
        textcoords="offset points",
        va="top",
        fontsize=SMALL,
        alpha=0.8,
        **PLAIN,
    )


def _closing(instant: datetime) -> datetime:
    """Return the day of an instant; a midnight ends the day before."""
    utc = instant.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    return utc - timedelta(days=1) if utc == midnight else utc


class _Dates(Locator):
    """Places of round dates."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self) -> list[float]:
        """Return the places of the axis as it is."""
        assert self.axis is not None  # noqa: S101 - an axis gives itself to its locator
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the places between two ends."""
        low, high = (EPOCH + timedelta(days=float(end)) for end in sorted((vmin, vmax)))
        return [number(date) for date in marks(low, high, self.most)]


class _Days(Formatter):
    """Short labels: "5 Jul", "Jul" or "2024", and the year below the first of each year."""

    def __call__(self, x: float, _position: int | None = None) -> str:
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the labels of all ticks together."""
        dates = [EPOCH + timedelta(days=value) for value in values]
        if all((date.day, date.month) == (1, 1) for date in dates):
            return [str(date.year) for date in dates]
        whole = all(date.day == 1 for date in dates)
        labels, year = [], 0
        for date in dates:
            month = MONTHS[date.month - 1][:3]
            label = month if whole else f"{date.day} {month}"
            labels.append(label if date.year == year else f"{label}\n{date.year}")
            year = date.year
        return labels
