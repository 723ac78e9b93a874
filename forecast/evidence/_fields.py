"""Items of evidence as fields by name: what a row of a table, or a mapping in YAML, states.

Files and tables in memory read and write items by these alone, so that they have the same columns.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence._item import Item
from forecast.evidence._kinds import KINDS
from forecast.network._base import value_text
from forecast.network._units import UNIT, in_unit

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
READ = (*COLUMNS, UNIT)
"""What a table may have: the unit becomes part of the event's name, and is never written."""
REQUIRED = ("id", "published", "kind", "event")
FREE_TEXT = ("citation", "text", "notes", "draft", "accepted_by", "proposed")
DAYS = (
    "published",
    "recorded",
    "speaks_of",
    "onset_from",
    "onset_to",
    "watched_from",
    "watched_to",
    "until",
)
NUMBERS = ("credibility", "check", "probability", "base")
WHOLE_NUMBERS = ("counted",)
LISTS = ("derived_from", "retracts", "reinstates")
ONSET = ("onset_from", "onset_to")
SEVERAL = "more_events"  # the field of a kind that may be on several: no column, but a list's rest

_WHOLE = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")


def item_of(fields: Mapping[str, object]) -> tuple[Item | None, list[Fault]]:
    """Return the item with these fields, or their faults, each with its column as its field."""
    try:
        fields = in_unit(fields)
    except InputError as error:
        return None, [*error.faults]
    faults = _field_faults(fields)
    faulty = {fault.field for fault in faults}
    kind = KINDS.get(str(fields.get("kind")))
    if kind is None:
        return None, faults
    sound = {name: fields[name] for name in fields.keys() - faulty} if faulty else fields
    try:
        item = kind(**_with_onset(sound))
    except InputError as error:
        more = [replace(fault, field=_column(fault.field)) for fault in error.faults]
        # What is wrong with fields that are given is told too; what is missing may follow from it.
        return None, faults + [fault for fault in more if not faults or fault.field in sound]
    return (None, faults) if faults else (item, [])


def fields_of(item: Item) -> dict[str, Any]:
    """Return the fields of an item that are not at their defaults, by column.

    Dates are dates and instants, and what may be several is a list: `item_of` returns an equal
    item.
    """
    stated = item.model_dump(exclude_defaults=True)
    stated["kind"] = item.kind
    onset = stated.pop("onset", None)
    if onset:
        stated |= dict(zip(ONSET, onset, strict=True))
    others = stated.pop(SEVERAL, ())
    if others:
        stated["event"] = [item.event, *others]
    stated |= {name: list(stated[name]) for name in LISTS if name in stated}
    return {name: stated[name] for name in COLUMNS if stated.get(name) not in (None, "")}


def cell_values(cells: Mapping[str, str]) -> tuple[dict[str, object], list[Fault]]:
    """Return the values of fields, and the faults of cells that are no values."""
    values: dict[str, object] = {}
    faults = []
    for column, cell in cells.items():
        value = cell.strip()
        if column in FREE_TEXT:
            values[column] = cell
        elif column in LISTS:
            values[column] = names_in(cell)
        elif column == "event":
            values[column] = events_in(cell)
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


def names_in(text: str) -> list[str]:
    return [name.strip() for name in text.split(";") if name.strip()]


def events_in(text: str) -> str | list[str]:
    """Return the event that an item is on, or several."""
    names = names_in(text) if ";" in text else [text.strip()]
    return names[0] if len(names) == 1 else names


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
    if kind not in (None, "") and (not isinstance(kind, str) or kind not in KINDS):
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


def label_of(fields: Mapping[str, object]) -> str:
    """Return how messages name an item: by its id, if it has one."""
    return f"item '{str(fields['id'])[:64]}'" if fields.get("id") else "item without id"
