"""The log of unattended jobs: one line of JSON each, and a sign of life."""

import json
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest

from forecast.cli.progress import heartbeat, job_log
from forecast.errors import InputError
from tests.workspace.samples import write_workspace


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_line_is_one_document_whatever_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with job_log(file) as note:
        note("step", doing="a\nb\x1b[2J\u2028", done=1)
    assert [line["what"] for line in lines(file)] == ["begin", "step", "end"]
    assert lines(file)[1]["doing"] == "a\nb\x1b[2J\u2028"
    assert "\x1b" not in file.read_text(encoding="utf-8")
    assert lines(file)[-1]["ok"]


def test_a_job_that_fails_says_how_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    for _ in range(2):
        with pytest.raises(InputError, match="wrong"), job_log(file):
            raise InputError("wrong")
    assert [line["what"] for line in lines(file)] == ["begin", "end"] * 2
    assert lines(file)[-1]["error"] == "InputError: wrong."


@pytest.mark.parametrize(("code", "ok"), [(0, True), (3, True), (1, False), (2, False)])
def test_a_job_that_ends_with_a_code_says_which(tmp_path: Path, code: int, ok: bool) -> None:
    file = tmp_path / "log.jsonl"
    with pytest.raises(click.exceptions.Exit), job_log(file):
        raise click.exceptions.Exit(code)
    assert (lines(file)[-1]["ok"], lines(file)[-1]["code"]) == (ok, code)


def test_without_a_file_nothing_is_logged() -> None:
    with job_log(None) as note:
        note("step", doing="a")


def test_a_log_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match="--log: cannot be written: No such file")
    with refused, job_log(tmp_path / "no" / "log"):
        pass


def test_long_work_gives_signs_of_life(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log.jsonl"
    with job_log(file) as note, heartbeat(note, every=0.01) as doing:
        doing("estimating tiny")
        deadline = time.monotonic() + 60
        while len(lines(file)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    beats = [line for line in lines(file) if line["what"] == "heartbeat"]
    assert beats[0]["doing"] == "estimating tiny"
    assert re.search(r"^still estimating tiny, \d+ s$", capfd.readouterr().err, re.MULTILINE)


@pytest.mark.parametrize("name", ["evidence/log.jsonl", "inbox/log.jsonl"])
def test_a_log_where_evidence_is_read_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_workspace(tmp_path)
    (folder / "inbox").mkdir()
    with (
        pytest.raises(InputError, match=r"--log: is in a place where"),
        job_log(folder / name, folder),
    ):
        pass
    assert not (folder / name).exists()
    with job_log(folder / "log.jsonl", folder):
        pass
    assert lines(folder / "log.jsonl")[-1]["ok"]


def test_an_interrupt_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), job_log(tmp_path / "log"):
        raise KeyboardInterrupt
    assert lines(tmp_path / "log")[-1]["error"] == "KeyboardInterrupt: SIGINT, as of Ctrl-C"


@pytest.mark.parametrize("ignored", [False, True], ids=["", "under nohup"])
def test_a_terminal_that_closes_ends_the_log(tmp_path: Path, ignored: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        with suppress(SystemExit), job_log(tmp_path / "log"):
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.1)
        restored = signal.getsignal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert restored == (signal.SIG_IGN if ignored else signal.SIG_DFL)
    last = lines(tmp_path / "log")[-1]
    assert (last["ok"], last.get("error", "")) == (ignored, "" if ignored else "Terminated: SIGHUP")
