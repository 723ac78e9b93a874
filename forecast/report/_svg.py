"""Axes of the page's charts: dates across, probabilities up, in the units of the drawing.

SVG, written so that no text in it can become markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup, escape

from forecast.decimals import reaches
from forecast.time import MONTHS
from forecast.visible import visible

STEPS = {top: top / 2 for top in (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 1.0)}
"""Where the axis of probabilities may end, and the step between its labels."""

MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120)
MOST_DATES = 5
DAY = timedelta(days=1)
DAYS_APART = (1, 2, 5, 7, 14, 28)
SHORT = 100 * DAY
"""A time too short for months."""


def number(value: float) -> str:
    """Return a coordinate, short.

    Examples
    --------
    >>> number(12.0), number(3.14159)
    ('12', '3.1')
    """
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def evenly[T](these: Sequence[T], most: int) -> Sequence[T]:
    """Return at most so many, evenly chosen, the first and the last among them.

    Examples
    --------
    >>> evenly(range(10), 4)
    [0, 3, 6, 9]
    """
    if len(these) <= most:
        return these
    return [these[n * (len(these) - 1) // (most - 1)] for n in range(most)]


@dataclass(frozen=True)
class Tick:
    """A place on an axis, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Axes:
    """A rectangle with dates across and probabilities up.

    Parameters
    ----------
    left, right, top, bottom
        Its sides; y grows downwards.
    begin, end
        The dates at its left and right sides.
    highest
        The probability at its top.
    """

    left: float
    right: float
    top: float
    bottom: float
    begin: datetime
    end: datetime
    highest: float

    def x(self, at: datetime) -> float:
        """Return where a date stands."""
        return self.left + (self.right - self.left) * ((at - self.begin) / (self.end - self.begin))

    def y(self, probability: float) -> float:
        """Return where a probability stands."""
        return self.bottom - (self.bottom - self.top) * probability / self.highest

    def path(self, places: Iterable[tuple[datetime, float]]) -> str:
        """Return dates and probabilities as an SVG path, in steps to be short."""
        x, y, parts = 0, 0, []
        for at, probability in places:
            right, down = round(10 * self.x(at)), round(10 * self.y(probability))
            parts.append(f"{number((right - x) / 10)} {number((down - y) / 10)}")
            x, y = right, down
        return f"m{'l'.join(parts[:2])}{''.join(f' {part}' for part in parts[2:])}".replace(
            " -", "-"
        )

    @property
    def across(self) -> Sequence[Tick]:
        """At most five dates: firsts of months, or days where the time is short."""
        if self.end - self.begin <= SHORT:
            return [Tick(self.x(day + DAY), f"{day.day} {_month(day)}") for day in self._days()]
        for apart in MONTHS_APART:
            firsts = _firsts(self.begin, self.end, apart)
            if len(firsts) <= MOST_DATES:
                break
        return [Tick(self.x(day), f"{_month(day)} {day.year}") for day in firsts]

    def _days(self) -> list[datetime]:
        """Return at most five days, evenly apart; a midnight closes the day before it."""
        days = (self.end - self.begin) // DAY
        apart = next(n for n in DAYS_APART if days // n < MOST_DATES)
        last = (self.end - timedelta(microseconds=1)).date()
        count = days // apart + 1
        ends = [last - n * apart * DAY for n in range(count)]
        return [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in reversed(ends)]

    @property
    def up(self) -> Sequence[Tick]:
        """Probabilities in even steps from zero."""
        step = STEPS[self.highest]
        values = [n * step for n in range(round(self.highest / step) + 1)]
        return [Tick(self.y(value), f"{value:.0%}") for value in values]


def _month(day: datetime) -> str:
    return MONTHS[day.month - 1][:3]


def axes(
    dates: Sequence[datetime], probabilities: Iterable[float], *, width: float, height: float
) -> Axes:
    """Return axes that hold dates and probabilities, in a drawing of a size, labels and all."""
    begin, end = min(dates), max(dates)
    if begin == end:
        begin, end = begin - 15 * DAY, end + 15 * DAY
    most = max(probabilities)
    highest = next((top for top in STEPS if reaches(top, most)), 1.0)
    return Axes(38, width - 26, 16, height - 22, begin, end, highest)


def _firsts(begin: datetime, end: datetime, apart: int) -> list[datetime]:
    """Return the firsts of months between two dates, so many months apart, from January on."""
    found = []
    month = begin.year * 12
    while (day := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) <= end:
        if day >= begin:
            found.append(day)
        month += apart
    return found


class Drawing(NamedTuple):
    """A drawing.

    Parameters
    ----------
    width, height
        Its size, in units of about a pixel.
    words
        What it shows, for those who do not see it.
    parts
        Its elements.
    role
        ``"img"``, or ``"group"`` where there are links in it.
    """

    width: float
    height: float
    words: str
    parts: tuple[str, ...]
    role: str = "img"

    def __html__(self) -> str:
        """Return the drawing as markup; templates call this."""
        wide, high = number(self.width), number(self.height)
        size = {"viewBox": f"0 0 {wide} {high}"}
        if self.role != "img":  # a drawing keeps its size, charts take the room that there is
            size |= {"width": wide, "height": high}
        return element("svg", joined(self.parts), role=self.role, aria_label=self.words, **size)


def element(name: str, inside: str = "", /, *, cls: str = "", **attributes: str) -> Markup:
    """Return an element.

    Parameters
    ----------
    name
        Of the element.
    inside
        What it holds; escaped unless it is markup already.
    cls
        Its class.
    attributes
        The others, an underscore standing for a hyphen; escaped.

    Examples
    --------
    >>> element("text", "a<b", x="1")
    Markup('<text x="1">a&lt;b</text>')
    """
    named = {"class": cls, **attributes} if cls else attributes
    stated = "".join(
        f' {key.replace("_", "-")}="{escape(visible(value))}"' for key, value in named.items()
    )
    if not inside:
        return Markup(f"<{name}{stated}/>")  # noqa: S704  every part is escaped
    return Markup(f"<{name}{stated}>{escape(_safe(inside))}</{name}>")  # noqa: S704


def _safe(inside: str) -> str:
    """Return text with what steers a reader written out; elements are made of such text."""
    return inside if isinstance(inside, Markup) else visible(inside)


def joined(parts: Iterable[str]) -> Markup:
    """Return elements one after another; what is no markup is escaped."""
    return Markup("").join(parts)


def text(x: float, y: float, words: str, *, cls: str = "") -> Markup:
    """Return a line of text; of the classes ``m`` is centred at x, and ``e`` ends there."""
    return element("text", words, cls=cls, x=number(x), y=number(y))


def frame(place: Axes) -> Sequence[Markup]:
    """Return the grid and the labels of some axes."""
    left, right = number(place.left), number(place.right)
    grid = "".join(f"M{left} {number(tick.at)}H{right}" for tick in place.up)
    feet = "".join(f"M{number(tick.at)} {number(place.bottom)}v4" for tick in place.across)
    up = (text(place.left - 5, tick.at + 3.5, tick.label) for tick in place.up)
    across = (text(tick.at, place.bottom + 16, tick.label) for tick in place.across)
    return [
        element("path", cls="grid", d=grid),
        element("path", cls="axis", d=feet),
        element("g", joined(up), cls="tick e"),
        element("g", joined(across), cls="tick m"),
    ]
