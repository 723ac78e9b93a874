"""Changes to what a network lists, each checked as a part of a file would be."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network._base import BadValueError, Model, inside
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._source import Source, SourceType

type Changes = Mapping[str, Mapping[str, Any] | Model | None]

BLOCKS: dict[str, tuple[str, type[Model]]] = {
    "event": ("events", Event),
    "link": ("links", Link),
    "source_type": ("source_types", SourceType),
    "source": ("sources", Source),
}
"""By what one is called: the field of a network that lists them, and their class."""


def edited_fields(
    stated: Mapping[str, Sequence[Any]], changes: Mapping[str, object]
) -> dict[str, Any]:
    """Return the fields of a network after changes to what it lists.

    Raises
    ------
    InputError
        With the fault of every change that cannot be made, by block, name and field.
    """
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for what, given in changes.items():
        block, kind = BLOCKS[what]
        if not given:
            continue
        if not isinstance(given, Mapping):
            remedy = f"Write {what}={{'id': {{'field': value}}}}."
            faults.append(Fault("is no mapping of names to changes", remedy, field=block))
            continue
        parts: dict[str, Model] = {each.id: each for each in stated[block]}
        for name, change in given.items():
            try:
                _change(parts, what, kind, str(name), change)
            except InputError as error:
                faults += inside(f"{block}.{name}", error.faults)
        found[block] = tuple(parts.values())
    if faults:
        raise BadValueError(faults)
    return found


def _change(
    parts: dict[str, Model], what: str, kind: type[Model], name: str, change: object
) -> None:
    """Change, add or remove one part."""
    if change is None:
        if name not in parts:
            raise InputError(Fault(f"there is no such {what} to remove", did_you_mean(name, parts)))
        del parts[name]
    elif isinstance(change, kind):
        if getattr(change, "id", name) != name:
            problem = f"is called '{getattr(change, 'id', '')}'"
            raise InputError(Fault(problem, "Name it by its id.", field="id"))
        parts[name] = change
    elif isinstance(change, Mapping):
        old = parts.get(name)
        fields = {} if old is None else _stated(old)
        if change.get("id", name) != name:
            problem = "an id stays as it is"
            remedy = "Remove this one by None, and add the other."
            raise InputError(Fault(problem, remedy, field="id", value=str(change["id"])))
        fields |= {"id": name, **change}
        # What is set to None falls back to its default, as a line that is left out does.
        left = {field: value for field, value in fields.items() if value is not None}
        try:
            parts[name] = kind(**left)
        except InputError as error:
            near = "" if old is not None else did_you_mean(name, parts)
            if "Did you mean" not in near:
                raise
            problem = f"there is no such {what} to change, and a new one lacks what it needs"
            raise InputError([Fault(problem, near), *error.faults]) from error
    else:
        remedy = "Write its fields as a mapping, or None to remove it."
        raise InputError(Fault("is no change", remedy, value=str(change)))


def _stated(part: Model) -> dict[str, Any]:
    """Return the fields that were stated, and not those that follow from them."""
    stated = {name: getattr(part, name) for name in part.model_fields_set}
    if isinstance(part, Event) and (
        part.kind in {"fact", "decision"} or part.known not in {None, "at once"}
    ):
        stated.pop("public", None)  # it is False whatever is written
    return stated
