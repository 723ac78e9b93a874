"""Which row each node of a directed graph stands in, and the order of each row.

The first three steps of a layered drawing: a few arrows are turned round so that no cycle is left,
nodes are put in rows that keep arrows short, and each row is ordered so that few arrows cross.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise


def against_the_flow(count: int, edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Return the indices of the edges that run backwards in a good order of the nodes.

    The greedy order of Eades, Lin and Smyth [1]_: sinks go last, sources first, and among the
    remaining nodes the one with the largest excess of edges out over edges in goes first. Ties are
    settled by number, so equal input gives an equal result.

    References
    ----------
    .. [1] Eades, Lin and Smyth (1993). A fast and effective heuristic for the feedback arc set
       problem. Information Processing Letters 47, 319-323.

    Examples
    --------
    >>> against_the_flow(3, [(0, 1), (1, 2), (2, 0)])
    frozenset({2})
    """
    place = {node: at for at, node in enumerate(_order(count, edges))}
    return frozenset(e for e, (parent, child) in enumerate(edges) if place[parent] > place[child])


def _order(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    first: list[int] = []
    last: list[int] = []
    left = set(range(count))
    while left:
        live = [(a, b) for a, b in edges if a in left and b in left]
        out = dict.fromkeys(sorted(left), 0)
        into = dict.fromkeys(sorted(left), 0)
        for parent, child in live:
            out[parent] += 1
            into[child] += 1
        sinks = [node for node in out if not out[node] and into[node]]
        sources = [node for node in out if not into[node]]
        if sources:
            first += sources
            left -= set(sources)
        elif sinks:
            last = sinks + last
            left -= set(sinks)
        else:
            leader = max(out, key=lambda node: (out[node] - into[node], -node))
            first.append(leader)
            left.remove(leader)
    return first + last


PASSES = 100


def layers_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the row of each node, from 0; every edge runs to a lower row.

    Rows start from the longest path to each node; then nodes move between their neighbours for as
    long as that shortens the edges, or keeps their length and evens out the rows.

    Edges are (upper, lower), without a cycle.

    Examples
    --------
    >>> layers_of(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 1]
    """
    above, below = _neighbours(count, edges)
    rows = _longest_paths(above)
    deepest = max(rows, default=0)
    for _ in range(PASSES):
        moved = False
        for node in range(count):
            if not above[node] and not below[node]:
                continue
            top = max((rows[other] + 1 for other in above[node]), default=0)
            bottom = min((rows[other] - 1 for other in below[node]), default=deepest)
            pull = len(below[node]) - len(above[node])
            best = _row_for(node, rows, (top, bottom), pull)
            moved |= best != rows[node]
            rows[node] = best
        if not moved:
            break
    lowest = min(rows, default=0)
    return [row - lowest for row in rows]


def narrowed(
    rows: Sequence[int], edges: Sequence[tuple[int, int]], lengths: Sequence[float], widest: float
) -> list[int]:
    """Return rows none of which is too long: nodes that do not fit move down, row by row.

    The nodes that stay are those with the longest paths below them, so the drawing grows least.

    Parameters
    ----------
    rows
        The row of each node, as `layers_of` gives them.
    edges
        (upper, lower), each from a row to one further down.
    lengths
        How much of its row each node takes, gap included.
    widest
        The longest that a row may be; a longer node has a row to itself.

    Examples
    --------
    >>> narrowed([0, 1, 1, 1], [(0, 1), (0, 2), (0, 3)], [10, 10, 10, 10], 20)
    [0, 1, 1, 2]
    """
    count = len(rows)
    placed = list(rows)
    _, below = _neighbours(count, edges)
    depth = _longest_paths(below)
    row = 0
    while row <= max(placed, default=-1):
        here = sorted((n for n in range(count) if placed[n] == row), key=lambda n: -depth[n])
        used = 0.0
        for at, node in enumerate(here):
            used += lengths[node]
            if at and used > widest:
                _push(node, row + 1, placed, below)
        row += 1
    return placed


def _push(node: int, row: int, placed: list[int], below: Sequence[Sequence[int]]) -> None:
    """Move a node to a lower row, and the nodes below it out of its way."""
    moving = [(node, row)]
    while moving:
        one, down = moving.pop()
        if placed[one] < down:
            placed[one] = down
            moving += [(other, down + 1) for other in below[one]]


def _row_for(node: int, rows: Sequence[int], span: tuple[int, int], pull: int) -> int:
    """Return the row that shortens a node's edges most; on a tie, the emptiest, if emptier."""
    top, bottom = span
    if pull:
        return bottom if pull > 0 else top
    others = [row for at, row in enumerate(rows) if at != node]
    crowd = {row: others.count(row) for row in range(top, bottom + 1)}
    emptiest = min(crowd, key=lambda row: (crowd[row], row))
    return emptiest if crowd[emptiest] < crowd[rows[node]] else rows[node]


def _longest_paths(above: Sequence[Sequence[int]]) -> list[int]:
    rows = [-1] * len(above)
    for first in range(len(above)):
        trail = [first]
        while trail:
            node = trail[-1]
            waiting = [other for other in above[node] if rows[other] < 0]
            if waiting:
                trail += waiting
                continue
            rows[node] = max((rows[other] + 1 for other in above[node]), default=0)
            trail.pop()
    return rows


SWEEPS = 24
SWAPS = 10

type Rows = list[list[int]]
type Neighbours = Sequence[Sequence[int]]


def ordered_rows(rows: Sequence[Sequence[int]], edges: Sequence[tuple[int, int]]) -> Rows:
    """Return the rows, each in an order with few crossings.

    Nodes move to the mean position of their neighbours, row by row, alternately downwards and
    upwards, with adjacent nodes swapped in between [1]_; the best order found is kept.

    Edges are (upper, lower), each from a row to the next.

    References
    ----------
    .. [1] Gansner, Koutsofios, North and Vo (1993). A technique for drawing directed graphs. IEEE
       Transactions on Software Engineering 19, 214-230.

    Examples
    --------
    >>> ordered_rows([[0, 1], [2, 3]], [(0, 3), (1, 2)])
    [[0, 1], [3, 2]]
    """
    above, below = _neighbours(sum(map(len, rows)), edges)
    best = [list(row) for row in rows]
    least = crossings(best, below)
    for start in ([list(row) for row in rows], [list(reversed(row)) for row in rows]):
        order = start
        for sweep in range(SWEEPS):
            _sweep(order, above, below, downwards=sweep % 2 == 0)
            _swap(order, above, below)
            found = crossings(order, below)
            if found < least:
                best, least = [list(row) for row in order], found
            if not least:
                return best
    return best


def crossings(rows: Rows, below: Neighbours) -> int:
    """Return how many pairs of edges cross, given each node's neighbours in the next row."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {node: at for at, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            ends = sorted(place[other] for other in below[node])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _sweep(rows: Rows, above: Neighbours, below: Neighbours, *, downwards: bool) -> None:
    fixed, passes = (
        (above, range(1, len(rows))) if downwards else (below, range(len(rows) - 2, -1, -1))
    )
    for at in passes:
        beside = rows[at - 1] if downwards else rows[at + 1]
        place = {node: float(spot) for spot, node in enumerate(beside)}
        wish = {
            node: sum(place[other] for other in fixed[node]) / len(fixed[node])
            for node in rows[at]
            if fixed[node]
        }
        moving = iter(sorted((node for node in rows[at] if node in wish), key=wish.__getitem__))
        rows[at] = [next(moving) if node in wish else node for node in rows[at]]


def _swap(rows: Rows, above: Neighbours, below: Neighbours) -> None:
    """Swap adjacent nodes of a row for as long as that removes crossings."""
    for _ in range(SWAPS):
        better = False
        for at, row in enumerate(rows):
            places = [
                ({node: spot for spot, node in enumerate(rows[other])}, side)
                for other, side in ((at - 1, above), (at + 1, below))
                if 0 <= other < len(rows)
            ]
            for spot in range(len(row) - 1):
                left, right = row[spot], row[spot + 1]
                gain = sum(
                    _crossing(place, side[left], side[right])
                    - _crossing(place, side[right], side[left])
                    for place, side in places
                )
                if gain > 0:
                    row[spot], row[spot + 1] = right, left
                    better = True
        if not better:
            return


def _neighbours(
    count: int, edges: Sequence[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return for each node those above it and those below it."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in edges:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _crossing(place: dict[int, int], left: Sequence[int], right: Sequence[int]) -> int:
    return sum(place[a] > place[b] for a in left for b in right)
