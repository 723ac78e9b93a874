"""Drafts handed out as a table and taken back: all of it or nothing, with line and column."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import forecast.workspace._waiting as waiting_module
from forecast.cli.main import cli
from forecast.evidence import Report
from forecast.files._evidence_file import read_evidence
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Guess, Kin, Proposal
from forecast.workspace._choices import Skip
from forecast.workspace._filed import inbox_of
from forecast.workspace._filing import decide
from tests.workspace.inboxes import JUNE, a_draft, with_drafts

MOVE = a_draft("Troops move", "=cmd() they were\nseen", "https://example.org/move")
FORMULA = a_draft('=HYPERLINK("https://evil.example")')
BARE = a_draft("Nobody knows", published=None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def proposed(drafts: Sequence[Draft], *_: object, **__: object) -> list[Proposal]:
        return [
            Proposal(
                draft.id,
                sources=(Guess("gazette", 0.9, "its outlet"),),
                events=(Guess("troops", 0.8, "-it says 'troops'"),),
                claims=(Guess("on", 0.7, "nothing denies it"),),
                kin=(Kin("e1", "duplicate", 0.5, "the same words", on_file=True),),
            )
            for draft in drafts
        ]

    monkeypatch.setattr(waiting_module, "propose", proposed)
    return with_drafts(tmp_path / "workspace", MOVE, FORMULA, BARE)


@pytest.fixture
def sheet(folder: Path) -> Path:
    file = folder / "waiting.csv"
    done = run(folder, "export", "--output", str(file))
    assert done.exit_code == 0, done.output
    return file


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["inbox", *words, "--workspace", str(folder)])


def rows_of(file: Path) -> dict[str, dict[str, str]]:
    text = file.read_text(encoding="utf-8-sig")
    return {row["draft"]: row for row in csv.DictReader(io.StringIO(text))}


def edited(file: Path, changes: dict[str, dict[str, str]], *more: dict[str, str]) -> Path:
    """Fill in the table as a spreadsheet would save it."""
    rows = rows_of(file)
    for name, cells in changes.items():
        rows[name] |= cells
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(next(iter(rows.values()))))
    writer.writeheader()
    writer.writerows([*rows.values(), *more])
    file.write_text(stream.getvalue(), encoding="utf-8-sig")
    return file


def reports(folder: Path) -> list[Report]:
    file = folder / "evidence" / "inbox.csv"
    found = list(read_evidence(file)) if file.exists() else []
    return [item for item in found if isinstance(item, Report)]


def test_a_row_is_filled_in_as_far_as_it_is_known(sheet: Path) -> None:
    row = rows_of(sheet)[MOVE.id]
    assert (row["decision"], row["event"], row["source"], row["claim"]) == (
        "", "troops", "gazette", "on",
    )  # fmt: skip
    assert row["published"] == "2024-06-20T09:30:00Z"
    assert "event troops: -it says 'troops'" in row["reasons"]
    assert row["copies"] == "e1 (duplicate): the same words"
    assert rows_of(sheet)[BARE.id]["missing"] == "published"


def test_no_cell_is_a_formula(sheet: Path) -> None:
    cells = [cell for row in rows_of(sheet).values() for cell in row.values()]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_what_was_accepted_is_as_the_table_says(folder: Path, sheet: Path) -> None:
    edited(sheet, {MOVE.id: {"decision": "Accept", "claim": "off", "notes": "as read"}})
    done = run(folder, "accept", str(sheet), "--by", "ann")
    assert done.exit_code == 0, done.output
    assert "1 accepted; 2 rows left blank. Added to" in done.output
    (item,) = reports(folder)
    assert (item.claim, item.notes, item.accepted_by) == ("off", "as read", "ann")
    assert item.proposed == "event=troops; source=gazette; claim=on"
    assert (item.citation, item.published) == ("https://example.org/move", JUNE)
    assert inbox_of(folder).waiting() == [FORMULA, BARE]


def test_apostrophes_are_undone_and_the_text_stays_inert(folder: Path, sheet: Path) -> None:
    edited(sheet, {FORMULA.id: {"decision": "accept"}})
    assert run(folder, "accept", str(sheet)).exit_code == 0
    (item,) = reports(folder)
    assert item.text == f"'{FORMULA.title}"  # one apostrophe, not two


def test_every_decision_may_stand_in_one_table(folder: Path, sheet: Path) -> None:
    edited(
        sheet,
        {
            MOVE.id: {"decision": "accept"},
            FORMULA.id: {"decision": "merge"},
            BARE.id: {"decision": "skip", "notes": "no day"},
        },
    )
    done = run(folder, "accept", str(sheet), "--json")
    told = json.loads(done.output)
    assert (told["accepted"], told["merged"], told["skipped"], told["blank"]) == (1, 1, 1, 0)
    decisions = {each.draft: each for each in inbox_of(folder).decisions()}
    assert decisions[FORMULA.id].items == ("e1",)
    assert decisions[BARE.id].why == "no day"


def test_two_rows_of_a_draft_become_two_items(folder: Path, sheet: Path) -> None:
    row = {**rows_of(sheet)[MOVE.id], "decision": "accept", "event": "pact", "claim": "off"}
    edited(sheet, {MOVE.id: {"decision": "accept"}}, row)
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 0, done.output
    assert {(item.event, item.claim) for item in reports(folder)} == {
        ("troops", "on"),
        ("pact", "off"),
    }


def test_a_draft_and_its_copy_may_be_decided_in_one_table(folder: Path, sheet: Path) -> None:
    edited(
        sheet,
        {
            MOVE.id: {"decision": "accept"},
            FORMULA.id: {"decision": "merge", "copy_of": MOVE.id},
        },
    )
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 0, done.output
    assert "1 accepted, 1 merged; 1 rows left blank." in done.output


def test_a_row_that_is_there_twice_is_told_with_both_lines(folder: Path, sheet: Path) -> None:
    edited(
        sheet, {MOVE.id: {"decision": "accept"}}, {**rows_of(sheet)[MOVE.id], "decision": "accept"}
    )
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 2
    assert "waiting.csv:5: the same as line 2, and would count twice. Remove one." in done.output


def test_a_date_that_may_be_two_is_told_with_its_line(folder: Path, sheet: Path) -> None:
    cells = {"decision": "accept", "published": "3/2/2024", "speaks_of": "24/11/2024"}
    edited(sheet, {FORMULA.id: cells})
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 2
    named = f"waiting.csv:3: draft {FORMULA.id}: "
    assert f"{named}published: may be 3 February 2024 or 2 March 2024" in done.output
    assert f"{named}speaks_of: is not a date in ISO 8601" in done.output


def test_all_faults_are_told_with_line_and_column_and_nothing_is_written(
    folder: Path, sheet: Path
) -> None:
    edited(
        sheet,
        {
            MOVE.id: {"decision": "accept", "event": "trops"},
            FORMULA.id: {"decision": "accept", "claim": "yes"},
            BARE.id: {"decision": "accept"},
        },
    )
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 2
    for line, words in (
        (2, "event: unknown event (got 'trops'). Did you mean 'troops'?"),
        (3, "claim: must be on or off (got 'yes')"),
        (4, "published: the draft does not say on which day it was published"),
    ):
        assert any(
            f"waiting.csv:{line}: " in told and words in told for told in done.output.splitlines()
        ), done.output
    assert reports(folder) == []
    assert inbox_of(folder).decisions() == []


def test_what_is_no_decision_is_told(folder: Path, sheet: Path) -> None:
    edited(
        sheet,
        {
            MOVE.id: {"decision": "acept"},
            FORMULA.id: {"decision": "merge", "copy_of": ""},
            BARE.id: {"draft": "", "decision": "skip"},
        },
    )
    told = run(folder, "accept", str(sheet)).output
    assert "waiting.csv:2: decision: is no decision (got 'acept'). Did you mean 'accept'?" in told
    assert "waiting.csv:3: copy_of: names nothing to be merged with" in told
    assert "waiting.csv:4: draft: names no draft" in told


def test_a_table_without_its_columns_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    told = run(folder, "accept", str(file)).output
    assert "the header lacks the column draft, decision" in told


def test_a_table_taken_back_twice_says_what_was_decided_before(folder: Path, sheet: Path) -> None:
    edited(sheet, {MOVE.id: {"decision": "accept"}})
    run(folder, "accept", str(sheet), "--by", "ann")
    edited(sheet, {BARE.id: {"decision": "skip"}})
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 0, done.output
    assert f"waiting.csv:2: draft {MOVE.id} was accepted by ann on" in done.output
    assert "the row was left aside" in done.output
    assert len(reports(folder)) == 1


def test_what_somebody_decided_meanwhile_is_told(folder: Path, sheet: Path) -> None:
    decide(folder, [Skip(draft=MOVE.id)], by="bob")
    edited(sheet, {MOVE.id: {"decision": "accept"}})
    done = run(folder, "accept", str(sheet))
    assert done.exit_code == 0
    assert "was skipped by bob" in done.output
    assert reports(folder) == []


def test_a_dry_run_writes_nothing(folder: Path, sheet: Path) -> None:
    edited(sheet, {MOVE.id: {"decision": "accept"}})
    done = run(folder, "accept", str(sheet), "--dry-run")
    assert "1 item could be added; nothing was written" in done.output
    assert reports(folder) == []
    edited(sheet, {MOVE.id: {"claim": "yes"}})
    assert run(folder, "accept", str(sheet), "--dry-run").exit_code == 2


def test_a_table_is_not_written_over_another(folder: Path, sheet: Path) -> None:
    before = sheet.read_bytes()
    done = run(folder, "export", "--output", str(sheet))
    assert done.exit_code == 2
    assert "is there already" in done.output
    assert sheet.read_bytes() == before


def test_without_a_file_the_table_goes_to_standard_output(folder: Path) -> None:
    done = run(folder, "export")
    assert done.output.startswith("draft,decision,copy_of,")


def test_what_is_handed_out_and_done_is_told_in_json_too(folder: Path) -> None:
    rows = {row["draft"]: row for row in json.loads(run(folder, "export", "--json").output)}
    assert rows[FORMULA.id]["text"] == FORMULA.title  # JSON knows no formulas
    assert json.loads(run(folder, "skip", MOVE.id, "--json").output) == {"skipped": [MOVE.id]}
    assert json.loads(run(folder, "undo", "--json").output) == {
        "draft": MOVE.id, "outcome": "skipped", "removed": [], "retracted": [],
    }  # fmt: skip


def test_skip_and_undo_by_id(folder: Path) -> None:
    assert f"{MOVE.id}: skipped." in run(folder, "skip", MOVE.id, "--by", "ann").output
    assert f"{MOVE.id} was skipped, and waits again." in run(folder, "undo").output
    done = run(folder, "undo", MOVE.id)
    assert done.exit_code == 2
    assert "nothing is decided on this draft" in done.output


def test_undo_tells_what_became_of_the_item(folder: Path, sheet: Path) -> None:
    edited(sheet, {MOVE.id: {"decision": "accept"}})
    run(folder, "accept", str(sheet))
    done = run(folder, "undo", MOVE.id, "--why", "wrong event")
    assert "taken out of the evidence; no run had seen it." in done.output
    assert inbox_of(folder).decisions()[-1].why == "wrong event"


def test_who_decides_may_be_named_in_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_BY", "eve")
    run(folder, "skip", MOVE.id)
    assert inbox_of(folder).decisions()[0].by == "eve"
