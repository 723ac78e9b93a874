"""What the report shows of one network: its last run, what changed, and what was said before."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ForecastError
from forecast.evidence import Evidence
from forecast.evidence.rates import tells_of
from forecast.layout import diagram
from forecast.ledger import (
    Entry,
    RunHead,
    RunRecord,
    Said,
    Standing,
    items_seen,
    latest_run,
    read_run,
    run_inputs,
)
from forecast.network import Network
from forecast.report.content import Influence, Making, NetworkPart, Range, SourceRow
from forecast.report.event import EventPart, Figure, NamedItem, PastRun, Point, Reasons
from forecast.workspace.again import (
    evidence_of,
    network_of,
    predicted,
    prediction_dates,
    saved_posterior,
)
from forecast.workspace.kept import Kept
from forecast.workspace.manifest import GateRecord
from forecast.workspace.outcome import Step
from forecast.workspace.reasons import deadline_of_reasons, reasons_of
from forecast.workspace.worded import (
    arrival_of,
    items_by_id,
    rate_as_stated,
    strength_of,
)

if TYPE_CHECKING:
    import xarray as xr

    from forecast.posterior import Posterior

__all__ = ["network_part"]


type Tell = Callable[[Step], None]
type Question = tuple[str, datetime]
"""An event and a deadline."""

TAILS = (0.05, 0.95)
RATES = (
    *("hit_rate", "false_alarm_rate", "predictive_hit_rate", "predictive_false_alarm_rate"),
    *("forecast_weight", "report_rate", "count_rate_off", "count_rate_on"),
)
"""Of sources, as the draws name them."""


def network_part(
    kept: Kept,
    head: RunHead,
    forecasts: Sequence[Said],
    standing: Mapping[str, Standing],
    tell: Tell,
) -> NetworkPart:
    """Return what the report shows of one network.

    Parameters
    ----------
    kept
        The workspace, its ledger open.
    head
        The network's last run.
    forecasts
        All that the ledger's runs of the network said.
    standing
        How events came out.
    tell
        Told what is being worked out.

    Raises
    ------
    LedgerError
        If the ledger cannot be read, or keeps what this version cannot read.
    ForecastError
        If the run's draws are here and damaged.
    """
    entry, record = read_run(kept.ledger, head.entry)
    inputs = run_inputs(kept.ledger, head.entry)
    network, evidence = network_of(inputs), evidence_of(inputs)
    before = latest_run(kept.ledger, head.network, before=head.entry, as_of=head.as_of)
    items = items_by_id(network, evidence)
    tree = _saved_draws(kept, record)
    parts = _events(network, record, before, items)
    history = _history(forecasts)
    curves = {} if tree is None else _curves(tree)
    reasons = _reasons(kept, head, record, parts, tell) if tree is not None else {}
    events = [
        replace(
            part,
            curve=() if part.settled else curves.get(part.id, ()),
            history=history.get(part.id, ()),
            reasons=reasons.get(part.id),
            outcome=arrival_of(standing[part.id]) if part.id in standing else None,
        )
        for part in parts
    ]
    return NetworkPart(
        name=head.network,
        title=network.title,
        as_of=head.as_of,
        made_at=head.made_at,
        previous=before[0].as_of if before else None,
        seen=len(evidence),
        fresh=_fresh(kept, head, before, items),
        events=tuple(sorted(events, key=_open_and_probable_first)),
        influences=_influences(network),
        sources=() if tree is None else _sources(tree, network, evidence),
        items=items,
        making=_making(entry, record),
        notes=() if tree is not None else (NO_DRAWS,),
    )


NO_DRAWS = (
    "The draws of this run are not in this workspace, so that curves, reasons and sources are left "
    "out: run 'forecast report' where the run was made."
)


def _open_and_probable_first(event: EventPart) -> tuple[bool, float]:
    return event.settled, -event.figures[-1].probability


def _events(
    network: Network,
    record: RunRecord,
    before: Sequence[Said],
    items: Mapping[str, NamedItem],
) -> list[EventPart]:
    """Return the events with their figures and their items; the rest is added later."""
    earlier = {
        _question(said): said.forecast.probability for said in before if not said.forecast.condition
    }
    figures: dict[str, list[Figure]] = {}
    for said in record.forecasts:
        if not said.condition:
            figures.setdefault(said.event, []).append(
                Figure(
                    by=said.deadline,
                    probability=said.probability,
                    mcse=said.mcse,
                    lower_mcse=said.lower_mcse,
                    upper_mcse=said.upper_mcse,
                    lower=said.lower,
                    upper=said.upper,
                    prior=said.prior,
                    before=earlier.get((said.event, said.deadline)),
                )
            )
    return [
        EventPart(
            id=event.id,
            title=event.title,
            kind=event.kind,
            resolution=event.resolution,
            why=event.why,
            prior=rate_as_stated(event),
            figures=tuple(sorted(figures[event.id], key=lambda figure: figure.by)),
            items=tuple(item for item in items.values() if item.event == event.id),
        )
        for event in network.events
        if event.id in figures
    ]


def _question(said: Said) -> Question:
    return said.forecast.event, said.forecast.deadline


def _history(forecasts: Sequence[Said]) -> dict[str, tuple[PastRun, ...]]:
    """Return the runs by event, each with its figures."""
    runs: dict[str, dict[int, PastRun]] = {}
    for said in forecasts:
        told = said.forecast
        if told.condition:
            continue
        figure = Figure(told.deadline, told.probability, told.mcse, told.lower, told.upper)
        of_event = runs.setdefault(told.event, {})
        run = of_event.get(said.entry)
        if run is None:
            run = PastRun(said.entry, said.as_of, said.made_at, said.forced, ())
        of_event[said.entry] = replace(run, figures=(*run.figures, figure))
    return {event: tuple(of_event.values()) for event, of_event in runs.items()}


def _fresh(
    kept: Kept, head: RunHead, before: Sequence[Said], items: Mapping[str, NamedItem]
) -> tuple[NamedItem, ...]:
    """Return the items that the run before had not seen, or had seen otherwise, by date."""
    if not before:
        return ()
    now, then = items_seen(kept.ledger, head.entry), items_seen(kept.ledger, before[0].entry)
    fresh = [item for name, item in items.items() if then.get(name) != now.get(name)]
    return tuple(sorted(fresh, key=lambda item: (item.published, item.id)))


def _influences(network: Network) -> tuple[Influence, ...]:
    arrows = diagram(network).arrows
    return tuple(
        Influence(link.parent, link.child, link.kind, strength_of(link), arrow.ratio)
        for link, arrow in zip(network.links, arrows, strict=True)
    )


def _making(entry: Entry, record: RunRecord) -> Making:
    settings = json.loads(record.settings)
    gate = GateRecord.model_validate_json(record.gate)
    return Making(
        entry=entry.seq,
        head=entry.head,
        key=record.key,
        method=settings["method"],
        draws=settings["draws"],
        seed=settings["seed"],
        known=settings["known"],
        checks=tuple((c.name, c.value, c.limit, c.passed) for c in gate.checks),
        forced=record.forced,
        files=tuple((file.path, file.sha256, file.bytes) for file in record.artifacts),
        versions=record.versions,
    )


def _saved_draws(kept: Kept, record: RunRecord) -> "xr.DataTree | None":
    """Return a run's draws; None where their file is not here.

    Raises
    ------
    ForecastError
        If it is here and is not what was written.
    """
    from forecast.workspace.netcdf import read_tree  # noqa: PLC0415  it takes a second

    for artifact in record.artifacts:
        file = kept.workspace.output_path / artifact.path
        if file.suffix == ".nc" and file.is_file():
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if digest != artifact.sha256:
                msg = (
                    f"{file}: the file is damaged: its SHA-256 is {digest[:12]}…, and the ledger "
                    f"names {artifact.sha256[:12]}…. Put it back from a copy, or move it away"
                )
                raise ForecastError(msg)
            return read_tree(file)
    return None


def _curves(tree: "xr.DataTree") -> dict[str, tuple[Point, ...]]:
    """Return each event's probability at the ends of months."""
    if "predictions" not in tree:
        return {}
    dates, told = prediction_dates(tree), tree["predictions"]
    mean, lower, upper = predicted(tree)
    return {
        str(event): tuple(
            Point(at, float(mean[n, k]), float(lower[n, k]), float(upper[n, k]))
            for k, at in enumerate(dates)
        )
        for n, event in enumerate(told["event"].to_numpy())
    }


