"""The commands on what was kept: what they print, and how they end."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from tests.workspace.samples import WORKSPACE, never_estimate, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@pytest.fixture
def folder(
    database: str,  # noqa: ARG001  where its ledger is comes first
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A workspace with one run, and the current folder."""
    never_estimate(monkeypatch)
    write_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("update").exit_code == 0
    return tmp_path


def test_a_new_workspace_is_made_and_checked(tmp_path: Path) -> None:
    made = run("init", str(tmp_path / "new"))
    assert made.exit_code == 0
    assert made.stdout.splitlines()[-1] == f"Now: cd {tmp_path / 'new'} && forecast update"
    checked = run("check", "--workspace", str(tmp_path / "new"))
    assert checked.stdout == "ok: tram: 3 events, 2 links, 2 items\n"
    again = run("init", str(tmp_path / "new"))
    assert again.exit_code == 2
    assert "is not an empty folder" in again.stderr


def test_init_as_json_names_the_files(tmp_path: Path) -> None:
    told = json.loads(run("init", "--json", str(tmp_path / "new")).stdout)
    assert "forecast.toml" in told["files"]


def test_the_schema_is_one_document() -> None:
    schema = json.loads(run("schema").stdout)
    assert {"events", "links"} <= set(schema["properties"])


@pytest.mark.usefixtures("folder")
def test_an_event_is_shown_with_its_runs_and_its_items() -> None:
    run("update", "--as-of", "2024-08-10")
    lines = run("show", "troops").stdout.splitlines()
    assert lines[0] == "Troops deploy (troops), as last said"
    assert any(line.startswith("by 2024-12-31") and "60%" in line for line in lines)
    assert [line.split()[:2] for line in lines if line.startswith(("1 ", "2 "))] == [
        ["1", "2024-07-01"],
        ["2", "2024-08-10"],
    ]
    assert [line.split()[0] for line in lines if line.startswith("e")] == ["entry", "e1", "e3"]
    document = json.loads(run("show", "troops", "--json").stdout)
    assert len(document["forecasts"]) == 2
    assert [item["source"] for item in document["seen"]] == ["gazette", "gazette"]
    assert document["outcome"] is None


@pytest.mark.usefixtures("folder")
def test_errors_are_shown_on_request_and_always_in_json() -> None:
    run("update", "--as-of", "2024-08-10")
    assert "±" not in run("show", "troops").stdout
    lines = run("show", "troops", "--errors").stdout.splitlines()
    assert lines[2].split() == [
        "probability",
        "±",
        "90%",
        "±",
        "prior",
        "since",
        "the",
        "run",
        "before",
    ]
    assert next(line for line in lines if line.startswith("by ")).split()[2:7] == [
        "60%", "±0.1", "30–90%", "±0.2,", "±0.4",
    ]  # fmt: skip
    assert next(line for line in lines if line.startswith("2 ")).split()[3:] == [
        "60%", "±0.1", "30–90%", "±0.2,", "±0.4",
    ]  # fmt: skip
    assert any(line.startswith("±: the Monte Carlo standard errors") for line in lines)
    for said in json.loads(run("show", "troops", "--json").stdout)["forecasts"]:
        assert (said["mcse"], said["lower_mcse"], said["upper_mcse"]) == (0.001, 0.0023, 0.004)
    updated = run("update", "--errors").stdout
    assert "±0.2, ±0.4" in updated
    assert "±: the Monte Carlo standard errors" in updated
    (made,) = json.loads(run("update", "--json").stdout)["runs"]
    assert {said["upper_mcse"] for said in made["forecasts"]} == {0.004}


