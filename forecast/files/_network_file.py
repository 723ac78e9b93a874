"""A network file and the file of sources next to it: made object by object, all faults by line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._limits import too_many, unjudged
from forecast.files._panel_file import NEIGHBOURS, UNITS, read_panel
from forecast.files._reference_class_file import with_counts
from forecast.files._text_file import read_text
from forecast.files._yaml_reader import Located, scan_text
from forecast.network._base import Model, inside, to_day, value_text
from forecast.network._draft import Arrow, Draft, arrow_of, faults_between, type_faults
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._panel import NEIGHBOUR
from forecast.network._source import Source, SourceType
from forecast.network._units import shared_name, unit_faults


class Parts:
    """The blocks of one file; making objects of them collects faults instead of raising.

    Parameters
    ----------
    located
        The file as read.

    Attributes
    ----------
    faults : list of Fault
        Everything wrong so far, with file, line and field.

    Raises
    ------
    InputError
        If the file as a whole is not a mapping.
    """

    def __init__(self, located: Located) -> None:
        if not isinstance(located.value, dict):
            raise InputError(
                [
                    *located.faults,
                    Fault(
                        "must hold 'key: value' lines at its top level",
                        "Begin with 'name: …'.",
                        file=located.file,
                        line=1,
                    ),
                ]
            )
        self.located = located
        self.top: dict[str, Any] = located.value
        self._faults = dict.fromkeys(located.faults)  # each once, in order
        self._places: dict[str, str] = {}

    def note(self, fault: Fault) -> None:
        """Add a fault, given by the path of its field, with its file and line."""
        if too_many(self._faults):
            return
        placed = self.placed(fault)
        self._faults.setdefault(placed)
        if too_many(self._faults):
            self._faults.setdefault(unjudged(placed.file, placed.line))

    def placed(self, fault: Fault) -> Fault:
        """Return a fault, given by the path of its field, with its file and line."""
        steps = fault.field.split(".")
        place = self._places.get(".".join(steps[:2]), "")
        path = ".".join([place, *steps[2:]]) if place else fault.field
        return replace(fault, file=self.located.file, line=self.located.line_of(path))

    @property
    def faults(self) -> list[Fault]:
        """Everything wrong so far."""
        return list(self._faults)

    def check_keys(self, known: Sequence[str], required: Mapping[str, str]) -> None:
        """Note unknown keys, and missing ones of those required, each with an example."""
        for key in self.top:
            if key not in known:
                self.note(Fault("is not a key of this file", did_you_mean(key, known), field=key))
        for key, example in required.items():
            if key not in self.top:
                self.note(Fault("is missing", f"Write for example '{example}'.", field=key))

    def fields(self, kind: type[Model], names: Sequence[str]) -> dict[str, Any]:
        """Return some of the top-level fields; note the faults that the class finds in them."""
        given = {name: self.top[name] for name in names if name in self.top}
        try:
            kind(**given)
        except InputError as error:
            for fault in error.faults:
                if fault.field in given:
                    self.note(fault)
        return given

    def day(self, name: str) -> date | None:
        """Return a top-level day; None if it is missing or broken."""
        try:
            return to_day(self.top.get(name))
        except InputError:
            return None

    def objects[M: Model](self, block: str, kind: type[M]) -> dict[str, M | None]:
        """Return the objects of a block by name, None for a broken one, and note its faults."""
        found = self.top.get(block)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self._misshapen(block, found, "a mapping from names to fields", "embargo_lifted:")
            return {}
        return {name: self._object(block, name, entry, kind) for name, entry in found.items()}

    def _object[M: Model](self, block: str, name: str, entry: object, kind: type[M]) -> M | None:
        path = f"{block}.{name}"
        if too_many(self._faults):
            return None
        if not isinstance(entry, dict):
            self._misshapen(path, entry, "a mapping of fields", "kind: onset")
            return None
        if "id" in entry:
            self.note(Fault("is already given by the key above", "Remove it.", field=f"{path}.id"))
            entry = {key: value for key, value in entry.items() if key != "id"}
        try:
            return kind(id=name, **entry)
        except InputError as error:
            for fault in inside(path, error.faults):
                self.note(replace(fault, field=fault.field.removesuffix(".id")))
            return None

    def links(self) -> tuple[Arrow, ...]:
        """Return the links, sound or broken, and note the faults of each."""
        found = self.top.get("links")
        if found is None:
            return ()
        if not isinstance(found, list):
            self._misshapen("links", found, "a list", "- {parent: …, child: …, kind: …}")
            return ()
        return tuple(self._link(entry, place) for place, entry in enumerate(found))

    def _link(self, entry: object, place: int) -> Arrow:
        if not isinstance(entry, dict):
            self._misshapen(f"links.{place}", entry, "a mapping of fields", "parent: pact_signed")
            return Arrow(str(place), "", "", "")
        broken = arrow_of(entry, place)
        self._places[f"links.{broken.id}"] = f"links.{place}"
        if too_many(self._faults):
            return broken
        try:
            return arrow_of(Link(**entry))
        except InputError as error:
            for fault in inside(f"links.{broken.id}", error.faults):
                self.note(fault)
            return broken

    def _misshapen(self, path: str, found: object, shape: str, example: str) -> None:
        self.note(
            Fault(
                f"must be {shape}",
                f"Write the entries below it, indented, as in '{example}'.",
                field=path,
                value=value_text(found),
            )
        )


SOURCES_FILE = "sources.yaml"
HEAD = ("name", "title", "start", "horizon", "notes")
NETWORK_KEYS = (*HEAD, "events", "links", "types", "sources", UNITS, NEIGHBOURS)
SOURCE_KEYS = ("title", "notes", "types", "sources")
type _Types = Mapping[str, SourceType | None]
type _Sources = Mapping[str, Source | None]

REQUIRED = {
    "name": "name: gulf_ceasefire",
    "start": "start: 2024-06-01",
    "horizon": "horizon: 2025-06-01",
    "events": "events:",
}


def read_network(path: str | Path) -> Network:
    """Return the network that a YAML file states.

    Types of sources and sources come from ``sources.yaml`` next to the file if there is one, unless
    the file has its own. Reference classes that rates name come from the CSV files in
    ``reference_classes`` next to the file.

    Raises
    ------
    InputError
        With every fault of the file, of its classes and of its sources, each with file, line and
        field, the value, and what to write instead.
    """
    located, dangling = with_counts(_scanned(read_text(path), str(path)), Path(path))
    parts = Parts(located)
    parts.check_keys(NETWORK_KEYS, REQUIRED)
    head = parts.fields(Network, HEAD)
    events = parts.objects("events", Event)
    arrows, across = _split(parts.links())
    types, sources, faults_beside = _sources_for(parts, Path(path))
    draft = Draft(
        start=parts.day("start"),
        horizon=parts.day("horizon"),
        events=events if _has_events(parts) else _named(arrows),
        arrows=arrows,
        source_types=types,
        sources={},
    )
    for fault in (*faults_between(draft), *unit_faults(events, ())):
        parts.note(fault)
    if UNITS not in parts.top:
        for fault in _no_units(parts, across):
            parts.note(fault)
    here = [fault for fault in dangling if fault.file == str(path)]
    beside = [fault for fault in dangling if fault not in here]
    faults = [*_by_line([*parts.faults, *here]), *beside, *faults_beside]
    if faults:
        raise InputError(faults)
    stated = Network(
        **head,
        events=_sound(events),
        links=tuple(arrow.link for arrow in arrows if arrow.link is not None),
        source_types=_sound(types),
        sources=_sound(sources),
    )
    if UNITS not in parts.top:
        return stated
    tables = {key: parts.top[key] for key in (UNITS, NEIGHBOURS) if key in parts.top}
    links = [arrow.link for arrow in across if arrow.link is not None]
    try:
        return read_panel(Path(path), stated, tables, links)
    except InputError as error:
        raise InputError(_told_once(parts, error.faults)) from None


def _split(arrows: tuple[Arrow, ...]) -> tuple[tuple[Arrow, ...], tuple[Arrow, ...]]:
    """Return the links within a unit, and those across units."""
    across = tuple(arrow for arrow in arrows if arrow.parent.startswith(NEIGHBOUR))
    return tuple(arrow for arrow in arrows if arrow not in across), across


def _no_units(parts: Parts, across: tuple[Arrow, ...]) -> Iterable[Fault]:
    """Yield what needs units and has none."""
    remedy = "Add 'units: FILE.csv', a table with one unit a row, or remove it."
    if NEIGHBOURS in parts.top:
        yield Fault("there are no units to be neighbours", remedy, field=NEIGHBOURS)
    for arrow in across:
        yield Fault("there are no units to be neighbours", remedy, field=f"links.{arrow.id}.parent")


def _told_once(parts: Parts, faults: Iterable[Fault]) -> list[Fault]:
    """Return faults of a panel with their places; what is wrong in each unit is told once."""
    told = []
    for fault in faults:
        placed = fault
        if not fault.file or (fault.file == parts.located.file and not fault.line):
            placed = parts.placed(replace(fault, field=shared_name(fault.field)))
            placed = replace(placed, problem=shared_name(fault.problem), value=fault.value)
        told.append(placed)
    return list(dict.fromkeys(told))


def read_sources(path: str | Path) -> tuple[tuple[SourceType, ...], tuple[Source, ...]]:
    """Return the types of sources and the sources that a YAML file states.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    types, sources, faults = _shared(read_text(path), str(path))
    if faults:
        raise InputError(faults)
    return _sound(types), _sound(sources)


