"""The tornado: which numbers a forecast leans on."""

from typing import TYPE_CHECKING

from forecast.plot.names import event_title, parameter_title
from forecast.plot.style import (
    BLUE,
    GREY,
    RED,
    SMALL,
    bare,
    headed,
    height_of_rows,
    new_axes,
    percent_axis,
    rows,
)
from forecast.probability import percent
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior
    from forecast.time import Day

__all__ = ["tornado"]

MOST = 10


def tornado(post: "Posterior", event: str, *, by: "Day", ax: "Axes | None" = None) -> "Axes":
    """Draw what a forecast would be, were single numbers at the ends of their priors.

    Parameters
    ----------
    post
        The posterior.
    event, by
        The forecast.
    ax
        The axes to draw into, half an inch high for each row; of a new figure, unless given.

    Returns
    -------
    Axes
        The ten parameters of `Posterior.sensitivity` with the widest swing: the forecast with each
        at the 5% and at the 95% point of its own prior, about the forecast as it is.

    Raises
    ------
    QueryError
        As `Posterior.sensitivity`.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(
    ...     id="pact", title="A pact", kind="onset", rate="40% [20%, 60%] within 1 year"
    ... )
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.update(network, fc.Evidence(), as_of="2024-03-01", draws=64)
    >>> fc.plot.tornado(post, "pact", by="2024-12-31").get_title(loc="left")
    'A pact'
    """
    table = post.sensitivity(event, by=by).head(MOST)
    now = post.probability(event, by=by).mean
    ax = new_axes(ax, height_of_rows(len(table)))
    for at, (low, high) in enumerate(zip(table["at_5%"], table["at_95%"], strict=True)):
        for end, colour in ((low, RED), (high, BLUE)):
            ax.barh(at, end - now, left=now, height=0.24, color=colour)
            ax.annotate(
                percent(end),
                xy=(end, at),
                xytext=(4 if end >= now else -4, 0),
                textcoords="offset points",
                ha="left" if end >= now else "right",
                va="center",
                fontsize=SMALL,
                color=colour,
            )
    ax.axvline(now, color=GREY, linewidth=1, zorder=0)
    rows(ax, [parameter_title(post, *map(str, name)) for name in table.index])
    bare(ax, "bottom")
    ax.margins(x=0.12)
    percent_axis(ax.xaxis)
    note = (
        f"The forecast for {day_words(parse_instant(by))}, {percent(now)}, were one number at the "
        "5% point (orange) or the 95% point (blue) of its prior"
    )
    headed(ax, event_title(post.network, event), note)
    return ax
