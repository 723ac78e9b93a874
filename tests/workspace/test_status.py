"""Where a workspace stands: what is new since its last run, what is asked, and what waits."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast.workspace._update as module
from forecast.cli.main import cli
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox._store import Inbox
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._settings import Request
from forecast.workspace._status import NetworkStatus, status
from forecast.workspace._update import update
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, FakePosterior, write_workspace

QUESTIONS = """\
id,event,deadline,opened,wording,outcome,resolved
soon,troops,2024-09-30,2024-01-01,Troops by autumn?,,
late,troops,2024-12-31,2024-01-01,Troops this year?,,
past,troops,2024-05-31,2024-01-01,Troops by May?,,
known,pact,2024-05-31,2024-01-01,A pact by May?,no,2024-06-01
"""
NOW = datetime(2024, 7, 1, tzinfo=UTC)


pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace whose estimates are made up."""

    def estimate(inputs, settings):
        return FakePosterior(inputs.network, inputs.evidence, settings.as_of)

    monkeypatch.setattr(module, "_estimate", estimate)
    toml = WORKSPACE + "\n[alerts]\ntroops = {above = 0.3}\n"
    return write_workspace(tmp_path, {"forecast.toml": toml})


def only(folder: Path) -> NetworkStatus:
    (found,) = status(folder, NOW).networks
    return found


def test_what_was_never_run_is_stale(folder: Path) -> None:
    found = only(folder)
    assert (found.entry, found.is_stale, found.alerts) == (0, True, ())


def test_after_a_run_nothing_is_new(folder: Path) -> None:
    update(folder, Request())
    found = only(folder)
    assert not found.is_stale
    assert (found.entry, found.as_of) == (1, "2024-07-01")
    assert [(each.event, each.alert) for each in found.alerts] == [("troops", "above")]


def test_items_that_the_run_has_not_seen_are_counted_by_its_cut_off(folder: Path) -> None:
    update(folder, Request())
    more = (
        EVIDENCE
        + "e4,2024-06-20,report,troops,gazette,on,\ne5,2024-07-20,report,troops,gazette,on,\n"
    )
    (folder / "evidence/items.csv").write_text(more)
    found = only(folder)
    assert (found.new_items, found.lost_items, found.is_stale) == (1, 0, True)  # e5 is not out yet
    (folder / "evidence/items.csv").write_text(EVIDENCE.replace("e1,", "e0,"))
    found = only(folder)
    assert (found.new_items, found.lost_items) == (1, 1)


def test_a_changed_network_is_told(folder: Path) -> None:
    update(folder, Request())
    (folder / "priors/tiny.yaml").write_text(NETWORK.replace("5% [2%, 12%]", "6% [2%, 12%]"))
    found = only(folder)
    assert (found.changed, found.new_items, found.is_stale) == (True, 0, True)


def test_a_network_whose_time_is_over_is_not_stale(folder: Path) -> None:
    update(folder, Request())
    toml = (folder / "forecast.toml").read_text()
    (folder / "forecast.toml").write_text(
        toml.replace('as_of = "2024-07-01"', 'as_of = "2027-01-01"')
    )
    found = only(folder)
    assert "finished" in found.finished
    assert not found.is_stale


def test_questions_are_open_or_wait_for_an_answer(folder: Path) -> None:
    (folder / "questions.csv").write_text(QUESTIONS)
    found = status(folder, NOW)
    assert (found.questions_open, found.next_closing) == (("soon", "late"), "2024-09-30")
    assert found.unanswered == ("past",)


def test_what_answers_a_closed_question_is_told_as_it_is_accepted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = '  listed: {kind: state, rate: "1 per year", off_rate: "1 per year"}\nlinks:\n'
    (folder / "priors/tiny.yaml").write_text(NETWORK.replace("links:\n", state))
    more = "shut,listed,2024-06-15,2024-01-01,On the list?,,\nsigned,pact,2024-06-20,,,,\n"
    (folder / "questions.csv").write_text(QUESTIONS + more)
    (folder / "evidence/items.csv").write_text(
        "id,published,kind,event,source,claim,state\ne1,2024-06-10,observation,pact,,,on\n"
    )
    found = status(folder, NOW)
    assert (found.unanswered, found.answer_with) == (("past", "shut"), ("--on DATE", "--yes"))
    assert found.observed == (("signed", "2024-06-10"),)
    monkeypatch.chdir(folder)
    said = CliRunner().invoke(cli, ["status"]).output
    assert "'forecast resolve signed --on 2024-06-10'" in said


def test_what_is_recorded_is_news_to_the_last_run(folder: Path) -> None:
    update(folder, Request())
    resolve_event(folder, "pact", Statement(on="2024-06-20"))
    found = only(folder)
    assert (found.new_items, found.lost_items) == (1, 0)
    update(folder, Request())
    assert not only(folder).is_stale


def test_a_cut_off_in_the_file_before_that_of_the_last_run_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(folder, Request(as_of="2024-08-10"))  # which has seen e3, of August
    found = only(folder)
    assert (found.new_items, found.lost_items, found.behind) == (0, 0, "2024-07-01")
    assert not found.is_stale
    monkeypatch.chdir(folder)
    said = CliRunner().invoke(cli, ["status"]).output
    assert "2024-07-01, is earlier than that of this run: 'forecast update --as-of DATE'" in said
    assert "brings the forecasts up to date" not in said
    (folder / "evidence/items.csv").write_text(EVIDENCE.replace("e3,", "e4,"))
    assert only(folder).lost_items == 1


def test_drafts_that_wait_are_counted(folder: Path) -> None:
    assert status(folder, NOW).drafts == 0
    said = {"title": "Troops seen", "url": "https://example.org/1"}
    draft = Draft(draft_id("feed.xml", said), NOW, "feed.xml", "rss", **said)
    Inbox(folder / "inbox").add([draft])
    assert status(folder, NOW).drafts == 1


def test_the_command_by_itself_is_status_in_a_workspace(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(folder, Request())
    (folder / "questions.csv").write_text(QUESTIONS)
    monkeypatch.chdir(folder)
    alone, named = (CliRunner().invoke(cli, words) for words in ([], ["status"]))
    assert alone.exit_code == named.exit_code == 0
    assert alone.output == named.output
    assert "alert: late by 2024-12-31 is at 60% (above 0.3)" in named.output
    assert "forecast resolve past --on DATE', --no or --void" in named.output
    document = json.loads(CliRunner().invoke(cli, ["status", "--json"]).output)
    assert document["networks"][0] | {"network": "tiny", "stale": False} == document["networks"][0]
    assert set(document["unanswered"]) == {"soon", "late", "past"}  # these days are long gone


def test_elsewhere_it_shows_its_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(cli, [])
    assert found.exit_code == 0
    assert "Usage:" in found.output
