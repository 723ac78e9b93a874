"""The replay of a workspace's networks at past dates, against its own resolutions."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Clock, Resolutions
from forecast.workspace.contents import Contents, Inputs, read_contents
from forecast.workspace.faults import Gathered
from forecast.workspace.outcome import Step
from forecast.workspace.outcomes import clashes_with_word
from forecast.workspace.settings import Request, request_faults
from forecast.workspace.work import Client, workplace

if TYPE_CHECKING:
    from forecast.backtest import Backtest
    from forecast.estimate.result import Method

__all__ = ["FOLDER", "BacktestRequest", "Replayed", "backtest"]

FOLDER = "backtests"
"""Where finished estimates are kept, in the workspace."""

EVERY = 14

FLAGS = {"first": "--from", "last": "--to", "days": "--every"}


@dataclass(frozen=True)
class BacktestRequest:
    """What is asked of a replay; what is None is left to the workspace.

    Parameters
    ----------
    networks
        Names of networks; all that have resolutions, where empty.
    on
        The dates; where empty, those from `first` to `last` every so many days.
    first, last, every
        By default from the network's start to the last deadline that is scored, every 14 days.
    known, method, seed, draws
        As for an update.
    force
        Score estimates that fail their gate.
    """

    networks: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    every: int | None = None
    known: Clock | None = None
    method: str | None = None
    seed: int | None = None
    draws: int | None = None
    force: bool = False


@dataclass(frozen=True)
class Replayed:
    """One network's replay, and how it was asked for."""

    result: "Backtest"
    dates: tuple[str, ...]
    known: Clock
    method: str
    draws: int
    seed: int


def backtest(
    folder: Path,
    request: BacktestRequest,
    *,
    tell: Callable[[Step], None] = lambda _: None,
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
        What is asked.
    tell
        Called at each step.
    executor
        Where to estimate: any `concurrent.futures.Executor`, or a Dask client.
    workers
        How many new processes to estimate in, where no executor is given; 1 for this one.

    Raises
    ------
    InputError
        With every fault of every file and of the request, or if nothing is resolved.
    GateError
        If an estimate fails its gate.
    """
    contents = _read(folder, request)
    chosen = _chosen(contents, request)
    with workplace(executor, workers, 2) as place:
        return tuple(_replayed(contents, inputs, request, tell, place) for inputs in chosen)


def _read(folder: Path, request: BacktestRequest) -> Contents:
    gathered = Gathered()
    if request.on and (request.first, request.last, request.every) != (None, None, None):
        remedy = "Give dates one by one (--on), or a first, a last and a step."
        gathered.add([Fault("dates are given in two ways", remedy, field="--on")])
    gathered.add(request_faults(Request(draws=request.draws)))
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


def _chosen(contents: Contents, request: BacktestRequest) -> Sequence[Inputs]:
    by_name = {inputs.network.name: inputs for inputs in contents.inputs}
    unknown = [name for name in request.networks if name not in by_name]
    if unknown:
        raise InputError(
            [
                Fault("there is no such network here", did_you_mean(name, by_name), value=name)
                for name in unknown
            ]
        )
    asked = request.networks or tuple(by_name)
    scored = {each.event for each in contents.resolutions.scored}
    chosen = [
        inputs
        for name, inputs in by_name.items()
        if name in asked and scored & {event.id for event in inputs.network.events}
    ]
    if not chosen:
        remedy = "Write how questions came out in resolutions.csv, in a folder of evidence."
        raise InputError(
            Fault("there are no resolutions to score against", remedy, file=str(contents.file))
        )
    return chosen


def _replayed(
    contents: Contents,
    inputs: Inputs,
    request: BacktestRequest,
    tell: Callable[[Step], None],
    executor: Executor | None,
) -> Replayed:
    # Imported here, since it takes seconds: a fault in a file is told at once.
    from forecast.backtest import replay  # noqa: PLC0415

    workspace, network = contents.workspace, inputs.network
    resolutions = contents.resolutions.about(network)
    dates = _dates(inputs, resolutions, request)
    known = workspace.known if request.known is None else request.known
    method = workspace.method if request.method is None else request.method
    draws = workspace.draws if request.draws is None else request.draws
    seed = workspace.seed if request.seed is None else request.seed
    result = replay(
        network,
        inputs.evidence,
        resolutions,
        dates=dates,
        known=known,
        method=cast("Method", method),
        draws=draws,
        seed=seed,
        executor=executor,
        folder=workspace.folder / FOLDER / network.name,
        force=request.force,
        tell=lambda done, total, doing: tell(Step(done, total, f"{network.name}: {doing}")),
    )
    return Replayed(result, tuple(map(str, dates)), known, method, draws, seed)


def _dates(
    inputs: Inputs, resolutions: Resolutions, request: BacktestRequest
) -> Sequence[str | date]:
    from forecast.backtest import every  # noqa: PLC0415

    if request.on:
        return request.on
    last = max(each.by for each in resolutions.scored)
    try:
        return every(
            inputs.network.start if request.first is None else request.first,
            last.date() if request.last is None else request.last,
            days=EVERY if request.every is None else request.every,
        )
    except InputError as error:  # in the words of who asked
        faults = [replace(each, field=FLAGS.get(each.field, each.field)) for each in error.faults]
        raise InputError(faults) from None
