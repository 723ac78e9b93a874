"""A command in a terminal of its own, with keys pressed one by one."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.contract.repository import ROOT

PATIENCE = 120.0
"""Seconds for a command on a slow machine."""
QUIET = 0.2
"""Seconds without output after which it waits for a key."""
LOST = 10.0
"""Seconds after which a key that nothing came of is pressed again: the terminal drops some."""


def in_terminal(words: Sequence[str], keys: Sequence[str], *, cwd: Path) -> str:
    """Run the command, press a key whenever it waits for one, and return what it printed."""
    terminal, end = pty.openpty()
    size = {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(  # noqa: S603  not a fork of Python's own: other threads may run
        [sys.executable, "-m", "forecast", *words],
        stdin=end,
        stdout=end,
        stderr=end,
        cwd=cwd,
        env={**os.environ, **size},
        start_new_session=True,
    )
    os.close(end)
    output, left, last, fresh = b"", list(keys), "", False
    pressed = began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        ready, _, _ = select.select([terminal], [], [], QUIET)
        if ready:
            try:
                output += os.read(terminal, 65_536)
            except OSError:  # it has ended
                break
            fresh = True
        elif fresh and left:
            os.write(terminal, left[0].encode())
            pressed, fresh = time.monotonic(), False
            last = left.pop(0)
        elif not fresh and output and time.monotonic() > pressed + LOST:
            os.write(terminal, last.encode())
            pressed = time.monotonic()
    else:
        process.kill()
    process.wait()
    os.close(terminal)
    return output.decode(errors="replace")
