"""Rules on what a workspace asks of a run: draws, deadlines that a network covers, and alerts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Moment, finish
from forecast.network import Network
from forecast.network._base import BadValueError, Model, bad, inside

FEWEST_DRAWS, MOST_DRAWS = 512, 2**20
WHY_FEWEST = "the least that can pass the convergence checks, which need 400 effective draws"


def draws_fault(draws: int) -> Fault | None:
    """Return the fault of a number of draws, if it has one.

    Examples
    --------
    >>> print(draws_fault(1000))
    must be a power of two from 512 to 1,048,576 (got '1000'). Write 512 or 1024.
    >>> print(draws_fault(64).remedy)
    Write 512, the least that can pass the convergence checks, which need 400 effective draws.
    """
    if FEWEST_DRAWS <= draws <= MOST_DRAWS and draws.bit_count() == 1:
        return None
    below = 1 << (max(draws, 1).bit_length() - 1)
    near = [n for n in (below, 2 * below) if FEWEST_DRAWS <= n <= MOST_DRAWS]
    remedy = f"Write {' or '.join(str(n) for n in near or [MOST_DRAWS])}."
    if draws < FEWEST_DRAWS:
        remedy = f"Write {FEWEST_DRAWS}, {WHY_FEWEST}."
    return Fault(
        f"must be a power of two from {FEWEST_DRAWS} to {MOST_DRAWS:,}",
        remedy,
        value=str(draws),
    )


def repeated_faults(deadlines: Mapping[int, date]) -> Iterator[Fault]:
    """Yield a fault for each repeated deadline, given by position."""
    seen = set()
    for position, deadline in deadlines.items():
        if finish(deadline) in seen:
            yield Fault(
                "the deadline is repeated",
                "Write each once.",
                field=f"forecast.deadlines.{position}",
                value=deadline.isoformat(),
            )
        seen.add(finish(deadline))


def check_deadlines(
    networks: Sequence[Network],
    deadlines: Iterable[date],
    *,
    file: str | Path = "forecast.toml",
    lines: Sequence[int] = (),
) -> None:
    """Check that some network covers each deadline; `file` and `lines` are for the message.

    Raises
    ------
    InputError
        With one fault for each deadline after every horizon or before every start.
    """
    faults = []
    for position, deadline in enumerate(deadlines if networks else ()):
        instant = finish(deadline)
        if any(each.start_instant < instant <= each.horizon_instant for each in networks):
            continue
        network = max(networks, key=lambda each: each.horizon_instant)
        span = f"{network.start} to {network.horizon}"
        late = instant > network.horizon_instant
        side, word = (
            ("after the horizon", "a later horizon")
            if late
            else ("before the start", "an earlier start")
        )
        faults.append(
            Fault(
                f"the deadline lies {side} of network '{network.name}' ({span})",
                f"Write {word} in the network's file, or a deadline within {span}.",
                file=str(file),
                line=lines[position] if lines else 0,
                field="forecast.deadlines",
                value=deadline.isoformat(),
            )
        )
    if faults:
        raise InputError(faults)


Share = Annotated[float, Field(ge=0, le=1)]


class AlertRule(Model):
    """When the forecast of an event raises an alert: at least one of the first three fields.

    Parameters
    ----------
    above, below
        A probability: reaching it from below, or from above, raises an alert.
    moves
        A difference of probabilities: moving that much since the previous run raises one.
    by
        The deadline that is watched; by default all of them.
    """

    above: Share | None = None
    below: Share | None = None
    moves: Annotated[float, Field(gt=0, le=1)] | None = None
    by: Moment | None = None

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the fault of a rule that never raises an alert."""
        if not {"above", "below", "moves"} & fields.keys():
            rule = "an alert must say when it is raised"
            yield Fault(rule, "Write above, below or moves.", field="above")


def alert_rules(value: object) -> object:
    """Return the rules by event, from the tables of a file; faults of all rules at once."""
    if not isinstance(value, dict):
        raise bad("is not a table", "Write EVENT = {above = 0.2} below [alerts].")
    built: dict[str, AlertRule] = {}
    faults: list[Fault] = []
    for event, rule in _by_name(value):
        if isinstance(rule, AlertRule):
            built[event] = rule
            continue
        if not isinstance(rule, dict):
            remedy = "Write for example {above = 0.2, moves = 0.1}."
            faults.append(Fault("is not a table", remedy, field=event, value=str(rule)))
            continue
        try:
            built[event] = AlertRule(**rule)
        except InputError as error:
            faults += inside(event, error.faults)
    if faults:
        raise BadValueError(faults)
    return built


def _by_name(rules: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield rules by event: TOML reads ``troops.confirmed = {…}`` as a table within a table."""
    for name, rule in rules.items():
        within = rule if isinstance(rule, dict) else {}
        parts = {part: below for part, below in within.items() if isinstance(below, dict)}
        yield from ((f"{name}.{part}", below) for part, below in _by_name(parts))
        if not parts or len(parts) < len(within):
            own = {part: given for part, given in within.items() if part not in parts}
            yield name, own if parts else rule


def check_alerts(
    rules: Mapping[str, AlertRule], events: Iterable[str], deadlines: Iterable[date]
) -> list[Fault]:
    """Return the faults of alerts, given all networks' events and the deadlines."""
    known, days = sorted(events), {finish(deadline) for deadline in deadlines}
    faults = []
    for event, rule in rules.items():
        if event not in known:
            remedy = did_you_mean(event, known)
            told = "no network has this event, and no question this name"
            faults.append(Fault(told, remedy, field=f"alerts.{event}"))
        if rule.by is not None and finish(rule.by) not in days:
            remedy = "Write one of forecast.deadlines, or the deadline of a question."
            field = f"alerts.{event}.by"
            faults.append(Fault("is not a deadline", remedy, field=field, value=str(rule.by)))
    return faults
