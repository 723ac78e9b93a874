"""Whole jobs that are killed, two at a time: nothing acknowledged is lost, all is whole."""

import multiprocessing
import time
from pathlib import Path

import numpy as np

from forecast.ledger import ledger_address, open_ledger, said, verify
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.ledger.test_kills import wait_for_more
from tests.workspace.killed_job import SEEDS, update_until_killed
from tests.workspace.samples import never_estimate, write_workspace

PAIRS = 20


def test_killed_jobs_leave_whole_runs_and_the_next_one_works(tmp_path: Path, monkeypatch) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.workspace.killed_job", "h5netcdf", "sqlalchemy"])
    folder = write_workspace(tmp_path)
    rng = np.random.default_rng(5)
    for pair in range(PAIRS):
        # Both of a pair update with the same seeds: they race to publish the same runs.
        jobs = [
            context.Process(target=update_until_killed, args=(folder, pair * SEEDS))
            for _ in range(2)
        ]
        for job in jobs:
            job.start()
        if pair % 4:
            wait_for_more(folder / "acknowledged")
        time.sleep(float(rng.uniform(0, 0.1)))
        for job in jobs:
            job.kill()
            job.join()
            assert job.exitcode == -9
    never_estimate(monkeypatch)
    (last,) = update(folder, Request(seed=PAIRS * SEEDS))
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        found = verify(ledger, folder=folder / "posteriors", heads=[last.head])
        published = [each.key for each in said(ledger)]
    assert found.passed, found.faults
    acknowledged = set((folder / "acknowledged").read_text().split())
    assert acknowledged <= set(published)
    assert len(acknowledged) >= PAIRS / 2
    assert set(map(published.count, published)) == {2}  # two events, one deadline, once
