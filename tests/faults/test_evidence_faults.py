"""Files of evidence that cannot be used: each fault with its line, and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import Fault, InputError
from forecast.evidence._fields import COLUMNS
from forecast.files import _csv_reader as csv_reader
from forecast.files import _evidence_file as evidence_file
from forecast.files._evidence_file import read_evidence

HEAD = (
    "id,published,kind,event,source,claim,state,onset_from,onset_to,credibility,check,"
    "derived_from,likelihood_ratio,text"
)
GOOD = "good,2024-03-01,report,troops,reuters,on,,,,,,,,"


def faults_of(path: Path | list[Path]) -> tuple[Fault, ...]:
    with pytest.raises(InputError, match=r".") as raised:
        read_evidence(path)
    return raised.value.faults


def fault_in(folder: Path, content: str | bytes, name: str = "items.csv") -> Fault:
    """Return the one fault of a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    faults = faults_of(path)
    assert len(faults) == 1, [str(fault) for fault in faults]
    assert faults[0].file == str(path)
    return faults[0]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("x,2024-13-01,report,troops,afp,on,,,,,,,,", "item 'x': published", "2024-07-01"),
        ("x,01/03/2024,report,troops,afp,on,,,,,,,,", "item 'x': published", "ISO 8601"),
        ("x,1 March,report,troops,afp,on,,,,,,,,", "item 'x': published", "ISO 8601"),
        ("x,,report,troops,afp,on,,,,,,,,", "item 'x': published", "missing"),
        (",2024-03-01,report,troops,afp,on,,,,,,,,", "item without id: id", "missing"),
        ("x,2024-03-01,,troops,,,,,,,,,,", "item 'x': kind", "missing"),
        ("x,2024-03-01,rapport,troops,,,,,,,,,,", "item 'x': kind", "Did you mean 'report'?"),
        ("x,2024-03-01,report,troops,afp,yes,,,,,,,,", "item 'x': claim", "must be on or off"),
        ("x,2024-03-01,report,troops,,on,,,,,,,,", "item 'x': source", "missing"),
        ("x,2024-03-01,report,troops,afp,on,on,,,,,,,", "item 'x': state", "no such field"),
        ("x,2024-03-01,report,troops,afp,on,,,,1.2,,,,", "item 'x': credibility", "1 or less"),
        ("x,2024-03-01,report,troops,afp,on,,,,high,,,,", "item 'x': credibility", "such as 0.8"),
        ("x,2024-03-01,report,troops,afp,on,,,,nan,,,,", "item 'x': credibility", "such as 0.8"),
        ("x,2024-03-01,report,troops,afp,on,,,,inf,,,,", "item 'x': credibility", "such as 0.8"),
        ('x,2024-03-01,report,troops,afp,on,,,,"0,8",,,,', "item 'x': credibility", "such as 0.8"),
        ("x,2024-03-01,report,troops,afp,on,,,,,0.3,,,", "item 'x': check", "copies none"),
        ("x,2024-03-01,report,troops,afp,on,,,,,,a b,,", "item 'x': derived_from.0", "a_b"),
        ("x,2024-03-01,report,two words,afp,on,,,,,,,,", "item 'x': event", "two_words"),
        ("x,2024-03-01,report,troops;pact,afp,on,,,,,,,,", "item 'x': event", "a silence alone"),
        ("x,2024-03-01,report,troops,afp,on,,,2024-02-01,,,,,", "item 'x': onset_to", "onset_from"),
        (
            "x,2024-03-01,report,troops,afp,on,,2024-02-05,2024-02-01,,,,,",
            "item 'x': onset",
            "Swap",
        ),
        ("x,2024-03-01,observation,pact,,,,,,,,,,", "item 'x': state", "exactly one"),
        ("x,2024-03-01,observation,pact,,,on,2024-02-01,,,,,,", "item 'x': state", "exactly one"),
        ("x,2024-03-01,observation,pact,,,,,2024-02-01,,,,,", "item 'x': onset_to", "onset_from"),
        ("x,2024-03-01,observation,pact,,,,2024-02-05,2024-02-01,,,,,", "item 'x': onset", "Swap"),
        ("x,2024-03-01,observation,pact,,,,2024-03-05,,,,,,", "item 'x'", "see the future"),
        ("x,2024-03-01,likelihood_ratio,pact,,,,,,,,,,", "likelihood_ratio", "missing"),
        ("x,2024-03-01,likelihood_ratio,pact,,,,,,,,,-2,", "likelihood_ratio", ""),
        ("good,2024-03-05,report,troops,afp,on,,,,,,,,", "id", "another item"),
        ("x,2024-03-01,report,troops,afp,on,,,,,,,,,", "", "15 cells for 14 columns"),
        ("x,2024-03-01,report,troops,afp,on", "", "6 cells for 14 columns"),
        ('x,2024-03-01,report,troops,afp,on,,,,,,,,"a"b', "", "broken"),
        ('x,2024-03-01,report,troops,afp,on,,,,,,,,"never closed', "", "close each quoted cell"),
    ],
)
def test_a_bad_row_is_a_fault_with_its_line(
    tmp_path: Path, row: str, field: str, says: str
) -> None:
    fault = fault_in(tmp_path, f"{HEAD}\n{GOOD}\n{row}\n")
    assert fault.line == 3
    assert field in fault.field
    assert says in str(fault)


