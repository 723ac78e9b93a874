"""Layering: which row each node of an acyclic graph stands in, arrows as short as can be."""

from collections.abc import Sequence

__all__ = ["layers_of", "narrowed"]

PASSES = 100


def layers_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the row of each node, from 0; every edge runs to a row further down.

    Rows by the longest path come first; then nodes move between their neighbours as long as that
    shortens the edges, or keeps their length and evens the rows out.

    Parameters
    ----------
    count
        The number of nodes.
    edges
        (upper, lower), without a cycle.

    Examples
    --------
    >>> layers_of(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 1]
    """
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in edges:
        above[lower].append(upper)
        below[upper].append(lower)
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
    """Return rows none of which is longer than wanted: what is too much moves down, row by row.

    In each row those nodes stay from which the longest paths go on, so that the whole grows least.

    Parameters
    ----------
    rows
        The row of each node, as `layers_of` gives them.
    edges
        (upper, lower), each from a row to one further down.
    lengths
        How much of its row each node takes, gap included.
    widest
        How long a row may be; a node that alone is longer has a row to itself.

    Examples
    --------
    >>> narrowed([0, 1, 1, 1], [(0, 1), (0, 2), (0, 3)], [10, 10, 10, 10], 20)
    [0, 1, 1, 2]
    """
    count = len(rows)
    placed = list(rows)
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in edges:
        below[upper].append(lower)
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
    """Move a node to a row further down, and before it whatever stands in its way."""
    moving = [(node, row)]
    while moving:
        one, down = moving.pop()
        if placed[one] < down:
            placed[one] = down
            moving += [(other, down + 1) for other in below[one]]


def _row_for(node: int, rows: Sequence[int], span: tuple[int, int], pull: int) -> int:
    """Return where a node shortens its edges most; on a tie, the emptiest row, if emptier."""
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