def _scanned(text: str, file: str) -> Located:
    """Return what a text states, found out once for what reads it, and what places faults in it."""
    found = _scan(text, file)
    if isinstance(found, InputError):
        raise InputError(found.faults)
    return found


@lru_cache(maxsize=4)
def _scan(text: str, file: str) -> Located | InputError:
    """Return what a text states, or why it cannot be read: a refusal is not found out twice."""
    try:
        return scan_text(text, file)
    except InputError as error:
        return InputError(error.faults)


def placed_in(path: str | Path, faults: Iterable[Fault]) -> list[Fault]:
    """Return faults whose fields are paths from a network's top, with their file and line.

    The file is one that `read_network` has read. Faults that have a file keep it.
    """
    found = list(faults)
    if all(fault.file for fault in found):
        return found
    parts = Parts(_scanned(read_text(path), str(path)))
    parts.links()  # so that links are found by name
    return [fault if fault.file else parts.placed(fault) for fault in found]


def _has_events(parts: Parts) -> bool:
    """Return whether the events can be known: a block of the wrong shape does not tell them."""
    return "events" in parts.top and isinstance(parts.top["events"], dict | None)


def _named(arrows: tuple[Arrow, ...]) -> dict[str, Event | None]:
    """Return an event for each name that a link mentions, so that none is unknown."""
    names = {name for arrow in arrows for name in (arrow.parent, arrow.child)}
    return dict.fromkeys(names or {""})


