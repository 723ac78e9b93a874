"""The estimates of a replay, made here or on an executor, and kept on disk as they come.

Each is kept under the key of what it follows from, so that a replay can be resumed. It is written
whole or not at all. A file that says it answers something else, or cannot be read, counts as not
there and is replaced.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import asdict
from pathlib import Path

from forecast.backtest._tasks import EventChance, Place, Task, TaskResult, estimate, task_key
from forecast.errors import ForecastError, GateError
from forecast.files._text_file import replacing

SHORT = 16


class Store:
    """A folder of answers.

    Parameters
    ----------
    folder
        Made where it does not exist; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, name: str, key: str) -> TaskResult | None:
        """Return the result of a name and a key, if it is there."""
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._file(self._folder, name, key).read_text(encoding="utf-8"))
            if kept.pop("key") != key:
                return None
            said = tuple(EventChance(**each) for each in kept.pop("said"))
            return TaskResult(**kept, said=said)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(self, name: str, key: str, result: TaskResult) -> None:
        """Keep a result; a `ForecastError` where the folder cannot be written."""
        if self._folder is None:
            return
        text = json.dumps({"key": key, **asdict(result)}, indent=1) + "\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._file(self._folder, name, key)) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as error:
            msg = f"{self._folder}: the replay cannot be kept: {error.strerror or error}"
            raise ForecastError(msg) from error

    @staticmethod
    def _file(folder: Path, name: str, key: str) -> Path:
        plain = name.replace(":", "").replace(" ", "-")  # no colon in file names on Windows
        return folder / f"{plain}-{key[:SHORT]}.json"


type Tell = Callable[[int, int, str], None]


def answers_of(
    tasks: Mapping[Place, Task], store: Store, executor: Executor | None, tell: Tell
) -> dict[Place, TaskResult]:
    """Return what came of each task, from the store where it is there.

    Each is kept as soon as it is there. If any failed, a `ForecastError` names them when all others
    are done and kept.
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


def refuse_failed(tasks: Mapping[Place, Task], answers: Mapping[Place, TaskResult]) -> None:
    """Refuse estimates that failed their convergence gate, with a `GateError` that names each."""
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
) -> Iterator[tuple[Place, TaskResult | ForecastError]]:
    """Yield each place with its result as it comes; one that fails does not stop the others."""
    if executor is None:
        for place, task in waiting.items():
            say(f"estimating {task.label}")
            try:
                yield place, estimate(task)
            except ForecastError as error:
                yield place, error
        return
    futures = {executor.submit(estimate, task): place for place, task in waiting.items()}
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
