"""A Dask cluster as a place to work: what is lost with it fails, and is not waited for.

Dask does a task again where its worker died, and gives up after the fourth. A scheduler that hangs,
or a cluster without workers, it would wait for without end: here somebody looks.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol, override

from forecast.errors import ForecastError, MissingExtraError

LOOK_EVERY = 5.0
"""Seconds between two looks at the cluster."""

SILENT = 60.0
"""Seconds without an answer of the scheduler after which it is given up."""

UNMANNED = 600.0
"""Seconds without a worker after which a cluster is given up: some take minutes to start one."""

CONNECTED_WITHIN = 15.0
"""Seconds."""


class Client(Protocol):
    """What of a ``dask.distributed.Client`` is used."""

    scheduler: Any

    def get_executor(self) -> Any:
        """Return a `concurrent.futures.Executor`."""

    def sync(self, func: Any, *args: Any, callback_timeout: Any = None) -> Any:
        """Return what a coroutine of the client's gives."""


class Cluster(Executor):
    """The workers of a Dask cluster.

    Each future comes to an end: with the result, the task's error, or a `ForecastError` that says
    that the cluster is lost.

    Parameters
    ----------
    client
        A client of the cluster; it stays its owner's to close.
    """

    def __init__(self, client: Client) -> None:
        self._client, self._inside = client, client.get_executor()
        self._waiting: dict[Future[Any], Future[Any]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._lost = ""
        threading.Thread(target=self._look, daemon=True).start()

    @override
    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand a task over; what cannot be handed over fails by its future."""
        outer: Future[T] = Future()
        if self._lost:
            outer.set_exception(ForecastError(self._lost))
            return outer
        try:
            inner = self._inside.submit(fn, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  of a client whose scheduler is gone
            outer.set_exception(_gone(error))
            return outer
        with self._lock:
            self._waiting[outer] = inner
        outer.add_done_callback(lambda ended: inner.cancel() if ended.cancelled() else None)
        inner.add_done_callback(lambda ended: self._take(outer, ended))
        return outer

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Look no more; the cluster and its client are not closed."""
        self._over.set()

    def _take(self, outer: Future[Any], ended: Future[Any]) -> None:
        """Hand on how a task ended."""
        if ended.cancelled():
            wrong: BaseException | None = _gone(None)
        else:
            wrong = ended.exception()
        result = None if wrong is not None else ended.result()
        self._settle(outer, result, wrong)

    def _settle(self, outer: Future[Any], result: Any, wrong: BaseException | None) -> None:
        with self._lock:
            mine = self._waiting.pop(outer, None) is not None
        if not (mine and outer.set_running_or_notify_cancel()):
            return  # it was settled before, or cancelled
        if wrong is None:
            outer.set_result(result)
        else:
            outer.set_exception(wrong)

    def _look(self) -> None:
        """Look at the cluster while anybody waits, and end the waiting where it is lost."""
        answered = manned = time.monotonic()
        while not self._over.wait(LOOK_EVERY):
            now = time.monotonic()
            if not self._waiting:
                answered = manned = now
                continue
            workers = self._workers()
            answered = now if workers is not None else answered
            manned = now if workers else manned
            if now - answered >= SILENT:
                self._give_up(f"the Dask scheduler has not answered for {SILENT:.0f} seconds")
            elif workers == 0 and now - manned >= UNMANNED:
                self._give_up(f"the Dask cluster has had no worker for {UNMANNED:.0f} seconds")

    def _workers(self) -> int | None:
        """Return how many workers there are, or None where the scheduler does not answer."""
        try:
            return len(
                self._client.sync(self._client.scheduler.ncores, callback_timeout=SILENT / 4)
            )
        except Exception:  # noqa: BLE001  whatever it is, it is no answer
            return None

    def _give_up(self, why: str) -> None:
        self._lost = f"{why}: nothing more is waited for"
        for outer in list(self._waiting):
            self._settle(outer, None, ForecastError(self._lost))


def _gone(error: BaseException | None) -> ForecastError:
    kind = "" if error is None else f" ({type(error).__name__})"
    return ForecastError(f"the connection to the Dask scheduler was lost{kind}")


def _require_address(url: str) -> None:
    """Refuse what is no address: Dask's client leaves a broken half of itself behind at one."""
    from distributed.comm.addressing import (  # noqa: PLC0415  it takes a second
        get_address_host_port,
        parse_address,
    )

    if parse_address(url)[0] not in {"inproc", "ucx"}:  # which have no host and port
        get_address_host_port(url)


@contextmanager
def dask_executor(url: str) -> Iterator[Executor]:
    """Give the workers of the Dask cluster whose scheduler is at a URL, if it answers."""
    if find_spec("distributed") is None:
        raise MissingExtraError("distributed", "dask")
    from distributed import Client as DaskClient  # noqa: PLC0415  it takes a second

    try:
        _require_address(url)
        client = DaskClient(url, timeout=CONNECTED_WITHIN, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        msg = f"no Dask scheduler answers at {url[:200]}: {type(error).__name__}"
        raise ForecastError(msg) from error
    with client, Cluster(client) as cluster:
        yield cluster
