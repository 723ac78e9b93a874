"""One connected part of a drawing: where its boxes stand, and the curves of its edges.

The last two steps of a layered drawing: the nodes of ordered rows are given positions close to
those of their neighbours, and edges are drawn as curves from row to row.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import inf
from typing import NamedTuple

from forecast.layout._rows import against_the_flow, layers_of, narrowed, ordered_rows

SQUARES = 60
STRAIGHTENING = 160
RENEWED = 4
"""Sweeps with squared loss, then with Huber's, and how often the latter renews its weights."""


class Tie(NamedTuple):
    """Two nodes of neighbouring rows that should stand one above the other.

    Parameters
    ----------
    upper, lower
        The nodes.
    upper_offset, lower_offset
        Where on them the edge ends, measured from their centres.
    weight
        The weight of the tie.
    """

    upper: int
    lower: int
    upper_offset: float
    lower_offset: float
    weight: float


def positions(
    rows: Sequence[Sequence[int]],
    apart: Sequence[Sequence[float]],
    ties: Sequence[Tie],
    slack: float,
) -> list[float]:
    """Return the horizontal position of the centre of each node.

    They minimise Σ weight · H(x_upper + offset - x_lower - offset) over ties, with rows kept in
    order and neighbours kept apart. H is Huber's loss: a square up to the slack and a straight line
    beyond, so that a long edge has a few sharp bends instead of many slight ones. Rows are moved in
    turn, first under squared loss. With all others fixed, the best positions of one row under
    weighted squares are an isotonic regression of each node's preferred position, found by pooling
    adjacent violators [1]_; reweighting the squares [2]_ turns them into Huber's loss.

    Parameters
    ----------
    rows
        The nodes of each row, from left to right.
    apart
        For each row, the least distance between the centres of each node and the next.
    ties
        Which nodes should stand one above the other.
    slack
        Above 0.

    References
    ----------
    .. [1] Best and Chakravarti (1990). Active set algorithms for isotonic regression. Mathematical
       Programming 47, 425-439.
    .. [2] Holland and Welsch (1977). Robust regression using iteratively reweighted least-squares.
       Communications in Statistics 6, 813-827.

    Examples
    --------
    >>> ties = [Tie(0, 1, 0, 0, 1), Tie(0, 2, 0, 0, 1)]
    >>> positions([[0], [1, 2]], [[], [10.0]], ties, 10.0)
    [5.0, 0.0, 10.0]
    """
    places = [0.0] * sum(map(len, rows))
    offsets = [list(accumulate(gaps, initial=0.0)) for gaps in apart]
    for row, offset in zip(rows, offsets, strict=True):
        for node, at in zip(row, offset, strict=True):
            places[node] = at - offset[-1] / 2
    pulls = _pulls(places, ties, inf)
    for sweep in range(SQUARES + STRAIGHTENING):
        if sweep >= SQUARES and sweep % RENEWED == 0:
            pulls = _pulls(places, ties, slack)
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for at in order:
            wishes = [_wish(node, places, pulls[node]) for node in rows[at]]
            free = [wish - off for (wish, _), off in zip(wishes, offsets[at], strict=True)]
            level = _isotonic(free, [weight for _, weight in wishes])
            for node, base, off in zip(rows[at], level, offsets[at], strict=True):
                places[node] = base + off
    left = min(places, default=0.0)
    return [round(place - left, 3) for place in places]


type _Pull = tuple[int, float, float]


def _pulls(places: Sequence[float], ties: Sequence[Tie], slack: float) -> list[list[_Pull]]:
    """Return each node's ties as (other node, shift, weight)."""
    pulls: list[list[_Pull]] = [[] for _ in places]
    for tie in ties:
        shift = tie.upper_offset - tie.lower_offset
        apart = abs(places[tie.upper] + shift - places[tie.lower])
        weight = tie.weight * min(1.0, slack / max(apart, 1e-9))
        pulls[tie.lower].append((tie.upper, shift, weight))
        pulls[tie.upper].append((tie.lower, -shift, weight))
    return pulls


def _wish(
    node: int, places: Sequence[float], pulls: Sequence[tuple[int, float, float]]
) -> tuple[float, float]:
    """Return a node's preferred position and its weight."""
    total = sum(weight for _, _, weight in pulls)
    if not total:
        return places[node], 1e-3
    return sum(weight * (places[other] + shift) for other, shift, weight in pulls) / total, total


def _isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-decreasing sequence nearest to the values, in weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        mean, mass, size = value, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, other_mass, other_size = blocks.pop()
            mean = (other * other_mass + mean * mass) / (other_mass + mass)
            mass, size = mass + other_mass, size + other_size
        blocks.append((mean, mass, size))
    return [mean for mean, _, size in blocks for _ in range(size)]


type Point = tuple[float, float]

SLOPE = 0.2
"""The least distance of two rows, as a share of the furthest that an edge between them runs
sideways: flatter curves are hard to follow."""

FURTHEST = 3.0
"""The greatest distance of two rows, in multiples of the usual one."""


def stacked(
    heights: Sequence[float], runs: Sequence[float], gap: float
) -> list[tuple[float, float]]:
    """Return the top and bottom of each row, from 0 downwards.

    `runs` are the furthest that an edge runs sideways between each row and the next, `gap` is the
    least distance between rows.

    Examples
    --------
    >>> stacked([10, 20], [0.0], 15)
    [(0.0, 10.0), (25.0, 45.0)]
    """
    spans = []
    top = 0.0
    for height, run in zip(heights, [*runs, 0.0], strict=True):
        spans.append((top, top + height))
        top += height + min(max(gap, SLOPE * run), FURTHEST * gap)
    return spans


def curve(ways: Sequence[tuple[float, float, float]]) -> tuple[Point, ...]:
    """Return a chain of cubic Bézier curves: straight through each row, bending in between.

    `ways` are for each row x, and the y at its top and bottom.

    Examples
    --------
    >>> curve([(0, 5, 5), (4, 11, 11)])
    ((0, 5), (0, 8.0), (4, 8.0), (4, 11))
    """
    stops = [(x, y) for x, top, bottom in ways for y in (top, bottom)]
    points = [stops[0]]
    for one, other in pairwise(stops):
        if one == other:
            continue
        middle = (one[1] + other[1]) / 2
        points += [(one[0], middle), (other[0], middle), other]
    return tuple(points)


BEND = (1.0, 2.0, 8.0)
"""How much a step of an edge resists slanting, by how many of its two ends are waypoints: long
edges should run straight, so their inner steps pull hardest (Gansner and others, 1993)."""

PORTS = 0.8
"""The share of a box's side over which its edges are spread."""


class Gaps(NamedTuple):
    """Least distances between boxes of a row, rows, and edges; and the longest row of boxes."""

    beside: float
    between: float
    edges: float
    widest: float


class Placed(NamedTuple):
    """A drawing of numbered nodes: its size, their centres, and a route for each edge."""

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

    Boxes are the width and height of each node, edges (parent, child) by number.
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
    """Return the nodes of each row, waypoints included, and each edge as a chain of nodes."""
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
    """Return the ties of each edge, from row to row, with edges spread over the side of a box.

    Edges leave a box in the order of their other ends, so they do not cross at its border; edges
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
    """Return the least distance between the centres of two neighbours in a row."""
    one, other = pair
    both_boxes = one < count and other < count
    return (sizes[one][0] + sizes[other][0]) / 2 + (gaps.beside if both_boxes else gaps.edges)
