"""Probability over time: forecast curves over future dates, and the history of one forecast."""

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.errors import InputError
from forecast.layout import wrapped
from forecast.plot._dates import as_of_line, date_axis, number, short_day
from forecast.plot._style import (
    BLUE,
    COLOURS,
    GREY,
    LINE,
    PLAIN,
    SMALL,
    band,
    bare,
    drawable,
    event_title,
    headed,
    height,
    legend_below,
    new_axes,
    note_below,
    percent_axis,
    room,
)
from forecast.probability import percent
from forecast.time import parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from forecast.evidence import Forecast, Item
    from forecast.posterior import Posterior
    from forecast.time import Day

HEIGHT, ENTRY = 3.4, 0.2
AROUND = 1.1
"""Of a figure's height, what is above and below its axes, in inches."""

MOST_BANDS = 3
"""More bands lie on each other so that none can be seen; they are drawn on request."""

NARROW = 320.0
"""Axes of fewer points have no room for names beside their lines."""

NAME, LINES = 30, 3
"""Letters and lines of a name beside its line."""

SPACE = 3.0
"""Between two names, in points."""


def curves(
    post: "Posterior",
    events: str | Sequence[str],
    *,
    dates: "Sequence[Day] | None" = None,
    bands: bool | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the probability of events by each date, from the cut-off to the horizon.

    Parameters
    ----------
    post
        The posterior.
    events
        The id of an event, or of up to eight of them.
    dates
        The dates; by default weekly up to the horizon.
    bands
        Whether to draw the bands; by default those of up to three events.
    ax
        The axes to draw into; by default those of a new figure.

    Returns
    -------
    Axes
        For each event a line for the mean and a band for the central 90% over uncertain parameters,
        and a dashed line at the cut-off. Names stand beside the lines' ends, or below where the
        axes are narrow. Hollow diamonds are what crowds and markets last said of
        it, at their deadlines.

    Raises
    ------
    InputError
        If no event is named, or more than eight.
    QueryError
        If an event is unknown, or a date out of range.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate="40% within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> fc.plot.curves(fc.prior(network, draws=64), "pact").get_title(loc="left")
    'A pact'
    """
    named = [events] if isinstance(events, str) else list(dict.fromkeys(events))
    if not 1 <= len(named) <= len(COLOURS):
        msg = f"a picture holds 1 to {len(COLOURS)} curves (got {len(named)}): name other events"
        raise InputError(msg)
    tables = [post.curve(event, dates=dates) for event in named]
    titles = [event_title(post.network, event) for event in named]
    alone = len(named) == 1
    shaded = len(named) <= MOST_BANDS if bands is None else bands
    ends = [float(table["mean"].iloc[-1]) for table in tables]
    names = [_named(end, title) for end, title in zip(ends, titles, strict=True)]
    ax = new_axes(ax, max(HEIGHT, AROUND + sum(map(_tall, names)) / 72))
    direct = not alone and room(ax) >= NARROW
    crowds = [_opinions(post, event) for event in named]
    said = [item.probability for items in crowds for item in items]
    said += [table["upper" if shaded else "mean"].max() for table in tables]
    top = min(1.0, max(max(said) * 1.15, 0.05))
    lines: list[Line2D] = []
    for colour, table, items in zip(COLOURS, tables, crowds, strict=False):
        _crowd(ax, post, items, colour)
        at = [number(parse_instant(day)) for day in table.index]
        if shaded:
            band(ax, at, table["lower"], table["upper"], colour)
        lines += ax.plot(at, table["mean"], color=colour, linewidth=1.8)
    _beside(ax, lines, names if direct else [[percent(end)] for end in ends], top, joined=direct)
    bare(ax, "left", "bottom")
    ax.set_ylim(0, top)
    percent_axis(ax.yaxis)
    ax.margins(x=0.03)
    date_axis(ax)
    as_of_line(ax, post.as_of)
    note = "Probability by date"
    if shaded:
        note += ", with the central 90% over uncertain rates and links"
    headed(ax, titles[0] if alone else "What may come, and by when", note)
    if not (direct or alone):
        legend_below(ax, lines, titles)
    return ax


def _named(end: float, title: str) -> list[str]:
    """Return what stands beside a line, in lines of text."""
    return list(wrapped(drawable(f"{percent(end)} {title}"), columns=NAME, lines=LINES))


def _tall(name: Sequence[str]) -> float:
    """Return the height of a name and of the space to the next, in points."""
    return len(name) * SMALL * LINE + SPACE


def _beside(
    ax: "Axes",
    lines: "Sequence[Line2D]",
    names: Sequence[Sequence[str]],
    top: float,
    *,
    joined: bool,
) -> None:
    """Write names beside the ends of lines, none upon another, and join them if they say so."""
    ends = [(float(x), float(y)) for x, y in (np.asarray(line.get_xydata())[-1] for line in lines)]
    scale = top / (height(ax) - AROUND * 72)
    spots = apart([y for _, y in ends], [scale * _tall(name) for name in names], top)
    thin = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)}
    for line, name, end, spot in zip(lines, names, ends, spots, strict=True):
        ax.annotate(
            "\n".join(name),
            xy=end,
            xytext=(14 if joined else 4, spot),
            textcoords=("offset points", "data"),
            va="center",
            fontsize=SMALL,
            color=line.get_color(),
            arrowprops={**thin, "color": line.get_color()} if joined else None,
            **PLAIN,
        )


def _opinions(post: "Posterior", event: str) -> list["Forecast"]:
    """Return what sources last said of an event, of the time from the cut-off on."""
    from forecast.evidence import Forecast  # noqa: PLC0415  pictures load quickly

    return [
        item
        for item in post.evidence
        if isinstance(item, Forecast)
        and item.event == event
        and item.speaks_of_instant > post.as_of
    ]


def _crowd(ax: "Axes", post: "Posterior", items: Sequence["Forecast"], colour: str) -> None:
    """Mark what sources said at its deadline, with their names."""
    for item in items:
        at = (number(item.speaks_of_instant), item.probability)
        ax.plot(*at, marker="D", markersize=5, markerfacecolor="none", color=colour, zorder=3)
        source = post.network.source(item.source)
        ax.annotate(
            f"{source.title or source.id} {percent(item.probability)}",
            xy=at,
            xytext=(-7, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=SMALL,
            color=colour,
        )


def _last_value(
    ax: "Axes", value: float, at: tuple[float, float], colour: str, *, beside: float
) -> None:
    ax.annotate(
        percent(value),
        xy=at,
        xytext=(beside, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color=colour,
    )


def apart(places: Sequence[float], heights: Sequence[float], top: float) -> list[float]:
    """Return places for labels of some heights: in order, none upon another, from 0 to the top.

    They are moved upwards, and down again from the top.

    Examples
    --------
    >>> apart([0.25, 0.125, 0.25], [0.0625] * 3, 1.0)
    [0.25, 0.125, 0.3125]
    >>> apart([1.0, 1.0], [0.125, 0.125], 1.0)
    [0.8125, 0.9375]
    """
    found = list(places)
    order = sorted(range(len(places)), key=places.__getitem__)
    low = 0.0
    for each in order:
        found[each] = max(found[each], low + heights[each] / 2)
        low = found[each] + heights[each] / 2
    high = max(top, sum(heights))
    for each in reversed(order):
        found[each] = min(found[each], high - heights[each] / 2)
        high = found[each] - heights[each] / 2
    return found


HISTORY_HEIGHT, HISTORY_ENTRY = 3.4, 0.17
MOST_TOLD = 12
ALONE = 15.0
"""The time shown before and after a single forecast, in days."""

APART_POINTS = 14.0
"""The least distance between numbers at one level, in points."""


def history(
    said: pd.DataFrame,
    items: "Sequence[Item]" = (),
    *,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the forecasts of one question over time, with the news marked.

    Parameters
    ----------
    said
        Indexed by the cut-off of each forecast, as days (midnight means the day) or times; with a
        column ``mean``, and ``lower`` and ``upper`` if there are intervals. A forecast holds until
        the next.
    items
        Items of evidence to mark at their publication. The twelve at which the forecast moved most
        are numbered and listed below; the others are ticks.
    title
        Of the question.
    ax
        The axes to draw into; by default those of a new figure.

    Raises
    ------
    InputError
        If the table has no dates, no column ``mean``, no rows, or a value that is no probability.

    Examples
    --------
    >>> import pandas as pd
    >>> import forecast.plot
    >>> said = pd.DataFrame(
    ...     {"mean": [0.1, 0.3]}, index=pd.to_datetime(["2024-07-01", "2024-08-01"])
    ... )
    >>> forecast.plot.history(said, title="A pact").get_title(loc="left")
    'A pact'
    """
    table = _checked(said)
    cuts = [parse_instant(day) for day in table.index]
    at = np.array([number(cut) for cut in cuts])
    shown = [item for item in items if item.published_instant >= cuts[0]]
    listed = _most_moving(shown, at, table["mean"].to_numpy())
    ax = new_axes(ax, HISTORY_HEIGHT + HISTORY_ENTRY * len(listed))
    if {"lower", "upper"} <= set(table):
        band(ax, at, table["lower"], table["upper"], BLUE, step="post")
        if len(at) == 1:  # a band needs two dates
            ax.vlines(at, table["lower"], table["upper"], color=BLUE, alpha=0.5)
    ax.plot(at, table["mean"], color=BLUE, linewidth=1.8, drawstyle="steps-post")
    ax.plot(at, table["mean"], color=BLUE, linestyle="", marker="o", markersize=3.5)
    _last_value(ax, table["mean"].iloc[-1], (at[-1], table["mean"].iloc[-1]), BLUE, beside=6)
    bare(ax, "left", "bottom")
    top = table[[c for c in ("mean", "upper") if c in table]].to_numpy().max()
    ax.set_ylim(0, min(1.0, max(top * 1.2, 0.05)))
    percent_axis(ax.yaxis)
    if len(at) == 1:  # Matplotlib would show several years
        ax.set_xlim(at[0] - ALONE, at[0] + ALONE)
    date_axis(ax)
    _mark(ax, shown, listed)
    headed(ax, title, "What was said, by date" + (", and the news" if shown else ""))
    return ax


def _mark(ax: "Axes", items: "Sequence[Item]", listed: "Sequence[Item]") -> None:
    """Draw a tick for each item at the foot, and a number for each that is listed."""
    for item in items:
        ax.axvline(number(item.published_instant), 0, 0.03, color=GREY, linewidth=1)
    ends: list[float] = []  # of the numbers at each level so far
    apart = APART_POINTS * float(np.ptp(ax.get_xlim())) / room(ax)
    for place, item in enumerate(listed, start=1):
        x = number(item.published_instant)
        free = [at for at, end in enumerate(ends) if x - end >= apart]
        level = free[0] if free else len(ends)
        ends[level : level + 1] = [x]
        ax.annotate(
            str(place),
            xy=(x, 0.03),
            xycoords=("data", "axes fraction"),
            xytext=(0, 1 + 9 * level),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL - 1,
        )
    lines = [
        f"{place}. {short_day(item.published_instant)}: {item.text or item.words()}"
        for place, item in enumerate(listed, start=1)
    ]
    note_below(ax, lines)


def _most_moving(items: "Sequence[Item]", at: np.ndarray, mean: np.ndarray) -> "list[Item]":
    """Return the items at whose publication the forecast moved most, in order of publication."""
    ordered = sorted(items, key=lambda item: (item.published_instant, item.id))
    moves = np.abs(np.diff(mean, prepend=mean[0]))
    published = [number(item.published_instant) for item in ordered]
    # an item first counts in the first forecast made at its publication or later
    where = np.searchsorted(at, published)
    moved = [moves[place] if place < len(moves) else 0.0 for place in where]
    best = sorted(range(len(ordered)), key=lambda i: -moved[i])[:MOST_TOLD]
    return [ordered[i] for i in sorted(best)]


def is_probability(value: object) -> bool:
    """Return whether a value is a number from 0 to 1."""
    return isinstance(value, Real) and 0 <= float(value) <= 1


def _checked(said: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(said.index, pd.DatetimeIndex):
        msg = "a history is indexed by dates: write said.index = pd.to_datetime(said.index)"
        raise InputError(msg)
    if "mean" not in said:
        have = ", ".join(map(str, said.columns)) or "none"
        msg = f"a history has a column 'mean' with the probabilities (its columns: {have})"
        raise InputError(msg)
    if said.empty:
        msg = "the history is empty"
        raise InputError(msg)
    for column in (c for c in ("mean", "lower", "upper") if c in said):
        values = said[column] if column == "mean" else said[column].dropna()  # no interval: a gap
        wrong = [value for value in values if not is_probability(value)]
        if wrong:
            msg = (
                f"'{column}': a probability is a number from 0 to 1 (got '{wrong[0]}'): "
                "write 30% as 0.3, and leave out dates without a forecast"
            )
            raise InputError(msg)
    if said.index.hasnans:
        msg = "a history has a date in each row, but one is NaT: leave that row out"
        raise InputError(msg)
    return said.sort_index()
