"""Evidence from files: CSV, one item per row, or YAML, one item per mapping under `items`.

Both have the same fields; an empty cell is an absent field. A file with a fault is refused as a
whole, with every fault of every file at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import KINDS, Evidence, Item, Place
from forecast.files._asked_rows import placed_at
from forecast.files._csv_reader import read_csv
from forecast.files._resolutions_file import RESOLUTIONS_FILE
from forecast.files._yaml_reader import Located, scan_yaml
from forecast.network._base import value_text

COLUMNS = (
    "id",
    "published",
    "kind",
    "event",
    "source",
    "claim",
    "speaks_of",
    "state",
    "onset_from",
    "onset_to",
    "watched_from",
    "watched_to",
    "counted",
    "likelihood_ratio",
    "hazard_ratio",
    "until",
    "probability",
    "base",
    "credibility",
    "grade",
    "check",
    "derived_from",
    "origin",
    "retracts",
    "reinstates",
    "recorded",
    "citation",
    "text",
    "notes",
    "draft",
    "accepted_by",
    "proposed",
)
REQUIRED = ("id", "published", "kind", "event")
FREE_TEXT = ("citation", "text", "notes", "draft", "accepted_by", "proposed")
NUMBERS = ("credibility", "check", "probability", "base")
WHOLE_NUMBERS = ("counted",)
LISTS = ("derived_from", "retracts", "reinstates")
ONSET = ("onset_from", "onset_to")
SEVERAL = "more_events"  # the field of a kind that may be on several: no column, but a list's rest
SUFFIXES = (".csv", ".yaml", ".yml")
MAX_TOTAL_BYTES = 20_000_000

_WHOLE = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")

type Placed = list[tuple[Item, Place]]


def read_evidence(path: str | Path | Iterable[str | Path]) -> Evidence:
    """Return the evidence in a file, in several, or in a folder.

    Notes
    -----
    A folder means its ``*.csv``, ``*.yaml`` and ``*.yml`` files, except those in subfolders, hidden
    ones, and ``resolutions.csv``. A CSV file may have 10 MB and 100,000 rows, a YAML file 1 MB, all
    together 20 MB. Text is never interpreted.

    Parameters
    ----------
    path
        A file or a folder, or several of them.

    Raises
    ------
    InputError
        With every fault of every file: form, unknown columns, bad values, repeated ids.
    """
    evidence, faults = scan_evidence(path)
    if faults:
        raise InputError(faults)
    return evidence


def scan_evidence(path: str | Path | Iterable[str | Path]) -> tuple[Evidence, tuple[Fault, ...]]:
    """Return the sound items of files (of one id the first), and the faults of the rest."""
    several = [path] if isinstance(path, str | Path) else list(path)
    items: Placed = []
    faults: list[Fault] = []
    files: dict[Path, None] = {}
    for one in several:
        try:
            files |= dict.fromkeys(_files(Path(one)))
        except (OSError, ValueError) as error:
            remedy = "Check the path and its permissions."
            faults.append(Fault(f"cannot be read: {error}", remedy, file=str(one)))
        except InputError as error:
            faults += error.faults
    try:
        _check_total(files)
    except InputError as error:
        return Evidence(), (*faults, *error.faults)
    for file in files:
        try:
            read = _read_csv_file if file.suffix.lower() == ".csv" else _read_yaml_file
            found, wrong = read(file)
        except InputError as error:
            found, wrong = [], list(error.faults)
        items += found
        faults += wrong
    try:
        evidence = Evidence.placed(items)
    except InputError as error:
        faults += error.faults
        evidence = Evidence.placed({item.id: (item, at) for item, at in reversed(items)}.values())
    return evidence, tuple(faults)


def _files(path: Path) -> list[Path]:
    """Return the files that a path stands for."""
    if path.is_dir():
        return sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in SUFFIXES
            and not file.name.startswith(".")
            and file.name != RESOLUTIONS_FILE
            and file.is_file()
        )
    if not path.is_file():
        fault = Fault("there is no such file or folder", "Check the path.", file=str(path))
        raise InputError(fault)
    if path.suffix.lower() not in SUFFIXES:
        remedy = f"Evidence is read from {', '.join(SUFFIXES)} files."
        raise InputError(Fault("unknown kind of file", remedy, file=str(path), value=path.suffix))
    return [path]


def _check_total(files: Iterable[Path]) -> None:
    total = sum(file.stat().st_size for file in files)
    if total > MAX_TOTAL_BYTES:
        message = f"the files of evidence have {total:,} bytes, more than {MAX_TOTAL_BYTES:,}"
        raise InputError(Fault(message, "Leave out what the forecast does not need."))


def _read_csv_file(path: Path) -> tuple[Placed, list[Fault]]:
    rows, faults = read_csv(path, columns=COLUMNS, required=REQUIRED)
    items: Placed = []
    for row in rows:
        place = Place(str(path), row.line)
        item, wrong = item_of_cells(row.cells, place)
        if item is not None:
            items.append((item, place))
        faults += wrong
    return items, sorted(faults, key=lambda fault: fault.line)


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
    fields, wrong = _cell_values(cells)
    item, more = _item(fields, partial(_always, place))
    faults = [*(placed_at(fault, place, _label(fields)) for fault in wrong), *more]
    return (None if faults else item), faults


def _always(place: Place, _: str) -> Place:
    return place


def _cell_values(cells: Mapping[str, str]) -> tuple[dict[str, object], list[Fault]]:
    """Return the values of fields, and the faults of cells that are no values."""
    values: dict[str, object] = {}
    faults = []
    for column, cell in cells.items():
        value = cell.strip()
        if column in FREE_TEXT:
            values[column] = cell
        elif column in LISTS:
            values[column] = _names(cell)
        elif column == "event":
            values[column] = _events(cell)
        elif column in WHOLE_NUMBERS and _WHOLE.fullmatch(value):
            values[column] = int(value)
        elif column not in NUMBERS:
            values[column] = value
        elif _NUMBER.fullmatch(value):
            values[column] = float(value)
        elif value.endswith("%"):
            values[column] = value
        else:
            remedy = "Write a decimal such as 0.8, or a percentage such as 80%."
            faults.append(Fault("not a number from 0 to 1", remedy, field=column, value=cell))
    return values, faults


def _read_yaml_file(path: Path) -> tuple[Placed, list[Fault]]:
    located = scan_yaml(path)
    faults = list(located.faults)
    top = located.value if isinstance(located.value, dict) else {}
    entries = top.get("items")
    if not isinstance(entries, list):
        remedy = "Begin the file with 'items:', and each item below it with '- id: …'."
        fault = Fault("a file of evidence holds a list of items", remedy, file=str(path), line=1)
        raise InputError([*faults, fault])
    for key in top.keys() - {"items"}:
        line = located.line_of((key,))
        remedy = "A file of evidence holds 'items' alone."
        faults.append(Fault("unknown key", remedy, file=str(path), line=line, field=key))
    items: Placed = []
    for number, entry in enumerate(entries):
        found, wrong = _yaml_item(located, number, entry)
        items += found
        faults += wrong
    return items, sorted(faults, key=lambda fault: fault.line)


def _yaml_item(located: Located, number: int, entry: object) -> tuple[Placed, list[Fault]]:
    """Return the item of one entry of the list, or its faults."""

    def place_of(field: str) -> Place:
        path = ("items", number, field) if field else ("items", number)
        return Place(located.file, located.line_of(path))

    if not isinstance(entry, dict):
        fault = Fault("an item is a mapping", "Write its fields as 'field: value'.")
        return [], [placed_at(fault, place_of(""), f"items.{number}")]
    fields = {name: value for name, value in entry.items() if value is not None}
    fields |= {name: _names(fields[name]) for name in LISTS if isinstance(fields.get(name), str)}
    if isinstance(fields.get("event"), str):
        fields["event"] = _events(fields["event"])
    item, faults = _item(fields, place_of)
    return ([(item, place_of(""))] if item is not None else []), faults


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(";") if name.strip()]


def _events(text: str) -> str | list[str]:
    """Return the event that an item is on, or several."""
    names = _names(text) if ";" in text else [text.strip()]
    return names[0] if len(names) == 1 else names


def _item(
    fields: Mapping[str, object], place_of: Callable[[str], Place]
) -> tuple[Item | None, list[Fault]]:
    """Return the item with these fields, by CSV column, or their faults.

    `place_of` says where a field stands, or the item itself for an empty name.
    """
    name = _label(fields)
    faults = [placed_at(fault, place_of(fault.field), name) for fault in _field_faults(fields)]
    if faults:
        return None, faults
    try:
        return KINDS[str(fields["kind"])](**_with_onset(fields)), []
    except InputError as error:
        told = [replace(fault, field=_column(fault.field)) for fault in error.faults]
        return None, [placed_at(fault, place_of(fault.field), name) for fault in told]


def _column(field: str) -> str:
    """Return the column that a faulty field of an item was read from."""
    head, *_ = field.split(".")
    return {"more_events": "event"}.get(head, field)


def _field_faults(fields: Mapping[str, object]) -> list[Fault]:
    """Return the fields that are missing, unknown, or of another kind of item."""
    faults = [
        Fault("the field is missing", "Every item needs it.", field=name)
        for name in REQUIRED
        if fields.get(name) in (None, "")
    ]
    kind = fields.get("kind")
    if kind and (not isinstance(kind, str) or kind not in KINDS):
        remedy = did_you_mean(str(kind), KINDS)
        faults.append(Fault("unknown kind of item", remedy, field="kind", value=str(kind)))
    of_kind = columns_of(str(kind)) if str(kind) in KINDS else COLUMNS
    for name in fields:
        if name not in COLUMNS:
            faults.append(Fault("unknown field", did_you_mean(name, COLUMNS), field=name))
        elif name not in of_kind:
            remedy = "Leave it empty here, or correct the kind."
            faults.append(Fault(f"an item of kind '{kind}' has no such field", remedy, field=name))
    if isinstance(fields.get("event"), list) and SEVERAL not in of_kind:
        remedy = "Write an item for each event; a silence alone may be on several."
        several = f"an item of kind '{kind}' is on one event"
        faults.append(Fault(several, remedy, field="event", value=value_text(fields["event"])))
    if "onset_to" in fields and "onset_from" not in fields:
        remedy = "Write the first possible day in onset_from, and a single known day there too."
        faults.append(Fault("a last day of an onset without a first", remedy, field="onset_to"))
    return faults


def columns_of(kind: str) -> set[str]:
    """Return the columns that an item of a kind may fill, beside the fields of no column."""
    fields = {*KINDS[kind].model_fields}
    return fields | set(ONSET) if "onset" in fields else fields


def _with_onset(fields: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of an item: the two columns of an onset as one."""
    values = {name: value for name, value in fields.items() if name not in ONSET}
    if "onset_from" in fields:
        first = fields["onset_from"]
        values["onset"] = (first, fields.get("onset_to", first))
    return values


def _label(fields: Mapping[str, object]) -> str:
    """Return how messages name an item: by its id, if it has one."""
    return f"item '{str(fields['id'])[:64]}'" if fields.get("id") else "item without id"
