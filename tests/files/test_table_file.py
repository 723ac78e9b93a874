"""Tables as spreadsheets write them: what is read, what is told, and what is refused."""

import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import Fault, InputError
from forecast.evidence import Count, Evidence, LikelihoodRatio, Observation, Report
from forecast.files import _workbook as workbook
from forecast.files._evidence_file import read_evidence, scan_evidence
from forecast.files._questions_file import read_questions, scan_questions
from forecast.files._resolutions_file import scan_resolutions
from tests.files.workbooks import Value, write_ods, write_xlsx

HEAD = (
    "id",
    "published",
    "kind",
    "event",
    "source",
    "claim",
    "watched_from",
    "watched_to",
    "counted",
)


def quiet(path: Path) -> Evidence:
    """Return the evidence of a file of which nothing is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_evidence(path)


def told(path: Path) -> tuple[Evidence, list[str]]:
    """Return the evidence of a file and what is told of it, without its path."""
    evidence, faults, remarks, _ = scan_evidence(path)
    assert not faults, [str(fault) for fault in faults]
    return evidence, [str(each).replace(str(path), "") for each in remarks]


def refused(path: Path) -> Fault:
    with pytest.raises(InputError, match=r".") as raised:
        read_evidence(path)
    (fault,) = raised.value.faults
    return fault


def file(folder: Path, text: str, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_a_whole_number_that_pandas_wrote_with_a_point_is_the_whole_number(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "id,published,kind,event,source,claim,watched_from,watched_to,counted\n"
        "a,2024-07-01,report,ferry,wire,on,,,\n"
        "b,2024-07-01,count,ferry,series,,2024-05-01,2024-05-31,12.0\n"
        "c,2024-07-01,count,ferry,series,,2024-06-01,2024-06-30,7.0\n",
    )
    evidence, remarks = told(path)
    item = evidence.item("b")
    assert isinstance(item, Count)
    assert item.counted == 12
    assert remarks == [
        ":3: counted: is read as 12 (got '12.0'). So is one more cell of this column."
    ]


def test_a_semicolon_file_with_decimal_commas_reads_as_its_twin_with_points(tmp_path: Path) -> None:
    german = file(
        tmp_path,
        "sep=;\r\nId;Published;Kind;Event;Source;Claim;Credibility;Likelihood ratio\r\n"
        "a;2024-7-1;Report;ferry;wire;WAHR;0,8;\r\n"
        ";;;;;;;\r\n"
        "b;2024-07-02;report;ferry;wire;Off;35,5 %;\r\n"
        'c;2024-07-02;likelihood_ratio;ferry;;;;"x1,5 [1,2; 4]"\r\n'
        "d;2024-07-02;likelihood_ratio;ferry;;;;x2 [1,2, 4]\r\n",
        "german.csv",
    )
    plain = file(
        tmp_path,
        "id,published,kind,event,source,claim,credibility,likelihood_ratio\n"
        "a,2024-07-01,report,ferry,wire,on,0.8,\n"
        "b,2024-07-02,report,ferry,wire,off,0.355,\n"
        'c,2024-07-02,likelihood_ratio,ferry,,,,"x1.5 [1.2, 4]"\n'
        'd,2024-07-02,likelihood_ratio,ferry,,,,"x2 [1.2, 4]"\n',
    )
    evidence, remarks = told(german)
    assert evidence == quiet(plain)
    assert "'Likelihood ratio' as 'likelihood_ratio'" in remarks[0]
    assert ":3: published: is read as 2024-07-01 (got '2024-7-1')." in remarks
    assert ":3: claim: is read as on (got 'WAHR')." in remarks
    assert {each.split(":")[1] for each in remarks} == {"2", "3", "5", "6", "7"}


@pytest.mark.parametrize("name", ["items.tsv", "items.csv"])
def test_a_file_with_tabs_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    text = "id\tpublished\tkind\tevent\tstate\na\t2024-07-01\tobservation\tferry\ton\n"
    (item,) = quiet(file(tmp_path, text, name))
    assert isinstance(item, Observation)
    assert item.state == "on"


def sheet_rows() -> Sequence[Sequence[Value]]:
    return [
        HEAD,
        ("a", date(2024, 7, 1), "report", "ferry", "wire", True, None, None, None),
        (None,) * 9,
        (
            "b",
            date(2024, 7, 1),
            "count",
            "ferry",
            "series",
            None,
            date(2024, 5, 1),
            "2024-05-31",
            12,
        ),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_is_read_with_its_dates_numbers_and_truth_values(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"items.{kind}"
    if kind == "xlsx":
        write_xlsx(path, {"Sheet1": sheet_rows()})
    else:
        write_ods(path, sheet_rows())
    evidence, remarks = told(path)
    report, count = evidence.item("a"), evidence.item("b")
    assert isinstance(report, Report)
    assert isinstance(count, Count)
    assert (report.published, report.claim) == (date(2024, 7, 1), "on")
    assert (count.watched_from, count.counted) == (date(2024, 5, 1), 12)
    assert remarks == ["[Sheet1]:2: claim: is read as on (got 'TRUE')."]
    assert evidence.places["b"] == (f"{path}[Sheet1]", 4)


def test_of_a_formula_the_value_that_was_saved_is_read(tmp_path: Path) -> None:
    rows = [list(row) for row in sheet_rows()]
    rows[3][8] = "=1+1"  # the workbook says 3
    evidence, _ = told(write_xlsx(tmp_path / "items.xlsx", {"Sheet1": rows}))
    item = evidence.item("b")
    assert isinstance(item, Count)
    assert item.counted == 3


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("=?0.2/2", "holds a formula that no program has worked out"), ("#DIV/0!", "shows an error")],
)
def test_a_cell_of_a_workbook_without_its_value_is_a_fault(
    tmp_path: Path, cell: str, problem: str
) -> None:
    head, *rows = ([*row] for row in sheet_rows())
    table = [[*head, "credibility"], [*rows[0], cell], *([*row, None] for row in rows[1:])]
    aside = [["call", "the port"], [cell, cell]]
    path = write_xlsx(tmp_path / "items.xlsx", {"May": table, "To do": aside})
    _, faults, *_ = scan_evidence(path)
    (fault,) = faults
    assert fault.problem == problem
    assert (fault.file, fault.line) == (f"{path}[May]", 2)
    assert fault.field == "credibility (J2)"
    assert fault.value in (cell, "=0.2/2")


def test_in_an_ods_a_formula_without_its_value_is_a_fault(tmp_path: Path) -> None:
    head, *rows = ([*row] for row in sheet_rows())
    table = [[*head, "credibility"], [*rows[0], "=?0.2/2"], *([*row, None] for row in rows[1:])]
    fault = refused(write_ods(tmp_path / "items.ods", table))
    assert fault.problem == "holds a formula that no program has worked out"
    assert fault.field == "credibility (J2)"


def test_all_sheets_with_such_a_table_are_read_and_the_others_are_told(tmp_path: Path) -> None:
    rows = sheet_rows()
    second = [rows[0], ["c", *rows[1][1:]]]
    path = write_xlsx(
        tmp_path / "items.xlsx", {"May": rows, "June": second, "To do": [["call the port"]]}
    )
    evidence, remarks = told(path)
    assert {item.id for item in evidence} == {"a", "b", "c"}
    assert any(each.startswith("[To do]: the sheet is not read") for each in remarks)


def test_a_fault_in_a_workbook_names_sheet_and_row(tmp_path: Path) -> None:
    rows = [list(row) for row in sheet_rows()]
    rows[1][5] = "perhaps"
    path = write_xlsx(tmp_path / "items.xlsx", {"May": rows})
    fault = refused(path)
    assert str(fault).startswith(f"{path}[May]:2: item 'a': claim: must be on or off")


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    assert "is no workbook" in str(refused(path))
    (tmp_path / "other").mkdir()
    assert "no workbook that can be read" in str(
        refused(_without_content(tmp_path / "other" / "items.xlsx"))
    )


def _without_content(path: Path) -> Path:
    with ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return path


def test_a_workbook_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    far = write_xlsx(tmp_path / "far.xlsx", {"S": sheet_rows()})
    with ZipFile(far) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    texts[sheet] = texts[sheet].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with ZipFile(far, "w", ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    assert "the workbook is too large" in str(refused(far))
    wide = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    assert "the workbook is too large" in str(
        refused(write_ods(tmp_path / "wide.ods", sheet_rows(), wide))
    )


def test_a_workbook_is_judged_by_what_it_holds_and_not_by_its_name(tmp_path: Path) -> None:
    wide = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    path = write_ods(tmp_path / "named.xlsx", sheet_rows(), wide)
    assert "the workbook is too large" in str(refused(path))
    assert len(told(write_ods(tmp_path / "sound.xlsx", sheet_rows()))[0]) == 2


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 500)
    path = write_xlsx(tmp_path / "items.xlsx", {"S": sheet_rows()})
    assert "the workbook is too large" in str(refused(path))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("3/2/2025", "may be 3 February 2025 or 2 March 2025"),
        ("3.2.2025", "2025-02-03 or 2025-03-02"),
        ("25/2/2025", "Write 2025-02-25."),
        ("3/2/25", "two digits"),
        ("45691", "it may be 2025-02-03"),
        ("2025-2-30", "not a date"),
    ],
)
def test_a_date_that_could_be_two_is_a_fault_that_says_so(
    tmp_path: Path, cell: str, says: str
) -> None:
    path = file(tmp_path, f"id,published,kind,event,state\na,{cell},observation,ferry,on\n")
    fault = refused(path)
    assert fault.field == "item 'a': published"
    assert says in str(fault)


@pytest.mark.parametrize("cell", ["2025-2-3", "2025/02/03", "2025.2.3"])
def test_a_date_with_the_year_first_is_read(tmp_path: Path, cell: str) -> None:
    path = file(tmp_path, f"id,published,kind,event,state\na,{cell},observation,ferry,on\n")
    evidence, (remark,) = told(path)
    assert evidence.item("a").published == date(2025, 2, 3)
    assert remark == f":2: published: is read as 2025-02-03 (got '{cell}')."


@pytest.mark.parametrize(
    ("cell", "says"),
    [("12.000", "may be 12 or 12000"), ("12,000", "may be 12 or 12000"), ("1.234", "Write 1234")],
)
def test_a_number_that_could_be_thousands_is_a_fault(tmp_path: Path, cell: str, says: str) -> None:
    path = file(
        tmp_path,
        "id;published;kind;event;source;watched_from;watched_to;counted\n"
        f"b;2024-07-01;count;ferry;series;2024-05-01;2024-05-31;{cell}\n",
    )
    assert says in str(refused(path))


def test_a_decimal_comma_between_commas_is_still_a_fault(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "id,published,kind,event,source,claim,credibility\n"
        'a,2024-07-01,report,ferry,wire,on,"0,8"\n',
    )
    assert "such as 0.8" in str(refused(path))


def test_the_numbers_of_rows_that_pandas_writes_are_passed_over(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        ",id,published,kind,event,state,\n0,a,2024-07-01,observation,ferry,on,\n"
        "1,b,2024-07-02,observation,ferry,on,\n",
    )
    assert [item.id for item in quiet(path)] == ["a", "b"]
    path.write_text(path.read_text().replace("\n1,b", "\n7,b"))
    assert "a column has no name" in str(refused(path))


def test_what_is_told_of_a_long_file_is_one_line_for_each_kind(tmp_path: Path) -> None:
    rows = [f"i{n},2024-{n % 9 + 1}-{n % 8 + 1},observation,ferry,ON" for n in range(500)]
    path = file(tmp_path, "\n".join(["id,published,kind,event,state", *rows]))
    _, remarks = told(path)
    assert len(remarks) == 2
    assert remarks[0].endswith("So are 499 more cells of this column.")


def test_a_time_stays_a_time(tmp_path: Path) -> None:
    path = file(tmp_path, "id,published,kind,event,state\na,2024-7-1 09:30,observation,ferry,on\n")
    evidence, _ = told(path)
    assert evidence.item("a").published == datetime(2024, 7, 1, 9, 30, tzinfo=UTC)


def test_files_of_a_folder_that_are_not_read_are_told(tmp_path: Path) -> None:
    file(tmp_path, "id,published,kind,event,state\na,2024-07-01,observation,ferry,on\n")
    for name in ("notes.docx", "items.numbers", "old.bak", "README.md", ".hidden", "~$items.xlsx"):
        (tmp_path / name).write_text("x")
    (tmp_path / "LICENSE").write_text("x")
    (tmp_path / "aside").mkdir()
    evidence, remarks = told(tmp_path)
    assert len(evidence) == 1
    (remark,) = remarks
    assert "'items.numbers', 'notes.docx', 'old.bak'." in remark
    with pytest.warns(UserWarning, match="old.bak"):
        read_evidence(tmp_path)


def test_questions_and_resolutions_are_read_from_workbooks_and_semicolons(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "questions.xlsx",
        {"Q": [["ID", "Event", "Deadline", "Outcome", "Resolved"],
               ["q1", "ferry", date(2024, 9, 30), True, date(2024, 8, 1)],
               ["q2", "ferry", date(2024, 12, 31), None, None]]},
    )  # fmt: skip
    with pytest.warns(UserWarning, match="headings are read otherwise"):
        questions = read_questions(tmp_path)
    assert [(q.id, q.outcome) for q in questions] == [("q1", "yes"), ("q2", None)]
    path = file(
        tmp_path, "id;event;deadline;outcome\nr1;ferry;2024-9-30;FALSCH\n", "resolutions.csv"
    )
    resolutions, faults, remarks = scan_resolutions(path)
    assert not faults
    assert [each.outcome for each in resolutions] == ["no"]
    assert [each.value for each in remarks] == ["2024-9-30", "FALSCH"]


def test_a_share_with_a_decimal_comma_is_the_outcome_of_a_question(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "id;event;deadline;outcome;resolved\nq1;ferry;2024-09-30;0,4;2024-08-01\n"
        "q2;ferry;2024-10-30;;3/2/2024\n",
        "questions.csv",
    )
    questions, faults, _ = scan_questions(path)
    assert [q.outcome for q in questions] == [0.4]
    assert [fault.field for fault in faults] == ["question 'q2': resolved"]


def test_two_tables_of_questions_are_a_fault(tmp_path: Path) -> None:
    for name in ("questions.csv", "questions.tsv"):
        file(tmp_path, "id\tevent\tdeadline\n", name)
    with pytest.raises(InputError, match=r"questions.csv and questions.tsv"):
        read_questions(tmp_path)


def test_a_likelihood_ratio_without_commas_is_left_to_its_own_reader(tmp_path: Path) -> None:
    path = file(
        tmp_path, "id;published;kind;event;likelihood_ratio\nd;2024-07-02;likelihood_ratio;f;x3\n"
    )
    item = quiet(path).item("d")
    assert isinstance(item, LikelihoodRatio)
    assert str(item.likelihood_ratio) == "x3"


PIECES = st.sampled_from(
    b'<c|r="|A1|XFD9|t="s"|t="b"|<v>|</v>|99999999999999|-1|"|>|</row>|<row/>|&amp;|&x;|<!--|<f>|'
    b'r="0"|r="A0"|t="d"|NaN|<c r="XFD1048576"/>|<row r="9999999"/>'.split(b"|")
)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@given(edits=st.lists(st.tuples(st.integers(0, 2_000), PIECES), min_size=1, max_size=6))
def test_nothing_but_an_input_error_comes_out_of_any_workbook(
    kind: str, edits: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{kind}"
    if kind == "xlsx":
        write_xlsx(path, {"S": sheet_rows()})
    else:
        write_ods(path, sheet_rows())
    with ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml" if kind == "xlsx" else "content.xml"
    for at, piece in edits:
        text = texts[name]
        texts[name] = text[: at % len(text)] + piece + text[at % len(text) :]
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for each, text in texts.items():
            archive.writestr(each, text)
    try:
        scan_evidence(path)
    except InputError as error:
        assert error.faults  # noqa: PT017


def test_a_workbook_that_says_less_than_it_holds_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "items.xlsx", {"S": sheet_rows()})
    data = path.read_bytes()
    with ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, (40).to_bytes(4, "little")))
    assert "says less than it holds" in str(refused(path))
