"""The on-rate, link by link, against the specification; its slopes against differences."""

import numpy as np
import pytest

from forecast.engine._jit import entry
from forecast.engine._problem import (
    CAUSES,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    Floats,
    Graph,
    Ints,
    Parameters,
    graph_of,
)
from forecast.engine._rate import acts, add_link_slope, flip_chances, flip_slopes, on_rate, shuts
from forecast.engine._specification import on_rate as specified
from tests.exact.random_networks import random_problem
from tests.tolerances import GRADIENT, SAME_ALGEBRA


@entry  # type: ignore[untyped-decorator]
def rate_of(graph: Graph, event: int, x: Ints, weight: float, theta: Parameters) -> float:
    return on_rate(graph, event, x, weight, theta)


@entry  # type: ignore[untyped-decorator]
def slope_of(kind: int, effect: Floats, total: float, factor: float) -> float:
    slope = np.zeros(1)
    add_link_slope(kind, effect, 0, 2.0, total, factor, slope)
    return slope[0]


@entry  # type: ignore[untyped-decorator]
def flips(on: float, off: float, time: float) -> tuple[float, ...]:
    return (*flip_chances(on, off, time), *flip_slopes(on, off, time))


@pytest.mark.parametrize("seed", range(30))
def test_every_rate_is_what_the_specification_says(seed: int) -> None:
    structure, _, theta = random_problem(np.random.default_rng(seed))
    graph, n = graph_of(structure), len(structure.kind)
    states = np.arange(2**n)
    for event in np.unique(structure.link_child).tolist():
        expected = specified(structure, theta, event, states, 0.4)
        weight = structure.weight(event, 0.4)
        bits = (states[:, None] >> np.arange(n)) & 1
        found = [rate_of(graph, event, x, weight, theta) for x in bits]
        np.testing.assert_allclose(found, expected, rtol=SAME_ALGEBRA)


def test_what_a_link_does_while_its_parent_is_off_and_on() -> None:
    kinds = np.array([CAUSES, MULTIPLIES, REQUIRES, PREVENTS])
    assert acts(kinds, 0).tolist() == [False] * 4
    assert acts(kinds, 1).tolist() == [True, True, False, False]
    assert shuts(kinds, 0).tolist() == [False, False, True, False]
    assert shuts(kinds, 1).tolist() == [False, False, False, True]


def test_a_links_slope_is_that_of_the_rate() -> None:
    """Of 2 x (1 + cause) x 0.7, and of 2 x 1.3 x (0.5 x multiplier), at 3."""
    effect = np.array([3.0])
    assert slope_of(CAUSES, effect, 4.0, 0.7) == pytest.approx(2 * 0.7)
    assert slope_of(MULTIPLIES, effect, 1.3, 0.5 * 3.0) == pytest.approx(2 * 1.3 * 0.5)


@pytest.mark.parametrize("time", [1e-9, 0.3, 2.0])
def test_the_slopes_of_a_flips_chances_are_their_differences(time: float) -> None:
    on, off, step = 1.7, 0.6, 1e-5
    *_, a_on, a_off, b_on, b_off = flips(on, off, time)
    along_on = np.subtract(flips(on + step, off, time), flips(on - step, off, time)) / (2 * step)
    along_off = np.subtract(flips(on, off + step, time), flips(on, off - step, time)) / (2 * step)
    expected = [along_on[0], along_off[0], along_on[1], along_off[1]]
    assert [a_on, a_off, b_on, b_off] == pytest.approx(expected, rel=GRADIENT, abs=GRADIENT * time)
