"""Evidence from CSV and YAML: what is read, and that nothing is guessed."""

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.evidence import KINDS, LikelihoodRatio, Observation, Place, Report
from forecast.evidence._fields import COLUMNS
from forecast.files._evidence_file import read_evidence

CSV = """\
id,published,kind,event,source,claim,speaks_of,state,onset_from,onset_to,likelihood_ratio,credibility,check,derived_from,recorded,citation,text,notes
r1,2024-03-01,report,troops,reuters,on,,,,,,,,,,https://example.org/1,"Troops, it says,
have crossed",
r2,2024-03-02T10:00Z,report,troops,afp,on,2024-04-01,,,,,0.8,20%,r1;r0,2024-03-05,,,second hand

o1,2024-03-03,observation,pact,,,,on,,,,,,,,,,
o2,2024-03-04,observation,pact,,,,,2024-03-01,2024-03-03,,,,,,,,
o3,2024-03-04,observation,pact,,,,,2024-03-02,,,,,,,,,
l1,2024-03-05,likelihood_ratio,clause,,,,,,,"x2 [1.2, 4]",,,,,,,
,,,,,,,,,,,,,,,,,
"""

YAML = """\
items:
  - id: r1
    published: 2024-03-01
    kind: report
    event: troops
    source: reuters
    claim: on
    citation: https://example.org/1
    text: "Troops, it says,\\nhave crossed"
  - {id: r2, published: 2024-03-02T10:00Z, kind: report, event: troops, source: afp, claim: on,
     speaks_of: 2024-04-01, credibility: 0.8, check: 20%, derived_from: [r1, r0],
     recorded: 2024-03-05, notes: second hand}
  - {id: o1, published: 2024-03-03, kind: observation, event: pact, state: on}
  - {id: o2, published: 2024-03-04, kind: observation, event: pact, onset_from: 2024-03-01,
     onset_to: 2024-03-03}
  - {id: o3, published: 2024-03-04, kind: observation, event: pact, onset_from: 2024-03-02}
  - id: l1
    published: 2024-03-05
    kind: likelihood_ratio
    event: clause
    likelihood_ratio: "x2 [1.2, 4]"
    check:
"""

HEAD = "id,published,kind,event,source,claim,text"


