"""The network as a drawing: events as boxes, links as arrows."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from forecast.errors import InputError
from forecast.layout import Layout, diagram, layered
from forecast.network import Network
from forecast.plot.drawing import KINDS, Spot, arrow_line, box, dashes, words
from forecast.plot.style import given_axes, headed, legend_below
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.posterior import Posterior
    from forecast.time import Day

__all__ = ["network"]

BOX = (96.0, 56.0)
GAP = 14.0
ROW = 7
"""Boxes in a row, at most; lengths are in points of a new figure."""

EDGE, MARGIN, ABOVE, BELOW = 2.0, 6.0, 40.0, 64.0


def network(
    shown: "Network | Posterior", *, by: "Day | None" = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw a network: its events, and how they bear on each other.

    Parameters
    ----------
    shown
        A network, drawn as it is stated; or a posterior, with the probability of each event.
    by
        For a posterior: the date that probabilities are for.
    ax
        The axes to draw into; of a new figure as large as the drawing needs, unless given.

    Returns
    -------
    Axes
        Events as boxes: square for onsets, round for states, with a double line for facts; filled
        from the left as far as they are probable. Links as arrows: the colour tells the kind, the
        width how far the hazard ratio (of the prior's median) is from 1, a bar in place of the
        arrowhead that the link slows or stops its child. Gates are dashed.

    Raises
    ------
    InputError
        If a posterior comes without a date, or a network with one.
    QueryError
        If the date is out of range.

    Notes
    -----
    Legible up to some fifty events. For other tools, `forecast.layout.dot` and
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
        stated, note, chances = shown, "", {}
        if by is not None:
            msg = "a network alone has no probabilities: pass a posterior, or leave 'by' out"
            raise InputError(msg)
    else:
        if by is None:
            msg = "the probabilities of a posterior are for a date: pass by='2024-12-31', say"
            raise InputError(msg)
        stated = shown.network
        chances = shown.table(by=[by]).droplevel("deadline", axis=1)["mean"].to_dict()
        note = f"Probability by {day_words(parse_instant(by))}, as of {day_words(shown.as_of)}"
    drawing = diagram(stated)
    sizes = {node.id: BOX for node in drawing.nodes}
    drawn = layered(sizes, drawing.edges, gap=GAP, widest=ROW * (BOX[0] + GAP) - GAP)
    ax = _axes(drawn) if ax is None else given_axes(ax)
    scale = _scale(ax, drawn)
    for arrow, route in zip(drawing.arrows, drawn.routes, strict=True):
        arrow_line(ax, arrow, route, scale)
    for node in drawing.nodes:
        spot = Spot(drawn.centres[node.id], BOX, chances.get(node.id))
        box(ax, node, spot)
        words(ax, node, spot, scale)
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
    """Fit the axes to the drawing, y downwards; return how many points a unit of it is."""
    ax.axis("off")
    ax.set_xlim(-EDGE, drawn.width + EDGE, auto=None)  # free to widen: the aspect is what is fixed
    ax.set_ylim(drawn.height + EDGE, -EDGE, auto=None)
    ax.set_aspect("equal", adjustable="datalim")
    shown = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    return min(shown.width * points / drawn.width, shown.height * points / drawn.height)
