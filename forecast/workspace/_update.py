"""The main path: read the workspace, check it, estimate, save, and enter the runs in the ledger."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forecast.errors import ForecastError, GateError, LedgerError
from forecast.evidence import Evidence
from forecast.files._workspace_file import Workspace
from forecast.ledger import (
    Entry,
    Ledger,
    clock_words,
    ledger_address,
    open_ledger,
    pruned_files,
    publish,
    run_heads,
)
from forecast.time import day_label
from forecast.workspace._alerts import alerts_of
from forecast.workspace._cluster import Client
from forecast.workspace._contents import Contents, Gathered, Inputs, read_contents
from forecast.workspace._draws import NetworkEstimate, estimate_of
from forecast.workspace._followed import followed, ledger_of, words_of
from forecast.workspace._found import as_published, published, require_same, set_aside
from forecast.workspace._head import note_head, require_known, require_there
from forecast.workspace._history import run_before
from forecast.workspace._memory import require_memory
from forecast.workspace._prune import prune_workspace
from forecast.workspace._result import Run, UpdateResult
from forecast.workspace._run import (
    Manifest,
    PosteriorFile,
    folder_of_runs,
    run_key,
    run_name,
    run_record,
    save,
    versions,
)
from forecast.workspace._settings import (
    Request,
    Settings,
    choose,
    finished,
    request_faults,
    settle,
    settle_one,
)
from forecast.workspace._taken_back import way_back
from forecast.workspace._warnings import refuse_if_strict, warnings_of
from forecast.workspace._work import Step, Tell, attempts, unexpected, workplace

if TYPE_CHECKING:
    from forecast.estimate._result import Method
    from forecast.posterior import Posterior
    from forecast.workspace._learned import Learned


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
        With every fault of every file; with `request.strict` every warning too.
    GateError
        If an estimate fails its convergence gate.
    LedgerError
        If the ledger cannot be reached or written.
    """
    result = attempt(folder, request, tell=tell, executor=executor, workers=workers)
    result.refuse()
    return result.runs


def attempt(
    folder: Path,
    request: Request,
    *,
    tell: Tell = lambda _: None,
    executor: Executor | Client | None = None,
    workers: int = 1,
) -> UpdateResult:
    """Do what `update` does, and report the networks that failed beside those that did not.

    Where the workspace's file names a page, it is written once the runs are published. Draws that
    its rule does not keep are removed last of all.

    Raises
    ------
    InputError
        With every fault of every file.
    LedgerError
        If the ledger cannot be reached or written.
    """
    contents = _read(folder, request)
    settings = settle(contents, request)
    choose(contents, request, settings)
    address = ledger_address(contents.workspace.ledger, folder)
    if not request.new_ledger:
        require_there(contents.workspace, address)
    with ledger_of(contents) as ledger:
        settings = replace(settings, learned=_learned(contents, ledger, settings))
        contents = followed(contents, words_of(ledger))
    chosen = choose(contents, request, settings)
    warnings = warnings_of(contents, settings.as_of, [each.network.name for each in chosen])
    refuse_if_strict(warnings, strict=request.strict)
    own = {inputs.network.name: settle_one(inputs, settings) for inputs in chosen}
    over = {inputs.network.name: finished(inputs, own[inputs.network.name]) for inputs in chosen}
    over = {name: why for name, why in over.items() if why}
    plans = [
        plan(inputs, own[inputs.network.name])
        for inputs in chosen
        if inputs.network.name not in over
    ]
    with open_ledger(address) as ledger:
        _require_ours(contents.workspace, ledger, request)
        job = Job(contents, ledger, plans, tell, force=request.force)
        result = replace(job.run(estimated, executor, workers), warnings=warnings, finished=over)
        result = replace(result, notes=(*result.notes, *clock_words(ledger, settled=False)))
    if result.runs and contents.workspace.report is not None:
        result = _with_page(folder, result, tell)
    if result.runs and contents.workspace.keep_nights is not None:
        result = _with_room(folder, result)
    return result


def _learned(contents: Contents, ledger: Ledger | None, settings: Settings) -> "Learned | None":
    """Return what answered questions had taught by the cut-off, where that is asked for."""
    if not contents.workspace.recalibration or ledger is None:
        return None
    from forecast.workspace._experience import learned  # noqa: PLC0415  few ask for it

    return learned(ledger, list(contents.questions), until=settings.as_of)


