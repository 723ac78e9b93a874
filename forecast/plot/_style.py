"""One style for all pictures: colours, headings, rows of labels, names, and text drawn as typed.

Nothing global is changed. Text from data is drawn without mathematics, control characters or
missing letters.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import ScaledTranslation

from forecast.errors import InputError
from forecast.layout import wrapped
from forecast.network._as_stated import has_pace
from forecast.visible import visible

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axis import Axis

    from forecast.network import Network
    from forecast.posterior import Posterior

PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
"""For every text that came from data: a ``$`` is a dollar, a ``\\`` is a backslash."""

LETTER = 0.56
"""Width over height of a letter of running text: a little over the mean of DejaVu Sans."""

LABELS = 54.0
"""The width of labels beside the axes, in points."""

FEWEST = 12
MISSING = "□"


def drawable(text: str) -> str:
    r"""Return a text on one line without characters that cannot be drawn.

    Control characters and marks of writing direction are written out; letters that no font of the
    session has become "□", as in Matplotlib, but without its warnings.

    Examples
    --------
    >>> print(drawable("a\tb\u202ec"))
    a b\u202ec
    """
    letters = _letters(tuple(mpl.rcParams["font.family"]), tuple(mpl.rcParams["font.sans-serif"]))
    plain = " ".join(visible(text).split())
    return "".join(c if ord(c) in letters else MISSING for c in plain)


def wide(ax: "Axes", text: str, size: float) -> list[str]:
    """Return a text in as many lines as it needs above the axes."""
    return list(wrapped(drawable(text), columns=_columns(ax, size), lines=4))


def cut(ax: "Axes", text: str, size: float) -> str:
    """Return a text on one line, no wider than the axes, with "…" where it was cut."""
    return wrapped(drawable(text), columns=_columns(ax, size), lines=1)[0]


def room(ax: "Axes") -> float:
    """Return the width of the axes in points, estimated if a layout engine will change it."""
    grid, figure = ax.get_subplotspec(), ax.figure
    points = 72 / figure.dpi
    if figure.get_layout_engine() is None or grid is None:
        return float(ax.get_window_extent().width * points)
    columns = (grid.colspan.stop - grid.colspan.start) / grid.get_gridspec().ncols
    return float(figure.bbox.width * points * columns) - LABELS


def height(ax: "Axes") -> float:
    """Return the height that a figure has for the axes and what stands around them, in points."""
    grid, figure = ax.get_subplotspec(), ax.figure
    rows_ = (
        1 if grid is None else grid.get_gridspec().nrows / (grid.rowspan.stop - grid.rowspan.start)
    )
    return float(figure.bbox.height * 72 / figure.dpi / rows_)


def _columns(ax: "Axes", size: float) -> int:
    """Return how many letters of a size fit across the axes."""
    return max(FEWEST, int(room(ax) / (size * LETTER)))


@lru_cache(maxsize=8)
def _letters(families: tuple[str, ...], sans: tuple[str, ...]) -> frozenset[int]:
    """Return every character of the session's fonts."""
    names = [name for family in families for name in (sans if family == "sans-serif" else [family])]
    known: set[int] = set()
    for name in names:
        try:
            path = findfont(name, fallback_to_default=False)
        except ValueError:
            continue
        known |= set(get_font(path).get_charmap())
    return frozenset(known or get_font(findfont("DejaVu Sans")).get_charmap())


RATES = {
    "base_rate": "Base rate",
    "off_rate": "Rate of ending",
    "initial_probability": "Chance at the start",
    "outcome_weight": "Chance",
}
ITEM_RATIOS = {"likelihood_ratio": "Likelihood ratio", "regime_ratio": "Hazard ratio"}


def event_title(network: "Network", event: str) -> str:
    """Return the title of an event, or its id if it has none."""
    return network.event(event).title or event


def source_title(network: "Network", source: str) -> str:
    """Return the title of a source or of a type of sources, or its id if it has none."""
    titles = {one.id: one.title for one in network.source_types}
    titles |= {one.id: one.title for one in network.sources}
    return titles.get(source) or source


def parameter_title(post: "Posterior", parameter: str, label: str) -> str:
    """Return a parameter of a posterior in words."""
    network = post.network
    if parameter in ITEM_RATIOS:
        item = post.evidence.item(label)
        return f"{ITEM_RATIOS[parameter]}: {item.text or item.words()}"
    for fact in network.hidden_facts:
        if fact.name == label:
            return f"Chance that it ever comes: {event_title(network, fact.event)}"
    what = RATES.get(parameter, parameter.removeprefix("type_").replace("_", " ").capitalize())
    link = next((one for one in network.links if one.id == label), None)
    if link is not None:
        ends = (event_title(network, end) for end in (link.parent, link.child))
        return f"{what}: {' → '.join(ends)}"
    if any(event.id == label for event in network.nodes):
        if parameter == "base_rate" and has_pace(network.event(label)):
            what = "Pace"
        return f"{what}: {event_title(network, label)}"
    return f"{what}: {source_title(network, label)}"


BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
COLOURS = (BLUE, RED, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#8B6F47")
"""Okabe and Ito's colours [1]_, distinct with any colour vision, and two more.

.. [1] Okabe and Ito (2008). Color universal design. https://jfly.uni-koeln.de/color/
"""

GREY = "#8C8C8C"
"""For the background; visible on white and on black."""

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
    """Return the given axes; a figure, or an array of several axes, is an error."""
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
    """Write a heading above the axes, wrapped if it is long, and a note under it."""
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
    """Name what is drawn, one line each, starting some points below the axes."""
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
    """Mark an axis of log-odds by as many probabilities as fit."""
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
    """Mark an axis of probabilities by percentages, without needless digits."""
    axis.set_major_formatter(FuncFormatter(lambda p, _: f"{100 * p:.4g}%"))


def note_below(ax: Axes, lines: Sequence[str], start: float = 30) -> None:
    """Write small lines, starting some points below the axes."""
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
    """Make rows from the top, at heights 0, 1, 2, …, each with its label above it.

    A label beside its row would take width from the data.
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
    """Fill a band in a colour, lightly enough for lines and other bands to show through."""
    ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0, **how)
