"""A job cut down to what touches disk and ledger: write a file, publish the run that names it."""

import hashlib
import os
import tempfile
from pathlib import Path

from forecast.ledger import ArtifactRecord, Ledger, ledger_address, open_ledger, publish
from tests.ledger.samples import run


def publish_with_file(ledger: Ledger, folder: Path, name: str) -> str:
    """Write a file as `forecast.workspace._run` does, then publish; return the run's key."""
    data = name.encode() * 200
    digest = hashlib.sha256(data).hexdigest()
    target = folder / "tiny" / f"{name}.nc"
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(target)
    artifact = ArtifactRecord(f"tiny/{name}.nc", digest, len(data))
    record = run(name, forecasts=30, items=10, artifacts=(artifact,))
    publish(ledger, record)
    return record.key


def write_until_killed(url: str, folder: Path, name: str) -> None:
    """Publish run after run, and note each that was acknowledged."""
    address = ledger_address(None, folder, {"FORECAST_LEDGER": url})
    acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with open_ledger(address) as ledger:
        number = 0
        while True:
            key = publish_with_file(ledger, folder, f"{name}-{number}")
            os.write(acknowledged, f"{key}\n".encode())  # stays when the process is killed
            number += 1


def write_same(url: str, folder: Path, times: int) -> list[bool]:
    """Publish one and the same run many times; return which time it was new."""
    address = ledger_address(None, folder, {"FORECAST_LEDGER": url})
    with open_ledger(address) as ledger:
        record = run("same", forecasts=30, items=10)
        return [publish(ledger, record).new for _ in range(times)]