def _require_ours(workspace: Workspace, ledger: Ledger, request: Request) -> None:
    """Refuse a ledger that is not that of the runs here, or cannot be written, before the work."""
    if ledger.readable_only:
        msg = f"{ledger.address}: the ledger cannot be written: it, or its folder, is read-only"
        raise LedgerError(msg)
    if request.new_ledger:
        note_head(workspace, ledger)
    else:
        require_known(workspace, ledger)


def _with_page(folder: Path, result: UpdateResult, tell: Tell) -> UpdateResult:
    """Write the page that the workspace asks for; what is published stays so where that fails."""
    from forecast.workspace._report import write_report  # noqa: PLC0415  many write none

    try:
        return replace(result, page=write_report(folder, tell=tell))
    except Exception as error:  # noqa: BLE001  the runs are published, and have to be told
        return _failed(result, "the report", error)


def _with_room(folder: Path, result: UpdateResult) -> UpdateResult:
    """Remove the draws that the workspace's rule does not keep; the runs stay published."""
    try:
        return replace(result, pruned=prune_workspace(folder))
    except Exception as error:  # noqa: BLE001  as above
        return _failed(result, "the pruning of draws", error)


def _failed(result: UpdateResult, what: str, error: Exception) -> UpdateResult:
    wrong = error if isinstance(error, ForecastError) else unexpected(error)
    return replace(result, failures={**result.failures, what: wrong})


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
    from forecast.posterior._update import update as estimate  # noqa: PLC0415

    return estimate(
        inputs.network,
        inputs.evidence,
        as_of=settings.as_of,
        known=settings.known,
        method=cast("Method", settings.method),
        draws=settings.draws,
        seed=settings.seed,
    )


def estimated(inputs: Inputs, settings: Settings) -> NetworkEstimate:
    """Estimate one network, in whatever process this is."""
    with way_back(inputs):
        return estimate_of(_estimate(inputs, settings), settings)


@dataclass(frozen=True)
class Plan:
    """One network's run to be: what it is made from, how, its key and its name."""

    inputs: Inputs
    settings: Settings
    seen: Evidence
    key: str
    name: str

    @property
    def network(self) -> str:
        """The network's name."""
        return self.inputs.network.name


def plan(inputs: Inputs, settings: Settings) -> Plan:
    """Return what one network's run is made from."""
    seen = inputs.evidence.as_of(settings.as_of, settings.known)
    key = run_key(inputs.network, seen, settings)
    return Plan(inputs, settings, seen, key, run_name(settings, key))


