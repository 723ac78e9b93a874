"""How to run: what the caller asks, else what forecast.toml says, else the stated default."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Clock
from forecast.files.run_rules import draws_fault
from forecast.files.workspace_file import Workspace
from forecast.network import Network
from forecast.time import DayError, day_label, parse_instant
from forecast.workspace.contents import WORKSPACE_FILE, Contents, Inputs
from forecast.workspace.faults import Gathered

__all__ = ["Request", "Settings", "check_own_cut_off", "choose", "request_faults", "settle"]

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
    """

    networks: tuple[str, ...] = ()
    as_of: str | None = None
    known: Clock | None = None
    method: str | None = None
    seed: int | None = None
    draws: int | None = None
    force: bool = False


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
    """

    as_of: datetime
    as_of_from: str
    known: Clock
    deadlines: tuple[datetime, ...]
    passed: tuple[datetime, ...]
    method: str
    seed: int
    draws: int


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
    """Return the settings of a run.

    Parameters
    ----------
    contents
        The workspace.
    request
        What is asked beyond it, without a fault of its own.

    Raises
    ------
    InputError
        If every deadline has passed by `as_of`.
    """
    workspace = contents.workspace
    as_of, source = _as_of(workspace, request)
    deadlines = sorted(parse_instant(deadline) for deadline in workspace.deadlines)
    ahead = tuple(deadline for deadline in deadlines if deadline > as_of)
    if not ahead:
        raise InputError(
            Fault(
                f"every deadline has passed by {day_label(as_of)}, the knowledge "
                f"cut-off ({source})",
                "Add a later deadline, or give an earlier cut-off: --as-of DATE.",
                str(contents.file),
                contents.lines.get("forecast.deadlines", 0),
                field="forecast.deadlines",
            )
        )
    return Settings(
        as_of=as_of,
        as_of_from=source,
        known=workspace.known if request.known is None else request.known,
        deadlines=ahead,
        passed=tuple(deadline for deadline in deadlines if deadline <= as_of),
        method=workspace.method if request.method is None else request.method,
        seed=workspace.seed if request.seed is None else request.seed,
        draws=workspace.draws if request.draws is None else request.draws,
    )


def choose(contents: Contents, request: Request, settings: Settings) -> tuple[Inputs, ...]:
    """Return what is to be run.

    Raises
    ------
    InputError
        If there is no such network, or `as_of` lies outside a chosen one's time; with all faults.
    """
    gathered = Gathered()
    by_name = {inputs.network.name: inputs for inputs in contents.inputs}
    unknown = [name for name in request.networks if name not in by_name]
    gathered.add(
        Fault("there is no such network here", did_you_mean(name, by_name), value=name)
        for name in unknown
    )
    wanted = [name for name in by_name if name in request.networks or not request.networks]
    chosen = tuple(by_name[name] for name in wanted)
    gathered.add(_outside(contents, [inputs.network for inputs in chosen], settings))
    gathered.refuse()
    return chosen


def check_own_cut_off(contents: Contents) -> None:
    """Hold the cut-off that forecast.toml names, if it names one, against deadlines and networks.

    Raises
    ------
    InputError
        If every deadline has passed by it, or it lies outside a network's time.
    """
    if contents.workspace.as_of is not None:
        request = Request()
        choose(contents, request, settle(contents, request))


def _as_of(workspace: Workspace, request: Request) -> tuple[datetime, str]:
    if request.as_of is not None:
        return parse_instant(request.as_of), COMMAND_LINE
    if workspace.as_of is not None:
        return parse_instant(workspace.as_of), WORKSPACE_FILE
    return parse_instant(_today()), "today"


def _today() -> date:
    return datetime.now(UTC).date()


def _outside(
    contents: Contents, networks: Sequence[Network], settings: Settings
) -> Iterator[Fault]:
    """Yield a fault for each network whose time does not hold `as_of`, where that was said."""
    in_file = settings.as_of_from == WORKSPACE_FILE
    field = {COMMAND_LINE: "--as-of", WORKSPACE_FILE: "forecast.as_of"}
    for network in networks:
        if not network.start_instant <= settings.as_of < network.horizon_instant:
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
