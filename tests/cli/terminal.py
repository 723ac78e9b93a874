"""A command in a terminal of its own, with keys pressed one by one."""

import os
import pty
import select
import signal
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
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(cwd)
        os.environ |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        os.execv(sys.executable, [sys.executable, "-m", "forecast", *words])  # noqa: S606
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
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(terminal)
    return output.decode(errors="replace")
