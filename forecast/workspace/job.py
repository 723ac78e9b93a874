"""One update under way: what is there already, what comes in, what is saved, what is published."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import ForecastError, GateError
from forecast.evidence import Evidence
from forecast.ledger import Ledger, publish
from forecast.time import day_label
from forecast.workspace.alerts import alerts_of
from forecast.workspace.artifact import save, verify
from forecast.workspace.contents import Contents, Inputs
from forecast.workspace.estimated import Estimated
from forecast.workspace.identity import run_key, run_name, versions
from forecast.workspace.manifest import Manifest, PosteriorFile
from forecast.workspace.outcome import Report, Run, Step
from forecast.workspace.record import run_record
from forecast.workspace.settings import Settings
from forecast.workspace.work import Client, attempts, workplace

__all__ = ["Job", "Plan", "Tell", "plan"]

type Tell = Callable[[Step], None]


@dataclass(frozen=True)
class Plan:
    """One network's run to be: what it is made from, its key and its name."""

    inputs: Inputs
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
    return Plan(inputs, seen, key, run_name(settings, key))


class Job:
    """The runs of an update, as they come in.

    Parameters
    ----------
    contents, settings
        The workspace, and how to run.
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
        settings: Settings,
        ledger: Ledger,
        plans: Sequence[Plan],
        tell: Tell,
        *,
        force: bool,
    ) -> None:
        self._contents, self._settings, self._ledger = contents, settings, ledger
        self._plans, self._tell, self._force = plans, tell, force
        self._runs: dict[str, Run] = {}
        self._failures: dict[str, ForecastError] = {}
        self._done = 0

    def run(
        self,
        work: Callable[[Inputs, Settings], Estimated],
        executor: Executor | Client | None,
        workers: int,
    ) -> Report:
        """Do all that is to be done, and report it.

        Parameters
        ----------
        work
            Estimates one network; a function of a module, so that it can go to another process.
        executor
            Where to estimate.
        workers
            How many processes to estimate in, where no executor is given; 1 for here.
        """
        waiting = [plan for plan in self._plans if not self._is_there(plan)]
        jobs = [(plan.inputs, self._settings) for plan in waiting]

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
        return Report(runs, self._failures)

    def _say(self, doing: str) -> None:
        self._tell(Step(self._done, 2 * len(self._plans), doing))

    def _is_there(self, plan: Plan) -> bool:
        """Publish a run that a job before this one saved; it may have ended before it published."""
        path = self._folder(plan) / f"{plan.name}.json"
        if not path.exists():
            return False
        try:
            manifest = verify(path)
            if manifest.gate.forced and not self._force:
                return False  # it is to be told again that it fails
            self._say(f"found {plan.network}")
            self._publish(plan, path, manifest)
        except ForecastError as error:
            self._failures[plan.network] = error
        self._done += 2
        return True

    def _take(self, plan: Plan, result: Estimated | ForecastError) -> None:
        try:
            if isinstance(result, ForecastError):
                raise result
            if not result.gate.passed and not self._force:
                raise GateError(result.verdict)
            self._say(f"saving {plan.network}")
            self._publish(plan, *self._save(plan, result))
        except ForecastError as error:
            self._failures[plan.network] = error

    def _folder(self, plan: Plan) -> Path:
        return self._contents.workspace.output_path / plan.network

    def _save(self, plan: Plan, result: Estimated) -> tuple[Path, Manifest]:
        network, settings = plan.inputs.network, self._settings

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
                deadlines_passed=tuple(day_label(deadline) for deadline in settings.passed),
                method=result.method,
                seed=settings.seed,
                draws=settings.draws,
                gate=result.gate,
                forecasts=result.forecasts,
                posterior=posterior,
                versions=versions(),
            )

        return save(self._folder(plan), plan.name, result.draws, describe)

    def _publish(self, plan: Plan, path: Path, manifest: Manifest) -> None:
        """Enter a run in the ledger: the last step, when its files are on disk."""
        record = run_record(plan.inputs.network, plan.seen, self._settings, path, manifest)
        entry = publish(self._ledger, record).entry
        alerts = alerts_of(self._ledger, entry.seq, self._contents.workspace.alerts)
        self._runs[plan.network] = Run(path, manifest, entry.head, alerts)
