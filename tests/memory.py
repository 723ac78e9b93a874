"""Where tests make what need not outlive them: in memory, where there is room."""

import os
import shutil
from pathlib import Path

ROOM = 2e9
"""Bytes that must be free there."""


def workroom() -> Path | None:
    """Return a place in memory; None where there is none, for the usual one.

    What a process that is killed has written stays, wherever it was written.
    """
    memory = Path("/dev/shm")  # noqa: S108  only a place; a private folder is made in it
    there = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return memory if there else None
