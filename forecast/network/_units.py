"""Units of a panel: one statement of events and links for many countries, firms, sites.

What a panel states once stands in its network once for each unit, as ``EVENT@UNIT``. A number that
a unit does not state for itself is one uncertain number of all units that share it, under the name
without the unit.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from forecast.errors import Fault, did_you_mean
from forecast.network._base import BadValueError, Listed, Model

AT = "@"
UNIT = "unit"
"""The column of a table that names the unit of a row."""
UNIT_PATTERN = r"^[a-z0-9_]{1,24}$"
UNIT_RULE = "must be a unit's name: at most 24 lower-case letters, digits and underscores"
_UNIT = re.compile(r"@[a-z0-9_]+")

type UnitId = Annotated[str, Field(pattern=UNIT_PATTERN, examples=["mli"])]


class Unit(Model):
    """One unit of a panel.

    Parameters
    ----------
    id
        Its name: at most 24 lower-case letters, digits and underscores.
    title
        What it is called in tables and reports.
    group
        What it is counted with, such as its region; shown beside it.
    own
        The numbers that it states for itself, such as ``coup.rate``.
    """

    id: UnitId
    title: str = ""
    group: str = ""
    own: Annotated[tuple[str, ...], Listed] = ()


FIELDS = {"base_rate": "rate", "off_rate": "off_rate", "initial_probability": "initially"}
"""The numbers of an event that a unit may state for itself, by the group of parameters."""


def number_name(group: str, name: str, own: Mapping[str, Collection[str]]) -> str:
    """Return the name of an uncertain number: without its unit where that shares it.

    Parameters
    ----------
    group
        The group of parameters, such as ``base_rate``.
    name
        Of the event, link or row.
    own
        The numbers that units state for themselves, by unit.
    """
    shared = shared_name(name)
    if group in FIELDS and shared != name and f"{shared}.{FIELDS[group]}" in own[unit_of(name)]:
        return name
    return shared


def shared_name(name: str) -> str:
    """Return the name of an event, a link or a row without its unit."""
    return _UNIT.sub("", name)


def of_unit(name: str, unit: str) -> str:
    """Return the name that an event of the panel's statement has in a unit."""
    stated, dot, part = name.partition(".")
    return f"{stated}{AT}{unit}{dot}{part}"


def unit_of(name: str) -> str:
    """Return the unit in the name of an event; empty where there is none."""
    found = _UNIT.search(name)
    return found[0][1:] if found else ""


def unit_fault(name: object) -> Fault | None:
    """Return what is wrong with the name of a unit."""
    if isinstance(name, str) and re.match(UNIT_PATTERN, name):
        return None
    better = re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")[:24]
    remedy = f"Write for example '{better or 'mli'}'."
    return Fault(UNIT_RULE, remedy, field=UNIT, value=str(name))


def in_unit(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row with the unit in the name of its event, or of each of several.

    Raises
    ------
    BadValueError
        If the unit is no name, or not that in the name of the event.
    """
    found: dict[str, Any] = dict(fields)
    unit, event = found.pop(UNIT, None), found.get("event")
    if unit is None or unit == "":
        return found
    wrong = unit_fault(unit)
    if wrong is not None:
        raise BadValueError(wrong)
    names = event if isinstance(event, list) else [event]
    for name in names:
        if isinstance(name, str) and unit_of(name) not in ("", unit):
            problem = f"the event's name is of unit '{unit_of(name)}'"
            remedy = "Leave the unit out of one of the two."
            raise BadValueError(Fault(problem, remedy, field=UNIT, value=unit))
    folded = [
        of_unit(name, unit) if isinstance(name, str) and name and not unit_of(name) else name
        for name in names
    ]
    return {**found, "event": folded if isinstance(event, list) else folded[0]}


def unknown_event(name: str, known: Collection[str], most: int | None = None) -> Fault:
    """Return the fault of a name that is no event of these; of a panel it says what is unknown.

    Parameters
    ----------
    name
        The name.
    known
        The events that there are.
    most
        Where there are more than these, none is offered.
    """
    stated, unit = shared_name(name), unit_of(name)
    units = dict.fromkeys(filter(None, map(unit_of, known)))
    stems = dict.fromkeys(map(shared_name, known))
    if unit and not units:
        remedy = "Leave the column unit empty, or give the network a table of units."
        return Fault("no network here has units", remedy, field=UNIT, value=unit)
    if unit and unit not in units:
        return Fault("unknown unit", did_you_mean(unit, units), field=UNIT, value=unit)
    if not unit and units and name in stems and name not in known:
        first = next(iter(units))
        remedy = f"Name the unit in the column unit, or write {of_unit(name, first)}."
        return Fault("every unit has an event of this name", remedy, field="event", value=name)
    offered = (stems if unit else known) if most is None or len(known) <= most else ()
    remedy = did_you_mean(stated if unit else name, offered) if offered else ""
    return Fault("unknown event", remedy, field="event", value=stated if unit else name)


def unit_faults(events: Iterable[str], units: Collection[str]) -> Iterable[Fault]:
    """Yield a fault for each event whose name has a unit that the network has not."""
    for name in events:
        unit = unit_of(name)
        if unit and unit not in units:
            yield Fault(
                f"the event is of unit '{unit}', which the network does not have",
                "Write the name without '@': units come from a table (units: FILE.csv), or from "
                "forecast.Panel.",
                field=f"events.{name}",
            )
