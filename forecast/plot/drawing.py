"""The pieces of a drawing of a network: boxes with their words, arrows with their heads."""

from math import hypot
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from forecast.layout import width, wrapped
from forecast.plot.style import BLUE, GREEN, GREY, RED, ink
from forecast.plot.text import PLAIN, drawable
from forecast.probability import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.layout import Arrow, Node

__all__ = ["KINDS", "Spot", "arrow_line", "box", "dashes", "words"]

type Point = tuple[float, float]

KINDS = {"multiplies": BLUE, "causes": GREEN, "requires": GREY, "prevents": RED}
COLUMNS, LINES = 17, 4
LETTER = 7.4
LINE = 1.15
THIN, THICK = 0.7, 3.6
HEAD = 5.0
INSET = 2.5
ROUND = 10.0


def dashes(kind: str, scale: float) -> Any:
    """Return the style of line of a kind of link: dashed for gates."""
    return (0, (4 * scale, 2 * scale)) if kind in ("requires", "prevents") else "solid"


class Spot(NamedTuple):
    """Where an event's box is, and how probable the event, if that is to be told."""

    centre: Point
    size: Point
    chance: float | None


def box(ax: "Axes", node: "Node", spot: Spot) -> None:
    """Draw an event's box, filled from the left as far as the event is probable.

    Parameters
    ----------
    ax
        Whose data are in the layout's units.
    node
        The event.
    spot
        Where.
    """
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
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": LETTER * scale, "zorder": 5}
    ax.text(x, middle, "\n".join(lines), linespacing=LINE - 0.05, **how, **PLAIN)
    if chance is not None:
        foot = y + high / 2 - LETTER * 0.85
        ax.text(x, foot, percent(chance), fontweight="bold", **how, **PLAIN)


def arrow_line(ax: "Axes", arrow: "Arrow", route: tuple[Point, ...], scale: float) -> None:
    """Draw a link along its route: as wide as its ratio is far from 1, and a head at the child.

    Parameters
    ----------
    ax
        Whose data are in the layout's units.
    arrow
        The link.
    route
        A chain of Bézier curves.
    scale
        Points in a unit of the layout.
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
