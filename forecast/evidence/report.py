"""Reports: what a source says."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from forecast.errors import Fault
from forecast.evidence.item import Item
from forecast.network.base import Id, Listed
from forecast.network.source import Share

__all__ = ["Report"]


class Report(Item):
    """A source said that an event is, was or will be on (or off) at the time it speaks of.

    Parameters
    ----------
    source
        The source of the network that said so.
    claim
        ``"on"`` or ``"off"``.
    credibility
        The chance that this item carries what the source knows, apart from how good the source
        is; 0 makes it a coin toss.
    derived_from
        The items that this one repeats; they must be reports on the same event.
    check
        The chance that the source checked a copied claim for itself; the source's own, or else
        its type's, where nothing is said. What is not derived counts as checked.
    """

    kind: Literal["report"] = "report"
    source: Id
    claim: Literal["on", "off"]
    credibility: Share = 1.0
    derived_from: Annotated[tuple[Id, ...], Listed] = ()
    check: Share | None = None

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a report."""
        origins = fields.get("derived_from") or ()
        if fields.get("check") not in (None, 1.0) and not origins:
            yield Fault(
                "the chance that a copied claim was checked, and this item copies none",
                "Name the item that it repeats in derived_from, or leave check out.",
                field="check",
            )
        if not isinstance(origins, list | tuple):
            return
        if fields.get("id") in origins:
            remedy = "Name the item that it repeats."
            yield Fault("names the item itself", remedy, field="derived_from")
        if len(set(map(str, origins))) < len(origins):
            yield Fault("names an item twice", "Name each once.", field="derived_from")
