"""The manifest: what a run was made from, what it found, and the digest of its posterior."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from forecast.errors import ForecastError
from forecast.evidence import Clock

__all__ = [
    "OF_FORECASTS",
    "EventForecast",
    "GateCheck",
    "GateRecord",
    "Manifest",
    "PosteriorFile",
    "read_manifest",
]

OF_FORECASTS = "forecast_"
"""How the names of checks of forecasts begin."""


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EventForecast(_Record):
    """The probability that one event is on by one deadline.

    Parameters
    ----------
    event, title
        The event.
    by
        The deadline: the end of this day, UTC.
    mean
        The probability.
    lower, upper
        The central 90% interval over the uncertain parameters.
    mcse
        The Monte Carlo standard error of `mean`.
    lower_mcse, upper_mcse
        Those of `lower` and `upper`; None in manifests from before they were kept.
    prior
        The probability without the evidence.
    change
        `mean` less `prior`.
    """

    event: str
    title: str
    by: str
    mean: float
    lower: float | None
    upper: float | None
    mcse: float | None
    lower_mcse: float | None = None
    upper_mcse: float | None = None
    prior: float | None
    change: float | None


class GateCheck(_Record):
    """One convergence check; a figure that is not finite is None."""

    name: str
    value: float | None
    limit: float
    passed: bool

    @property
    def of_forecasts(self) -> bool:
        """Whether it judges forecasts, and not the parameters."""
        return self.name.startswith(OF_FORECASTS)


class GateRecord(_Record):
    """The gate's verdict, and whether the run was kept in spite of it."""

    passed: bool
    forced: bool
    checks: tuple[GateCheck, ...]


class PosteriorFile(_Record):
    """The netCDF file beside the manifest."""

    file: str
    sha256: str
    bytes: int


class Manifest(_Record):
    """One run.

    Parameters
    ----------
    format
        The version of this record's form.
    run
        The run's name, as in the names of its files.
    key
        The SHA-256 of everything the run was made from; the same inputs give the same key.
    network, title
        The network.
    as_of, as_of_from
        The knowledge cut-off, and who set it.
    known
        The clock by which items were seen: when they were published, or recorded here.
    items, items_seen
        The items of evidence on this network's events: on file, and seen by `as_of`.
    deadlines_passed
        Deadlines of the workspace that had passed by `as_of` and so have no forecast.
    method
        How the run was estimated.
    seed, draws
        As in the workspace file.
    interval
        The kind and level of the intervals.
    gate
        The convergence checks.
    forecasts
        By event and deadline.
    posterior
        The file with the draws.
    versions
        Of this library and of those that the numbers depend on.
    """

    format: Literal[1] = 1
    run: str
    key: str
    network: str
    title: str
    as_of: str
    as_of_from: str
    known: Clock = "published"  # what all runs went by before there was a choice
    items: int
    items_seen: int
    deadlines_passed: tuple[str, ...]
    method: str
    seed: int
    draws: int
    interval: str = "central 90%"
    gate: GateRecord
    forecasts: tuple[EventForecast, ...]
    posterior: PosteriorFile
    versions: dict[str, str]

    def to_json(self) -> str:
        """Return the manifest as a JSON document."""
        return self.model_dump_json(indent=2) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file.

    Raises
    ------
    ForecastError
        If it cannot be read or is no manifest.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ForecastError(msg) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        msg = f"{path}: is no whole manifest of a run: {field}: {first['msg']}"
        raise ForecastError(msg) from error
