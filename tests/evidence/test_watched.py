"""A series is counted once over any time, and a source states one probability at a time."""

from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Count, Forecast, Item, Place, Retraction, Silence
from forecast.evidence._record import Evidence
from forecast.network import Event, Network, Source, SourceType
from tests.evidence.samples import make

NETWORK = Network(
    name="harbour",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[
        Event(id=name, kind="onset", public=False, rate="20% [10%, 35%] within 1 year")
        for name in ("ferry", "tanker")
    ],
    source_types=[
        SourceType(
            id="series",
            hit_rate="80% [60%, 90%]",
            false_alarm_rate="10% [3%, 25%]",
            count_rate_off="12 per year [4, 36]",
            count_rate_on="60 per year [20, 180]",
            report_rate="80% [50%, 95%] within 1 month",
        )
    ],
    sources=[Source(id="port", type="series"), Source(id="radar", type="series")],
)


def counted(name: str, first: str, last: str, published: str, **fields: Any) -> Count:
    fields = {"event": "ferry", "source": "port", "counted": 9, **fields}
    window = {"watched_from": first, "watched_to": last}
    return make(Count, id=name, published=published, **window, **fields)


def june(name: str, published: str, **fields: Any) -> Count:
    return counted(name, "2024-06-01", "2024-06-30", published, **fields)


def faults(*items: Item) -> list[str]:
    places = {item.id: Place("items.csv", line) for line, item in enumerate(items, start=2)}
    try:
        Evidence(items, places=places).check(NETWORK)
    except InputError as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-06-01", "2024-06-30"),
        ("2024-06-30", "2024-07-05"),
        ("2024-05-01", "2024-06-01"),
        ("2024-06-10", "2024-06-12"),
        ("2024-05-01", "2024-07-05"),
    ],
)
def test_a_series_counted_twice_over_one_time_is_a_fault(first: str, last: str) -> None:
    (fault,) = faults(june("c1", "2024-07-05"), counted("c2", first, last, "2024-07-06"))
    assert fault.startswith("items.csv:3: item 'c2': watched_from: 'c1' (items.csv:2) counts the ")
    assert "Name 'c1' in retracts" in fault


def test_windows_that_touch_lie_apart() -> None:
    july = counted("c2", "2024-07-01", "2024-07-31", "2024-08-01")
    assert faults(june("c1", "2024-07-05"), july) == []


def test_another_series_and_another_event_are_counted_apart() -> None:
    others = june("c2", "2024-07-05", source="radar"), june("c3", "2024-07-05", event="tanker")
    assert faults(june("c1", "2024-07-05"), *others) == []


def test_a_count_that_retracts_takes_the_place_of_the_other() -> None:
    assert faults(june("c1", "2024-07-05"), june("c2", "2024-07-06", retracts=["c1"])) == []
    chain = [june("c1", "2024-07-05"), june("c2", "2024-07-06", retracts=["c1"])]
    assert faults(*chain, june("c3", "2024-07-07", retracts=["c2"])) == []


def test_a_retraction_that_comes_too_late_leaves_days_on_which_both_counted() -> None:
    back = make(Retraction, id="x", event="ferry", published="2024-07-09", retracts=["c2"])
    (fault,) = faults(june("c1", "2024-07-05"), june("c2", "2024-07-06"), back)
    assert "item 'c2'" in fault


def test_each_count_over_a_time_that_was_counted_is_told() -> None:
    many = [june(f"c{k}", "2024-07-05") for k in range(1, 5)]
    assert len(faults(*many)) == 3


def priced(name: str, published: str, **fields: Any) -> Forecast:
    fields = {"event": "ferry", "source": "port", "speaks_of": "2024-12-31", **fields}
    return make(Forecast, id=name, published=published, **{"probability": 0.4, **fields})


def test_a_source_states_one_probability_for_a_deadline_at_a_time() -> None:
    (fault,) = faults(priced("a", "2024-06-01"), priced("b", "2024-06-01", probability=0.6))
    assert fault.startswith("items.csv:3: item 'b': probability: source 'port' already states")
    apart = priced("b", "2024-06-01T12:00Z"), priced("c", "2024-06-01", speaks_of="2024-11-30")
    assert faults(priced("a", "2024-06-01"), *apart) == []
    assert faults(priced("a", "2024-06-01"), priced("b", "2024-06-01", retracts=["a"])) == []
    assert faults(priced("a", "2024-06-01"), priced("b", "2024-06-01", source="radar")) == []


def test_a_silence_over_a_time_of_silence_is_remarked_upon() -> None:
    def quiet(name: str, first: str, last: str) -> Silence:
        fields = {"event": "ferry", "source": "port", "published": last}
        return make(Silence, id=name, watched_from=first, watched_to=last, **fields)

    both = quiet("a", "2024-06-01", "2024-06-30"), quiet("b", "2024-06-15", "2024-07-15")
    (remark,) = Evidence(both).remarks(NETWORK)
    assert "counts twice" in str(remark)
    assert "Begin this window after 2024-06-30" in str(remark)
    next_month = quiet("b", "2024-07-01", "2024-07-15")
    assert Evidence([both[0], next_month]).remarks(NETWORK) == ()
