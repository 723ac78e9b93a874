"""Reading a network file, and the file of sources beside it."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files.class_references import with_counts
from forecast.files.parts import Parts
from forecast.files.text_file import read_text
from forecast.files.yaml_reader import scan_text, scan_yaml
from forecast.network.base import Model
from forecast.network.draft import Arrow, Draft, faults_between, type_faults
from forecast.network.event import Event
from forecast.network.network import Network
from forecast.network.source import Source, SourceType

__all__ = ["NETWORK_KEYS", "SOURCES_FILE", "SOURCE_KEYS", "read_network", "read_sources"]

SOURCES_FILE = "sources.yaml"
HEAD = ("name", "title", "start", "horizon", "notes")
NETWORK_KEYS = (*HEAD, "events", "links", "types", "sources")
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

    Types of sources and sources come from ``sources.yaml`` beside the file where there is one,
    unless the file has its own. Reference classes that rates name come from the CSV files in
    ``reference_classes`` beside the file.

    Raises
    ------
    InputError
        With every fault of the file, of its classes and of its sources, each with file, line and
        field, the value, and what to write instead.
    """
    located, dangling = with_counts(scan_yaml(path), Path(path))
    parts = Parts(located)
    parts.check_keys(NETWORK_KEYS, REQUIRED)
    head = parts.fields(Network, HEAD)
    events = parts.objects("events", Event)
    arrows = parts.links()
    types, sources, faults_beside = _sources_for(parts, Path(path))
    draft = Draft(
        start=parts.day("start"),
        horizon=parts.day("horizon"),
        events=events if _has_events(parts) else _named(arrows),
        arrows=arrows,
        source_types=types,
        sources={},
    )
    for fault in faults_between(draft):
        parts.note(fault)
    here = [fault for fault in dangling if fault.file == str(path)]
    beside = [fault for fault in dangling if fault not in here]
    faults = [*_by_line([*parts.faults, *here]), *beside, *faults_beside]
    if faults:
        raise InputError(faults)
    return Network(
        **head,
        events=_sound(events),
        links=tuple(arrow.link for arrow in arrows if arrow.link is not None),
        source_types=_sound(types),
        sources=_sound(sources),
    )


def read_sources(path: str | Path) -> tuple[tuple[SourceType, ...], tuple[Source, ...]]:
    """Return the types of sources and the sources that a YAML file states.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    parts = Parts(scan_yaml(path))
    parts.check_keys(SOURCE_KEYS, {})
    types, sources = _sources_of(parts)
    if parts.faults:
        raise InputError(_by_line(parts.faults))
    return _sound(types), _sound(sources)


def _has_events(parts: Parts) -> bool:
    """Return whether the events can be known: a block of the wrong shape tells nothing of them."""
    return "events" in parts.top and isinstance(parts.top["events"], dict | None)


def _named(arrows: tuple[Arrow, ...]) -> dict[str, Event | None]:
    """Return an event for each name that a link mentions, so that none of them dangles."""
    names = {name for arrow in arrows for name in (arrow.parent, arrow.child)}
    return dict.fromkeys(names or {""})


def _sources_for(parts: Parts, path: Path) -> tuple[_Types, _Sources, list[Fault]]:
    """Return the file's own sources, else those of the file beside it with that file's faults."""
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
    """Return a file's sources and its faults: made once for all networks that share it."""
    parts = Parts(scan_text(text, file))
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
