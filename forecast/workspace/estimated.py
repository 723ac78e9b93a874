"""What one network's estimate comes to: all that is saved of it, free to go between processes.

The draws travel as the netCDF file that they become: smaller, and made where the estimate is, so
that making it waits for no other network's.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.time import day_label
from forecast.workspace.manifest import EventForecast, GateCheck, GateRecord
from forecast.workspace.netcdf import as_netcdf
from forecast.workspace.settings import Settings

if TYPE_CHECKING:
    from forecast.posterior import Posterior
    from forecast.sampling import Gate

__all__ = ["Estimated", "estimated"]

FIGURES = ("lower", "upper", "mcse", "lower_mcse", "upper_mcse", "prior", "change")
"""Of a table, those that may be missing."""


@dataclass(frozen=True)
class Estimated:
    """An estimate, read off.

    Parameters
    ----------
    method
        How it was made.
    gate, verdict
        What the convergence gate says of it, as a record and in words.
    forecasts
        By event and deadline, the probable first.
    draws
        The draws, as a netCDF file.
    """

    method: str
    gate: GateRecord
    verdict: str
    forecasts: tuple[EventForecast, ...]
    draws: bytes


def estimated(post: "Posterior", settings: Settings) -> Estimated:
    """Return what is saved of a posterior."""
    gate = post.gate_at(settings.deadlines)
    return Estimated(
        method=post.method,
        gate=_gate_record(gate),
        verdict=str(gate),
        forecasts=_forecasts(post, settings),
        draws=as_netcdf(post.idata),
    )


def _gate_record(gate: "Gate") -> GateRecord:
    checks = tuple(
        GateCheck(name=c.name, value=_finite(c.value), limit=c.limit, passed=c.passed)
        for c in gate.checks
    )
    return GateRecord(passed=gate.passed, forced=not gate.passed, checks=checks)


def _forecasts(post: "Posterior", settings: Settings) -> tuple[EventForecast, ...]:
    """Return the table as records, the probable first, by the last deadline."""
    table = post.table(by=list(settings.deadlines))
    labels = [day_label(deadline) for deadline in settings.deadlines]
    order = table[labels[-1], "mean"].sort_values(ascending=False, kind="stable").index
    titles = {event.id: event.title for event in post.network.events}
    return tuple(
        EventForecast(
            event=str(event),
            title=titles[str(event)],
            by=label,
            mean=float(table.loc[event, (label, "mean")]),
            **{
                statistic: _finite(float(table.loc[event, (label, statistic)]))
                for statistic in FIGURES
            },
        )
        for event in order
        for label in labels
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
