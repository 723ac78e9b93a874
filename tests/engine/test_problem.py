"""The shapes of a network that compiled code needs, derived from the one form of it."""

import numpy as np
import pytest

from forecast.engine._problem import FACT, graph_of
from tests.exact.random_networks import random_structure


@pytest.mark.parametrize("seed", range(20))
def test_a_graph_has_every_link_at_either_end(seed: int) -> None:
    structure = random_structure(np.random.default_rng(seed), 6)
    graph = graph_of(structure)
    for first, link, end in (
        (graph.first_in, graph.in_link, graph.link_child),
        (graph.first_out, graph.out_link, graph.link_parent),
    ):
        assert sorted(link.tolist()) == list(range(len(structure.link_kind)))
        for event in range(len(structure.kind)):
            assert (end[link[first[event] : first[event + 1]]] == event).all()


def test_links_into_facts_are_in_no_graph() -> None:
    structure = random_structure(np.random.default_rng(3), 6)
    child = int(structure.link_child[0])
    kind = structure.kind.copy()
    kind[child] = FACT
    graph = graph_of(structure._replace(kind=kind))
    assert len(graph.in_link) == len(graph.out_link) == (structure.link_child != child).sum()
    assert child not in structure.link_child[graph.in_link]
