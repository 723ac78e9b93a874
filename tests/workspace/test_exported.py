"""What leaves a workspace: the ledger's last forecasts by question, and sets for a tournament."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import forecast as fc
from forecast.cli.main import cli
from tests.files.platforms.test_platforms import SAMPLES
from tests.workspace.samples import WORKSPACE, never_estimate, write_workspace

QUESTIONS = """\
id,event,deadline,wording,url,outcome,resolved
q1,pact,2024-12-31,"=cmd|' /C calc'!A1",https://example.org/q1,,
q2,troops,2024-12-31,Will troops deploy?,,,
q3,pact,2024-09-30,Signed by September?,,no,
q5,pact,2024-06-30,Signed by June?,,no,
q4,pact,2025-06-30,Signed by June?,,,
"""
# By the made-up posterior: 0.004 and 0.6 by the last deadline, half of that by the first.
PACT, TROOPS = 0.004, 0.6


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with two runs, as of July and as of August."""
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    never_estimate(monkeypatch)
    toml = WORKSPACE.replace("2024-03-31", "2024-09-30")
    write_workspace(tmp_path, {"forecast.toml": toml})
    monkeypatch.chdir(tmp_path)
    assert run("update").exit_code == 0
    assert run("update", "--as-of", "2024-08-10").exit_code == 0
    return tmp_path


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.usefixtures("folder")
def test_without_questions_each_event_has_a_row_for_each_deadline() -> None:
    found = rows(run("export", "forecasts"))
    last = {(row["event"], row["deadline"]): row for row in found}
    assert set(last) == {
        (event, day) for event in ("pact", "troops") for day in ("2024-09-30", "2024-12-31")
    }
    row = last["troops", "2024-12-31"]
    assert float(row["probability"]) == TROOPS
    assert (float(row["lower"]), float(row["upper"])) == (TROOPS / 2, 1.5 * TROOPS)
    assert row["level"] == "0.9"
    assert (row["as_of"], row["run"], row["forced"], row["question"]) == (
        "2024-08-10",
        "2",
        "false",
        "",
    )


def test_each_question_has_the_forecast_of_its_event_by_its_deadline(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    result = run("export", "forecasts")
    found = {row["question"]: row for row in rows(result)}
    assert set(found) == {"q1", "q2", "q3"}
    assert float(found["q1"]["probability"]) == PACT
    assert float(found["q2"]["probability"]) == TROOPS
    assert [found[name]["open"] for name in ("q1", "q2", "q3")] == ["true", "true", "false"]
    assert found["q1"]["url"] == "https://example.org/q1"
    assert "question 'q4' has no forecast: no run speaks of 'pact' by 2025-06-30" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [("q2", ("--no",)), ("q2", ("--void",)), ("troops", ("--on", "2024-08-05"))],
)
def test_a_question_that_the_ledger_has_answered_is_not_open(
    folder: Path, name: str, said: tuple[str, ...]
) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    assert run("resolve", name, *said).exit_code == 0
    found = {row["question"]: row["open"] for row in rows(run("export", "forecasts"))}
    assert (found["q1"], found["q2"]) == ("true", "false")
    document = json.loads(run("export", "forecasts", "--json").stdout)
    assert {each["question"]: each["open"] for each in document["forecasts"]}["q2"] is False


