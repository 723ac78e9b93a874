"""The layered layout of a directed graph, cycles and all: boxes in rows, arrows as curves.

Sugiyama's method [1]_ in its five steps, one a module: cycles are broken (`acyclic`), nodes put in
rows (`layers`), rows put in order (`crossings`), nodes moved to their places (`coordinates`), and
arrows drawn (`routes`). Nothing is random: the same graph is drawn the same.

References
----------
.. [1] Sugiyama, Tagawa and Toda (1981). Methods for visual understanding of hierarchical system
   structures. IEEE Transactions on Systems, Man, and Cybernetics 11, 109-125.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from forecast.errors import InputError, did_you_mean
from forecast.layout.component import Gaps, Placed, placed
from forecast.layout.packing import components, packed

__all__ = ["Layout", "layered"]

type Point = tuple[float, float]
type Route = tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """Where everything of a drawing is; x grows to the right, y downwards, from a corner at (0, 0).

    Parameters
    ----------
    width, height
        Of the whole drawing: every box and every curve lies within.
    centres
        The middle of each node's box.
    sizes
        The width and height of each node's box, as they were given.
    routes
        One for each edge, in the order of the edges: a chain of cubic Bézier curves as points,
        start, then (control, control, end) for each piece, so 1 + 3k of them. It begins on the
        border of the parent's box and ends on that of the child's, at right angles to it: the
        arrowhead goes there, pointing from the last control point to the last point.

    Notes
    -----
    A route is the SVG path ``M p0 C p1 p2 p3 C p4 p5 p6 …``, and Matplotlib's ``Path`` with the
    codes ``MOVETO, CURVE4, CURVE4, CURVE4, …``.
    """

    width: float
    height: float
    centres: Mapping[str, Point]
    sizes: Mapping[str, Point]
    routes: tuple[Route, ...]


def layered(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    *,
    direction: Literal["down", "right"] = "down",
    gap: float,
    widest: float = inf,
) -> Layout:
    """Return where the nodes of a directed graph stand and its edges run.

    Parameters
    ----------
    sizes
        The width and height of each node's box. Their order settles ties.
    edges
        (parent, child). Cycles are welcome, several edges between the same two nodes as well.
    direction
        Where arrows mostly point: ``"down"`` for rows, ``"right"`` for columns.
    gap
        The least distance between boxes of one row; rows stand twice as far apart, or further
        where edges run far across.
    widest
        How long a row of boxes (a column, if arrows point to the right) is to be at most; what is
        too much goes to the next. Arrows that pass beside boxes come on top of that.

    Raises
    ------
    InputError
        If an edge names a node that is not there, or leads from a node to itself.

    Examples
    --------
    >>> drawn = layered({"a": (20, 10), "b": (20, 10)}, [("a", "b"), ("b", "a")], gap=10)
    >>> drawn.centres
    {'a': (10.0, 5.0), 'b': (10.0, 35.0)}
    >>> drawn.width, drawn.height
    (20.0, 40.0)
    >>> drawn.routes[0][0][1], drawn.routes[0][-1][1]  # from a's lower border to b's upper one
    (10.0, 30.0)
    """
    names = list(sizes)
    for parent, child in edges:
        for end in (parent, child):
            if end not in sizes:
                hint = did_you_mean(end, names)
                msg = f"an edge names the node '{end}', which is not there. {hint}"
                raise InputError(msg)
        if parent == child:
            msg = f"an edge leads from '{parent}' to itself, which a layered drawing cannot show"
            raise InputError(msg)
    turned = direction == "right"
    number = {name: at for at, name in enumerate(names)}
    boxes = [(size[1], size[0]) if turned else size for size in sizes.values()]
    ends = [(number[parent], number[child]) for parent, child in edges]
    gaps = Gaps(beside=gap, between=2 * gap, edges=gap / 2, widest=widest)
    parts = components(len(names), ends)
    drawings = [placed([boxes[node] for node in nodes], inner, gaps) for nodes, inner in parts]
    whole = packed(drawings, parts, ends, gap)
    return _named(names, sizes, whole, turned=turned)


def _named(
    names: Sequence[str], sizes: Mapping[str, Point], whole: Placed, *, turned: bool
) -> Layout:
    def point(x: float, y: float) -> Point:
        return (round(y, 2), round(x, 2)) if turned else (round(x, 2), round(y, 2))

    width, height = point(whole.width, whole.height)
    return Layout(
        width=width,
        height=height,
        centres={name: point(*at) for name, at in zip(names, whole.centres, strict=True)},
        sizes={name: (float(size[0]), float(size[1])) for name, size in sizes.items()},
        routes=tuple(tuple(point(*at) for at in route) for route in whole.routes),
    )
