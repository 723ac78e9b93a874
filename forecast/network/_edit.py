"""Networks changed and combined: the result is checked as one from a file would be."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network._base import BadValueError, Model, inside
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._source import Source, SourceType

if TYPE_CHECKING:
    from forecast.network._network import Network

type Changes = Mapping[str, Mapping[str, Any] | Model | None]

BLOCKS: dict[str, tuple[str, type[Model]]] = {
    "event": ("events", Event),
    "link": ("links", Link),
    "source_type": ("source_types", SourceType),
    "source": ("sources", Source),
}
"""By what one is called: the field of a network that lists them, and their class."""


def edited_fields(network: "Network", changes: Mapping[str, object]) -> dict[str, Any]:
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
        parts: dict[str, Model] = {each.id: each for each in getattr(network, block)}
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
        parts[name] = kind(**{field: value for field, value in fields.items() if value is not None})
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


def combine(first: "Network", second: "Network", *, name: str | None = None) -> "Network":
    """Return one network of the events, links and sources of two, checked like any other.

    What both state alike is there once: so two networks that share an event are joined by it. The
    horizon is the later of the two: rates and windows mean what they meant. Two beginnings cannot
    be made one, since a prior is stated as of the start.

    Parameters
    ----------
    first, second
        The networks. The order matters for nothing but the order of events, and the title.
    name
        Of the result; ``FIRST_SECOND``, unless given.

    Raises
    ------
    InputError
        If their starts differ, or an event, a link, a source or a type has one id and is stated
        otherwise in the two; every one is named, with the fields that differ. And if the whole has
        a fault that neither part has, such as events that wait for each other.

    Examples
    --------
    >>> import forecast as fc
    >>> period = {"start": "2024-01-01", "horizon": "2024-12-31"}
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> vote = fc.Event(id="vote", kind="fact", initially="60% [40%, 80%]")
    >>> east = fc.Network(name="east", events=[pact], **period)
    >>> west = fc.Network(name="west", events=[pact, vote], **period)
    >>> [event.id for event in fc.combine(east, west).events]
    ['pact', 'vote']
    """
    faults: list[Fault] = []
    if first.start != second.start:
        problem = f"the networks start on different days, {first.start} and {second.start}"
        remedy = "State both as of one day: a prior says what was known at the start."
        faults.append(Fault(problem, remedy, field="start"))
    fields: dict[str, Any] = {}
    for block, _ in BLOCKS.values():
        parts: dict[str, Model] = {each.id: each for each in getattr(first, block)}
        for each in getattr(second, block):
            mine = parts.setdefault(each.id, each)
            if mine != each:
                faults.append(_differs(block, each.id, mine, each, (first.name, second.name)))
        fields[block] = tuple(parts.values())
    if faults:
        raise BadValueError(faults)
    kind: Callable[..., Network] = type(first)
    return kind(
        name=name or f"{first.name}_{second.name}",
        title=_joined(first.title, second.title, " and "),
        notes=_joined(first.notes, second.notes, "\n"),
        start=first.start,
        horizon=max(first.horizon, second.horizon),
        **fields,
    )


def _differs(block: str, name: str, one: Model, other: Model, names: tuple[str, str]) -> Fault:
    fields = [
        field for field in type(one).model_fields if getattr(one, field) != getattr(other, field)
    ]
    problem = f"'{names[0]}' and '{names[1]}' state it otherwise: {', '.join(fields)}"
    remedy = "State it alike in both, or rename one."
    return Fault(problem, remedy, field=f"{block}.{name}")


def _joined(one: str, other: str, between: str) -> str:
    return one if one == other or not other else f"{one}{between}{other}" if one else other
