"""A run: its key, its manifest, its two files on disk, and the record that the ledger takes of it.

The key is the digest of everything that a run is made from. Its draws stand in a netCDF file, and
beside it a JSON manifest says what it was made from, what it found, and the draws' digest. Each
file is written under a temporary name in its own folder, forced to disk, and then renamed, the
manifest last: where a manifest stands, the run is whole. Nothing that the ledger names is ever
overwritten.
"""

import hashlib
import json
import math
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock, Timeout
from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
)

from forecast.errors import ForecastError
from forecast.evidence import Clock, Evidence
from forecast.files._text_file import make_folder, new_mode, replacing
from forecast.gate import Check, Gate
from forecast.ledger import ArtifactRecord, ForecastRecord, ItemRecord, RunRecord
from forecast.network import Network
from forecast.probability import share
from forecast.sampling import nuts_sampler
from forecast.time import day_label, parse_instant
from forecast.workspace._settings import Settings

KEY_LENGTH = 12
NUMERIC_STACK = (
    "eventcast",
    "arviz-stats",
    "numba",
    "numpy",
    "nutpie",
    "opt-einsum",
    "pymc",
    "pytensor",
    "scipy",
    "xarray",
)

SAMPLED = ("auto", "nuts")
"""Methods that may take NUTS, of which there are two that draw otherwise."""

PATIENCE = 600.0
"""Seconds to wait for another job in the same network's folder: to save takes it a few."""

_STRICT = ConfigDict(extra="forbid")
_FORECASTS = TypeAdapter(tuple[ForecastRecord], config=_STRICT)
_CHECKS = TypeAdapter(tuple[Check, ...], config=_STRICT)


def forecast_document(told: ForecastRecord) -> dict[str, object]:
    """Return a forecast as the manifest has it."""
    return {
        "event": told.event,
        "title": told.title,
        "by": told.by,
        "mean": told.probability,
        "lower": told.lower,
        "upper": told.upper,
        "mcse": told.mcse,
        "lower_mcse": told.lower_mcse,
        "upper_mcse": told.upper_mcse,
        "prior": told.prior,
        "change": told.change,
        **({"question": told.question, "wording": told.wording} if told.question else {}),
        **({} if told.recalibrated is None else {"recalibrated": list(told.recalibrated)}),
    }


def gate_document(gate: Gate) -> dict[str, object]:
    """Return a gate as the manifest and the ledger have it: a figure that is not finite is None.

    What did not pass its gate is kept only where that was forced.
    """
    checks = [
        {
            "name": check.name,
            "value": check.value if math.isfinite(check.value) else None,
            "limit": check.limit,
            "passed": check.passed,
        }
        for check in gate.checks
    ]
    return {"passed": gate.passed, "forced": not gate.passed, "checks": checks}


def _forecast_of(document: Any) -> ForecastRecord:
    """Return the forecast that a manifest has."""
    if isinstance(document, ForecastRecord):
        return document
    deadline = parse_instant(document["by"])
    fields = {key: document[key] for key in document if key not in {"by", "mean", "change"}}
    fields |= {"probability": document["mean"], "deadline": deadline, "valid_until": deadline}
    return _FORECASTS.validate_python((fields,))[0]


def gate_of(document: Any) -> Gate:
    """Return the gate that a manifest or the ledger has."""
    if isinstance(document, Gate):
        return document
    checks = [
        {**check, "value": math.nan if check["value"] is None else check["value"]}
        for check in document["checks"]
    ]
    return Gate(_CHECKS.validate_python(checks))


