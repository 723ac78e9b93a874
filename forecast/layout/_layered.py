"""The layered layout of a directed graph, with or without cycles: boxes in rows, arrows as curves.

Sugiyama's method [1]_: `rows` breaks cycles, puts nodes in rows and orders the rows; `component`
places the nodes and draws the arrows. Parts that no arrow joins are drawn one by one and packed
side by side. Nothing is random: the same graph is always drawn the same way.

References
----------
.. [1] Sugiyama, Tagawa and Toda (1981). Methods for visual understanding of hierarchical system
   structures. IEEE Transactions on Systems, Man, and Cybernetics 11, 109-125.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

from forecast.errors import InputError, did_you_mean
from forecast.layout._component import Gaps, Placed, Point, placed

type Route = tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """Where everything in a drawing stands; x grows to the right, y downwards, from (0, 0).

    Parameters
    ----------
    width, height
        Of the whole drawing: every box and every curve lies within.
    centres
        The middle of each node's box.
    sizes
        The width and height of each node's box, as given.
    routes
        One for each edge, in the order of the edges: a chain of cubic Bézier curves as 1 + 3k
        points, the start and then (control, control, end) for each piece. It begins on the border
        of the parent's box and ends on that of the child's, at right angles to it. The arrowhead
        goes there, pointing from the last control point to the last point.

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
    """Return where the nodes of a directed graph stand and where its edges run.

    Parameters
    ----------
    sizes
        The width and height of each node's box. Their order settles ties.
    edges
        (parent, child). Cycles are allowed, and so are several edges between the same two nodes.
    direction
        Where most arrows point: ``"down"`` for rows, ``"right"`` for columns.
    gap
        The least distance between boxes of one row. Rows stand twice as far apart, or further
        where edges run a long way sideways.
    widest
        The greatest length of a row of boxes (of a column, if arrows point to the right), not
        counting arrows that pass beside them; boxes that do not fit go to the next row.

    Raises
    ------
    InputError
        If an edge names an unknown node, or leads from a node to itself.

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
                msg = f"an edge names the node '{end}', which does not exist. {hint}"
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


SHAPE = 1.6
"""Width over height of a drawing of many separate parts."""

type Part = tuple[list[int], list[tuple[int, int]]]


def components(count: int, edges: Sequence[tuple[int, int]]) -> list[Part]:
    """Return the connected parts, largest first: their nodes, and edges by index among these.

    Examples
    --------
    >>> components(4, [(3, 2), (1, 3)])
    [([1, 2, 3], [(2, 1), (0, 2)]), ([0], [])]
    """
    part_of = list(range(count))
    for parent, child in edges:
        one, other = part_of[parent], part_of[child]
        part_of = [one if part == other else part for part in part_of]
    parts = []
    for part in dict.fromkeys(part_of):
        nodes = [node for node in range(count) if part_of[node] == part]
        inside = {node: at for at, node in enumerate(nodes)}
        parts.append((nodes, [(inside[a], inside[b]) for a, b in edges if a in inside]))
    return sorted(parts, key=lambda part: -len(part[0]))


def packed(
    drawings: Sequence[Placed], parts: Sequence[Part], edges: Sequence[tuple[int, int]], gap: float
) -> Placed:
    """Return drawings of parts as one drawing: left to right, in lines from the top.

    `edges` are all edges, in the order of the routes returned.
    """
    area = sum((one.width + gap) * (one.height + gap) for one in drawings)
    widest = max([sqrt(area * SHAPE), *(one.width for one in drawings)], default=0.0)
    centres: dict[int, Point] = {}
    routes: list[tuple[Point, ...]] = [()] * len(edges)
    left = top = height = width = 0.0
    for drawing, (nodes, _) in zip(drawings, parts, strict=True):
        if left and left + drawing.width > widest:
            left, top, height = 0.0, top + height + gap, 0.0
        moved = drawing.moved(left, top)
        centres |= dict(zip(nodes, moved.centres, strict=True))
        mine = [at for at, (parent, _) in enumerate(edges) if parent in set(nodes)]
        for at, route in zip(mine, moved.routes, strict=True):
            routes[at] = route
        width, height = max(width, left + drawing.width), max(height, drawing.height)
        left += drawing.width + gap
    ordered = tuple(centres[node] for node in sorted(centres))
    return Placed(width, top + height, ordered, tuple(routes))
