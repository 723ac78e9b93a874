"""Resolutions from a CSV file, one question per row."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError
from forecast.evidence import Place, Resolution, Resolutions
from forecast.files._csv_reader import Row, read_csv

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
    try:
        rows, faults = read_csv(path, columns=COLUMNS, required=REQUIRED)
    except InputError as error:
        return Resolutions(), error.faults
    found: list[Resolution] = []
    places: dict[str, Place] = {}
    for row in rows:
        place = Place(str(path), row.line)
        try:
            each = Resolution(**_fields(row.cells))
        except InputError as error:
            faults += (_at(fault, place, row) for fault in error.faults)
            continue
        if each.id in places:
            first = places[each.id].line
            problem = f"another resolution, in line {first}, has the same id"
            faults.append(_at(Fault(problem, "Rename one.", field="id", value=each.id), place, row))
            continue
        places[each.id] = place
        found.append(each)
    try:
        resolutions = Resolutions(found, places=places)
    except InputError as error:
        resolutions, faults = Resolutions(), [*faults, *error.faults]
    return resolutions, tuple(sorted(faults, key=lambda fault: fault.line))


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    missing = dict.fromkeys(REQUIRED, "")
    filled = {name: cell if name in FREE_TEXT else cell.strip() for name, cell in cells.items()}
    return missing | filled


def _at(fault: Fault, place: Place, row: Row) -> Fault:
    name = row.cells.get("id", "").strip()[:64]
    return placed_at(fault, place, f"resolution '{name}'" if name else "resolution without id")


def placed_at(fault: Fault, place: Place, name: str) -> Fault:
    """Return a fault with its file and line, its field after the name of what it belongs to."""
    field = f"{name}: {fault.field}" if fault.field else name
    return replace(fault, file=place.file, line=place.line, field=field)
