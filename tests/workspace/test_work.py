"""Jobs on executors: every result comes back, whatever becomes of the others."""

import gc
import os
import subprocess
import sys
import time
import weakref
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

import forecast.threads
from forecast.errors import ForecastError, GateError
from forecast.threads import limit_threads, threads
from forecast.workspace import _work as work
from forecast.workspace._work import attempts, workplace


class Result:
    def __init__(self, number: int) -> None:
        self.number = number


def half(number: int) -> float:
    if number == 3:
        raise GateError("three is refused")
    if number == 5:
        msg = "five is a bug"
        raise ZeroDivisionError(msg)
    return number / 2


def die(number: int) -> float:
    if number == 1:
        os._exit(9)
    return number / 2


def outcome(executor: Executor | None, numbers: list[int]) -> dict[int, float | ForecastError]:
    begun: list[int] = []
    found = dict(attempts(half, [(n,) for n in numbers], executor, begun=begun.append))
    assert sorted(begun) == sorted(found) == list(range(len(numbers)))
    return found


@pytest.mark.parametrize("workers", [0, 2])
def test_one_that_fails_does_not_stop_the_others(workers: int) -> None:
    if workers:
        with ThreadPoolExecutor(workers) as executor:
            found = outcome(executor, [2, 3, 4, 5, 6])
    else:
        found = outcome(None, [2, 3, 4, 5, 6])
    assert [found[n] for n in (0, 2, 4)] == [1.0, 2.0, 3.0]
    assert isinstance(found[1], GateError)
    assert type(found[3]) is ForecastError
    assert str(found[3]) == "ZeroDivisionError: five is a bug"


def test_results_are_not_held_beyond_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_AHEAD", 3)
    alive: weakref.WeakSet[Result] = weakref.WeakSet()

    def make(number: int) -> Result:
        result = Result(number)
        alive.add(result)
        return result

    begun: list[int] = []
    gc.collect()
    gc.freeze()  # what was there before need not be looked through fifty times
    with ThreadPoolExecutor(1) as executor:
        jobs = [(n,) for n in range(50)]
        for taken, (place, result) in enumerate(attempts(make, jobs, executor, begun=begun.append)):
            assert isinstance(result, Result)
            assert result.number == place
            assert len(begun) <= taken + 1 + 3
            del result
            gc.collect()
            assert len(alive) <= 3 + 2


def test_a_bug_in_the_only_job_here_keeps_its_trace() -> None:
    with pytest.raises(ZeroDivisionError, match="five is a bug"):
        outcome(None, [5])


def test_a_process_that_dies_is_reported() -> None:
    with work.spawned(1) as pool:
        found = dict(attempts(die, [(0,), (1,)], pool, begun=lambda _: None))
        after = dict(attempts(die, [(0,)], pool, begun=lambda _: None))
    for wrong in (found[1], after[0]):
        assert isinstance(wrong, ForecastError)
        assert "BrokenProcessPool" in str(wrong)


@pytest.mark.parametrize(
    ("workers", "jobs", "here"), [(1, 5, True), (4, 1, True), (4, 0, True), (2, 2, False)]
)
def test_processes_are_made_only_where_they_pay(workers: int, jobs: int, here: bool) -> None:
    with workplace(None, workers, jobs) as place:
        assert (place is None) == here


def test_processes_share_the_cores() -> None:
    """Two workers with as many threads each as there are cores would be in each other's way."""
    workers = max(threads(), 2)
    with work.spawned(workers) as pool:
        assert pool.submit(threads).result() == max(threads() // workers, 1)


def test_threads_may_be_limited_but_not_below_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast.threads, "_most", None)
    monkeypatch.setattr("forecast.threads.cores", lambda: 8)
    assert threads() == 8
    for most, found in ((3, 3), (16, 8), (0, 1)):
        limit_threads(most)
        assert threads() == found


def test_what_is_handed_in_is_used_and_left_open() -> None:
    with ThreadPoolExecutor(1) as pool:
        with workplace(pool, 8, 8) as place:
            assert place is pool
        assert pool.submit(half, 4).result() == 2.0


KILLED = """
import os, sys, time
from forecast.workspace._work import spawned
if __name__ == "__main__":
    with spawned(2) as pool:
        print(*{each.result() for each in [pool.submit(os.getpid) for _ in range(8)]}, flush=True)
        time.sleep(600)
"""


def test_processes_end_with_a_job_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "job.py"
    program.write_text(KILLED)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as job:  # noqa: S603
        assert job.stdout is not None
        workers = [int(word) for word in job.stdout.readline().split()]
        job.kill()
    assert workers
    until = time.monotonic() + 30
    while (left := [pid for pid in workers if runs(pid)]) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended: who took it over may not have asked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
