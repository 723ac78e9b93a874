"""Drafts put on file: all checked first, written in one step, found again after a crash."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

import forecast.workspace._filed as filed_module
from forecast.errors import ForecastError, InputError
from forecast.evidence import Report
from forecast.files._evidence_file import read_evidence
from forecast.inbox._draft import Draft
from forecast.inbox._store import Decision, Inbox
from forecast.ledger import ledger_address, open_ledger, read_run, run_heads
from forecast.workspace._choices import Choice, Filing, Merge, Skip
from forecast.workspace._contents import read_contents
from forecast.workspace._filed import inbox_of
from forecast.workspace._filing import accept, checked, decide
from forecast.workspace._settings import Request
from forecast.workspace._undoing import undo
from forecast.workspace._update import update
from tests.contract.repository import ROOT
from tests.workspace.inboxes import ROW, a_draft, with_drafts
from tests.workspace.samples import never_estimate, write_workspace

TALKS = a_draft("Talks begin", url="https://example.org/talks")
AGAIN = a_draft("Talks begin, says agency")
UNDATED = a_draft("Talks end", published=None, published_as="yesterday")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_drafts(tmp_path / "workspace", TALKS, AGAIN, UNDATED)


def filing(draft: Draft = TALKS, **more: str) -> Filing:
    return Filing(draft=draft.id, rows=({**ROW, "text": draft.title, **more},))


def items(folder: Path) -> Mapping[str, Report]:
    found = read_evidence(folder / "evidence" / "inbox.csv")
    return {item.id: item for item in found if isinstance(item, Report)}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def told(folder: Path, choices: Iterable[Choice]) -> str:
    return "\n".join(map(str, checked(folder, list(choices)).faults))


def test_an_accepted_draft_is_an_item_that_says_where_it_came_from(folder: Path) -> None:
    choice = Filing(
        draft=TALKS.id, rows=(ROW,), proposed={"event": "pact", "claim": "on"}, why="clear"
    )
    filed = accept(folder, [choice], by="ann")
    (item,) = items(folder).values()
    assert filed.items == {TALKS.id: (item.id,)}
    assert (item.published, item.event, item.claim) == (TALKS.published, "troops", "on")
    assert (item.draft, item.accepted_by, item.proposed) == (
        TALKS.id,
        "ann",
        "event=pact; claim=on",
    )
    assert item.recorded is not None
    assert item.recorded_instant <= datetime.now(UTC)
    (decision,) = inbox_of(folder).decisions()
    assert decision == filed.decisions[0]
    assert (decision.outcome, decision.items, decision.why) == ("accepted", (item.id,), "clear")
    assert inbox_of(folder).waiting() == [AGAIN, UNDATED]


def test_the_ledger_keeps_who_accepted_and_what_was_proposed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    choice = Filing(draft=TALKS.id, rows=(ROW,), proposed={"event": "pact"})
    filed = accept(folder, [choice], by="ann")
    update(folder, Request())
    with open_ledger(ledger_address(None, folder)) as ledger:
        (head,) = run_heads(ledger)
        _, run = read_run(ledger, head.entry)
    bodies = {each.item: json.loads(each.body) for each in run.evidence}
    mine = bodies.pop(filed.items[TALKS.id][0])
    assert (mine["draft"], mine["accepted_by"], mine["proposed"]) == (TALKS.id, "ann", "event=pact")
    assert bodies
    assert all("draft" not in body and "proposed" not in body for body in bodies.values())


def test_a_draft_may_become_two_items(folder: Path) -> None:
    rows = (ROW, {**ROW, "event": "pact", "claim": "off"})
    filed = accept(folder, [Filing(draft=TALKS.id, rows=rows)], by="ann")
    first, second = filed.items[TALKS.id]
    assert {items(folder)[first].event, items(folder)[second].event} == {"troops", "pact"}
    assert {item.draft for item in items(folder).values()} == {TALKS.id}


def test_a_second_acceptance_is_refused_and_names_the_item(folder: Path) -> None:
    filed = accept(folder, [filing()], by="ann")
    before = snapshot(folder)
    name = filed.items[TALKS.id][0]
    with pytest.raises(InputError, match=rf"on file already as item '{name}' \(.*inbox\.csv:2\)"):
        accept(folder, [filing()], by="bob")
    assert snapshot(folder) == before


def test_every_fault_is_told_with_its_draft_and_field_and_nothing_is_written(folder: Path) -> None:
    choices = [
        filing(TALKS, event="trops", claim="yes"),
        filing(UNDATED, source="gazet"),
        Skip(draft="d00"),
        Merge(draft=AGAIN.id, item="e9"),
    ]
    before = snapshot(folder)
    with pytest.raises(InputError) as caught:
        decide(folder, choices, by="ann")
    words = str(caught.value)
    assert f"draft {TALKS.id}: " in words
    assert "claim: must be on or off (got 'yes')" in words
    assert f"draft {UNDATED.id}: published: the draft does not say on which day" in words
    assert "but 'yesterday'" in words
    assert "source: unknown source (got 'gazet'). Did you mean 'gazette'?" in words
    assert "the inbox has no such draft (got 'd00')" in words
    assert "merge: no item on file has this id" in words
    assert snapshot(folder) == before


def test_a_day_that_nobody_stated_gives_one_fault_alone(folder: Path) -> None:
    faults = checked(folder, [filing(UNDATED)]).faults
    assert [fault.field for fault in faults] == ["published"]
    assert checked(folder, [filing(UNDATED, published="2024-06-21")]).faults == ()


def test_what_contradicts_the_evidence_elsewhere_is_refused(folder: Path) -> None:
    row = {"kind": "observation", "event": "pact", "onset_from": "2024-05-01", "text": "signed"}
    before = snapshot(folder)
    with pytest.raises(InputError, match="e2"):  # it says that the pact was off in June
        accept(folder, [filing(AGAIN), Filing(draft=TALKS.id, rows=(row,))], by="ann")
    assert snapshot(folder) == before


def test_a_workspace_with_a_fault_of_its_own_takes_nothing(folder: Path) -> None:
    bad = folder / "evidence" / "items.csv"
    bad.write_text(bad.read_text(encoding="utf-8").replace(",gazette,on", ",gazet,on"))
    before = snapshot(folder)
    with pytest.raises(InputError, match=r"items\.csv:2: item 'e1': source: unknown source"):
        accept(folder, [filing()], by="ann")
    assert snapshot(folder) == before


def test_new_warnings_alone_are_told(folder: Path) -> None:
    found = checked(folder, [filing(event="pact")])
    assert found.faults == ()
    assert any("moves no forecast of event 'pact'" in each.problem for each in found.warnings)
    assert len(found.items[TALKS.id]) == 1
    assert checked(folder, [filing()]).warnings == ()


def test_a_copy_may_name_the_draft_that_it_repeats(folder: Path) -> None:
    copy = filing(AGAIN, derived_from=TALKS.id)
    filed = accept(folder, [filing(), copy], by="ann")
    (first,), (second,) = filed.items[TALKS.id], filed.items[AGAIN.id]
    assert items(folder)[second].derived_from == (first,)
    later = filing(UNDATED, published="2024-06-22", derived_from=AGAIN.id)
    (third,) = accept(folder, [later], by="ann").items[UNDATED.id]
    assert items(folder)[third].derived_from == (second,)


def test_a_draft_may_correct_an_item_on_file(folder: Path) -> None:
    accept(folder, [filing(claim="off", retracts="e1")], by="ann")
    record = read_contents(folder).inputs[0].evidence.as_of("2024-07-01")
    assert "e1" in {item.id for item in record.retracted}


def test_a_copy_of_a_draft_that_is_not_on_file_is_refused(folder: Path) -> None:
    (fault,) = checked(folder, [filing(AGAIN, derived_from=TALKS.id)]).faults
    assert fault.field.endswith(": derived_from")
    assert f"names a draft that is not on file (got '{TALKS.id}'). Accept that one" in str(fault)


def test_what_accepting_writes_itself_cannot_be_forged(folder: Path) -> None:
    words = told(folder, [filing(accepted_by="the queen", recorded="2020-01-01")])
    assert "accepted_by: is written by accepting" in words
    assert "recorded: is written by accepting" in words


def test_an_unknown_column_is_told(folder: Path) -> None:
    assert "clam: unknown field. Did you mean 'claim'?" in told(folder, [filing(clam="on")])


def test_a_merged_draft_adds_nothing(folder: Path) -> None:
    accept(folder, [filing()], by="ann")
    evidence = snapshot(folder)["evidence/inbox.csv"]
    decide(folder, [Merge(draft=AGAIN.id, item=TALKS.id)], by="bob")
    decision = inbox_of(folder).decisions()[-1]
    assert (decision.outcome, decision.items) == ("merged", tuple(items(folder)))
    assert snapshot(folder)["evidence/inbox.csv"] == evidence


def test_a_draft_may_be_merged_with_one_that_is_accepted_in_the_same_step(folder: Path) -> None:
    copies = [Merge(draft=UNDATED.id, item=AGAIN.id), Merge(draft=AGAIN.id, item=TALKS.id)]
    assert checked(folder, [*copies, filing()]).faults == ()
    filed = decide(folder, [*copies, filing()], by="ann")
    assert [each.items for each in filed.decisions] == [tuple(items(folder))] * 3
    assert [each.outcome for each in filed.decisions] == ["merged", "merged", "accepted"]


def test_a_draft_may_be_merged_with_one_that_was_merged_before(folder: Path) -> None:
    accept(folder, [filing()], by="ann")
    decide(folder, [Merge(draft=AGAIN.id, item=TALKS.id)], by="ann")
    filed = decide(folder, [Merge(draft=UNDATED.id, item=AGAIN.id)], by="ann")
    assert filed.decisions[0].items == tuple(items(folder))


def test_a_copy_of_what_still_waits_says_to_accept_that_first(folder: Path) -> None:
    words = told(folder, [Merge(draft=AGAIN.id, item=TALKS.id)])
    assert f"merge: names a draft that is not on file (got '{TALKS.id}')" in words
    assert "Accept that draft first, or together with this; or skip this one." in words
    assert "merge: names the draft itself" in told(folder, [Merge(draft=TALKS.id, item=TALKS.id)])
    ring = [Merge(draft=AGAIN.id, item=TALKS.id), Merge(draft=TALKS.id, item=AGAIN.id)]
    assert told(folder, ring).count("names a draft that is not on file") == 2


def test_a_row_that_is_there_twice_is_refused(folder: Path) -> None:
    words = told(folder, [Filing(draft=TALKS.id, rows=(ROW, {**ROW, "notes": " "}))])
    assert "the same as row 1, and would count twice. Remove one." in words
    assert told(folder, [Filing(draft=TALKS.id, rows=(ROW, {**ROW, "notes": "b"}))]) == ""


def test_a_day_to_come_is_told_as_the_one_date_that_was_written(folder: Path) -> None:
    (fault,) = checked(folder, [filing(published="2200-11-25")]).faults
    assert (fault.field, fault.value) == ("published", "2200-11-25")
    assert fault.problem.startswith("is in the future")
    assert "speaks_of" in fault.remedy


def test_truth_values_are_on_and_off(folder: Path) -> None:
    for draft, claim in ((TALKS, True), (AGAIN, False)):
        choice = Filing(draft=draft.id, rows=({**ROW, "claim": claim},))  # type: ignore[dict-item]
        accept(folder, [choice], by="ann")
    claims = {item.draft: item.claim for item in items(folder).values()}
    assert claims == {TALKS.id: "on", AGAIN.id: "off"}


def test_what_was_skipped_says_so_until_it_is_reopened(folder: Path) -> None:
    decide(folder, [Skip(draft=TALKS.id, why="sport")], by="ann")
    assert "was skipped already, by ann on" in told(folder, [filing()])
    assert undo(folder, by="ann").draft == TALKS.id
    assert TALKS in inbox_of(folder).waiting()
    assert checked(folder, [filing()]).faults == ()


def test_two_decisions_on_one_draft_are_refused(folder: Path) -> None:
    assert "two decisions on one draft" in told(folder, [filing(), Skip(draft=TALKS.id)])


def test_nobody_cannot_decide(folder: Path) -> None:
    with pytest.raises(InputError, match="nobody is named"):
        accept(folder, [filing()], by=" \x1b ")


def test_hostile_text_is_kept_as_text(tmp_path: Path) -> None:
    hostile = a_draft("=HYPERLINK(1)\x1b[31m\u202e", "x", "https://x.org/=1")
    folder = with_drafts(tmp_path / "workspace", hostile)
    row = {**ROW, "text": hostile.title, "notes": "+1\n[bold]", "citation": "@x"}
    choice = Filing(draft=hostile.id, rows=(row,), proposed={"event": "=1"})
    accept(folder, [choice], by="=cmd()")
    (item,) = items(folder).values()
    assert item.text == "'=HYPERLINK(1)[31m"
    assert (item.notes, item.citation, item.accepted_by) == ("'+1\n[bold]", "'@x", "'=cmd()")
    text = (folder / "evidence" / "inbox.csv").read_text(encoding="utf-8")
    assert not any(character in text for character in "\x1b\u202e")


# Nothing is half done.


def test_a_file_that_cannot_be_written_leaves_everything(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(folder, [filing(AGAIN)], by="ann")
    before = snapshot(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ForecastError, match=r"inbox\.csv: cannot be written.*No space left"):
        accept(folder, [filing()], by="ann")
    assert snapshot(folder) == before


def test_an_inbox_that_cannot_be_used_is_told_without_a_traceback(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path / "workspace")
    (folder / "inbox").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(ForecastError, match="the inbox cannot be used: "):
        accept(folder, [filing()], by="ann")


def test_items_on_file_whose_decision_is_lost_are_found_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "decide", full)
        with pytest.raises(ForecastError, match="the decisions cannot be noted"):
            accept(folder, [filing()], by="ann")
    assert list(items(folder))
    assert inbox_of(folder).decisions() == []
    assert "on file already" in told(folder, [filing()])
    decide(folder, [Skip(draft=AGAIN.id)], by="bob")
    first, second = inbox_of(folder).decisions()
    assert (first.draft, first.outcome, first.by) == (TALKS.id, "accepted", "ann")
    assert first.items == tuple(items(folder))
    assert second.outcome == "skipped"
    decide(folder, [Skip(draft=UNDATED.id)], by="bob")
    assert len(inbox_of(folder).decisions()) == 3  # it is found once


KILLED = """
import os, sys
from pathlib import Path
import forecast.workspace._filing as filing
from tests.workspace.inboxes import ROW

