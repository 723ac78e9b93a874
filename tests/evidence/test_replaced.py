"""What a source thinks of an event is what it said last: a price that is repeated is one price."""

from typing import Any

import pytest

from forecast.evidence import Evidence, Forecast, Retraction
from tests.evidence.samples import make


def priced(name: str, published: object, chance: float = 0.4, **fields: Any) -> Forecast:
    fields = {"event": "covert", "source": "reuters", "speaks_of": "2024-12-31", **fields}
    return make(Forecast, id=name, published=published, probability=chance, **fields)


def ids(evidence: Evidence) -> list[str]:
    return [item.id for item in evidence]


DAILY = [priced(f"m{k}", f"2024-06-{k:02}", k / 100) for k in range(1, 31)]


@pytest.mark.parametrize("k", [1, 2, 15, 30])
def test_at_every_date_the_newest_stands_alone(k: int) -> None:
    seen = Evidence(DAILY).as_of(f"2024-06-{k:02}")
    assert ids(seen) == [f"m{k}"]
    assert [item.id for item in seen.replaced] == [f"m{n}" for n in range(1, k)]
    assert seen.retracted == ()
    assert seen.as_of("2024-06-01") == Evidence(DAILY).as_of("2024-06-01")


def test_what_is_not_seen_yet_replaces_nothing() -> None:
    late = priced("late", "2024-06-02", recorded="2024-09-01")
    evidence = Evidence([priced("m", "2024-06-01"), late])
    assert ids(evidence.as_of("2024-07-01")) == ["late"]
    assert ids(evidence.as_of("2024-07-01", known="recorded")) == ["m"]
    assert ids(evidence.as_of("2024-09-01", known="recorded")) == ["late"]


def test_a_price_filed_late_is_as_old_as_it_is() -> None:
    old = priced("old", "2024-06-01", recorded="2024-09-01")
    evidence = Evidence([old, priced("new", "2024-06-02")])
    assert ids(evidence.as_of("2024-10-01", known="recorded")) == ["new"]


def test_a_curve_stated_at_one_time_stands_together() -> None:
    curve = [priced("c1", "2024-06-02", speaks_of="2024-09-30"), priced("c2", "2024-06-02")]
    before = [priced("b1", "2024-06-01", speaks_of="2024-09-30"), priced("b2", "2024-06-01")]
    seen = Evidence([*before, *curve]).as_of("2024-07-01")
    assert ids(seen) == ["c1", "c2"]
    assert Evidence([*before, *curve]).replacements() == {"b1": "c1", "b2": "c1"}


def test_every_source_has_its_word_on_every_event() -> None:
    others = [priced("s", "2024-06-02", source="afp"), priced("e", "2024-06-03", event="pact")]
    assert ids(Evidence([priced("m", "2024-06-01"), *others]).as_of("2024-07-01")) == [
        "m",
        "s",
        "e",
    ]


def test_without_the_newest_the_one_before_it_is_the_newest() -> None:
    back = make(Retraction, id="x", event="covert", published="2024-06-05", retracts=["m2"])
    evidence = Evidence([*DAILY[:2], back])
    assert ids(evidence.as_of("2024-06-04")) == ["m2"]
    assert ids(evidence.as_of("2024-06-05")) == ["m1", "x"]
    assert evidence.replacements() == {}
    both = back.model_copy(update={"retracts": ("m1", "m2")})
    assert ids(Evidence([*DAILY[:2], both]).as_of("2024-06-05")) == ["x"]


def test_the_order_of_arrival_plays_no_part() -> None:
    assert Evidence(DAILY[::-1]).as_of("2024-06-20") == Evidence(DAILY).as_of("2024-06-20")
