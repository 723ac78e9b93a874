"""Kernels are compiled on any machine: kept where that is safe, else compiled anew, and told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import forecast.engine._cache as module
from forecast.engine._cache import VARIABLE, kept_somewhere


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package and a user's cache that cannot be written; the place for temporary files."""
    monkeypatch.delenv(VARIABLE, raising=False)
    file = tmp_path / "file"
    file.write_text("no folder")
    monkeypatch.setattr(module, "_users_own", lambda: file / "cache")
    monkeypatch.setattr(module, "_set", lambda folder: monkeypatch.setenv(VARIABLE, str(folder)))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temporary))
    return temporary


def test_beside_the_source_nothing_is_chosen_or_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert kept_somewhere(tmp_path)
    assert VARIABLE not in os.environ


def test_a_private_folder_is_chosen_and_told(nowhere: Path, tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match=f"kept in .*eventcast-.*{VARIABLE}"):
        assert kept_somewhere(tmp_path / "file")
    (folder,) = nowhere.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.environ[VARIABLE] == str(folder)


@pytest.mark.parametrize("trap", ["anybody may write it", "a link", "a file"])
def test_a_folder_that_others_may_fill_is_not_used(
    nowhere: Path, tmp_path: Path, trap: str
) -> None:
    folder = nowhere / f"eventcast-{os.getuid()}"
    if trap == "a link":
        folder.symlink_to(tmp_path)
    elif trap == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.warns(RuntimeWarning, match="kept nowhere.*compiles them anew"):
        assert not kept_somewhere(tmp_path / "file")
    assert VARIABLE not in os.environ


def test_a_named_place_that_cannot_be_written_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    assert not kept_somewhere(tmp_path)


def test_a_kernel_is_compiled_where_none_can_be_kept() -> None:
    probe = (
        "import forecast.engine._cache as c\n"
        "c.kept_somewhere = lambda _: False\n"
        "from forecast.engine._jit import entry\n"
        "assert entry(lambda x: x + 1)(1) == 2\n"
    )
    environment = {**os.environ, VARIABLE: "/proc/no/such/place"}
    subprocess.run([sys.executable, "-c", probe], check=True, env=environment)  # noqa: S603
