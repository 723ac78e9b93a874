"""Crossing reduction: the order of each row, so that few edges between rows cross."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["crossings", "ordered_rows"]

SWEEPS = 24
SWAPS = 10

type Rows = list[list[int]]
type Neighbours = Sequence[Sequence[int]]


def ordered_rows(rows: Sequence[Sequence[int]], edges: Sequence[tuple[int, int]]) -> Rows:
    """Return the rows, each in an order with few crossings.

    Nodes go to the mean place of their neighbours, row by row, downwards and upwards in turn, with
    swaps of neighbours in between [1]_; the best order met is kept.

    Parameters
    ----------
    rows
        The nodes of each row.
    edges
        (upper, lower), each from a row to the next.

    References
    ----------
    .. [1] Gansner, Koutsofios, North and Vo (1993). A technique for drawing directed graphs. IEEE
       Transactions on Software Engineering 19, 214-230.

    Examples
    --------
    >>> ordered_rows([[0, 1], [2, 3]], [(0, 3), (1, 2)])
    [[0, 1], [3, 2]]
    """
    count = sum(map(len, rows))
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in edges:
        above[lower].append(upper)
        below[upper].append(lower)
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
    """Swap neighbours in a row for as long as that takes crossings away."""
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


def _crossing(place: dict[int, int], left: Sequence[int], right: Sequence[int]) -> int:
    return sum(place[a] > place[b] for a in left for b in right)
