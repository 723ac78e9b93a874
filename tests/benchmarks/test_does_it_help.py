"""docs/does-it-help.md shows the files of results, the bad figures too."""

import json
import re
from typing import Any

import numpy as np
import pytest

from benchmarks import crowd, does_it_help, record, replay
from benchmarks.does_it_help import Row
from benchmarks.marrow import page as marrow

SCREEN, COLUMNS = 28, 80
"""Rows and columns that a screen shows without scrolling."""


@pytest.mark.parametrize("name", does_it_help.BLOCKS)
def test_the_page_shows_what_is_kept(name: str) -> None:
    """Where this fails, a file of results has changed: ``python -m benchmarks.all pages``."""
    assert does_it_help.shown(name) == does_it_help.BLOCKS[name]()


def test_the_first_figures_on_the_page_are_the_replays_and_a_coins() -> None:
    text = does_it_help.PAGE.read_text(encoding="utf-8")
    kept = json.loads(replay.RESULT.read_text(encoding="utf-8"))
    loss = {row["forecaster"]: row["loss"] for row in kept["scores"] if row["rule"] != "brier"}
    assert loss["forecast"] > loss["coin"]
    first = next(line for line in text.splitlines() if re.search(r"\d\.\d", line))
    assert "worse than a coin" in first
    assert f"{loss['forecast']:.2f}" in first
    assert f"{loss['coin']:.2f}" in first


def test_every_comparison_is_in_the_table_with_the_best_of_the_others() -> None:
    """Against the files themselves: none left out because of how it came out."""
    found = does_it_help.rows()
    table = does_it_help.summary()
    assert len(table.splitlines()) == len(found) + 4 <= SCREEN
    assert width(table) <= COLUMNS
    for name in crowd.SETS:
        by = json.loads(crowd.RESULT.read_text(encoding="utf-8"))[name]["brier"]
        least = min(numbers[0] for method, numbers in by.items() if method != "bayesian")
        average = min(by[method][0] for method in does_it_help.AVERAGES)
        for other in (least, average):
            assert any((row.ours, row.theirs) == (by["bayesian"][0], other) for row in found)
    kept = record.kept(marrow.PART)
    for what, mean in kept["by_outcome"].items():
        of = [row for row in found if row.questions == f"marrow, {what}"]
        others = [loss for name, loss in mean["brier"].items() if not name.startswith("eventcast")]
        assert min(row.theirs for row in of) == min(others)
        assert mean["brier"]["cox"] in {row.theirs for row in of}


def width(table: str) -> int:
    """Return how wide a table is once it is set: its widest cells, and a blank between."""
    cells = [line.replace("*", "").strip("| ").split("|") for line in table.splitlines()]
    columns = zip(*(row for row in cells if "---" not in row[0]), strict=True)
    return sum(max(len(cell.strip()) for cell in column) + 1 for column in columns) - 1


def test_rows_name_every_event_that_was_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up file in the layout of the political events': the best of the others is named."""
    others = {"linked": (0.08, None), "apart": (0.07, [-0.01, -0.02, 0.0]),
              "logistic": (0.09, [0.01, 0.005, 0.02])}  # fmt: skip
    scored = {
        "state_years": 600, "came": 11, "states": 160,
        "forecasters": {name: {"logarithmic": {"loss": loss, "gain": gain}}
                        for name, (loss, gain) in others.items()},
    }  # fmt: skip
    events = {
        event: {"periods": {"1985-2010": scored, "2011-2014, as published": scored}}
        for event in does_it_help.EVENTS
    }
    kept = {"events": events, "forecasters": {name: name for name in others}}
    monkeypatch.setattr(does_it_help, "kept", lambda part: kept if "political" in part else {})
    names = {f"{name}{years}, log" for name in ("coups", "exits", "onsets")
             for years in ("", " 2011-14")}  # fmt: skip
    found = [row for row in does_it_help.rows() if row.questions in names]
    assert len(found) == len(names)
    assert width(does_it_help.summary()) <= COLUMNS
    assert {(row.other, row.theirs, row.verdict) for row in found} == {
        ("logit", 0.09, "**better**")
    }


@pytest.mark.parametrize(
    ("gain", "clusters", "verdict"),
    [
        ((0.1, 0.05, 0.2), 300, "**better**"),
        ((-0.1, -0.2, -0.05), 300, "**worse**"),
        ((-0.1, -0.2, -0.0), 300, "**worse**"),
        ((-0.1, -0.2, 0.05), 300, "unclear"),
        ((0.1, 0.05, 0.2), 4, "better?"),
    ],
)
def test_verdicts_follow_from_intervals(
    gain: tuple[float, float, float], clusters: int, verdict: str
) -> None:
    assert Row("q", "4", clusters, 0.3, 0.2, "coin", gain).verdict == verdict


def test_a_coins_loss_in_the_replay_is_one_half_on_the_days_that_a_question_was_open() -> None:
    kept: dict[str, Any] = json.loads(replay.RESULT.read_text(encoding="utf-8"))
    open_share = np.mean([row["open"] / row["scheduled"] for row in kept["questions"]])
    by = {(row["rule"], row["forecaster"]): row["loss"] for row in kept["scores"]}
    assert by["brier", "coin"] == pytest.approx(0.25 * open_share)
    assert by["logarithmic", "coin"] == pytest.approx(np.log(2) * open_share)


def test_the_figure_is_there_and_the_page_is_linked() -> None:
    root = does_it_help.ROOT
    assert (root / "docs" / "figures" / "does_it_help.svg").exists()
    for page in ("README.md", "docs/index.md", "docs/comparison.md"):
        assert "does-it-help" in (root / page).read_text(encoding="utf-8")
