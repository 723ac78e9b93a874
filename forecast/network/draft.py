"""A network before it is known to be sound: some of its objects may be broken, and stand by name.

The checks across objects run on this, so that one broken event does not make every link to it
dangle.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from forecast.network.event import Event
from forecast.network.link import Link, default_id

__all__ = ["Arrow", "Draft", "arrow_of"]


class Arrow(NamedTuple):
    """A link by its names, sound or broken; `link` is None for a broken one."""

    id: str
    parent: str
    child: str
    kind: str
    link: Link | None = None

    def __str__(self) -> str:
        """Return the link as a sentence."""
        return f"{self.parent} {self.kind} {self.child}"


class Draft(NamedTuple):
    """The objects of a network by name; None in place of a broken object."""

    start: date | None
    horizon: date | None
    events: Mapping[str, Event | None]
    arrows: tuple[Arrow, ...]
    source_types: Iterable[str]
    sources: Mapping[str, str]
    """The name of each source's type; empty where it is broken."""


def arrow_of(source: Link | Mapping[str, object], place: int = 0) -> Arrow:
    """Return the arrow of a link, or of the fields that a broken link was to have.

    Parameters
    ----------
    source
        The link, or its fields.
    place
        Its place among the links, the name of last resort.
    """
    if isinstance(source, Link):
        return Arrow(source.id, source.parent, source.child, source.kind, source)
    parent, child, kind = (_text(source.get(name)) for name in ("parent", "child", "kind"))
    name = _text(source.get("id"))
    if not name:
        name = default_id(source) if parent and child and kind else str(place)
    return Arrow(name, parent, child, kind)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
