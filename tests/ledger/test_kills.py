"""Jobs that are killed at any moment, two at a time: what was acknowledged is there, and whole."""

import json
import multiprocessing
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from forecast.ledger import Address, Ledger, open_ledger, verify
from forecast.ledger._tables import SEALED
from tests.ledger.writer import publish_with_file, write_until_killed

WRITERS = 2
RESULT = Path(__file__).with_name("kills_result.json")


@pytest.fixture
def spawning() -> multiprocessing.context.ForkServerContext:
    """A server that has the library loaded, so that a job starts in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.writer", "sqlalchemy.dialects.sqlite", "psycopg"])
    return context


def kill_jobs(
    context: multiprocessing.context.ForkServerContext, address: Address, folder: Path, kills: int
) -> int:
    """Run pairs of jobs and kill each pair at a random moment; return how many were killed."""
    (folder / "tiny").mkdir()
    url = address.url.render_as_string(hide_password=False)
    rng = np.random.default_rng(11)
    with open_ledger(address):
        pass  # so that the kills meet jobs, not the making of the ledger
    done = 0
    while done < kills:
        jobs = [
            context.Process(target=write_until_killed, args=(url, folder, f"r{done + n}"))
            for n in range(WRITERS)
        ]
        for job in jobs:
            job.start()
        if done % 8:  # every fourth pair is killed while it starts
            wait_for_more(folder / "acknowledged")
        time.sleep(float(rng.uniform(0, 0.03)))
        for job in jobs:
            job.kill()
        for job in jobs:
            job.join()
            assert job.exitcode == -9
        done += len(jobs)
        if done % 40 == 0:  # the next run just works
            with open_ledger(address) as ledger:
                publish_with_file(ledger, folder, f"next{done}")
    return done


def wait_for_more(file: Path) -> None:
    """Wait until a job has had a run acknowledged."""
    before = file.stat().st_size if file.exists() else 0
    deadline = time.monotonic() + 120  # a busy machine may take long to start a job
    while (file.stat().st_size if file.exists() else 0) == before:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def nothing_is_lost(ledger: Ledger, folder: Path, kills: int) -> dict[str, int]:
    """Hold the ledger against what was acknowledged; return the figures."""
    found = verify(ledger, folder=folder)
    assert found.passed, found.faults
    runs, forecasts = SEALED["runs"], SEALED["forecasts"]
    with ledger.engine.connect() as connection:
        published = set(connection.scalars(select(runs.c.key)))
        counted = select(func.count()).select_from(forecasts).group_by(forecasts.c.entry)
        assert set(connection.scalars(counted)) == {30}
    acknowledged = set((folder / "acknowledged").read_text().split())
    assert acknowledged <= published
    assert len(acknowledged) > kills / 4  # the jobs were at it when they were killed
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - published),
        "whole": len(published),
        "faults": len(found.faults),
    }


def test_no_kill_loses_a_run_or_leaves_part_of_one(
    address: Address, spawning: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    killed = kill_jobs(spawning, address, tmp_path, kills=200)
    with open_ledger(address) as ledger:
        nothing_is_lost(ledger, tmp_path, killed)


@pytest.mark.slow
def test_no_kill_of_two_thousand_does_and_the_figures_are_kept(
    address: Address, spawning: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    killed = kill_jobs(spawning, address, tmp_path, kills=2000)
    with open_ledger(address) as ledger:
        figures = nothing_is_lost(ledger, tmp_path, killed)
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    database = "postgresql" if address.file is None else "sqlite"
    kept[database] = {"version": version("eventcast"), "commit": this_commit(), **figures}
    RESULT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_kept_figures_of_the_long_form_lost_nothing(database: str) -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))[database]
    assert kept["kills"] == 2000
    assert (kept["lost"], kept["faults"]) == (0, 0)
    assert kept["whole"] >= kept["acknowledged"] > 500


def this_commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, cwd=RESULT.parent
    )
    return done.stdout.strip()
