"""What moved between two runs of the ledger, and why."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError
from forecast.ledger import ForecastRecord, RunHead, RunInputs, run_heads, run_inputs, run_said
from forecast.report._content import NamedItem, Reasons
from forecast.time import day_label, parse_instant
from forecast.workspace._draws import evidence_of, network_of, posterior_of
from forecast.workspace._history import (
    Kept,
    StatedItem,
    by_publication,
    named_run,
    open_kept,
    stated_item,
)
from forecast.workspace._kept_reasons import OfRun, changes_of
from forecast.workspace._named import named_items
from forecast.workspace._network_change import FieldChange, network_changes
from forecast.workspace._reasons import deadline_of_reasons

if TYPE_CHECKING:
    from datetime import datetime


TOLD_OTHERWISE = {"deadlines", "questions", "every", "recalibration"}
"""Settings that say what is forecast: where they differ, so do the forecasts of one run alone."""


@dataclass(frozen=True)
class ForecastChange:
    """One forecast in both runs."""

    event: str
    by: str
    then: float
    now: float
    then_mcse: float | None
    now_mcse: float | None

    @property
    def change(self) -> float:
        """By how much the probability moved."""
        return self.now - self.then

    @property
    def mcse(self) -> float:
        """The Monte Carlo standard error of the change."""
        return float(((self.then_mcse or 0.0) ** 2 + (self.now_mcse or 0.0) ** 2) ** 0.5)


@dataclass(frozen=True)
class Difference:
    """Two runs against each other.

    Parameters
    ----------
    before, after
        The runs.
    moved
        Forecasts of both, the largest change first.
    only_before, only_after
        Forecasts of one alone, as ``event by date``.
    items
        What they do not have in common, by date of publication.
    network
        What differs in the network, field by field.
    settings
        Settings that differ: (name, before, after).
    reasons
        For the events that moved most, by how much each item moved them: `Reasons` with steps
        alone, or with a note that says why there are none.
    named, titles
        The items of both runs as readers are told them, by id; what each event is called.
    settled
        The items that made an event certain, by event; all those that the two runs do not share.
    """

    before: RunHead
    after: RunHead
    moved: tuple[ForecastChange, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    items: tuple[StatedItem, ...]
    network: tuple[FieldChange, ...]
    settings: tuple[tuple[str, str, str], ...]
    reasons: Mapping[str, Reasons] = field(default_factory=dict)
    named: Mapping[str, NamedItem] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    settled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def difference(
    folder: Path, names: tuple[str, str], *, explained: int, tell: Callable[[str], None]
) -> Difference:
    """Return what moved between two runs, and why.

    Parameters
    ----------
    folder
        The workspace.
    names
        The earlier and the later run (see `named_run`).
    explained
        For how many events to tell how much each item moved them; 0 to ask no posterior.
    tell
        Told when a run has to be estimated again, and why.

    Raises
    ------
    InputError
        If there is no such run, or the two are of different networks or in the wrong order.
    ForecastError
        If saved draws are damaged.
    """
    with open_kept(folder) as kept:
        heads = run_heads(kept.ledger)
        before, after = (named_run(heads, name) for name in names)
        _check(before, after)
        inputs = run_inputs(kept.ledger, before.entry), run_inputs(kept.ledger, after.entry)
        then, now = _told(kept, before), _told(kept, after)
        moved = [
            ForecastChange(
                *asked, then[asked].probability, told.probability, then[asked].mcse, told.mcse
            )
            for asked, told in now.items()
            if asked in then
        ]
        found = Difference(
            before,
            after,
            moved=tuple(sorted(moved, key=lambda each: -abs(each.change))),
            only_before=tuple(f"{event} by {by}" for event, by in then if (event, by) not in now),
            only_after=tuple(f"{event} by {by}" for event, by in now if (event, by) not in then),
            items=_items(*inputs),
            network=network_changes(*(each.network for each in inputs)),
            settings=_settings(*inputs),
        )
        found = replace(found, settled=_settled(found))
        return _explained(found, kept, explained, tell, (then, now)) if explained else found


def _check(before: RunHead, after: RunHead) -> None:
    if before.network != after.network:
        problem = f"the runs are of different networks ('{before.network}' and '{after.network}')"
        raise InputError(Fault(problem, "Name two runs of one network."))
    if before.entry == after.entry:
        raise InputError(Fault("the two runs are the same", value=str(after.entry)))
    if before.as_of > after.as_of:
        problem = (
            f"the first run ({before.entry}) is as of {day_label(before.as_of)}, after the second "
            f"({after.entry}, as of {day_label(after.as_of)})"
        )
        raise InputError(Fault(problem, f"Ask for 'forecast diff {after.entry} {before.entry}'."))


def _told(kept: Kept, head: RunHead) -> dict[tuple[str, str], ForecastRecord]:
    """Return the forecasts of a run by event and deadline."""
    told = (each.forecast for each in run_said(kept.ledger, head.entry))
    return {(each.event, each.by): each for each in told if not each.condition}


def _items(before: RunInputs, after: RunInputs) -> tuple[StatedItem, ...]:
    then, now = before.items, after.items
    status = {name: "new" for name in now if name not in then}
    status |= {name: "gone" for name in then if name not in now}
    status |= {name: "revised" for name in now if name in then and now[name] != then[name]}
    series = {_series(body) for body in now.values()} - {None}
    status |= {
        name: "replaced" for name in then if name not in now and _series(then[name]) in series
    }
    return by_publication(
        stated_item(name, now.get(name) or then[name], what) for name, what in status.items()
    )


def _series(body: str) -> tuple[str, str] | None:
    """Return whose forecast an item is, and of what; None where it is none."""
    stated = json.loads(body)
    return (stated["source"], stated["event"]) if stated["kind"] == "forecast" else None


def _settings(before: RunInputs, after: RunInputs) -> tuple[tuple[str, str, str], ...]:
    then, now = json.loads(before.settings), json.loads(after.settings)
    names = [name for name in now if name not in TOLD_OTHERWISE and now[name] != then.get(name)]
    return tuple((name, str(then.get(name)), str(now[name])) for name in names)


def _settled(found: Difference) -> dict[str, tuple[str, ...]]:
    """Return the items on the events that are certain now and were not."""
    sure = [m.event for m in found.moved if m.now in (0.0, 1.0) and m.then != m.now]
    by_event = {
        event: tuple(i.item for i in found.items if i.event == event and i.kind == "observation")
        for event in dict.fromkeys(sure)
    }
    return {event: items for event, items in by_event.items() if items}


def _explained(
    found: Difference,
    kept: Kept,
    number: int,
    tell: Callable[[str], None],
    forecasts: tuple[Mapping[tuple[str, str], ForecastRecord], ...],
) -> Difference:
    """Add the reasons for the events that moved most, each by the deadline that its are of."""
    then, now = forecasts
    inputs = run_inputs(kept.ledger, found.after.entry)
    titles = {event.id: event.title or event.id for event in network_of(inputs).nodes}
    found = replace(found, titles=titles)
    chosen = {each.event: each for each in _by_their_deadlines(found)[:number]}
    if not chosen:
        return found
    posteriors = cache(
        lambda: (posterior_of(kept, found.before, tell), posterior_of(kept, found.after, tell))
    )
    figures = {event: (then[event, each.by], now[event, each.by]) for event, each in chosen.items()}
    told: dict[str, Reasons] = {}
    for by in dict.fromkeys(each.by for each in chosen.values()):
        events = [event for event, each in chosen.items() if each.by == by]
        of_run = OfRun(kept, found.after, inputs, parse_instant(by))
        told |= changes_of(of_run, found.before, events, posteriors, figures)
    reasons = {event: told[event] for event in chosen}
    sides = [run_inputs(kept.ledger, found.before.entry), inputs]
    named = [named_items(network_of(side), evidence_of(side)) for side in sides]
    return replace(found, reasons=reasons, named={**named[0], **named[1]})


def _by_their_deadlines(found: Difference) -> list[ForecastChange]:
    """Return what reasons can be told of: of each event that moved one forecast, largest first.

    It is that by the deadline which reasons are of, among those that the event has in both runs.
    What is certain now has no reasons.
    """
    days: dict[str, list[datetime]] = {}
    for each in found.moved:
        days.setdefault(each.event, []).append(parse_instant(each.by))
    of = {event: deadline_of_reasons(found.after.as_of, those) for event, those in days.items()}
    return [
        each
        for each in found.moved
        if parse_instant(each.by) == of[each.event]
        and each.change != 0
        and each.now not in (0.0, 1.0)
    ]
