"""A panel: a network stated once, and the network of all its units that follows from it.

Each event of the statement stands in each unit as ``EVENT@UNIT``, with the links between those of
one unit. A link from ``neighbour.EVENT`` acts in each unit from that event of each of its
neighbours. Numbers that a unit does not state for itself are shared by all that do not: one
uncertain number each, which the evidence of all units informs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network._base import BadValueError
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._nodes import names_of
from forecast.network._table import TableRow
from forecast.network._units import FIELDS, Unit, of_unit, unit_of

NEIGHBOUR = "neighbour."
"""Before the parent of a link that acts across units."""
LONGEST = 64  # of a name in the ledger


@dataclass(frozen=True)
class UnitRow:
    """One unit as it is stated.

    Parameters
    ----------
    unit
        Its name and titles.
    own
        The numbers that it states for itself, such as ``coup.rate``, in words.
    """

    unit: Unit
    own: Mapping[str, str] = field(default_factory=dict)


def own_numbers(network: Network) -> tuple[str, ...]:
    """Return which numbers a unit may state for itself, such as ``EVENT.rate``."""
    return tuple(
        f"{event.id}.{name}"
        for event in network.events
        for name in FIELDS.values()
        if event.rate is not None or name != "rate"
        if event.kind == "state" or name != "off_rate"
        if event.kind in ("state", "fact") or name != "initially"
        if not (event.given or event.table or event.values)
    )


def panel_network(
    stated: Network,
    rows: Sequence[UnitRow],
    neighbours: Iterable[tuple[str, str]] = (),
    across: Sequence[Link] = (),
) -> Network:
    """Return the network of all units.

    Parameters
    ----------
    stated
        What holds for each.
    rows
        The units.
    neighbours
        Pairs of a unit and one of its neighbours.
    across
        Links whose parent is ``neighbour.EVENT``.

    Raises
    ------
    InputError
        With every fault: units that are repeated or unknown, numbers that cannot be read, links
        from or to unknown events, and what the network of all units may not be. The fault of a
        unit has the field ``UNIT: FIELD``, that of a link across units ``links.ID.FIELD``.
    """
    near = list(dict.fromkeys(neighbours))
    faults = [*_unit_faults(stated, rows), *_across_faults(stated, across)]
    events, wrong = _events(stated, rows)
    faults += wrong
    known = {row.unit.id for row in rows}
    for pair in near:
        faults += [
            Fault("unknown unit", did_you_mean(name, known), field=f"{pair[0]}: {column}",
                  value=name)
            for column, name in zip(("unit", "neighbour"), pair, strict=True)
            if name not in known
        ]  # fmt: skip
        if pair[0] == pair[1]:
            problem = "a unit is no neighbour of itself"
            faults.append(Fault(problem, "Remove the row.", field=f"{pair[0]}: neighbour"))
    if across and not near:
        problem = "a link acts across units, but no neighbours are stated"
        remedy = "Name a table of pairs as neighbours, or remove the link."
        faults += [Fault(problem, remedy, field=f"links.{link.id}.parent") for link in across]
    faults += [
        Fault(
            f"the name '{name}' has more than {LONGEST} characters",
            "Shorten the name of the event or of the unit.",
            field=f"{unit_of(name)}: unit",
        )
        for event in events
        for name in names_of(event)
        if len(name) > LONGEST
    ]
    if faults:
        raise InputError(faults)
    links = [
        _moved(link, link.id, row.unit.id, row.unit.id) for row in rows for link in stated.links
    ]
    for link in across:
        plain = link.model_copy(update={"parent": link.parent.removeprefix(NEIGHBOUR)})
        links += [_moved(plain, link.id.replace(".", "_"), here, there) for here, there in near]
    return Network(
        name=stated.name,
        title=stated.title,
        start=stated.start,
        horizon=stated.horizon,
        events=events,
        links=links,
        source_types=stated.source_types,
        sources=stated.sources,
        units=[row.unit.model_copy(update={"own": tuple(row.own)}) for row in rows],
        notes=stated.notes,
    )


def _unit_faults(stated: Network, rows: Sequence[UnitRow]) -> Iterable[Fault]:
    if not rows:
        yield Fault("there are no units", "State one unit a row, such as mli.", field="units")
    seen = set[str]()
    for row in rows:
        name = row.unit.id
        if name in seen:
            yield Fault("the unit is there twice", "Remove one.", field=f"{name}: unit", value=name)
        seen.add(name)
    taken = own_numbers(stated)
    for row in rows:
        for number in row.own:
            if number not in taken:
                remedy = did_you_mean(number, taken)
                problem = "is no number that a unit may state for itself"
                yield Fault(problem, remedy, field=f"{row.unit.id}: {number}")


def _across_faults(stated: Network, across: Sequence[Link]) -> Iterable[Fault]:
    names = [node.id for node in (*stated.events, *stated.nodes)]
    for link in across:
        ends = {"parent": link.parent.removeprefix(NEIGHBOUR), "child": link.child}
        for end, name in ends.items():
            if name not in names:
                field = f"links.{link.id}.{end}"
                yield Fault("unknown event", did_you_mean(name, names), field=field, value=name)
        if not link.parent.startswith(NEIGHBOUR):
            remedy = f"Write {NEIGHBOUR}{link.parent}, or state it with the other links."
            field = f"links.{link.id}.parent"
            yield Fault("is no event of a neighbour", remedy, field=field, value=link.parent)


def _events(stated: Network, rows: Sequence[UnitRow]) -> tuple[list[Event], list[Fault]]:
    """Return each event in each unit, with the numbers that the unit states for itself."""
    events: list[Event] = []
    faults: list[Fault] = []
    for row in rows:
        for event in stated.events:
            own = {
                number.rpartition(".")[2]: text
                for number, text in row.own.items()
                if number.rpartition(".")[0] == event.id
            }
            try:
                changed = _stating(event, own) if own else event
            except BadValueError as error:
                faults += [
                    replace(
                        fault,
                        field=f"{row.unit.id}: {event.id}.{fault.field}",
                        value=fault.value or own.get(fault.field, ""),
                    )
                    for fault in error.faults
                ]
                continue
            events.append(_placed(changed, row.unit))
    return events, faults


def _stating(event: Event, own: Mapping[str, str]) -> Event:
    taken = {name: getattr(event, name) for name in event.model_fields_set}
    return Event(**{**taken, **own})


def _placed(event: Event, unit: Unit) -> Event:
    """Return an event as that of a unit, with the events that it names."""

    def here(name: str) -> str:
        return of_unit(name, unit.id)

    changes = {
        "id": here(event.id),
        "title": f"{unit.title or unit.id}: {event.title or event.id}",
        "given": tuple(map(here, event.given)),
        "table": tuple(_row(row, here) for row in event.table),
    }
    if event.on is not None and event.day is None:
        changes["on"] = here(event.on)
    return event.model_copy(update=changes)


def _row(row: TableRow, here: Callable[[str], str]) -> TableRow:
    values = tuple((here(name), value) for name, value in row.when.values)
    when = type(row.when)(values, dict(values))
    return row.model_copy(update={"when": when})


def _moved(link: Link, name: str, here: str, there: str) -> Link:
    """Return a link into a unit, from itself or from a neighbour."""
    whose = here if here == there else f"{here}__{there}"
    ends = {"parent": of_unit(link.parent, there), "child": of_unit(link.child, here)}
    return link.model_copy(update={"id": of_unit(name, whose), **ends})
