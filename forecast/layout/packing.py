"""Parts of a drawing that no arrow joins: found, drawn apart, and put side by side on shelves."""

from collections.abc import Sequence
from math import sqrt

from forecast.layout.component import Placed, Point

__all__ = ["components", "packed"]

SHAPE = 1.6
"""How much wider than high a drawing of many loose parts is to be."""

type Part = tuple[list[int], list[tuple[int, int]]]


def components(count: int, edges: Sequence[tuple[int, int]]) -> list[Part]:
    """Return the connected parts, the largest first: their nodes, and their edges by place therein.

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
    """Return drawings of parts as one drawing, on shelves from the top, left to right.

    Parameters
    ----------
    drawings
        One for each part.
    parts
        As `components` gives them.
    edges
        All edges, in the order in which their routes are wanted.
    gap
        Between drawings.
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
