"""Coordinates: where each node of ordered rows stands, near those that it is tied to."""

from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple

__all__ = ["Tie", "positions"]

SQUARES = 60
STRAIGHTENING = 160
RENEWED = 4
"""Sweeps on squares, then on Huber's loss, and after how many of the latter weights are renewed."""


class Tie(NamedTuple):
    """A wish that two points of neighbouring rows stand one above the other.

    Parameters
    ----------
    upper, lower
        The nodes.
    upper_offset, lower_offset
        Where on them the points lie, from their centres.
    weight
        How much the wish weighs.
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

    They minimise Σ weight · H(x_upper + offset - x_lower - offset) over ties, rows kept in order
    and neighbours at least so far apart. H is Huber's loss: a square up to the slack and a straight
    line beyond, so that a long edge bends much in few places, and not a little everywhere. Starting
    from plain squares, rows are moved in turn. With all others fixed, the best positions of one row
    under weighted squares are an isotonic regression of where each node would like to be, found by
    pooling adjacent violators [1]_; weighting the squares anew [2]_ makes them Huber's loss.

    Parameters
    ----------
    rows
        The nodes of each row, from left to right.
    apart
        For each row, the least distance between the centres of each node and the next.
    ties
        What is to stand one above the other.
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
    """Return by node what it is tied to: the other node, how far from it, with which weight."""
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
    """Return where a node would like to be, and how much."""
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