class Job:
    """The runs of an update, as they come in.

    Parameters
    ----------
    contents
        The workspace.
    ledger
        Where the runs are entered.
    plans
        The runs to be.
    tell
        Called at each step.
    force
        Keep estimates that fail the gate.
    """

    def __init__(
        self,
        contents: Contents,
        ledger: Ledger,
        plans: Sequence[Plan],
        tell: Tell,
        *,
        force: bool,
    ) -> None:
        self._contents, self._ledger = contents, ledger
        self._plans, self._tell, self._force = plans, tell, force
        self._runs: dict[str, Run] = {}
        self._failures: dict[str, ForecastError] = {}
        self._notes: list[str] = []
        self._done = 0

    def run(
        self,
        work: Callable[[Inputs, Settings], NetworkEstimate],
        executor: Executor | Client | None,
        workers: int,
    ) -> UpdateResult:
        """Do all that is to be done, and report it.

        `work` estimates one network: a function of a module, so that it can go to another process.
        """
        waiting = [plan for plan in self._plans if not self._is_there(plan)]
        jobs = [(plan.inputs, plan.settings) for plan in waiting]
        if jobs and executor is None:  # a cluster's memory is its own
            require_memory()

        def begun(place: int) -> None:
            self._say(f"estimating {waiting[place].network}")

        with workplace(executor, workers, len(jobs)) as place_of_work:
            for place, result in attempts(work, jobs, place_of_work, begun=begun):
                self._done += 1
                self._take(waiting[place], result)
                self._done += 1
        self._done = 2 * len(self._plans)
        self._say("done")
        in_order = (plan.network for plan in self._plans)
        runs = tuple(self._runs[name] for name in in_order if name in self._runs)
        return UpdateResult(runs, self._failures, notes=tuple(self._notes))

    def _say(self, doing: str) -> None:
        self._tell(Step(self._done, 2 * len(self._plans), doing))

    def _is_there(self, plan: Plan) -> bool:
        """Take a run that was published before, and whose files are as they were then."""
        try:
            taken = self._published(plan)
        except ForecastError as error:
            self._failures[plan.network] = error
            taken = True
        self._done += 2 * taken
        return taken

    def _published(self, plan: Plan) -> bool:
        known = published(self._ledger, plan.key)
        if known is None:
            return False
        path = self._folder(plan) / f"{plan.name}.json"
        manifest = as_published(path, *known, lambda: pruned_files(self._ledger))
        if manifest is None or not (manifest.gate.passed or self._force):
            return False  # it is to be made again, or to be told again that it fails
        self._say(f"found {plan.network}")
        self._tell_later(plan, known[0].seq)
        self._enter(plan, path, manifest, known[0])
        return True

    def _tell_later(self, plan: Plan, entry: int) -> None:
        """Say that a run of the same cut-off, from other inputs, was entered after this one."""
        later = [
            head.entry
            for head in run_heads(self._ledger)
            if head.network == plan.network
            and head.entry > entry
            and head.as_of == plan.settings.as_of
        ]
        if later:
            self._notes.append(
                f"{plan.network}: these inputs were run before, as entry {entry}; entry "
                f"{later[-1]}, of other inputs and the same cut-off, came after it, and "
                "'forecast show', 'export' and the report go by that. To have these figures last, "
                "run them with another seed: forecast update --seed "
                f"{plan.settings.seed + 1}"
            )

    def _take(self, plan: Plan, result: NetworkEstimate | ForecastError) -> None:
        try:
            if isinstance(result, ForecastError):
                raise result
            if not result.gate.passed and not self._force:
                raise GateError(str(result.gate))
            with folder_of_runs(self._folder(plan)):
                if not self._published(plan):  # by another job in the meantime
                    self._say(f"saving {plan.network}")
                    self._publish(plan, *self._save(plan, result))
        except ForecastError as error:
            self._failures[plan.network] = error

    def _folder(self, plan: Plan) -> Path:
        return self._contents.workspace.output_path / plan.network

    def _save(self, plan: Plan, result: NetworkEstimate) -> tuple[Path, Manifest]:
        network, settings = plan.inputs.network, plan.settings
        forecasts, learned = result.forecasts, settings.learned
        if learned is not None:
            forecasts = learned.beside(network, forecasts)

        def describe(posterior: PosteriorFile) -> Manifest:
            return Manifest(
                run=f"{network.name}/{plan.name}",
                key=plan.key,
                network=network.name,
                title=network.title,
                as_of=day_label(settings.as_of),
                as_of_from=settings.as_of_from,
                known=settings.known,
                items=len(plan.inputs.evidence),
                items_seen=len(plan.seen),
                items_replaced=len(plan.seen.replaced),
                deadlines_passed=tuple(day_label(deadline) for deadline in settings.passed),
                questions_closed=settings.closed,
                method=result.method,
                seed=settings.seed,
                draws=settings.draws,
                gate=result.gate,
                forecasts=forecasts,
                posterior=posterior,
                versions=versions(),
                recalibration=None if learned is None else learned.document(),
            )

        made = describe(PosteriorFile(file=f"{plan.name}.nc", sha256="", bytes=0))
        known = published(self._ledger, plan.key)
        if known is not None:
            require_same(made, *known)
        told = set_aside(self._folder(plan) / f"{plan.name}.json", made)
        self._notes += [told] if told else []
        return save(self._folder(plan), plan.name, result.draws, describe)

    def _publish(self, plan: Plan, path: Path, manifest: Manifest) -> None:
        """Enter a run in the ledger: the last step, when its files are on disk."""
        record = run_record(plan.inputs.network, plan.seen, plan.settings, path, manifest)
        entry = publish(self._ledger, record).entry
        note_head(self._contents.workspace, self._ledger)
        self._enter(plan, path, manifest, entry)

    def _enter(self, plan: Plan, path: Path, manifest: Manifest, entry: Entry) -> None:
        rules, asked = self._contents.workspace.alerts, self._contents.questions
        alerts = alerts_of(self._ledger, entry.seq, rules, asked)
        before = run_before(self._ledger, plan.network, entry.seq, plan.settings.as_of)
        self._runs[plan.network] = Run(path, manifest, entry.head, alerts, before)
