"""A panel of twenty simulated units by the command line, from its files to its page."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from forecast.cli.main import cli

UNITS = [f"u{i:02d}" for i in range(20)]
NETWORK = """\
name: coups
title: Coups
start: 2024-01-01
horizon: 2025-06-30
units: units.csv
events:
  unrest:
    title: Mass unrest
    kind: state
    rate: 1 per year [0.5, 2]
    off_rate: 2 per year [1, 4]
    initially: 20% [10%, 40%]
  coup:
    title: A coup
    kind: onset
    rate: 0.05 per year [0.02, 0.1]
links:
  - {parent: unrest, child: coup, kind: multiplies, hazard_ratio: "x3 [1.5, 6]"}
types:
  press: {hit_rate: 60%, false_alarm_rate: 5%}
sources:
  wire: {type: press}
"""
SETTINGS = """\
[workspace]
networks = ["priors/coups.yaml"]
[forecast]
as_of = "2024-07-01"
deadlines = ["2024-12-31", "2025-06-30"]
draws = 1024
[report]
file = "page.html"
[alerts]
coup = { above = 0.5, by = "2025-06-30" }
"coup@u13" = { above = 0.01, by = "2024-12-31" }
"""


def simulated(folder: Path) -> None:
    """Write a workspace of twenty units, with reports of simulated unrest in some of them."""
    (folder / "priors").mkdir(parents=True)
    (folder / "evidence").mkdir()
    (folder / "priors" / "coups.yaml").write_text(NETWORK)
    rows = "".join(f"{unit},Unit {unit[1:]},\n" for unit in UNITS[1:])
    own = 'u00,Unit 00,"0.5 per year [0.3, 0.8]"\n'
    (folder / "priors" / "units.csv").write_text(f"unit,title,coup.rate\n{own}{rows}")
    (folder / "forecast.toml").write_text(SETTINGS)
    (folder / "questions.csv").write_text(
        "id,unit,event,deadline,wording\nq1,u13,coup,2024-12-31,A coup in unit 13?\n"
    )
    rng = np.random.default_rng(3)
    with (folder / "evidence" / "news.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "published", "kind", "unit", "event", "source", "claim"])
        for i, unit in enumerate(rng.choice(UNITS[:8], 12)):
            day = f"2024-0{rng.integers(2, 7)}-{rng.integers(1, 28):02d}"
            writer.writerow([f"i{i}", day, "report", unit, "unrest", "wire", "on"])


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A panel's workspace after its first update, whose output stands in ``first.txt``."""
    folder = tmp_path_factory.mktemp("panel") / "work"
    simulated(folder)
    done = run(folder, "update", "--new-ledger", "--jobs", "1")
    assert done.exit_code == 3, done.output  # an alert is raised
    (folder / "first.txt").write_text(done.stdout)
    (folder / "first.err").write_text(done.stderr)
    return folder


def run(folder: Path, *words: str):
    """Run a command in a workspace."""
    return CliRunner().invoke(cli, [*words, "--workspace", str(folder)])


def test_an_update_ranks_the_units_and_answers_questions(panel: Path) -> None:
    """The question first, then of each event the ten most probable units."""
    told = (panel / "first.txt").read_text()
    assert re.search(r"2024-12-31 .* A coup in unit 13\?", told)
    assert "coup: the 10 most probable of 20 units" in told
    part = told.split("coup: the 10 most probable")[1].split("units (")[1]
    ranked = re.findall(r"^(u\d\d) ", part, re.MULTILINE)
    assert len(ranked) == 10
    assert ranked[0] == "u00"  # its own rate is ten times the others'
    alerts = [json.loads(x) for x in (panel / "first.err").read_text().splitlines() if x[0] == "{"]
    assert {alert["event"] for alert in alerts} == {"coup@u00", "coup@u13"}


def test_the_ledger_has_a_forecast_of_each_unit_and_event(panel: Path) -> None:
    """At each deadline, with the question's own among them."""
    again = run(panel, "update", "--json", "--jobs", "1")
    forecasts = json.loads(again.stdout)["runs"][0]["forecasts"]
    assert len(forecasts) == len(UNITS) * 2 * 2
    asked = [f for f in forecasts if f.get("question")]
    assert [(f["event"], f["question"]) for f in asked] == [("coup@u13", "q1")]
    shown = run(panel, "show", "coup@u07")
    assert shown.exit_code == 0
    assert "coup@u07" in shown.stdout
    unknown = run(panel, "show", "coup@u077")
    assert unknown.exit_code != 0
    assert "Did you mean 'coup@u0" in unknown.stderr


def test_the_page_ranks_all_units_and_details_a_few(panel: Path) -> None:
    """Twenty rows an event, no link that leads nowhere, sections for units with news alone."""
    page = (panel / "page.html").read_text()
    first = page.index('<details class="ranking" open>')
    table = page[first : page.index("</details>", first)]
    assert "A coup by 30 June 2025: 20 units" in table
    assert table.count('<th scope="row">') == len(UNITS)
    places = [int(x) for x in re.findall(r'<td class="n" data-value="(\d+)">\1</td>\n<th', table)]
    assert places == list(range(1, 21))
    chances = [float(x) for x in re.findall(r'<td class="n p" data-value="([^"]+)"', table)]
    assert chances == sorted(chances, reverse=True)
    there = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= there
    detailed = set(re.findall(r'<article id="coups-coup@(u\d\d)"', page))
    assert "u13" in detailed  # it is asked about, and has no evidence
    assert page.count("A coup in unit 13?</a>") == 1
    assert len(detailed) == 6


def test_an_outcome_is_recorded_by_unit(panel: Path) -> None:
    """By the event's whole name, or the question's."""
    done = run(panel, "resolve", "coup@u05", "--on", "2024-06-20")
    assert done.exit_code == 0, done.output


def test_all_faults_of_a_panels_workspace_come_in_one_go(tmp_path: Path) -> None:
    """Of evidence, of questions, and of alerts, each with its line."""
    simulated(tmp_path / "work")
    folder = tmp_path / "work"
    with (folder / "evidence" / "news.csv").open("a") as stream:
        stream.write("x,2024-05-01,report,u99,unrest,wire,on\n")
    with (folder / "questions.csv").open("a") as stream:
        stream.write("q2,u98,coup,2024-12-31,\n")
    text = (folder / "forecast.toml").read_text().replace("coup = {", "cuop = {")
    (folder / "forecast.toml").write_text(text)
    told = run(folder, "check").stderr.replace("\n", " ")
    assert "news.csv:14: item 'x': unit: unknown unit (got 'u99')" in told
    assert "questions.csv:3: question 'q2': unit: unknown unit (got 'u98')" in told
    assert "alerts.cuop" in told
