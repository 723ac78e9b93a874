"""What one network's estimate comes to: all that is saved of it, free to go between processes."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xarray as xr

from forecast.time import day_label
from forecast.workspace.manifest import EventForecast, GateCheck, GateRecord
from forecast.workspace.settings import Settings

if TYPE_CHECKING:
    from forecast.posterior import Posterior

__all__ = ["Estimated", "estimated"]


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
    tree
        The draws.
    """

    method: str
    gate: GateRecord
    verdict: str
    forecasts: tuple[EventForecast, ...]
    tree: xr.DataTree


def estimated(post: "Posterior", settings: Settings) -> Estimated:
    """Return what is saved of a posterior."""
    return Estimated(
        method=post.method,
        gate=_gate_record(post),
        verdict=str(post.gate),
        forecasts=_forecasts(post, settings),
        tree=post.idata,
    )


def _gate_record(post: "Posterior") -> GateRecord:
    checks = tuple(
        GateCheck(name=c.name, value=_finite(c.value), limit=c.limit, passed=c.passed)
        for c in post.gate.checks
    )
    return GateRecord(passed=post.gate.passed, forced=not post.gate.passed, checks=checks)


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
                for statistic in ("lower", "upper", "mcse", "prior", "change")
            },
        )
        for event in order
        for label in labels
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
