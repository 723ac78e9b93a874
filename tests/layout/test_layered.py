"""Drawings of directed graphs: every box and arrow in its place, cycles and all."""

from itertools import combinations, pairwise
from random import Random

import pytest

from forecast.errors import InputError
from forecast.layout import Layout, layered
from forecast.layout._component import Tie, positions
from forecast.layout._rows import against_the_flow, crossings, layers_of, ordered_rows

GAP = 18.0
CLOSE = 0.011
"""Coordinates are given to two decimals."""


def random_graph(
    count: int, links: int, seed: int
) -> tuple[dict[str, tuple[int, int]], list[tuple[str, ...]]]:
    """Boxes of several sizes and random arrows between them: cycles, twins, loose parts."""
    rng = Random(seed)  # noqa: S311
    names = [f"e{i}" for i in range(count)]
    sizes = {name: (rng.choice([80, 130]), rng.choice([24, 46, 60])) for name in names}
    edges = [tuple(rng.sample(names, 2)) for _ in range(links)]
    return sizes, edges


GRAPHS = [random_graph(*case) for case in [(50, 80, 1), (50, 40, 2), (12, 40, 3), (1, 0, 4)]]
DIRECTIONS = ["down", "right"]


def box(drawn: Layout, name: str) -> tuple[float, float, float, float]:
    (x, y), (width, height) = drawn.centres[name], drawn.sizes[name]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("graph", GRAPHS)
def test_boxes_keep_their_distance(graph, direction) -> None:
    drawn = layered(*graph, direction=direction, gap=GAP)
    for one, other in combinations(graph[0], 2):
        a, b = box(drawn, one), box(drawn, other)
        beside = max(b[0] - a[2], a[0] - b[2])
        above = max(b[1] - a[3], a[1] - b[3])
        assert max(beside, above) >= GAP - CLOSE


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("graph", GRAPHS)
def test_arrows_run_from_parent_to_child_through_no_other_box(graph, direction) -> None:
    sizes, edges = graph
    drawn = layered(sizes, edges, direction=direction, gap=GAP)
    for (parent, child), route in zip(edges, drawn.routes, strict=True):
        assert on_border(route[0], box(drawn, parent))
        assert on_border(route[-1], box(drawn, child))
        boxes = [box(drawn, name) for name in sizes if name not in (parent, child)]
        for x, y in along(route):
            assert not any(a < x < c and b < y < d for a, b, c, d in boxes)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("graph", GRAPHS)
def test_everything_lies_within_the_drawing(graph, direction) -> None:
    drawn = layered(*graph, direction=direction, gap=GAP)
    points = [point for route in drawn.routes for point in route]
    for name in graph[0]:
        left, top, right, bottom = box(drawn, name)
        points += [(left, top), (right, bottom)]
    assert all(-CLOSE <= x <= drawn.width + CLOSE for x, _ in points)
    assert all(-CLOSE <= y <= drawn.height + CLOSE for _, y in points)


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_row_of_boxes_is_longer_than_wanted(graph) -> None:
    drawn = layered(*graph, gap=GAP, widest=500.0)
    rows: dict[float, list[str]] = {}
    for name in graph[0]:
        rows.setdefault(drawn.centres[name][1], []).append(name)
    for row in rows.values():
        assert sum(graph[0][name][0] + GAP for name in row) - GAP <= 500.0
    free = layered(*graph, gap=GAP)
    assert drawn.width <= free.width


def test_the_same_graph_is_drawn_the_same() -> None:
    assert layered(*GRAPHS[0], gap=GAP) == layered(*GRAPHS[0], gap=GAP)


def test_a_pair_of_opposite_arrows_stays_two_lines() -> None:
    drawn = layered({"a": (60, 20), "b": (60, 20)}, [("a", "b"), ("b", "a")], gap=GAP)
    there, back = drawn.routes
    assert abs(there[0][0] - back[-1][0]) >= 10
    assert there[0][1] < there[-1][1]
    assert back[0][1] > back[-1][1]


