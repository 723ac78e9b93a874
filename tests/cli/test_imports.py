"""``forecast import`` of platforms: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.imports import PLATFORMS
from forecast.cli.main import cli
from forecast.files.platforms._import import READERS
from tests.files.platforms.test_platforms import SAMPLES
from tests.workspace.samples import write_workspace

HISTORY = [str(SAMPLES / "polymarket_market.json"), str(SAMPLES / "polymarket_history.json")]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_platform_has_its_command() -> None:
    assert list(PLATFORMS) == list(READERS)
    for name in PLATFORMS:
        assert run("import", name, "--help").exit_code == 0


@pytest.mark.usefixtures("folder")
def test_one_question_takes_an_event_alone() -> None:
    result = run("import", "polymarket", *HISTORY, "--event", "pact", "--source", "gazette")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "questions: 1 added, 0 there already, 0 waiting for an event",
        "opinions: 3 added, 0 there already, 0 waiting",
        "wrote questions.csv",
        "wrote evidence/polymarket.csv",
        "wrote imported/polymarket-polymarket_market/aside.json",
        "note: prices without a number are left out",
        "note: prices are left out: the last of each day is taken",
        "note: prices of 0 or 1 are left out: an opinion lies between",
        "note: fields without a place here are kept aside: conditionId, liquidity, volume, active, "
        "createdAt, updatedAt, umaResolutionStatuses, negRisk",
    ]
    assert run("check").exit_code == 0


@pytest.mark.usefixtures("folder")
def test_json_says_the_same() -> None:
    result = run("import", "polymarket", *HISTORY, "--event", "polymarket_253591=pact", "--json")
    told = json.loads(result.stdout)
    assert told["questions"] == {"added": ["polymarket_253591"], "there": [], "waiting": []}
    assert told["opinions"] == {"added": 0, "there": 0, "waiting": 3}
    assert any("unknown source 'polymarket'" in note for note in told["notes"])


@pytest.mark.usefixtures("folder")
def test_faults_end_with_2_and_write_nothing(tmp_path: Path) -> None:
    result = run("import", "polymarket", *HISTORY, "--event", "pakt")
    assert result.exit_code == 2
    assert "unknown event (got 'pakt'). Did you mean 'pact'?" in result.stderr
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "questions.csv").exists()
    twice = run("import", "polymarket", *HISTORY, "--event", "pact", "--event", "troops")
    assert twice.exit_code == 2
    assert "--event names the only one twice" in twice.stderr


@pytest.mark.usefixtures("folder")
def test_hostile_text_does_not_reach_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "market.json"
    file.write_text(json.dumps([{"id": "\x1b[2Jm", "question": "x", "outcomeType": "BINARY"}]))
    result = run("import", "manifold", str(file))
    assert result.exit_code == 0
    assert "\x1b" not in result.output
