"""Rows of a table that ask whether an event is on by a deadline: questions and resolutions."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Place
from forecast.evidence._asked import Asked, AskedList
from forecast.files._limits import too_many, unjudged
from forecast.files._table_file import TABLES, Layout, Row, Table, read_table
from forecast.files._yaml_reader import scan_list

type Cells = dict[str, Any]

YAML = (".yaml", ".yml")
WORDS = {True: "yes", False: "no"}


def scan_rows[One: Asked, Listed: AskedList[Any]](
    path: Path,
    listed: type[Listed],
    read: Callable[[Cells], One],
    *,
    layout: Layout,
    free_text: Sequence[str],
) -> tuple[Listed, tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the sound rows of a file as a list, the faults of the rest, and remarks on its form.

    Parameters
    ----------
    path
        The file.
    listed
        The list that they become.
    read
        Makes one of the cells of a row, blanks around them taken off; refuses with an `InputError`.
    layout
        The columns.
    free_text
        Those whose blanks stay.
    """
    noun = listed.noun
    try:
        table = (
            _in_yaml(path, layout, noun)
            if path.suffix.lower() in YAML
            else read_table(path, layout)
        )
    except InputError as error:
        return listed((), places=None), error.faults, ()
    faults = list(table.faults)
    found: list[One] = []
    places: dict[str, Place] = {}
    for row in table.rows:
        if too_many(faults):
            faults.append(unjudged(row.file, row.line))
            break
        place, name = Place(row.file, row.line), row.cells.get("id", "").strip()[:64]
        named = f"{noun} '{name}'" if name else f"{noun} without id"
        cells: Cells = {
            name: cell if name in free_text else cell.strip() for name, cell in row.cells.items()
        }
        try:
            each = read(dict.fromkeys(layout.required, "") | cells)
            wrong = list(row.faults)
        except InputError as error:
            # A cell that could not be read is not missing as well.
            known = {fault.field for fault in row.faults}
            wrong = [*row.faults, *(each for each in error.faults if each.field not in known)]
        if wrong:
            faults += (placed_at(fault, place, named) for fault in wrong)
            continue
        if each.id in places:
            first = places[each.id]
            where = f"line {first.line}" if first.file == row.file else f"{first.file}:{first.line}"
            problem = f"another {noun}, in {where}, has the same id"
            fault = Fault(problem, "Rename one.", field="id", value=each.id)
            faults.append(placed_at(fault, place, named))
            continue
        places[each.id] = place
        found.append(each)
    try:
        whole = listed(found, places=places)
    except InputError as error:
        whole, faults = listed((), places=None), [*faults, *error.faults]
    faults.sort(key=lambda fault: (fault.file, fault.line))
    return whole, tuple(faults), tuple(table.told)


def _in_yaml(path: Path, layout: Layout, noun: str) -> Table:
    """Return the entries of a YAML file as the rows of a table, each field as it is written."""
    key = f"{noun}s"
    located, entries, faults = scan_list(path, key, noun)
    table = Table(faults=faults)
    for number, entry in enumerate(entries):
        line = located.line_of((key, number))
        if not isinstance(entry, dict):
            remedy = "Write its fields as 'field: value'."
            fault = Fault(f"a {noun} is a mapping", remedy, field=f"{key}.{number}")
            table.faults.append(replace(fault, file=str(path), line=line))
            continue
        wrong, cells = [], {}
        for name, value in entry.items():
            if name not in layout.columns:
                remedy = did_you_mean(name, layout.columns)
                wrong.append(Fault("unknown field", remedy, field=name))
            elif isinstance(value, list | dict):
                wrong.append(Fault("is one value, no list", "Write it as text.", field=name))
            elif value is not None:
                cells[name] = (
                    WORDS.get(value, str(value)) if isinstance(value, bool) else str(value)
                )
        table.rows.append(Row(str(path), line, cells, tuple(wrong)))
    return table


def file_in(path: Path, name: str, suffixes: Sequence[str] = TABLES) -> Path:
    """Return a file itself, or for a folder the one in it of this name, whatever its form.

    Raises
    ------
    InputError
        If there are several.
    """
    if not path.is_dir():
        return path
    stem = Path(name).stem
    found = [path / f"{stem}{suffix}" for suffix in suffixes if (path / f"{stem}{suffix}").exists()]
    if len(found) > 1:
        names = " and ".join(each.name for each in found)
        remedy = f"Keep one, such as {name}."
        raise InputError(Fault(f"there are several files of them: {names}", remedy, str(found[1])))
    return found[0] if found else path / name


def tell(remarks: Iterable[Fault]) -> None:
    """Warn a caller in Python of how files were read, once."""
    told = "\n".join(str(remark) for remark in remarks)
    if told:
        warnings.warn(told, UserWarning, stacklevel=3)


def placed_at(fault: Fault, place: Place, name: str) -> Fault:
    """Return a fault with its file and line, its field after the name of what it belongs to."""
    field = f"{name}: {fault.field}" if fault.field else name
    return replace(fault, file=place.file, line=place.line, field=field)
