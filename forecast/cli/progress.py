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
from forecast.workspace._cluster import dask_executor
from forecast.workspace._places import LOG, require_own
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
def job_log(file: Path | None) -> Iterator[Note]:
    """Give a function that appends a line to the log; to no file, it does nothing.

    The first line says ``begin``, the last one ``end``, and how it ended: where all that belongs to
    the job stands in the block, whatever went wrong. Ctrl-C and SIGTERM end the job and are told. A
    disk that fills up silences the log, and not the job.
    """
    if file is None:
        yield lambda _what, /, **_fields: None
        return
    require_own(file, LOG, field="--log")
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
        with _ended_by_sigterm():
            yield note
    except click.exceptions.Exit as ended:  # the job was done, and says what came of it
        note("end", ok=ended.exit_code in DONE, code=ended.exit_code)
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


class Terminated(SystemExit):
    """The end of a job that was asked to end."""

    def __str__(self) -> str:
        """Return who asked."""
        return "SIGTERM"


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as an exception does, so that files and logs are closed."""

    def end(number: int, _frame: object) -> None:
        raise Terminated(128 + number)

    if threading.current_thread() is not threading.main_thread():  # signals go to the main one
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
