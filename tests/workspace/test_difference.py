"""What moved between two runs is told from the first to the second, with the errors of both."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast.workspace._difference as module
from forecast.cli.main import cli
from forecast.report._content import Reasons
from forecast.time import day_label
from forecast.workspace._difference import difference
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.test_alerts import runs, workspace


def test_a_forecast_that_rose_is_told_from_then_to_now_with_the_errors_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.99")
    runs(folder, monkeypatch, 0.25, 0.75)
    found = difference(folder, ("1", "2"), explained=0, tell=lambda _: None)
    assert [(m.event, m.then, m.now, m.change) for m in found.moved] == [
        ("pact", 0.25, 0.75, 0.5),
        ("troops", 0.25, 0.75, 0.5),
    ]
    assert [m.mcse for m in found.moved] == pytest.approx([2**0.5 * 0.001] * 2, rel=SAME_ALGEBRA)
    assert (found.only_before, found.only_after, found.settings) == ((), (), ())


QUESTIONS = """\
id,event,deadline
q1,pact,2024-06-30
q2,troops,2024-12-31
q3,troops,2024-02-20
"""


def test_each_event_is_explained_by_its_own_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.99")
    (folder / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    runs(folder, monkeypatch, 0.25, 0.75)

    def told(of_run, _before, events, _posteriors, figures):  # type: ignore[no-untyped-def]
        assert all(of_run.by == figure.deadline for e in events for figure in figures[e])
        return {event: Reasons(of_run.by, notes={"moved": "Not told."}) for event in events}

    monkeypatch.setattr(module, "changes_of", told)
    found = difference(folder, ("1", "2"), explained=5, tell=lambda _: None)
    assert {event: day_label(each.by) for event, each in found.reasons.items()} == {
        "pact": "2024-06-30",
        "troops": "2024-12-31",
    }
    one = difference(folder, ("1", "2"), explained=1, tell=lambda _: None)
    assert list(one.reasons) == ["pact"]


def test_a_question_that_went_is_told_by_its_day_and_not_as_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.99")
    (folder / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    runs(folder, monkeypatch, 0.25, 0.75)
    found = difference(folder, ("1", "2"), explained=0, tell=lambda _: None)
    assert (found.only_before, found.settings) == (("troops by 2024-02-20",), ())


def test_a_change_has_the_digits_that_the_table_gives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.99")
    runs(folder, monkeypatch, 0.31443, 0.31231)
    kept = difference(folder, ("1", "2"), explained=0, tell=lambda _: None)
    errors = [replace(each, then_mcse=0.0018, now_mcse=0.0015) for each in kept.moved]
    monkeypatch.setattr(module, "difference", lambda *_, **__: replace(kept, moved=tuple(errors)))
    asked = ["diff", "1", "2", "--explain", "0", "--workspace", str(folder)]
    row = CliRunner().invoke(cli, asked, catch_exceptions=False).stdout.splitlines()[4]
    assert row.split() == ["pact", "by", "2024-12-31", "31%", "31%", "-0.2"]