def test_a_column_of_another_name_is_told_from_the_one_that_is_missing(tmp_path: Path) -> None:
    header = HEAD.replace("published", "date")
    path = tmp_path / "items.csv"
    path.write_text(header + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"unknown column \(got 'date'\). Did you mean 'publ"):
        read_evidence(path)


def test_a_percentage_without_its_sign_is_told_how_to_be_written(tmp_path: Path) -> None:
    row = "o1,2024-03-01,forecast,pact,gazette,,45,2024-12-31"
    path = tmp_path / "items.csv"
    columns = "id,published,kind,event,source,claim,probability,speaks_of"
    path.write_text(f"{columns}\n{row}\n", encoding="utf-8")
    told = r"probability: must be below 1 \(got '45'\). Write 45% or 0.45."
    with pytest.raises(InputError, match=told):
        read_evidence(path)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (f"{HEAD},evnt", "Did you mean 'event'?"),
        (f"{HEAD},citatoin", "Did you mean 'citation'?"),
        (f"{HEAD},id", "column is repeated"),
        (HEAD.replace("published,", ""), "the header lacks the column published"),
    ],
)
def test_a_bad_header_is_a_fault_of_the_first_line(tmp_path: Path, header: str, says: str) -> None:
    fault = fault_in(tmp_path, header + "\n")
    assert (fault.line, says in str(fault)) == (1, True)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 0, "the file is empty"),
        (b"\xef\xbb\xbf\n \n", 0, "the file is empty"),
        (f"{HEAD}\n{GOOD}\n".encode("utf-16"), 1, "not UTF-8"),
        (f"{HEAD}\n{GOOD}caf\xe9\n".encode("latin-1"), 2, "not UTF-8"),
        (f"{HEAD}\n{GOOD}\n{GOOD}\0\n".encode(), 3, "NUL byte"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    tmp_path: Path, content: bytes, line: int, says: str
) -> None:
    fault = fault_in(tmp_path, content)
    assert (fault.line, says in str(fault)) == (line, True)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    with path.open("wb") as stream:
        stream.truncate(csv_reader.MAX_BYTES + 1)
    (fault,) = faults_of(path)
    assert "than a file may be (10 MB)" in str(fault)


def test_files_that_are_too_large_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_file, "MAX_TOTAL_BYTES", 250)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"{HEAD}\n{GOOD}\n")
    (fault,) = faults_of(tmp_path)
    assert "more than 250" in str(fault)


def test_a_file_with_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 2)
    rows = [GOOD.replace("good", f"r{number}") for number in range(4)]
    fault = fault_in(tmp_path, "\n".join([HEAD, *rows]))
    assert (fault.line, "more than 2 rows" in str(fault)) == (4, True)


