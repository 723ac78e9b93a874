"""The tables of a panel: its units, one a row, and which of them are neighbours."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Place
from forecast.files._asked_rows import placed_at
from forecast.files._table_file import Layout, Table, read_table
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._panel import UnitRow, own_numbers, panel_network
from forecast.network._units import UNIT, Unit, unit_fault

UNITS, NEIGHBOURS = "units", "neighbours"
"""The keys of a network file that name the tables."""
ABOUT = (UNIT, "title", "group", "notes")
PAIR = (UNIT, "neighbour")


def read_panel(
    path: Path, stated: Network, tables: dict[str, str], across: Sequence[Link]
) -> Network:
    """Return the network of all units of a panel.

    Parameters
    ----------
    path
        The network file, from whose folder the tables are named.
    stated
        What it states of each unit.
    tables
        The files, by `UNITS` and `NEIGHBOURS`.
    across
        The links across units.

    Raises
    ------
    InputError
        With every fault of the tables, with file, line and column; those of links across units
        have a field alone.
    """
    faults: list[Fault] = []
    read: dict[str, Table] = {}
    layouts = {
        UNITS: Layout((*ABOUT, *own_numbers(stated)), (UNIT,), {}),
        NEIGHBOURS: Layout(PAIR, PAIR, {}),
    }
    for key, name in tables.items():
        try:
            read[key] = read_table(_inside(path, key, name), layouts[key])
        except InputError as error:
            faults += error.faults
            continue
        faults += read[key].faults
    places: dict[str, Place] = {}
    rows = []
    for row in read[UNITS].rows if UNITS in read else ():
        about = {name: cell.strip() for name, cell in row.cells.items()}
        own = {name: cell for name, cell in about.items() if name not in ABOUT}
        named = f"unit '{about.get(UNIT, '')}'"
        wrong = unit_fault(about.get(UNIT, ""))
        if wrong is not None:
            faults.append(placed_at(wrong, Place(row.file, row.line), named))
            continue
        unit = Unit(id=about[UNIT], title=about.get("title", ""), group=about.get("group", ""))
        again = unit.id in places
        places[f"{unit.id} again" if again else unit.id] = Place(row.file, row.line)
        rows.append(UnitRow(unit, own))
    pairs, near = [], dict[tuple[str, str], Place]()
    for row in read[NEIGHBOURS].rows if NEIGHBOURS in read else ():
        pair = row.cells.get(UNIT, "").strip(), row.cells.get("neighbour", "").strip()
        near[pair] = Place(row.file, row.line)
        pairs.append(pair)
    if faults and (UNITS not in read or not rows):
        raise InputError(faults)
    try:
        made = panel_network(stated, rows, pairs, across)
    except InputError as error:
        faults += [_placed(fault, places, near) for fault in error.faults]
        made = None
    if faults or made is None:
        raise InputError(list(dict.fromkeys(faults)))
    return made


def _inside(path: Path, key: str, name: object) -> Path:
    """Return the file that a key names, beside the network file."""
    if not isinstance(name, str) or not name:
        remedy = f"Write the name of a table beside this file, such as '{key}: {key}.csv'."
        raise InputError(Fault("is no file's name", remedy, str(path), field=key, value=str(name)))
    folder = path.parent.resolve()
    file = path.parent / name
    if not file.resolve().is_relative_to(folder):
        remedy = "Keep the table in the network file's folder."
        problem = "lies outside the network file's folder"
        raise InputError(Fault(problem, remedy, str(path), field=key, value=name))
    if not file.is_file():
        remedy = "Check the name: the file lies beside the network file."
        raise InputError(Fault("there is no such file", remedy, str(path), field=key, value=name))
    return file


def _placed(fault: Fault, places: dict[str, Place], near: dict[tuple[str, str], Place]) -> Fault:
    """Return a fault of a unit, or of a pair, with its file and line."""
    unit, colon, column = fault.field.partition(": ")
    if not colon:
        return fault
    if column == "neighbour" or unit not in places:
        found: Iterable[Place] = (
            at for pair, at in near.items() if pair[0] == unit and fault.value in ("", *pair)
        )
    else:
        twice = "twice" in fault.problem
        found = [places.get(f"{unit} again", places[unit]) if twice else places[unit]]
    place = next(iter(found), Place())
    return replace(fault, file=place.file, line=place.line, field=f"unit '{unit}': {column}")
