"""What has been learned of the sources: how often they are right, before and after."""

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D

from forecast.errors import InputError
from forecast.plot.names import source_title
from forecast.plot.style import (
    BLUE,
    GREEN,
    RED,
    bare,
    headed,
    height_of_rows,
    legend_below,
    new_axes,
    percent_axis,
    rows,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior

__all__ = ["sources"]

KINDS = {
    "hit_rate": ("", BLUE),
    "false_alarm_rate": ("", RED),
    "predictive_hit_rate": (", predicting", BLUE),
    "predictive_false_alarm_rate": (", predicting", RED),
    "forecast_weight": (", forecasting", GREEN),
}
"""By rate: which of a source's rows it stands in, and its colour. Rates per year are no shares."""

NAMES = {
    BLUE: "hit rate: says that it is so when it is",
    RED: "false-alarm rate: says that it is so when it is not",
    GREEN: "weight of its forecasts",
}
APART = 0.1


def sources(post: "Posterior", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how reliable each source is: as its prior had it, and as learned.

    Parameters
    ----------
    post
        The posterior.
    ax
        The axes to draw into, half an inch high for each row; of a new figure, unless given.

    Returns
    -------
    Axes
        For each source that has spoken its hit rate and its false-alarm rate, for what it reports
        and for what it predicts, or the weight of its forecasts: means and central 90% intervals,
        pale for the prior and full for the posterior.

    Raises
    ------
    InputError
        If no source with such a rate has spoken.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(id="pact", kind="onset", public=False, rate="40% within 1 year")
    >>> wire = fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0.5)
    >>> network = fc.Network(
    ...     name="demo",
    ...     start="2024-01-01",
    ...     horizon="2024-12-31",
    ...     events=[pact],
    ...     source_types=[wire],
    ...     sources=[fc.Source(id="afp", title="AFP", type="wire")],
    ... )
    >>> said = fc.Report(id="r", event="pact", published="2024-03-01", source="afp", claim="on")
    >>> post = fc.update(network, fc.Evidence([said]), as_of="2024-03-01", draws=64)
    >>> fc.plot.sources(post).get_title(loc="left")
    'How reliable the sources are'
    """
    table = post.sources().reset_index()
    table = table[table["rate"].isin(list(KINDS))] if len(table) else table
    if not len(table):
        msg = (
            "no source with a hit rate, a false-alarm rate or a forecasting weight has spoken by "
            "this date: there is nothing to draw"
        )
        raise InputError(msg)
    table = table.assign(
        row=[
            source_title(post.network, source) + KINDS[rate][0]
            for source, rate in zip(table["source"], table["rate"], strict=True)
        ]
    )
    labels = sorted(set(table["row"]), key=str.casefold)
    ax = new_axes(ax, height_of_rows(len(labels)) + 0.5)
    for _, one in table.iterrows():
        _interval(ax, labels.index(one["row"]), one)
    rows(ax, [_with_count(label, table) for label in labels])
    bare(ax, "bottom")
    ax.set_xlim(0, 1)
    percent_axis(ax.xaxis)
    headed(ax, "How reliable the sources are", "Means and central 90%: prior pale, learned full")
    colours = [c for c in NAMES if c in {KINDS[rate][1] for rate in table["rate"]}]
    handles = [Line2D([], [], color=colour, linewidth=3) for colour in colours]
    legend_below(ax, handles, [NAMES[colour] for colour in colours])
    return ax


def _interval(ax: "Axes", row: int, one: pd.Series) -> None:
    colour = KINDS[one["rate"]][1]
    at = row + (APART if colour == RED else -APART / 2)
    ax.plot(
        [one["prior_lower"], one["prior_upper"]],
        [at, at],
        color=colour,
        alpha=0.3,
        linewidth=5,
        solid_capstyle="butt",
    )
    ax.plot([one["lower"], one["upper"]], [at, at], color=colour, linewidth=1.4)
    ax.plot(one["prior_mean"], at, marker="|", color=colour, alpha=0.6, markersize=8)
    ax.plot(one["mean"], at, marker="o", color=colour, markersize=4.5)


def _with_count(label: str, table: pd.DataFrame) -> str:
    items = int(table.loc[table["row"] == label, "items"].max())
    return f"{label} ({items} item{'' if items == 1 else 's'})"
