"""Routes: the heights of rows, and the curves that lead edges from row to row."""

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["Point", "curve", "stacked"]

type Point = tuple[float, float]

SLOPE = 0.2
"""Rows stand so much further apart, as a share of the longest run of an edge between them, that no
curve gets too flat to be followed."""

FURTHEST = 3.0
"""But never further than so many times the usual distance."""


def stacked(
    heights: Sequence[float], runs: Sequence[float], gap: float
) -> list[tuple[float, float]]:
    """Return the top and bottom of each row, from 0 downwards.

    Parameters
    ----------
    heights
        Of the rows.
    runs
        The furthest that an edge goes sideways between each row and the next.
    gap
        The least distance between rows.

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
    """Return a chain of cubic Bézier curves: straight down each row passed, bending in between.

    Parameters
    ----------
    ways
        For each row: where across, from where down to where.

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
