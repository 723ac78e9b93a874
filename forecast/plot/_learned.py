"""What was learned: one number before and after the evidence, and the reliability of sources."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from forecast.errors import InputError, did_you_mean
from forecast.plot._style import (
    BLUE,
    GREEN,
    GREY,
    RED,
    bare,
    headed,
    height_of_rows,
    legend_below,
    new_axes,
    parameter_title,
    percent_axis,
    rows,
    source_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior

HEIGHT = 2.8
SHARES = ("hit_rate", "false_alarm_rate", "initial_probability", "forecast_weight")
"""Endings of the names of parameters between 0 and 1; all others are above 0."""

MARKS = (1.0, 2.0, 5.0)
NOT_NUMBERS = ("z",)


def prior_posterior(
    post: "Posterior", parameter: str, label: str, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the prior and the posterior density of one parameter.

    Parameters
    ----------
    post
        The posterior.
    parameter
        A variable of ``post.idata["posterior"]``, such as ``"base_rate"`` or ``"hit_rate"``.
    label
        Which one: the id of its event, link, source, type or item.
    ax
        The axes to draw into; by default those of a new figure.

    Returns
    -------
    Axes
        Kernel density estimates by ArviZ with the medians: shares on a scale from 0 to 1; rates,
        ratios and delays on a logarithmic scale. The bandwidth is Silverman's, as resampled draws
        repeat, which finer rules mistake for peaks.

    Raises
    ------
    InputError
        If there is no such parameter, or no such label of it.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> rate = "40% [20%, 60%] within 1 year"
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate=rate)
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.update(network, fc.Evidence(), as_of="2024-06-01", draws=256)
    >>> fc.plot.prior_posterior(post, "base_rate", "pact").get_title(loc="left")
    'Base rate: A pact'
    """
    before, after = (_values(post, group, parameter, label) for group in ("prior", "posterior"))
    shares = parameter.endswith(SHARES)
    ax = new_axes(ax, HEIGHT)
    lines: list[Line2D] = []
    names: list[str] = []
    for values, colour, width, name in (
        (before, GREY, 1.4, "prior"),
        (after, BLUE, 1.8, "posterior"),
    ):
        grid, density = _density(values, shares=shares)
        lines += ax.plot(grid, density, color=colour, linewidth=width)
        ax.fill_between(grid, 0, density, color=colour, alpha=0.15, linewidth=0)
        names.append(f"{name}: median {_shown(float(np.median(values)), shares=shares)}")
    bare(ax, "bottom")
    ax.set_yticks([])
    ax.margins(y=0.15)
    ax.set_ylim(bottom=0)
    if shares:
        percent_axis(ax.xaxis)
    else:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=MARKS, numticks=12))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    headed(ax, parameter_title(post, parameter, label))
    legend_below(ax, lines, names, start=26)
    return ax


def _density(
    values: NDArray[np.float64], *, shares: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a grid and the density there, of the logarithm where values are no shares."""
    grid, density, _ = array_stats.kde(values if shares else np.log(values), bw="silverman")
    return (grid if shares else np.exp(grid)), density


def _shown(value: float, *, shares: bool) -> str:
    return f"{value:.0%}" if shares else f"{value:.2g}"


def _values(post: "Posterior", group: str, parameter: str, label: str) -> NDArray[np.float64]:
    draws = post.idata[group].to_dataset()
    known = [str(name) for name in draws.data_vars if name not in NOT_NUMBERS]
    if parameter not in known:
        msg = f"there is no parameter '{parameter}'. {did_you_mean(parameter, known)}"
        raise InputError(msg)
    found = draws[parameter]
    (dim,) = (dim for dim in found.dims if dim not in ("chain", "draw"))
    labels = [str(one) for one in found[dim].to_numpy()]
    if label not in labels:
        msg = f"the parameter '{parameter}' has no '{label}'. {did_you_mean(label, labels)}"
        raise InputError(msg)
    return np.asarray(found.isel({dim: labels.index(label)}), dtype=np.float64).ravel()


KINDS = {
    "hit_rate": ("", BLUE),
    "false_alarm_rate": ("", RED),
    "predictive_hit_rate": (", predicting", BLUE),
    "predictive_false_alarm_rate": (", predicting", RED),
    "forecast_weight": (", forecasting", GREEN),
}
"""By rate: the source's row and the colour. Rates per year are not shares, so not here."""

NAMES = {
    BLUE: "hit rate: says that it is so when it is",
    RED: "false-alarm rate: says that it is so when it is not",
    GREEN: "weight of its forecasts",
}
APART = 0.1


def sources(post: "Posterior", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how reliable each source is: by its prior, and as learned.

    Parameters
    ----------
    post
        The posterior.
    ax
        The axes to draw into, half an inch high for each row; by default those of a new figure.

    Returns
    -------
    Axes
        For each source with items its hit rate and false-alarm rate, for reports and for
        predictions, or the weight of its forecasts: means and central 90% intervals, pale for the
        prior and full for the posterior.

    Raises
    ------
    InputError
        If no source with such a rate has items.

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
    >>> report = fc.Report(id="r", event="pact", published="2024-03-01", source="afp", claim="on")
    >>> post = fc.update(network, fc.Evidence([report]), as_of="2024-03-01", draws=64)
    >>> fc.plot.sources(post).get_title(loc="left")
    'How reliable the sources are'
    """
    table = post.sources().reset_index()
    table = table[table["rate"].isin(list(KINDS))] if len(table) else table
    if not len(table):
        msg = (
            "no source with a hit rate, a false-alarm rate or a forecasting weight has items by "
            "this date"
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
