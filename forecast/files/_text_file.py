"""Text files: reading one that a person wrote, and writing one whole or not at all."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._limits import most

READABLE = 0o666
"""What a new file may be to others, but for what the umask takes away."""


def new_mode() -> int:
    """Return who may read and write a new file: what the umask leaves."""
    mask = os.umask(0)
    os.umask(mask)
    return READABLE & ~mask


@contextmanager
def replacing(final: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Yield a temporary file next to `final`; rename it to `final` when the block ends.

    A reader sees the old file or the whole new one, even after a power cut. If the block raises, or
    the disk is full, `final` is unchanged and nothing is left next to it. A process that is killed
    leaves its temporary file, which is removed by the first to write here a day later.

    Parameters
    ----------
    final
        The file; replaced if it exists.
    mode
        Who may read and write it; by default who could before, and of a new file what the umask
        leaves.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     final = Path(folder) / "note.txt"
    ...     with replacing(final) as temporary:
    ...         _ = temporary.write_text("whole")
    ...     final.read_text()
    'whole'
    """
    remove_parts(final.parent)
    handle, name = tempfile.mkstemp(
        dir=final.parent, prefix=f".{final.stem}-", suffix=f".part{final.suffix}"
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary, os.O_RDWR)
        temporary.chmod(_mode_of(final) if mode is None else mode)
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(final.parent)  # the new name, too


A_DAY = 86_400.0
"""Seconds after which a temporary file is that of a killed process: writing takes minutes."""

_PART = re.compile(r"\..+-[a-z0-9_]{8}\.part(\.\w+)*(-wal|-shm|-journal)?(\.lock)?")
"""The names of temporary files of `replacing`, and of what SQLite and a lock put beside one."""


def old_parts(folder: Path) -> Iterator[Path]:
    """Yield temporary files of `replacing` that killed processes left in a folder.

    Only those that are older than a day: others may be being written.
    """
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if _PART.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > A_DAY:
                        yield Path(entry.path)


def remove_parts(folder: Path) -> None:
    """Remove what `old_parts` finds."""
    for path in old_parts(folder):
        with suppress(OSError):
            path.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that after a power cut they are there.

    A file that is forced to disk is lost all the same if its new folder is.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Force the names of a folder to disk: of files that were made, renamed or removed."""
    if os.name == "posix":
        _flush(folder, os.O_RDONLY)


def _mode_of(final: Path) -> int:
    try:
        return final.stat().st_mode & 0o777
    except OSError:
        return new_mode()


def _flush(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


LARGEST_FILE = most("YAML file", "bytes")
"""Bytes."""

_TAB = re.compile(r"^ *\t", re.MULTILINE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)


def read_text(path: str | Path) -> str:
    """Return the text of a YAML file.

    Raises
    ------
    InputError
        If the file does not exist, is no file, is larger than 1 MB, empty, not UTF-8, binary, or
        indented with tabs.
    """
    text = plain_text(path, LARGEST_FILE)
    tabs = [text.count("\n", 0, tab.start()) + 1 for tab in _TAB.finditer(text)]
    if tabs:
        raise InputError(_tab_faults(tabs, str(path)))
    return text


def plain_text(path: str | Path, largest: int) -> str:
    """Return the text of a file of at most so many bytes; tabs may indent it."""
    file = str(path)
    data = file_bytes(Path(path), largest)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            Fault(
                "is not text in UTF-8",
                "Save it again as UTF-8, or check that it is the right file.",
                file=file,
                line=line,
            )
        ) from error
    if not text.strip():
        raise InputError(
            Fault("the file is empty", "Write its fields, or remove the file.", file=file)
        )
    odd = _CONTROL.search(text)
    if odd:
        raise InputError(
            Fault(
                f"holds a control character (U+{ord(odd[0]):04X})",
                "Remove it, or check that it is the right file.",
                file=file,
                line=text.count("\n", 0, odd.start()) + 1,
            )
        )
    return text


def _tab_faults(lines: list[int], file: str) -> list[Fault]:
    remedy = "Indent with spaces, two per level."
    first = [Fault("is indented with a tab", remedy, file=file, line=line) for line in lines[:5]]
    if len(lines) > len(first):
        first.append(Fault(f"{len(lines) - len(first)} more lines have tabs", remedy, file=file))
    return first


def file_bytes(path: Path, largest: int) -> bytes:
    """Return the bytes of a file that is not larger than allowed."""
    file = str(path)
    try:
        if not path.exists():
            raise InputError(Fault("there is no such file", "Check its name.", file=file))
        if not path.is_file():
            raise InputError(Fault("is not a file", "Name a file.", file=file))
        size = path.stat().st_size
        if size <= largest:
            with path.open("rb") as stream:
                data = stream.read(size + 1)  # so much is set aside
            size = max(size, len(data))
        if size > largest:
            raise InputError(
                Fault(
                    f"is larger ({size / 1e6:,.1f} MB) than a file may be ({largest / 1e6:.0f} MB)",
                    "Split it, or check that it is the right file.",
                    file=file,
                )
            )
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Check the path and its permissions."
        raise InputError(Fault(f"cannot be read: {reason}", remedy, file=file)) from error
    return data
