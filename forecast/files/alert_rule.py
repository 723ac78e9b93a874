"""What ``[alerts]`` of a workspace file says: when a forecast calls for somebody's attention."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Moment, finish
from forecast.network.base import BadValueError, Model, bad, inside

__all__ = ["AlertRule", "alert_rules", "check_alerts"]

Share = Annotated[float, Field(ge=0, le=1)]


class AlertRule(Model):
    """When the forecast of an event raises an alert; one of the first three at least.

    Parameters
    ----------
    above, below
        A probability: to reach it from below, or from above, raises an alert.
    moves
        A difference of probabilities: to move by as much since the run before raises one.
    by
        The deadline that is watched; every one where it is left out.
    """

    above: Share | None = None
    below: Share | None = None
    moves: Annotated[float, Field(gt=0, le=1)] | None = None
    by: Moment | None = None

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Hold a rule to something that it can tell."""
        if not {"above", "below", "moves"} & fields.keys():
            rule = "an alert must say when it is raised"
            yield Fault(rule, "Write above, below or moves.", field="above")


def alert_rules(value: object) -> object:
    """Return the rules by event, from the tables of a file.

    Raises
    ------
    BadValueError
        With the faults of every rule.
    """
    if not isinstance(value, dict):
        raise bad("is not a table", "Write EVENT = {above = 0.2} below [alerts].")
    built: dict[str, AlertRule] = {}
    faults: list[Fault] = []
    for event, rule in value.items():
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


def check_alerts(
    rules: Mapping[str, AlertRule], events: Iterable[str], deadlines: Iterable[date]
) -> list[Fault]:
    """Return what is wrong with alerts, given all networks' events and the deadlines."""
    known, days = sorted(events), {finish(deadline) for deadline in deadlines}
    faults = []
    for event, rule in rules.items():
        if event not in known:
            remedy = did_you_mean(event, known)
            faults.append(Fault("no network has this event", remedy, field=f"alerts.{event}"))
        if rule.by is not None and finish(rule.by) not in days:
            remedy = "Write one of forecast.deadlines."
            field = f"alerts.{event}.by"
            faults.append(Fault("is no deadline", remedy, field=field, value=str(rule.by)))
    return faults
