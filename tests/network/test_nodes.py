"""What stated events stand for: nodes, the gates between them, and the odds of a race."""

import json
from typing import Any

import numpy as np
import pytest

from forecast.errors import InputError
from forecast.network import Event, Link, Network
from forecast.network._nodes import Node
from forecast.network._outcomes import Outcomes

RATE = "1 per year"


def network(*events: Event, links: tuple[Link, ...] = ()) -> Network:
    """A network of one year."""
    return Network(name="n", start="2024-01-01", horizon="2024-12-31", events=events, links=links)


def decision(**fields: Any) -> Event:
    """An election."""
    stated = {"on": "2024-06-04", "outcomes": {"left": "60%", "right": "the rest"}, **fields}
    return Event(id="vote", kind="decision", **stated)


def test_an_event_as_it_stands_is_its_own_node() -> None:
    event = Event(id="pact", kind="onset", rate=RATE)
    assert network(event).nodes == (event,)
    assert network(event).gates == ()


def test_each_form_has_its_nodes() -> None:
    found = network(
        Event(id="troops", kind="onset", rate=RATE, known="within 2 weeks"),
        decision(),
        Event(id="summit", kind="repeated", rate=RATE, up_to=3),
        Event(id="deal", kind="onset", ever="40%", pace="half of it within 3 months"),
    )
    assert [node.id for node in found.nodes] == [
        "troops", "troops.confirmed", "vote.left", "vote.right",
        "summit", "summit.2", "summit.3", "deal",
    ]  # fmt: skip
    assert {node.kind for node in found.nodes} == {"onset"}
    assert [node.id for node in found.nodes if node.public] == [
        "troops.confirmed", "summit", "summit.2", "summit.3", "deal",
    ]  # fmt: skip
    assert [(gate.parent, gate.kind, gate.child) for gate in found.gates] == [
        ("troops", "requires", "troops.confirmed"),
        ("vote.left", "prevents", "vote.right"),
        ("vote.right", "prevents", "vote.left"),
        ("summit", "requires", "summit.2"),
        ("summit.2", "requires", "summit.3"),
    ]
    assert [fact.name for fact in found.hidden_facts] == ["deal.ever"]


def test_what_is_repeated_and_confirmed_is_confirmed_in_order() -> None:
    found = network(Event(id="raid", kind="repeated", rate=RATE, up_to=2, known="within 1 week"))
    assert [node.id for node in found.nodes] == [
        "raid", "raid.2", "raid.confirmed", "raid.2.confirmed",
    ]  # fmt: skip
    assert ("raid.confirmed", "raid.2.confirmed") in {(g.parent, g.child) for g in found.gates}


def test_a_link_into_what_is_repeated_acts_each_time() -> None:
    link = Link(parent="pact", child="summit", kind="multiplies", hazard_ratio="x2")
    found = network(
        Event(id="summit", kind="repeated", rate=RATE, up_to=3),
        Event(id="pact", kind="onset", rate=RATE),
        links=(link,),
    )
    assert found.children(link) == ("summit", "summit.2", "summit.3")


def test_an_outcome_can_be_a_parent() -> None:
    link = Link(parent="vote.left", child="pact", kind="requires")
    found = network(decision(), Event(id="pact", kind="onset", rate=RATE), links=(link,))
    assert found.children(link) == ("pact",)


def test_a_race_is_fast_enough_where_links_hold_every_outcome_back() -> None:
    held = [
        Link(parent="pact", child=f"vote.{side}", kind="multiplies", odds_ratio="x0.01")
        for side in ("left", "right")
    ]
    pact = Event(id="pact", kind="onset", rate=RATE)
    slow, fast = (network(decision(), pact, links=links) for links in ((), tuple(held)))
    scales = [next(n for n in one.nodes if isinstance(n, Node)).scale for one in (slow, fast)]
    assert scales[1] == pytest.approx(100 * scales[0])


