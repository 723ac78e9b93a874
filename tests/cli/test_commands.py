"""What each command prints, where, and with which exit code."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from tests.workspace.samples import EVIDENCE, NETWORK, never_estimate, write_workspace

DRAWS = "error: --draws: must be a power of two from 512 to 1,048,576"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_check_counts_what_it_found(tmp_path: Path) -> None:
    result = run("check", "--workspace", str(write_workspace(tmp_path)))
    assert result.exit_code == 0
    assert result.stdout == "ok: tiny: 2 events, 1 link, 3 items\n"
    assert result.stderr == ""


def test_check_as_json_is_one_document(tmp_path: Path) -> None:
    result = run("check", "--json", "--workspace", str(write_workspace(tmp_path)))
    (found,) = json.loads(result.stdout)["networks"]
    assert found == {
        "network": "tiny",
        "events": 2,
        "links": 1,
        "items": 3,
        "resolutions": 0,
        "questions": 0,
    }


def test_check_prints_every_fault_and_ends_with_2(tmp_path: Path) -> None:
    files = {
        "priors/tiny.yaml": NETWORK.replace("child: troops", "child: trops"),
        "evidence/items.csv": EVIDENCE.replace("2024-05-01", "yesterday"),
    }
    result = run("check", "--workspace", str(write_workspace(tmp_path, files)))
    assert result.exit_code == 2
    assert result.stdout == ""
    *faults, last = result.stderr.splitlines()
    assert all(fault.startswith("error: ") for fault in faults)
    assert any("tiny.yaml:" in fault and "trops" in fault for fault in faults)
    assert any("items.csv:2" in fault for fault in faults)
    assert last == f"{len(faults)} faults; nothing was written."


def as_of(folder: Path, day: str) -> Path:
    settings = folder / "forecast.toml"
    settings.write_text(re.sub(r'as_of = "[^"]*"', f'as_of = "{day}"', settings.read_text()))
    return folder


def test_check_refuses_a_cut_off_with_which_update_could_not_run(tmp_path: Path) -> None:
    folder = as_of(write_workspace(tmp_path), "2020-01-01")
    for command in ("check", "update"):
        result = run(command, "--workspace", str(folder))
        assert result.exit_code == 2
        assert "forecast.as_of: the knowledge cut-off lies outside the time of" in result.stderr


def test_a_cut_off_in_the_future_is_refused(tmp_path: Path) -> None:
    """What is not yet known would count as not having happened, and be the last run for long."""
    folder = as_of(write_workspace(tmp_path), "2090-01-01")
    for command in (("check",), ("update",), ("update", "--as-of", "2095-01-01")):
        result = run(*command, "--workspace", str(folder))
        assert result.exit_code == 2
        assert "lies in the future" in result.output
    assert not (folder / "ledger.sqlite3").exists()


def test_check_and_update_say_what_is_finished(tmp_path: Path) -> None:
    folder = as_of(write_workspace(tmp_path), "2026-01-01")
    for command in ("check", "update"):
        result = run(command, "--workspace", str(folder))
        assert result.exit_code == 0
        assert "tiny: finished: its horizon" in result.stdout


def test_faults_cannot_steer_the_terminal(tmp_path: Path) -> None:
    files = {"evidence/items.csv": EVIDENCE.replace("gazette", "\x1b[2J\u202egazette")}
    result = run("check", "--workspace", str(write_workspace(tmp_path, files)))
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr


def test_update_prints_only_the_table_on_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    result = run("update", "--workspace", str(write_workspace(tmp_path)))
    assert result.exit_code == 0
    assert result.stdout.startswith("Most changed against the prior: ")
    assert "Already passed, so not shown: 2024-03-31." in result.stdout
    assert result.stderr.splitlines() == ["estimating tiny", "saving tiny", "done"]


def test_update_as_json_is_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    result = run("update", "--json", "--workspace", str(folder))
    (printed,) = json.loads(result.stdout)["runs"]
    (saved,) = folder.glob("posteriors/tiny/*.json")
    assert printed == json.loads(saved.read_text())
    assert printed["posterior"]["file"] == f"{saved.stem}.nc"


def test_options_reach_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    clock = ("--known", "recorded")
    options = ("--as-of", "2024-02-01", "--seed", "7", "--draws", "1024", *clock)
    result = run(
        "update", "tiny", "--json", *options, "--workspace", str(write_workspace(tmp_path))
    )
    (printed,) = json.loads(result.stdout)["runs"]
    assert (printed["as_of"], printed["seed"], printed["draws"]) == ("2024-02-01", 7, 1024)
    assert (printed["as_of_from"], printed["known"]) == ("the command line", "recorded")


def test_a_failed_gate_ends_with_1_and_prints_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch, khat=1.2)
    result = run("update", "--workspace", str(write_workspace(tmp_path)))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error: the estimate did not pass its gate, and nothing was saved" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("update", "--as-of", "soon"), "not an ISO 8601 date"),
        (("update", "tinny"), "Did you mean 'tiny'?"),
        (("update", "--as-of", "2023-12-30"), "--as-of: the knowledge cut-off lies outside the"),
        (("update", "--draws", "100"), f"{DRAWS} (got '100'). Write 512, the least"),
        (("update", "--draws", "3"), f"{DRAWS} (got '3'). Write 512, the least"),
        (("update", "--draws", "-3"), f"{DRAWS} (got '-3'). Write 512, the least"),
        (("update", "--draws", "2097152"), f"{DRAWS} (got '2097152'). Write 1048576."),
        (("update", "--draws", "many"), "not a valid integer"),
        (("update", "--known", "seen"), "is not one of"),
        (("update", "--method", "guess"), "is not one of"),
        (("forecast",), "No such command"),
    ],
)
def test_what_the_user_got_wrong_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(write_workspace(tmp_path))
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "posteriors").exists()


@pytest.mark.parametrize("method", ["importance", "nuts"])
def test_impossible_evidence_is_bad_input_whatever_the_method(tmp_path: Path, method: str) -> None:
    gated = NETWORK.replace("multiplies", "requires").replace(
        '    hazard_ratio: "x3 [1.5, 6]"\n', ""
    )
    rows = (
        "id,published,kind,event,state\n"
        "armed,2024-05-01,observation,troops,on\n"
        "unsigned,2024-06-01,observation,pact,off\n"
    )
    files = {"priors/tiny.yaml": gated, "evidence/items.csv": rows}
    folder = write_workspace(tmp_path, files)
    result = run("update", "--method", method, "--workspace", str(folder))
    assert result.exit_code == 2
    assert "items.csv:2: item 'armed': this item is impossible under this network" in result.stderr
    assert result.stderr.endswith("1 fault; nothing was written.\n")
    assert not (folder / "posteriors").exists()


def test_outside_a_workspace_the_message_says_what_to_do(tmp_path: Path) -> None:
    result = run("check", "--workspace", str(tmp_path))
    assert result.exit_code == 2
    assert "Run inside a workspace, or name one: --workspace DIR." in result.stderr


def test_on_a_terminal_the_progress_bar_leaves_the_table_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("update", "--workspace", str(write_workspace(tmp_path)))
    assert result.exit_code == 0
    assert "estimating tiny\n" not in result.stderr
    assert "Troops deploy  " in result.stdout
    assert "estimating" not in result.stdout
