"""Evidence from files: tables, one item per row, or YAML, one item per mapping under `items`.

Both have the same fields; an empty cell is an absent field. A file with a fault is refused as a
whole, with every fault of every file at once.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from forecast.errors import Fault, InputError
from forecast.evidence import KINDS, Evidence, Item, Place
from forecast.evidence._faults import Named, named_in
from forecast.evidence._fields import (
    DAYS,
    LISTS,
    NUMBERS,
    READ,
    REQUIRED,
    WHOLE_NUMBERS,
    cell_values,
    events_in,
    item_of,
    label_of,
    names_in,
)
from forecast.files import _cell_forms as forms
from forecast.files._asked_rows import placed_at, tell
from forecast.files._limits import most, too_many, unjudged
from forecast.files._resolutions_file import is_resolutions
from forecast.files._table_file import TABLES, Layout, is_table, read_table
from forecast.files._yaml_reader import Located, scan_list

SUFFIXES = (*TABLES, ".yaml", ".yml")
NO_EVIDENCE = ("readme", "license", "licence", "copying", "notice")
"""Beginnings of the names of files that nobody takes for evidence."""
MAX_TOTAL_BYTES = most("evidence", "bytes")
SHOWN = 12

TRUTHS = ("claim", "state")
"""What may be True or False, in a spreadsheet or in Python."""
LAYOUT = Layout(
    READ,
    REQUIRED,
    {
        **dict.fromkeys(DAYS, forms.day),
        **dict.fromkeys(WHOLE_NUMBERS, forms.whole),
        **dict.fromkeys(NUMBERS, forms.share),
        **dict.fromkeys(("likelihood_ratio", "hazard_ratio"), forms.stated),
        **dict.fromkeys(TRUTHS, forms.one_of(forms.ON_OFF)),
        "kind": forms.one_of({kind: kind for kind in KINDS}),
    },
)

type Placed = list[tuple[Item, Place]]


def read_evidence(path: str | Path | Iterable[str | Path]) -> Evidence:
    """Return the evidence in a file, in several, or in a folder.

    Notes
    -----
    A folder means its ``.csv``, ``.tsv``, ``.xlsx``, ``.ods``, ``.yaml`` and ``.yml`` files, except
    those in subfolders, hidden ones, and those called ``resolutions``. A table may have 10 MB and
    100,000 rows, a YAML file 1 MB, all together 20 MB. Text is never interpreted. A `UserWarning`
    tells what is read otherwise than it is written, such as ``12.0`` as 12, and which files of a
    folder are not read.

    Parameters
    ----------
    path
        A file or a folder, or several of them.

    Raises
    ------
    InputError
        With every fault of every file: form, unknown columns, bad values, repeated ids.
    """
    found = scan_evidence(path)
    if found.faults:
        raise InputError(found.faults)
    tell(found.told)
    return found.evidence


class Scan(NamedTuple):
    """What is in files of evidence.

    Parameters
    ----------
    evidence
        The sound items; of one id the first.
    faults
        Those of the rest.
    told
        Remarks on what is read otherwise than it is written, or not at all.
    named
        What the items name that are not sound.
    """

    evidence: Evidence
    faults: tuple[Fault, ...]
    told: tuple[Fault, ...]
    named: tuple[Named, ...]


def scan_evidence(path: str | Path | Iterable[str | Path]) -> Scan:
    """Return what is in files of evidence, sound or not."""
    several = [path] if isinstance(path, str | Path) else list(path)
    items: Placed = []
    faults: list[Fault] = []
    told: list[Fault] = []
    named: list[Named] = []
    files: dict[Path, None] = {}
    for one in several:
        try:
            files |= dict.fromkeys(_files(Path(one), told))
        except (OSError, ValueError) as error:
            remedy = "Check the path and its permissions."
            faults.append(Fault(f"cannot be read: {error}", remedy, file=str(one)))
        except InputError as error:
            faults += error.faults
    try:
        _check_total(files)
    except InputError as error:
        return Scan(Evidence(), (*faults, *error.faults), (), ())
    for file in files:
        try:
            if is_table(file):
                found, wrong = _read_table_file(file, told, named)
            else:
                found, wrong = _read_yaml_file(file, named)
        except InputError as error:
            found, wrong = [], list(error.faults)
        items += found
        faults += wrong
    try:
        evidence = Evidence.placed(items)
    except InputError as error:
        faults += error.faults
        evidence = Evidence.placed({item.id: (item, at) for item, at in reversed(items)}.values())
    return Scan(evidence, tuple(faults), tuple(told), tuple(named))


def _files(path: Path, told: list[Fault]) -> list[Path]:
    """Return the files that a path stands for; tell which of a folder are passed over."""
    if path.is_dir():
        there = sorted(path.iterdir())
        files = [
            file
            for file in there
            if file.is_file()
            and not file.name.startswith((".", "~$"))
            and not file.name.lower().startswith(NO_EVIDENCE)
            and not is_resolutions(file)
        ]
        told += (
            Fault("is not read: it is no file", "Put the file itself there.", file=str(each))
            for each in [one for one in there if _seems_evidence(one)][:SHOWN]
        )
        passed = [file.name for file in files if file.suffix.lower() not in SUFFIXES]
        if passed:
            listed = ", ".join(f"'{name}'" for name in passed[:SHOWN])
            more = f" and {len(passed) - SHOWN} more" if len(passed) > SHOWN else ""
            problem = f"not read, as evidence is in {', '.join(SUFFIXES)} files: {listed}{more}"
            remedy = "Save each in one of these forms, or move it to a subfolder."
            told.append(Fault(problem, remedy, file=str(path)))
        return [file for file in files if file.suffix.lower() in SUFFIXES]
    if not path.is_file():
        fault = Fault("there is no such file or folder", "Check the path.", file=str(path))
        raise InputError(fault)
    if path.suffix.lower() not in SUFFIXES:
        remedy = f"Evidence is read from {', '.join(SUFFIXES)} files."
        raise InputError(Fault("unknown kind of file", remedy, file=str(path), value=path.suffix))
    return [path]


def _seems_evidence(path: Path) -> bool:
    """Return whether something is called like a file of evidence and is none: a pipe, a folder."""
    named = path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))
    return named and not path.is_file()


def _check_total(files: Iterable[Path]) -> None:
    total = sum(file.stat().st_size for file in files)
    if total > MAX_TOTAL_BYTES:
        message = f"the files of evidence have {total:,} bytes, more than {MAX_TOTAL_BYTES:,}"
        raise InputError(Fault(message, "Leave out what the forecast does not need."))


def _read_table_file(
    path: Path, told: list[Fault], named: list[Named]
) -> tuple[Placed, list[Fault]]:
    table = read_table(path, LAYOUT)
    told += table.told
    faults = list(table.faults)
    items: Placed = []
    for row in table.rows:
        if too_many(faults):
            faults.append(unjudged(row.file, row.line))
            break
        place = Place(row.file, row.line)
        fields, wrong = cell_values(row.cells)
        wrong += row.faults
        item, more = _item(fields, partial(_always, place))
        if item is not None and not wrong:
            items.append((item, place))
        name = label_of(fields)
        # A cell that could not be read is not missing as well.
        known = {f"{name}: {fault.field}" for fault in wrong}
        more = [fault for fault in more if fault.field not in known]
        if wrong or more:
            faulty = {fault.field.rpartition(": ")[2] for fault in (*wrong, *more)}
            named.append(named_in(name, fields, faulty, partial(_always, place)))
        faults += [placed_at(fault, place, name) for fault in wrong]
        faults += more
    return items, sorted(faults, key=lambda fault: (fault.file, fault.line))


def item_of_cells(cells: Mapping[str, str], place: Place) -> tuple[Item | None, list[Fault]]:
    """Return the item that the filled cells of a row state, by column, or the row's faults.

    Examples
    --------
    >>> told = {"id": "a", "published": "2024-07-03", "kind": "observation", "event": "pact"}
    >>> item, faults = item_of_cells(told | {"state": "off"}, Place("news.csv", 2))
    >>> item.words(), faults
    ('observed to be off', [])
    >>> print(*item_of_cells(told | {"claim": "off"}, Place("news.csv", 2))[1])
    news.csv:2: item 'a': claim: an item of kind 'observation' has no such field. Leave it empty here, or correct the kind.
    """  # noqa: E501  what it prints
    fields, wrong = cell_values(cells)
    item, more = _item(fields, partial(_always, place))
    faults = [*(placed_at(fault, place, label_of(fields)) for fault in wrong), *more]
    return (None if faults else item), faults


def cell_of(column: str, value: object) -> str:
    """Return a value in Python as the text of a cell; a truth value as tables are read.

    Examples
    --------
    >>> cell_of("claim", False), cell_of("state", "TRUE"), cell_of("text", True), cell_of("p", 0.5)
    ('off', 'on', 'True', '0.5')
    >>> cell_of("notes", None)
    ''
    """
    text = "" if value is None else str(value)
    decimal_comma = False
    return LAYOUT.forms[column](text, decimal_comma) if column in TRUTHS else text


def _always(place: Place, _: str) -> Place:
    return place


def _read_yaml_file(path: Path, named: list[Named]) -> tuple[Placed, list[Fault]]:
    located, entries, faults = scan_list(path, "items", "item")
    items: Placed = []
    for number, entry in enumerate(entries):
        if too_many(faults):
            faults.append(unjudged(str(path), located.line_of(("items", number))))
            break
        found, wrong = _yaml_item(located, number, entry, named)
        items += found
        faults += wrong
    return items, sorted(faults, key=lambda fault: fault.line)


def _yaml_item(
    located: Located, number: int, entry: object, named: list[Named]
) -> tuple[Placed, list[Fault]]:
    """Return the item of one entry of the list, or its faults."""

    def place_of(field: str) -> Place:
        path = ("items", number, field) if field else ("items", number)
        return Place(located.file, located.line_of(path))

    if not isinstance(entry, dict):
        fault = Fault("an item is a mapping", "Write its fields as 'field: value'.")
        return [], [placed_at(fault, place_of(""), f"items.{number}")]
    fields = {name: value for name, value in entry.items() if value is not None}
    fields |= {name: names_in(fields[name]) for name in LISTS if isinstance(fields.get(name), str)}
    if isinstance(fields.get("event"), str):
        fields["event"] = events_in(fields["event"])
    item, faults = _item(fields, place_of)
    if faults:
        faulty = {fault.field.rpartition(": ")[2] for fault in faults}
        named.append(named_in(label_of(fields), fields, faulty, place_of))
    return ([(item, place_of(""))] if item is not None else []), faults


def _item(
    fields: Mapping[str, object], place_of: Callable[[str], Place]
) -> tuple[Item | None, list[Fault]]:
    """Return the item with these fields, by CSV column, or their faults.

    `place_of` says where a field stands, or the item itself for an empty name.
    """
    item, faults = item_of(fields)
    name = label_of(fields)
    return item, [placed_at(fault, place_of(fault.field), name) for fault in faults]
