"""How to run: what the caller asks, else what forecast.toml says, else the stated default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files.workspace_file import Workspace
from forecast.network import Network
from forecast.time import day_label, parse_instant
from forecast.workspace.contents import WORKSPACE_FILE, Contents, Inputs
from forecast.workspace.faults import Gathered

__all__ = ["Request", "Settings", "choose", "settle"]


@dataclass(frozen=True)
class Request:
    """What a caller asks for beyond the workspace file; None leaves it to the file.

    Parameters
    ----------
    networks
        Names of the networks to run; all where empty.
    as_of
        The knowledge cut-off, an ISO 8601 date or time.
    method, seed, draws
        How to estimate.
    force
        Keep estimates that fail the gate, and record that they did.
    """

    networks: tuple[str, ...] = ()
    as_of: str | None = None
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
    deadlines
        Those still ahead at `as_of`, in order.
    passed
        Those that are not, which get no forecast.
    method, seed, draws
        How to estimate.
    """

    as_of: datetime
    as_of_from: str
    deadlines: tuple[datetime, ...]
    passed: tuple[datetime, ...]
    method: str
    seed: int
    draws: int


def settle(workspace: Workspace, request: Request) -> Settings:
    """Return the settings of a run.

    Raises
    ------
    InputError
        If `as_of` is no date, every deadline has passed by then, or `draws` is no power of two.
    """
    as_of, source = _as_of(workspace, request)
    draws = workspace.draws if request.draws is None else request.draws
    if draws.bit_count() != 1:
        below = 1 << (draws.bit_length() - 1)
        remedy = f"Write {below} or {2 * below}."
        raise InputError(Fault("draws must be a power of two", remedy, value=str(draws)))
    deadlines = sorted(parse_instant(deadline) for deadline in workspace.deadlines)
    ahead = tuple(deadline for deadline in deadlines if deadline > as_of)
    if not ahead:
        remedy = "Add a later deadline, or give an earlier as_of."
        message = f"every deadline has passed by {day_label(as_of)}"
        raise InputError(Fault(message, remedy, WORKSPACE_FILE, field="forecast.deadlines"))
    return Settings(
        as_of=as_of,
        as_of_from=source,
        deadlines=ahead,
        passed=tuple(deadline for deadline in deadlines if deadline <= as_of),
        method=workspace.method if request.method is None else request.method,
        seed=workspace.seed if request.seed is None else request.seed,
        draws=draws,
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
    gathered.add(_outside([inputs.network for inputs in chosen], settings))
    gathered.refuse()
    return chosen


def _as_of(workspace: Workspace, request: Request) -> tuple[datetime, str]:
    if request.as_of is not None:
        try:
            return parse_instant(request.as_of), "the command line"
        except (ValueError, OverflowError) as error:
            raise InputError(Fault(str(error), field="--as-of")) from error
    if workspace.as_of is not None:
        return parse_instant(workspace.as_of), WORKSPACE_FILE
    return parse_instant(_today()), "today"


def _today() -> date:
    return datetime.now(UTC).date()


def _outside(networks: Sequence[Network], settings: Settings) -> list[Fault]:
    return [
        Fault(
            f"as_of lies outside the time of network '{network.name}' "
            f"({network.start} to {network.horizon})",
            "Give an as_of within it, or change the network's start or horizon.",
            field="as_of",
            value=day_label(settings.as_of),
        )
        for network in networks
        if not network.start_instant <= settings.as_of < network.horizon_instant
    ]
