"""The history of a forecast: what was said of an event over time, with the news marked."""

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.errors import InputError
from forecast.plot.dates import date_axis, number, short_day
from forecast.plot.style import (
    BLUE,
    GREY,
    SMALL,
    band,
    bare,
    headed,
    new_axes,
    note_below,
    percent_axis,
)
from forecast.plot.text import room
from forecast.probability import percent
from forecast.time import parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from forecast.evidence import Item

__all__ = ["history"]

HEIGHT, ENTRY = 3.4, 0.17
MOST_TOLD = 12
ALONE = 15.0
"""What is shown before and after the only forecast, in days."""

APART = 14.0
"""The least distance between numbers at one level, in points."""


def history(
    said: pd.DataFrame,
    items: "Sequence[Item]" = (),
    *,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw what was said of one question over time, with the news of the time marked.

    Parameters
    ----------
    said
        Indexed by the cut-off of each forecast, as days (at midnight, which stands for the day) or
        times; with a column ``mean``, and
        ``lower`` and ``upper`` where there are intervals. A forecast holds until the next.
    items
        Items of evidence to mark at their publication. The dozen at which the forecast moved most
        are numbered and told below, the others are ticks.
    title
        Of the question.
    ax
        The axes to draw into; of a new figure, unless given.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the table has no dates, no column ``mean``, no rows, or what is no probability.

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
    told = _most_moving(shown, at, table["mean"].to_numpy())
    ax = new_axes(ax, HEIGHT + ENTRY * len(told))
    if {"lower", "upper"} <= set(table):
        band(ax, at, table["lower"], table["upper"], BLUE, step="post")
        if len(at) == 1:  # a band needs two dates
            ax.vlines(at, table["lower"], table["upper"], color=BLUE, alpha=0.5)
    ax.plot(at, table["mean"], color=BLUE, linewidth=1.8, drawstyle="steps-post")
    ax.plot(at, table["mean"], color=BLUE, linestyle="", marker="o", markersize=3.5)
    ax.annotate(
        percent(table["mean"].iloc[-1]),
        xy=(at[-1], table["mean"].iloc[-1]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color=BLUE,
    )
    bare(ax, "left", "bottom")
    top = table[[c for c in ("mean", "upper") if c in table]].to_numpy().max()
    ax.set_ylim(0, min(1.0, max(top * 1.2, 0.05)))
    percent_axis(ax.yaxis)
    if len(at) == 1:  # Matplotlib would show some years about it
        ax.set_xlim(at[0] - ALONE, at[0] + ALONE)
    date_axis(ax)
    _mark(ax, shown, told)
    headed(ax, title, "What was said, by date" + (", and the news" if shown else ""))
    return ax


def _mark(ax: "Axes", items: "Sequence[Item]", told: "Sequence[Item]") -> None:
    """Draw a tick for each item at the foot, and a number for each that is told."""
    for item in items:
        ax.axvline(number(item.published_instant), 0, 0.03, color=GREY, linewidth=1)
    ends: list[float] = []  # of the numbers at each level so far
    apart = APART * float(np.ptp(ax.get_xlim())) / room(ax)
    for place, item in enumerate(told, start=1):
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
        f"{place}. {short_day(item.published_instant)}: {item.text or item.id}"
        for place, item in enumerate(told, start=1)
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
        msg = "the history is empty: there is nothing to draw"
        raise InputError(msg)
    for column in (c for c in ("mean", "lower", "upper") if c in said):
        values = said[column] if column == "mean" else said[column].dropna()  # no interval: a gap
        wrong = [value for value in values if not is_probability(value)]
        if wrong:
            msg = (
                f"'{column}': a probability is a number from 0 to 1 (got '{wrong[0]}'): "
                "write 30% as 0.3, and leave out dates on which nothing was said"
            )
            raise InputError(msg)
    if said.index.hasnans:
        msg = "a history has a date in each row, and one is NaT: leave that row out"
        raise InputError(msg)
    return said.sort_index()
