"""Reading needs no permission to write: what was said is read where nothing can be changed."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.ledger import ledger_address, open_ledger
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import never_estimate, write_workspace

DROP, OVERRIDE, SEARCH = 24, 1, 2  # of linux/prctl.h and linux/capability.h


def as_anybody() -> None:
    """Take from root what lets it write where the permissions do not."""
    for capability in (OVERRIDE, SEARCH):
        ctypes.CDLL(None).prctl(DROP, capability, 0, 0, 0)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with a run and an outcome, all of it read-only."""
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path / "sealed")
    update(folder, Request())
    every = [folder, *folder.rglob("*")]
    for path in every:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in every:
        path.chmod(0o755)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "forecast", *arguments, "--workspace", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=as_anybody,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("ledger", "verify"),
        ("ledger", "export"),
        ("show", "pact"),
        ("score",),
        ("export", "forecasts"),
    ],
    ids=" ".join,
)
def test_what_was_said_is_read_on_a_read_only_mount(
    sealed: Path, arguments: tuple[str, ...]
) -> None:
    done = run(sealed, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.name for file in sealed.iterdir()} >= {"ledger.sqlite3"}
    assert not list(sealed.glob("*-wal"))


def test_the_report_is_written_elsewhere(sealed: Path, tmp_path: Path) -> None:
    done = run(sealed, "report", "--output", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    assert "A pact is signed" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_job_says_so_before_hours_are_spent(sealed: Path) -> None:
    done = run(sealed, "update", "--seed", "5")
    assert done.returncode == 1
    assert "the ledger cannot be written: it, or its folder, is read-only" in done.stderr
    assert "estimating" not in done.stderr


def test_a_writers_log_beside_it_is_read_too(sealed: Path) -> None:
    sealed.chmod(0o755)
    (sealed / "ledger.sqlite3").chmod(0o644)
    with open_ledger(ledger_address(None, sealed, {})) as ledger:
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            sealed.chmod(0o555)
            done = run(sealed, "ledger", "verify")
        sealed.chmod(0o755)
    assert done.returncode == 0, done.stderr
