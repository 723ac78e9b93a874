"""A spread of units that may be none at all: far from a mode, so it is drawn value by value."""

import numpy as np
from scipy.special import logsumexp

import forecast as fc
from forecast.learning._ridge import sample_along
from tests.learning.panels import network, spells, table

COUNTED = {"coup": {"kind": "repeated", "rate": "3 onsets in 20 years"}}
COUNTS = [2, 3, 2, 3, 2, 3, 2, 3, 2, 3]  # more alike than a Poisson variable is


def test_the_spread_of_units_that_seem_alike_is_drawn_as_quadrature_has_it() -> None:
    seen = table(
        [
            {"unit": f"u{k}", "event": "coup", "on": 20.0 * (i + 1) / (count + 1)}
            for k, count in enumerate(COUNTS)
            for i in range(count)
        ]
    )
    learned = fc.learn(network(COUNTED, []), seen, spells(len(COUNTS)))
    process = learned.processes[0].process
    scale = process.layout.spread
    assert process.layout.size == 2
    assert scale == 1

    grid = np.linspace(-5.0, 5.0, 201)
    base, spread = np.meshgrid(grid, grid, indexing="ij")
    z = np.column_stack([base.ravel(), spread.ravel()])
    height = (process(z) - 0.5 * (z**2).sum(axis=1)).reshape(base.shape)
    exact = np.cumsum(np.exp(logsumexp(height, axis=0) - logsumexp(height)))

    found = sample_along(process, 2, scale, draws=4096, seed=1)
    assert found.gate.passed
    drawn = [float(found.weights @ (found.z[:, scale] <= at + 0.025)) for at in grid]
    # 4,096 draws of which a third or more count: an error of a share of 0.014 at most, times two
    assert np.abs(np.array(drawn) - exact).max() < 0.03
    assert exact[np.searchsorted(grid, -1.0)] > 0.4  # much of it is where there is hardly a spread
