"""The chart of what was said of one event, run by run, as SVG."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from forecast.report.axes import Axes, axes, evenly, number
from forecast.report.event import NamedItem, PastRun
from forecast.report.svg import Drawing, element, frame, text
from forecast.time import MONTHS, day_words

__all__ = ["last_of_each_day", "past_chart"]

WIDTH, HEIGHT = 400, 230
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
    """Return the chart: a line for each of at most three deadlines, and the items below.

    Parameters
    ----------
    history
        The runs, by cut-off; two at least.
    deadlines
        Of the last run; the last three are drawn.
    items
        On the event; those of the time shown are marked.
    words
        What the chart shows, for those who do not see it.
    """
    history = evenly(history, MOST_RUNS)
    drawn = deadlines[-MOST_LINES:]
    lines = {
        by: [(run.as_of, f) for run in history for f in run.figures if f.by == by] for by in drawn
    }
    heights = [max(f.probability, f.upper or 0.0) for line in lines.values() for _, f in line]
    dates = [run.as_of for run in history]
    place = axes(dates, heights, width=WIDTH - LABELS, height=HEIGHT)
    parts = [*frame(place), *_items(place, items)]
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


def _items(place: Axes, items: Sequence[NamedItem]) -> list[Markup]:
    """Return a mark at the foot for each item of the time shown."""
    parts = []
    for item in items:
        if place.begin <= item.published <= place.end:
            x, y = number(place.x(item.published)), number(place.bottom)
            mark = element("title", f"{day_words(item.published)}: {item.id}")
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
