"""The replay of a workspace's networks at past dates, against its own resolutions."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError
from forecast.evidence import Clock, Resolutions
from forecast.workspace._cluster import Client
from forecast.workspace._contents import (
    Contents,
    Gathered,
    Inputs,
    clashes_with_word,
    read_contents,
)
from forecast.workspace._settings import Request, how_to_estimate, named_inputs, request_faults
from forecast.workspace._work import Step, Tell, workplace

if TYPE_CHECKING:
    from forecast.backtest import Backtest


FOLDER = "backtests"
"""Where finished estimates are kept, in the workspace."""

EVERY = 14

FLAGS = {"first": "--from", "last": "--to", "days": "--every"}


@dataclass(frozen=True)
class ReplayDates:
    """The dates of a replay, as they were asked for.

    Parameters
    ----------
    on
        The dates; where empty, those from `first` to `last` every so many days.
    first, last, every
        By default from the network's start to the last deadline that is scored, every 14 days.
    """

    on: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    every: int | None = None


@dataclass(frozen=True)
class Replayed:
    """One network's replay, and how it was asked for."""

    result: "Backtest"
    dates: tuple[str, ...]
    titles: Mapping[str, str]
    known: Clock
    method: str
    draws: int
    seed: int


def backtest(
    folder: Path,
    request: Request,
    dates: ReplayDates,
    *,
    tell: Tell = lambda _: None,
    executor: Executor | Client | None = None,
    workers: int = 1,
) -> tuple[Replayed, ...]:
    """Replay the networks of a workspace at past dates, and score them.

    Finished estimates are kept in ``backtests/NETWORK``: the same replay takes them from there.

    Parameters
    ----------
    folder
        The workspace.
    request
        What is asked, as for an update; networks are those that have resolutions, where it names
        none, `force` scores estimates that fail their gate, and `as_of` plays no part.
    dates
        The dates.
    tell, executor, workers
        As for an update.

    Raises
    ------
    InputError
        With every fault of every file and of the request, or if nothing is resolved.
    GateError
        If an estimate fails its gate.
    """
    contents = _read(folder, request, dates)
    chosen = _chosen(contents, request)
    with workplace(executor, workers, 2) as place:
        return tuple(_replayed(contents, inputs, request, dates, tell, place) for inputs in chosen)


def _read(folder: Path, request: Request, dates: ReplayDates) -> Contents:
    gathered = Gathered()
    if dates.on and (dates.first, dates.last, dates.every) != (None, None, None):
        remedy = "Give dates one by one (--on), or a first, a last and a step."
        gathered.add([Fault("dates are given in two ways", remedy, field="--on")])
    gathered.add(request_faults(request))
    with gathered.faults_of():
        contents = read_contents(folder)
        gathered.add(_clashes(contents))
    gathered.refuse()
    return contents


def _clashes(contents: Contents) -> tuple[Fault, ...]:
    """Return where the resolutions contradict the workspace's ledger, if it has one on disk."""
    # Imported here, since it reaches the database library.
    from forecast.ledger import ledger_address, open_ledger, standing  # noqa: PLC0415

    workspace = contents.workspace
    address = ledger_address(workspace.ledger, workspace.folder)
    if address.file is None or not address.file.exists():
        return ()
    with open_ledger(address) as ledger:
        words = {event: word.resolution for event, word in standing(ledger).items()}
    return tuple(clashes_with_word(contents.resolutions, words))


def _chosen(contents: Contents, request: Request) -> Sequence[Inputs]:
    gathered = Gathered()
    asked = named_inputs(contents, request.networks, gathered)
    gathered.refuse()
    scored = {each.event for each in contents.resolutions.scored}
    chosen = [each for each in asked if scored & {event.id for event in each.network.nodes}]
    if not chosen:
        remedy = (
            "Write how questions came out in questions.csv, or in resolutions.csv in a folder of "
            "evidence."
        )
        raise InputError(
            Fault("there are no resolutions to score against", remedy, file=str(contents.file))
        )
    return chosen


def _replayed(  # noqa: PLR0917
    contents: Contents,
    inputs: Inputs,
    request: Request,
    asked: ReplayDates,
    tell: Tell,
    executor: Executor | None,
) -> Replayed:
    # Imported here, since it takes seconds: a fault in a file is told at once.
    from forecast.backtest import replay  # noqa: PLC0415

    network, resolutions = inputs.network, contents.resolutions.about(inputs.network)
    dates = _dates(inputs, resolutions, asked)
    how = how_to_estimate(contents.workspace, request)
    result = replay(
        network,
        inputs.evidence,
        resolutions,
        dates=dates,
        executor=executor,
        folder=contents.workspace.folder / FOLDER / network.name,
        force=request.force,
        tell=lambda done, total, doing: tell(Step(done, total, f"{network.name}: {doing}")),
        **how,
    )
    titles = {event.id: event.title for event in network.nodes if event.title}
    return Replayed(result, tuple(map(str, dates)), titles, **how)


def _dates(inputs: Inputs, resolutions: Resolutions, asked: ReplayDates) -> Sequence[str | date]:
    from forecast.backtest import every  # noqa: PLC0415

    if asked.on:
        return asked.on
    last = max(each.by for each in resolutions.scored)
    try:
        return every(
            inputs.network.start if asked.first is None else asked.first,
            last.date() if asked.last is None else asked.last,
            days=EVERY if asked.every is None else asked.every,
        )
    except InputError as error:  # in the words of who asked
        faults = [replace(each, field=FLAGS.get(each.field, each.field)) for each in error.faults]
        raise InputError(faults) from None
