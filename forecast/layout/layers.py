"""Layering: which row each node of an acyclic graph stands in, arrows as short as can be."""

from collections.abc import Sequence

__all__ = ["layers_of"]

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
