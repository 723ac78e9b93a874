"""What items would do to each forecast: estimates with and without them, and nothing is kept.

Both are made as an update would make them, with the same seed, by importance sampling or, where
that does not reach, by the path sampler. A network of which that would take long is named and left
out.
"""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, ForecastError, InputError, did_you_mean
from forecast.evidence import Item, Place
from forecast.inbox._draft import Draft
from forecast.time import day_label
from forecast.workspace._choices import Choice
from forecast.workspace._contents import Contents, Inputs, read_contents
from forecast.workspace._filing import checked
from forecast.workspace._followed import followed, ledger_of, words_of
from forecast.workspace._foresight import NEWEST, Foreseen, path_sampled
from forecast.workspace._settings import Request, Settings, finished, settle, settle_one

if TYPE_CHECKING:
    from forecast.ledger import ForecastRecord, Ledger

MOST_DRAWS = 8192
"""However many forecast.toml asks for: more would take more than seconds."""
TELLING = 3.0
"""Standard errors."""
LONGEST = 20.0
"""Seconds that a first round of the path sampler may be foreseen to take."""


@dataclass(frozen=True)
class Effect:
    """One forecast, without and with new items.

    Parameters
    ----------
    network
        The network's name.
    before, after
        The forecast without and with them.
    """

    network: str
    before: "ForecastRecord"
    after: "ForecastRecord"

    @property
    def change(self) -> float:
        """By how much the probability would change."""
        return self.after.probability - self.before.probability

    @property
    def error(self) -> float:
        """The Monte Carlo standard error of the change, at the most.

        Both estimates share their seed, so that their errors agree in part; this takes them to be
        independent.
        """
        return math.hypot(self.before.mcse or 0.0, self.after.mcse or 0.0)

    @property
    def telling(self) -> bool:
        """Whether the change is more than its error makes of nothing, among dozens of forecasts."""
        return abs(self.change) > TELLING * self.error


@dataclass(frozen=True)
class Effects:
    """What items would do.

    Parameters
    ----------
    as_of
        The knowledge cut-off of both estimates.
    items
        The items, by the id of the draft that they would come from.
    effects
        By how much each forecast would change: those that tell first, then the largest.
    warnings
        What of the workspace is, with them, legal but probably not meant, and was not so before.
    notes
        What was left out, and why.
    """

    as_of: str
    items: Mapping[str, tuple[Item, ...]]
    effects: tuple[Effect, ...]
    warnings: tuple[Fault, ...]
    notes: tuple[str, ...]


def effects_of(
    folder: Path,
    choices: Sequence[Choice],
    *,
    drafts: Iterable[Draft] = (),
    events: Collection[str] = (),
) -> Effects:
    """Return what would come of choices, forecast by forecast; nothing is written.

    Parameters
    ----------
    folder
        The workspace.
    choices, drafts
        As `checked` takes them.
    events
        Whose forecasts are wanted; of all networks with new items where empty.

    Raises
    ------
    InputError
        With every fault of the choices and of the workspace; if there is no such event.
    """
    found = checked(folder, choices, drafts=drafts)
    if found.faults:
        raise InputError(found.faults)
    items = tuple(item for some in found.items.values() for item in some)
    before, after = _whole(folder), _whole(folder, items)
    _refuse_unknown(events, after)
    settings = settle(after, Request())
    slow = {each.network: each for each in path_sampled(after) if each.as_of_from != NEWEST}
    notes = list(_unseen(items, settings))
    effects: list[Effect] = []
    with ledger_of(before) as ledger:
        for old, new in zip(before.inputs, after.inputs, strict=True):
            if old.evidence == new.evidence:
                continue
            name, own = new.network.name, settle_one(new, settings)
            why = finished(new, own) or _too_long(slow.get(name))
            if why:
                notes.append(f"{name} was left out: {why}")
                continue
            own = own if name in slow else _quick(own)
            try:
                one, failed = _forecasts(old, own, ledger)
                two, failing = _forecasts(new, own, None)
            except ForecastError as error:
                notes.append(f"{name} could not be estimated: {error}")
                continue
            if failed or failing:
                notes.append(
                    f"{name}: this quick estimate did not pass its gate: {failing or failed}"
                )
            told = {(each.event, each.deadline): each for each in one}
            effects += (
                Effect(name, told[each.event, each.deadline], each)
                for each in two
                if (each.event, each.deadline) in told and (each.event in events or not events)
            )
    effects.sort(key=lambda each: (not each.telling, -abs(each.change)))
    as_of = day_label(settings.as_of)
    return Effects(as_of, found.items, tuple(effects), found.warnings, tuple(notes))


def _whole(folder: Path, items: Iterable[Item] = ()) -> Contents:
    contents = read_contents(folder, new=[(item, Place()) for item in items])
    with ledger_of(contents) as ledger:
        return followed(contents, words_of(ledger))


def _refuse_unknown(events: Collection[str], contents: Contents) -> None:
    known = {node.id for inputs in contents.inputs for node in inputs.network.nodes}
    faults = [
        Fault("there is no such event", did_you_mean(name, known), value=name)
        for name in events
        if name not in known
    ]
    if faults:
        raise InputError(faults)


def _unseen(items: Iterable[Item], settings: Settings) -> Iterator[str]:
    """Yield which items no forecast sees as of the cut-off."""
    for item in items:
        if item.instant(settings.known) > settings.as_of:
            yield (
                f"item '{item.id}' was {settings.known} after the knowledge cut-off, "
                f"{day_label(settings.as_of)} ({settings.as_of_from}): no forecast sees it yet"
            )


def _too_long(foreseen: Foreseen | None) -> str:
    """Return why an estimate by the path sampler is not made here; empty where it is."""
    if foreseen is None or (foreseen.seconds is not None and foreseen.seconds <= LONGEST):
        return ""
    return str(foreseen)


def _quick(settings: Settings) -> Settings:
    """Return settings by which an estimate takes seconds, where importance sampling reaches."""
    return replace(settings, method="importance", draws=min(settings.draws, MOST_DRAWS))


def _forecasts(
    inputs: Inputs, settings: Settings, ledger: "Ledger | None"
) -> "tuple[Sequence[ForecastRecord], str]":
    """Return a network's forecasts, those of the ledger where it has this very run.

    And what its gate says, where it fails.
    """
    # Imported here, since it takes a second.
    from forecast.workspace._update import estimated  # noqa: PLC0415

    kept = [] if ledger is None else _kept(inputs, settings, ledger)
    if kept:
        return kept, ""
    made = estimated(inputs, settings)
    return made.forecasts, "" if made.gate.passed else str(made.gate)


def _kept(inputs: Inputs, settings: Settings, ledger: "Ledger") -> "list[ForecastRecord]":
    from forecast.ledger import run_heads, run_inputs, run_said  # noqa: PLC0415
    from forecast.workspace._update import plan  # noqa: PLC0415

    quick = settings.method == "importance"
    asked = (settings, replace(settings, method="auto")) if quick else (settings,)
    keys = {plan(inputs, each).key for each in asked}
    for head in reversed(run_heads(ledger)):
        if head.key in keys and not head.forced:
            made = json.loads(run_inputs(ledger, head.entry).settings)
            if (made["method"] == "importance") == quick:
                return [each.forecast for each in run_said(ledger, head.entry)]
    return []