@pytest.mark.usefixtures("folder")
def test_an_outcome_is_recorded_shown_and_scored() -> None:
    done = run("resolve", "troops", "--on", "2024-12-01", "--note", "\x1b[2Jseen")
    assert done.stdout == "troops: began on 2024-12-01. Entered as 2 in the ledger.\n"
    shown = run("show", "troops").stdout
    assert r"Outcome: happened 2024-12-01. \x1b[2Jseen" in shown.splitlines()
    by_cut_off = run("score", "--clock", "as-of", "--with-hindsight")
    assert by_cut_off.stdout.splitlines()[1].split()[:4] == [
        "Troops",
        "deploy",
        "2024-12-31",
        "yes",
    ]
    by_id = run("score", "--clock", "as-of", "--with-hindsight", "--ids").stdout
    assert by_id.splitlines()[1].split()[:3] == ["troops", "2024-12-31", "yes"]
    assert "1 question. At opening: Brier" in by_cut_off.stdout
    told = json.loads(run("score", "--json").stdout)
    assert (told["questions"], told["late"], told["open"]) == ([], 1, 1)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("--not-by", "2024-12-31"), "had not begun by 2024-12-31"),
        (("--void",), "annulled"),
    ],
)
def test_other_outcomes(answer: tuple[str, ...], words: str) -> None:
    assert words in run("resolve", "troops", *answer).stdout
    told = json.loads(run("resolve", "troops", "--json", *answer).stdout)
    assert (told["event"], told["entry"], len(told["digest"])) == ("troops", 3, 64)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("resolve", "troops"),
            "Give --on DATE, --not-by DATE, --ended DATE (of a state), --void or --reopen.",
        ),
        (("resolve", "troops", "--on", "July"), "not an ISO 8601 date"),
        (("resolve", "q1", "--yes", "--no"), "has one answer, and both are given. Give --yes or"),
        (("resolve", "q1", "--no", "--yes"), "has one answer, and both are given. Give --yes or"),
        (("resolve", "trops", "--void"), "Did you mean 'troops'?"),
        (("show", "trops"), "Did you mean 'troops'?"),
        (("ledger", "vrify"), "No such command"),
        (("update", "--log", "."), "is a directory"),
    ],
)
def test_what_the_user_got_wrong_ends_with_2(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "arguments", [("show", "troops"), ("score",), ("ledger", "verify"), ("ledger", "export")]
)
def test_without_a_ledger_the_message_says_what_makes_one(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = run(*arguments, "--workspace", str(write_workspace(tmp_path)))
    assert result.exit_code == 2
    assert "there is no ledger yet" in result.stderr
    assert "'forecast update' makes one" in result.stderr
    assert not (tmp_path / "ledger.sqlite3").exists()


def test_verify_says_ok_and_gives_the_head(folder: Path) -> None:
    result = run("ledger", "verify")
    assert result.exit_code == 0
    assert result.stdout.startswith("ok: 1 entries, ")
    head = result.stdout.split()[-1]
    assert run("ledger", "verify", "--head", head).exit_code == 0
    short = run("ledger", "verify", "--head", head[:14])
    assert short.exit_code == 2
    assert "is no whole head" in short.stderr
    assert json.loads(run("ledger", "verify", "--json").stdout)["head"] == head
    assert folder.exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_verify_ends_with_1_where_anything_was_changed(folder: Path) -> None:
    (posterior,) = folder.glob("posteriors/tiny/*.nc")
    posterior.write_bytes(posterior.read_bytes()[:-1])
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as connection:
        connection.execute("DROP TRIGGER forecasts_update")
        connection.execute("UPDATE forecasts SET probability = 0.5")
        connection.commit()
    result = run("ledger", "verify", "--head", f"9:{64 * '0'}")
    assert result.exit_code == 1
    assert [line[:40] for line in result.stderr.splitlines()] == [
        "error: the trigger forecasts_update is m",
        "error: entry 1 (run) is not what was wri",
        f"error: the file tiny/{posterior.name}"[:40],
        "error: the chain does not hold the head ",
    ]
    told = run("ledger", "verify", "--json")
    assert (told.exit_code, json.loads(told.stdout)["ok"]) == (1, False)


def test_an_export_is_written_once(folder: Path) -> None:
    printed = run("ledger", "export").stdout
    for line in printed.splitlines()[1:]:
        if not line.startswith("{"):
            digest, _, entry = line.partition(" ")
            assert hashlib.sha256(entry.encode()).hexdigest() == digest
    assert run("ledger", "export", "--output", "all.jsonl").exit_code == 0
    assert (folder / "all.jsonl").read_text(encoding="utf-8") == printed
    again = run("ledger", "export", "--output", "all.jsonl")
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    nowhere = run("ledger", "export", "--output", "no/where.jsonl")
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (1, True)


def test_an_export_that_fails_leaves_no_part_of_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Iterator[str]:
        yield "the first line"
        raise OSError(28, "No space left on device")

    before = sorted(folder.iterdir())
    monkeypatch.setattr("forecast.workspace._backup.export", broken)
    result = run("ledger", "export", "--output", "all.jsonl")
    assert result.exit_code == 1
    assert "all.jsonl: the export cannot be written: No space left on device" in result.stderr
    assert sorted(folder.iterdir()) == before


def test_an_export_stops_quietly_where_its_reader_has_enough(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "forecast", "ledger", "export"],
        stdout=writer, stderr=subprocess.PIPE, text=True, check=False, cwd=folder,
    )  # fmt: skip
    os.close(writer)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.usefixtures("folder")
