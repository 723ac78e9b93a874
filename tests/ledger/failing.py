"""Runs under failing_io.c: one job for each I/O call of a job, in which that call fails.

``LD_PRELOAD=failing_io.so python -m tests.ledger.failing FOLDER ERRNO LASTING`` prints one line of
JSON for each: which call, how the job ended, and what the ledger was like afterwards.
"""

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path

from forecast.errors import ForecastError
from forecast.ledger import find_run, ledger_address, open_ledger, verify
from tests.ledger.samples import key_of
from tests.ledger.writer import publish_with_file

DISK = ctypes.CDLL(None)
NOT_DONE = 1


def job(folder: Path) -> None:
    """Publish a run, in a process that has nothing open yet."""
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        publish_with_file(ledger, folder, "new")


def job_that_fails(folder: Path, at: int, *, error: int, lasting: bool) -> tuple[int, int]:
    """Run a job of which one call fails; return its exit code and how many calls it made."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 0
        DISK.fail_arm(at, int(lasting), error, os.fsencode(folder))
        try:
            job(folder)
        except (ForecastError, OSError):  # the file's own errors are the workspace's to tell
            code = NOT_DONE
        finally:
            os.write(writer, str(DISK.fail_count()).encode())
        os._exit(code)
    _, status = os.waitpid(child, 0)
    os.close(writer)
    calls = int(os.read(reader, 20))
    os.close(reader)
    return os.waitstatus_to_exitcode(status), calls


def state_of(folder: Path) -> dict[str, object]:
    """Return what the ledger is like: the old run, the new one, and whether the next just works."""
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        before = verify(ledger, folder=folder)
        state = {
            "faults": before.faults,
            "old": find_run(ledger, key_of("old")) is not None,
            "new": find_run(ledger, key_of("new")) is not None,
        }
        publish_with_file(ledger, folder, "next")
        return {**state, "next": verify(ledger, folder=folder).passed}


def main(folder: Path, error: int, *, lasting: bool, fresh: bool) -> None:
    """Fail each call in turn, each in a ledger of its own."""
    before = folder / "before"
    (before / "tiny").mkdir(parents=True)
    if not fresh:
        with open_ledger(ledger_address(None, before, {})) as ledger:
            publish_with_file(ledger, before, "old")
    at, calls = 0, 0
    while at <= calls:
        here = folder / str(at)
        shutil.copytree(before, here)
        code, made = job_that_fails(here, at, error=error, lasting=lasting)
        calls = max(calls, made if at == 0 else 0)
        print(json.dumps({"at": at, "calls": calls, "code": code, **state_of(here)}))  # noqa: T201
        shutil.rmtree(here)
        at += 1


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        lasting=sys.argv[3] == "lasting",
        fresh=sys.argv[4] == "fresh",
    )
