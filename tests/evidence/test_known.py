"""What observations and public silence make certain, rule by rule."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecast as fc
from forecast.errors import ContradictionError, InputError
from forecast.evidence import Evidence, Item, Known, known_history
from forecast.evidence._timeline import Held, Sighting, public_state_held
from forecast.time import parse_instant, years_between
from tests.evidence.samples import at, dated, network, record, said, seen, weighed

NETWORK = network()
NOW = "2024-07-01"


def known(event: str, *items: Item, as_of: str = NOW) -> tuple[Known, ...]:
    return known_history(NETWORK, record(*items), as_of)[event]


def off(start: float, end: float) -> Known:
    return Known(start, end, value=False)


def on(start: float, end: float = inf) -> Known:
    return Known(start, end, value=True)


def test_every_event_has_its_place_in_the_history() -> None:
    history = known_history(NETWORK, Evidence(), NOW)
    assert list(history) == [event.id for event in NETWORK.events]


def test_a_public_onset_that_nobody_saw_has_not_happened() -> None:
    assert known("pact") == (off(0, at(NOW)),)


def test_a_public_onset_that_nobody_saw_by_the_horizon_is_off_up_to_the_horizon() -> None:
    assert known("pact", as_of="2026-01-01") == (off(0, at("2024-12-31")),)


def test_before_the_start_nothing_is_known_of_what_starts_later() -> None:
    history = known_history(NETWORK, Evidence(), "2023-06-01")
    assert history["pact"] == history["office"] == ()


def test_an_onset_that_is_on_from_the_start_is_on_for_good() -> None:
    assert known("begun") == (on(0),)


@pytest.mark.parametrize("event", ["pact", "covert"])
def test_a_dated_onset_is_off_before_its_first_day_and_on_after_its_last(event: str) -> None:
    item = dated("o", event, ("2024-03-01", "2024-03-04"), "2024-03-10")
    assert known(event, item) == (off(0, at("2024-03-01", "start")), on(at("2024-03-04")))


def test_a_public_onset_seen_on_may_have_happened_at_any_time_since_it_was_last_seen_off() -> None:
    assert known("pact", seen("a", "pact", "on", "2024-03-01")) == (on(at("2024-03-01")),)
    assert known(
        "pact",
        seen("a", "pact", "off", "2024-01-20"),
        seen("b", "pact", "off", "2024-02-01"),
        seen("c", "pact", "on", "2024-03-01"),
        seen("d", "pact", "on", "2024-04-01"),
    ) == (off(0, at("2024-02-01")), on(at("2024-03-01")))


def test_a_public_onset_seen_off_is_off_until_now() -> None:
    assert known("pact", seen("a", "pact", "off", "2024-03-01")) == (off(0, at(NOW)),)


def test_silence_says_nothing_of_a_hidden_onset() -> None:
    assert known("covert") == ()


def test_a_hidden_onset_seen_off_was_off_until_then() -> None:
    assert known("covert", seen("a", "covert", "off", "2024-03-01")) == (off(0, at("2024-03-01")),)


def test_a_hidden_onset_seen_on_is_on_from_then() -> None:
    assert known("covert", seen("a", "covert", "on", "2024-03-01")) == (on(at("2024-03-01")),)


def test_sightings_narrow_down_a_dated_onset() -> None:
    assert known(
        "covert",
        dated("a", "covert", ("2024-03-01", "2024-03-31"), "2024-04-10"),
        seen("b", "covert", "off", "2024-03-10"),
        seen("c", "covert", "on", "2024-03-20"),
    ) == (off(0, at("2024-03-10")), on(at("2024-03-20")))


def test_a_public_state_keeps_its_last_value_until_now() -> None:
    assert known("office") == (on(0, at(NOW)),)
    assert known("office", seen("a", "office", "on", "2024-03-01")) == (on(0, at(NOW)),)


def test_a_public_state_is_unknown_between_two_values() -> None:
    assert known("office", seen("a", "office", "off", "2024-03-01")) == (
        on(0, 0),
        off(at("2024-03-01"), at(NOW)),
    )
    assert known(
        "office",
        seen("a", "office", "on", "2024-02-01"),
        seen("b", "office", "off", "2024-03-01"),
        seen("c", "office", "off", "2024-04-01"),
        seen("d", "office", "on", "2024-05-01"),
    ) == (
        on(0, at("2024-02-01")),
        off(at("2024-03-01"), at("2024-04-01")),
        on(at("2024-05-01"), at(NOW)),
    )


def test_a_public_state_with_an_unknown_start_is_known_from_its_first_sighting() -> None:
    assert known("policy") == ()
    assert known("policy", seen("a", "policy", "on", "2024-03-01")) == (
        on(at("2024-03-01"), at(NOW)),
    )


def test_a_dated_onset_of_a_state_is_a_point_off_and_a_point_on() -> None:
    item = dated("o", "office", ("2024-03-01", "2024-03-04"), "2024-03-10")
    assert known("office", item) == (
        on(0, 0),
        off(at("2024-03-01", "start"), at("2024-03-01", "start")),
        on(at("2024-03-04"), at(NOW)),
    )


def test_a_hidden_state_is_known_at_points_only() -> None:
    assert known(
        "patrol",
        seen("a", "patrol", "off", "2024-02-01"),
        seen("b", "patrol", "on", "2024-03-01"),
        seen("c", "patrol", "on", "2024-03-01", published="2024-04-01", speaks_of="2024-03-01"),
    ) == (
        off(at("2024-02-01"), at("2024-02-01")),
        on(at("2024-03-01"), at("2024-03-01")),
    )


def test_a_fact_once_seen_is_known_for_all_time() -> None:
    assert known("clause") == ()
    assert known("clause", seen("a", "clause", "on", "2024-03-01")) == (on(0),)
    assert known("clause", seen("a", "clause", "off", "2024-03-01")) == (off(0, inf),)


def test_reports_and_likelihood_ratios_make_nothing_certain() -> None:
    items = (said("r", "2024-03-01"), weighed("l", "2024-03-01"))
    assert known_history(NETWORK, record(*items), NOW) == known_history(NETWORK, Evidence(), NOW)


def test_what_is_published_after_as_of_is_not_yet_known() -> None:
    late = dated("o", "pact", "2024-03-01", "2024-08-01")
    assert known("pact", late) == (off(0, at(NOW)),)
    assert known("pact", late, as_of="2024-08-01")[1] == on(at("2024-03-01"))


@pytest.mark.parametrize(
    ("items", "names"),
    [
        (
            (seen("a", "pact", "on", "2024-03-01"), seen("b", "pact", "off", "2024-04-01")),
            r"'a' \(published 2024-03-01\) saw that event 'pact' was on at .*, but item 'b'",
        ),
        (
            (seen("a", "covert", "on", "2024-03-01"), seen("b", "covert", "off", "2024-03-01")),
            "'a'.*'b'.*an onset does not end",
        ),
        (
            (
                dated("a", "pact", "2024-03-01", "2024-03-05"),
                dated("b", "pact", ("2024-03-02", "2024-03-04"), "2024-03-06"),
            ),
            r"'a' \(published 2024-03-05\) dates the onset of event 'pact' on 2024-03-01, but "
            r"item 'b' \(published 2024-03-06\) .* within 2024-03-02 to 2024-03-04",
        ),
        (
            (seen("a", "office", "on", "2024-03-01"), seen("b", "office", "off", "2024-03-01")),
            "'b'.*'a'.*|'a'.*'b'.*a state has one value at a time.*give times",
        ),
        (
            (seen("a", "clause", "on", "2024-03-01"), seen("b", "clause", "off", "2024-05-01")),
            "'a'.*'b'.*a fact does not change.*make the event a state",
        ),
        (
            (seen("a", "begun", "off", "2024-03-01"),),
            r"the network has event 'begun' on from the start \(initially\), but item 'a'",
        ),
        (
            (seen("a", "office", "off", "2024-01-01T00:00Z"),),
            "'a'.*the network has event 'office' on from the start",
        ),
        (
            (seen("a", "pact", "on", "2024-01-01T00:00Z"),),
            "item 'a'.*the network has event 'pact' off from the start",
        ),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else value[-30:],
)
def test_contradictions_name_both_sides_and_a_way_out(items: tuple[Item, ...], names: str) -> None:
    with pytest.raises(ContradictionError, match=names) as raised:
        known_history(NETWORK, record(*items), NOW)
    assert "Correct or remove one of the two" in str(raised.value)
    with pytest.raises(ContradictionError, match=names):
        record(*items).check(NETWORK)


def test_contradictions_of_several_events_are_told_at_once() -> None:
    items = [
        seen(f"{event}_{state}", event, state, day)
        for event in ("pact", "clause")
        for state, day in (("on", "2024-03-01"), ("off", "2024-04-01"))
    ]
    with pytest.raises(ContradictionError, match="pact_on") as raised:
        known_history(NETWORK, record(*items), NOW)
    assert len(raised.value.faults) == 2


def test_a_contradiction_between_items_not_yet_published_does_not_matter() -> None:
    items = (seen("a", "pact", "on", "2024-03-01"), seen("b", "pact", "off", "2024-08-01"))
    assert known("pact", *items) == (on(at("2024-03-01")),)
    with pytest.raises(ContradictionError, match="'b'"):
        known("pact", *items, as_of="2024-08-01")


def test_as_of_what_is_no_date_is_refused() -> None:
    with pytest.raises(InputError, match="as_of"):
        known_history(NETWORK, Evidence(), "soon")


OBSERVATIONS = st.lists(
    st.tuples(
        st.sampled_from([event.id for event in NETWORK.events]),
        st.sampled_from(["on", "off"]),
        st.integers(1, 28),
    ),
    max_size=6,
)


@given(drawn=OBSERVATIONS)
def test_known_stretches_are_in_order_and_apart_and_agree_with_every_sighting(
    drawn: list[tuple[str, str, int]],
) -> None:
    items = [
        seen(f"o{number}", event, state, f"2024-02-{day:02}")
        for number, (event, state, day) in enumerate(drawn)
    ]
    try:
        history = known_history(NETWORK, record(*items), NOW)
    except ContradictionError:
        return  # as the tests above show, where it should
    for pieces in history.values():
        assert all(piece.start <= piece.end for piece in pieces)
        assert all(a.end < b.start for a, b in pairwise(pieces))
    for event, state, day in drawn:
        time = at(f"2024-02-{day:02}")
        assert any(
            piece.start <= time <= piece.end and piece.value == (state == "on")
            for piece in history[event]
        )


def test_a_public_state_seen_at_the_start_was_never_unknown() -> None:
    later = Sighting(0.5, value=False)
    assert public_state_held([Sighting(0.0, value=True), later], now=1.0) == (
        Held(0.0, 0.5, False),
    )
    assert public_state_held([later], now=1.0) == (Held(0.0, 0.5, False),)


def formed() -> fc.Network:
    """An event that is confirmed with time, one that is repeated, and a decision."""
    return fc.Network(
        name="n",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="troops", kind="onset", rate="1 per year", known="within 2 weeks"),
            fc.Event(id="raid", kind="repeated", rate="1 per year", up_to=3, public=False),
            fc.Event(
                id="vote", kind="decision", on="2024-03-01", outcomes={"yes": "40%", "no": "60%"}
            ),
        ],
    )


@pytest.mark.parametrize(
    ("seen", "follows", "value"),
    [
        ("troops.confirmed", "troops", True),
        ("raid.3", "raid", True),
        ("raid.3", "raid.2", True),
        ("vote.yes", "vote.no", False),
    ],
)
def test_what_follows_from_a_node_is_known_from_then_on(
    seen: str, follows: str, value: bool
) -> None:
    observed = fc.Observation(id="o", event=seen, published="2024-03-02", onset="2024-03-01")
    network = formed()
    spans = known_history(network, fc.Evidence([observed]), "2024-06-30")[follows]
    begins = 0.0 if not value else years_between(network.start_instant, parse_instant("2024-03-01"))
    (span,) = spans
    assert span.value is value
    assert span.start == pytest.approx(begins)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ({"troops.confirmed": "on", "troops": "off"}, "saw 'troops.confirmed' come, so 'troops'"),
        ({"raid.2": "on", "raid": "off"}, "saw 'raid.2' come, so 'raid' had come by"),
        ({"vote.yes": "on", "vote.no": "on"}, "exactly one outcome of a decision comes"),
    ],
)
def test_nodes_that_cannot_be_so_together_contradict_each_other(
    items: dict[str, str], message: str
) -> None:
    """What is off is off two days after what is on, so that nothing but the form forbids it."""
    days = {"on": "2024-03-05", "off": "2024-03-07"}
    record = fc.Evidence(
        fc.Observation(id=f"o{k}", event=event, state=state, published=days[state])
        for k, (event, state) in enumerate(items.items())
    )
    with pytest.raises(ContradictionError, match=message) as told:
        known_history(formed(), record, "2024-06-30")
    assert all(f"'o{k}'" in str(told.value) for k in range(2))
    assert len(told.value.faults) == 1
