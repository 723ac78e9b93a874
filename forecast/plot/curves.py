"""Forecast curves: the probability of events over the dates to come."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from forecast.errors import InputError
from forecast.plot.dates import as_of_line, date_axis, number
from forecast.plot.names import event_title
from forecast.plot.style import (
    COLOURS,
    SMALL,
    band,
    bare,
    headed,
    legend_below,
    new_axes,
    percent_axis,
)
from forecast.probability import percent
from forecast.time import parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from forecast.posterior import Posterior
    from forecast.time import Day

__all__ = ["curves"]

HEIGHT, ENTRY = 3.4, 0.2
LABEL = 0.05
"""The height of a label, in that of the axes."""


def curves(
    post: "Posterior",
    events: str | Sequence[str],
    *,
    dates: "Sequence[Day] | None" = None,
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
        The dates; weekly up to the horizon, unless given.
    ax
        The axes to draw into; of a new figure, unless given.

    Returns
    -------
    Axes
        With a line for the mean and a band for the central 90% over the uncertain parameters of
        each event, and a dashed line at the cut-off.

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
    ax = new_axes(ax, HEIGHT + (0 if alone else ENTRY * len(named)))
    lines: list[Line2D] = []
    top = min(1.0, max(max(table["upper"].max() for table in tables) * 1.15, 0.05))
    spots = apart([table["mean"].iloc[-1] for table in tables], LABEL * top)
    for colour, table, spot in zip(COLOURS, tables, spots, strict=False):
        at = [number(parse_instant(day)) for day in table.index]
        band(ax, at, table["lower"], table["upper"], colour)
        lines += ax.plot(
            at,
            table["mean"],
            color=colour,
            linewidth=1.8,
        )
        ax.annotate(
            percent(table["mean"].iloc[-1]),
            xy=(at[-1], spot),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour,
        )
    bare(ax, "left", "bottom")
    ax.set_ylim(0, top)
    percent_axis(ax.yaxis)
    ax.margins(x=0.03)
    date_axis(ax)
    as_of_line(ax, post.as_of)
    note = "Probability by date, with the central 90% over uncertain rates and links"
    headed(ax, titles[0] if alone else "What may come, and by when", note)
    if not alone:
        legend_below(ax, lines, titles)
    return ax


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Return places for labels: in the same order, at least a gap apart, moved upwards only.

    Examples
    --------
    >>> apart([0.2, 0.1, 0.21], 0.05)
    [0.2, 0.1, 0.25]
    """
    found = list(places)
    order = sorted(range(len(places)), key=places.__getitem__)
    for below, above in pairwise(order):
        found[above] = max(found[above], found[below] + gap)
    return found
