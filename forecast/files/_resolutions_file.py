"""Resolutions from a table, one question per row."""

from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Resolution, Resolutions
from forecast.files import _cell_forms as forms
from forecast.files._asked_rows import file_in, scan_rows, tell
from forecast.files._table_file import TABLES, Layout
from forecast.network._units import UNIT, in_unit

RESOLUTIONS_FILE = "resolutions.csv"
"""A file of this name, or a table in another form, in a folder of evidence is not evidence."""

COLUMNS = tuple(Resolution.model_fields)
REQUIRED = ("id", "event", "deadline", "outcome")
LAYOUT = Layout(
    (*COLUMNS, UNIT),
    REQUIRED,
    {
        **dict.fromkeys(("deadline", "resolved"), forms.day),
        "outcome": forms.one_of(forms.YES_NO),
    },
)
FREE_TEXT = ("left_out", "question", "source", "citation", "notes")


def read_resolutions(path: str | Path) -> Resolutions:
    """Return how questions came out, from a table, or from ``resolutions.csv`` in a folder.

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
    resolutions, faults, told = scan_resolutions(file_in(file, RESOLUTIONS_FILE))
    if faults:
        raise InputError(faults)
    tell(told)
    return resolutions


def is_resolutions(path: Path) -> bool:
    """Return whether a file holds resolutions, by its name."""
    return path.stem == Path(RESOLUTIONS_FILE).stem and path.suffix.lower() in TABLES


def scan_resolutions(path: Path) -> tuple[Resolutions, tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the sound resolutions of a file, the faults of the rest, and remarks on its form."""
    return scan_rows(
        path,
        Resolutions,
        lambda cells: Resolution(**in_unit(cells)),
        layout=LAYOUT,
        free_text=FREE_TEXT,
    )
