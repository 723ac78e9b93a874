"""The bytes under the hash chain are those of the plainest JSON there is, whatever writes them."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.ledger._canonical import canonical, canonical_rows, digest, entry_bytes

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.floats(0, 1e-3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["],[", "a,0.00001", "e-7", '"\\', "00:00.000000Z", "\x00\x1f\x7f\u2028é"]),
)


def plain(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


@given(st.lists(st.lists(VALUES, max_size=8), max_size=6))
def test_rows_are_as_pythons_json_writes_them(rows: Sequence[Sequence[object]]) -> None:
    assert canonical_rows(rows) == plain(rows)


@given(st.dictionaries(st.sampled_from(["runs", "forecasts", "b"]), st.lists(st.tuples(VALUES))))
def test_an_entry_is_as_pythons_json_writes_it(tables: dict[str, list[tuple[object]]]) -> None:
    filled = {name: rows for name, rows in tables.items() if rows}
    entry = {"seq": 7, "kind": "run", "made_at": "now", "previous": "0", "body": filled}
    assert entry_bytes(7, "run", "now", "0", tables) == plain(entry)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1.0, "1.0"),
        (0.0, "0.0"),
        (1e-4, "0.0001"),
        (1e-5, "1e-05"),
        (1.25e-7, "1.25e-07"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_keep_the_form_that_old_ledgers_have(number: float, text: str) -> None:
    assert canonical_rows([(1, number)]).decode() == f"[[1,{text}]]"


def test_an_old_digest_stays_what_it_was() -> None:
    entry = entry_bytes(1, "run", "2024-07-02T00:00:00.000000Z", "0" * 64, {"runs": [(1, 2e-6)]})
    assert digest(entry) == "77628c2e2058d10797a4613084bbd25bbc1cab6c6ae5d5258fc4f27ab1df3800"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_has_no_canonical_form(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"p": number})
