"""Two networks made one, checked as one from a file would be."""

from typing import Any

from forecast.errors import Fault, InputError
from forecast.network._base import BadValueError, Model, value_text
from forecast.network._edit import BLOCKS
from forecast.network._network import Network


def combine(first: Network, second: Network, *, name: str | None = None) -> Network:
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
    pair: tuple[object, ...] = (first, second)
    for given in pair:
        if not isinstance(given, Network):
            problem, remedy = "is no network", "Give two networks, as from fc.read_network."
            raise InputError(Fault(problem, remedy, value=value_text(given)))
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
    return Network(
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
