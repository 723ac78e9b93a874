"""Many networks at once, on any executor: one that fails does not stop the others."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import Any

from forecast.errors import ForecastError
from forecast.threads import limit_threads, threads
from forecast.workspace._cluster import Client, Cluster

MOST_AHEAD = 128
"""Jobs handed over and not yet taken: enough for many workers, and no more results to hold."""


@dataclass(frozen=True)
class Step:
    """How far an update has come: `done` of `total` steps, and what it does now."""

    done: int
    total: int
    doing: str


type Tell = Callable[[Step], None]
"""Is told each step."""


@contextmanager
def workplace(
    given: Executor | Client | None, workers: int, jobs: int
) -> Iterator[Executor | None]:
    """Give where to work: what was handed in, else new processes, else None for here.

    What is handed in, an executor or a Dask client, stays its owner's to close.
    """
    if isinstance(given, Executor):
        yield given
    elif given is not None:
        with Cluster(given) as cluster:
            yield cluster
    elif min(workers, jobs) > 1:
        with spawned(min(workers, jobs)) as pool:
            yield pool
    else:
        yield None


def attempts[T](
    work: Callable[..., T],
    jobs: Sequence[tuple[Any, ...]],
    executor: Executor | None,
    *,
    begun: Callable[[int], None],
) -> Iterator[tuple[int, T | ForecastError]]:
    """Do each job and yield its place and what came of it, as they are done.

    `work` is a function of a module, so that it can go to another process, and each job its
    arguments; without an executor they are done here, one after another. `begun` is told the place
    of each job as it begins or is handed over. An error that is none of ours comes as one, with its
    kind and words, unless there is but one job and it is done here.
    """
    if executor is None:
        for place, job in enumerate(jobs):
            begun(place)
            try:
                yield place, work(*job)
            except ForecastError as error:
                yield place, error
            except Exception as error:
                if len(jobs) == 1:
                    raise
                yield place, unexpected(error)
        return
    waiting = enumerate(jobs)
    running: dict[Future[T], int] = {}

    def hand_over(number: int) -> None:
        for place, job in islice(waiting, number):
            begun(place)
            running[_submitted(executor, work, job)] = place

    hand_over(MOST_AHEAD)
    while running:
        future = wait(running, return_when=FIRST_COMPLETED).done.pop()
        place = running.pop(future)  # and with it the result: thousands would fill the memory
        hand_over(1)
        outcome = _outcome(future)
        yield place, outcome


def _submitted[T](executor: Executor, work: Callable[..., T], job: tuple[Any, ...]) -> Future[T]:
    try:
        return executor.submit(work, *job)
    except BrokenExecutor as error:  # a process has died since the last one was handed over
        failed: Future[T] = Future()
        failed.set_exception(error)
        return failed


def _outcome[T](future: Future[T]) -> T | ForecastError:
    wrong = future.exception()
    if wrong is None:
        return future.result()
    return wrong if isinstance(wrong, ForecastError) else unexpected(wrong)


def unexpected(error: BaseException) -> ForecastError:
    """Return an error that is none of ours as one, with its kind and words."""
    words = str(error).strip().splitlines()
    wrapped = ForecastError(f"{type(error).__name__}: {words[0] if words else 'no message'}")
    wrapped.__cause__ = error
    return wrapped


def _begin(share: int) -> None:
    """Begin a process of a pool, which ends with the one that made it, even if that is killed."""
    limit_threads(share)
    made_by = parent_process()
    if made_by is None:
        return

    def follow() -> None:
        made_by.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()


@contextmanager
def spawned(workers: int) -> Iterator[Executor]:
    """Give a pool of new processes: a fork of a process with threads may hang."""
    share = max(threads() // workers, 1)
    spawn = get_context("spawn")
    before = set(active_children())
    with ProcessPoolExecutor(workers, spawn, initializer=_begin, initargs=(share,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(active_children()) - before:  # which would be waited for
                process.terminate()
            raise
