"""A job that may take little memory works, or says in a sentence why it cannot."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import ForecastError
from forecast.workspace import _memory as memory
from tests.workspace.samples import write_workspace

MEGABYTE = 2**20


def limited(megabytes: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * MEGABYTE,) * 2)

    return limit


def updated(
    folder: Path, *arguments: str, limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "forecast", "update", "--workspace", str(folder)]
    return subprocess.run(  # noqa: S603
        [*command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def test_512_mb_do_for_a_small_network_once_the_kernels_are_compiled(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    compiled = updated(tmp_path)
    assert compiled.returncode == 0, compiled.stderr
    done = updated(tmp_path, "--seed", "2", limit=limited(512))
    assert done.returncode == 0, done.stderr


def test_a_job_that_may_not_take_what_the_compiler_takes_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_workspace(tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "nothing compiled"))
    done = updated(tmp_path, limit=limited(512))
    assert done.returncode == 1
    (told,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert "takes 640 MB" in told
    assert "may take 512 MB (RLIMIT_DATA)" in told
    assert not (tmp_path / "posteriors").exists()


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("0::/system.slice/forecast.service", "system.slice/forecast.service/memory.max"),
        ("0::/system.slice/forecast.service", "system.slice/memory.max"),
        ("0::/", "memory.max"),
        ("4:cpu,memory:/docker/a1", "memory/docker/a1/memory.limit_in_bytes"),
        ("4:memory:/docker/a1", "memory/memory.limit_in_bytes"),
    ],
)
@pytest.mark.parametrize(("given", "told"), [("max", ""), ("8796093022207", ""), ("1000", "0 MB")])
def test_what_a_container_or_a_unit_may_take_is_heeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, file: str, given: str, told: str
) -> None:
    limit = tmp_path / "groups" / file
    limit.parent.mkdir(parents=True)
    limit.write_text(f"{given}\n")
    (tmp_path / "own").write_text(f"12:pids:/elsewhere\n{line}\n")
    monkeypatch.setattr(memory, "CGROUPS", tmp_path / "groups")
    monkeypatch.setattr(memory, "OWN", tmp_path / "own")
    if not told:
        memory.require_memory()
        return
    with pytest.raises(ForecastError, match=f"at least 400 MB.*{told}"):
        memory.require_memory()