class PosteriorFile(BaseModel):
    """The netCDF file beside the manifest."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    file: str
    sha256: str
    bytes: int


class Manifest(BaseModel):
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
    items_replaced
        Forecasts that were out by `as_of` and are not among the seen: a newer one of their source
        stands in their place.
    deadlines_passed, questions_closed
        Deadlines that had passed by `as_of`, and questions that were past or answered, which so
        have no forecast.
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
    recalibration
        What answered questions had taught by the cut-off, where that is shown beside the forecasts;
        left out of the record where it is not.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

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
    items_replaced: int = 0
    deadlines_passed: tuple[str, ...]
    questions_closed: tuple[str, ...] = ()
    method: str
    seed: int
    draws: int
    interval: str = "central 90%"
    gate: Annotated[Gate, PlainValidator(gate_of), PlainSerializer(gate_document)]
    forecasts: tuple[
        Annotated[ForecastRecord, PlainValidator(_forecast_of), PlainSerializer(forecast_document)],
        ...,
    ]
    posterior: PosteriorFile
    versions: dict[str, str]
    recalibration: dict[str, Any] | None = None

    @model_serializer(mode="wrap")
    def _as_it_was(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is not asked for, as before it could be."""
        document: dict[str, Any] = handler(self)
        for name, nothing in (("recalibration", None), ("items_replaced", 0)):
            if document[name] == nothing:
                del document[name]
        return document

    def to_json(self) -> str:
        """Return the manifest as a JSON document."""
        return self.model_dump_json(indent=2) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file; a `ForecastError` where it cannot be read or is none."""
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
    except (AttributeError, KeyError, TypeError) as error:  # of a forecast or a check
        msg = f"{path}: is no whole manifest of a run: {error}"
        raise ForecastError(msg) from error


def run_key(network: Network, seen: Evidence, settings: Settings) -> str:
    """Return the SHA-256 of a run's inputs in canonical JSON.

    The same inputs give the same key whatever the order of the evidence; evidence that is not seen
    by `as_of` plays no part. Where the method may be NUTS, whose NUTS it is plays one.
    """
    inputs: dict[str, object] = {
        "network": network.model_dump(),
        "evidence": [item.model_dump() for item in seen],
        "as_of": settings.as_of.isoformat(),
        "known": settings.known,
        "deadlines": [deadline.isoformat() for deadline in settings.deadlines],
        "method": settings.method,
        "seed": settings.seed,
        "draws": settings.draws,
        "library": version("eventcast"),
    }
    if settings.method in SAMPLED and nuts_sampler() != "pymc":
        inputs["nuts"] = nuts_sampler()
    if settings.questions:
        inputs["questions"] = [(event, by.isoformat()) for event, by in settings.asked]
    if settings.learned is not None:
        inputs["recalibration"] = settings.learned.sha256  # what it makes of that, the library says
    if settings.every:
        inputs["every"] = [deadline.isoformat() for deadline in settings.every]
    if seen.repeated:  # what was retracted is still what its copies repeat
        inputs["repeated"] = [item.model_dump() for item in seen.repeated]
    return hashlib.sha256(canonical_text(inputs).encode()).hexdigest()


def canonical_text(value: object) -> str:
    """Return a value as JSON, the same text for the same value: dates in ISO 8601, keys sorted."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_iso)


def _iso(value: object) -> str:
    """Return a date or time in ISO 8601; nothing else has a text that is sure to stay the same."""
    if isinstance(value, date):
        return value.isoformat()
    msg = f"a value of type {type(value).__name__} cannot be part of a run's key"
    raise TypeError(msg)


def run_name(settings: Settings, key: str) -> str:
    """Return the name of a run's files, without their endings: its `as_of` and its short key."""
    day = day_label(settings.as_of).replace(":", "")  # no colon in file names on Windows
    return f"{day}-{key[:KEY_LENGTH]}"


def versions() -> dict[str, str]:
    """Return the versions that the numbers of a run depend on."""
    return dict(_installed())


@cache
def _installed() -> dict[str, str]:
    """Return the same, looked up once: a job of a thousand networks would look for seconds."""
    found = {"python": platform.python_version()}
    for package in NUMERIC_STACK:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@contextmanager
