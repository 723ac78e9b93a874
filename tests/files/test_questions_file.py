"""Questions from files: read as written, faults by line."""

from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._questions_file import read_questions

HEAD = "id,event,deadline,opened,wording,source,cluster,url,outcome,resolved,notes\n"


def written(folder: Path, text: str, name: str = "questions.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_questions_open_and_answered_are_read(tmp_path: Path) -> None:
    written(
        tmp_path,
        HEAD
        + 'q2,pact,2024-12-31,2024-02-01,"Signed, in 2024?",UN,pacts,https://example.org/2,,,\n'
        + "q1,troops.confirmed,2024-06-30,,,,,,40%,2024-06-20,late\n",
    )
    first, second = read_questions(tmp_path)
    assert (first.id, first.outcome, first.notes) == ("q1", 0.4, "late")
    assert (second.id, second.wording, second.outcome) == ("q2", "Signed, in 2024?", None)
    assert second.together == "pacts"


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEAD
        + "q1,pact,soon,,,,,,,,\n"
        + "q2,,2024-12-31,,,,,,maybe,2024-12-01,\n"
        + "q3,pact,2024-12-31,,,,,,,,\n"
        + "q3,pact,2024-11-30,,,,,,,,\n",
    )
    with pytest.raises(InputError) as caught:
        read_questions(path)
    told = str(caught.value)
    for place in (f"{path}:2", f"{path}:3", f"{path}:5"):
        assert place in told
    for words in ("deadline", "question 'q2': event", "is no answer", "has the same id"):
        assert words in told


def test_a_file_of_resolutions_is_read_as_questions(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "id,event,deadline,outcome,resolved,question,citation\n"
        "r1,pact,2024-12-31,yes,2024-10-18,Will it?,The Times\n",
        "resolutions.csv",
    )
    (found,) = read_questions(path)
    assert (found.outcome, found.wording, found.url) == ("yes", "Will it?", "The Times")


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wordings"):
        read_questions(written(tmp_path, "id,event,deadline,wordings\nq,pact,2024-12-31,x\n"))


AS_YAML = """\
questions:
  - id: q1
    event: pact
    deadline: 2024-12-31
    wording: "Will there be a pact?"
    outcome: 0.4
    resolved: 2025-01-02
  - id: q2
    event: war
    deadline: 2024-12-31
    opened: 2024-07-01
    outcome: false
    resolved: 2025-01-01
"""
AS_CSV = """\
id,event,deadline,opened,wording,outcome,resolved
q1,pact,2024-12-31,,Will there be a pact?,0.4,2025-01-02
q2,war,2024-12-31,2024-07-01,,no,2025-01-01
"""


def test_questions_in_yaml_are_those_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "questions.yaml").write_text(AS_YAML)
    (tmp_path / "other.csv").write_text(AS_CSV)
    assert list(read_questions(tmp_path)) == list(read_questions(tmp_path / "other.csv"))


def test_faults_of_questions_in_yaml_name_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text(
        AS_YAML.replace("wording:", "wordings:").replace("2024-07-01", "July")
        + "  - q3\n  - {id: q1, event: pact, deadline: [2025-01-01]}\nnotes: none\n"
    )
    with pytest.raises(InputError) as caught:
        read_questions(file)
    told = [(fault.line, fault.field) for fault in caught.value.faults]
    assert told == [
        (2, "question 'q1': wordings"),
        (8, "question 'q2': opened"),
        (14, "questions.2"),
        (15, "question 'q1': deadline"),
        (16, "notes"),
    ]


def test_what_opens_after_its_deadline_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "q1,pact,2024-06-30,2024-07-02,,,,,,,\n")
    with pytest.raises(InputError) as told:
        read_questions(path)
    (fault,) = told.value.faults
    assert (fault.file, fault.line, fault.value) == (str(path), 2, "2024-07-02")
    assert fault.field == "question 'q1': opened"


def test_two_files_of_questions_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "questions.yaml").write_text(AS_YAML)
    (tmp_path / "questions.csv").write_text(AS_CSV)
    with pytest.raises(InputError, match=r"several files of them: questions\.csv and questions\.y"):
        read_questions(tmp_path)
