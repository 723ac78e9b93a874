"""The library that watches a process's disk: compiled here, so a C compiler must be there."""

import os
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("disk_io.c")


def compiled(folder: Path) -> Path:
    """Return the library, compiled into a folder; `watching` has a process load it."""
    library = folder / "disk_io.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-w", "-o", library, SOURCE, "-ldl"]
    subprocess.run(command, check=True)  # noqa: S603
    return library


def watching(library: Path) -> dict[str, str]:
    """Return the environment of a process that forks jobs and whose disk is watched."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "LD_PRELOAD": str(library)}
