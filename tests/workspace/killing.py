"""Runs under disk_io.c: stages of jobs that are killed, at each of their calls, or at any moment.

``LD_PRELOAD=disk_io.so python -m tests.workspace.killing FOLDER STAGE=KILLS…`` kills each stage so
many times, in a workspace of its own each time: two of three at a call that changes a file or
speaks to the server, from the first call to the last, and the others at a random moment. It prints
one line of JSON for each. With ``FORECAST_LEDGER`` the ledgers are on that server.
"""

import ctypes
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url

from tests.workspace.stages import STAGES, faults_after, made_up, prepared

DISK = ctypes.CDLL(None)
VARIABLE = "FORECAST_LEDGER"
SEED = 5


@dataclass
class Databases:
    """Copies of a ledger on a server, by which each kill has its own; of files none are needed."""

    name: str = ""
    number: int = 0
    here: list[str] = field(default_factory=list)

    def statement(self, text: str) -> None:
        engine = create_engine(
            make_url(self.name).set(database="postgres"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(text)
        engine.dispose()

    def template(self, kind: str) -> None:
        """Name a new database, which a workspace is prepared in."""
        if self.name:
            self.statement(f"CREATE DATABASE {kind}")
            self.use(kind)

    def copy(self, kind: str) -> None:
        """Take a copy of a database in place of the one before."""
        if not self.name:
            return
        for old in self.here:
            self.statement(f"DROP DATABASE {old} WITH (FORCE)")
        self.number += 1
        self.here = [f"{kind}_{self.number}"]
        self.statement(f"CREATE DATABASE {self.here[0]} TEMPLATE {kind}")
        self.use(self.here[0])

    def use(self, database: str) -> None:
        url = make_url(self.name).set(drivername="postgresql+psycopg", database=database)
        os.environ[VARIABLE] = url.render_as_string(hide_password=False)


@dataclass(frozen=True)
class Ended:
    """How a job ended: killed or not, what was acknowledged, how many calls it made, and when."""

    killed: bool
    acknowledged: str
    calls: int
    seconds: float


def a_job(stage: str, folder: Path, *, at: int = 0, after: float | None = None) -> Ended:
    """Fork a job that does a stage; kill it at a call, or after some seconds."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            DISK.disk_arm(at, 0, os.fsencode(folder))
            words = STAGES[stage].act(folder)
            os.write(writer, f"{DISK.disk_count()} {words}".encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as stream:
        calls, _, words = stream.read().decode().partition(" ")
    code = os.waitstatus_to_exitcode(status)
    if code not in {0, -signal.SIGKILL}:
        raise SystemExit(f"the job of stage '{stage}' failed by itself")
    return Ended(code != 0, words, int(calls or 0), time.monotonic() - begun)


def killed_often(name: str, kills: int, folder: Path, databases: Databases) -> Iterator[Ended]:
    """Do a stage once, and then kill it so many times; yield each as it ended, in its workspace."""
    chance = random.Random(SEED)  # noqa: S311
    databases.template(folder.name)
    before, here = prepared(STAGES[name], folder / "before"), folder / "here"

    def once(**how: Any) -> Ended:
        databases.copy(folder.name)
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(before, here)
        return a_job(name, here, **how)

    whole = once()
    yield whole
    aimed, done, seconds = kills * 2 // 3, 0, whole.seconds  # the first is the slowest
    while done < kills:
        if done < aimed:
            ended = once(at=1 + (whole.calls * done // min(aimed, whole.calls)) % whole.calls)
        else:
            ended = once(after=chance.uniform(0, 1.1 * seconds))
            seconds = seconds if ended.killed else min(seconds, ended.seconds)
        done += ended.killed
        yield ended


def main(folder: Path, stages: list[str]) -> None:
    """Kill each of the stages so many times, and tell what was found each time."""
    made_up()
    databases = Databases(os.environ.get(VARIABLE, ""))
    for stated in stages:
        name, _, kills = stated.partition("=")
        room = folder / f"stage_{name.replace(' ', '_')}"
        room.mkdir()
        for ended in killed_often(name, int(kills), room, databases):
            told = {"stage": name, "killed": ended.killed, "acknowledged": bool(ended.acknowledged)}
            faults = faults_after(STAGES[name], room / "here", ended.acknowledged)
            print(json.dumps({**told, "faults": faults}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
