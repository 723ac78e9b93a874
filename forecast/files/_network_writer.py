"""Writing a network to a file that reads back equal."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, time
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from forecast.errors import Fault, InputError
from forecast.files._network_file import HEAD, read_network
from forecast.files._text_file import LARGEST_FILE, replacing
from forecast.network._link import default_id
from forecast.network._network import Network

WIDTH = 100
BLOCKS = ("events", "links", "source_types", "sources")
HIDDEN = ("fact", "decision")  # kinds that are never public, so that nobody writes it


def write_network(network: Network, path: str | Path) -> None:
    """Write a network to a YAML file that `read_network` reads back equal.

    Notes
    -----
    What has its default is left out. The file is read back before it takes the place of an older
    one, and is not written where that gives another network: so where rates are counts of a
    reference class that lies next to another file. A network without sources is read with those of
    the file ``sources.yaml`` next to it, if there is one.

    Parameters
    ----------
    network
        The network.
    path
        The file; replaced if it exists.

    Raises
    ------
    InputError
        If it cannot be written, or would not read back equal.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from forecast.network import Event
    >>> rain = Event(id="rain", kind="fact", initially="30% [10%, 60%]")
    >>> network = Network(name="rain", start="2024-01-01", horizon="2024-12-31", events=[rain])
    >>> with TemporaryDirectory() as folder:
    ...     write_network(network, Path(folder) / "rain.yaml")
    ...     read_network(Path(folder) / "rain.yaml") == network
    True
    """
    if network.units:
        problem = "the network of a panel is stated by its own files, and not written out"
        remedy = "Keep the network file and its table of units, or write Panel.stated."
        raise InputError(Fault(problem, remedy, file=str(path)))
    final, text = Path(path), network_text(network)
    if len(text.encode()) > LARGEST_FILE:
        problem = f"the network is larger than a file may be ({LARGEST_FILE / 1e6:.0f} MB)"
        raise InputError(Fault(problem, "Use it from Python, or a part of it.", file=str(final)))
    try:
        with replacing(final) as temporary:
            temporary.write_text(text, encoding="utf-8")
            _check(network, temporary, final)
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check the folder and its permissions."
        raise InputError(Fault(f"cannot be written: {reason}", remedy, file=str(final))) from error


def _check(network: Network, written: Path, final: Path) -> None:
    """Refuse a file that does not read back as the network."""
    try:
        found = read_network(written)
    except InputError as error:
        told = [replace(fault, file=str(final)) for fault in error.faults]
        raise InputError(told) from None
    if not network.source_types and not network.sources:
        found = found.model_copy(update={"source_types": (), "sources": ()})
    if found != network:
        both = ((name, getattr(found, name), getattr(network, name)) for name in HEAD + BLOCKS)
        parts = [name for name, one, other in both if one != other]
        raise InputError(
            Fault(
                f"the network would not read back equal: {', '.join(parts)} would differ",
                "Write it next to the reference classes and sources that it was read with.",
                file=str(final),
            )
        )


def network_text(network: Network) -> str:
    """Return the YAML text of a network."""
    whole = _plain(network)
    top = CommentedMap({name: whole[name] for name in HEAD if name in whole})
    top["events"] = _by_name(network.events, _event)
    if network.links:
        top["links"] = [_flow(_link(link)) for link in network.links]
    if network.source_types:
        top["types"] = _by_name(network.source_types, _fields)
    if network.sources:
        top["sources"] = _by_name(network.sources, _fields)
    yaml, stream = YAML(pure=True), StringIO()
    yaml.width, yaml.allow_unicode = WIDTH, True
    yaml.dump(top, stream)
    return stream.getvalue()


def _by_name(objects: Iterable[Any], fields: Any) -> CommentedMap:
    return CommentedMap({each.id: fields(each) for each in objects})


def _fields(stated: BaseModel) -> CommentedMap:
    found = _plain(stated)
    found.pop("id", None)
    return CommentedMap(found)


def _event(event: BaseModel) -> CommentedMap:
    found = _fields(event)
    hidden = found.get("kind") in HIDDEN or found.get("known", "at once") != "at once"
    if hidden:
        found.pop("public", None)
    for name in ("given", "windows"):
        if name in found:
            found[name] = _flow(found[name])
    if "table" in found:
        found["table"] = [_flow(row) for row in found["table"]]
    return found


def _link(link: BaseModel) -> dict[str, Any]:
    found = _plain(link)
    if found["id"] == default_id(found):
        del found["id"]
    return found


def _plain(stated: BaseModel) -> dict[str, Any]:
    """Return the fields that are not at their defaults, as text, numbers, lists and mappings."""
    fields = type(stated).model_fields
    dumped = stated.model_dump(exclude_defaults=True)
    return {name: _simple(dumped[name]) for name in fields if name in dumped}


def _simple(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _simple(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(part) for part in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _flow(value: Any) -> Any:
    """Return lists and mappings to be written on one line."""
    if isinstance(value, Mapping):
        found = CommentedMap({name: _flow(part) for name, part in value.items()})
        found.fa.set_flow_style()
        return found
    if isinstance(value, list):
        listed = CommentedSeq([_flow(part) for part in value])
        listed.fa.set_flow_style()
        return listed
    return value
