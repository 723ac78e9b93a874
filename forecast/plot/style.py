"""One style for all pictures: colours, headings, rows of labels; nothing global is touched."""

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import ScaledTranslation

from forecast.errors import InputError
from forecast.plot.text import PLAIN, cut, room, wide

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axis import Axis

__all__ = [
    "BLUE",
    "COLOURS",
    "GREEN",
    "GREY",
    "RED",
    "band",
    "bare",
    "given_axes",
    "headed",
    "height_of_rows",
    "ink",
    "legend_below",
    "logit_axis",
    "new_axes",
    "note_below",
    "percent_axis",
    "rows",
]

BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
COLOURS = (BLUE, RED, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#8B6F47")
"""Okabe and Ito's colours [1]_, which are told apart with any colour vision, and two more.

.. [1] Okabe and Ito (2008). Color universal design. https://jfly.uni-koeln.de/color/
"""

GREY = "#8C8C8C"
"""For what stays in the background; seen on white and on black."""

TITLE, TEXT, SMALL = 10.5, 9.0, 8.0
"""Sizes of letters, in points."""

MARKS = (
    (0.001, 0.01, 0.1, 0.5),
    (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5),
    (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
    (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5),
    tuple(k / 200 for k in range(1, 101)),
)
"""Probabilities up to one half that an axis of log-odds may be marked at, from few to many."""

LINE = 1.25
"""The height of a line of text, in letters."""

MARK = 36.0
"""The least distance between two marks of an axis, in points."""

WIDTH = 6.4
"""Of a new figure, in inches."""

ROW = 0.46
"""Of a figure's height, for a row with its label, in inches."""


def new_axes(ax: Axes | None, height: float) -> Axes:
    """Return the axes to draw into: those given, or those of a new figure of this height."""
    if ax is not None:
        return given_axes(ax)
    _, made = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return made


def given_axes(ax: object) -> Axes:
    """Return the axes given.

    Raises
    ------
    InputError
        If they are none: a figure, or several axes in an array.
    """
    if not isinstance(ax, Axes):
        msg = (
            f"a picture is drawn into one Matplotlib axes (got 'ax' of type {type(ax).__name__}): "
            "pass ax=figure.add_subplot(), or one of the axes that plt.subplots() returned"
        )
        raise InputError(msg)
    return ax


def height_of_rows(count: int) -> float:
    """Return the height of a figure with so many rows, in inches."""
    return 1.1 + ROW * count


def ink() -> Any:
    """Return the colour of text in this session."""
    return plt.rcParams["text.color"]


def bare(ax: Axes, *sides: str) -> None:
    """Leave only these sides of the frame, and those thin."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in sides)
        spine.set_linewidth(0.8)
        spine.set_color(GREY)
    ax.tick_params(color=GREY, labelsize=SMALL, length=3)


def headed(ax: Axes, title: str, note: str = "") -> None:
    """Write a heading over the axes, broken into lines where it is long, and a note under it."""
    lines = wide(ax, title, TITLE)
    notes = wide(ax, note, SMALL) if note else []
    pad = 6 + len(notes) * SMALL * LINE
    ax.set_title("\n".join(lines), loc="left", fontsize=TITLE, pad=pad, **PLAIN)
    if notes:
        ax.annotate(
            "\n".join(notes),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(0, 4),
            textcoords="offset points",
            va="bottom",
            fontsize=SMALL,
            alpha=0.8,
            **PLAIN,
        )


def legend_below(
    ax: Axes, handles: Sequence["Artist"], labels: Sequence[str], start: float = 30
) -> None:
    """Name what is drawn, one line each, beginning so many points under the axes."""
    legend = ax.legend(
        handles,
        ["x"] * len(handles),  # the words follow: a label that begins with "_" would be left out
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, -start / 72, ax.figure.dpi_scale_trans),
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=SMALL,
    )
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set(text=cut(ax, label, SMALL), **PLAIN)


def logit_axis(ax: Axes) -> None:
    """Mark an axis of log-odds by probabilities: as many as there is room for."""
    low, high = ax.get_xlim()
    spare = max(high - low, 0.5)
    low, high = low - 0.04 * spare, high + 0.12 * spare
    ax.set_xlim(low, high)
    most = room(ax) / MARK
    best: list[float] = []
    for half in MARKS:
        marks = sorted({*half, *(1 - p for p in half)})
        inside = [p for p in marks if low <= log(p / (1 - p)) <= high]
        best = inside if len(inside) <= most else best
    ax.set_xticks([log(p / (1 - p)) for p in best], [f"{100 * p:.4g}%" for p in best])


def percent_axis(axis: "Axis") -> None:
    """Mark an axis of probabilities as percentages, with no more digits than they need."""
    axis.set_major_formatter(FuncFormatter(lambda p, _: f"{100 * p:.4g}%"))


def note_below(ax: Axes, lines: Sequence[str], start: float = 30) -> None:
    """Write small lines below the axes, beginning so many points under them."""
    if not lines:
        return
    ax.annotate(
        "\n".join(cut(ax, line, SMALL) for line in lines),
        xy=(0, 0),
        xycoords="axes fraction",
        xytext=(0, -start),
        textcoords="offset points",
        va="top",
        fontsize=SMALL,
        linespacing=1.4,
        **PLAIN,
    )


def rows(ax: Axes, labels: Sequence[str], *, bold: Sequence[int] = ()) -> None:
    """Make rows from the top, at heights 0, 1, 2, …, each with its label above the middle.

    Labels stand over their rows and not beside them, so that long ones leave the width to the data.
    """
    ax.set_ylim(len(labels) - 0.55, -0.75)
    ax.set_yticks([])
    for at, label in enumerate(labels):
        ax.text(
            0,
            at - 0.3,
            cut(ax, label, TEXT),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=TEXT,
            fontweight="bold" if at in bold else "normal",
            zorder=1.5,  # over lines that run down all rows, under figures
            bbox={"facecolor": plt.rcParams["axes.facecolor"], "linewidth": 0, "pad": 0.5},
            **PLAIN,
        )


def band(ax: Axes, x: Any, low: Any, high: Any, colour: Any, **how: Any) -> None:
    """Fill a band in a colour, so lightly that lines and other bands show through."""
    ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0, **how)
