"""Networks: lookups, instants, and the checks across objects."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.network import Event, Link, Network, Source, SourceType, UnknownNameError, Window

RATE = "10% [3%, 25%] within 6 months"


def onset(name: str, **fields: Any) -> Event:
    return Event(id=name, kind="onset", rate=RATE, **fields)


def gate(kind: str, parent: str, child: str, **fields: Any) -> Link:
    return Link(kind=kind, parent=parent, child=child, **fields)


def network(**fields: Any) -> Network:
    events = [onset("pact"), onset("embargo"), onset("summit")]
    span = {"name": "asia", "start": "2024-06-01", "horizon": "2025-05-31"}
    return Network(**{**span, "events": events, **fields})


def refusal(**fields: Any) -> str:
    with pytest.raises(InputError, match=r"\w: ") as caught:
        network(**fields)
    return str(caught.value)


def test_a_network_covers_whole_days() -> None:
    asia = network()
    assert asia.start_instant == datetime(2024, 6, 1, tzinfo=UTC)
    assert asia.horizon_instant == datetime(2025, 6, 1, tzinfo=UTC)


def test_things_are_found_by_name() -> None:
    asia = network(
        links=[gate("requires", "summit", "pact")],
        source_types=[SourceType(id="agency", hit_rate="70%", false_alarm_rate="5%")],
        sources=[Source(id="yonhap", type="agency")],
    )
    assert asia.event("pact") is asia.events[0]
    assert asia.link("summit__requires__pact") is asia.links[0]
    assert asia.source("yonhap") is asia.sources[0]


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown event 'pakt'. Did you mean 'pact'"):
        network().event("pakt")


def test_a_network_survives_pickling_and_equals_its_copy() -> None:
    asia = network()
    asia.event("pact")
    copy = pickle.loads(pickle.dumps(asia))  # noqa: S301  # our own bytes
    assert copy == asia == network()
    assert hash(copy) == hash(asia)


def test_links_may_form_cycles() -> None:
    links = [
        gate("multiplies", "pact", "embargo", hazard_ratio="x3"),
        gate("multiplies", "embargo", "pact", hazard_ratio="x2"),
    ]
    assert len(network(links=links).links) == 2


def test_the_horizon_must_follow_the_start() -> None:
    assert "horizon must lie after the start (2024-06-01)" in refusal(horizon="2024-06-01")


def test_a_network_needs_an_event() -> None:
    assert "events: a network needs at least one event" in refusal(events=[])


def test_a_name_may_stand_once() -> None:
    assert "events.pact: the name 'pact' is used 2 times" in refusal(
        events=[onset("pact"), onset("pact")]
    )


def test_two_links_may_not_share_a_name() -> None:
    links = [
        gate("requires", "pact", "embargo", id="l"),
        gate("requires", "summit", "pact", id="l"),
    ]
    assert "links.l: the name 'l' is used 2 times" in refusal(links=links)


def test_two_links_may_not_say_the_same() -> None:
    links = [
        gate("requires", "pact", "embargo", id="l1"),
        gate("requires", "pact", "embargo", id="l2"),
    ]
    assert "links.l2: two links say the same: pact requires embargo" in refusal(links=links)


@pytest.mark.parametrize(
    ("parent", "child", "end"), [("pakt", "embargo", "parent"), ("summit", "pakt", "child")]
)
def test_a_dangling_event_is_named_with_the_nearest(parent: str, child: str, end: str) -> None:
    message = refusal(links=[gate("requires", parent, child)])
    assert (
        f"links.{parent}__requires__{child}.{end}: there is no such event (got 'pakt')" in message
    )
    assert "Did you mean 'pact'?" in message


def test_nothing_bears_on_a_fact() -> None:
    events = [onset("pact"), Event(id="clause", kind="fact", initially="30%")]
    message = refusal(events=events, links=[gate("requires", "pact", "clause")])
    assert "the child is a fact" in message


def test_an_onset_that_requires_itself_through_others_is_refused() -> None:
    chain = [("pact", "embargo"), ("embargo", "summit"), ("summit", "pact")]
    message = refusal(links=[gate("requires", parent, child) for parent, child in chain])
    assert message.count("requires itself") == 1
    for name in ("pact", "embargo", "summit"):
        assert f"'{name}'" in message


def test_a_chain_of_requirements_without_a_circle_is_sound() -> None:
    chain = [("pact", "embargo"), ("embargo", "summit"), ("pact", "summit")]
    assert len(network(links=[gate("requires", *ends) for ends in chain]).links) == 3


def test_a_circle_that_starts_on_is_sound() -> None:
    events = [onset("pact", initially=True), onset("embargo")]
    links = [gate("requires", "pact", "embargo"), gate("requires", "embargo", "pact")]
    assert len(network(events=events, links=links).links) == 2


def test_each_circle_of_requirements_is_told_once() -> None:
    names = ["a", "b", "c", "d"]
    links = [gate("requires", *ends) for ends in [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]]
    message = refusal(events=[onset(name) for name in names], links=links)
    assert message.count("requires itself") == 2


def test_a_gate_cannot_be_open_and_shut() -> None:
    links = [gate("requires", "pact", "embargo"), gate("prevents", "pact", "embargo")]
    assert "both requires 'pact' and is prevented by it" in refusal(links=links)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2024-05-01", "2024-07-01", "starts before the network does (2024-06-01)"),
        ("2025-05-01", "2025-07-01", "ends after the network's horizon (2025-05-31)"),
    ],
)
def test_windows_lie_within_the_network(start: str, end: str, message: str) -> None:
    events = [onset("pact", windows=[Window(start=start, end=end)])]
    assert message in refusal(events=events)


def test_a_deadline_before_the_start_is_refused() -> None:
    event = Event(id="pact", kind="onset", rate="10% by 2024-01-01")
    assert "events.pact.rate: ends on 2024-01-01, before" in refusal(events=[event])


def test_a_cause_must_add_something() -> None:
    link = gate("causes", "pact", "embargo", extra_rate="if on: 9% within 6 months")
    message = refusal(links=[link])
    assert "not above the child's own base rate (10.0% over the same time)" in message


def test_a_cause_must_add_something_over_its_whole_interval() -> None:
    link = gate("causes", "pact", "embargo", extra_rate="if on: 40% [2%, 60%] within 6 months")
    assert "the lower end of the rate while the parent is on" in refusal(links=[link])


def test_a_source_has_a_known_type() -> None:
    kinds = [SourceType(id="agency", hit_rate="70%", false_alarm_rate="5%")]
    message = refusal(source_types=kinds, sources=[Source(id="yonhap", type="agenzy")])
    assert "sources.yonhap.type: there is no such type of source (got 'agenzy')" in message


def test_all_faults_of_a_network_come_at_once() -> None:
    with pytest.raises(InputError, match="start") as caught:
        network(
            start="01/06/2024",
            links=[gate("requires", "pakt", "embargo"), gate("prevents", "pact", "sumit")],
            sources=[Source(id="yonhap", type="agency")],
        )
    assert [fault.field for fault in caught.value.faults] == [
        "start",
        "links.pakt__requires__embargo.parent",
        "links.pact__prevents__sumit.child",
        "sources.yonhap.type",
    ]


def test_a_network_is_its_fields_and_no_more() -> None:
    """So that another one can be made of it, with some of them changed."""
    found = network()
    assert found.event("pact") in found.nodes
    assert (found.gates, found.hidden_facts, found.families) == ((), (), ())  # from now on kept
    assert set(dict(found)) == set(Network.model_fields)
    assert Network(**dict(found)) == found
