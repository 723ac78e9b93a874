"""How to run: what the caller asks, else what forecast.toml says, else the stated default."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Clock, Question
from forecast.files._questions_file import QUESTIONS_FILE
from forecast.files._run_rules import draws_fault
from forecast.files._workspace_file import Workspace
from forecast.network import Network
from forecast.time import DayError, day_label, parse_instant
from forecast.workspace._contents import WORKSPACE_FILE, Contents, Gathered, Inputs

if TYPE_CHECKING:  # SciPy, and the database library
    from forecast.workspace._learned import Learned

COMMAND_LINE = "the command line"


@dataclass(frozen=True)
class Request:
    """What a caller asks for beyond the workspace file; None leaves it to the file.

    Parameters
    ----------
    networks
        Names of the networks to run; all where empty.
    as_of
        The knowledge cut-off, an ISO 8601 date or time.
    known
        ``"published"`` or ``"recorded"``: the clock by which items are seen at the cut-off.
    method, seed, draws
        How to estimate.
    force
        Keep estimates that fail the gate, and record that they did.
    strict
        Refuse what is allowed but probably not meant, as if it were a fault.
    new_ledger
        Begin another ledger where that of the runs is gone, or take one that is not theirs.
    """

    networks: tuple[str, ...] = ()
    as_of: str | None = None
    known: Clock | None = None
    method: str | None = None
    seed: int | None = None
    draws: int | None = None
    force: bool = False
    strict: bool = False
    new_ledger: bool = False


@dataclass(frozen=True)
class Settings:
    """How a run is made, with nothing left open.

    Parameters
    ----------
    as_of
        The knowledge cut-off.
    as_of_from
        Who set it: ``"the command line"``, ``"forecast.toml"`` or ``"today"``.
    known
        The clock by which items are seen at `as_of`.
    deadlines
        Those still ahead at `as_of`, in order.
    passed
        Those that are not, which get no forecast.
    method, seed, draws
        How to estimate.
    questions
        What is asked of one network, by deadline; empty where its events are told by deadlines.
    closed
        Its questions that are past or answered at `as_of`, which get no forecast.
    learned
        What answered questions had taught by `as_of`, to be shown beside the forecasts; None where
        that is not asked for, or there was nothing to learn from.
    every
        Of a panel that has questions too: the deadlines at which all its units are told.
    """

    as_of: datetime
    as_of_from: str
    known: Clock
    deadlines: tuple[datetime, ...]
    passed: tuple[datetime, ...]
    method: str
    seed: int
    draws: int
    questions: tuple[Question, ...] = ()
    closed: tuple[str, ...] = ()
    learned: "Learned | None" = field(default=None, compare=False)
    every: tuple[datetime, ...] = ()

    @property
    def asked(self) -> tuple[tuple[str, datetime], ...]:
        """What is asked: an event and a deadline for each question."""
        return tuple((each.event, each.by) for each in self.questions)


def request_faults(request: Request) -> list[Fault]:
    """Return what is wrong with a request whatever the workspace holds."""
    faults = []
    if request.as_of is not None:
        try:
            parse_instant(request.as_of)
        except DayError as error:
            faults.append(Fault(str(error), field="--as-of"))
    wrong = None if request.draws is None else draws_fault(request.draws)
    if wrong is not None:
        faults.append(replace(wrong, field="--draws"))
    return faults


def settle(contents: Contents, request: Request) -> Settings:
    """Return the settings of a run of all networks; `settle_one` has those of each.

    An `InputError` refuses a workspace with neither a deadline nor a question.
    """
    workspace = contents.workspace
    if not workspace.deadlines and not len(contents.questions):
        raise InputError(
            Fault(
                "there is nothing to forecast: neither a deadline nor a question",
                f"Write deadlines = ['2027-12-31'], or questions in {QUESTIONS_FILE}.",
                str(contents.file),
                contents.lines.get("forecast", 0),
                field="forecast.deadlines",
            )
        )
    as_of, source = cut_off_of(workspace, request)
    deadlines = sorted(parse_instant(deadline) for deadline in workspace.deadlines)
    return Settings(
        as_of=as_of,
        as_of_from=source,
        deadlines=tuple(deadline for deadline in deadlines if deadline > as_of),
        passed=tuple(deadline for deadline in deadlines if deadline <= as_of),
        **how_to_estimate(workspace, request),
    )


def settle_one(inputs: Inputs, settings: Settings) -> Settings:
    """Return the settings of one network's run: its questions, or the deadlines in its time."""
    network, as_of = inputs.network, settings.as_of
    within = [
        tuple(day for day in days if network.start_instant < day <= network.horizon_instant)
        for days in (settings.deadlines, settings.passed)
    ]
    if not len(inputs.questions):
        return replace(settings, deadlines=within[0], passed=within[1])
    asked: dict[tuple[str, datetime], Question] = {}
    for each in sorted(inputs.questions.open_at(as_of), key=lambda each: (each.by, each.left_out)):
        asked.setdefault((each.event, each.by), each)  # those that are scored come first
    closed = tuple(each.id for each in inputs.questions if each.closed <= as_of)
    every = within[0] if network.units else ()
    days = tuple(sorted({*every, *(each.by for each in asked.values())}))
    own = replace(settings, deadlines=days, passed=(), questions=tuple(asked.values()))
    return replace(own, closed=closed, every=every if asked else ())


