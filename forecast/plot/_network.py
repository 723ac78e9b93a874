"""The network as a drawing: events as boxes with their words, links as arrows with their heads."""

from math import hypot
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from forecast.errors import InputError
from forecast.layout import Layout, diagram, layered, width, wrapped
from forecast.network import Network
from forecast.plot._style import (
    BLUE,
    GREEN,
    GREY,
    PLAIN,
    RED,
    drawable,
    given_axes,
    headed,
    ink,
    legend_below,
)
from forecast.probability import percent
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from forecast.layout import Arrow, Node
    from forecast.posterior import Posterior
    from forecast.time import Day

type Point = tuple[float, float]

KINDS = {
    "multiplies": BLUE,
    "causes": GREEN,
    "requires": GREY,
    "prevents": RED,
    "given": "#B07AA1",
}
COLUMNS, LINES = 17, 4
LETTER = 7.4
LINE = 1.15
THIN, THICK = 0.7, 3.6
HEAD = 5.0
INSET = 2.5
ROUND = 10.0


def dashes(kind: str, scale: float) -> Any:
    """Return the line style of a kind of link: dashed for gates, dotted between facts."""
    if kind == "given":
        return (0, (1 * scale, 1 * scale))
    return (0, (4 * scale, 2 * scale)) if kind in ("requires", "prevents") else "solid"


class Spot(NamedTuple):
    """Where an event's box is, and the event's probability, if it is shown."""

    centre: Point
    size: Point
    chance: float | None


def box(ax: "Axes", node: "Node", spot: Spot) -> None:
    """Draw an event's box in the layout's units, filled from the left by its probability."""
    (x, y), (wide, high), chance = spot
    left, top = x - wide / 2, y - high / 2
    rounding = ROUND if node.kind == "state" else 0.01
    frame = _frame((left, top), wide, high, rounding)
    frame.set(facecolor=plt.rcParams["axes.facecolor"], edgecolor=ink(), linewidth=0.8, zorder=2)
    ax.add_patch(frame)
    if chance is not None:
        filled = Rectangle((left, top), wide * chance, high, color=BLUE, alpha=0.28, linewidth=0)
        filled.set_zorder(3)
        ax.add_patch(filled)
        filled.set_clip_path(frame)
    if node.kind == "fact":
        corner = (left + INSET, top + INSET)
        inner = _frame(corner, wide - 2 * INSET, high - 2 * INSET, rounding)
        inner.set(fill=False, edgecolor=ink(), linewidth=0.5, zorder=4)
        ax.add_patch(inner)


def words(ax: "Axes", node: "Node", spot: Spot, scale: float) -> None:
    """Write an event's title into its box, and its probability under it."""
    (x, y), (_, high), chance = spot
    lines = wrapped(drawable(node.title), columns=COLUMNS, lines=LINES)
    middle = y if chance is None else y - LETTER * LINE / 2
    middle -= ROW_HEIGHT * len(node.parts) / 2
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": LETTER * scale, "zorder": 5}
    ax.text(x, middle, "\n".join(lines), linespacing=LINE - 0.05, **how, **PLAIN)
    if chance is not None:
        foot = y + high / 2 - LETTER * 0.85
        ax.text(x, foot, percent(chance), fontweight="bold", **how, **PLAIN)


def size_of(node: "Node") -> Point:
    """Return how large an event's box is: a row more for each thing that the event stands for."""
    return BOX[0], BOX[1] + ROW_HEIGHT * len(node.parts)


def rows(
    ax: "Axes", node: "Node", spot: Spot, chances: "Mapping[str, float]", scale: float
) -> None:
    """Write what an event stands for below its title, each filled by its probability if known."""
    (x, y), (wide, high), _ = spot
    how: dict[str, Any] = {"va": "center", "fontsize": 0.9 * LETTER * scale, "zorder": 5}
    for place, part in enumerate(node.parts):
        top = y + high / 2 - ROW_HEIGHT * (len(node.parts) - place)
        edge = Line2D([x - wide / 2, x + wide / 2], [top, top], color=ink(), linewidth=0.3)
        edge.set_zorder(3)
        ax.add_line(edge)
        label, middle = drawable(part.label), top + ROW_HEIGHT / 2
        chance = chances.get(part.id)
        if chance is not None:
            size = wide * chance, ROW_HEIGHT
            filled = Rectangle((x - wide / 2, top), *size, color=BLUE, alpha=0.28, linewidth=0)
            filled.set_zorder(3)
            ax.add_patch(filled)
            label = wrapped(label, columns=COLUMNS - 2, lines=1)[0]
            ax.text(x + wide / 2 - 4, middle, percent(chance), ha="right", **how, **PLAIN)
        ax.text(x - wide / 2 + 4, middle, label, ha="left", **how, **PLAIN)