def test_an_upgrade_that_is_not_due_does_nothing() -> None:
    assert "has form 0003 already" in run("ledger", "upgrade").stdout
    told = json.loads(run("ledger", "upgrade", "--json").stdout)
    assert told == {"from": "0003", "to": "0003", "copy": None}


def alerting(folder: Path) -> None:
    (folder / "forecast.toml").write_text(f"{WORKSPACE}\n[alerts]\ntroops = {{above = 0.1}}\n")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_alert_ends_with_3_and_one_line_of_json(folder: Path) -> None:
    alerting(folder)
    result = run("update", "--as-of", "2024-08-10")
    assert result.exit_code == 0  # it was above before
    (folder / "ledger.sqlite3").unlink()
    result = run("update", "--as-of", "2024-08-10", "--log", "log.jsonl", "--new-ledger")
    assert result.exit_code == 3
    alert = json.loads(result.stderr.splitlines()[-1])
    assert (alert["alert"], alert["event"], alert["items"]) == (
        "above",
        "troops",
        ["e1", "e2", "e3"],
    )
    assert result.stdout.startswith("Most changed ")
    document = json.loads(run("update", "--as-of", "2024-08-10", "--json").stdout)
    assert document["alerts"] == [alert]
    logged = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    told = [line["what"] for line in logged if line["what"] != "step"]
    assert told == ["begin", "run", "alert", "end"]


def test_update_as_json_gives_the_heads(folder: Path) -> None:
    document = json.loads(run("update", "--json").stdout)
    ((name, head),) = document["ledger"].items()
    assert name == document["runs"][0]["run"]
    assert run("ledger", "verify", "--head", head).exit_code == 0
    assert document["failures"] == {}
    assert folder.exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_ledger_that_cannot_be_reached_ends_with_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_LEDGER", "postgresql://me:h0rse@127.0.0.1:1/said")
    result = run("update", "--workspace", str(folder))
    assert result.exit_code == 1
    assert "the ledger cannot be read" in result.stderr
    assert "h0rse" not in result.stderr
    assert "Traceback" not in result.stderr


COMMANDS_ON_WHAT_IS_KEPT = [
    ["resolve", "troops", "--void"],
    ["score"],
    ["ledger", "verify"],
    ["schema"],
]


def test_commands_that_estimate_nothing_import_no_pymc(folder: Path) -> None:
    probe = (
        "import sys\nfrom forecast.cli.main import cli\n"
        f"for words in {COMMANDS_ON_WHAT_IS_KEPT}:\n"
        "    cli(words, standalone_mode=False)\n"
        "print([n for n in ('pymc', 'pytensor', 'numba', 'nutpie') if n in sys.modules])\n"
        "cli(['report'], standalone_mode=False)\n"
        "cli(['show', 'troops'], standalone_mode=False)\n"  # asks draws: kernels, and no model
        "print([n for n in ('pymc', 'pytensor', 'nutpie') if n in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=folder
    )
    assert [line for line in done.stdout.splitlines() if line.startswith("[")] == ["[]", "[]"]


def test_the_report_is_written_where_it_is_asked_for(folder: Path) -> None:
    told = run("report")
    assert told.exit_code == 0
    assert told.stdout.startswith("Wrote report.html (")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "A pact and what follows" in page
    named = json.loads(run("report", "--json", "--output", "other.html").stdout)
    assert named == {"file": "other.html", "bytes": len(page.encode())}
    assert (folder / "other.html").read_text(encoding="utf-8") == page


def test_a_report_that_cannot_be_is_bad_input(folder: Path) -> None:
    told = run("report", "--output", str(folder / "none" / "page.html"))
    assert told.exit_code == 2
    assert "its folder is not there" in told.stderr
    empty = run("report", "--workspace", str(folder / "posteriors"))
    assert empty.exit_code == 2
    assert "there is no workspace here" in empty.stderr


def test_an_update_tells_of_the_report_that_the_workspace_names(folder: Path) -> None:
    toml = folder / "forecast.toml"
    toml.write_text(f'{toml.read_text()}\n[report]\nfile = "page.html"\n')
    assert run("update").stdout.splitlines()[-1] == "Report: page.html"
    assert json.loads(run("update", "--json").stdout)["report"] == "page.html"
    assert (folder / "page.html").is_file()
