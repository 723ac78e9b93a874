"""The scenario timeline: the most probable stories, and when events happen in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from forecast.errors import InputError
from forecast.plot._dates import date_axis, number
from forecast.plot._style import (
    COLOURS,
    GREY,
    SMALL,
    bare,
    event_title,
    headed,
    height_of_rows,
    legend_below,
    new_axes,
    rows,
)
from forecast.probability import percent
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior
    from forecast.time import Day

DOT = 9.5


def scenarios(
    post: "Posterior",
    *,
    by: "Day",
    n: int = 8,
    events: Sequence[str] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the most probable stories by a date: what happens in each, and when.

    Parameters
    ----------
    post
        The posterior.
    by
        The date.
    n
        How many stories to draw.
    events
        Up to eight ids; by default the five events whose state by then is least certain.
    ax
        The axes to draw into, half an inch high for each row; by default those of a new figure.

    Returns
    -------
    Axes
        One row per story of `Posterior.timeline`: a dot at the median date of each onset, a line
        over the middle half of its dates, and a square at the left for an event that is already on
        at the cut-off.

    Raises
    ------
    InputError
        If more than eight events are named.
    QueryError
        As `Posterior.scenarios`.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate="40% within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> ax = fc.plot.scenarios(fc.prior(network, draws=64), by="2024-12-31")
    >>> ax.get_title(loc="left")
    'The likeliest courses of events by 31 December 2024'
    """
    if events is not None and len(events) > len(COLOURS):
        msg = f"a picture holds up to {len(COLOURS)} events (got {len(events)}): name fewer"
        raise InputError(msg)
    table = post.timeline(by=by, n=n, events=events)
    named = list(dict.fromkeys(table.index.get_level_values("event")))
    colour = dict(zip(named, COLOURS, strict=False))
    stories = [part.droplevel("rank") for _, part in table.groupby(level="rank")]
    rest = max(1 - sum(float(story["story"].iloc[0]) for story in stories), 0.0)
    ax = new_axes(ax, height_of_rows(len(stories)) + 0.2 * len(named) + 0.3)
    for at, story in enumerate(stories):
        ax.axhline(at, color=GREY, linewidth=0.6, alpha=0.5, zorder=0)
        _tell(ax, at, story, colour, number(post.as_of))
    ax.set_xlim(*_with_room(number(post.as_of), number(parse_instant(by))))
    rows(ax, [_in_words(post, story) for story in stories])
    bare(ax, "bottom")
    date_axis(ax)
    headed(
        ax,
        f"The likeliest courses of events by {day_words(parse_instant(by))}",
        f"As of {day_words(post.as_of)}; any other course: {percent(rest)}. Dots at median dates, "
        "lines over the middle half",
    )
    handles = [Line2D([], [], color=colour[e], marker="o", linestyle="") for e in named]
    titles = [event_title(post.network, event) for event in named]
    legend_below(ax, handles, [f"{place}. {title}" for place, title in enumerate(titles, start=1)])
    return ax


def _tell(ax: "Axes", at: int, story: pd.DataFrame, colour: dict[str, str], as_of: float) -> None:
    already = 0
    for event, row in story.iterrows():
        if not row["on"]:
            continue
        tone = colour[str(event)]
        if pd.isna(row["place"]):
            beside = ScaledTranslation(9 * already / 72, 0, ax.figure.dpi_scale_trans)
            where = ax.transData + beside
            ax.plot(as_of, at, marker="s", color=tone, markersize=5, transform=where)
            already += 1
            continue
        low, middle, high = (number(row[name]) for name in ("lower", "median", "upper"))
        ax.plot([low, high], [at, at], color=tone, linewidth=2.2, alpha=0.5)
        ax.plot(middle, at, marker="o", color=tone, markersize=DOT, linestyle="")
        place = 1 + list(colour).index(str(event))
        ax.annotate(
            str(place),
            xy=(middle, at),
            ha="center",
            va="center_baseline",
            fontsize=SMALL - 1,
            color="white",
        )


def _in_words(post: "Posterior", story: pd.DataFrame) -> str:
    """Return the probability of a story, and what happens in it, in order."""
    came = story[story["place"].notna()].sort_values("place", kind="stable").index
    held = story[story["on"] & story["place"].isna()].index
    parts = [event_title(post.network, str(event)) for event in came]
    words = ", then ".join(parts)
    if len(held):
        already = " and ".join(event_title(post.network, str(event)) for event in held)
        words = f"{words}; {already} on" if words else f"{already} on"
    return f"{percent(story['story'].iloc[0])}: {words or 'none of these'}"


def _with_room(start: float, end: float) -> tuple[float, float]:
    room = 0.03 * (end - start)
    return start - room, end + room
