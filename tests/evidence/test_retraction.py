"""Retractions and corrections: from their publication on, and never before."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.evidence import Evidence, Item, Place, Retraction, known_history
from tests.evidence.samples import make, network, record, said, seen


def taken_back(name: str, published: object, *retracts: str, **fields: Any) -> Retraction:
    fields = {"event": "covert", **fields}
    return make(Retraction, id=name, published=published, retracts=list(retracts), **fields)


def ids(evidence: Evidence) -> list[str]:
    return [item.id for item in evidence]


def test_a_retracted_item_counts_until_its_retraction_is_published() -> None:
    evidence = record(said("r", "2024-03-01"), taken_back("x", "2024-04-01", "r"))
    assert ids(evidence.as_of("2024-03-31")) == ["r"]
    assert ids(evidence.as_of("2024-04-01")) == ["x"]


def test_a_correction_puts_itself_in_the_place_of_what_it_retracts() -> None:
    corrected = said("s", "2024-04-01", claim="off", retracts=["r"])
    evidence = record(said("r", "2024-03-01"), corrected)
    assert ids(evidence.as_of("2024-05-01")) == ["s"]


def test_a_retracted_item_is_set_aside_and_known_still() -> None:
    first = said("r", "2024-03-01")
    later = record(first, taken_back("x", "2024-04-01", "r")).as_of("2024-05-01")
    assert later.retracted == (first,)
    assert later.item("r") is first


def test_a_cut_within_a_cut_has_again_what_was_retracted_between_the_two() -> None:
    evidence = record(said("r", "2024-03-01"), taken_back("x", "2024-04-01", "r"))
    assert evidence.as_of("2024-05-01").as_of("2024-03-15") == evidence.as_of("2024-03-15")


def test_an_item_whose_retraction_is_retracted_counts_again() -> None:
    evidence = record(
        said("r", "2024-03-01"),
        taken_back("x", "2024-04-01", "r"),
        taken_back("y", "2024-05-01", "x"),
    )
    assert ids(evidence.as_of("2024-04-15")) == ["x"]
    assert ids(evidence.as_of("2024-05-15")) == ["r", "y"]


def correction(name: str, published: str, *retracts: str, **fields: Any) -> Item:
    return said(name, published, retracts=list(retracts), **fields)


CHAIN = [
    said("v1", "2024-06-01"),
    correction("v2", "2024-06-02", "v1"),
    correction("v3", "2024-06-03", "v2"),
]


def test_taking_back_a_correction_does_not_bring_back_what_it_corrected() -> None:
    evidence = record(*CHAIN)
    assert ids(evidence.as_of("2024-06-01")) == ["v1"]
    assert ids(evidence.as_of("2024-06-02")) == ["v2"]
    assert ids(evidence.as_of("2024-08-01")) == ["v3"]
    evidence.check(network())


@pytest.mark.parametrize("length", [2, 3, 4, 5, 12])
def test_of_a_chain_of_corrections_the_last_counts_alone(length: int) -> None:
    chain = [said("v1", "2024-06-01")] + [
        correction(f"v{k}", f"2024-06-{k:02}", f"v{k - 1}") for k in range(2, length + 1)
    ]
    for k in range(1, length + 1):
        assert ids(record(*chain).as_of(f"2024-06-{k:02}")) == [f"v{k}"]


def test_a_chain_of_one_day_is_read_in_its_own_order() -> None:
    chain = [
        said("b", "2024-06-01"),
        correction("a", "2024-06-01", "b"),
        correction("c", "2024-06-01", "a"),
    ]
    assert ids(record(*chain).as_of("2024-06-01")) == ["c"]


def test_a_correction_that_is_taken_back_by_a_retraction_leaves_nothing() -> None:
    evidence = record(*CHAIN[:2], taken_back("x", "2024-06-03", "v2"))
    assert ids(evidence.as_of("2024-08-01")) == ["x"]


def test_an_item_says_so_where_what_was_corrected_counts_again() -> None:
    again = taken_back("x", "2024-06-03", "v2", reinstates=["v1"])
    evidence = record(*CHAIN[:2], again)
    assert ids(evidence.as_of("2024-06-02")) == ["v2"]
    assert ids(evidence.as_of("2024-08-01")) == ["v1", "x"]
    evidence.check(network())


def test_what_was_reinstated_can_be_retracted_again() -> None:
    items = [*CHAIN[:2], correction("v3", "2024-06-03", "v2", reinstates=["v1"])]
    assert ids(record(*items).as_of("2024-08-01")) == ["v1", "v3"]
    both = taken_back("x", "2024-06-04", "v1", "v3")
    assert ids(record(*items, both).as_of("2024-08-01")) == ["x"]


def test_taking_back_what_reinstated_leaves_what_it_reinstated() -> None:
    items = [*CHAIN[:2], correction("v3", "2024-06-03", "v2", reinstates=["v1"])]
    evidence = record(*items, correction("v4", "2024-06-04", "v3"))
    assert ids(evidence.as_of("2024-08-01")) == ["v1", "v4"]


def test_an_item_retracted_twice_needs_both_taken_back() -> None:
    items = [said("r", "2024-06-01"), correction("a", "2024-06-02", "r")]
    items.append(correction("b", "2024-06-02", "r"))
    one = correction("c", "2024-06-03", "a", reinstates=["r"])
    assert ids(record(*items, one).as_of("2024-08-01")) == ["b", "c"]
    with pytest.raises(InputError, match=r"'c': reinstates: 'r' is also retracted by 'b'"):
        record(*items, one).check(network())
    both = correction("c", "2024-06-03", "a", "b", reinstates=["r"])
    assert ids(record(*items, both).as_of("2024-08-01")) == ["r", "c"]
    record(*items, both).check(network())


def test_reinstating_counts_by_the_clock_of_the_cut() -> None:
    again = taken_back("x", "2024-06-03", "v2", reinstates=["v1"], recorded="2024-09-01")
    evidence = record(*CHAIN[:2], again)
    assert ids(evidence.as_of("2024-08-01", known="recorded")) == ["v2"]
    assert ids(evidence.as_of("2024-09-01", known="recorded")) == ["v1", "x"]


@pytest.mark.parametrize(
    ("reinstates", "says"),
    [
        (["v9"], "'x': reinstates: unknown item"),
        (["v2x"], "'x': reinstates: unknown item.*Did you mean 'v2'"),
        (["v3"], "nothing that this item takes back had retracted 'v3'"),
    ],
)
def test_only_what_was_retracted_by_what_is_taken_back_is_reinstated(
    reinstates: list[str], says: str
) -> None:
    again = taken_back("x", "2024-06-04", "v2", reinstates=reinstates)
    with pytest.raises(InputError, match=says):
        record(*CHAIN[:2], said("v3", "2024-06-03"), again).check(network())


def test_an_item_is_not_retracted_and_reinstated_at_once() -> None:
    with pytest.raises(InputError, match="retracts and reinstates 'v1'"):
        taken_back("x", "2024-06-03", "v1", "v2", reinstates=["v1"])
    with pytest.raises(InputError, match="names an item twice"):
        taken_back("x", "2024-06-03", "v2", reinstates=["v1", "v1"])


def test_what_reinstates_nothing_is_written_as_before() -> None:
    """Runs are known by what is written of their items."""
    assert "reinstates" not in said("r", "2024-03-01").model_dump()
    again = taken_back("x", "2024-06-03", "v2", reinstates=["v1"])
    assert again.model_dump(mode="json")["reinstates"] == ["v1"]
    assert Retraction.model_validate_json(again.model_dump_json()) == again


def test_what_a_copy_repeats_is_kept_with_what_retracts_it() -> None:
    copy = said("c", "2024-06-01", source="afp", derived_from=["v1"])
    seen_ = record(*CHAIN, copy).as_of("2024-08-01")
    assert ids(seen_) == ["c", "v3"]
    assert [item.id for item in seen_.repeated] == ["v1", "v2"]
    kept = record(*seen_, *seen_.repeated).as_of("2024-08-01")
    assert kept == seen_


def test_a_retraction_counts_by_the_same_clock_as_what_it_retracts() -> None:
    evidence = record(
        said("r", "2024-03-01"), taken_back("x", "2024-04-01", "r", recorded="2024-06-01")
    )
    assert ids(evidence.as_of("2024-05-01", known="recorded")) == ["r"]
    assert ids(evidence.as_of("2024-06-01", known="recorded")) == ["x"]


def test_a_retracted_observation_is_no_contradiction() -> None:
    wrong = seen("a", "pact", "on", "2024-03-01")
    right = seen("b", "pact", "off", "2024-05-01", retracts=["a"])
    evidence = record(wrong, right)
    evidence.check(network())
    history = known_history(network(), evidence, "2024-06-01")
    assert [span.value for span in history["pact"]] == [False]


def test_what_was_on_file_decides_what_was_known_by_the_recorded_clock() -> None:
    evidence = record(seen("a", "pact", "on", "2024-03-01", recorded="2024-07-01"))
    now, later = (
        known_history(network(), evidence, day, known="recorded")["pact"]
        for day in ("2024-06-01", "2024-07-01")
    )
    assert [span.value for span in now] == [False]
    assert [span.value for span in later] == [True]


@st.composite
def records(draw: st.DrawFn) -> list[Item]:
    """Items on any days, some of which retract items before them."""
    days = sorted(draw(st.lists(st.integers(0, 300), min_size=1, max_size=8, unique=True)))
    items: list[Item] = []
    for number, day in enumerate(days):
        earlier = [item.id for item in items]
        retracts = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        when = date(2024, 1, 1) + timedelta(days=day)
        if retracts and draw(st.booleans()):
            items.append(taken_back(f"r{number}", when, *retracts))
        else:
            items.append(said(f"r{number}", when, retracts=retracts))
    return items


@given(items=records(), cut=st.dates(date(2024, 1, 1), date(2024, 12, 30)))
def test_a_retraction_equals_absence_from_its_publication_on(items: list[Item], cut: date) -> None:
    seen_then = Evidence(items).as_of(cut)
    absent = [item for item in items if item.id not in {gone.id for gone in seen_then.retracted}]
    without = [item.model_copy(update={"retracts": ()}) for item in absent]
    assert ids(seen_then) == ids(Evidence(without).as_of(cut))


@given(items=records(), cut=st.dates(date(2024, 1, 1), date(2024, 12, 30)))
def test_a_retraction_published_later_changes_nothing(items: list[Item], cut: date) -> None:
    by_then = [item for item in items if item.published_instant <= Evidence(
        [said("cut", cut)]
    ).item("cut").published_instant]  # fmt: skip
    assert Evidence(items).as_of(cut) == Evidence(by_then).as_of(cut)


def faults(*items: Item) -> str:
    with pytest.raises(InputError) as raised:
        record(*items).check(network())
    return str(raised.value)


def test_a_retraction_of_an_unknown_item_is_refused() -> None:
    message = faults(said("first", "2024-03-01"), taken_back("x", "2024-04-01", "frist"))
    assert "item 'x': retracts: unknown item (got 'frist'). Did you mean 'first'?" in message


def test_a_retraction_of_a_later_item_is_refused() -> None:
    message = faults(said("r", "2024-05-01"), taken_back("x", "2024-04-01", "r"))
    assert "item 'r' was published 2024-05-01, after this item (2024-04-01)" in message


def test_a_retraction_of_an_item_recorded_later_is_refused() -> None:
    message = faults(
        said("r", "2024-03-01", recorded="2024-06-01"), taken_back("x", "2024-04-01", "r")
    )
    assert "was recorded 2024-06-01, after this item" in message


def test_items_that_retract_each_other_in_a_ring_are_refused() -> None:
    day = "2024-04-01"
    ring = [taken_back("x", day, "y"), taken_back("y", day, "z"), taken_back("z", day, "x")]
    bystander = said("r", "2024-03-01")
    message = faults(bystander, *ring, taken_back("w", day, "r"))
    assert message.count("by what it retracts") == 3


def test_a_ring_takes_nothing_back() -> None:
    day = "2024-04-01"
    evidence = record(taken_back("x", day, "y"), taken_back("y", day, "x"))
    assert ids(evidence.as_of(day)) == ["x", "y"]


def test_a_long_chain_of_retractions_is_followed() -> None:
    start = date(2024, 1, 1)
    chain: list[Item] = [said("r0", start)]
    chain += [taken_back(f"r{k}", start + timedelta(hours=k), f"r{k - 1}") for k in range(1, 3001)]
    assert len(Evidence(chain).as_of("2024-12-30").retracted) == 1500


def test_an_item_that_retracts_itself_or_one_twice_is_refused() -> None:
    with pytest.raises(InputError, match="retracts itself"):
        said("r", "2024-03-01", retracts=["r"])
    with pytest.raises(InputError, match=r"retracts: names an item twice"):
        said("r", "2024-03-01", retracts=["q", "q"])


def test_a_retraction_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="a retraction names no item"):
        taken_back("x", "2024-04-01")


def test_places_survive_a_cut() -> None:
    first, second = said("r", "2024-03-01"), taken_back("x", "2024-04-01", "r")
    placed = Evidence.placed([(first, Place("a.csv", 2)), (second, Place("a.csv", 3))])
    assert placed.as_of("2024-05-01").as_of("2024-03-01").places["r"] == Place("a.csv", 2)
