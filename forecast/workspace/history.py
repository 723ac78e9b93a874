"""One event as the ledger has it: what was said run by run, what was seen, how it came out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.ledger import Ledger, Said, Standing, contents_named, items_seen, said, standing
from forecast.workspace.kept import open_kept

__all__ = ["History", "SeenItem", "claim_of", "history_of"]


@dataclass(frozen=True)
class SeenItem:
    """An item of evidence on the event, as the last run saw it; fields that it lacks are empty."""

    item: str
    kind: str
    published: str
    source: str
    claim: str


@dataclass(frozen=True)
class History:
    """One event.

    Parameters
    ----------
    event
        Its id.
    said
        Every forecast of it, oldest first.
    seen
        The items on it that the last run saw, by date of publication.
    standing
        The last word on how it came out, if there is one.
    """

    event: str
    said: tuple[Said, ...]
    seen: tuple[SeenItem, ...]
    standing: Standing | None

    @property
    def last(self) -> tuple[Said, ...]:
        """The forecasts of the last run, by deadline."""
        entry = self.said[-1].entry
        now = (each for each in self.said if each.entry == entry)
        return tuple(sorted(now, key=lambda each: each.forecast.deadline))

    def before(self, now: Said) -> Said | None:
        """Return what the run before said of the same question, if it did."""
        asked = (now.network, now.forecast.deadline, now.forecast.condition)
        earlier = [
            each
            for each in self.said
            if each.entry < now.entry
            and (each.network, each.forecast.deadline, each.forecast.condition) == asked
        ]
        return earlier[-1] if earlier else None


def history_of(folder: Path, event: str) -> History:
    """Return what a workspace's ledger has on an event.

    Raises
    ------
    InputError
        If it has no forecast of this event.
    LedgerError
        If it cannot be read.
    """
    with open_kept(folder) as kept:
        found = said(kept.ledger, events=[event])
        if not found:
            events = {each.forecast.event for each in said(kept.ledger)}
            fault = Fault("the ledger has no forecast of this event", value=event)
            if events:
                remedy = did_you_mean(event, events)
                fault = Fault(fault.problem, remedy, value=event)
            raise InputError(fault)
        seen = _seen(kept.ledger, found, event)
        return History(event, tuple(found), seen, standing(kept.ledger).get(event))


def _seen(ledger: Ledger, found: Sequence[Said], event: str) -> tuple[SeenItem, ...]:
    names = items_seen(ledger, found[-1].entry)
    bodies = contents_named(ledger, names.values())
    items = []
    for item, name in names.items():
        stated = json.loads(bodies[name])
        if stated.get("event") == event:
            texts = (stated.get(key) for key in ("kind", "published", "source"))
            kind, published, source = ("" if text is None else str(text) for text in texts)
            items.append(SeenItem(item, kind, published, source, claim_of(stated)))
    return tuple(sorted(items, key=lambda each: (each.published, each.item)))


def claim_of(stated: Mapping[str, Any]) -> str:
    """Return what an item says of its event: on, off, or the days of an onset; empty for neither.

    Parameters
    ----------
    stated
        The item's fields, as the ledger keeps them.

    Examples
    --------
    >>> claim_of({"kind": "observation", "onset": ["2024-01-05", "2024-01-09"]})
    'on 2024-01-05/2024-01-09'
    """
    said_of_it = stated.get("claim") or stated.get("state")
    if said_of_it:
        return str(said_of_it)
    days = dict.fromkeys(stated.get("onset") or ())
    return f"on {'/'.join(days)}" if days else ""
