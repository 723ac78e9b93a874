"""``forecast inbox``: what it prints, and how it ends."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.inbox import cells
from forecast.cli.main import cli
from forecast.inbox._store import Inbox
from tests.cli.terminal import in_terminal
from tests.inbox.servers import answer, serving
from tests.workspace.samples import write_workspace
from tests.workspace.test_inbox_in import SAMPLES, rss, workspace


def run(*arguments: str, piped: bytes | None = None, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(
        cli, ["inbox", *arguments], input=piped, catch_exceptions=False
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_add_says_what_came_what_was_known_and_what_was_odd() -> None:
    result = run("add", str(SAMPLES / "clippings.csv"), str(SAMPLES / "note.txt"))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "clippings.csv: table, 3 entries: 3 new, 0 known already",
        "  note: line 3: its date has two readings, day first and month first: write it as "
        "YYYY-MM-DD",
        "  note: line 5: has no title, text or address",
        "note.txt: text, 1 entry: 1 new, 0 known already",
    ]
    again = run("add", str(SAMPLES / "note.txt"))
    assert again.stdout == "note.txt: text, 1 entry: 0 new, 1 known already\n"


def test_add_prints_json(folder: Path) -> None:
    result = run("add", "--json", str(SAMPLES / "note.txt"))
    (draft,) = Inbox(folder / "inbox").drafts()
    assert json.loads(result.stdout) == {
        "sources": [
            {"name": "note.txt", "layout": "text", "entries": 1, "new": [draft.id], "notes": []}
        ]
    }


@pytest.mark.usefixtures("folder")
def test_many_notes_are_cut() -> None:
    rows = "".join(f"t{n},1/2/2024\n" for n in range(100))
    result = run("add", "-", piped=f"title,date\n{rows}".encode())
    assert result.stdout.splitlines()[0] == (
        "standard input: table, 100 entries: 100 new, 0 known already"
    )
    assert result.stdout.splitlines()[-1] == "  and 41 more notes; --json has them."
    assert len(result.stdout.splitlines()) == 12


def test_bad_input_ends_with_2_and_adds_nothing(folder: Path) -> None:
    result = run("add", str(SAMPLES / "note.txt"), "nothing.csv", "ftp://a.example/feed")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "error: nothing.csv: there is no such file. Check its name.",
        "error: ftp://a.example/feed: is no address that is fetched. Write an http or https "
        "address, or the path of a file alone.",
        "2 faults; nothing was written.",
    ]
    assert not (folder / "inbox").exists()


@pytest.mark.usefixtures("folder")
def test_an_address_that_cannot_be_had_ends_with_1() -> None:
    result = run("add", "http://127.0.0.1:9/feed")
    assert result.exit_code == 1
    assert "leads into a private network (127.0.0.1)" in result.stderr
    assert 'private_hosts = ["127.0.0.1"]' in result.stderr
    assert result.stderr.endswith("Nothing was added.\n")


def test_outside_a_workspace_all_end_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["fetch"], ["add", "x"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "there is no workspace here" in result.stderr


@pytest.mark.usefixtures("folder")
def test_the_drafts_that_wait_are_listed_within_the_width_of_the_terminal() -> None:
    assert run().stdout == "No drafts wait. Add news with: forecast inbox add FILE|URL\n"
    rows = [
        {"title": "A long headline of a paper " * 5, "source": "The Paper", "date": "2024-07-01"},
        {"title": "新聞" * 60, "source": "新聞社" * 20, "date": "2024-07-02T10:00Z"},
        {"title": "\x1b[31mred\u202e", "source": "\x1b]0;x\x07"},
        {"text": "No headline at all"},
    ]  # fmt: skip
    run("add", "-", piped="\n".join(json.dumps(row) for row in rows).encode())
    for columns in (60, 80, 120):
        lines = run(columns=columns).stdout.splitlines()
        assert len(lines) == 4
        assert max(cells(line) for line in lines) <= columns
        assert "\x1b" not in "".join(lines)
    assert [line[15:25] for line in lines] == [
        "no date   ",
        "no date   ",
        "2024-07-02",
        "2024-07-01",
    ]
    assert lines[1].endswith("No headline at all")


@pytest.mark.usefixtures("folder")
def test_the_list_has_an_end_and_json_has_all() -> None:
    run("add", "-", piped=("title,url\n" + "".join(f"t{n},\n" for n in range(70))).encode())
    result = run("add", "--as", "table", "-", piped=b"title,day\nx,2024-07-01\n")
    assert result.exit_code == 0
    lines = run().stdout.splitlines()
    assert len(lines) == 51
    assert lines[-1] == "50 of 71 drafts that wait, the newest first; --json has all."
    waiting = json.loads(run("--json").stdout)["waiting"]
    assert len(waiting) == 71
    assert waiting[-1]["title"] == "x"


def test_fetch_is_quiet_if_nothing_came(folder: Path) -> None:
    odd = answer(b"title,date\nA,1/2/2024\n", etag='"1"')  # its note is told once
    with serving(odd, answer(b"", "304 Not Modified"), odd) as server:
        workspace(folder, server.url)
        first, later = run("fetch"), run("fetch")
        unchanged, the_same = run("fetch", "--now"), run("fetch", "--now")
        assert len(server.requests) == 3
    assert first.stdout.startswith(f"{server.url}: table, 1 entry: 1 new, 0 known already\n  note")
    for quiet in (later, unchanged, the_same):
        assert (quiet.output, quiet.exit_code) == ("", 0)


def test_fetch_warns_of_a_feed_that_has_moved(folder: Path) -> None:
    moved = answer(b"", "301 Moved Permanently", location="/new")
    with serving(moved, answer(rss("A"))) as server:
        workspace(folder, server.url)
        result = run("fetch")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"warning: {server.url}: has moved for good. Write url = ")


def test_fetch_tells_what_failed_and_ends_with_1(folder: Path) -> None:
    with serving(answer(b"", "500 Broken")) as bad, serving(answer(rss("A"))) as good:
        workspace(folder, bad.url, good.url)
        result = run("fetch")
        told = run("fetch", "--now", "--json")
    assert result.exit_code == 1
    assert result.stdout == f"{good.url}: rss, 1 entry: 1 new, 0 known already\n"
    assert result.stderr.startswith(f"error: {bad.url}: was answered by 500 Broken. It is asked")
    document = json.loads(told.stdout)
    assert [feed["name"] for feed in document["feeds"]] == [good.url]
    assert "500 Broken" in document["failed"][0]


def test_fetch_at_a_terminal_tells_until_when_a_feed_that_failed_waits(folder: Path) -> None:
    with serving(answer(b"", "500 Broken")) as server:
        workspace(folder, server.url)
        assert run("fetch").exit_code == 1
        quiet, seen = run("fetch"), in_terminal(["inbox", "fetch"], [], cwd=folder)
        assert len(server.requests) == 1
    assert (quiet.output, quiet.exit_code) == ("", 0)
    told = " ".join(seen.split())
    assert f"note: {server.url}: waits until " in told
    assert "as it failed: was answered by 500 Broken." in told
    assert "To ask it at once: forecast inbox fetch --now" in told


def test_help_and_the_list_import_nothing_heavy(folder: Path) -> None:
    (folder / "note.txt").write_text("Heard", encoding="utf-8")
    heavy = ["numpy", "pandas", "pymc", "numba", "feedparser", "bs4", "urllib3", "python_calamine"]
    for arguments in (["--help"], ["add", "note.txt"], []):
        probe = (
            "import sys\nfrom forecast.cli.main import cli\n"
            f"cli(['inbox', *{arguments}], standalone_mode=False)\n"
            f"print(*(name for name in {heavy} if name in sys.modules))"
        )
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", probe],
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SAMPLES.parents[2])},
        )
        # networks are read with NumPy, and so is the workspace file, which names them
        assert set(done.stdout.splitlines()[-1].split()) <= {"numpy"}


def test_a_draft_moves_no_forecast(folder: Path) -> None:
    evidence = {path: path.read_bytes() for path in (folder / "evidence").rglob("*.csv")}
    run("add", str(SAMPLES / "rss.xml"))
    assert {path: path.read_bytes() for path in (folder / "evidence").rglob("*.csv")} == evidence
    shutil.rmtree(folder / "inbox")
    assert CliRunner().invoke(cli, ["check"]).exit_code == 0
