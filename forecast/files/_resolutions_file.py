"""Resolutions from a CSV file, one question per row."""

from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Resolution, Resolutions
from forecast.files._asked_rows import scan_rows

RESOLUTIONS_FILE = "resolutions.csv"
"""A file of this name in a folder of evidence is not evidence."""

COLUMNS = tuple(Resolution.model_fields)
REQUIRED = ("id", "event", "deadline", "outcome")
FREE_TEXT = ("left_out", "question", "source", "citation", "notes")


def read_resolutions(path: str | Path) -> Resolutions:
    """Return how questions came out, from a CSV file, or from ``resolutions.csv`` in a folder.

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
    resolutions, faults = scan_resolutions(file / RESOLUTIONS_FILE if file.is_dir() else file)
    if faults:
        raise InputError(faults)
    return resolutions


def scan_resolutions(path: Path) -> tuple[Resolutions, tuple[Fault, ...]]:
    """Return the sound resolutions of a file, and the faults of the rest."""
    return scan_rows(
        path,
        Resolutions,
        lambda cells: Resolution(**cells),
        columns=COLUMNS,
        required=REQUIRED,
        free_text=FREE_TEXT,
    )
