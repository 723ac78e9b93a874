"""Rows of a CSV file that ask whether an event is on by a deadline: questions and resolutions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError
from forecast.evidence import Place
from forecast.evidence._asked import Asked, AskedList
from forecast.files._csv_reader import read_csv

type Cells = dict[str, Any]


def scan_rows[One: Asked, Listed: AskedList[Any]](
    path: Path,
    listed: type[Listed],
    read: Callable[[Cells], One],
    *,
    columns: Sequence[str],
    required: Sequence[str],
    free_text: Sequence[str],
) -> tuple[Listed, tuple[Fault, ...]]:
    """Return the sound rows of a file as a list of them, and the faults of the rest.

    Parameters
    ----------
    path
        The file.
    listed
        The list that they become.
    read
        Makes one of the cells of a row, blanks around them taken off; refuses with an `InputError`.
    columns, required, free_text
        The names of all columns, of those that no row may lack, and of those whose blanks stay.
    """
    noun = listed.noun
    try:
        rows, faults = read_csv(path, columns=columns, required=required)
    except InputError as error:
        return listed((), places=None), error.faults
    found: list[One] = []
    places: dict[str, Place] = {}
    for row in rows:
        place, name = Place(str(path), row.line), row.cells.get("id", "").strip()[:64]
        named = f"{noun} '{name}'" if name else f"{noun} without id"
        cells: Cells = {
            name: cell if name in free_text else cell.strip() for name, cell in row.cells.items()
        }
        try:
            each = read(dict.fromkeys(required, "") | cells)
        except InputError as error:
            faults += (placed_at(fault, place, named) for fault in error.faults)
            continue
        if each.id in places:
            problem = f"another {noun}, in line {places[each.id].line}, has the same id"
            fault = Fault(problem, "Rename one.", field="id", value=each.id)
            faults.append(placed_at(fault, place, named))
            continue
        places[each.id] = place
        found.append(each)
    try:
        whole = listed(found, places=places)
    except InputError as error:
        whole, faults = listed((), places=None), [*faults, *error.faults]
    return whole, tuple(sorted(faults, key=lambda fault: fault.line))


def placed_at(fault: Fault, place: Place, name: str) -> Fault:
    """Return a fault with its file and line, its field after the name of what it belongs to."""
    field = f"{name}: {fault.field}" if fault.field else name
    return replace(fault, file=place.file, line=place.line, field=field)
