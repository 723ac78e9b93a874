"""A file is written whole or not at all, and nothing is left beside it."""

import os
from pathlib import Path

import pytest

from forecast.files._text_file import replacing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "said.txt"
    final.write_text("old")
    with replacing(final) as temporary:
        temporary.write_text("new")
        assert final.read_text() == "old"
    assert final.read_text() == "new"
    assert names(tmp_path) == ["said.txt"]


@pytest.mark.parametrize("there", [True, False])
def test_a_failure_leaves_what_was_there(tmp_path: Path, there: bool) -> None:
    final = tmp_path / "said.txt"
    if there:
        final.write_text("old")
    with pytest.raises(UnicodeEncodeError, match="surrogates"), replacing(final) as temporary:
        temporary.write_text("ne\ud800", encoding="utf-8")
    assert names(tmp_path) == (["said.txt"] if there else [])
    assert not there or final.read_text() == "old"


def test_it_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is forced to disk before the rename, and its folder afterwards."""
    final = tmp_path / "said.txt"
    forced: list[tuple[str, bool]] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        forced.append((name, final.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    with replacing(final) as temporary:
        temporary.write_text("new")
        written = temporary.name
    assert forced == [(written, False), (tmp_path.name, True)]


def test_the_mode_is_the_one_asked_for(tmp_path: Path) -> None:
    with replacing(tmp_path / "mine", mode=0o600) as temporary:
        temporary.write_text("mine")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
