"""Wherever a job runs, as whoever: it works, or says in a sentence why it cannot.

Two users are root twice, without what lets root do as it likes and with a group; what the first one
wrote is given to another before the second one comes. Where the tests are not run by root, who
alone can give files away, they are left out.
"""

import ctypes
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workspace.samples import EVIDENCE, NETWORK, write_workspace
from tests.workspace.stages import NEWS

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users: root alone can")
DROP, LAST = 24, 40
"""``PR_CAPBSET_DROP`` of linux/prctl.h, and the last capability of linux/capability.h."""

GROUP, SOMEBODY = 60_100, 60_101
"""Numbers of a group and a user that no system hands out."""


@dataclass(frozen=True)
class Told:
    """How commands ended, and all that they printed."""

    codes: list[int]
    printed: str


def commands(
    folder: Path,
    *lines: str,
    umask: int = 0o022,
    another: bool = False,
    options: tuple[str, ...] = (),
    **environment: str,
) -> Told:
    """Run commands on a made-up estimate; as `another`, as a user who is in the group."""

    def as_another() -> None:
        os.umask(umask)
        if another:
            os.setgroups([GROUP])
            for capability in range(LAST + 1):
                ctypes.CDLL(None).prctl(DROP, capability, 0, 0, 0)

    whole = [f"{line} --workspace {shlex.quote(str(folder))}" for line in lines]
    done = subprocess.run(  # noqa: S603
        [sys.executable, *options, "-m", "tests.workspace.made_up", *whole],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
        preexec_fn=as_another,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )
    codes = re.findall(r"^= (\d+)$", done.stdout, re.MULTILINE)
    assert len(codes) == len(lines), done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    return Told([int(code) for code in codes], done.stdout)


def given_away(folder: Path) -> None:
    """Give all files of the user before to somebody else, with the group that they have."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, SOMEBODY, -1)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace in a folder of a group, whose new files are the group's."""
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    folder = write_workspace(tmp_path / "shared")
    (folder / "news.csv").write_text(NEWS, encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, -1, GROUP)
        path.chmod(0o2775 if path.is_dir() else 0o664)
    return folder


@AS_ROOT
def test_two_users_of_a_group_share_a_workspace(shared: Path) -> None:
    """With a umask of 002 and a folder that hands its group on: the ledger, its log, the locks."""
    last = ("prune", "resolve pact --on 2024-06-20", "ledger verify")
    news = f"inbox add {shared / 'news.csv'}"
    for number in range(2):
        lines = (f"update --seed {number}", news, *last)
        told = commands(shared, *lines, umask=0o002, another=bool(number))
        assert told.codes == [0] * len(lines), (number, told.printed)
        given_away(shared)
    assert "ok: 4 entries," in told.printed
    for path in shared.rglob("*"):
        assert path.stat().st_gid == GROUP, path


@AS_ROOT
def test_what_is_private_to_another_is_told_in_a_sentence(shared: Path) -> None:
    assert commands(shared, "update", umask=0o077).codes == [0]
    given_away(shared)
    lines = ("update --seed 2", "ledger verify", "prune", "score")
    told = commands(shared, *lines, umask=0o077, another=True)
    assert all(code in {1, 2} for code in told.codes), told.printed
    assert told.printed.count("error: ") >= len(lines)


@AS_ROOT
def test_a_folder_that_may_not_be_entered_is_told_in_a_sentence(shared: Path) -> None:
    given_away(shared)
    shared.chmod(0o700)
    lines = ("update", "check", "ledger verify", "inbox add a.csv")
    told = commands(shared, *lines, another=True)
    assert told.codes == [2] * len(lines)
    assert told.printed.count("is not readable") == len(lines), told.printed


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_names_and_texts_in_any_script_need_no_locale(tmp_path: Path, locale: str) -> None:
    """Files are in UTF-8 whatever the machine's own encoding; what it lacks is shown otherwise."""
    texts = {"priors/tiny.yaml": NETWORK.replace("A pact is signed", "Un pacte signé – 条約")}
    texts["evidence/données.csv"] = EVIDENCE
    texts["evidence/items.csv"] = EVIDENCE.partition("\n")[0] + "\n"
    folder = write_workspace(tmp_path / "Zürich 日本", texts)
    plain = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": locale}
    page = tmp_path / "page.html"
    lines = ("update", "ledger verify", "check", f"report --output {page}")
    told = commands(folder, *lines, FORECAST_LEDGER="", **plain)
    assert told.codes == [0] * len(lines), told.printed
    assert "Un pacte signé – 条約" in page.read_text(encoding="utf-8")
    (manifest,) = folder.glob("posteriors/tiny/*.json")
    assert "Un pacte signé – 条約" in manifest.read_text(encoding="utf-8")


def test_without_asserts_docstrings_and_a_home_the_same_is_done(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "here")
    gone = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent/cache", "FORECAST_LEDGER": ""}
    lines = ("update", "ledger verify", "check", "update --draws 3", "update --help")
    told = commands(folder, *lines, options=("-OO",), **gone)
    assert told.codes == [0, 0, 0, 2, 0], told.printed
    assert "--draws" in told.printed
