"""How a job ends is told truly: in the last line of its log, on standard error, by its code."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.samples import WORKSPACE, write_workspace

JOB = """
import sys, time
import forecast.workspace._update as module
from tests.workspace.samples import FakePosterior
from forecast.cli import main

def estimate(inputs, settings):
    {before}
    seen = inputs.evidence.as_of(settings.as_of)
    return FakePosterior(inputs.network, seen, settings.as_of, khat={khat})

module._estimate = estimate
{patch}
sys.argv = ["forecast", *sys.argv[1:]]
main.main()
"""


def start(
    folder: Path, *, before: str = "pass", khat: float = 0.3, patch: str = "", **how: Any
) -> subprocess.Popen[str]:
    program = JOB.format(before=before, khat=khat, patch=patch)
    log = str(folder / "log.jsonl")
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program, "update", "--workspace", str(folder), "--log", log],
        text=True,
        env={**os.environ, "FORECAST_LEDGER": ""},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
    )


def last_line(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "log.jsonl").read_text().splitlines()[-1])
    assert found.pop("what") == "end"
    del found["time"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    alerts = "\n[alerts]\ntroops = {above = 0.1}\n"
    return write_workspace(tmp_path, {"forecast.toml": f"{WORKSPACE}{alerts}"})


def test_what_code_warns_of_is_a_sentence_without_the_code(folder: Path) -> None:
    warns = 'import warnings; warnings.warn("kept in \\x1b[31m/tmp", RuntimeWarning)'
    job = start(folder, before=warns)
    _, err = job.communicate(timeout=120)
    assert job.returncode == 3
    (told,) = [line for line in err.splitlines() if "kept in" in line]
    assert told.startswith("warning: kept in ")
    assert "\x1b" not in err
    assert "RuntimeWarning" not in err


def test_an_alert_goes_out_before_the_table_and_the_end_says_so(folder: Path) -> None:
    both = start(folder, stderr=subprocess.STDOUT).communicate()[0].splitlines()
    alert = next(n for n, line in enumerate(both) if line.startswith('{"alert"'))
    assert any(line.startswith("event  ") for line in both[alert:])
    assert last_line(folder) == {"ok": True, "code": 3}


def test_a_failed_gate_is_no_good_end(folder: Path) -> None:
    job = start(folder, khat=2.0)
    job.communicate()
    end = last_line(folder)
    assert (job.returncode, end["ok"]) == (1, False)
    assert end["error"].startswith("GateError: the estimate did not pass its gate")


def test_a_page_that_fails_in_whatever_way_is_no_good_end(folder: Path) -> None:
    toml = f'{WORKSPACE}\n[report]\nfile = "page.html"\n[alerts]\ntroops = {{above = 0.1}}\n'
    (folder / "forecast.toml").write_text(toml)
    patch = (
        "import forecast.workspace._report as r\n"
        "def fail(*_, **__): raise KeyError('a bug')\n"
        "r.write_report = fail"
    )
    job = start(folder, patch=patch)
    out, err = job.communicate()
    assert (job.returncode, last_line(folder)["ok"]) == (1, False)
    assert "the report: KeyError: 'a bug'" in last_line(folder)["error"]
    assert '{"alert"' in err
    assert out.startswith("Most changed ")
    assert "Traceback" not in err


def test_sigterm_is_told_and_the_code_is_the_shells(folder: Path) -> None:
    job = start(folder, before="print('now', flush=True); time.sleep(60)")
    assert job.stdout is not None
    assert job.stdout.readline() == "now\n"
    job.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    job.communicate()
    assert time.monotonic() - begun < 30
    assert job.returncode == 128 + signal.SIGTERM
    assert last_line(folder) == {"ok": False, "error": "Terminated: SIGTERM"}


def test_a_full_disk_under_standard_output_is_no_traceback(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        job = start(folder, stdout=full)
        _, err = job.communicate()
    assert job.returncode == 1
    assert err.splitlines()[-1] == (
        "error: what is printed cannot be written: No space left on device"
    )
    assert '{"alert"' in err
    assert "Traceback" not in err
    assert not last_line(folder)["ok"]


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    job = start(folder, stdout=writer)
    os.close(writer)
    _, err = job.communicate()
    assert job.returncode == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert not last_line(folder)["ok"]


def test_a_closed_standard_output_is_no_traceback(folder: Path) -> None:
    job = start(folder, preexec_fn=lambda: os.close(1), stdout=None)
    _, err = job.communicate()
    assert "Traceback" not in err
    assert (job.returncode, last_line(folder)) == (3, {"ok": True, "code": 3})


def test_progress_that_cannot_be_shown_stops_nothing(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        job = start(folder, stderr=full)
        job.communicate()
    assert list(folder.glob("posteriors/tiny/*.json"))