def test_an_answered_question_that_the_last_run_does_not_ask_is_not_named(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    assert "'q4' has no forecast" in run("export", "forecasts").stderr
    assert run("resolve", "q4", "--void").exit_code == 0
    assert "'q4'" not in run("export", "forecasts").stderr


def test_an_earlier_run_is_named_as_everywhere(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    found = rows(run("export", "forecasts", "--run", "2024-07-01"))
    assert {row["as_of"] for row in found} == {"2024-07-01"}
    wrong = run("export", "forecasts", "--run", "2023-01-01")
    assert wrong.exit_code == 2
    assert "no run is as of this date" in wrong.stderr


def test_json_has_numbers_and_csv_is_inert_for_a_spreadsheet_alone(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    document = json.loads(run("export", "forecasts", "--json").stdout)
    first: dict[str, Any] = {each["question"]: each for each in document["forecasts"]}["q1"]
    assert first["probability"] == PACT
    assert first["open"] is True
    assert first["wording"] == "=cmd|' /C calc'!A1"
    assert document["notes"] == [
        "question 'q4' has no forecast: no run speaks of 'pact' by 2025-06-30"
    ]
    plain = {row["question"]: row for row in rows(run("export", "forecasts"))}
    sheet = {
        row["question"]: row for row in rows(run("export", "forecasts", "--for", "spreadsheet"))
    }
    assert plain["q1"]["wording"] == "=cmd|' /C calc'!A1"
    assert sheet["q1"]["wording"] == "'=cmd|' /C calc'!A1"
    assert sheet["q1"]["probability"] == plain["q1"]["probability"] == "0.004"


def test_questions_and_evidence_leave_as_they_can_be_read(folder: Path, tmp_path: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    asked, seen = tmp_path / "out_questions.csv", tmp_path / "out_evidence.csv"
    assert run("export", "questions", "--output", str(asked)).exit_code == 0
    assert run("export", "evidence", "--output", str(seen)).exit_code == 0
    assert fc.read_questions(asked) == fc.read_questions(folder)
    assert fc.read_evidence(seen) == fc.read_evidence(folder / "evidence")
    again = run("export", "questions", "--output", str(asked))
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    document = json.loads(run("export", "evidence", "--json").stdout)
    assert [each["id"] for each in document["evidence"]] == ["e1", "e2", "e3"]
    assert document["evidence"][0]["claim"] == "on"


def test_a_run_that_failed_its_gate_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch, khat=0.9)
    assert run("update", "--as-of", "2024-08-20", "--force").exit_code == 0
    result = run("export", "forecasts", "--workspace", str(folder))
    assert {row["forced"] for row in rows(result)} == {"true"}
    assert "was kept although its gate failed" in result.stderr


def test_without_a_run_there_is_nothing_to_hand_out(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    result = run("export", "forecasts", "--workspace", str(tmp_path))
    assert result.exit_code == 2
    assert "there is no ledger yet" in result.stderr


def test_a_forecast_set_answers_the_question_set(folder: Path) -> None:
    """Ids, sources and days are the set's own; a market has no day, and gaps are told."""
    (folder / "questions.csv").write_text(
        "id,event,deadline\n"
        "forecastbench_manifold_pactmarket24,pact,2024-12-31\n"
        "forecastbench_fred_wtisplc_2024_07_28,troops,2024-09-30\n"
    )
    path = str(SAMPLES / "forecastbench_question_set.json")
    who = ("--organization", "Us", "--model", "eventcast")
    result = run("export", "forecasts", "--forecastbench", path, *who)
    document = json.loads(result.stdout)
    assert {name: document[name] for name in document if name != "forecasts"} == {
        "organization": "Us",
        "model": "eventcast",
        "model_organization": "Us",
        "question_set": "2024-07-21-llm.json",
    }
    assert document["forecasts"] == [
        {
            "id": "PactMarket24",
            "source": "manifold",
            "forecast": PACT,
            "resolution_date": None,
            "reasoning": None,
        },
        {
            "id": "WTISPLC",
            "source": "fred",
            "forecast": TROOPS / 2,
            "resolution_date": "2024-07-28",
            "reasoning": None,
        },
    ]
    assert "'forecastbench_fred_wtisplc_2024_08_20' of the set has no forecast" in result.stderr
    missing = run("export", "forecasts", "--forecastbench", path)
    assert missing.exit_code == 2
    assert "needs --organization and --model" in missing.stderr


def test_exporting_changes_nothing(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in ("questions", "forecasts", "evidence"):
        assert run("export", name).exit_code == 0
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {str(p) for p in after if not str(p).endswith(("-shm", "-wal"))} == {
        str(p) for p in files if not str(p).endswith(("-shm", "-wal"))
    }
    same = {p for p, data in files.items() if after.get(p) == data}
    assert same >= {p for p in files if p.suffix in {".csv", ".yaml", ".toml", ".nc", ".json"}}