def finished(inputs: Inputs, settings: Settings) -> str:
    """Return why there is nothing left to forecast of a network, or nothing yet; else nothing.

    `settings` are the network's own.
    """
    network, as_of = inputs.network, day_label(settings.as_of)
    if settings.as_of >= network.horizon_instant:
        return f"finished: its horizon, {network.horizon}, has passed by {as_of}"
    if settings.deadlines:
        return ""
    if settings.closed and len(settings.closed) == len(inputs.questions):
        return f"finished: all its questions are past their deadline or answered by {as_of}"
    if len(inputs.questions):
        return f"waiting: none of its questions is open at {as_of}"
    if settings.passed:
        return f"finished: every deadline has passed by {as_of}"
    return "finished: no deadline lies within its time"


def how_to_estimate(workspace: Workspace, request: Request) -> dict[str, Any]:
    """Return clock, method, seed and draws: what is asked, else what the workspace's file says."""
    asked = {name: getattr(request, name) for name in ("known", "method", "seed", "draws")}
    return {
        name: getattr(workspace, name) if value is None else value for name, value in asked.items()
    }


def choose(contents: Contents, request: Request, settings: Settings) -> tuple[Inputs, ...]:
    """Return what is to be run; refuse unknown networks, and those that begin after `as_of`."""
    gathered = Gathered()
    chosen = named_inputs(contents, request.networks, gathered)
    gathered.add(_out_of_time(contents, [inputs.network for inputs in chosen], settings))
    gathered.refuse()
    return chosen


def named_inputs(
    contents: Contents, names: Sequence[str], gathered: Gathered
) -> tuple[Inputs, ...]:
    """Return the networks of some names, all where there are none; gather unknown names."""
    by_name = {inputs.network.name: inputs for inputs in contents.inputs}
    gathered.add(
        Fault("there is no such network here", did_you_mean(name, by_name), value=name)
        for name in names
        if name not in by_name
    )
    return tuple(inputs for name, inputs in by_name.items() if name in names or not names)


def check_own_cut_off(contents: Contents) -> None:
    """Hold the cut-off that forecast.toml names, if any, against the networks."""
    if contents.workspace.as_of is not None:
        request = Request()
        choose(contents, request, settle(contents, request))


def all_finished(contents: Contents) -> dict[str, str]:
    """Return why there is nothing to forecast of networks of which there is nothing, by name."""
    settings = settle(contents, Request())
    found = {
        inputs.network.name: finished(inputs, settle_one(inputs, settings))
        for inputs in contents.inputs
    }
    return {name: why for name, why in found.items() if why}


def cut_off_of(workspace: Workspace, request: Request) -> tuple[datetime, str]:
    """Return the knowledge cut-off of a run, and who set it (see `Settings`)."""
    if request.as_of is not None:
        return parse_instant(request.as_of), COMMAND_LINE
    if workspace.as_of is not None:
        return parse_instant(workspace.as_of), WORKSPACE_FILE
    return parse_instant(datetime.now(UTC).date()), "today"


def _out_of_time(
    contents: Contents, networks: Sequence[Network], settings: Settings
) -> Iterator[Fault]:
    """Yield a fault where `as_of` lies ahead, and for each network that begins after it."""
    in_file = settings.as_of_from == WORKSPACE_FILE
    field = {COMMAND_LINE: "--as-of", WORKSPACE_FILE: "forecast.as_of"}
    if settings.as_of > datetime.now(UTC) + timedelta(days=1):  # today counts, though not over
        yield Fault(
            "the knowledge cut-off lies in the future: what is not yet known would count as not "
            "having happened",
            "Give today's date or an earlier one: --as-of DATE.",
            file=str(contents.file) if in_file else "",
            line=contents.lines.get("forecast.as_of", 0) if in_file else 0,
            field=field.get(settings.as_of_from, settings.as_of_from),
            value=day_label(settings.as_of),
        )
    for network in networks:
        if settings.as_of < network.start_instant:
            yield Fault(
                f"the knowledge cut-off lies outside the time of network '{network.name}' "
                f"({network.start} to {network.horizon})",
                "Give a cut-off within it, before its last instant: --as-of DATE. Or change the "
                "network's start or horizon.",
                file=str(contents.file) if in_file else "",
                line=contents.lines.get("forecast.as_of", 0) if in_file else 0,
                field=field.get(settings.as_of_from, settings.as_of_from),
                value=day_label(settings.as_of),
            )
