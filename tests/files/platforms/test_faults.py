"""Faulty and hostile files of platforms: every fault with its place, and no text that acts."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forecast as fc
from forecast.errors import InputError
from forecast.files.platforms import _entry
from forecast.files.platforms._import import READERS
from tests.files.platforms.test_platforms import SAMPLES, asked

MARKET = {
    "id": "m1",
    "question": "Signed in 2024?",
    "url": "https://manifold.markets/a/signed",
    "outcomeType": "BINARY",
    "createdTime": 1704067200000,
    "closeTime": 1735689599000,
    "isResolved": False,
    "probability": 0.4,
    "lastBetTime": 1720000000000,
}


def market(folder: Path, **changed: object) -> Path:
    file = folder / "market.json"
    file.write_text(json.dumps([{**MARKET, **changed}]), encoding="utf-8")
    return file


def wrong(folder: Path, **changed: object) -> str:
    with pytest.raises(InputError) as caught:
        fc.import_questions(market(folder, **changed), "manifold")
    (fault,) = caught.value.faults
    return str(fault)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"probability": 1.2}, "[0].probability: lies outside 0 to 1 (got '1.2'). Write a"),
        ({"probability": float("nan")}, "[0].probability: is not a finite number (got 'nan')"),
        ({"probability": 10**400}, "[0].probability: is not a finite number (got 'inf')"),
        ({"probability": "likely"}, "[0].probability: is not a number (got 'likely')"),
        ({"probability": True}, "[0].probability: is not a number (got 'true')"),
        ({"closeTime": 1735689599}, "[0].closeTime: is no time from 1990 to 2200 in milliseconds"),
        ({"closeTime": 1e300}, "[0].closeTime: is no time from 1990 to 2200 in milliseconds"),
        ({"closeTime": "31 Dec 2024"}, "[0].closeTime: is not a time in ISO 8601 (got '31 Dec"),
        ({"closeTime": "2024-02-30"}, "[0].closeTime: is not a time of the calendar"),
        ({"id": None}, "[0].id: is missing"),
        ({"question": ["Signed?"]}, "[0].question: is not text (got '[Signed?]')"),
        ({"isResolved": "perhaps"}, "[0].isResolved: is neither true nor false (got 'perhaps')"),
    ],
)
def test_a_wrong_field_is_told_with_file_path_value_and_remedy(
    tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    text = wrong(tmp_path, **changed)
    assert text.startswith(f"{tmp_path / 'market.json'}: ")
    assert message in text
    assert "Write" in text or "needs" in text


def test_all_faults_are_told_in_one_go_and_not_without_end(tmp_path: Path) -> None:
    file = tmp_path / "markets.json"
    file.write_text(json.dumps([{**MARKET, "probability": 2, "id": f"m{n}"} for n in range(200)]))
    with pytest.raises(InputError) as caught:
        fc.import_questions([file, tmp_path / "none.json"], "manifold")
    assert "there is no such file" in str(caught.value)
    file_alone = pytest.raises(InputError, match="and 150 more faults of these files")
    with file_alone as limited:
        fc.import_questions(file, "manifold")
    assert len(limited.value.faults) == 51


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b'{"id": "m1"', r"a.json:1: is not JSON: .* at character 12"),
        ("a.json", b'{"id": 1, "id": 2}', "an object has one key twice .*'id'"),
        ("a.json", b"\xff\xfe{", "is not text in UTF-8"),
        ("a.json", b"[" * 200_000, "is nested too deeply"),
        ("a.json", b'{"id": ' + b"9" * 10_000 + b"}", "holds a number that is too long"),
        ("a.json", b'"text"', "a.json: holds no objects"),
        ("a.json", b"[1]", r"is not an object \(got '1'\)"),
        ("a.csv", b"Question ID\n1\n", "a.csv:1: is neither a table of questions nor one of"),
        ("a.csv", b"Question ID,Question Title,Question Type\n1,2\n", "a.csv:2: the row has 2 cel"),
        ("a.csv", b"a\0b\n", "holds a NUL byte"),
        ("a.csv", b"", "the file is empty"),
        ("a.xlsx", b"PK", "is of no kind that can be imported"),
    ],
)
def test_a_file_that_is_none_is_a_fault(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        fc.import_questions(tmp_path / name, "metaculus")


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_entry, "LARGEST", 100)
    with pytest.raises(InputError, match="is larger"):
        fc.import_questions(market(tmp_path), "manifold")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=cmd|' /C calc'!A1", "'=cmd|' /C calc'!A1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\x1b[31mred\x07", "[31mred"),
        ("one\ntwo\u2028three", "one twothree"),
        ("\u202eevil", "evil"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7 * 7 }} ${x} $(id)", "{{ 7 * 7 }} ${x} $(id)"),
        ("x" * 5_000, "x" * 2_000),
    ],
)
def test_hostile_text_is_text(tmp_path: Path, text: str, safe: str) -> None:
    found = fc.import_questions(market(tmp_path, question=text), "manifold")
    assert asked(found)["manifold_m1"].wording == safe
    drafted = tmp_path / "drafts.yaml"
    head = "name: drafts\nstart: 2024-01-01\nhorizon: 2025-12-31\n"
    body = found.drafts.split("sources:")[0].replace("FILL IN", '"20% within 1 year"')
    drafted.write_text(head + body, encoding="utf-8")
    assert fc.read_network(drafted).events[0].title == safe


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"probability": 1}, "prices of 0 or 1 are left out"),
        ({"probability": 0}, "prices of 0 or 1 are left out"),
        ({"lastBetTime": None}, "prices without a time are left out"),
        ({"lastBetTime": 1735689599000 + 60_000}, "prices from after the deadline are left out"),
        ({"closeTime": None}, "states no deadline, and is put aside"),
    ],
)
def test_a_price_that_is_no_opinion_is_left_out_and_counted(
    tmp_path: Path, changed: dict[str, object], why: str
) -> None:
    found = fc.import_questions(market(tmp_path, **changed), "manifold")
    assert len(found.opinions) == 0
    assert any(why in words for words in found.notes)


def test_prices_from_after_the_answer_are_no_opinions(tmp_path: Path) -> None:
    answer = {"isResolved": True, "resolution": "YES", "resolutionTime": 1710000000000}
    file = tmp_path / "bets.json"
    bets = [
        {"contractId": "m1", "probAfter": 0.3, "createdTime": 1709000000000},
        {"contractId": "m1", "probAfter": 0.99, "createdTime": 1710000000001},
    ]
    file.write_text(json.dumps(bets))
    found = fc.import_questions(
        [market(tmp_path, **answer), file], "manifold", deadlines={"": "2024-12-31"}
    )
    (item,) = found.opinions
    assert isinstance(item, fc.Forecast)
    assert item.probability == 0.3
    assert any("after the answer was known" in words for words in found.notes)


def test_an_answer_without_its_day_leaves_the_question_open(tmp_path: Path) -> None:
    found = fc.import_questions(market(tmp_path, isResolved=True, resolution="YES"), "manifold")
    assert asked(found)["manifold_m1"].outcome is None
    assert any("without the day on which they were known" in words for words in found.notes)


@pytest.mark.parametrize("unit", [1, 2])
def test_times_are_one_instant_in_every_zone(tmp_path: Path, unit: int) -> None:
    text = ["2024-12-31T23:59:59Z", "2025-01-01T08:59:59+09:00"][unit - 1]
    found = fc.import_questions(market(tmp_path, closeTime=text), "manifold")
    assert str(asked(found)["manifold_m1"].deadline) == "2024-12-31"


def test_one_question_twice_is_taken_once_and_two_of_one_id_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "markets.json"
    file.write_text(json.dumps([MARKET, MARKET]))
    found = fc.import_questions(file, "manifold")
    assert len(found.questions) == 1
    assert "questions are in the files twice, and taken once" in found.notes
    file.write_text(json.dumps([MARKET, {**MARKET, "question": "Another?"}]))
    with pytest.raises(InputError, match=r"\[1\]: question 'manifold_m1' is there twice, and not"):
        fc.import_questions(file, "manifold")


def test_a_long_history_is_thinned_to_the_last_of_each_day(tmp_path: Path) -> None:
    """Ten days of 1,000 bets, the last of each day at 0.5 + its number in hundredths."""
    start = 1704067200000
    bets = [
        {
            "contractId": "m1",
            "createdTime": start + day * 86_400_000 + place * 1000,
            "probAfter": 0.5 + day / 100 if place == 999 else 0.2,
        }
        for day in range(10)
        for place in range(1000)
    ]
    file = tmp_path / "bets.json"
    file.write_text(json.dumps(bets[::-1]))
    found = fc.import_questions([market(tmp_path), file], "manifold")
    assert [item.probability for item in found.opinions if isinstance(item, fc.Forecast)] == (
        pytest.approx([0.5 + day / 100 for day in range(10)], abs=1e-12)
    )
    assert "prices are left out: the last of each day is taken (9,990)" in found.notes


JSON_SAMPLES = sorted(SAMPLES.glob("*.json"))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**20), max_value=10**20),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just({"history": {}}),
)


def _places(value: Any, set_: Callable[[Any], None] | None = None) -> list[Callable[[Any], None]]:
    """Return a way to change each value in a document."""
    found = [] if set_ is None else [set_]
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        found += _places(value[key], lambda new, key=key: value.__setitem__(key, new))  # type: ignore[misc]
    return found


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_a_field_holds_it_is_read_or_a_fault(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sample = data.draw(st.sampled_from(JSON_SAMPLES))
    document = copy.deepcopy(json.loads(sample.read_text(encoding="utf-8")))
    places = _places(document)
    for position in data.draw(st.lists(st.integers(0, len(places) - 1), min_size=1, max_size=3)):
        places[position](data.draw(ODD))
    file = tmp_path_factory.mktemp("odd") / "odd.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    named = sample.name.split("_")[0]
    platform = named if named in READERS else "goodjudgment"
    files = [file]
    if sample.name == "polymarket_history.json":
        files.append(SAMPLES / "polymarket_market.json")
    found, faults = None, None
    try:
        found = fc.import_questions(files, platform)
    except InputError as error:
        faults = [str(fault) for fault in error.faults]
    if found is None:
        assert faults
        assert all(faults)
        return
    opinions = [item for item in found.opinions if isinstance(item, fc.Forecast)]
    assert all(0 < item.probability < 1 for item in opinions)
    assert all(item.published_instant < item.speaks_of_instant for item in opinions)
