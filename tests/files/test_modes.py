"""Files are for those for whom the umask and the folder say: nothing is opened up or shut."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.files._text_file import replacing
from forecast.ledger import ledger_address, open_ledger
from forecast.workspace._run import folder_of_runs


@pytest.fixture(params=[0o077, 0o002, 0o022], ids=oct)
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_what_the_umask_leaves(tmp_path: Path, mask: int) -> None:
    with replacing(tmp_path / "page.html") as temporary:
        temporary.write_text("")
    with open_ledger(ledger_address(None, tmp_path, {})), folder_of_runs(tmp_path / "tiny"):
        pass
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"page.html", "ledger.sqlite3", ".lock"}
    assert {mode_of(path) for path in files} == {0o666 & ~mask}


def test_a_file_that_is_replaced_stays_what_it_was(tmp_path: Path, mask: int) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    file.chmod(0o640)
    with replacing(file) as temporary:
        temporary.write_text("new")
    assert (mode_of(file), file.read_text()) == (0o640, "new")
    assert mask == os.umask(mask)


def test_a_new_file_has_the_group_of_a_shared_folder(tmp_path: Path) -> None:
    group = os.getgid() + 1 if os.getuid() == 0 else os.getgid()
    os.chown(tmp_path, -1, group)
    tmp_path.chmod(0o2775)
    with replacing(tmp_path / "page.html") as temporary:
        temporary.write_text("")
    assert (tmp_path / "page.html").stat().st_gid == group