def write(folder: Path, text: str, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_a_csv_file_holds_one_item_a_row(tmp_path: Path) -> None:
    evidence = read_evidence(write(tmp_path, CSV))
    assert [item.id for item in evidence] == ["r1", "r2", "o1", "o2", "o3", "l1"]
    first, second = evidence.item("r1"), evidence.item("r2")
    assert isinstance(first, Report)
    assert first.published == date(2024, 3, 1)
    assert first.text == "Troops, it says,\nhave crossed"
    assert (first.credibility, first.check, first.derived_from) == (1.0, None, ())
    assert isinstance(second, Report)
    assert (second.credibility, second.check, second.derived_from) == (0.8, 0.2, ("r1", "r0"))
    assert second.is_prediction
    assert second.recorded == date(2024, 3, 5)
    states = [evidence.item(name) for name in ("o1", "o2", "o3")]
    assert [o.onset for o in states if isinstance(o, Observation)] == [
        None,
        (date(2024, 3, 1), date(2024, 3, 3)),
        (date(2024, 3, 2), date(2024, 3, 2)),
    ]
    ratio = evidence.item("l1")
    assert isinstance(ratio, LikelihoodRatio)
    assert str(ratio.likelihood_ratio) == "x2 [1.2, 4]"


def test_yaml_says_the_same_in_the_same_fields(tmp_path: Path) -> None:
    table = read_evidence(write(tmp_path, CSV))
    assert read_evidence(write(tmp_path, YAML, "items.yaml")) == table


def test_items_know_the_true_line_on_which_they_begin(tmp_path: Path) -> None:
    path = write(tmp_path, CSV)
    lines = {name: place.line for name, place in read_evidence(path).places.items()}
    assert lines == {"r1": 2, "r2": 4, "o1": 6, "o2": 7, "o3": 8, "l1": 9}
    other = write(tmp_path, YAML, "items.yml")
    places = read_evidence(other).places
    assert places["r2"] == Place(str(other), 10)
    assert places["l1"].line == 17


def test_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    plain = read_evidence(write(tmp_path, f"{HEAD}\nr1,2024-03-01,report,a,b,on,\n"))
    windows = f"\ufeff{HEAD}\nr1,2024-03-01,report,a,b,on,\n".replace("\n", "\r\n")
    assert read_evidence(write(tmp_path, windows)) == plain


def test_columns_stand_in_any_order_and_only_four_are_needed(tmp_path: Path) -> None:
    text = "event,kind,state,published,id\npact,observation,off,2024-03-01,o1\n"
    assert len(read_evidence(write(tmp_path, text))) == 1


def test_a_file_with_a_header_alone_holds_nothing(tmp_path: Path) -> None:
    assert len(read_evidence(write(tmp_path, f"{HEAD}\n"))) == 0


def test_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    text = '  =SUM(A1), ${HOME} {{x}} &amp; <b> \u202e "" '
    quoted = text.replace('"', '""')
    path = write(tmp_path, f'{HEAD}\nr1,2024-03-01,report,a,b,on,"{quoted}"\n')
    assert read_evidence(path).item("r1").text == text


@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=4))
def test_any_text_that_a_spreadsheet_writes_comes_back(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("evidence") / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(HEAD.split(","))
        table.writerows(
            [f"r{number}", "2024-03-01", "report", "a", "b", "on", text]
            for number, text in enumerate(texts)
        )
    evidence = read_evidence(path)
    read = [evidence.item(f"r{number}").text for number in range(len(texts))]
    assert read == [text if text.strip() else "" for text in texts]


def test_a_folder_stands_for_its_files_of_evidence(tmp_path: Path) -> None:
    row = "2024-03-01,report,a,b,on,\n"
    write(tmp_path, f"{HEAD}\nr1,{row}", "a.csv")
    write(tmp_path, f"{HEAD}\nr2,{row}", "b.CSV")
    write(tmp_path, YAML.replace("id: r", "id: y"), "c.yml")
    for name in ("resolutions.csv", ".hidden.csv", "README.md", "notes.csv.bak"):
        write(tmp_path, "not,evidence\n", name)
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", "not,evidence\n", "d.csv")
    with pytest.warns(UserWarning, match=r"notes\.csv\.bak"):
        evidence = read_evidence(tmp_path)
    assert {item.id for item in evidence} == {"r1", "r2", "y1", "y2", "o1", "o2", "o3", "l1"}


def test_an_empty_folder_holds_no_evidence(tmp_path: Path) -> None:
    assert len(read_evidence(tmp_path)) == 0


def test_several_files_and_folders_are_read_together_and_each_once(tmp_path: Path) -> None:
    one = write(tmp_path, f"{HEAD}\nr1,2024-03-01,report,a,b,on,\n", "a.csv")
    two = write(tmp_path, f"{HEAD}\nr2,2024-03-01,report,a,b,on,\n", "b.csv")
    assert len(read_evidence([one, str(two)])) == 2
    assert len(read_evidence([tmp_path, one])) == 2


def test_every_field_of_every_kind_has_its_column() -> None:
    fields = {field for kind in KINDS.values() for field in kind.model_fields}
    in_other_columns = {"onset", "more_events"}  # the days of one, and the rest of `event`
    assert (fields - in_other_columns) | {"onset_from", "onset_to"} == set(COLUMNS)


SEVERAL_CSV = """\
id,published,kind,event,source,claim,onset_from,onset_to,watched_from,watched_to
d,2024-10-20,report,troops,reuters,on,2024-10-08,2024-10-13,,
e,2024-10-21,report,troops,reuters,off,2024-10-08,,,
q,2024-10-31,silence,troops; pact;war,afp,,,,2024-10-01,2024-10-31
one,2024-10-31,silence,troops;,afp,,,,2024-10-01,2024-10-31
"""
SEVERAL_YAML = """\
items:
  - {id: d, published: 2024-10-20, kind: report, event: troops, source: reuters, claim: on,
     onset_from: 2024-10-08, onset_to: 2024-10-13}
  - {id: e, published: 2024-10-21, kind: report, event: troops, source: reuters, claim: off,
     onset_from: 2024-10-08}
  - {id: q, published: 2024-10-31, kind: silence, event: [troops, pact, war], source: afp,
     watched_from: 2024-10-01, watched_to: 2024-10-31}
  - {id: one, published: 2024-10-31, kind: silence, event: "troops;", source: afp,
     watched_from: 2024-10-01, watched_to: 2024-10-31}
"""


def test_both_forms_hold_dated_reports_and_silences_on_several_events(tmp_path: Path) -> None:
    record = read_evidence(write(tmp_path, SEVERAL_CSV))
    assert record == read_evidence(write(tmp_path, SEVERAL_YAML, "items.yaml"))
    first, second = record.item("d"), record.item("e")
    assert isinstance(first, Report)
    assert first.onset == (date(2024, 10, 8), date(2024, 10, 13))
    assert isinstance(second, Report)
    assert second.onset == (date(2024, 10, 8), date(2024, 10, 8))
    assert record.item("q").events == ("troops", "pact", "war")
    assert record.item("one").events == ("troops",)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        read_evidence(tmp_path / "missing.csv")


def test_every_path_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    bad = write(tmp_path, "id\n")
    with pytest.raises(InputError, match="there is no such file or folder") as raised:
        read_evidence([tmp_path / "missing", tmp_path / ("x" * 5_000), bad])
    assert len(raised.value.faults) == 3


def test_reading_evidence_needs_no_heavy_package() -> None:
    code = (
        "import sys, forecast.files._evidence_file, forecast.files._workspace_file;"
        "print([m for m in ('pandas', 'pymc', 'pytensor', 'numba', 'xarray') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