def _reasons(
    kept: Kept, head: RunHead, record: RunRecord, parts: Sequence[EventPart], tell: Tell
) -> dict[str, Reasons]:
    waiting = [part.id for part in parts if not part.settled]
    if not waiting:
        return {}
    draws = next(file for file in record.artifacts if file.path.endswith(".nc"))
    file = (kept.workspace.output_path / draws.path).with_suffix(".reasons.json")

    def posterior() -> "Posterior | str":
        return saved_posterior(kept, head, run_inputs(kept.ledger, head.entry))

    by = deadline_of_reasons(head.as_of, [figure.by for figure in parts[0].figures])
    return reasons_of(waiting, by, digest=draws.sha256, file=file, posterior=posterior, tell=tell)


def _sources(tree: "xr.DataTree", network: Network, evidence: Evidence) -> tuple[SourceRow, ...]:
    """Return what was stated of the sources that have spoken, and what was learned."""
    titles = {source.id: source.title or source.id for source in network.sources}
    rows = []
    for rate in RATES:
        if rate not in tree["posterior"]:
            continue
        after = tree["posterior"][rate]
        dim = str(after.dims[-1])
        for label in after[dim].to_numpy():
            where = {dim: label}
            used = sum(tells_of(item, str(label), rate) for item in evidence)
            rows.append(
                SourceRow(
                    source=titles.get(str(label), str(label)),
                    rate=rate.replace("_", " "),
                    prior=_range(tree["prior"][rate].sel(where).to_numpy()),
                    posterior=_range(after.sel(where).to_numpy()),
                    items=used,
                )
            )
    return tuple(sorted(rows, key=lambda row: (-row.items, row.source)))


def _range(draws: NDArray[np.float64]) -> Range:
    lower, upper = np.quantile(draws, TAILS)
    return Range(float(draws.mean()), float(lower), float(upper))
