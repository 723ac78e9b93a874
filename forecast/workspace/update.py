"""The main path: read the workspace, check it, estimate, save, and enter the run in the ledger."""

from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forecast.errors import ForecastError
from forecast.ledger import ledger_address, open_ledger
from forecast.workspace.contents import Contents, Inputs, read_contents
from forecast.workspace.estimated import Estimated, estimated
from forecast.workspace.faults import Gathered
from forecast.workspace.job import Job, Tell, plan
from forecast.workspace.outcome import Report, Run, Step
from forecast.workspace.settings import Request, Settings, choose, request_faults, settle
from forecast.workspace.work import Client

if TYPE_CHECKING:
    from forecast.estimate.result import Method
    from forecast.posterior import Posterior

__all__ = ["Report", "Run", "Step", "attempt", "update"]


def update(
    folder: Path,
    request: Request,
    *,
    tell: Tell = lambda _: None,
    executor: Executor | Client | None = None,
    workers: int = 1,
) -> tuple[Run, ...]:
    """Estimate the networks of a workspace, keep the result, and enter it in the ledger.

    Notes
    -----
    Nothing is written where anything is wrong with any file. A network whose estimate fails, or
    does not pass its gate where `request.force` does not say to keep it, leaves nothing; the others
    are published before the error is raised. The same inputs give the same run, published once, and
    what is there is never overwritten.

    Parameters
    ----------
    folder
        The workspace.
    request
        What is asked beyond what the workspace's file says.
    tell
        Called at each step.
    executor
        Where to estimate: any `concurrent.futures.Executor`, or a Dask client.
    workers
        How many new processes to estimate in, where no executor is given; 1 for this one.

    Returns
    -------
    tuple of Run
        One a network, in the order of the workspace file.

    Raises
    ------
    InputError
        With every fault of every file.
    GateError
        If an estimate fails its convergence gate.
    LedgerError
        If the ledger cannot be reached or written.
    """
    report = attempt(folder, request, tell=tell, executor=executor, workers=workers)
    report.refuse()
    return report.runs


def attempt(
    folder: Path,
    request: Request,
    *,
    tell: Tell = lambda _: None,
    executor: Executor | Client | None = None,
    workers: int = 1,
) -> Report:
    """Do what `update` does, and report the networks that failed beside those that did not.

    Where the workspace's file names a page, it is written once the runs are published.

    Raises
    ------
    InputError
        With every fault of every file.
    LedgerError
        If the ledger cannot be reached or written.
    """
    contents = _read(folder, request)
    settings = settle(contents, request)
    plans = [plan(inputs, settings) for inputs in choose(contents, request, settings)]
    with open_ledger(ledger_address(contents.workspace.ledger, folder)) as ledger:
        job = Job(contents, settings, ledger, plans, tell, force=request.force)
        report = job.run(_estimated, executor, workers)
    if contents.workspace.report is None or not report.runs:
        return report
    return _with_page(folder, report, tell)


def _with_page(folder: Path, report: Report, tell: Tell) -> Report:
    """Write the page that the workspace asks for; what is published stays so where that fails."""
    from forecast.workspace.report import write_report  # noqa: PLC0415  many write none

    try:
        return replace(report, page=write_report(folder, tell=tell))
    except ForecastError as error:
        return replace(report, failures={**report.failures, "the report": error})


def _read(folder: Path, request: Request) -> Contents:
    """Return the workspace; refuse what is wrong with it and with the request in one go."""
    gathered = Gathered()
    gathered.add(request_faults(request))
    with gathered.faults_of():
        contents = read_contents(folder)
    gathered.refuse()
    return contents


def _estimate(inputs: Inputs, settings: Settings) -> "Posterior":
    # Imported here, since it takes seconds: a fault in a file is told at once.
    from forecast.posterior.update import update as estimate  # noqa: PLC0415

    return estimate(
        inputs.network,
        inputs.evidence,
        as_of=settings.as_of,
        known=settings.known,
        method=cast("Method", settings.method),
        draws=settings.draws,
        seed=settings.seed,
    )


def _estimated(inputs: Inputs, settings: Settings) -> Estimated:
    """Estimate one network, in whatever process this is."""
    return estimated(_estimate(inputs, settings), settings)
