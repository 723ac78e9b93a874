"""A workspace with every form of an event, from its files to its page, as a user runs it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli

WORKSPACE = """\
[workspace]
networks = ["priors/forms.yaml"]
evidence = ["evidence/"]

[forecast]
deadlines = ["2024-12-31"]
draws = 1024

[report]
file = "report.html"
"""

NETWORK = """\
name: forms
start: 2024-06-01
horizon: 2025-06-30
events:
  deal:
    kind: onset
    ever: "45% [20%, 70%]"
    pace: "half of it within 4 months [2, 9]"
  troops:
    kind: onset
    title: Foreign troops fight
    rate: "20% [8%, 40%] within 6 months"
    known: "within 2 weeks [3 days, 2 months]"
  vote:
    kind: decision
    title: The vote
    on: 2024-11-05
    outcomes: {right: "47%", left: "48% [40%, 56%]", other: the rest}
  law:
    kind: decision
    on: deal
    outcomes: {passed: "60% [40%, 78%]", failed: the rest}
  raid:
    kind: repeated
    rate: "3 per year [1, 8]"
    up_to: 2
links:
  - {parent: vote.right, child: deal, kind: multiplies, hazard_ratio: "x2"}
  - {parent: troops, child: vote.left, kind: multiplies, odds_ratio: "x0.7 [0.5, 0.95]"}
types:
  press: {hit_rate: "70%", false_alarm_rate: "10%"}
sources:
  wire: {type: press}
"""

EVIDENCE = """\
id,published,kind,event,source,claim,state
e1,2024-06-20,report,troops,wire,on,
e2,2024-07-02,observation,raid,,,on
"""

NODES = [
    "deal",
    *("troops", "troops.confirmed"),
    *("vote.right", "vote.left", "vote.other"),
    *("law.passed", "law.failed"),
    *("raid", "raid.2"),
]


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_every_form_passes_from_the_files_to_the_page_and_the_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("forecast.toml", WORKSPACE),
        ("priors/forms.yaml", NETWORK),
        ("evidence/items.csv", EVIDENCE),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    warned, ok, over = run("check").splitlines()
    assert ok == "ok: forms: 5 events, 2 links, 2 items"
    assert over.startswith("note: forms: finished: its horizon, 2025-06-30, has passed by ")
    assert "events.vote.on: the decision fell by 2024-11-05, and no observation" in warned
    for day in ("2024-06-15", "2024-07-10"):
        run("update", "--as-of", day)

    shown = run("show", "troops.confirmed")
    assert "about: Foreign troops fight" in " ".join(shown.split())
    # What was estimated again from the ledger has the same draws, so reasons can be told.
    assert "What moved it" in run("show", "vote.left")
    assert "Ask for one of its outcomes: 'vote.left', 'vote.other', 'vote.right'" in run(
        "show", "vote", code=2
    )
    assert "troops.confirmed" in run("diff", "1", "3", "--ids")
    priors = run("priors", "priors/forms.yaml")
    assert re.findall(r"^\| `(.*?)`", priors, re.MULTILINE) == NODES
    assert "| ever 45% [20%, 70%], half of it within 4 months [2, 9] |" in priors

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    articles = re.findall(r'<article id="forms-(.*?)">', page)
    assert sorted(articles) == sorted(NODES)
    # What was stated as one stands together, in its order.
    place = articles.index("vote.right")
    assert articles[place : place + 3] == ["vote.right", "vote.left", "vote.other"]
    assert set(re.findall(r'href="#(.*?)"', page)) <= set(re.findall(r' id="(.*?)"', page))

    told = run("resolve", "vote.left", "--on", "2024-11-05").splitlines()
    assert told[0].startswith("vote.left: came on 2024-11-05.")
    assert [line.split(":")[0] for line in told[1:]] == ["vote.right", "vote.other"]
    assert all("cannot come any more" in line for line in told[1:])
    scored = json.loads(run("score", "--clock", "as-of", "--with-hindsight", "--json"))["questions"]
    assert {row["event"]: row["outcome"] for row in scored} == {
        "vote.left": 1,
        "vote.right": 0,
        "vote.other": 0,
    }
