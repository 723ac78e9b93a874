"""Any 1 MB of input is answered in two seconds and 200 MB: with a named fault, or as it should."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.hostile_inputs import CASES, Hostile
from tests.speed import in_time
from tests.workspace.samples import write_workspace

SECONDS = 2.0
MEGABYTES = 200.0
"""Above what a sound workspace takes."""
MOST_PRINTED = 100_000
"""Characters: 200 lines of at most 500."""
ENDINGS = {0: "legal", 1: "failed", 2: "bad input"}


class Driver:
    """A process that runs commands in children of its own; see `hostile_driver`."""

    def __init__(self, sound: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hostile_driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "NUMBA_OPT": "1"},
        )
        write_workspace(sound)
        self.sound = self.answer(Hostile({}), sound)["megabytes"]

    def answer(self, case: Hostile, folder: Path) -> dict[str, Any]:
        """Return what a command answers, and what it took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"folder": str(folder), "argv": case.asked.split(), "python": case.python}
        self.process.stdin.write(json.dumps({**request, "stdin": ""}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    made = Driver(tmp_path_factory.mktemp("sound"))
    yield made
    made.process.communicate(timeout=60)  # which closes its ends


def laid_out(case: Hostile, folder: Path) -> Path:
    """Write the sample workspace, and what is hostile in it."""
    write_workspace(folder)
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            content(path)
    return folder


def test_there_are_many() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_hostile_input_is_answered_in_time_in_little_memory_and_in_words(
    driver: Driver, tmp_path: Path, name: str
) -> None:
    case = CASES[name]()
    got = driver.answer(case, laid_out(case, tmp_path))
    told = got["told"]
    assert "Traceback" not in told, told[-2_000:]
    assert got["code"] in ENDINGS, (got["code"], told[-500:])
    assert re.search(case.says, told), told[:500]
    assert (ENDINGS[got["code"]] == "legal") == (not case.says) or case.asked == "check", told[:500]
    folders = iter((tmp_path / "again", tmp_path / "once more"))

    def again() -> float:
        return float(driver.answer(case, laid_out(case, next(folders)))["seconds"])

    assert in_time(got["seconds"], SECONDS, again)
    assert got["megabytes"] - driver.sound < MEGABYTES
    assert len(told) < MOST_PRINTED
    assert not (tmp_path / "owned").exists()
