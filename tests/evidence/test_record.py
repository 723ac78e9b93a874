"""The record: its order, its cut-offs, its equality."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.evidence import Evidence, Place, Report
from tests.evidence.samples import record, said

DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 30))
MOMENTS = DAYS | st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    DAYS,
    st.integers(0, 1439),
)


@st.composite
def reports(draw: st.DrawFn) -> list[Report]:
    """Return reports of different names, published and recorded on any days."""
    moments = draw(st.lists(MOMENTS, max_size=8))
    found = []
    for number, moment in enumerate(moments):
        delay = timedelta(days=draw(st.integers(1, 60)))
        recorded = draw(st.sampled_from([None, moment + delay]))
        found.append(said(f"r{number}", moment, recorded=recorded))
    return found


def test_items_stand_in_the_order_of_publication_and_then_of_name() -> None:
    late, b, a = said("a0", "2024-05-01"), said("b", "2024-03-01"), said("a", "2024-03-01")
    noon = said("z", "2024-03-01T12:00Z")
    assert [item.id for item in record(late, b, noon, a)] == ["z", "a", "b", "a0"]


@given(items=reports(), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_items_are_given_makes_no_difference(
    items: list[Report], seed: Random
) -> None:
    shuffled = list(items)
    seed.shuffle(shuffled)
    assert Evidence(shuffled) == Evidence(items)
    assert hash(Evidence(shuffled)) == hash(Evidence(items))


@given(items=reports(), later=reports(), cut=MOMENTS)
def test_what_is_published_later_changes_nothing(
    items: list[Report], later: list[Report], cut: date
) -> None:
    before = Evidence(items)
    cut_instant = said("cut", cut).published_instant
    added = [
        item.model_copy(update={"id": f"later_{item.id}"})
        for item in later
        if item.published_instant > cut_instant
    ]
    assert (before + Evidence(added)).as_of(cut) == before.as_of(cut)


@given(items=reports(), cut=MOMENTS)
def test_an_item_is_seen_if_and_only_if_it_was_published_by_then(
    items: list[Report], cut: date
) -> None:
    cut_instant = said("cut", cut).published_instant
    visible = {item.id for item in Evidence(items).as_of(cut)}
    assert visible == {item.id for item in items if item.published_instant <= cut_instant}


@given(items=reports(), first=MOMENTS, second=MOMENTS)
def test_a_cut_within_a_cut_is_the_earlier_one(
    items: list[Report], first: date, second: date
) -> None:
    evidence = Evidence(items)
    both = set(evidence.as_of(first)) & set(evidence.as_of(second))
    assert set(evidence.as_of(first).as_of(second)) == both


@given(items=reports(), cut=MOMENTS)
def test_what_was_on_file_had_been_published(items: list[Report], cut: date) -> None:
    evidence = Evidence(items)
    on_file = set(evidence.as_of(cut, known="recorded"))
    assert on_file <= set(evidence.as_of(cut))


def test_as_of_a_date_sees_the_whole_day() -> None:
    evidence = record(said("r", "2024-03-01T23:59:59Z"), said("s", "2024-03-02T00:00:01Z"))
    assert [item.id for item in evidence.as_of("2024-03-01")] == ["r"]


def test_as_of_recorded_sees_only_what_was_on_file() -> None:
    evidence = record(said("r", "2024-03-01", recorded="2024-06-01"), said("s", "2024-03-02"))
    assert [item.id for item in evidence.as_of("2024-04-01", known="recorded")] == ["s"]
    assert len(evidence.as_of("2024-06-01", known="recorded")) == 2


def test_as_of_what_is_no_date_is_refused() -> None:
    with pytest.raises(InputError, match=r"as_of: .*Write an ISO 8601 date"):
        record().as_of("soon")


def test_as_of_an_unknown_clock_is_refused() -> None:
    with pytest.raises(InputError, match="must be 'published' or 'recorded'"):
        record().as_of("2024-03-01", known="read")


def test_an_item_is_found_by_its_name() -> None:
    item = said("first_report", "2024-03-01")
    assert record(item).item("first_report") is item
    with pytest.raises(InputError, match=r"unknown item.*Did you mean 'first_report'\?"):
        record(item).item("frist_report")


def test_two_items_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match=r"id: another item has the same id \(got 'r'\)"):
        record(said("r", "2024-03-01"), said("r", "2024-03-02"))


def test_two_items_of_one_name_are_refused_with_both_places() -> None:
    one = Evidence.placed([(said("r", "2024-03-01"), Place("a.csv", 2))])
    two = Evidence.placed([(said("r", "2024-03-02"), Place("b.csv", 7))])
    with pytest.raises(InputError, match=r"b\.csv:7: id: another item in a\.csv:2"):
        one + two


def test_records_add_up() -> None:
    one, two = said("r", "2024-03-01"), said("s", "2024-02-01")
    assert record(one) + record(two) == record(two, one)
    assert len(record(one) + record()) == 1


def test_where_an_item_stands_is_no_part_of_what_it_says() -> None:
    item = said("r", "2024-03-01")
    placed = Evidence.placed([(item, Place("a.csv", 2))])
    assert placed == record(item)
    assert hash(placed) == hash(record(item))
    assert placed.as_of("2024-03-01").places == {"r": Place("a.csv", 2)}


def test_a_record_does_not_change() -> None:
    evidence = record(said("r", "2024-03-01"))
    with pytest.raises(AttributeError, match="items"):
        evidence.items = ()  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not support item assignment"):
        evidence.places["r"] = Place()  # type: ignore[index]


def test_a_record_shows_how_much_it_holds() -> None:
    assert repr(record()) == "Evidence(0 items)"
    shown = repr(record(said("r", "2024-03-01"), said("s", "2024-05-01")))
    assert shown == "Evidence(2 items, published 2024-03-01 to 2024-05-01)"


def test_a_record_equals_no_other_thing() -> None:
    assert record() != ()
    with pytest.raises(TypeError, match="unsupported operand"):
        record() + said("r", "2024-03-01")  # type: ignore[operator]


@pytest.mark.parametrize("items", ["news.csv", [{"id": "a"}], [None]])
def test_what_is_no_item_is_refused(items: Any) -> None:
    with pytest.raises(InputError, match=r"this is not an item of evidence \(got "):
        Evidence(items)
