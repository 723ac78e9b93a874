"""A new workspace: a small network with its evidence, dated so that it runs today."""

import os
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError

__all__ = ["start_workspace"]

STARTER = "starter"


def start_workspace(folder: Path, *, today: date | None = None) -> tuple[Path, ...]:
    """Write a small working workspace into a new or empty folder.

    Parameters
    ----------
    folder
        The folder; made where it does not exist.
    today
        The day from which its dates are reckoned; by default today, UTC.

    Returns
    -------
    tuple of Path
        The files, relative to the folder.

    Raises
    ------
    InputError
        If the folder is not empty, or is no folder.
    ForecastError
        If it cannot be written.
    """
    dates = _dates(datetime.now(UTC).date() if today is None else today)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            remedy = "Name a folder that is empty or not there yet."
            raise InputError(Fault("is not an empty folder", remedy, file=str(folder)))
        written = []
        for path, source in _sources(files("forecast.workspace") / STARTER, Path()):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_dated(source.read_text(encoding="utf-8"), dates), encoding="utf-8")
            written.append(path)
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        msg = f"{folder}: the workspace cannot be written: {reason}"
        raise ForecastError(msg) from error
    return tuple(sorted(written))


def _sources(folder: Traversable, path: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry, path / entry.name)
        else:
            found.append((path / entry.name, entry))
    return found


def _dates(today: date) -> dict[str, str]:
    """Return the dates that the starter's files name."""
    days = {
        "TODAY": 0,
        "START": -60,
        "VOTED": -30,
        "REPORTED": -7,
        "SOON": 90,
        "LATER": 365,
        "HORIZON": 730,
    }
    return {name: (today + timedelta(days=offset)).isoformat() for name, offset in days.items()}


def _dated(text: str, dates: dict[str, str]) -> str:
    for name, day in dates.items():
        text = text.replace(f"@{name}@", day)
    return text
