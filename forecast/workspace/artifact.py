"""A run on disk: a netCDF file with the draws and a JSON manifest with its digest.

Each file is written under a temporary name in its own folder, forced to disk, and then renamed,
the manifest last: where a manifest stands, the run is whole. Nothing is ever overwritten but the
remains of a run that has no manifest.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from forecast.errors import ForecastError
from forecast.files.text_file import replacing
from forecast.workspace.manifest import Manifest, PosteriorFile, read_manifest

__all__ = ["Saved", "save", "verify"]

type Saved = tuple[Path, Manifest]


def save(
    folder: Path, name: str, draws: bytes, describe: Callable[[PosteriorFile], Manifest]
) -> Saved:
    """Save a run, unless it is there already; return its manifest and where that stands.

    Parameters
    ----------
    folder
        The folder of the network's runs; made where it does not exist.
    name
        The name of the run's files, without their endings.
    draws
        The draws, as a netCDF file.
    describe
        Makes the manifest, given what was written.

    Raises
    ------
    ForecastError
        If a run of this name is there and damaged, or the folder cannot be written.
    """
    posterior, manifest = folder / f"{name}.nc", folder / f"{name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            if manifest.exists():
                return manifest, verify(manifest)
            with replacing(posterior) as temporary:
                temporary.write_bytes(draws)
                digest, size = _digest(temporary), temporary.stat().st_size
            written = describe(PosteriorFile(file=posterior.name, sha256=digest, bytes=size))
            with replacing(manifest) as temporary:
                temporary.write_text(written.to_json(), encoding="utf-8")
    except OSError as error:
        msg = f"{folder}: the run cannot be saved: {error.strerror or error}"
        raise ForecastError(msg) from error
    return manifest, written


def verify(manifest: Path) -> Manifest:
    """Return the manifest of a run whose posterior is as it was written.

    Raises
    ------
    ForecastError
        If the manifest cannot be read, or the posterior is missing or differs in any bit.
    """
    record = read_manifest(manifest)
    posterior = manifest.parent / record.posterior.file
    try:
        digest = _digest(posterior)
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


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
