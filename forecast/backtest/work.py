"""The estimates of a replay, made here or on an executor, and kept as they come."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, as_completed

from forecast.backtest.estimates import Answer, Task, answer, task_key
from forecast.backtest.plan import Place
from forecast.backtest.store import Store
from forecast.errors import ForecastError, GateError

__all__ = ["Tell", "answers_of", "refuse_failed"]

type Tell = Callable[[int, int, str], None]


def answers_of(
    tasks: Mapping[Place, Task], store: Store, executor: Executor | None, tell: Tell
) -> dict[Place, Answer]:
    """Return what came of each task, from the store where it is there.

    Parameters
    ----------
    tasks
        What is to be estimated.
    store
        Where finished estimates are looked up and kept, each as soon as it is there.
    executor
        Where to estimate; None for here.
    tell
        Called with how many are done, how many there are, and what is being done.

    Raises
    ------
    ForecastError
        If any failed, when all others are done and kept.
    """
    keys = {place: task_key(task) for place, task in tasks.items()}
    kept = {place: store.get(task.label, keys[place]) for place, task in tasks.items()}
    found = {place: came for place, came in kept.items() if came is not None}
    waiting = {place: task for place, task in tasks.items() if place not in found}
    failures: dict[Place, ForecastError] = {}

    def say(doing: str) -> None:
        tell(len(found) + len(failures), len(tasks), doing)

    say(f"{len(found)} of {len(tasks)} estimates were there")
    for place, came in _worked(waiting, executor, say):
        if isinstance(came, ForecastError):
            failures[place] = came
        else:
            found[place] = came
            store.put(tasks[place].label, keys[place], came)
    say("done")
    if failures:
        lines = [f"{tasks[place].label}: {error}" for place, error in failures.items()]
        raise ForecastError("\n".join(["some estimates of the replay failed:", *lines]))
    return {place: found[place] for place in tasks}


def refuse_failed(tasks: Mapping[Place, Task], answers: Mapping[Place, Answer]) -> None:
    """Refuse estimates that failed their convergence gate.

    Raises
    ------
    GateError
        Naming each.
    """
    lines = [
        f"{tasks[place].label}: {came.verdict}"
        for place, came in answers.items()
        if not came.passed
    ]
    if lines:
        head = "estimates of the replay did not pass their gate, and it was not scored:"
        tail = "Try more draws, or another method; force scores them all the same."
        raise GateError("\n".join([head, *lines, tail]))


def _worked(
    waiting: Mapping[Place, Task], executor: Executor | None, say: Callable[[str], None]
) -> Iterator[tuple[Place, Answer | ForecastError]]:
    """Yield each place with its answer as it comes; one that fails does not stop the others."""
    if executor is None:
        for place, task in waiting.items():
            say(f"estimating {task.label}")
            try:
                yield place, answer(task)
            except ForecastError as error:
                yield place, error
        return
    futures = {executor.submit(answer, task): place for place, task in waiting.items()}
    try:
        for future in as_completed(futures):
            place = futures[future]
            say(f"estimated {waiting[place].label}")
            try:
                yield place, future.result()
            except ForecastError as error:
                yield place, error
    finally:  # where the reader stops early, what has not begun need not
        for future in futures:
            future.cancel()