def folder_of_runs(folder: Path) -> Iterator[None]:
    """Have a network's folder alone, made where it is not there, to save and publish a run.

    A `ForecastError` says that it cannot be written, or that another job has kept it for longer
    than `PATIENCE`.
    """
    try:
        make_folder(folder)
        lock = FileLock(folder / ".lock", timeout=PATIENCE, mode=new_mode())
        lock.acquire()
    except Timeout as error:
        msg = (
            f"{folder}: the run cannot be saved: another job has kept the folder for "
            f"{PATIENCE:.0f} seconds"
        )
        raise ForecastError(msg) from error
    except OSError as error:
        raise _unsaved(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def save(
    folder: Path, name: str, draws: bytes, describe: Callable[[PosteriorFile], Manifest]
) -> tuple[Path, Manifest]:
    """Save a run in place of one that is there; return where its manifest stands, and the manifest.

    `describe` makes the manifest, given what was written of the draws. The caller has the folder
    alone, and knows that the ledger does not name what is there.
    """
    posterior, manifest = folder / f"{name}.nc", folder / f"{name}.json"
    try:
        manifest.unlink(missing_ok=True)  # what stands is whole, whatever of the new is written
        with replacing(posterior) as temporary:
            temporary.write_bytes(draws)
            digest, size = file_digest(temporary), temporary.stat().st_size
        written = describe(PosteriorFile(file=posterior.name, sha256=digest, bytes=size))
        with replacing(manifest) as temporary:
            temporary.write_text(written.to_json(), encoding="utf-8")
    except OSError as error:
        raise _unsaved(folder, error) from error
    return manifest, written


def _unsaved(folder: Path, error: OSError) -> ForecastError:
    return ForecastError(f"{folder}: the run cannot be saved: {error.strerror or error}")


def verify(manifest: Path) -> Manifest:
    """Return the manifest of a run whose posterior is as it was written.

    A `ForecastError` says that the manifest cannot be read, or the posterior is missing or differs
    in any bit.
    """
    record = read_manifest(manifest)
    posterior = manifest.parent / record.posterior.file
    try:
        digest = file_digest(posterior)
    except OSError as error:
        msg = f"{posterior}: the posterior of this run cannot be read: {error.strerror}"
        raise ForecastError(msg) from error
    if digest != record.posterior.sha256:
        msg = (
            f"{posterior}: the file is damaged: its SHA-256 is {digest[:12]}…, and "
            f"{record.posterior.sha256[:12]}… was written. Move it and {manifest.name} away "
            "and run again."
        )
        raise ForecastError(msg)
    return record


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def run_record(
    network: Network, seen: Evidence, settings: Settings, path: Path, manifest: Manifest
) -> RunRecord:
    """Return a saved run as the ledger takes it: what was said, what was seen, and its files.

    `path` is the manifest's file, in the network's own folder.
    """
    folder, posterior, data = path.parent.name, manifest.posterior, path.read_bytes()
    stated = {
        "deadlines": [deadline.isoformat() for deadline in settings.deadlines],
        "draws": settings.draws,
        "known": settings.known,
        "method": manifest.method,
        "method_asked": settings.method,
        "seed": settings.seed,
    }
    if settings.questions:
        stated["questions"] = [(event, by.isoformat()) for event, by in settings.asked]
    if manifest.recalibration is not None:
        figures = [told.recalibrated for told in manifest.forecasts]  # in the forecasts' order
        stated["recalibration"] = {**manifest.recalibration, "figures": figures}
    return RunRecord(
        key=manifest.key,
        network=network.name,
        network_body=canonical_text(network.model_dump()),
        as_of=settings.as_of,
        settings=json.dumps(stated, sort_keys=True),
        gate=canonical_text(gate_document(manifest.gate)),
        forced=not manifest.gate.passed,
        forecasts=said_of(manifest),
        evidence=tuple(
            ItemRecord(item.id, canonical_text(item.model_dump()))
            for item in (*seen, *seen.repeated)
        ),
        artifacts=(
            ArtifactRecord(f"{folder}/{posterior.file}", posterior.sha256, posterior.bytes),
            ArtifactRecord(f"{folder}/{path.name}", hashlib.sha256(data).hexdigest(), len(data)),
        ),
        versions=manifest.versions,
    )


def said_of(manifest: Manifest) -> tuple[ForecastRecord, ...]:
    """Return a manifest's forecasts as the ledger takes them."""
    return tuple(map(_without_rounding, manifest.forecasts))


def _without_rounding(told: ForecastRecord) -> ForecastRecord:
    return replace(
        told,
        probability=share(told.probability),
        lower=None if told.lower is None else share(told.lower),
        upper=None if told.upper is None else share(told.upper),
        prior=None if told.prior is None else share(told.prior),
    )
