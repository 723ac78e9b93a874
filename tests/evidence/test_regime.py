"""Regimes as items: their dates, what is refused, and what is remarked."""

from pathlib import Path
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Evidence, Item, Observation, Regime, Retraction
from forecast.files._evidence_file import read_evidence
from tests.evidence.samples import network


def regime(name: str = "g", **fields: Any) -> Regime:
    told = {
        "event": "covert",
        "published": "2024-03-10",
        "hazard_ratio": "x0.4 [0.2, 0.75]",
        "text": "A new envoy.",
    }
    return Regime(**{"id": name, **told, **fields})


def remarks(*items: Item) -> list[str]:
    return [fault.problem for fault in Evidence(items).remarks(network())]


@pytest.mark.parametrize(
    ("fields", "begins", "ends"),
    [
        ({}, "2024-03-11T00:00:00+00:00", None),
        ({"published": "2024-03-10T12:00Z"}, "2024-03-10T12:00:00+00:00", None),
        ({"speaks_of": "2024-02-01"}, "2024-02-02T00:00:00+00:00", None),
        ({"speaks_of": "2024-05-01T06:00Z"}, "2024-05-01T06:00:00+00:00", None),
        ({"until": "2024-06-30"}, "2024-03-11T00:00:00+00:00", "2024-07-01T00:00:00+00:00"),
    ],
)
def test_a_date_means_the_end_of_its_day(
    fields: dict[str, Any], begins: str, ends: str | None
) -> None:
    first, last = regime(**fields).span
    assert first.isoformat() == begins
    assert (last and last.isoformat()) == ends


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"until": "2024-03-10"}, "lasts no time"),
        ({"speaks_of": "2024-05-01", "until": "2024-04-01"}, "lasts no time"),
        ({"text": " "}, "has a reason"),
        ({"hazard_ratio": "40%"}, "is a percentage, not a ratio"),
        ({"hazard_ratio": None}, "hazard_ratio"),
    ],
)
def test_what_makes_no_regime_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        regime(**fields)


def test_a_fact_has_no_rate() -> None:
    with pytest.raises(InputError, match="is a fact, true or false for all time, and has no rate"):
        Evidence([regime(event="clause")]).check(network())


def test_an_event_that_has_happened_is_remarked() -> None:
    seen = Observation(
        id="o", event="covert", published="2024-03-05", onset=("2024-02-01", "2024-02-09")
    )
    (problem,) = remarks(seen, regime())
    assert "'covert' has happened by 10 March 2024" in problem
    assert remarks(seen, regime(speaks_of="2024-02-05")) == []
    assert len(remarks(regime(event="begun"))) == 1
    assert remarks(regime(event="office")) == []


@pytest.mark.parametrize(
    ("ratio", "number"), [("x12", 1), ("x0.08", 1), ("x10", 0), ("x0.1 [0.01, 1]", 0)]
)
def test_a_ratio_beyond_ten_is_remarked(ratio: str, number: int) -> None:
    assert len(remarks(regime(hazard_ratio=ratio))) == number


def test_two_that_are_beyond_ten_together_are_remarked() -> None:
    one, other = regime("one", hazard_ratio="x4"), regime("other", hazard_ratio="x3", text="More.")
    (problem,) = remarks(one, other)
    assert "together with 'one'" in problem
    assert "by 12" in problem
    ended = regime("one", hazard_ratio="x4", until="2024-04-01")
    assert remarks(ended, regime("other", hazard_ratio="x3", speaks_of="2024-04-01")) == []
    assert len(remarks(ended, regime("other", hazard_ratio="x3", speaks_of="2024-03-31"))) == 1
    assert remarks(one, regime("other", hazard_ratio="x3", event="patrol")) == []
    taken_back = regime("other", hazard_ratio="x3", retracts=["one"], published="2024-03-12")
    assert remarks(one, taken_back) == []


def test_one_entered_twice_is_remarked() -> None:
    (problem,) = remarks(regime("one"), regime("two"))
    assert "says the same" in problem


def test_files_hold_regimes(tmp_path: Path) -> None:
    table, listed = tmp_path / "a.csv", tmp_path / "b.yaml"
    table.write_text(
        "id,kind,published,event,hazard_ratio,until,text\n"
        'g,regime,2024-03-10,covert,"x0.4 [0.2, 0.75]",2024-06-30,A new envoy.\n'
    )
    listed.write_text(
        "items:\n- {id: h, kind: regime, published: 2024-03-10, event: covert, "
        'hazard_ratio: "x0.4 [0.2, 0.75]", until: 2024-06-30, text: A new envoy.}\n'
    )
    read = read_evidence([table, listed])
    assert read.item("g") == regime(until="2024-06-30")
    assert read.item("h") == regime("h", until="2024-06-30")


def test_a_file_without_a_reason_names_its_line(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text(
        "id,kind,published,event,hazard_ratio\ng,regime,2024-03-10,covert,x0.4\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"a\.csv:2.*a regime has a reason"):
        read_evidence(table)


def test_a_retraction_takes_it_back_from_its_publication_on() -> None:
    back = Retraction(id="back", event="covert", published="2024-05-01", retracts=["g"])
    record = Evidence([regime(), back])
    assert [item.id for item in record.as_of("2024-04-30")] == ["g"]
    assert [item.id for item in record.as_of("2024-05-01")] == ["back"]