@pytest.mark.parametrize("name", ["items.doc", "items.json", "items"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    assert ".csv, .tsv, .xlsx, .ods, .yaml, .yml" in str(fault_in(tmp_path, "x", name))


def test_line_numbers_are_true_below_cells_of_several_lines(tmp_path: Path) -> None:
    long = 'long,2024-03-01,report,troops,reuters,on,,,,,,,,"one\r\ntwo\n\nfour"'
    bad = "bad,soon,report,troops,reuters,on,,,,,,,,"
    fault = fault_in(tmp_path, f"{HEAD}\n\n{long}\n\n{bad}\n")
    assert fault.line == 8


def test_all_faults_of_all_files_are_told_at_once_in_order(tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.yaml"
    one.write_text(
        f"{HEAD},evnt\n"
        "x,soon,report,troops,afp,maybe,,,,,,,,,\n"
        "y,2024-03-01,report\n"
        f"{GOOD},\n"
        "z,2024-03-01,report,troops,afp,on,on,,,high,,,,,\n"
    )
    two.write_text("items:\n  - {id: good, published: 2024-03-01, kind: report, event: e}\n")
    assert [(Path(f.file).name, f.line, f.field.split(": ")[-1]) for f in faults_of(tmp_path)] == [
        ("a.csv", 1, ""),
        ("a.csv", 2, "published"),
        ("a.csv", 2, "claim"),
        ("a.csv", 3, ""),
        ("a.csv", 5, "credibility"),
        ("a.csv", 5, "state"),
        ("b.yaml", 2, "source"),
        ("b.yaml", 2, "claim"),
    ]


def test_an_id_used_in_two_files_is_a_fault_that_names_both(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"{HEAD}\n{GOOD}\n")
    (fault,) = faults_of(tmp_path)
    assert fault.file == str(tmp_path / "b.csv")
    assert f"{tmp_path / 'a.csv'}:2" in fault.problem


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("- id: a\n", 1, "Begin the file with 'items:'"),
        ("items: none\n", 1, "Begin the file with 'items:'"),
        ("items: []\nitem: []\n", 2, "unknown key"),
        ("items:\n  - just text\n", 2, "an item is a mapping"),
        ("items:\n  - {id: a, published: 2024-03-01, kind: report, event: e,\n"
         "     source: s, claim: on, evnt: x}\n", 3, "Did you mean 'event'?"),
        ("items:\n  - id: a\n    published: 2024-03-01\n    kind: observation\n    event: e\n"
         "    state: on\n    credibility: 0.5\n", 7, "no such field"),
        ("items:\n  - id: a\n    published: 2024-03-01\n    kind: report\n    event: e\n"
         "    source: s\n    claim: on\n    credibility: half\n", 8, "must be a number"),
        ("items:\n  - id: a\n    id: b\n    published: 2024-03-01\n    kind: observation\n"
         "    event: e\n    state: on\n", 3, "is repeated"),
        ("items:\n  - id: a\n    published: 2024-03-01\n    kind: report\n    event: e\n"
         "    source: s\n    claim: on\n    derived_from: {b: c}\n", 8, "must be a list"),
        ("items: &x\n  - *x\n", 1, "not allowed"),
    ],
)  # fmt: skip
def test_a_bad_yaml_file_is_a_fault_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    fault = fault_in(tmp_path, text, "items.yaml")
    assert (fault.line, says in str(fault)) == (line, True), str(fault)


ODD = st.sampled_from(
    [*COLUMNS, "report", "observation", "on", "2024-03-01", '"', ",", "\n", "\r", ";", "x2", "",
     "\ufeff", "\u202e", "9" * 400, "-", "%", "\0", "items:", "  - ", "id: a", "{", "*a", "\t"]
)  # fmt: skip


@pytest.mark.parametrize("name", ["items.csv", "items.tsv", "items.yaml"])
@given(parts=st.lists(ODD | st.text(max_size=5), max_size=40), headed=st.booleans())
def test_nothing_but_an_input_error_comes_out_of_any_text(
    name: str, parts: list[str], tmp_path_factory: pytest.TempPathFactory, *, headed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    text = (HEAD + "\n" if headed else "") + "".join(parts)
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        read_evidence(path)
    except InputError as error:
        assert error.faults  # noqa: PT017


@given(content=st.binary(max_size=200))
def test_nothing_but_an_input_error_comes_out_of_any_bytes(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bytes\.csv"):
        read_evidence(path)
