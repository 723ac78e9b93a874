"""Questions from a table, one question a row, or from YAML, one mapping each under `questions`."""

import re
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Question, Questions, Resolutions
from forecast.files import _cell_forms as forms
from forecast.files._asked_rows import YAML, Cells, file_in, scan_rows, tell
from forecast.files._resolutions_file import is_resolutions, scan_resolutions
from forecast.files._table_file import TABLES, Layout
from forecast.network._units import UNIT, in_unit

QUESTIONS_FILE = "questions.csv"
"""A file of this name in a workspace's folder holds its questions; it may have another form."""
FORMS = (*TABLES, *YAML)

COLUMNS = tuple(Question.model_fields)
REQUIRED = ("id", "event", "deadline")
LAYOUT = Layout(
    (*COLUMNS, UNIT),
    REQUIRED,
    {**dict.fromkeys(("deadline", "opened", "resolved"), forms.day), "outcome": forms.answer},
)
FREE_TEXT = ("wording", "source", "url", "left_out", "notes")

_SHARE = re.compile(r"\d*\.\d+")  # 0.4; a per cent is read with its sign


def read_questions(path: str | Path) -> Questions:
    """Return the questions of a ``questions.csv``, answered and open.

    A ``resolutions.csv`` is read too: its rows are questions that have an answer. A folder stands
    for the ``questions.csv`` in it, or ``.tsv``, ``.xlsx``, ``.ods``, ``.yaml``. A `UserWarning`
    tells what is read otherwise than it is written.

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
    questions, faults, told = scan_questions(file_in(file, QUESTIONS_FILE, FORMS))
    if faults:
        raise InputError(faults)
    tell(told)
    return questions


def scan_questions(path: Path) -> tuple[Questions, tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the sound questions of a file, the faults of the rest, and remarks on its form."""
    if is_resolutions(path):
        resolutions, wrong, told = scan_resolutions(path)
        return answered(resolutions), wrong, told
    return scan_rows(path, Questions, _read, layout=LAYOUT, free_text=FREE_TEXT)


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


def _read(cells: Cells) -> Question:
    told = {name: cell for name, cell in cells.items() if cell or name in REQUIRED}
    if _SHARE.fullmatch(told.get("outcome", "")):
        told["outcome"] = float(told["outcome"])
    return Question(**in_unit(told))
