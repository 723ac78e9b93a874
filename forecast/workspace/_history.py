"""A workspace's ledger: opened, its runs by their names, and what it has of one event."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence._kinds import KINDS
from forecast.files._workspace_file import Workspace, read_workspace
from forecast.ledger import (
    Ledger,
    RunHead,
    Said,
    Standing,
    contents_named,
    items_seen,
    ledger_address,
    open_ledger,
    run_heads,
    run_inputs,
    run_said,
    said,
    standing,
)
from forecast.network._json import network_from_json
from forecast.time import DayError, day_label, parse_instant
from forecast.workspace._contents import workspace_file
from forecast.workspace._head import require_known, require_there


@dataclass(frozen=True)
class Kept:
    """A workspace's file, and its ledger, open."""

    workspace: Workspace
    ledger: Ledger


@contextmanager
def open_kept(folder: Path, *, upgrading: bool = False, whatever: bool = False) -> Iterator[Kept]:
    """Open the ledger of a workspace; refuse a folder that is none, or that has no ledger yet.

    `upgrading` opens one of an older form as well, `whatever` one that is not the ledger of the
    runs beside it.
    """
    workspace = read_workspace(workspace_file(folder))
    address = ledger_address(workspace.ledger, folder)
    require_there(workspace, address)
    if address.file is not None and not address.file.exists():
        remedy = "'forecast update' makes one with the first run."
        raise InputError(Fault("there is no ledger yet", remedy, file=str(address.file)))
    with open_ledger(address, upgrading=upgrading) as ledger:
        if not (whatever or upgrading):
            require_known(workspace, ledger)
        yield Kept(workspace, ledger)


def last_runs(heads: Iterable[RunHead]) -> dict[str, RunHead]:
    """Return the last run of each network: of the latest cut-off, and of several the last entered.

    A run as of a day that a wrong clock made up, as the ledger says, is not the last one.
    """
    return {head.network: head for head in _by_cut_off(heads)}


def _by_cut_off(heads: Iterable[RunHead]) -> list[RunHead]:
    return sorted(heads, key=lambda head: (not head.ahead, head.as_of, head.entry))


@dataclass(frozen=True)
class Before:
    """What the run before said: its cut-off, and its forecasts by event and deadline."""

    as_of: str
    figures: Mapping[tuple[str, datetime], float]


def said_before(ledger: Ledger, network: str, entry: int, as_of: datetime) -> list[Said]:
    """Return what the run before a run said: that of the cut-off next to its own.

    Of several with one cut-off it is the last that was entered, before the run itself where the
    cut-off is its own. So a past date that is run later is a run before, and not a later one.
    """
    earlier = [
        (head.as_of, head.entry)
        for head in run_heads(ledger)
        if head.network == network and not head.ahead and (head.as_of, head.entry) < (as_of, entry)
    ]
    return run_said(ledger, max(earlier)[1]) if earlier else []


def run_before(ledger: Ledger, network: str, entry: int, as_of: datetime) -> Before | None:
    """Return the figures of the run before a run; None without one."""
    found = said_before(ledger, network, entry, as_of)
    told = [said.forecast for said in found if not said.forecast.condition]
    figures = {(each.event, each.deadline): each.probability for each in told}
    return Before(day_label(found[0].as_of), figures) if found else None


LAST = "last"
FEWEST = 4
"""Letters of a key that name a run."""


def named_run(heads: Sequence[RunHead], name: str) -> RunHead:
    """Return the run of a name.

    It is its entry in the ledger (``7``), the first letters of its key (``a91c``), its knowledge
    cut-off (``2024-07-01``: the last run as of then), or ``last``. An `InputError` says which there
    are, where there is no such run or it is not clear which is meant.
    """
    if not heads:
        raise InputError(Fault("the ledger has no run yet", "'forecast update' makes one."))
    if name == LAST:
        return heads[-1]
    if name.isdecimal() and name.isascii():
        entries = [head for head in heads if head.entry == int(name)]
        if entries:
            return entries[0]
    try:
        instant = parse_instant(name)
    except DayError:
        return _by_key(heads, name)
    found = [head for head in heads if head.as_of == instant]
    if not found:
        days = ", ".join(dict.fromkeys(day_label(head.as_of) for head in heads[-12:]))
        raise InputError(Fault("no run is as of this date", f"There are: {days}.", value=name))
    networks = sorted({head.network for head in found})
    if len(networks) > 1:
        entries_of = ", ".join(f"{head.entry} ({head.network})" for head in found)
        problem = f"runs of {len(networks)} networks are as of this date"
        raise InputError(Fault(problem, f"Name one by its entry: {entries_of}.", value=name))
    return found[-1]


