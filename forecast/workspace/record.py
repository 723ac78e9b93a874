"""A saved run as the ledger takes it: what was said, what was seen, and the files that prove it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from forecast.evidence import Evidence
from forecast.ledger import ArtifactRecord, ForecastRecord, ItemRecord, RunRecord
from forecast.network import Network
from forecast.time import parse_instant
from forecast.workspace.identity import canonical_text
from forecast.workspace.manifest import EventForecast, Manifest
from forecast.workspace.settings import Settings

__all__ = ["run_record"]

ROUNDING = 1e-9
"""How far a mean of thousands of probabilities may lie outside 0 to 1 by rounding alone."""


def run_record(
    network: Network, seen: Evidence, settings: Settings, path: Path, manifest: Manifest
) -> RunRecord:
    """Return the record of a run that is saved.

    Parameters
    ----------
    network, seen
        The network, and the evidence known at the cut-off.
    settings
        How the run was made.
    path
        The manifest's file, in the network's own folder.
    manifest
        What it says.
    """
    return RunRecord(
        key=manifest.key,
        network=network.name,
        network_body=canonical_text(network.model_dump()),
        as_of=settings.as_of,
        settings=_settings(settings, manifest),
        gate=canonical_text(manifest.gate.model_dump()),
        forced=manifest.gate.forced,
        forecasts=tuple(_forecast(forecast) for forecast in manifest.forecasts),
        evidence=tuple(
            ItemRecord(item.id, canonical_text(item.model_dump()))
            for item in (*seen, *seen.repeated)
        ),
        artifacts=tuple(_files(path, manifest)),
        versions=manifest.versions,
    )


def _settings(settings: Settings, manifest: Manifest) -> str:
    return json.dumps(
        {
            "deadlines": [deadline.isoformat() for deadline in settings.deadlines],
            "draws": settings.draws,
            "known": settings.known,
            "method": manifest.method,
            "method_asked": settings.method,
            "seed": settings.seed,
        },
        sort_keys=True,
    )


def _forecast(forecast: EventForecast) -> ForecastRecord:
    deadline = parse_instant(forecast.by)
    return ForecastRecord(
        event=forecast.event,
        deadline=deadline,
        probability=_share(forecast.mean),
        lower=None if forecast.lower is None else _share(forecast.lower),
        upper=None if forecast.upper is None else _share(forecast.upper),
        mcse=forecast.mcse,
        prior=None if forecast.prior is None else _share(forecast.prior),
        valid_until=deadline,
        lower_mcse=forecast.lower_mcse,
        upper_mcse=forecast.upper_mcse,
    )


def _share(value: float) -> float:
    """Take rounding off a probability; what is further off is left, for the ledger to refuse."""
    near = min(1.0, max(0.0, value))
    return near if abs(value - near) <= ROUNDING else value


def _files(path: Path, manifest: Manifest) -> Iterator[ArtifactRecord]:
    posterior = manifest.posterior
    folder = path.parent.name
    yield ArtifactRecord(f"{folder}/{posterior.file}", posterior.sha256, posterior.bytes)
    data = path.read_bytes()
    yield ArtifactRecord(f"{folder}/{path.name}", hashlib.sha256(data).hexdigest(), len(data))
