"""Items as a table in memory: a DataFrame, or mappings, with the columns of a CSV of evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence._fields import (
    COLUMNS,
    LISTS,
    NUMBERS,
    READ,
    REQUIRED,
    WHOLE_NUMBERS,
    cell_values,
    fields_of,
    item_of,
    label_of,
)
from forecast.evidence._item import Item
from forecast.time import stands_for_nothing

if TYPE_CHECKING:
    import pandas as pd

SEVERAL_VALUED = (*LISTS, "event")
SHOWN = 40

_POINT_ZERO = re.compile(r"(\d{1,15})\.0+")


def items_in(table: object) -> list[Item]:
    """Return the items in the rows of a DataFrame, or in mappings; see `Evidence.from_frame`.

    Raises
    ------
    InputError
        With every fault of every row; names the row by its label.
    """
    faults: list[Fault] = []
    rows, columns = _rows(table)
    for name in columns:
        if name not in READ:
            remedy = did_you_mean(str(name), READ)
            faults.append(Fault("unknown column", remedy, value=str(name)))
    items: list[Item] = []
    first: dict[str, str] = {}
    for label, row in rows:
        known = {name: value for name, value in row.items() if name in READ}
        fields, wrong = _fields(known)
        item, more = item_of(fields)
        named = {fault.field for fault in wrong}
        wrong += [fault for fault in more if fault.field not in named]
        if item is not None and not wrong:
            if item.id in first:
                problem = f"the item of row {first[item.id]} has the same id"
                wrong.append(Fault(problem, "Rename one.", field="id", value=item.id))
            first.setdefault(item.id, label)
            items.append(item)
        faults += [_placed(fault, label, label_of(fields)) for fault in wrong]
    if faults:
        raise InputError(faults)
    return items


def _placed(fault: Fault, label: str, name: str) -> Fault:
    return replace(fault, field=": ".join(p for p in (f"row {label}", name, fault.field) if p))


def _rows(table: object) -> tuple[list[tuple[str, Mapping[Any, Any]]], list[Any]]:
    """Return the rows with their labels, and the columns, each once."""
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        frame: Any = table
        if frame.index.name in READ and frame.index.name not in frame.columns:
            frame = frame.reset_index()
        if not frame.columns.is_unique:
            twice = frame.columns[frame.columns.duplicated()].tolist()
            raise InputError(Fault("the column is repeated", "Remove one.", value=str(twice[0])))
        labels = [str(label)[:SHOWN] for label in frame.index.tolist()]
        records = frame.astype(object).to_dict("records")
        return list(zip(labels, records, strict=True)), frame.columns.tolist()
    if isinstance(table, str | bytes | Mapping) or not isinstance(table, Iterable):
        remedy = "Give a DataFrame, or a list of mappings with one item each."
        raise InputError(Fault("is no table of items", remedy, value=type(table).__name__))
    found = list(table)
    for position, row in enumerate(found):
        if not isinstance(row, Mapping):
            remedy = "Write its fields as a mapping, such as {'id': …}."
            raise InputError(Fault(f"row {position} is no mapping", remedy, value=str(row)))
    rows = [(str(position), row) for position, row in enumerate(found)]
    return rows, list(dict.fromkeys(name for row in found for name in row))


def _fields(row: Mapping[str, Any]) -> tuple[dict[str, object], list[Fault]]:
    """Return the fields of a row: absent where a cell stands for nothing, text read as in files."""
    fields: dict[str, object] = {}
    texts: dict[str, str] = {}
    for name, raw in row.items():
        value = _plain(raw)
        if name in SEVERAL_VALUED and isinstance(value, Sequence) and not isinstance(value, str):
            value = [_plain(part) for part in value]
            if value:
                fields[name] = value if len(value) > 1 or name in LISTS else value[0]
        elif value is None or stands_for_nothing(value):
            continue
        elif isinstance(value, str):
            if value.strip():
                whole = _POINT_ZERO.fullmatch(value.strip()) if name in WHOLE_NUMBERS else None
                texts[name] = whole[1] if whole else value
        elif isinstance(value, bool) and name in {"claim", "state"}:
            fields[name] = "on" if value else "off"
        elif name in WHOLE_NUMBERS and isinstance(value, float) and value.is_integer():
            fields[name] = int(value)
        elif name in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
            fields[name] = float(value)
        else:
            fields[name] = value
    read, faults = cell_values(texts)
    return {name: (fields | read)[name] for name in row if name in fields or name in read}, faults


def _plain(value: Any) -> Any:
    """Return a scalar of NumPy as Python's own, and an array as a list."""
    if isinstance(value, str | date) or value is None:
        return value
    if type(value).__module__.partition(".")[0] == "numpy" and not type(value).__name__.startswith(
        ("datetime64", "timedelta64")
    ):
        return value.tolist()
    return value


def frame_of(items: Sequence[Item]) -> "pd.DataFrame":
    """Return items as a DataFrame; see `Evidence.to_frame`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    rows = [fields_of(item) for item in items]
    columns = [name for name in COLUMNS if name in REQUIRED or any(name in row for row in rows)]
    found = {}
    for name in columns:
        cells = [_cell(row.get(name)) for row in rows]
        kind = "Int64" if name in WHOLE_NUMBERS else "float64" if name in NUMBERS else "object"
        found[name] = pd.Series(cells, dtype=kind)
    return pd.DataFrame(found, columns=columns)


def _cell(value: Any) -> Any:
    """Return a cell: dates and lists as text, as files have them, so that `to_csv` writes a file.

    To pandas a day is an instant, so that only text can tell the two apart.
    """
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