def _sources_for(parts: Parts, path: Path) -> tuple[_Types, _Sources, list[Fault]]:
    """Return the file's own sources, or those of the file next to it with that file's faults."""
    beside = path.parent / SOURCES_FILE
    if "types" in parts.top or "sources" in parts.top or not beside.exists():
        return *_sources_of(parts), []
    try:
        types, sources, faults = _shared(read_text(beside), str(beside))
    except InputError as error:
        return {}, {}, list(error.faults)
    return types, sources, list(faults)


@lru_cache(maxsize=1)
def _shared(text: str, file: str) -> tuple[_Types, _Sources, tuple[Fault, ...]]:
    """Return a file's sources and its faults, made once for all networks that share it."""
    parts = Parts(_scanned(text, file))
    parts.check_keys(SOURCE_KEYS, {})
    return *_sources_of(parts), tuple(_by_line(parts.faults))


def _sources_of(parts: Parts) -> tuple[_Types, _Sources]:
    types = parts.objects("types", SourceType)
    sources = parts.objects("sources", Source)
    named = {name: source.type if source else "" for name, source in sources.items()}
    for fault in type_faults(types, named):
        parts.note(fault)
    return types, sources


def _sound[M: Model](objects: Mapping[str, M | None]) -> tuple[M, ...]:
    return tuple(each for each in objects.values() if each is not None)


def _by_line(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line)
