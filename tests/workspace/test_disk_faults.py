"""A full disk, and a failure at each single I/O call: the old state stands, and the job says so."""

import errno
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.disk import compiled, watching

LAST_FLUSHES = 3


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize(
    ("error", "lasting", "ledger"),
    [
        (errno.ENOSPC, "lasting", "old"),
        (errno.EIO, "once", "old"),
        (errno.ENOSPC, "lasting", "fresh"),
    ],
    ids=["the disk is full", "one call fails", "no room for a first ledger"],
)
def test_a_failure_at_any_call_leaves_the_old_state(
    shim: Path, tmp_path: Path, error: int, lasting: str, ledger: str
) -> None:
    job = [sys.executable, "-m", "tests.workspace.failing", tmp_path, str(error), lasting, ledger]
    done = subprocess.run(  # noqa: S603
        job,
        env=watching(shim),
        check=True,
        capture_output=True,
        text=True,
    )
    jobs: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    undisturbed, *failing = jobs
    assert (undisturbed["code"], undisturbed["new"]) == (0, True)
    assert len(failing) == undisturbed["calls"] > 50
    for found in failing:
        assert found["faults"] == [], found
        assert found["old"] == (ledger == "old"), found
        assert found["next"], found
        assert found["code"] in {0, 1}, found
        assert found["new"] or found["code"] == 1, found  # acknowledged, so it is there
        assert found["code"] == 0 or error_line(found["printed"]), found
    assert sum(found["code"] == 1 for found in failing) > len(failing) / 3
    # Where the last flush of a commit fails, the run may turn out to be there after all, whole, and
    # the next job finds it.
    published = [each for each in failing if each["new"] and each["code"] == 1]
    assert sum(AFTERWARDS not in each["printed"] for each in published) <= LAST_FLUSHES


AFTERWARDS = "the pruning of draws: "
"""What comes once the run is published, so that it stays where this fails."""


def error_line(printed: str) -> bool:
    """Whether the last line that a job printed says what could not be read, made or saved."""
    *_, last = printed.splitlines()
    said = re.fullmatch(rf"error: (?:{AFTERWARDS})?(\S+): the (ledger|run) cannot be \w+: .+", last)
    return said is not None and "Traceback" not in printed
