"""From a blank workspace and an article to a reviewed item and a new forecast, as a user types it.

The way of the page docs/inbox-review.md.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecast.inbox._draft import Draft, draft_id
from forecast.ledger import ledger_address, open_ledger, read_run, run_heads
from forecast.workspace._filed import inbox_of
from tests.cli.terminal import in_terminal
from tests.contract.repository import ROOT

ARTICLE = ROOT / "tests" / "data" / "inbox" / "tram_works.txt"
KEYS = ("f", "event=works_begin\r", "f", "source=courier\r", "f", "claim=on\r", "a")
"""What is proposed may change; what is meant does not."""


def run(*words: str, cwd: Path) -> str:
    command = [sys.executable, "-m", "forecast", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603  own command
        command, check=True, capture_output=True, text=True, cwd=cwd, env=environment
    )
    return done.stdout


def test_an_article_becomes_a_reviewed_item_and_a_new_forecast(tmp_path: Path) -> None:
    folder = tmp_path / "tram"
    run("init", str(folder), cwd=tmp_path)
    run("update", cwd=folder)
    title, _, text = ARTICLE.read_text(encoding="utf-8").partition("\n\n")
    url = "https://courier.example/tram-works"
    published = datetime.now(UTC) - timedelta(days=1)
    name = draft_id(ARTICLE.name, {"title": title, "text": text, "url": url})
    draft = Draft(
        name, datetime.now(UTC), ARTICLE.name, "text", title, text, url, published=published
    )
    inbox_of(folder).add([draft])

    screens = in_terminal(["inbox", "review", "--by", "ann"], KEYS, cwd=folder)
    assert "works_begin" in screens
    assert "1 accepted; 0 still wait. Now: forecast update" in screens
    run("check", cwd=folder)
    told = json.loads(run("update", "--json", cwd=folder))
    assert len(told["runs"]) == 1

    with open_ledger(ledger_address(None, folder)) as ledger:
        first, second = run_heads(ledger)
        before, after = (read_run(ledger, head.entry)[1] for head in (first, second))
    bodies = [json.loads(item.body) for item in after.evidence]
    (mine,) = [body for body in bodies if body.get("draft") == name]
    assert (mine["event"], mine["claim"], mine["accepted_by"]) == ("works_begin", "on", "ann")
    chances = [
        {forecast.event: forecast.probability for forecast in each.forecasts}["works_begin"]
        for each in (before, after)
    ]
    assert chances[0] != chances[1]
