"""Wherever a job runs, as whoever: it works, or says in a sentence why it cannot.

Two users are root twice, without what lets root do as it likes and with a group; what the first one
wrote is given to another before the second one comes. Where the tests are not run by root, who
alone can give files away, they are left out.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace.samples import EVIDENCE, NETWORK, write_workspace
from tests.workspace.stages import NEWS

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other users: root alone can")
MADE_UP = "tests.workspace.made_up"
DROP, LAST = 24, 40
"""``PR_CAPBSET_DROP`` of linux/prctl.h, and the last capability of linux/capability.h."""

GROUP, SOMEBODY = 60_100, 60_101
"""Numbers of a group and a user that no system hands out."""


def command(
    folder: Path,
    *arguments: str,
    umask: int = 0o022,
    another: bool = False,
    options: tuple[str, ...] = (),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command on a made-up estimate; as `another`, as a user who is in the group."""

    def as_another() -> None:
        os.umask(umask)
        if another:
            os.setgroups([GROUP])
            for capability in range(LAST + 1):
                ctypes.CDLL(None).prctl(DROP, capability, 0, 0, 0)

    return subprocess.run(  # noqa: S603
        [sys.executable, *options, "-m", MADE_UP, *arguments, "--workspace", str(folder)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        preexec_fn=as_another,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )


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


JOBS = (("update",), ("inbox", "add"), ("prune",), ("resolve", "pact", "--on", "2024-06-20"))


@AS_ROOT
def test_two_users_of_a_group_share_a_workspace(shared: Path) -> None:
    """With a umask of 002 and a folder that hands its group on: the ledger, its log, the locks."""
    for number in range(2):
        for words in JOBS:
            more = {"update": ("--seed", str(number)), "inbox": (str(shared / "news.csv"),)}
            done = command(
                shared, *words, *more.get(words[0], ()), umask=0o002, another=bool(number)
            )
            assert done.returncode == 0, (number, words, done.stderr)
        given_away(shared)
    for path in shared.rglob("*"):
        assert path.stat().st_gid == GROUP, path
    done = command(shared, "ledger", "verify", umask=0o002, another=True)
    assert (done.returncode, done.stdout[:14]) == (0, "ok: 4 entries,"), done.stderr


@AS_ROOT
def test_what_is_private_to_another_is_told_in_a_sentence(shared: Path) -> None:
    assert command(shared, "update", umask=0o077).returncode == 0
    given_away(shared)
    for words in (("update", "--seed", "2"), ("ledger", "verify"), ("prune",), ("score",)):
        done = command(shared, *words, umask=0o077, another=True)
        assert done.returncode in {1, 2}, (words, done.stdout)
        assert "Traceback" not in done.stderr, done.stderr
        assert "error: " in done.stderr


@AS_ROOT
def test_a_folder_that_may_not_be_entered_is_told_in_a_sentence(shared: Path) -> None:
    given_away(shared)
    shared.chmod(0o700)
    for words in (("update",), ("check",), ("ledger", "verify"), ("inbox", "add", "a.csv")):
        done = command(shared, *words, another=True)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), (words, done.stderr)
        assert "Permission denied" in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_names_and_texts_in_any_script_need_no_locale(tmp_path: Path, locale: str) -> None:
    """Files are in UTF-8 whatever the machine's own encoding; what it lacks is shown as '?'."""
    texts = {"priors/tiny.yaml": NETWORK.replace("A pact is signed", "Un pacte signé – 条約")}
    texts["evidence/données.csv"] = EVIDENCE
    texts["evidence/items.csv"] = EVIDENCE.partition("\n")[0] + "\n"
    folder = write_workspace(tmp_path / "Zürich 日本", texts)
    plain = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": locale}
    plain["FORECAST_LEDGER"] = ""
    page = tmp_path / "page.html"
    for words in (("update",), ("ledger", "verify"), ("report", "--output", str(page))):
        done = command(folder, *words, **plain)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "Un pacte signé – 条約" in page.read_text(encoding="utf-8")
    (manifest,) = folder.glob("posteriors/tiny/*.json")
    assert "Un pacte signé – 条約" in manifest.read_text(encoding="utf-8")


def test_without_asserts_and_docstrings_the_same_is_done(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "here")
    for words in (("update",), ("ledger", "verify"), ("check",)):
        done = command(folder, *words, options=("-OO",), FORECAST_LEDGER="")
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    damaged = command(folder, "update", "--draws", "3", options=("-OO",), FORECAST_LEDGER="")
    assert (damaged.returncode, "--draws" in damaged.stderr) == (2, True)


def test_without_a_home_the_same_is_done(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "here")
    gone = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent/cache", "FORECAST_LEDGER": ""}
    for words in (("update",), ("ledger", "verify")):
        done = command(folder, *words, **gone)
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
