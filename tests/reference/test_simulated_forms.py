"""Worlds of networks that are stated in all forms: as often as the oracle says, and in order."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

import forecast as fc
from forecast.posterior._simulate import World
from tests.reference.cases import random_case
from tests.reference.clock import years
from tests.reference.numbers import HORIZON, Size
from tests.reference.oracle import Oracle
from tests.reference.parts import parts_of
from tests.tolerances import MONTE_CARLO_Z

WORLDS, SEEDS = 1500, range(9600, 9612)
DAYS = (date(2024, 6, 30), HORIZON)
SIZE = Size(10, 1e-1, 5, bare=100, forms=True)
OPEN = 1e-4  # of a decision on a day: how often it may be open at midnight, or fall late


@pytest.mark.parametrize("seed", SEEDS)
def test_worlds_have_the_frequencies_of_the_oracle(seed: int) -> None:
    case = random_case(seed, SIZE)
    oracle = Oracle(case.network, fc.Evidence([]), case.as_of, case.values)
    expected = oracle.chances([years(case.network, day) for day in DAYS])
    worlds = fc.simulate(case.network, worlds=WORLDS, seed=seed)
    found = np.array([[[w.on(n, day) for day in DAYS] for n in oracle.names] for w in worlds])
    error = np.sqrt(expected * (1 - expected) / WORLDS)
    off = np.abs(found.mean(axis=0) - expected)
    assert (off <= MONTE_CARLO_Z * np.maximum(error, OPEN)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_worlds_keep_what_excludes_and_what_implies_what(seed: int) -> None:
    network = random_case(seed, SIZE).network
    for world in fc.simulate(network, worlds=200, seed=seed):
        for event in network.events:
            if event.outcomes is not None:
                came = [name for name in event.outcomes.names if world.jumps[f"{event.id}.{name}"]]
                assert len(came) <= 1
                gated = any(
                    link.child.split(".")[0] == event.id and link.kind in ("requires", "prevents")
                    for link in network.links
                )
                if event.day is None:
                    continue
                assert gated or len(came) == 1
                assert all(world.jumps[f"{event.id}.{c}"][0].date() == event.day for c in came)
            elif any(part.size > 2 or part.role == "confirmed" for part in parts_of(event)):
                _in_order(world, event)


def _in_order(world: World, event: fc.Event) -> None:
    """Each time after the one before it, and confirmed after it came."""
    times = event.up_to if event.kind == "repeated" else 1
    names = [event.id, *(f"{event.id}.{k}" for k in range(2, times + 1))]
    confirmed = [f"{name}.confirmed" for name in names] if event.lag is not None else []
    told = zip(names, confirmed, strict=False)  # none, where nothing is confirmed
    pairs = [*pairwise(names), *pairwise(confirmed), *told]
    for one, other in pairs:
        if world.jumps[other]:
            assert world.initially[one] or world.jumps[one][0] < world.jumps[other][0]
