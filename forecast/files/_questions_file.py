"""Questions from a CSV or YAML file, one question a row."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError
from forecast.evidence import Place, Question, Questions, Resolutions
from forecast.files._csv_reader import read_csv
from forecast.files._resolutions_file import RESOLUTIONS_FILE, placed_at, scan_resolutions

QUESTIONS_FILE = "questions.csv"
"""A file of this name in a workspace's folder holds its questions."""

COLUMNS = tuple(Question.model_fields)
REQUIRED = ("id", "event", "deadline")
FREE_TEXT = ("wording", "source", "url", "left_out", "notes")

_SHARE = re.compile(r"\d*\.\d+")  # 0.4; a per cent is read with its sign


def read_questions(path: str | Path) -> Questions:
    """Return the questions of a ``questions.csv``, answered and open.

    A ``resolutions.csv`` is read too: its rows are questions that have an answer. A folder stands
    for the ``questions.csv`` in it.

    Parameters
    ----------
    path
        The file or the folder.

    Raises
    ------
    InputError
        With every fault of the file: form, unknown columns, bad values, repeated ids, or one event
        and deadline asked twice.
    """
    file = Path(path)
    questions, faults = scan_questions(file / QUESTIONS_FILE if file.is_dir() else file)
    if faults:
        raise InputError(faults)
    return questions


def scan_questions(path: Path) -> tuple[Questions, tuple[Fault, ...]]:
    """Return the sound questions of a file, and the faults of the rest."""
    if path.name == RESOLUTIONS_FILE:
        resolutions, wrong = scan_resolutions(path)
        return answered(resolutions), wrong
    try:
        rows, faults = read_csv(path, columns=COLUMNS, required=REQUIRED)
    except InputError as error:
        return Questions(), error.faults
    found: list[Question] = []
    places: dict[str, Place] = {}
    for row in rows:
        place = Place(str(path), row.line)
        name = row.cells.get("id", "").strip()[:64]
        named = f"question '{name}'" if name else "question without id"
        try:
            each = Question(**_fields(row.cells))
        except InputError as error:
            faults += (placed_at(fault, place, named) for fault in error.faults)
            continue
        if each.id in places:
            problem = f"another question, in line {places[each.id].line}, has the same id"
            fault = Fault(problem, "Rename one.", field="id", value=each.id)
            faults.append(placed_at(fault, place, named))
            continue
        places[each.id] = place
        found.append(each)
    try:
        questions = Questions(found, places=places)
    except InputError as error:
        questions, faults = Questions(), [*faults, *error.faults]
    return questions, tuple(sorted(faults, key=lambda fault: fault.line))


def answered(resolutions: Resolutions) -> Questions:
    """Return resolutions as questions that have an answer."""
    return Questions(
        (
            Question(
                **{name: getattr(each, name) for name in SAME},
                wording=each.question,
                url=each.citation,
            )
            for each in resolutions
        ),
        places=resolutions.places,
    )


SAME = (
    "id", "event", "deadline", "outcome", "resolved", "cluster", "left_out", "source", "notes",
)  # fmt: skip


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    missing = dict.fromkeys(REQUIRED, "")
    filled = {name: cell if name in FREE_TEXT else cell.strip() for name, cell in cells.items()}
    told = {name: cell for name, cell in filled.items() if cell or name in REQUIRED}
    share = {"outcome": float(told["outcome"])} if _SHARE.fullmatch(told.get("outcome", "")) else {}
    return missing | told | share