def test_a_drawing_of_nothing_is_empty() -> None:
    drawn = layered({}, [], gap=GAP)
    assert (drawn.width, drawn.height, drawn.routes) == (0, 0, ())


def test_an_edge_to_an_unknown_node_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"the node 'bb', which does not exist. Did you mean 'b'\?"
    ):
        layered({"a": (1, 1), "b": (1, 1)}, [("a", "bb")], gap=GAP)


def test_an_edge_to_itself_is_refused() -> None:
    with pytest.raises(InputError, match="from 'a' to itself"):
        layered({"a": (1, 1)}, [("a", "a")], gap=GAP)


@pytest.mark.parametrize("seed", range(20))
def test_turning_the_chosen_edges_leaves_no_cycle(seed: int) -> None:
    rng = Random(seed)  # noqa: S311
    edges = [tuple(rng.sample(range(9), 2)) for _ in range(25)]
    turned = against_the_flow(9, edges)
    flow = [(b, a) if e in turned else (a, b) for e, (a, b) in enumerate(edges)]
    rows = layers_of(9, flow)
    assert all(rows[a] < rows[b] for a, b in flow)
    assert len(turned) <= len(edges) / 2


def test_an_acyclic_graph_is_left_as_it_is() -> None:
    assert against_the_flow(5, [(4, 0), (0, 3), (3, 1), (4, 2), (2, 1)]) == frozenset()


def test_crossings_are_counted_as_by_hand() -> None:
    rows, below = [[0, 1, 2], [3, 4]], [[4], [3, 4], [3], [], []]
    assert crossings(rows, below) == 3


def test_a_tree_is_drawn_without_a_crossing() -> None:
    edges = [(0, 4), (0, 6), (1, 3), (2, 5), (1, 7)]
    rows = ordered_rows([[0, 1, 2], [3, 4, 5, 6, 7]], edges)
    below = [[b for a, b in edges if a == node] for node in range(8)]
    assert crossings(rows, below) == 0


def test_positions_beat_every_nudge() -> None:
    """The loss is convex: from the best places no small step that is allowed leads lower."""
    slack = 3.0
    rows, apart = [[0, 1], [2, 3, 4]], [[10.0], [10.0, 10.0]]
    ties = [Tie(0, 2, 2, 0, 1), Tie(0, 4, -2, 0, 2), Tie(1, 3, 0, 1, 1), Tie(1, 4, 0, 0, 1)]

    def cost(at: list[float]) -> float:
        return sum(
            t.weight * huber(at[t.upper] + t.upper_offset - at[t.lower] - t.lower_offset, slack)
            for t in ties
        )

    def allowed(at: list[float]) -> bool:
        pairs = zip(rows, apart, strict=True)
        return all(
            at[b] - at[a] >= gap - 1e-9
            for row, gaps in pairs
            for (a, b), gap in zip(pairwise(row), gaps, strict=True)
        )

    best = positions(rows, apart, ties, slack)
    assert allowed(best)
    nudges = [
        [step if i == node else 0.0 for i in range(5)] for node in range(5) for step in (-0.1, 0.1)
    ]
    nudged = [[x + dx for x, dx in zip(best, nudge, strict=True)] for nudge in nudges]
    assert all(cost(at) >= cost(best) - 1e-3 for at in nudged if allowed(at))


def huber(off: float, slack: float) -> float:
    return off**2 / 2 if abs(off) <= slack else slack * (abs(off) - slack / 2)


def on_border(point, sides) -> bool:
    (x, y), (left, top, right, bottom) = point, sides
    inside = left - CLOSE <= x <= right + CLOSE and top - CLOSE <= y <= bottom + CLOSE
    return inside and min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) <= CLOSE


def along(route, steps: int = 8) -> list[tuple[float, float]]:
    """Points along a chain of Bézier curves."""
    points = []
    for at in range(0, len(route) - 1, 3):
        for step in range(steps):
            t = (step + 0.5) / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            piece = list(zip(weights, route[at : at + 4], strict=True))
            points.append((sum(w * p[0] for w, p in piece), sum(w * p[1] for w, p in piece)))
    return points