filing.note = lambda *_: os._exit(9)
filing.accept(Path(sys.argv[1]), [filing.Filing(draft=sys.argv[2], rows=(ROW,))], by="ann")
"""


def test_a_process_killed_between_the_two_writes_neither_loses_nor_doubles(folder: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(folder), TALKS.id]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=False, env=environment, cwd=ROOT)  # noqa: S603  own code
    assert done.returncode == 9
    assert len(items(folder)) == 1
    with pytest.raises(InputError, match="on file already"):
        accept(folder, [filing()], by="ann")
    assert len(items(folder)) == 1
    assert undo(folder, TALKS.id, by="ann").outcome == "accepted"
    assert len(items(folder)) == 0


def test_of_two_who_accept_at_once_one_is_told_of_the_other(folder: Path) -> None:
    def attempt(name: str) -> str:
        try:
            accept(folder, [filing()], by=name)
        except InputError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(attempt, ["ann", "bob", "eve", "joe"]))
    assert ends.count("done") == 1
    assert sum("on file already" in end for end in ends) == 3
    assert len(items(folder)) == 1
    assert len(inbox_of(folder).decisions()) == 1


def test_many_who_accept_different_drafts_at_once_lose_nothing(tmp_path: Path) -> None:
    drafts = [a_draft(f"Number {n}") for n in range(8)]
    folder = with_drafts(tmp_path / "workspace", *drafts)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda draft: accept(folder, [filing(draft)], by="ann"), drafts))
    assert {item.draft for item in items(folder).values()} == {draft.id for draft in drafts}


def test_a_workspace_without_a_folder_of_evidence_says_so(tmp_path: Path) -> None:
    toml = '[workspace]\nnetworks = ["priors/tiny.yaml"]\nevidence = ["evidence/items.csv"]\n'
    folder = with_drafts(tmp_path / "workspace", TALKS, files={"forecast.toml": toml})
    with pytest.raises(InputError, match=r"forecast\.toml:3: workspace\.evidence: names no folder"):
        accept(folder, [filing()], by="ann")


# Taken back.


def test_an_accepted_item_that_no_run_has_seen_is_taken_out_of_its_file(folder: Path) -> None:
    accept(folder, [filing(AGAIN)], by="ann")
    before = snapshot(folder)["evidence/inbox.csv"]
    accept(folder, [filing(citation="https://example.org", notes="two\nlines")], by="ann")
    undone = undo(folder, TALKS.id, by="ann")
    assert (undone.outcome, len(undone.removed), undone.retracted) == ("accepted", 1, ())
    assert read_evidence(folder / "evidence/inbox.csv").items[0].draft == AGAIN.id
    assert len(items(folder)) == 1
    assert before.splitlines()[1].split(b",")[0] in snapshot(folder)["evidence/inbox.csv"]
    accept(folder, [filing()], by="ann")
    assert len(items(folder)) == 2


def test_an_accepted_item_that_a_run_has_seen_is_retracted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    (name,) = accept(folder, [filing()], by="ann").items[TALKS.id]
    update(folder, Request())
    undone = undo(folder, TALKS.id, by="bob", why="wrong event")
    assert (undone.removed, undone.retracted) == ((), (name,))
    record = read_contents(folder).inputs[0].evidence
    assert name in {item.id for item in record.as_of("2024-07-01").retracted}
    (word,) = (item for item in record if name in item.retracts)
    assert (word.published, word.notes) == (TALKS.published, "wrong event")  # it never was so
    assert word.recorded_instant >= record.item(name).recorded_instant
    (again,) = accept(folder, [filing(event="pact")], by="bob").items[TALKS.id]
    assert again != name


def test_an_item_that_another_repeats_is_retracted(folder: Path) -> None:
    filed = accept(folder, [filing(), filing(AGAIN, derived_from=TALKS.id)], by="ann")
    assert undo(folder, TALKS.id, by="ann").retracted == filed.items[TALKS.id]
    read_contents(folder)


def test_a_row_that_was_removed_by_hand_can_be_decided_anew(folder: Path) -> None:
    accept(folder, [filing()], by="ann")
    (folder / "evidence" / "inbox.csv").unlink()
    assert "was accepted already" in told(folder, [filing()])
    undone = undo(folder, TALKS.id, by="ann")
    assert (undone.removed, undone.retracted) == ((), ())
    assert checked(folder, [filing()]).faults == ()


def test_nothing_to_take_back_is_a_fault(folder: Path) -> None:
    with pytest.raises(InputError, match="nothing is decided on this draft"):
        undo(folder, by="ann")
    decide(folder, [Skip(draft=TALKS.id)], by="ann")
    undo(folder, TALKS.id, by="ann")
    with pytest.raises(InputError, match="nothing is decided"):
        undo(folder, TALKS.id, by="ann")


def test_the_newest_decision_that_stands_is_taken_back_first(folder: Path) -> None:
    for draft in (TALKS, AGAIN):
        decide(folder, [Skip(draft=draft.id)], by="ann")
    assert [undo(folder, by="ann").draft for _ in range(2)] == [AGAIN.id, TALKS.id]


def test_an_inbox_with_a_crashed_undo_finishes_it(folder: Path) -> None:
    (name,) = accept(folder, [filing()], by="ann").items[TALKS.id]
    lost = inbox_of(folder).decisions()[0]
    assert lost == Decision(TALKS.id, "accepted", "ann", lost.at, (name,))

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filed_module.Inbox, "decide", cut)
        with pytest.raises(KeyboardInterrupt):
            undo(folder, TALKS.id, by="ann")
    assert len(items(folder)) == 0
    assert undo(folder, TALKS.id, by="ann").outcome == "accepted"
    assert TALKS in inbox_of(folder).waiting()
