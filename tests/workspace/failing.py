"""Runs under disk_io.c: one job for each I/O call of a job, in which that call fails.

``LD_PRELOAD=disk_io.so python -m tests.workspace.failing FOLDER ERRNO LASTING LEDGER`` runs
``forecast update`` on a made-up estimate, and prints one line of JSON for each job: which call
failed, how the job ended and what it printed, and what was there afterwards.
"""

import ctypes
import json
import os
import shutil
import sys
import traceback
from pathlib import Path

import forecast.workspace._update as job
from forecast.cli.main import cli
from forecast.ledger import ledger_address, open_ledger, said, verify
from forecast.workspace._settings import Request
from tests.workspace.killed_job import estimate
from tests.workspace.samples import write_workspace

DISK = ctypes.CDLL(None)
UNCAUGHT = 70
OLD, NEW = Request(seed=1), Request(seed=2)


def command(folder: Path) -> int:
    """Run ``forecast update`` and return its exit code; it prints to a file outside the folder."""
    sys.stdout = sys.stderr = printed_by(folder).open("w", encoding="utf-8")
    try:
        cli(["update", "--workspace", str(folder), "--seed", str(NEW.seed)], prog_name="forecast")
    except SystemExit as ended:
        return int(ended.code or 0)
    except Exception:  # noqa: BLE001  a stack trace is what no user should see
        traceback.print_exc()
    finally:
        sys.stdout.close()
    return UNCAUGHT


def printed_by(folder: Path) -> Path:
    return folder.parent / f"printed-{folder.name}"


def command_that_fails(folder: Path, at: int, *, error: int, lasting: bool) -> tuple[int, int]:
    """Run the command so that one call fails; return how it ended and how many calls it made."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = UNCAUGHT
        DISK.disk_lasting(int(lasting))
        DISK.disk_arm(at, error, os.fsencode(folder))
        try:
            code = command(folder)
        finally:
            os.write(writer, str(DISK.disk_count()).encode())
            os._exit(code)
    _, status = os.waitpid(child, 0)
    os.close(writer)
    calls = int(os.read(reader, 20) or -1)  # none where the process was taken down
    os.close(reader)
    return os.waitstatus_to_exitcode(status), calls


def state_of(folder: Path) -> dict[str, object]:
    """Return what is there, and whether the same command just works now."""
    runs = folder / "posteriors"
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        before = verify(ledger, folder=runs)
        keys = {each.key for each in said(ledger)}
    (again,) = job.update(folder, NEW)
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        after = verify(ledger, folder=runs, heads=[again.head])
    return {
        "faults": before.faults,
        "old": bool(keys - {again.manifest.key}),
        "new": again.manifest.key in keys,
        "next": after.passed and after.entries == len(keys | {again.manifest.key}),
    }


def main(folder: Path, error: int, *, lasting: bool, fresh: bool) -> None:
    """Fail each call in turn, each in a workspace of its own."""
    job._estimate = estimate
    before = write_workspace(folder / "before")
    if not fresh:
        job.update(before, OLD)
    at, calls = 0, 0
    while at <= calls:
        here = folder / str(at)
        shutil.copytree(before, here)
        code, made = command_that_fails(here, at, error=error, lasting=lasting)
        calls = made if at == 0 else calls
        told = {"at": at, "calls": calls, "code": code, "printed": printed_by(here).read_text()}
        print(json.dumps({**told, **state_of(here)}))  # noqa: T201
        shutil.rmtree(here)
        at += 1


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        lasting=sys.argv[3] == "lasting",
        fresh=sys.argv[4] == "fresh",
    )
