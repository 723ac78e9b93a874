"""Drafts that wait, as Python has them: what may be given for one, and what is told otherwise."""

from pathlib import Path
from typing import Any

import pytest

import forecast as fc
from forecast.workspace._filed import inbox_of
from tests.workspace.inboxes import ROW, a_draft, with_drafts

TALKS, AGAIN = a_draft("Talks begin"), a_draft("Troops move on")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_drafts(tmp_path / "workspace", TALKS, AGAIN)


def test_a_draft_or_what_waits_stands_for_its_id(folder: Path) -> None:
    (waits,) = (each for each in fc.waiting(folder) if each.draft.id == AGAIN.id)
    fc.skip(folder, [TALKS, waits], by="ann")
    assert inbox_of(folder).waiting() == []


def test_true_and_false_are_on_and_off(folder: Path) -> None:
    filings = [
        each.filing(event="troops", source="gazette", claim=each.draft.id == TALKS.id)
        for each in fc.waiting(folder)
    ]
    claims = {each.draft: each.rows[0]["claim"] for each in filings}
    assert claims == {TALKS.id: "on", AGAIN.id: "off"}
    filed = fc.accept(folder, filings, by="ann")
    found = fc.read_evidence(folder / "evidence" / "inbox.csv")
    claim_of = {item.id: item.claim for item in found if isinstance(item, fc.Report)}
    (first,), (second,) = filed.items[TALKS.id], filed.items[AGAIN.id]
    assert (claim_of[first], claim_of[second]) == ("on", "off")


@pytest.mark.parametrize(
    ("drafts", "told"),
    [
        (TALKS.id, r"^drafts: is no list of drafts .* Give a list of their ids: fc\.skip"),
        (TALKS, r"^drafts: is no list of drafts \(got 'Draft'\)"),
        ([TALKS.id, 3], r"^drafts\.1: is none of the drafts to decide on \(got 'int'\)"),
    ],
)
def test_what_is_no_list_of_drafts_is_one_fault(folder: Path, drafts: Any, told: str) -> None:
    with pytest.raises(fc.InputError, match=told) as caught:
        fc.skip(folder, drafts, by="ann")
    assert len(caught.value.faults) == 1


def test_what_is_no_list_of_filings_says_how_to_make_one(folder: Path) -> None:
    one = fc.waiting(folder)[0]
    slips: list[Any] = [one, one.filing(**ROW), [one], None]
    for slip in slips:
        with pytest.raises(fc.InputError, match=r"fc\.accept\(folder, \[one\.filing\("):
            fc.accept(folder, slip, by="ann")
    assert len(inbox_of(folder).waiting()) == 2


def test_nobody_is_a_fault_that_says_how_to_name_one(folder: Path) -> None:
    nobody: Any = None
    with pytest.raises(fc.InputError, match=r"by: nobody is named .* in Python by='NAME'"):
        fc.skip(folder, [TALKS.id], by=nobody)
