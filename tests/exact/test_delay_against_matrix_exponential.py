"""Links with a delay, from the network as stated to the likelihood, against the oracle's phases."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood
from forecast.engine._problem import Parameters
from forecast.evidence import Evidence, LikelihoodRatio, Observation
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Link, Network
from tests.reference.oracle import Oracle, Values
from tests.tolerances import FINE_GRID, SECOND_ORDER

AS_OF = "2024-12-30"
DAYS = ("2024-02-10", "2024-04-21", "2024-06-30", "2024-09-15", "2024-12-05")
RATE = "40% [20%, 70%] within 6 months"
STRENGTHS: dict[str, dict[str, str]] = {
    "causes": {"extra_rate": "2 per year [1, 4]"},
    "multiplies": {"hazard_ratio": "x4 [2, 8]"},
    "requires": {},
    "prevents": {},
}


def event(name: str, kind: str, initially: object) -> Event:
    rates = {"onset": {"rate": RATE}, "state": {"rate": RATE, "off_rate": RATE}, "fact": {}}[kind]
    public = {} if kind == "fact" else {"public": False}
    begun = "40% [20%, 60%]" if kind == "fact" else initially
    return Event(id=name, kind=kind, initially=begun, **rates, **public)


def random_delays(seed: int) -> Network:
    """Three events, two or three links of any kind among them, most of them delayed."""
    rng = np.random.default_rng(seed)
    kinds = [
        "onset",
        str(rng.choice(["onset", "state"])),
        str(rng.choice(["onset", "state", "fact"])),
    ]
    events = [event(f"e{i}", kind, bool(rng.random() < 0.2)) for i, kind in enumerate(kinds)]
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j and kinds[j] != "fact"]
    chosen = rng.permutation(len(pairs))[: int(rng.integers(2, 4))]
    links = []
    for order, (parent, child) in enumerate(pairs[place] for place in chosen):
        kind = str(rng.choice(list(STRENGTHS), p=[0.35, 0.35, 0.15, 0.15]))
        fields: dict[str, Any] = {"parent": f"e{parent}", "child": f"e{child}", "kind": kind}
        if order == 0 or rng.random() < 0.6:
            fields |= {"delay": "4 months [2, 8]", "stages": int(rng.integers(1, 4))}
        links.append(Link(**fields, **STRENGTHS[kind]))
    return Network(
        name="delays", start="2024-01-01", horizon="2024-12-31", events=events, links=links
    )


def ring(stages: tuple[int, int]) -> Network:
    """Two onsets, each of which quickens the other after a while, and one that waits for both."""
    quickens = {"kind": "multiplies", "hazard_ratio": "x5 [3, 9]", "delay": "3 months [2, 6]"}
    return Network(
        name="ring",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[event(name, "onset", False) for name in ("e0", "e1", "e2")],
        links=[
            Link(parent="e0", child="e1", stages=stages[0], **quickens),
            Link(parent="e1", child="e0", stages=stages[1], **quickens),
            Link(parent="e0", child="e2", kind="requires", delay="2 months [1, 4]"),
            Link(parent="e1", child="e2", kind="causes", extra_rate="2 per year [1, 4]"),
        ],
    )


def evidence_on(network: Network, seed: int) -> Evidence:
    """A likelihood ratio on each of five days, and an onset that had not happened, or had."""
    rng = np.random.default_rng(seed)
    items: list[LikelihoodRatio | Observation] = [
        LikelihoodRatio(
            id=f"i{k}",
            event=f"e{rng.integers(3)}",
            published=day,
            likelihood_ratio=str(rng.choice(["x3 [2, 5]", "x0.4 [0.2, 0.8]"])),
        )
        for k, day in enumerate(DAYS)
    ]
    if network.event("e0").initially is False:
        gated = any(link.child == "e0" and link.kind == "requires" for link in network.links)
        state = "off" if gated or rng.random() < 0.5 else "on"
        items.append(Observation(id="seen", event="e0", published="2024-08-01", state=state))
    return Evidence(items)


def drawn(lowered: Lowered, seed: int) -> tuple[Parameters, Values]:
    """One draw of all uncertain numbers: as the engine has them, and by name."""
    z = np.random.default_rng(seed).normal(size=(1, lowered.table.dimensions))
    values = lowered.table.from_z(z)
    theta = Parameters(*(field[0] for field in lowered.theta(values)))
    named = {
        group.name: dict(zip(group.labels, values[group.name][0].tolist(), strict=True))
        for group in lowered.table.groups
    }
    return theta, named


def both(network: Network, seed: int, steps: int) -> tuple[float, float]:
    """The log likelihood by the library, and by the oracle."""
    evidence = evidence_on(network, seed)
    lowered = lower(network, evidence, AS_OF)
    theta, values = drawn(lowered, seed)
    plans = build_plans(lowered.structure, lowered.record, max_step=1 / steps, most_error=np.inf)
    found = log_likelihood(plans, theta)
    return found, Oracle(network, evidence, AS_OF, values).log_likelihood()


@pytest.mark.parametrize("seed", range(24))
def test_random_networks_with_delays_agree_with_the_oracle(seed: int) -> None:
    found, exact = both(random_delays(seed), seed, steps=4000)
    assert found == pytest.approx(exact, abs=FINE_GRID)


@pytest.mark.parametrize("stages", [(1, 1), (2, 1), (3, 2)])
def test_a_ring_of_delays_agrees_with_phases_by_hand(stages: tuple[int, int]) -> None:
    found, exact = both(ring(stages), 1, steps=4000)
    assert found == pytest.approx(exact, abs=FINE_GRID)


def test_the_error_of_a_ring_of_delays_falls_with_the_square_of_the_step() -> None:
    errors = [abs(np.subtract(*both(ring((3, 2)), 1, steps))) for steps in (100, 200, 400)]
    low, high = SECOND_ORDER
    assert all(low < coarse / fine < high for coarse, fine in pairwise(errors))


def test_the_random_networks_have_delays_of_every_kind_and_cycles() -> None:
    links = [link for seed in range(24) for link in random_delays(seed).links]
    delayed = [link for link in links if link.delay is not None]
    assert {link.kind for link in delayed} == set(STRENGTHS)
    assert {link.stages for link in delayed} == {1, 2, 3}
    arrows = [{(link.parent, link.child) for link in random_delays(s).links} for s in range(24)]
    assert any((b, a) in found for found in arrows for a, b in found)
