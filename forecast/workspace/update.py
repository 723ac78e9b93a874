"""The main path: read the workspace, check it, estimate, pass the gate, save, hand back a table."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forecast.errors import GateError
from forecast.time import day_label
from forecast.workspace.artifact import save
from forecast.workspace.contents import Contents, Inputs, read_contents
from forecast.workspace.identity import run_key, run_name, versions
from forecast.workspace.manifest import (
    EventForecast,
    GateCheck,
    GateRecord,
    Manifest,
    PosteriorFile,
)
from forecast.workspace.settings import Request, Settings, choose, settle

if TYPE_CHECKING:
    from forecast.estimate.result import Method
    from forecast.posterior import Posterior

__all__ = ["Run", "Step", "update"]


@dataclass(frozen=True)
class Step:
    """How far an update has come: `done` of `total` steps, and what it does now."""

    done: int
    total: int
    doing: str


@dataclass(frozen=True)
class Run:
    """One network's run, saved.

    Parameters
    ----------
    path
        The manifest's file.
    manifest
        What the run was made from and what it found.
    """

    path: Path
    manifest: Manifest


def update(
    folder: Path, request: Request, *, tell: Callable[[Step], None] = lambda _: None
) -> tuple[Run, ...]:
    """Estimate the networks of a workspace and keep the result.

    Notes
    -----
    Nothing is written where anything is wrong with any file, or where the estimate of any network
    fails its gate and `request.force` does not say to keep it. The same inputs give the same run,
    and a run that is there is never overwritten.

    Parameters
    ----------
    folder
        The workspace.
    request
        What is asked beyond what the workspace's file says.
    tell
        Called at each step.

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
    """
    contents = read_contents(folder)
    settings = settle(contents.workspace, request)
    chosen = choose(contents, request, settings)

    total = 2 * len(chosen)
    posteriors = []
    for done, inputs in enumerate(chosen):
        tell(Step(done, total, f"estimating {inputs.network.name}"))
        posteriors.append(_estimate(inputs, settings))
    _pass_gate(posteriors, force=request.force)

    runs = []
    for done, (inputs, post) in enumerate(zip(chosen, posteriors, strict=True), len(chosen)):
        tell(Step(done, total, f"saving {inputs.network.name}"))
        runs.append(_save(contents, inputs, settings, post))
    # A run enters the ledger here, once there is one.
    tell(Step(total, total, "done"))
    return tuple(runs)


def _estimate(inputs: Inputs, settings: Settings) -> "Posterior":
    # Imported here, since it takes seconds: a fault in a file is told at once.
    from forecast.posterior.update import update as estimate  # noqa: PLC0415

    return estimate(
        inputs.network,
        inputs.evidence,
        as_of=settings.as_of,
        method=cast("Method", settings.method),
        draws=settings.draws,
        seed=settings.seed,
    )


def _pass_gate(posteriors: "list[Posterior]", *, force: bool) -> None:
    """Refuse estimates that did not converge, all of them in one message."""
    failed = [post for post in posteriors if not post.gate.passed]
    if failed and not force:
        reasons = "\n".join(f"{post.network.name}: {post.gate}" for post in failed)
        msg = (
            f"the estimate did not pass its gate, and nothing was saved:\n{reasons}\n"
            "Try more draws (--draws), or --method nuts; --force keeps it all the same, and "
            "its record says so."
        )
        raise GateError(msg)


def _save(contents: Contents, inputs: Inputs, settings: Settings, post: "Posterior") -> Run:
    network = inputs.network
    seen = inputs.evidence.as_of(settings.as_of)
    key = run_key(network, seen, settings)
    name = run_name(settings, key)

    def describe(posterior: PosteriorFile) -> Manifest:
        return Manifest(
            run=f"{network.name}/{name}",
            key=key,
            network=network.name,
            title=network.title,
            as_of=day_label(settings.as_of),
            as_of_from=settings.as_of_from,
            items=len(inputs.evidence),
            items_seen=len(seen),
            deadlines_passed=tuple(day_label(deadline) for deadline in settings.passed),
            method=post.method,
            seed=settings.seed,
            draws=settings.draws,
            gate=_gate_record(post),
            forecasts=_forecasts(post, settings),
            posterior=posterior,
            versions=versions(),
        )

    folder = contents.workspace.output_path / network.name
    path, manifest = save(folder, name, post.idata, describe)
    return Run(path, manifest)


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
