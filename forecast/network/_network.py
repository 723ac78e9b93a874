"""The network: events, the links between them, and the sources that report on them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from forecast.errors import Fault, InputError
from forecast.network._as_stated import as_stated
from forecast.network._base import Day, Id, Listed, Model, find, to_day
from forecast.network._draft import Draft, arrow_of, duplicate_names, faults_between
from forecast.network._edit import BLOCKS, Changes, edited_fields
from forecast.network._event import Event
from forecast.network._families import Family, families
from forecast.network._html_table import html_table, text_line, text_table
from forecast.network._link import Link
from forecast.network._nodes import (
    Gate,
    HiddenFact,
    children_of,
    gates_of,
    hidden_fact_of,
    nodes_of,
)
from forecast.network._source import Source, SourceType
from forecast.network._units import Unit, number_name, unit_faults
from forecast.time import parse_instant


class Network(Model):
    """Events over a period, the links between them, and the sources that report on them.

    Parameters
    ----------
    name
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    start
        Its first day, UTC.
    horizon
        Its last day, included, UTC.
    events
        At least one.
    links
        How events affect each other; they may form cycles.
    source_types
        Types of sources.
    sources
        Sources, each of one of these types.
    units
        Those of a panel, as `forecast.Panel` makes them: its events are called ``EVENT@UNIT``.
    notes
        Anything else; never interpreted.

    Raises
    ------
    InputError
        With every fault found: unknown or repeated names, events that wait for each other, windows
        outside the network's period, and so on.

    Examples
    --------
    >>> rain = Event(id="rain", kind="state", rate="30% within 1 day", off_rate="50% within 1 day")
    >>> Network(name="weather", start="2024-06-01", horizon="2024-06-30", events=[rain]).event(
    ...     "rain"
    ... ).kind
    'state'
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    name: Id = Field(examples=["gulf_ceasefire"])
    title: str = ""
    start: Day = Field(examples=["2024-06-01"])
    horizon: Day = Field(examples=["2025-06-01"])
    events: Annotated[tuple[Event, ...], Listed]
    links: Annotated[tuple[Link, ...], Listed] = ()
    source_types: Annotated[tuple[SourceType, ...], Listed] = ()
    sources: Annotated[tuple[Source, ...], Listed] = ()
    units: Annotated[tuple[Unit, ...], Listed] = Field(default=(), exclude_if=lambda u: not u)
    notes: str = ""

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the objects of a network."""
        events = _those(fields.get("events"), Event)
        links = _those(fields.get("links"), Link)
        types = _those(fields.get("source_types"), SourceType)
        sources = _those(fields.get("sources"), Source)
        units = _those(fields.get("units"), Unit)
        yield from unit_faults((event.id for event in events), {unit.id for unit in units})
        yield from duplicate_names("units", (unit.id for unit in units))
        yield from duplicate_names("events", (event.id for event in events))
        yield from duplicate_names("source_types", (kind.id for kind in types))
        yield from duplicate_names("sources", (source.id for source in sources))
        yield from faults_between(
            Draft(
                start=_day_or_none(fields.get("start")),
                horizon=_day_or_none(fields.get("horizon")),
                events={event.id: event for event in events},
                arrows=tuple(arrow_of(link) for link in links),
                source_types={kind.id for kind in types},
                sources={source.id: source.type for source in sources},
            )
        )

    @property
    def nodes(self) -> tuple[Event, ...]:
        """The onsets, states and facts that the events stand for, each of which can be asked for.

        Most events are one node as they are stated. One that is confirmed with time, or repeated,
        has a node for each of these, such as ``ID.confirmed``; a decision has one per outcome.
        """
        return self._nodes

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates between nodes that follow from how events are stated."""
        return self._gates

    @property
    def hidden_facts(self) -> tuple[HiddenFact, ...]:
        """The facts that decide whether events ever come, of those that say so."""
        return self._hidden_facts

    @property
    def families(self) -> tuple[Family, ...]:
        """The facts that depend on others or have several values, parents before children."""
        return self._families

    def number(self, group: str, name: str) -> str:
        """Return the name of an uncertain number: that of all units of a panel that share it."""
        return number_name(group, name, self._own) if self.units else name

    def children(self, link: Link) -> tuple[str, ...]:
        """Return the nodes that a link acts on."""
        return children_of(self.stated(link.child), link.child)

    def stated(self, name: str) -> Event:
        """Return the event that was stated, by its name or by that of one of its nodes."""
        return find("event", name.split(".", maxsplit=1)[0], self._stated)

    def event(self, name: str) -> Event:
        """Return the event or node of this name; `UnknownNameError` offers the nearest name."""
        return find("event", name, self._events)

    def link(self, name: str) -> Link:
        """Return the link of this name; `UnknownNameError` offers the nearest name."""
        return find("link", name, self._links)

    def source(self, name: str) -> Source:
        """Return the source of this name; `UnknownNameError` offers the nearest name."""
        return find("source", name, self._sources)

    def edited(
        self,
        *,
        event: Changes | None = None,
        link: Changes | None = None,
        source: Changes | None = None,
        source_type: Changes | None = None,
        **head: Any,
    ) -> Self:
        """Return this network with some of it changed, checked as one from a file would be.

        Parameters
        ----------
        event, link, source, source_type
            Changes by id: a mapping of fields changes these fields of one that is there, and adds
            one that is not; None removes it. A field that is set to None falls back to its default.
        **head
            Fields of the network itself: ``name``, ``title``, ``start``, ``horizon``, ``notes``.

        Raises
        ------
        InputError
            With every fault, by block, name and field: unknown fields, bad values, links to events
            that are gone, and whatever else a network may not be.

        Examples
        --------
        >>> rain = Event(id="rain", kind="fact", initially="30% [10%, 60%]")
        >>> network = Network(name="a", start="2024-06-01", horizon="2024-06-30", events=[rain])
        >>> wetter = network.edited(event={"rain": {"initially": "50% [20%, 80%]"}})
        >>> str(wetter.event("rain").initially), str(network.event("rain").initially)
        ('50% [20%, 80%]', '30% [10%, 60%]')
        """
        singular = {block: what for what, (block, _) in BLOCKS.items()}
        faults = [
            Fault(
                "changes by id are given by the name of one",
                f"Write {singular[name]}=.",
                field=name,
            )
            for name, value in head.items()
            if name in singular and isinstance(value, Mapping)
        ]
        if faults:
            raise InputError(faults)
        changes = {"event": event, "link": link, "source_type": source_type, "source": source}
        stated = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(stated | edited_fields(stated, changes) | head))

    @property
    def start_instant(self) -> datetime:
        """The first instant: the midnight that begins the first day, UTC."""
        return self._instants[0]

    @property
    def horizon_instant(self) -> datetime:
        """The last instant of the last day, UTC: the midnight that ends it."""
        return self._instants[1]

    def _repr_html_(self) -> str:
        """Return tables of the events and links, for notebooks."""
        columns = ["event", "title", "kind", "stated"]
        rows = ([each.id, each.title, each.kind, as_stated(each)] for each in self.events)
        events = html_table(f"{self.title or self.name}: {self._size}", columns, rows)
        return events + html_table(*self._links_table) if self.links else events

    def __repr__(self) -> str:
        """Return tables of the events and links that fit a screen."""
        rows = ([each.id, each.kind, as_stated(each)] for each in self.events)
        name = self.name if not self.title else f"{self.name}: {self.title}"
        events = text_table(self._size, ["event", "kind", "stated"], rows)
        parts = [text_line(name), events, *([text_table(*self._links_table)] if self.links else [])]
        return "\n".join(parts)

    __str__ = __repr__

    @property
    def _size(self) -> str:
        return (
            f"{len(self.events)} events from {self.start} to {self.horizon}, "
            f"{len(self.sources)} sources"
        )

    @property
    def _links_table(self) -> tuple[str, list[str], list[list[str]]]:
        strengths = ((k, k.extra_rate or k.hazard_ratio or k.odds_ratio or "") for k in self.links)
        rows = [[link.parent, link.kind, link.child, str(belief)] for link, belief in strengths]
        return f"{len(self.links)} links", ["parent", "kind", "child", "strength"], rows

    @cached_property
    def _instants(self) -> tuple[datetime, datetime]:  # private: pydantic would take it for a field
        return parse_instant(self.start, edge="start"), parse_instant(self.horizon, edge="end")

    @cached_property
    def _own(self) -> dict[str, frozenset[str]]:
        return {unit.id: frozenset(unit.own) for unit in self.units}

    @cached_property
    def _nodes(self) -> tuple[Event, ...]:
        return tuple(node for event in self.events for node in nodes_of(event, self.links))

    @cached_property
    def _gates(self) -> tuple[Gate, ...]:
        return tuple(gate for event in self.events for gate in gates_of(event))

    @cached_property
    def _hidden_facts(self) -> tuple[HiddenFact, ...]:
        found = map(hidden_fact_of, self.events)
        return tuple(fact for fact in found if fact is not None)

    @cached_property
    def _families(self) -> tuple[Family, ...]:
        return families(self.events, self.links)

    @cached_property
    def _events(self) -> dict[str, Event]:
        return self._stated | {node.id: node for node in self.nodes}

    @cached_property
    def _stated(self) -> dict[str, Event]:
        return {event.id: event for event in self.events}

    @cached_property
    def _links(self) -> dict[str, Link]:
        return {link.id: link for link in self.links}

    @cached_property
    def _sources(self) -> dict[str, Source]:
        return {source.id: source for source in self.sources}


def _those[M: Model](value: object, kind: type[M]) -> list[M]:
    if not isinstance(value, list | tuple):
        return []
    return [entry for entry in value if isinstance(entry, kind)]


def _day_or_none(value: object) -> date | None:
    try:
        return to_day(value)
    except InputError:
        return None
