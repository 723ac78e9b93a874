"""``forecast show`` with reasons and conditions, and ``forecast diff``: what they print."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from forecast.cli.show import interval_text
from tests.workspace.samples import WORKSPACE, write_workspace

BY = "2024-12-31"


def run(folder: Path, *arguments: str) -> Result:
    command = [*arguments, "--workspace", str(folder)]
    return CliRunner().invoke(cli, command, catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_workspace(
        tmp_path_factory.mktemp("told"),
        {"forecast.toml": WORKSPACE.replace("draws = 512", "draws = 1024")},
    )
    for as_of in ("2024-07-01", "2024-08-10"):
        assert run(made, "update", "--as-of", as_of).exit_code == 0
    return made


def test_an_event_is_shown_with_its_curve_and_its_reasons(folder: Path) -> None:
    text = run(folder, "show", "troops").stdout
    for heading in (
        "Curve",
        "What moved it",
        "What it leans on",
        "(time alone)",
        "base_rate troops",
    ):
        assert heading in text
    told = json.loads(run(folder, "show", "troops", "--json").stdout)["why"]
    assert told["by"] == BY
    assert told["missing"] == ""
    assert [step["item"] for step in told["moved"]][:2] == ["(prior)", "(time alone)"]
    assert told["moved"][0]["kind"] is None
    assert {"parameter", "label", "share", "swing", "at_5%"} <= set(told["leans"][0])


def test_an_observation_shows_what_was_seen(folder: Path) -> None:
    lines = run(folder, "show", "pact").stdout.splitlines()
    row = next(line for line in lines if line.startswith("e2"))
    assert row.split()[-1] == "off"


def test_conditions_have_one_meaning_on_the_command_line_and_in_json(folder: Path) -> None:
    shown = run(folder, "show", "troops", "--given", "pact=2024-10-01")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[0] == "troops, given pact=2024-10-01"
    told = json.loads(run(folder, "show", "troops", "--given", "pact@2024-10-01", "--json").stdout)
    assert told["given"] == ["pact=2024-10-01"]
    (forecast,) = told["forecasts"]
    assert forecast["probability"] > forecast["plain"]["probability"]
    assert forecast["mcse"] > 0
    assert forecast["lower_mcse"] > 0
    assert forecast["upper_mcse"] > 0
    asked = run(folder, "show", "troops", "--given", "pact=2024-10-01", "--errors").stdout
    header = next(line for line in asked.splitlines() if "as supposed" in line)
    assert header.split() == ["as", "it", "is", "±", "as", "supposed", "±", "90%", "±", "change"]
    row = next(line for line in asked.splitlines() if line.startswith("by "))
    assert row.count("±") == 4
    assert "±" not in shown.stdout
    made = json.loads(run(folder, "show", "pact", "--do", "troops", "--json").stdout)["forecasts"][
        0
    ]
    found = json.loads(run(folder, "show", "pact", "--given", "troops", "--json").stdout)
    assert made["probability"] == pytest.approx(made["plain"]["probability"], abs=1e-6)
    assert found["forecasts"][0]["probability"] > made["probability"] + 0.01


def test_a_difference_is_told_in_words_and_as_json(folder: Path) -> None:
    text = run(folder, "diff", "2024-07-01", "last").stdout
    assert text.splitlines()[0].startswith("From  Run 1 (key ")
    assert "What moved troops by 2024-12-31" in text
    assert any(line.split()[:2] == ["e3", "new"] for line in text.splitlines())
    told = json.loads(run(folder, "diff", "1", "2", "--explain", "0", "--json").stdout)
    assert told["reasons"] == []
    assert [each["item"] for each in told["items"]] == ["e3"]
    assert all(each["change"] == each["now"] - each["then"] for each in told["moved"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "troops", "--given", "pct"), "Did you mean 'pact'"),
        (("show", "troops", "--given", "pact=soon"), "is no condition. Write 'event'"),
        (("show", "troops", "--given", "pact=2023-12-05"), "(the network's start)"),
        (("show", "troops", "--given", "pact", "--by", "2031-01-01"), "(the horizon)"),
        (("show", "troops", "--given", "pact=off@2023-12-09"), "ask for a date from 2024-01-01"),
        (("show", "troops", "--by", BY, "--by", BY), "the reasons are of one deadline"),
        (("show", "troops", "--by", "2031-01-01"), "(the horizon)"),
        (("show", "troops", "--run", "9"), "the ledger has no such run"),
        (("diff", "2", "1"), "Ask for 'forecast diff 1 2'"),
        (("diff", "1", "x"), "the ledger has no such run"),
    ],
)
def test_a_question_put_wrongly_ends_with_2(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run(folder, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_interval_too_small_to_tell_its_ends_apart_is_shown_as_one_number() -> None:
    assert interval_text(0.001, 0.002) == "<1%"
    assert interval_text(0.062, 0.49) == "6.2–49%"
    assert interval_text(0.3, 0.3) == ""
