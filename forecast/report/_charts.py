"""The page's charts as SVG: a forecast over dates, what was said run by run, cells of tables."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup

from forecast.probability import percent
from forecast.report._content import NamedItem, PastRun, Point
from forecast.report._svg import Axes, Drawing, axes, element, evenly, frame, joined, number, text
from forecast.report._words import short
from forecast.time import MONTHS, day_words

if TYPE_CHECKING:
    from forecast.ledger import ForecastRecord

WIDTH, HEIGHT = 400, 230
MOST_POINTS = 13
BEFORE = 0.05
"""How much of the time shown lies before the cut-off, so that its line stands free."""


def curve_chart(
    as_of: datetime,
    points: Sequence[Point],
    figures: "Sequence[ForecastRecord]",
    words: str,
    crowd: Sequence[NamedItem] = (),
) -> Drawing:
    """Return the chart: the probability, its band, the cut-off, the deadlines and their priors.

    Where the curve is empty the deadlines stand alone. `words` is for those who do not see it, and
    `crowd` what crowds last said.
    """
    points = evenly(points, MOST_POINTS)
    theirs = [(item.deadline, item.probability or 0.0, item) for item in crowd if item.deadline]
    last = max(
        [point.at for point in points]
        + [figure.deadline for figure in figures]
        + [at for at, _, _ in theirs]
    )
    begin = as_of - BEFORE * (last - as_of)
    heights = [point.upper for point in points]
    heights += [max(f.probability, f.upper or 0.0, f.prior or 0.0) for f in figures]
    heights += [probability for _, probability, _ in theirs]
    place = axes([begin, last], heights, width=WIDTH, height=HEIGHT)
    parts = [*frame(place), *_cut_off(place, as_of)]
    if points:
        upper = [(point.at, point.upper) for point in points]
        lower = [(point.at, point.lower) for point in reversed(points)]
        parts.append(element("path", cls="band", d=place.path([*upper, *lower]) + "z"))
        middle = [(point.at, point.mean) for point in points]
        parts.append(element("path", cls="line s0", d=place.path(middle)))
    parts += [part for f in figures for part in _deadline(place, f, ranged=not points)]
    parts += [_opinion(place, *each) for each in theirs]
    return Drawing(WIDTH, HEIGHT, words, tuple(parts))


def _opinion(place: Axes, at: datetime, probability: float, item: NamedItem) -> Markup:
    """Return the mark of what a crowd said: a hollow square."""
    said = f"{item.source}: {percent(probability)}, {day_words(item.published)}"
    where = {"x": number(place.x(at) - 4), "y": number(place.y(probability) - 4)}
    return element("rect", element("title", said), cls="crowd", width="8", height="8", **where)


def _cut_off(place: Axes, as_of: datetime) -> list[Markup]:
    x = place.x(as_of)
    line = element("path", cls="now", d=f"M{number(x)} {number(place.top)}V{number(place.bottom)}")
    return [line, text(x + 3, place.top - 5, f"as of {day_words(as_of)}", cls="tick")]


def _deadline(place: Axes, figure: "ForecastRecord", *, ranged: bool) -> list[Markup]:
    x, y = place.x(figure.deadline), place.y(figure.probability)
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


LABELS = 62
"""The room at the right for the deadlines' names."""

MOST_LINES, MOST_RUNS, MOST_DOTS = 3, 60, 12
"""Years of nightly runs would fill the page with lines that no eye can tell apart."""

LEADING = 13.0


def last_of_each_day(history: Sequence[PastRun]) -> list[PastRun]:
    """Return the runs by cut-off, of several with one cut-off the last."""
    by_day = {run.as_of: run for run in sorted(history, key=lambda run: run.entry)}
    return [by_day[day] for day in sorted(by_day)]


