"""Questions and items as rows: read back equal, and added without a change to what is there."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecast as fc
from forecast.errors import InputError
from forecast.files import _table_writer
from forecast.files._evidence_file import COLUMNS as ITEM_COLUMNS
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._table_writer import (
    appended,
    csv_of,
    item_row,
    plain_number,
    question_row,
    without_rows,
)
from tests.contract.repository import ROOT

QUESTIONS = fc.Questions(
    [
        fc.Question(id="q1", event="vote.left", deadline="2024-11-05", outcome="no"),
        fc.Question(
            id="q2",
            event="pact",
            deadline="2024-12-31T12:30:00Z",
            opened="2024-02-01",
            wording='Signed, "as announced"?\nOr not',
            outcome=0.4,
            resolved="2025-01-02T09:00:00+02:00",
            left_out="asks more",
        ),
    ]
)


def test_questions_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(csv_of(QUESTION_COLUMNS, map(question_row, QUESTIONS)), newline="")
    assert fc.read_questions(path) == QUESTIONS


def test_evidence_of_every_kind_reads_back_equal(tmp_path: Path) -> None:
    more = [
        fc.Count(
            id="c",
            event="pact",
            source="gazette",
            published="2024-03-01",
            watched_from="2024-02-01",
            watched_to="2024-02-29",
            counted=3,
        ),
        fc.Forecast(
            id="f",
            event="pact",
            source="crowd",
            published="2024-03-01T10:00:00Z",
            speaks_of="2024-12-31",
            probability=1e-05,
            base=0.5,
        ),
        fc.Retraction(id="r", event="pact", published="2024-03-02", retracts=["f", "c"]),
        fc.Silence(
            id="s",
            event="pact",
            more_events=["troops", "war"],
            source="gazette",
            published="2024-03-01",
            watched_from="2024-02-01",
            watched_to="2024-02-29",
        ),
    ]
    evidence = fc.Evidence([*fc.read_evidence(ROOT / "evidence"), *more])
    assert {item.kind for item in evidence} >= {"report", "observation", "regime", "count"}
    path = tmp_path / "evidence.csv"
    path.write_text(csv_of(ITEM_COLUMNS, map(item_row, evidence)), newline="", encoding="utf-8")
    assert fc.read_evidence(path) == evidence


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_decimals_is_that_number(value: float) -> None:
    assert float(plain_number(value)) == value
    assert "e" not in plain_number(value)


def test_rows_are_added_and_nothing_else_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    rows = [question_row(each) for each in QUESTIONS]
    before = (
        "id,event,deadline,opened,wording,outcome,resolved,left_out\r\n"
        'q0,pact,2024-06-30,,"a\r\nb",,,'
    )
    path.write_text(before, newline="")
    after = appended(path, QUESTION_COLUMNS, rows)
    assert after.startswith(before + "\r\nq1,vote.left,2024-11-05,")
    path.write_text(after, newline="")
    assert [each.id for each in fc.read_questions(path)] == ["q0", "q1", "q2"]
    assert fc.read_questions(path).resolutions is not None


def test_a_column_that_is_missing_is_added_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text("deadline,id,event\n2024-06-30,q0,pact\n", newline="")
    path.write_text(appended(path, QUESTION_COLUMNS, [question_row(q) for q in QUESTIONS]))
    header = next(csv.reader(io.StringIO(path.read_text())))
    assert header[:3] == ["deadline", "id", "event"]
    assert [each.id for each in fc.read_questions(path)] == ["q0", "q1", "q2"]


def test_a_file_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_table_writer, "MAX_ROWS", 1)
    with pytest.raises(InputError, match="would have 2 rows"):
        appended(tmp_path / "questions.csv", QUESTION_COLUMNS, [question_row(q) for q in QUESTIONS])


def test_a_spreadsheet_gets_no_formula_and_a_program_the_text_as_it_is() -> None:
    rows = [{"a": cell} for cell in ("=1+1", "+cmd", "-cmd", "@x", "\tx", "-0.5", "1e5", "plain")]
    shown = csv_of(["a"], rows, spreadsheet=True).splitlines()[1:]
    assert shown == ["'=1+1", "'+cmd", "'-cmd", "'@x", "'\tx", "-0.5", "1e5", "plain"]
    assert csv_of(["a"], rows).splitlines()[1:] == [row["a"] for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_are_taken_out_and_the_rest_stays_as_it_is(tmp_path: Path, end: str) -> None:
    path = tmp_path / "items.csv"
    rows = ["text,id", '"a ""b""\nc",r1', "", "plain,r2", '"=1,2", r3 ']
    path.write_text(end.join(rows) + end, newline="")
    kept = [rows[0], rows[1], "", rows[4]]
    assert without_rows(path, {"r2"}) == end.join(kept) + end
    assert without_rows(path, {"r1", "r3"}) == end.join([rows[0], rows[3]]) + end
    assert without_rows(path, {"r9"}) == path.read_bytes().decode()


def test_rows_of_a_table_without_ids_cannot_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("text\na\n")
    with pytest.raises(InputError, match=r"items\.csv:1: the header lacks the column id"):
        without_rows(path, {"a"})


def test_where_an_item_came_from_is_written_only_where_it_is_known(tmp_path: Path) -> None:
    row = {"event": "pact", "published": "2024-03-01", "source": "gazette", "claim": "on"}
    plain = fc.Report(id="a", **row)
    filed = fc.Report(id="b", draft="d1", accepted_by="ann", proposed="claim=off", **row)
    assert {"draft", "accepted_by", "proposed"} & plain.model_dump().keys() == set()
    path = tmp_path / "evidence.csv"
    path.write_text(csv_of(ITEM_COLUMNS, map(item_row, [plain, filed])), newline="")
    assert fc.read_evidence(path) == fc.Evidence([plain, filed])
