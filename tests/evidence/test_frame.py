"""Evidence as a DataFrame: the record comes back equal, and faults name the row."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import forecast as fc
from forecast.errors import InputError
from forecast.evidence import KINDS
from tests.contract.repository import ROOT
from tests.evidence.random_items import records

ROWS: list[dict[str, object]] = [
    {"id": "a", "published": "2024-07-01", "kind": "report", "event": "ferry", "source": "wire",
     "claim": "on"},
    {"id": "b", "published": "2024-07-01", "kind": "count", "event": "ferry", "source": "series",
     "watched_from": "2024-05-01", "watched_to": "2024-05-31", "counted": 12},
    {"id": "c", "published": "2024-07-02", "kind": "retraction", "event": "ferry",
     "retracts": ["a", "b"]},
]  # fmt: skip


@given(evidence=records())
def test_a_record_that_becomes_a_frame_comes_back_equal(evidence: fc.Evidence) -> None:
    frame = evidence.to_frame()
    assert list(frame["id"]) == [item.id for item in evidence]
    assert fc.Evidence.from_frame(frame) == evidence
    assert fc.Evidence.from_frame(frame.to_dict("records")) == evidence


def test_the_record_of_the_example_comes_back_equal() -> None:
    evidence = fc.read_evidence(ROOT / "evidence")
    assert {item.kind for item in evidence} <= {*KINDS}
    assert fc.Evidence.from_frame(evidence.to_frame()) == evidence


@given(evidence=records())
def test_a_frame_written_as_csv_is_a_file_of_evidence(
    evidence: fc.Evidence, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("frame") / "items.csv"
    evidence.to_frame().to_csv(file)
    assert not len(evidence) or fc.read_evidence(file) == evidence


def test_what_pandas_makes_of_a_table_is_read_as_it_was_meant() -> None:
    frame = pd.DataFrame(ROWS)  # gaps are NaN, and whole numbers beside them 12.0
    assert frame["counted"].dtype == np.float64
    frame["published"] = pd.to_datetime(frame["published"])
    frame["watched_from"] = pd.to_datetime(frame["watched_from"]).dt.tz_localize("UTC")
    frame["kind"] = frame["kind"].astype("category")
    frame["claim"] = frame["claim"].astype("string")
    frame["event"] = pd.Series([["ferry"], "ferry", np.array(["ferry"])])
    assert fc.Evidence.from_frame(frame) == fc.Evidence.from_frame(ROWS)
    (item,) = (i for i in fc.Evidence.from_frame(frame) if i.id == "b")
    assert isinstance(item, fc.Count)
    assert (item.counted, item.published, item.watched_from) == (
        12, date(2024, 7, 1), date(2024, 5, 1))  # fmt: skip


def test_text_is_read_as_in_files_and_the_index_may_be_the_id() -> None:
    rows = [ROWS[1] | {"counted": "12.0"}, ROWS[2] | {"retracts": "a; b", "text": "  "}, ROWS[0]]
    frame = pd.DataFrame(rows, dtype=object).set_index("id")
    assert fc.Evidence.from_frame(frame) == fc.Evidence.from_frame(ROWS)
    claim = pd.DataFrame(ROWS[:1]).assign(claim=True, credibility=["80%"])
    (item,) = fc.Evidence.from_frame(claim)
    assert isinstance(item, fc.Report)
    assert (item.claim, item.credibility) == ("on", 0.8)


def test_all_faults_are_told_in_one_go_with_row_and_column() -> None:
    frame = pd.DataFrame(ROWS, index=["x", "y", "z"])
    frame.loc["x", "claim"] = "perhaps"
    frame.loc["y", "counted"] = 1.5
    frame["credibility"] = pd.Series([np.nan, "high", np.nan], index=frame.index, dtype=object)
    frame["evnt"] = "ferry"
    with pytest.raises(InputError, match="unknown column") as raised:
        fc.Evidence.from_frame(frame)
    assert [fault.field for fault in raised.value.faults] == [
        "", "row x: item 'a': claim", "row y: item 'b': credibility", "row y: item 'b': counted",
    ]  # fmt: skip


def test_one_id_twice_names_both_rows() -> None:
    with pytest.raises(InputError, match=r"row 1: item 'a': id: the item of row 0 has the same id"):
        fc.Evidence.from_frame([ROWS[0], ROWS[0]])


@pytest.mark.parametrize("table", ["items.csv", {"id": "a"}, 3, [1]])
def test_what_is_no_table_is_refused(table: object) -> None:
    with pytest.raises(InputError, match="mapping"):
        fc.Evidence.from_frame(table)  # type: ignore[arg-type]
