"""Breaking cycles: which arrows to turn round, few of them, so that no cycle is left."""

from collections.abc import Sequence

__all__ = ["against_the_flow"]


def against_the_flow(count: int, edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Return the places of the edges that run backwards in a good order of the nodes.

    The greedy order of Eades, Lin and Smyth [1]_: sinks go last, sources first, and of what is left
    the node goes first that has most edges out over edges in. Ties go by number, so the result is
    the same whenever the input is.

    Parameters
    ----------
    count
        The number of nodes; they are called 0 to count - 1.
    edges
        (parent, child), none from a node to itself.

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
