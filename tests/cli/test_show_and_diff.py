"""``forecast show`` with reasons and conditions, and ``forecast diff``: what they print."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from forecast.probability import CLEAR, error, percent, span
from forecast.report._words import odds_error
from tests.workspace.samples import NETWORK, WORKSPACE, write_workspace

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
    result = run(folder, "show", "troops")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for heading in (
        "Curve",
        "What moved it, in order of publication: what it multiplied the odds by, and by",
        "What it leans on: the forecast with one uncertain number in the lowest and in",
        "What to watch next: how probable the news is, and the forecast then and if not",
    ):
        assert heading in lines
    start = next(n for n, line in enumerate(lines) if line.endswith("Before any evidence"))
    assert lines[start - 1].split() == ["odds", "points"]
    assert lines[start + 1].endswith("Time passed, and nothing was seen to happen")
    said = next(line for line in lines if line.startswith("2024-05-01  "))
    odds, points, *words = said.split()[1:]
    assert odds.startswith("×")
    assert points.startswith("+")
    assert " ".join(words) == "The Gazette: says on [e1]"
    assert any(line.startswith("base rate of “Troops deploy”") for line in lines)
    told = json.loads(run(folder, "show", "troops", "--json").stdout)["why"]
    assert (told["by"], told["notes"]) == (BY, {})
    assert [step["item"] for step in told["moved"]][:2] == ["(prior)", "(time alone)"]
    assert told["moved"][0]["kind"] is None
    step = next(step for step in told["moved"] if step["item"] == "e1")
    assert (step["kind"], step["source"], step["says"]) == ("report", "The Gazette", "says on")
    assert {"parameter", "label", "number", "share", "low", "high"} <= set(told["leans"][0])
    assert {"event", "source", "says_on", "if_on", "if_off"} <= set(told["watch"][0])


def test_reasons_have_their_errors_where_these_are_asked_for(folder: Path) -> None:
    shown, asked = run(folder, "show", "troops"), run(folder, "show", "troops", "--errors")
    assert "±" not in shown.stdout
    lines = asked.stdout.splitlines()
    head = next(n for n, line in enumerate(lines) if line.split() == ["odds", "±", "points"])
    assert max(map(len, lines[head:])) <= 80
    told = json.loads(run(folder, "show", "troops", "--json").stdout)["why"]
    said = next(line for line in lines if line.startswith("2024-05-01  "))
    mcse = next(step["in_order_mcse"] for step in told["moved"] if step["item"] == "e1")
    assert said.split()[2] == odds_error(mcse)
    start = next(n for n, line in enumerate(lines) if line.startswith("news  "))
    assert lines[start].split() == ["news", "chance", "±", "then", "±", "if", "not", "±"]
    watch = told["watch"][0]
    row = next(line for line in lines[start + 1 :] if "±" in line)
    errors = [error(watch[f"{name}_mcse"]) for name in ("says_on", "if_on", "if_off")]
    assert row.split()[-5::2] == errors
    assert watch["change"] >= CLEAR * watch["change_mcse"] > 0


def test_an_observation_shows_what_was_seen(folder: Path) -> None:
    lines = run(folder, "show", "pact").stdout.splitlines()
    row = next(line for line in lines if line.startswith("e2"))
    assert row.endswith("observed to be off")


def test_text_from_files_reaches_no_terminal_as_it_is(tmp_path: Path) -> None:
    said = "news\x1b[31m \u202eevil" + " and so on" * 30
    rows = "id,published,kind,event,source,claim,text\n"
    rows += f"e1,2024-05-01,report,troops,gazette,on,{said}\n"
    network = NETWORK.replace("The Gazette", "The \u202eGazette").replace(
        "title: Troops deploy", "title: Troops \u202edeploy in such numbers " + "again " * 20
    )
    files = {"evidence/items.csv": rows, "priors/tiny.yaml": network}
    made = write_workspace(tmp_path, files)
    assert run(made, "update", "--force").exit_code == 0
    shown = run(made, "show", "troops").stdout
    assert r"news\x1b[31m \u202eevil and so on" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "…”" in shown
    reasons = shown[shown.index("What moved it") :]
    assert max(map(len, reasons.splitlines())) <= 80


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
    assert re.search(r"^Troops deploy +by 2024-12-31", text, re.MULTILINE)
    assert "What moved Troops deploy by 2024-12-31" in text
    steps = text[text.index("What moved Troops") :].splitlines()
    by_ids = run(folder, "diff", "2024-07-01", "last", "--explain", "0", "--ids").stdout
    assert re.search(r"^troops +by 2024-12-31", by_ids, re.MULTILINE)
    assert "Troops deploy" not in by_ids
    assert any(line.endswith("The run before") for line in steps)
    assert any(line.endswith("The Gazette: says off [e3]") for line in steps)
    assert max(map(len, steps)) <= 80
    assert any(line.split()[:2] == ["e3", "new"] for line in text.splitlines())
    (reason,) = json.loads(run(folder, "diff", "1", "2", "--explain", "1", "--json").stdout)[
        "reasons"
    ]
    assert (reason["event"], reason["by"], reason["note"]) == ("troops", BY, "")
    assert reason["steps"][0]["item"] == "(before)"
    assert next(s["says"] for s in reason["steps"] if s["item"] == "e3") == "says off"
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
    assert span(0.001, 0.002) == "<1%"
    assert span(0.062, 0.49) == "6.2–49%"


def test_a_forecast_of_fixed_numbers_is_called_so_wherever_its_interval_would_stand(
    tmp_path: Path,
) -> None:
    """Beside one of an uncertain rate, which has its interval."""
    network = """\
name: tiny
start: 2024-01-01
horizon: 2024-12-31
events:
  sure: {kind: onset, rate: 40% within 1 year}
  unsure: {kind: onset, rate: "40% [20%, 60%] within 1 year"}
"""
    rows = "id,published,kind,event,state\ne1,2024-06-01,observation,unsure,off\n"
    made = write_workspace(tmp_path, {"priors/tiny.yaml": network, "evidence/items.csv": rows})
    table = run(made, "update", "--force", "--errors").stdout
    assert '"fixed" where none of them bears on the forecast' in table
    left = 0.6 ** (184 / 366)  # of a year without it, from the end of 1 July
    (told,) = (line.split() for line in table.splitlines() if line.startswith("sure "))
    assert told[2:5] == [percent(1 - left), "±0.0", "fixed"]
    for arguments in (("show", "sure"), ("show", "sure", "--given", "not:unsure")):
        lines = run(made, *arguments).stdout.splitlines()
        assert any(re.search(r"\d%  +fixed\b", line) for line in lines), arguments
    page = made / "page.html"
    assert run(made, "report", "--output", str(page)).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert '<span class="span">fixed</span>' in text
    assert text.count('<span class="span">fixed</span>') < text.count('<span class="span">')
