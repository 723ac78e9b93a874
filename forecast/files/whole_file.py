"""Writing a file whole or not at all: a temporary name, forced to disk, and then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing"]

READABLE = 0o644


@contextmanager
def replacing(final: Path, *, mode: int = READABLE) -> Iterator[Path]:
    """Give a temporary file beside `final` to write; give it that name when the block ends.

    A reader sees the old file or the whole new one, after a power cut too. Where the block raises,
    or the disk is full, `final` is as it was and nothing is left beside it.

    Parameters
    ----------
    final
        The file; replaced where it exists.
    mode
        Who may read and write it.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     final = Path(folder) / "said.txt"
    ...     with replacing(final) as temporary:
    ...         _ = temporary.write_text("whole")
    ...     final.read_text()
    'whole'
    """
    handle, name = tempfile.mkstemp(
        dir=final.parent, prefix=f".{final.stem}-", suffix=f".part{final.suffix}"
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary, os.O_RDWR)
        temporary.chmod(mode)
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        _flush(final.parent, os.O_RDONLY)  # the new name, too


def _flush(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