def past_chart(
    history: Sequence[PastRun],
    deadlines: Sequence[datetime],
    items: Sequence[NamedItem],
    words: str,
) -> Drawing:
    """Return the chart: a line for each of the last three deadlines, and the items below.

    There are two runs at least, by cut-off, which may all have had other deadlines. `words` is for
    those who do not see it.
    """
    history = evenly(history, MOST_RUNS)
    drawn = deadlines[-MOST_LINES:]
    lines = {
        by: [(run.as_of, f) for run in history for f in run.figures if f.deadline == by]
        for by in drawn
    }
    heights = [max(f.probability, f.upper or 0.0) for line in lines.values() for _, f in line]
    heights = heights or [0.0]
    dates = [run.as_of for run in history]
    place = axes(dates, heights, width=WIDTH - LABELS, height=HEIGHT)
    parts = [*frame(place), *_item_marks(place, items)]
    ends = []
    for n, (by, line) in enumerate(lines.items()):
        if not line:
            continue
        told = [(at, figure.probability) for at, figure in line]
        parts.append(element("path", cls=f"line s{n}", d=place.path(told)))
        at, last = line[-1]
        if last.lower is not None and last.upper is not None:
            low, high = number(place.y(last.lower)), number(place.y(last.upper))
            parts.append(
                element("path", cls=f"range s{n}", d=f"M{number(place.x(at))} {high}V{low}")
            )
        for at, probability in told if len(told) <= MOST_DOTS else told[-1:]:
            where = {"cx": number(place.x(at)), "cy": number(place.y(probability))}
            parts.append(element("circle", cls=f"dot s{n}", r="3", **where))
        ends.append((place.y(told[-1][1]), n, by))
    parts += _names(place, ends)
    return Drawing(WIDTH, HEIGHT, words, tuple(parts))


def _item_marks(place: Axes, items: Sequence[NamedItem]) -> list[Markup]:
    """Return a mark at the foot for each item of the time shown."""
    parts = []
    for item in items:
        if place.begin <= item.published <= place.end:
            x, y = number(place.x(item.published)), number(place.bottom)
            words = short(item.text, 40) or f"{item.source} {item.claim}".strip() or item.id
            mark = element("title", f"{day_words(item.published)}: {words}")
            parts.append(element("path", mark, cls="item", d=f"M{x} {y}l4-8h-8z"))
    return parts[-MOST_RUNS:]


def _names(place: Axes, ends: Sequence[tuple[float, int, datetime]]) -> list[Markup]:
    """Return the deadlines' names beside the ends of their lines, none upon another."""
    parts, above = [], place.top - LEADING
    for y, n, by in sorted(ends):
        above = max(y + 4, above + LEADING)
        day = by - timedelta(microseconds=1)  # a midnight closes the day before it
        label = f"by {MONTHS[day.month - 1][:3]} {day.year}"
        parts.append(text(place.right + 8, above, label, cls=f"name s{n}"))
    return parts


CELL_WIDTH = 90


def outlook(figure: "ForecastRecord", before: float | None) -> Markup:
    """Return a probability on a line from 0 to 1, its interval, and the run before as a ring."""
    parts = [_stretch("rail", 0.0, 1.0)]
    if figure.lower is not None and figure.upper is not None:
        parts.append(_stretch("range s0", figure.lower, figure.upper))
    if before is not None:
        parts.append(element("circle", cls="before", cx=_x(before), cy="6", r="3"))
    parts.append(element("circle", cls="dot s0", cx=_x(figure.probability), cy="6", r="3"))
    return _cell(*parts)


def push(log_odds: float, most: float) -> Markup:
    """Return a bar to the right for what raises the odds, to the left for what lowers them."""
    half = CELL_WIDTH / 2
    length = half * min(1.0, abs(log_odds) / most) if most else 0.0
    left = half if log_odds >= 0 else half - length
    side = "up" if log_odds >= 0 else "down"
    return _cell(
        element("rect", cls=side, x=number(left), y="1", width=number(length), height="10")
    )


def _x(probability: float) -> str:
    return number(3 + (CELL_WIDTH - 6) * probability)


def _stretch(cls: str, low: float, high: float) -> Markup:
    return element("path", cls=cls, d=f"M{_x(low)} 6H{_x(high)}")


def _cell(*parts: Markup) -> Markup:
    """Return a drawing of 90 by 12 that says nothing which the cell's text does not say."""
    return element("svg", joined(parts), cls="cell", aria_hidden="true")
