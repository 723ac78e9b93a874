"""Progress on standard error: a bar on a terminal, one quiet line a step otherwise.

For jobs that nobody watches: a log of JSON lines, and a sign of life during long work.
"""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from forecast.cli.text import visible
from forecast.errors import Fault, InputError
from forecast.files._workspace_file import read_workspace
from forecast.workspace._cluster import dask_executor
from forecast.workspace._contents import workspace_file
from forecast.workspace._places import LOG, require_own, require_unread
from forecast.workspace._work import Step


@contextmanager
def progress() -> Iterator[Callable[[Step], None]]:
    """Give a function that shows each step; the bar goes when the work ends."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: console.print(Text(visible(step.doing)), soft_wrap=True)
        return
    doing = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), doing, BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading")

        def tell(step: Step) -> None:
            bar.update(task, description=visible(step.doing), completed=step.done, total=step.total)

        yield tell


ALERTED = 3
"""The exit code of a job that raised an alert."""

HEARTBEAT = 30.0
"""Seconds."""


type Note = Callable[..., None]
"""Writes one line of the log: what happened, and what is to be known of it."""


@contextmanager
def job_log(file: Path | None, folder: Path | None = None) -> Iterator[Note]:
    """Give a function that appends a line to the log; to no file, it does nothing.

    The first line says ``begin``, the last one ``end``, and how it ended: where all that belongs to
    the job stands in the block, whatever went wrong. Ctrl-C, SIGTERM and SIGHUP end the job and are
    told. A disk that fills up silences the log, and not the job. A file where the workspace in
    `folder` reads evidence is refused.
    """
    if file is None:
        yield lambda _what, /, **_fields: None
        return
    require_own(file, LOG, field="--log")
    if folder is not None:
        _require_unread(file, folder)
    try:
        stream = file.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        msg = f"cannot be written: {error.strerror}"
        raise InputError(Fault(msg, "Name another file.", str(file), field="--log")) from error
    lock = threading.Lock()

    def note(what: str, /, **fields: Any) -> None:
        line = {"time": datetime.now(UTC).isoformat(), "what": what, **fields}
        with lock, suppress(OSError):
            stream.write(json.dumps(line) + "\n")

    note("begin")
    try:
        with _ended_by_signals():
            yield note
    except click.exceptions.Exit as ended:  # the job was done, and says what came of it
        note("end", ok=ended.exit_code in DONE, code=ended.exit_code)
        raise
    except KeyboardInterrupt:
        note("end", ok=False, error="KeyboardInterrupt: SIGINT, as of Ctrl-C")
        raise
    except BaseException as error:
        note("end", ok=False, error=f"{type(error).__name__}: {error}"[:2000])
        raise
    else:
        note("end", ok=True, code=0)
    finally:
        with suppress(OSError):
            stream.close()


DONE = (0, ALERTED)
"""Exit codes of a job that did all that it was asked for."""


ENDING = ("SIGTERM", "SIGHUP")
"""Signals that ask a job to end; Windows has only the first."""


class Terminated(SystemExit):
    """The end of a job that was asked to end."""

    def __str__(self) -> str:
        """Return who asked."""
        return signal.Signals(self.code - 128).name if isinstance(self.code, int) else ""


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as an exception does, so that logs are closed.

    What is ignored, as SIGHUP under nohup, stays so.
    """

    def end(number: int, _frame: object) -> None:
        raise Terminated(128 + number)

    if threading.current_thread() is not threading.main_thread():  # signals go to the main one
        yield
        return
    ends = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before = {each: signal.getsignal(each) for each in ends}
    for each, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _require_unread(file: Path, folder: Path) -> None:
    """Refuse a log in a folder that is read as evidence; the job tells what else is wrong."""
    try:
        workspace = read_workspace(workspace_file(folder))
    except InputError:
        return
    require_unread(workspace, file, field="--log")


@contextmanager
def heartbeat(note: Note, every: float | None = None) -> Iterator[Callable[[str], None]]:
    """Give a function to say what goes on; while that is the same, say so now and again.

    The log gets a line as well, every `HEARTBEAT` seconds unless told otherwise.
    """
    over, pause = threading.Event(), HEARTBEAT if every is None else every
    now: list[tuple[str, float]] = []

    def beat() -> None:
        while not over.wait(pause):
            if now:
                doing, since = now[-1]
                lasted = time.monotonic() - since
                if lasted > pause / 2:  # what has just begun was said a moment ago
                    with suppress(OSError):
                        click.echo(f"still {doing}, {lasted:.0f} s", err=True)
                note("heartbeat", doing=doing, seconds=round(lasted))

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield lambda doing: now.append((doing, time.monotonic()))
    finally:
        over.set()
        thread.join()


@contextmanager
def watched_job(
    note: Note, dask: str | None
) -> Iterator[tuple[Callable[[Step], None], Executor | None]]:
    """Give what shows and logs each step, with signs of life, and where to work."""
    with progress() as show, heartbeat(note) as doing:

        def tell(step: Step) -> None:
            with suppress(OSError):  # nobody need see it, and the work goes on
                show(step)
            doing(step.doing)
            note("step", doing=step.doing, done=step.done, total=step.total)

        with nullcontext() if dask is None else dask_executor(dask) as executor:
            yield tell, executor
