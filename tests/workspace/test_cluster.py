"""A Dask cluster that is lost, in whatever way, ends the waiting within stated times."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from forecast.errors import ForecastError, MissingExtraError
from forecast.workspace import _cluster as module
from forecast.workspace._cluster import Cluster, dask_executor
from forecast.workspace._work import attempts, workplace
from tests.workspace.test_work import die, half

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed")

CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        local_directory=sys.argv[2],
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
PATIENT = 120.0
"""Seconds that a busy machine may take to end what takes one or two."""


@contextmanager
def a_cluster(workers: int, folder: os.PathLike[str]) -> Iterator[tuple[str, int]]:
    """Give the address of a cluster in a process of its own, and the process of its scheduler."""
    script = os.path.join(folder, "cluster.py")  # noqa: PTH118
    with open(script, "w", encoding="utf-8") as stream:  # noqa: PTH123
        stream.write(CLUSTER)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, script, str(workers), os.fspath(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        for number in (signal.SIGCONT, signal.SIGKILL):
            os.killpg(process.pid, number)
        process.communicate()


def long(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LOOK_EVERY", 0.1), ("SILENT", 2.0), ("UNMANNED", 1.0)):
        monkeypatch.setattr(module, name, seconds)


def outcomes(work: Any, jobs: list[tuple[Any, ...]], place: Executor) -> list[Any]:
    found = dict(attempts(work, jobs, place, begun=lambda _: None))
    return [found[number] for number in range(len(jobs))]


def test_a_worker_that_dies_fails_its_task_alone(tmp_path: os.PathLike[str]) -> None:
    with a_cluster(2, tmp_path) as (url, _), dask_executor(url) as place:
        found = outcomes(die, [(0,), (1,), (2,)], place)
    assert (found[0], found[2]) == (0.0, 1.0)
    assert isinstance(found[1], ForecastError)
    assert "KilledWorker" in str(found[1])


@pytest.mark.usefixtures("quick")
def test_a_cluster_without_workers_is_given_up(tmp_path: os.PathLike[str]) -> None:
    with a_cluster(0, tmp_path) as (url, _), dask_executor(url) as place:
        found = outcomes(half, [(2,), (4,)], place)
        assert [str(each) for each in found] == [
            "the Dask cluster has had no worker for 1 seconds: nothing more is waited for"
        ] * 2
        assert str(place.submit(half, 2).exception()) == str(found[0])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGKILL, "was lost"), (signal.SIGSTOP, "has not answered for 2 seconds")],
    ids=["is gone", "hangs"],
)
def test_a_scheduler_that_is_gone_or_hangs_is_told(
    tmp_path: os.PathLike[str], number: int, words: str
) -> None:
    begun = time.monotonic()
    with a_cluster(1, tmp_path) as (url, scheduler), dask_executor(url) as place:
        assert place.submit(half, 4).result() == 2.0
        futures = [place.submit(long, PATIENT + n) for n in range(2)]
        os.kill(scheduler, number)
        for future in futures:
            wrong = future.exception(timeout=PATIENT)
            assert isinstance(wrong, ForecastError)
            assert words in str(wrong) or "has not answered" in str(wrong)
    assert time.monotonic() - begun < 2 * PATIENT


class ByThreads:
    """A client of a cluster that is a thread, and whose scheduler says what it is told."""

    scheduler: Any = type("", (), {"ncores": None})

    def __init__(self, pool: Executor, workers: int | None = 1) -> None:
        self.pool, self.workers = pool, workers

    def get_executor(self) -> Executor:
        return self.pool

    def sync(self, func: Any, *_: Any, callback_timeout: Any = None) -> Any:
        assert (func, callback_timeout) == (None, module.SILENT / 4)
        if self.workers is None:
            raise TimeoutError
        return dict.fromkeys(range(self.workers), 1)


@pytest.mark.usefixtures("quick")
def test_a_client_that_is_handed_in_is_looked_after_and_left_open() -> None:
    with ThreadPoolExecutor(1) as pool:
        with workplace(ByThreads(pool), 8, 8) as place:
            assert isinstance(place, Cluster)
            assert outcomes(half, [(4,), (3,)], place)[0] == 2.0
            assert place.submit(long, 1.5).result() == 1.5  # longer than it may be unmanned
        assert pool.submit(half, 4).result() == 2.0


@pytest.mark.usefixtures("quick")
def test_what_is_cancelled_here_is_cancelled_there() -> None:
    with ThreadPoolExecutor(1) as pool, Cluster(ByThreads(pool)) as place:
        busy, waiting = place.submit(long, 0.5), place.submit(half, 4)
        assert waiting.cancel()
        assert busy.result() == 0.5
        assert waiting.cancelled()


def test_work_that_the_client_does_not_take_fails_by_its_future() -> None:
    class Closed(ThreadPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            msg = "closed"
            raise RuntimeError(msg)

    with Closed(1) as pool, Cluster(ByThreads(pool)) as place:
        wrong = place.submit(half, 4).exception()
    assert str(wrong) == "the connection to the Dask scheduler was lost (RuntimeError)"


@pytest.mark.parametrize("url", ["nonsense", "nonsense://127.0.0.1:1", "tcp://h", ""])
def test_a_scheduler_that_is_not_there_is_an_error_of_ours(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("a client was made for what is no address")

    monkeypatch.setattr("distributed.Client", never)
    refused = pytest.raises(ForecastError, match=f"no Dask scheduler answers at {url}: ValueError")
    with refused, dask_executor(url):
        pass


def test_without_dask_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    refused = pytest.raises(MissingExtraError, match=r"eventcast\[dask\]")
    with refused, dask_executor("tcp://127.0.0.1:8786"):
        pass
