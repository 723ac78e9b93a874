"""The chart of one event's probability over dates, as SVG."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from forecast.probability import percent
from forecast.report.axes import Axes, axes, evenly, number
from forecast.report.event import Figure, Point
from forecast.report.svg import Drawing, element, frame, text
from forecast.time import day_words

__all__ = ["curve_chart"]

WIDTH, HEIGHT = 400, 230
MOST_POINTS = 13
BEFORE = 0.05
"""How much of the time shown lies before the cut-off, so that its line stands free."""


def curve_chart(
    as_of: datetime, points: Sequence[Point], figures: Sequence[Figure], words: str
) -> Drawing:
    """Return the chart: the probability, its band, the cut-off, the deadlines and their priors.

    Parameters
    ----------
    as_of
        The knowledge cut-off.
    points
        The curve, by date; where it is empty the deadlines stand alone.
    figures
        What is said by each deadline.
    words
        What the chart shows, for those who do not see it.
    """
    points = evenly(points, MOST_POINTS)
    last = max([*(point.at for point in points), *(figure.by for figure in figures)])
    begin = as_of - BEFORE * (last - as_of)
    heights = [point.upper for point in points]
    heights += [max(f.probability, f.upper or 0.0, f.prior or 0.0) for f in figures]
    place = axes([begin, last], heights, width=WIDTH, height=HEIGHT)
    parts = [*frame(place), *_cut_off(place, as_of)]
    if points:
        upper = [(point.at, point.upper) for point in points]
        lower = [(point.at, point.lower) for point in reversed(points)]
        parts.append(element("path", cls="band", d=place.path([*upper, *lower]) + "z"))
        middle = [(point.at, point.mean) for point in points]
        parts.append(element("path", cls="line s0", d=place.path(middle)))
    parts += [part for f in figures for part in _deadline(place, f, ranged=not points)]
    return Drawing(WIDTH, HEIGHT, words, tuple(parts))


def _cut_off(place: Axes, as_of: datetime) -> list[Markup]:
    x = place.x(as_of)
    line = element("path", cls="now", d=f"M{number(x)} {number(place.top)}V{number(place.bottom)}")
    return [line, text(x + 3, place.top - 5, f"as of {day_words(as_of)}", cls="tick")]


def _deadline(place: Axes, figure: Figure, *, ranged: bool) -> list[Markup]:
    x, y = place.x(figure.by), place.y(figure.probability)
    parts = []
    if ranged and figure.lower is not None and figure.upper is not None:
        low, high = number(place.y(figure.lower)), number(place.y(figure.upper))
        parts.append(element("path", cls="range", d=f"M{number(x)} {high}V{low}"))
    if figure.prior is not None:
        q = place.y(figure.prior)
        rhomb = f"M{number(x)} {number(q - 4)}l4 4-4 4-4-4z"
        parts.append(element("path", cls="prior", d=rhomb))
    parts.append(element("circle", cls="dot s0", cx=number(x), cy=number(y), r="3.5"))
    label = percent(figure.probability, figure.mcse)
    above = y - 8 if y - place.top > 14 else y + 16  # noqa: PLR2004  a line of text
    parts.append(text(x - 6, above, label, cls="value e"))
    return parts
