"""The key of a run: the digest of everything that it is made from."""

import hashlib
import json
import platform
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from forecast.evidence import Evidence
from forecast.network import Network
from forecast.time import day_label
from forecast.workspace.settings import Settings

__all__ = ["KEY_LENGTH", "canonical_text", "run_key", "run_name", "versions"]

KEY_LENGTH = 12
NUMERIC_STACK = (
    "eventcast",
    "arviz-stats",
    "numba",
    "numpy",
    "pymc",
    "pytensor",
    "scipy",
    "xarray",
)


def run_key(network: Network, seen: Evidence, settings: Settings) -> str:
    """Return the SHA-256 of a run's inputs in canonical JSON.

    The same inputs give the same key whatever the order of the evidence; evidence that is not seen
    by `as_of` plays no part.

    Parameters
    ----------
    network
        The network.
    seen
        The evidence known by `as_of`.
    settings
        How the run is made.
    """
    inputs = {
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