@pytest.mark.parametrize(
    "stated",
    [
        {"left": "48% [40%, 56%]", "right": "the rest"},
        {"left": "48% [40%, 56%]", "right": "47% [39%, 55%]", "other": "the rest"},
        {"a": "30% [20%, 42%]", "b": "30% [20%, 42%]", "c": "20% [12%, 31%]", "d": "20%"},
    ],
)
def test_chances_have_the_ranges_that_are_stated(stated: dict[str, str]) -> None:
    outcomes = Outcomes.parse(stated)
    rng = np.random.default_rng(1)
    weights = np.stack(
        [prior.from_z(rng.standard_normal(200_000)) for prior in outcomes.weight_priors.values()]
    )
    chances = dict(zip(outcomes.names, weights / weights.sum(axis=0), strict=True))
    for name, belief in outcomes.chances:
        if belief is None or "[" not in str(belief):
            continue
        low, high = belief.prior().interval()
        found = np.quantile(chances[name], [0.05, 0.5, 0.95])
        # To first order in the spreads: some two points of a hundred are left at these widths.
        assert found == pytest.approx([low, belief.prior().median(), high], abs=0.02)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "onset", "ever": "40%"}, "ever: ever needs pace"),
        ({"kind": "onset", "ever": "40%", "pace": "4 months"}, "does not begin with 'half of it"),
        (
            {"kind": "onset", "ever": "40%", "pace": "half of it within 4 months", "rate": RATE},
            "rate: is stated, and ever and pace are too",
        ),
        ({"kind": "repeated", "rate": RATE, "ever": "40%"}, "ever: is a field of kind onset"),
        ({"kind": "state", "rate": RATE, "off_rate": RATE, "known": "within 2 weeks"}, "comes and"),
        ({"kind": "onset", "rate": RATE, "known": "never", "public": True}, "known: says 'never'"),
        ({"kind": "onset", "rate": RATE, "known": "soon"}, "known: does not begin with 'within'"),
        ({"kind": "decision", "on": "2024-06-04"}, "outcomes: a decision has outcomes"),
        ({"kind": "decision", "on": "today", "outcomes": {"a": "60%"}}, "has 1 outcomes"),
        ({"kind": "decision", "on": "2024-06-04", "outcomes": {"a": "6%", "b": "4%"}}, "10.0%"),
        (
            {"kind": "decision", "on": "2024-06-04", "outcomes": {"a": "6%", "confirmed": "4%"}},
            r"outcomes\.confirmed: is no name for an outcome",
        ),
        ({"kind": "decision", "on": "2024-06-04", "rate": RATE}, "rate: a decision has chances"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Event(id="e", **fields)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ({"parent": "vote", "child": "pact", "kind": "requires"}, "neither on nor off.*vote.left"),
        (
            {"parent": "pact", "child": "vote.left", "kind": "multiplies", "hazard_ratio": "x2"},
            "has odds and no rate.*odds_ratio: x2",
        ),
        (
            {"parent": "vote.left", "child": "pact", "kind": "multiplies", "odds_ratio": "x2"},
            "no outcome of a decision.*hazard_ratio",
        ),
        (
            {"parent": "pact", "child": "vote", "kind": "multiplies", "odds_ratio": "x2"},
            "odds of one outcome",
        ),
        ({"parent": "vote.lefty", "child": "pact", "kind": "requires"}, "no such event.*vote.left"),
        ({"parent": "deal.confirmed", "child": "deal", "kind": "requires"}, "requires itself"),
    ],
)
def test_a_link_that_does_not_fit_a_node_is_refused(link: dict[str, Any], message: str) -> None:
    events = (
        decision(),
        Event(id="pact", kind="onset", rate=RATE),
        Event(id="deal", kind="onset", rate=RATE, known="within 1 week"),
    )
    with pytest.raises(InputError, match=message):
        network(*events, links=(Link(**link),))


def test_a_copy_with_other_events_has_their_nodes() -> None:
    one, other = (Event(id=name, kind="onset", rate=RATE) for name in ("pact", "deal"))
    found = network(one, other)
    assert [node.id for node in found.nodes] == ["pact", "deal"]
    fewer = found.model_copy(update={"events": (other,)})
    assert [node.id for node in fewer.nodes] == ["deal"]
    with pytest.raises(InputError, match="pact"):
        fewer.event("pact")


def test_a_decision_outside_the_networks_time_is_refused() -> None:
    with pytest.raises(InputError, match="outside the network's time"):
        network(decision(on="2025-06-04"))


def test_stated_forms_read_back_equal() -> None:
    found = network(
        Event(id="deal", kind="onset", ever="40% [20%, 60%]", pace="half of it within 3 months"),
        Event(id="troops", kind="onset", rate=RATE, known="within 2 weeks [1, 5]"),
        decision(),
        Event(id="summit", kind="repeated", rate=RATE, rate_after="2 per year", up_to=3),
    )
    for event in found.events:
        assert Event(**event.model_dump()) == event
        assert Event.model_validate_json(event.model_dump_json(), strict=False) == event


def test_outcomes_keep_their_order_where_mappings_are_sorted() -> None:
    """A ledger keeps networks as canonical JSON; another order would be another race."""
    written = decision(outcomes={"right": "60%", "left": "the rest"})
    text = json.dumps(json.loads(written.model_dump_json()), sort_keys=True)
    (right, left) = network(Event.model_validate_json(text)).nodes
    assert (right.id, left.id) == ("vote.right", "vote.left")


def test_outcomes_may_be_a_list_with_each_once() -> None:
    assert Outcomes.parse([{"a": "60%"}, {"b": "40%"}]) == Outcomes.parse({"a": "60%", "b": "40%"})
    for wrong in ([{"a": "60%"}, {"a": "40%"}], [{"a": "60%", "b": "40%"}], ["a", "b"]):
        with pytest.raises(InputError, match="no list of outcomes"):
            Outcomes.parse(wrong)


def test_a_name_that_would_be_too_long_is_refused() -> None:
    long = Event(id="e" * 60, kind="onset", rate=RATE, known="within 1 week")
    with pytest.raises(InputError, match=r"eee\.confirmed' follows from it, and has more than 64"):
        network(long)
