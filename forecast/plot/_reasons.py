"""Why a forecast is what it is: the evidence waterfall item by item, and the tornado of numbers."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.evidence import Silence
from forecast.plot._dates import short_day
from forecast.plot._style import (
    BLUE,
    GREY,
    RED,
    SMALL,
    bare,
    event_title,
    headed,
    height_of_rows,
    ink,
    logit_axis,
    new_axes,
    parameter_title,
    percent_axis,
    rows,
    source_title,
)
from forecast.posterior._explain import waterfall as waterfall_of
from forecast.probability import NOISE, PRIOR, TIME, percent, within_error
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior
    from forecast.time import Day

MOST_ITEMS = 12
SMALLEST = 0.01


class Step(NamedTuple):
    """One bar: a label, the log-odds at its two ends, and the Monte Carlo error of its length."""

    label: str
    start: float
    end: float
    error: float


def waterfall(post: "Posterior", event: str, *, by: "Day", ax: "Axes | None" = None) -> "Axes":
    """Draw what moved a forecast: from the network's own, through time and each item, to its value.

    Parameters
    ----------
    post
        The posterior.
    event, by
        The forecast.
    ax
        The axes to draw into, half an inch high for each row; by default those of a new figure.

    Returns
    -------
    Axes
        One bar for all that time did, and one for each item of `Posterior.explain`, in order of
        publication; copies count with the first. The twelve items that move it most, each by twice
        its Monte Carlo error or more, have bars of their own, the others share one. Steps are in
        log-odds, with their Monte Carlo errors, so that they add up; the axis shows probabilities.

    Raises
    ------
    QueryError
        As `Posterior.explain`.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate="40% within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.update(network, fc.Evidence(), as_of="2024-03-01", draws=64)
    >>> fc.plot.waterfall(post, "pact", by="2024-12-31").get_title(loc="left")
    'A pact'
    """
    table = post.explain(event, by=by, order="published")
    steps = _steps(table, post)
    last = float(table["in_order"].sum())
    first = float(table["in_order"][PRIOR])
    labels = [
        f"The network's own forecast: {percent(_probability(first))}",
        *(step.label for step in steps),
        f"The forecast: {percent(_probability(last))}",
    ]
    ax = new_axes(ax, height_of_rows(len(labels)))
    _draw(ax, first, steps, last)
    rows(ax, labels, bold=(0, len(labels) - 1))
    bare(ax, "bottom")
    logit_axis(ax)
    note = f"What moved the forecast for {day_words(parse_instant(by))}, in log-odds"
    headed(ax, event_title(post.network, event), note)
    return ax


def _draw(ax: "Axes", first: float, steps: list[Step], last: float) -> None:
    for at, level in ((0, first), (len(steps) + 1, last)):
        ax.plot(level, at, marker="D", color=ink(), markersize=5, linestyle="")
    levels = [first, *(step.end for step in steps)]
    for at, level in enumerate(levels):
        ax.plot([level, level], [at, at + 1], color=GREY, linewidth=0.8, zorder=0)
    for at, step in enumerate(steps, start=1):
        moved = step.end - step.start
        colour = BLUE if moved >= 0 else RED
        ax.barh(at, moved, left=step.start, height=0.24, color=colour)
        doubt = f" ± {step.error:.2f}" if step.error >= SMALLEST else ""
        ax.annotate(
            f"{moved:+.2f}".replace("-", "−") + doubt,
            xy=(max(step.start, step.end), at),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour,
        )


def _steps(table: pd.DataFrame, post: "Posterior") -> list[Step]:
    """Return the bars after the first: time, the largest items, all others, numerical error.

    Copies are one with their original, and what may be sampling error alone has no bar of its own,
    as in words.
    """
    clusters = waterfall_of(table)
    moved, copies, error = clusters["in_order"], clusters["copies"], clusters["in_order_mcse"]
    items = [name for name in moved.index if name not in (PRIOR, TIME, NOISE)]
    large = [name for name in items if abs(moved[name]) >= SMALLEST]
    large = [name for name in large if not within_error(moved[name], error[name])]
    large = sorted(large, key=lambda name: -abs(moved[name]))[:MOST_ITEMS]
    parts = [("The time gone by, with nothing seen to happen", [TIME])]
    parts += [(_label(post, name, copies[name]), [name]) for name in items if name in large]
    rest = [name for name in items if name not in large]
    if rest:
        number = "1 item" if len(rest) == 1 else f"{len(rest)} items"
        parts.append((f"{number} that moved it less, or within sampling error", rest))
    if abs(moved[NOISE]) >= SMALLEST:
        parts.append(("Monte Carlo error", [NOISE]))
    steps, at = [], moved[PRIOR]
    for label, names in parts:
        end = at + moved[names].sum()
        steps.append(Step(label, at, end, float(np.linalg.norm(error[names]))))
        at = end
    return steps


def _label(post: "Posterior", name: str, copies: int) -> str:
    """Return the day and the words of an item; its copies stand before what may be cut.

    The text of a silence says why it means something; that it is one comes first.
    """
    item = post.evidence.item(name)
    words = item.text or item.words()
    if isinstance(item, Silence):
        words = f"{source_title(post.network, item.source)}: {item.words()}"
    more = f" (+{copies} {'copy' if copies == 1 else 'copies'})" if copies else ""
    return f"{short_day(item.published_instant)}{more}: {words}"


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


MOST = 10


def tornado(post: "Posterior", event: str, *, by: "Day", ax: "Axes | None" = None) -> "Axes":
    """Draw what a forecast would be if single numbers were at the ends of their priors.

    Parameters
    ----------
    post
        The posterior.
    event, by
        The forecast.
    ax
        The axes to draw into, half an inch high for each row; by default those of a new figure.

    Returns
    -------
    Axes
        The ten parameters of `Posterior.sensitivity` with the widest swing: the forecast with each
        at the 5% and at the 95% point of its own prior, around the actual forecast.

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