def arrow_line(ax: "Axes", arrow: "Arrow", route: tuple[Point, ...], scale: float) -> None:
    """Draw a link along its route of Bézier curves, wider for stronger links, with its head.

    `scale` is the number of points in a unit of the layout.
    """
    colour = KINDS[arrow.kind]
    thick = THIN + (THICK - THIN) * width(arrow)
    (before_x, before_y), (x, y) = route[-2], route[-1]
    length = hypot(x - before_x, y - before_y) or 1.0
    along = ((x - before_x) / length, (y - before_y) / length)
    slows = arrow.kind == "prevents" or (arrow.ratio is not None and arrow.ratio < 1)
    head = HEAD + thick
    back = 1.5 if slows else head * 0.8
    end = (x - along[0] * back, y - along[1] * back)
    path = Path([*route[:-1], end], [Path.MOVETO, *[Path.CURVE4] * (len(route) - 1)])
    how = {"edgecolor": colour, "linestyle": dashes(arrow.kind, 1.0), "capstyle": "butt"}
    ax.add_patch(PathPatch(path, fill=False, linewidth=thick * scale, zorder=1, **how))
    aside = (-along[1], along[0])
    wing = head * (0.75 if slows else 0.45)
    sides = [(aside[0] * wing * sign, aside[1] * wing * sign) for sign in (1, -1)]
    if slows:
        ends = [(end[0] + dx, end[1] + dy) for dx, dy in sides]
        line = Line2D(*zip(*ends, strict=True), color=colour, linewidth=max(thick, 1.6) * scale)
        line.set(zorder=4, solid_capstyle="butt")
        ax.add_line(line)
    else:
        base = (x - along[0] * head, y - along[1] * head)
        corners = [(x, y), *((base[0] + dx, base[1] + dy) for dx, dy in sides)]
        ax.add_patch(Polygon(corners, closed=True, color=colour, linewidth=0, zorder=4))


def _frame(corner: Point, wide: float, high: float, rounding: float) -> FancyBboxPatch:
    style = f"round,pad=0,rounding_size={rounding}"
    return FancyBboxPatch(corner, wide, high, boxstyle=style)


BOX = (96.0, 56.0)
ROW_HEIGHT = 11.0
GAP = 14.0
ROW = 7
"""Boxes in a row, at most; lengths are in points of a new figure."""

EDGE, MARGIN, ABOVE, BELOW = 2.0, 6.0, 40.0, 64.0


def network(
    shown: "Network | Posterior", *, by: "Day | None" = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw a network: its events, and how they affect each other.

    Parameters
    ----------
    shown
        A network, drawn as stated; or a posterior, with the probability of each event.
    by
        For a posterior: the date of the probabilities.
    ax
        The axes to draw into; by default those of a new figure as large as the drawing needs.

    Returns
    -------
    Axes
        Events as boxes: square for onsets, round for states, with a double line for facts; filled
        from the left in proportion to their probability. An event that stands for several things,
        such as the outcomes of a decision, has a row for each. Links as arrows: the colour shows
        the kind, the width how far the hazard ratio (at the prior's median) is from 1, and a bar
        instead of an arrowhead means that the link slows or stops its child. Gates are dashed.

    Raises
    ------
    InputError
        If a posterior comes without a date, or a network with one.
    QueryError
        If the date is out of range.

    Notes
    -----
    Legible up to about fifty events. For other tools, `forecast.layout.dot` and
    `forecast.layout.mermaid` write the same drawing as text.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate="40% within 1 year")
    >>> network = fc.Network(
    ...     name="demo", title="A demo", start="2024-01-01", horizon="2024-12-31", events=[pact]
    ... )
    >>> fc.plot.network(network).get_title(loc="left")
    'A demo'
    """
    if isinstance(shown, Network):
        stated, note, chances = shown, "", dict[str, float]()
        if by is not None:
            msg = "a network alone has no probabilities: pass a posterior, or leave out 'by'"
            raise InputError(msg)
    else:
        if by is None:
            msg = (
                "the probabilities of a posterior are for a date: pass for example by='2024-12-31'"
            )
            raise InputError(msg)
        stated = shown.network
        means = shown.table(by=[by]).droplevel("deadline", axis=1)["mean"]
        chances = {str(name): float(chance) for name, chance in means.items()}
        note = f"Probability by {day_words(parse_instant(by))}, as of {day_words(shown.as_of)}"
    drawing = diagram(stated)
    sizes = {node.id: size_of(node) for node in drawing.nodes}
    drawn = layered(sizes, drawing.edges, gap=GAP, widest=ROW * (BOX[0] + GAP) - GAP)
    ax = _axes(drawn) if ax is None else given_axes(ax)
    scale = _scale(ax, drawn)
    for arrow, route in zip(drawing.arrows, drawn.routes, strict=True):
        arrow_line(ax, arrow, route, scale)
    for node in drawing.nodes:
        known = None if node.parts else chances.get(node.id)
        spot = Spot(drawn.centres[node.id], sizes[node.id], known)
        box(ax, node, spot)
        words(ax, node, spot, scale)
        rows(ax, node, spot, chances, scale)
    headed(ax, stated.title or stated.name, note)
    present = {arrow.kind for arrow in drawing.arrows}
    kinds = [kind for kind in KINDS if kind in present]
    lines = [Line2D([], [], color=KINDS[k], linewidth=2, linestyle=dashes(k, 0.6)) for k in kinds]
    if kinds:
        legend_below(ax, lines, kinds, start=6)
    return ax


def _axes(drawn: Layout) -> "Axes":
    """Return the axes of a new figure in which a unit of the drawing is a point."""
    wide, high = drawn.width + 2 * MARGIN, drawn.height + ABOVE + BELOW
    figure = plt.figure(figsize=(wide / 72, high / 72))
    return figure.add_axes((MARGIN / wide, BELOW / high, drawn.width / wide, drawn.height / high))


def _scale(ax: "Axes", drawn: Layout) -> float:
    """Fit the axes to the drawing, y downwards; return the number of points in its unit."""
    ax.axis("off")
    ax.set_xlim(-EDGE, drawn.width + EDGE, auto=None)  # free to widen: the aspect is what is fixed
    ax.set_ylim(drawn.height + EDGE, -EDGE, auto=None)
    ax.set_aspect("equal", adjustable="datalim")
    shown = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    return min(shown.width * points / drawn.width, shown.height * points / drawn.height)
