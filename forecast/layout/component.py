"""One connected part of a drawing: boxes placed in rows, edges led between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from forecast.layout.acyclic import against_the_flow
from forecast.layout.coordinates import Tie, positions
from forecast.layout.crossings import ordered_rows
from forecast.layout.layers import layers_of, narrowed
from forecast.layout.routes import Point, curve, stacked

__all__ = ["Gaps", "Placed", "Point", "placed"]

BEND = (1.0, 2.0, 8.0)
"""How much a step of an edge resists slanting, by how many of its two ends are mere waypoints:
long edges are to run straight, so their inner steps pull hardest (Gansner and others, 1993)."""

PORTS = 0.8
"""The share of a box's side over which the edges at it are spread."""


class Gaps(NamedTuple):
    """Distances: at least so far between boxes of a row, rows, and edges from what they pass.

    And how long a row of boxes is to be at most.
    """

    beside: float
    between: float
    edges: float
    widest: float


class Placed(NamedTuple):
    """A drawing whose nodes are numbers: its size, their centres, and a route for each edge."""

    width: float
    height: float
    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]

    def moved(self, right: float, down: float) -> "Placed":
        """Return the same drawing elsewhere."""
        routes = tuple(tuple((x + right, y + down) for x, y in route) for route in self.routes)
        centres = tuple((x + right, y + down) for x, y in self.centres)
        return Placed(self.width, self.height, centres, routes)


def placed(boxes: Sequence[Point], edges: Sequence[tuple[int, int]], gaps: Gaps) -> Placed:
    """Return the drawing of a connected graph, arrows mostly downwards.

    Parameters
    ----------
    boxes
        The width and height of each node.
    edges
        (parent, child) by number.
    gaps
        Least distances.
    """
    count = len(boxes)
    turned = against_the_flow(count, edges)
    down = [(b, a) if e in turned else (a, b) for e, (a, b) in enumerate(edges)]
    lengths = [width + gaps.beside for width, _ in boxes]
    row_of = narrowed(layers_of(count, down), down, lengths, gaps.widest + gaps.beside)
    rows, chains = _chained(row_of, down)
    rows = ordered_rows(rows, [step for chain in chains for step in pairwise(chain)])
    sizes = [*boxes, *[(0.0, 0.0)] * (sum(map(len, rows)) - count)]
    ties = _ties(rows, chains, sizes, count)
    apart = [[_apart(pair, sizes, count, gaps) for pair in pairwise(row)] for row in rows]
    across = positions(rows, apart, [tie for chain in ties for tie in chain], gaps.edges / 2)
    left = min(x - width / 2 for x, (width, _) in zip(across, sizes, strict=True))
    across = [x - left for x in across]

    at_row = {node: at for at, row in enumerate(rows) for node in row}
    runs = [0.0] * (len(rows) - 1)
    for tie in (tie for chain in ties for tie in chain):
        run = across[tie.upper] + tie.upper_offset - across[tie.lower] - tie.lower_offset
        runs[at_row[tie.upper]] = max(runs[at_row[tie.upper]], abs(run))
    spans = stacked([max(sizes[node][1] for node in row) for row in rows], runs, gaps.between)
    middle = [sum(spans[at_row[node]]) / 2 for node in range(count)]

    routes = []
    for e, (chain, tied) in enumerate(zip(chains, ties, strict=True)):
        first, last = chain[0], chain[-1]
        x, y = across[first] + tied[0].upper_offset, middle[first] + sizes[first][1] / 2
        way = [(x, y, spans[at_row[first]][1])]
        way += [(across[node], *spans[at_row[node]]) for node in chain[1:-1]]
        x, y = across[last] + tied[-1].lower_offset, middle[last] - sizes[last][1] / 2
        route = curve([*way, (x, spans[at_row[last]][0], y)])
        routes.append(route[::-1] if e in turned else route)
    width = max(x + size[0] / 2 for x, size in zip(across, sizes, strict=True))
    centres = tuple((across[node], middle[node]) for node in range(count))
    return Placed(width, spans[-1][1], centres, tuple(routes))


def _chained(
    row_of: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the nodes of each row, and each edge as a chain of them, waypoints in between."""
    rows: list[list[int]] = [[] for _ in range(max(row_of) + 1)]
    for node, row in enumerate(row_of):
        rows[row].append(node)
    fresh = len(row_of)
    chains = []
    for upper, lower in edges:
        chain = [upper]
        for row in range(row_of[upper] + 1, row_of[lower]):
            rows[row].append(fresh)
            chain.append(fresh)
            fresh += 1
        chains.append([*chain, lower])
    return rows, chains


def _ties(
    rows: Sequence[Sequence[int]],
    chains: Sequence[Sequence[int]],
    sizes: Sequence[Point],
    count: int,
) -> list[list[Tie]]:
    """Return the ties of each edge, from row to row; at boxes the edges are spread over the side.

    Edges leave a box in the order of what they lead to, so they do not cross at its border; edges
    between the same two nodes keep their order at both ends.
    """
    place = {node: spot for row in rows for spot, node in enumerate(row)}
    leaving: dict[tuple[int, bool], list[tuple[int, int]]] = {}
    for e, chain in enumerate(chains):
        leaving.setdefault((chain[0], True), []).append((place[chain[1]], e))
        leaving.setdefault((chain[-1], False), []).append((place[chain[-2]], e))
    offset: dict[tuple[int, bool], float] = {}
    for (node, is_start), ends in leaving.items():
        for spot, (_, e) in enumerate(sorted(ends)):
            offset[e, is_start] = sizes[node][0] * PORTS * ((spot + 0.5) / len(ends) - 0.5)
    return [
        [
            Tie(
                upper,
                lower,
                offset[e, True] if upper < count else 0.0,
                offset[e, False] if lower < count else 0.0,
                BEND[(upper >= count) + (lower >= count)],
            )
            for upper, lower in pairwise(chain)
        ]
        for e, chain in enumerate(chains)
    ]


def _apart(pair: tuple[int, int], sizes: Sequence[Point], count: int, gaps: Gaps) -> float:
    """Return how far apart the centres of two neighbours in a row are to be at least."""
    one, other = pair
    both_boxes = one < count and other < count
    return (sizes[one][0] + sizes[other][0]) / 2 + (gaps.beside if both_boxes else gaps.edges)
