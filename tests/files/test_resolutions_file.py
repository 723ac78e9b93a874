"""Resolutions from CSV: what is read, and every fault with its line."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.files._resolutions_file import COLUMNS, read_resolutions

HEAD = "id,event,deadline,outcome,resolved,left_out"


def write(folder: Path, *rows: str) -> Path:
    file = folder / "resolutions.csv"
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return file


def test_questions_are_read_from_a_file_or_from_its_folder(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "q1,pact,2024-12-31,yes,2024-10-18,",
        "q2,pact,2024-06-30,no,,",
        "q3,pact,2024-12-31,no,,asks about something else",
        "q4,pact,2024-12-31,annulled,,",
    )
    found = read_resolutions(file)
    assert found == read_resolutions(tmp_path)
    assert [each.id for each in found.scored] == ["q2", "q1"]
    assert found.places["q3"] == (str(file), 4)
    early, no = found.scored[1], found.scored[0]
    assert (early.closed.isoformat(), no.closed) == ("2024-10-19T00:00:00+00:00", no.by)


def test_an_answer_known_after_the_deadline_closes_with_it(tmp_path: Path) -> None:
    (each,) = read_resolutions(write(tmp_path, "q1,pact,2024-12-31,yes,2025-04-26,"))
    assert each.closed == each.by


def test_all_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        "q1,pact,2024-12-31,yes,,",
        "q2,Pact,2024-13-01,perhaps,,",
        "q3,pact,,no,,",
        "q4,pact,2024-12-31,no,,",
        "q4,troops,2024-12-31,no,,",
        "q5,pact,2024-12-31,no,,",
    )
    with pytest.raises(InputError) as raised:
        read_resolutions(tmp_path)
    told = [(fault.line, fault.field) for fault in raised.value.faults]
    assert told == [
        (2, "resolution 'q1': resolved"),
        (3, "resolution 'q2': event"),
        (3, "resolution 'q2': deadline"),
        (3, "resolution 'q2': outcome"),
        (4, "resolution 'q3': deadline"),
        (6, "resolution 'q4': id"),
        (7, "resolution 'q5': deadline"),
    ]
    assert "'q4'" in str(raised.value)
    assert all(fault.file.endswith("resolutions.csv") for fault in raised.value.faults)


def test_a_column_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "resolutions.csv"
    file.write_text("id,event,deadline,outcme\nq1,pact,2024-12-31,no\n")
    with pytest.raises(InputError, match="Did you mean 'outcome'"):
        read_resolutions(file)


CELLS = st.one_of(
    st.sampled_from(["q1", "pact", "2024-12-31", "yes", "no", "annulled", "9999-12-31", ""]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12),
)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=11), max_size=4), st.booleans())
def test_any_cells_are_read_or_refused_by_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], headed: bool
) -> None:
    file = tmp_path_factory.mktemp("cells") / "resolutions.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows] if headed else rows)
    try:
        found = read_resolutions(file)
    except InputError as error:
        assert all(fault.file == str(file) for fault in error.faults)  # noqa: PT017
    else:
        assert len(found) <= len(rows)
