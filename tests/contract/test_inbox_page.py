"""The page on the inbox: its job is read and run, and its tables say what the code says."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.files._inbox_settings import Feed
from forecast.files._news_layouts import LAYOUTS
from forecast.files._workspace_file import read_workspace
from forecast.inbox import _fetch
from forecast.inbox._fetch import LIMITS
from forecast.inbox._store import Inbox
from forecast.inbox.readers import _bytes, _entry, _read, read_drafts
from forecast.inbox.readers._columns import SYNONYMS
from tests.contract.repository import ROOT
from tests.contract.test_jobs_page import blocks, takes
from tests.inbox.servers import answer, serving
from tests.workspace.samples import write_workspace
from tests.workspace.test_inbox_in import rss

PAGE = (ROOT / "docs" / "inbox.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """Return the second cell of each row of tables, by the first, code marks left out."""
    found = re.findall(r"^\| (.+?) \| (.+?) \|", text, re.MULTILINE)
    return {first.replace("`", ""): second for first, second in found}


def units() -> tuple[configparser.ConfigParser, configparser.ConfigParser]:
    service, timer = (configparser.ConfigParser(interpolation=None) for _ in range(2))
    for parser, text in zip((service, timer), blocks(PAGE, "ini"), strict=True):
        parser.optionxform = str  # type: ignore[method-assign, assignment]
        parser.read_string(text)
    return service, timer


def commands() -> list[list[str]]:
    """Return what the unit runs, in order, without the way to the program."""
    unit = units()[0]["Service"]
    found = [shlex.split(unit[name].removeprefix("-")) for name in ("ExecStartPre", "ExecStart")]
    assert all(program.endswith("/forecast") for program, *_ in found)
    return [arguments for _, *arguments in found]


def test_the_units_fetch_and_then_update_whatever_the_fetch_ended_with() -> None:
    service, timer = units()
    unit = service["Service"]
    assert unit["Type"] == "oneshot"
    assert unit["ExecStartPre"].startswith("-")
    assert unit["SuccessExitStatus"] == "3"
    assert commands()[0] == ["inbox", "fetch"]
    assert commands()[1][0] == "update"
    for arguments in commands():
        takes(arguments)
    assert unit["ReadWritePaths"] == unit["WorkingDirectory"]
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d UTC", timer["Timer"]["OnCalendar"])


def test_the_crontab_line_has_five_fields_and_the_same_commands() -> None:
    (line,) = blocks(PAGE, "cron")
    *when, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in when)
    inner = command.partition("{")[2].partition("}")[0]
    called = [shlex.split(part) for part in inner.split(";") if part.strip()]
    assert [words[0] for words in called] == [".venv/bin/forecast"] * 2
    assert called[0][1:] == commands()[0]
    for _, *arguments in called:
        takes(arguments)


@pytest.mark.parametrize("works", [True, False], ids=["the feed works", "the feed fails"])
def test_the_crontab_line_fetches_and_updates(tmp_path: Path, works: bool) -> None:
    """As cron runs it, but for the folder, and for a file in which the feed is one of ours."""
    write_workspace(tmp_path)
    program = tmp_path / ".venv" / "bin" / "forecast"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m forecast "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (line,) = blocks(PAGE, "cron")
    command = line.split(maxsplit=5)[5].replace("/srv/forecasts", shlex.quote(str(tmp_path)))
    with serving(answer(rss("A")) if works else answer(b"", "500 Broken")) as server:
        with (tmp_path / "forecast.toml").open("a", encoding="utf-8") as file:
            feeds = f'\n[[inbox.feeds]]\nurl = "{server.url}"\n'
            file.write(f'\n[inbox]\nprivate_hosts = ["127.0.0.1"]\n{feeds}')
        done = subprocess.run(  # noqa: S602  the line is for a shell
            command,
            shell=True,
            check=False,
            timeout=300,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        )
    told = (tmp_path / "update.out").read_text(encoding="utf-8")
    assert done.returncode == 0, told
    assert ("1 new, 0 known already" in told) is works
    assert ("was answered by 500 Broken" in told) is not works
    assert [draft.title for draft in Inbox(tmp_path / "inbox").drafts()] == ["A"] * works
    assert "Saved as posteriors/tiny/" in told
    assert '"what": "end"' in (tmp_path / "update.jsonl").read_text(encoding="utf-8")


def test_the_feeds_of_the_page_are_what_a_workspace_file_takes(tmp_path: Path) -> None:
    (text,) = blocks(PAGE, "toml")
    write_workspace(tmp_path)
    file = tmp_path / "forecast.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    first, second = read_workspace(file).feeds
    assert (first.every, second.every) == (1800.0, 7200.0)
    assert (second.label, second.layout) == ("our notes", "table")
    keys = ", ".join(rows(section("Feeds"))).split(", ")
    assert set(Feed.model_fields) <= set(keys)


def test_the_python_of_the_page_lists_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (text,) = blocks(PAGE, "python")
    monkeypatch.chdir(tmp_path)
    row = "headline,date,source\nPort closed,2024-07-01,Gazette\n"
    Path("clippings.csv").write_text(row, encoding="utf-8")
    Inbox("inbox").add(read_drafts("clippings.csv"))
    exec(compile(text, "docs/inbox.md", "exec"), {})  # noqa: S102  the page's own
    assert capsys.readouterr().out == "2024-07-02 00:00:00+00:00 Gazette Port closed\n"


def test_every_layout_has_its_row() -> None:
    text = section("What is read")
    assert [name for name in LAYOUTS if f"`{name}`" not in text] == []


def test_the_names_of_columns_are_those_that_are_read() -> None:
    told = rows(section("What is read"))
    for meant, names in SYNONYMS.items():
        name = "published" if meant == "published_as" else meant
        assert tuple(told[name].split(", ")) == names


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    text = " ".join(section("What is safe").split())
    for words in (
        f"{LIMITS.connect:g} seconds to connect, {LIMITS.read:g} for the next bytes, "
        f"{LIMITS.whole:g} in all",
        f"{LIMITS.packed / 1e6:g} MB as sent and {LIMITS.unpacked / 1e6:g} MB unpacked",
        f"A file may have {_bytes.MOST_BYTES / 1e6:g} MB, and {_bytes.MOST_UNPACKED / 1e6:g} MB",
        f"Up to {LIMITS.redirects} redirections",
        f"At most {_read.MOST_ENTRIES:,} entries",
        f"a title of up to {_entry.MOST_TITLE} characters",
        f"a text of up to {_entry.MOST_TEXT:,}",
        f"up to {_entry.MOST_FIELDS} fields of {_entry.MOST_FIELD:,}",
    ):
        assert words in text
    assert "proxy" in str(_fetch.fetch.__doc__)
