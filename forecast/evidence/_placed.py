"""Remarks on items, with where they stand."""

from collections.abc import Mapping

from forecast.errors import Fault
from forecast.evidence._item import Item, Place


def where(name: str, places: Mapping[str, Place]) -> str:
    """Return the place of an item in brackets, after a space; nothing for one built in Python."""
    place = places.get(name, Place())
    return f" ({place})" if place.file else ""


def remark_on(  # noqa: PLR0917  # one call for each remark
    item: Item,
    places: Mapping[str, Place],
    field: str,
    problem: str,
    remedy: str,
    value: str = "",
) -> Fault:
    """Return a remark on a field of an item."""
    place = places.get(item.id, Place())
    return Fault(problem, remedy, place.file, place.line, f"item '{item.id}': {field}", value)
