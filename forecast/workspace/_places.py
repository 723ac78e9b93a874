"""Which files a workspace reads and writes: inside its folder by their real paths, and not its own.

A path without ``..`` may still lead out of the folder, by a symbolic link; a page or a log may be
given the name of a file that holds something else.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._workspace_file import Workspace

READ_AS_DATA = (".csv", ".toml", ".yaml", ".yml", ".sqlite3", "-wal", "-shm", ".nc", ".json")
"""How the names end of what a workspace reads, and of what it keeps."""

PAGE, LOG = b"<!doctype html>", b'{"time": "'
"""How a page and a log begin, blanks aside."""

LOOKED_AT = 1_000
"""Bytes."""


def require_new(workspace: Workspace, file: Path, *, field: str) -> None:
    """Refuse to hand something out into a file that is there, or where it would be read back.

    Parameters
    ----------
    workspace
        Whose evidence, runs and inbox the file must not be among, links followed.
    file
        The file.
    field
        Who named it.

    Raises
    ------
    InputError
        If it is there, or in one of these folders.
    """
    if file.exists() or file.is_symlink():
        raise InputError(Fault("is there already", "Name a new file.", str(file), field=field))
    _require_elsewhere(file, [(workspace.output_path, "runs are kept")], field)
    require_unread(workspace, file, field=field)


def require_unread(workspace: Workspace, file: Path, *, field: str) -> None:
    """Refuse to write a file where it would be read back, as `require_new` does.

    Parameters
    ----------
    workspace, file, field
        As there; the file may be there already.

    Raises
    ------
    InputError
        If it is where evidence is read, or in the inbox.
    """
    places = [*((path, "evidence is read") for path in workspace.evidence_paths)]
    _require_elsewhere(file, [*places, (workspace.inbox_path, "the inbox is kept")], field)


def _require_elsewhere(file: Path, places: Iterable[tuple[Path, str]], field: str) -> None:
    for path, what in places:
        if _inside(file, path.resolve()):
            problem = f"is in a place where {what} ({path})"
            remedy = "Name a file elsewhere; nothing was written."
            raise InputError(Fault(problem, remedy, str(file), field=field))


def require_inside(folder: Path, paths: Iterable[tuple[str, Path]]) -> None:
    """Refuse paths, each with its field, that lead out of a folder by a symbolic link."""
    base = folder.resolve()
    faults = [
        Fault(
            "leads out of the folder of the workspace by a symbolic link",
            "Put the file itself there, or name one inside.",
            str(path),
            field=field,
        )
        for field, path in _with_files(paths)
        if not _inside(path, base)
    ]
    if faults:
        raise InputError(faults)


def _with_files(paths: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    for field, path in paths:
        yield field, path
        try:
            inside = sorted(path.iterdir()) if path.is_dir() else []
        except OSError:
            continue  # who reads it says so
        yield from ((field, file) for file in inside if file.is_symlink())


def _inside(path: Path, base: Path) -> bool:
    try:
        return path.resolve().is_relative_to(base)
    except (OSError, RuntimeError):  # a link to itself
        return False


def require_own(file: Path, begins: bytes, *, field: str) -> None:
    """Refuse to write a page or a log into a file that is neither: one that begins otherwise.

    Parameters
    ----------
    file
        The file; one that is not there, or empty, is free.
    begins
        How what is written begins: `PAGE` or `LOG`.
    field
        Who named it.

    Raises
    ------
    InputError
        If it holds something else, or is called as what a workspace reads is.
    """
    what = "page" if begins == PAGE else "log"
    remedy = f"Name another file for the {what}; nothing was written to this one."
    try:
        named, real = file.name.lower(), file.resolve().name.lower()
        with file.open("rb") as stream:
            head = stream.read(LOOKED_AT).lstrip()
    except FileNotFoundError:
        head = b""
    except OSError:
        return  # who writes it says so
    if head and not head.lower().startswith(begins):
        raise InputError(
            Fault(f"holds something else than a {what}", remedy, str(file), field=field)
        )
    if named.endswith(READ_AS_DATA) or real.endswith(READ_AS_DATA):
        raise InputError(
            Fault(
                f"is called as what a workspace reads is, not as a {what}",
                remedy,
                str(file),
                field=field,
            )
        )
