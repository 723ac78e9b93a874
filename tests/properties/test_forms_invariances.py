"""What must not matter in a decision: the names of its outcomes, and their order."""

import re
from dataclasses import replace
from typing import Any

import pytest

import forecast as fc
from tests.reference.cases import Case, random_case
from tests.reference.numbers import HORIZON, Size

SAME = 1e-9
"""Absolute, on a probability: the sums over outcomes, in another order."""
SIZE = Size(8, 1e-2, 5, bare=0, forms=True)
CASES = [
    case
    for case in (random_case(seed, SIZE) for seed in range(16))
    if any(event.kind == "decision" for event in case.network.events)
]
CALLED = {"a": "zulu", "b": "mike", "c": "alpha"}


def renamed(name: str) -> str:
    """An outcome by another name; all else as it is called."""
    return re.sub(r"^(e\d)\.([abc])$", lambda found: f"{found[1]}.{CALLED[found[2]]}", name)


def turned(case: Case) -> Case:
    """The same with outcomes renamed, the last one first."""
    events = []
    for event in case.network.events:
        fields: dict[str, Any] = event.model_dump()
        if event.outcomes is not None:
            stated = dict(event.outcomes.wording)
            fields["outcomes"] = {CALLED[name]: stated[name] for name in reversed(stated)}
            fields["on"] = renamed(str(event.on))
        events.append(fc.Event(**fields))
    links = [
        fc.Link(**{**k.model_dump(), "parent": renamed(k.parent), "child": renamed(k.child)})
        for k in case.network.links
    ]
    network = fc.Network(**{**case.network.model_dump(), "events": events, "links": links})
    items = [item.model_copy(update={"event": renamed(item.event)}) for item in case.evidence]
    return replace(case, network=network, evidence=fc.Evidence(items))


def forecasts(case: Case) -> dict[str, float]:
    """The probabilities of all names at the horizon."""
    post = fc.update(case.network, case.evidence, as_of=case.as_of, draws=64, seed=1)
    names = [node.id for node in case.network.nodes]
    return {name: post.probability(name, by=HORIZON).mean for name in names}


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_names_and_the_order_of_outcomes_do_not_matter(case: Case) -> None:
    before, after = forecasts(case), forecasts(turned(case))
    assert {renamed(name) for name in before} == set(after)
    off = {name: abs(p - after[renamed(name)]) for name, p in before.items()}
    assert max(off.values()) <= SAME, off
