"""A new workspace: a small network dated so that it runs today, or a copy of the library's own."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.workspace._contents import WORKSPACE_FILE

STARTER = "starter"


def start_workspace(folder: Path, *, today: date | None = None) -> tuple[Path, ...]:
    """Write a small working workspace into a new or empty folder; return its files, relative to it.

    Its dates are reckoned from `today`, by default today, UTC. What is no empty folder is an
    `InputError`.
    """
    dates = _dates(datetime.now(UTC).date() if today is None else today)
    return _write(folder, _sources(files("forecast.workspace") / STARTER, Path()), dates)


def start_example(folder: Path) -> tuple[Path, ...]:
    """Copy the library's own workspace, networks and evidence, into a new or empty folder."""
    carried = library_folder()
    found = [(Path(WORKSPACE_FILE), carried / WORKSPACE_FILE)]
    for part in ("priors", "evidence"):
        found += _sources(carried / part, Path(part))
    return _write(folder, found, {})


def library_folder() -> Traversable:
    """Return the folder that holds what the library carries: networks, evidence, the guide."""
    carried: Traversable = files("forecast") / "_library"
    if not carried.is_dir():  # not installed from a wheel: a checkout has them beside the package
        return Path(__file__).parents[2]
    return carried


def coding_guide() -> str:
    """Return the coding guide, the page of the documentation on filing an article."""
    return (library_folder() / "docs" / "coding-guide.md").read_text(encoding="utf-8")


def _write(
    folder: Path, sources: Iterable[tuple[Path, Traversable]], dates: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write all files, or none."""
    written: list[Path] = []
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            remedy = "Name a folder that is empty or not there yet."
            raise InputError(Fault("is not an empty folder", remedy, file=str(folder)))
        for path, source in sources:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            target.write_text(_dated(source.read_text(encoding="utf-8"), dates), encoding="utf-8")
    except OSError as error:
        for path in written:
            with suppress(OSError):
                (folder / path).unlink()
                (folder / path).parent.rmdir()  # where it is empty
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


def _dated(text: str, dates: Mapping[str, str]) -> str:
    for name, day in dates.items():
        text = text.replace(f"@{name}@", day)
    return text