def _by_key(heads: Sequence[RunHead], name: str) -> RunHead:
    found = [head for head in heads if len(name) >= FEWEST and head.key.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(
        f"{head.entry} (key {head.key[:12]}, {head.network} as of {day_label(head.as_of)})"
        for head in (found or heads)[-6:]
    )
    problem = (
        "more than one run has a key that begins so" if found else "the ledger has no such run"
    )
    how = (
        f"Name a run by its entry, its key's first {FEWEST} letters or more, its cut-off or 'last'"
    )
    raise InputError(Fault(problem, f"{how}: {listed}.", value=name))


@dataclass(frozen=True)
class StatedItem:
    """An item of evidence as the ledger keeps it; fields that it lacks are empty.

    Parameters
    ----------
    item, event, kind, published, source, claim, text
        What it is.
    says
        What it says of its event, in the words of its kind.
    status
        Against another run: ``"new"``, ``"gone"``, ``"revised"``, or ``"replaced"``: a forecast in
        whose place a newer one of its source on its event stands.
    more_events
        The others that it bears on.
    """

    item: str
    event: str
    kind: str
    published: str
    source: str
    claim: str
    text: str
    says: str
    status: str = ""
    more_events: tuple[str, ...] = ()


def stated_item(name: str, body: str, status: str = "") -> StatedItem:
    """Return an item from its id and its fields as JSON."""
    stated = json.loads(body)
    texts = (stated.get(key) for key in ("event", "kind", "published", "source", "text"))
    event, kind, published, source, text = ("" if each is None else str(each) for each in texts)
    claim = claim_of(stated)
    try:
        says = KINDS[kind].model_validate_json(body).words()
    except (KeyError, ValueError):  # of a later version, or an older one
        says = claim
    more = tuple(map(str, stated.get("more_events") or ()))
    return StatedItem(name, event, kind, published, source, claim, text, says, status, more)


def by_publication(items: Iterable[StatedItem]) -> tuple[StatedItem, ...]:
    """Return items by date of publication."""
    return tuple(sorted(items, key=lambda each: (each.published, each.item)))


@dataclass(frozen=True)
class History:
    """One event.

    Parameters
    ----------
    event
        Its id.
    said
        Every forecast of it by the runs' cut-offs, the last run's last (see `last_runs`).
    seen
        The items on it that the last run saw, by date of publication.
    standing
        The last word on how it came out, if there is one.
    title
        What the last run's network calls it; empty where it has no title.
    """

    event: str
    said: tuple[Said, ...]
    seen: tuple[StatedItem, ...]
    standing: Standing | None
    title: str = ""

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
            for each in self.said[: self.said.index(now)]
            if (each.network, each.forecast.deadline, each.forecast.condition) == asked
        ]
        return earlier[-1] if earlier else None


def history_of(folder: Path, event: str) -> History:
    """Return what a workspace's ledger has on an event; refuse one of which it has no forecast."""
    with open_kept(folder) as kept:
        found = said(kept.ledger, events=[event])
        if not found:
            events = {each.forecast.event for each in said(kept.ledger)}
            raise no_forecast(event, events)
        order = {
            head.entry: place for place, head in enumerate(_by_cut_off(run_heads(kept.ledger)))
        }
        found.sort(key=lambda each: order[each.entry])  # stable: a run's own order stays
        seen = _seen(kept.ledger, found, event)
        told = standing(kept.ledger).get(event)
        title = titles_at(kept.ledger, found[-1].entry).get(event, "")
        return History(event, tuple(found), seen, told, title)


def no_forecast(event: str, others: Collection[str]) -> InputError:
    """Return the refusal of an event of which the ledger has no forecast."""
    problem = "the ledger has no forecast of this event"
    return InputError(Fault(problem, did_you_mean(event, others), value=event))


def titles_at(ledger: Ledger, entry: int) -> dict[str, str]:
    """Return the titles of a run's events; none where this version cannot read its network."""
    try:
        network = network_from_json(run_inputs(ledger, entry).network)
    except ValueError:
        return {}
    return {node.id: node.title for node in network.nodes if node.title}


def _seen(ledger: Ledger, found: Sequence[Said], event: str) -> tuple[StatedItem, ...]:
    names = items_seen(ledger, found[-1].entry)
    bodies = contents_named(ledger, names.values())
    items = (stated_item(item, bodies[name]) for item, name in names.items())
    return by_publication(item for item in items if event in {item.event, *item.more_events})


def claim_of(stated: Mapping[str, Any]) -> str:
    """Return what an item says of its event: on, off, or the days of an onset; empty for neither.

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
