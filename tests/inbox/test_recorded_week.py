"""Floors of what is proposed for the recorded week; the measured values are in the benchmark."""

from collections import Counter

import pytest

from tests.inbox import recorded
from tests.inbox.recorded import HELD_OUT, Entry, proposals, week

EARLY = [entry for entry in week() if entry.day < HELD_OUT]
LATE = [entry for entry in week() if entry.day >= HELD_OUT]
PARTS = pytest.mark.parametrize("entries", [EARLY, LATE], ids=["looked at", "held out"])


def test_the_week_is_as_its_readme_says() -> None:
    kinds = Counter(entry.relation for entry in week())
    assert len(week()) == 189
    assert kinds == {
        "none": 100,
        "same_origin_as": 42,
        "copy_of": 33,
        "duplicate_of": 10,
        "corrects": 4,
    }
    assert len({entry.draft.id for entry in week()}) == 189
    assert sum(entry.draft.published is None for entry in week()) == 10


@PARTS
def test_copies_are_found_and_little_else_is_called_one(entries: list[Entry]) -> None:
    count = recorded.copies(entries, proposals())
    assert count.there >= 15
    assert count.precision >= 0.95, count.wrong
    assert count.recall >= 0.85, count.missed


def test_copies_are_found_after_each_day_was_decided() -> None:
    count = recorded.copies(week(), recorded.day_by_day())
    assert count.precision >= 0.95, count.wrong
    assert count.recall >= 0.85, count.missed


@PARTS
def test_the_first_source_is_mostly_the_one_of_the_key(entries: list[Entry]) -> None:
    count = recorded.guesses(entries, proposals(), "source")
    assert count.precision >= 0.75, count.wrong
    assert count.recall >= 0.75, count.missed
    assert recorded.guesses(entries, proposals(), "source", 3).recall >= 0.9


@PARTS
def test_shared_origins_are_mostly_right(entries: list[Entry]) -> None:
    count = recorded.origins(entries, proposals())
    assert count.precision >= 0.65, count.wrong
    assert count.recall >= 0.35, count.missed


@PARTS
def test_the_event_is_mostly_among_the_first_three(entries: list[Entry]) -> None:
    assert recorded.guesses(entries, proposals(), "event", 3).recall >= 0.7


def test_decisions_teach_which_event_is_meant() -> None:
    before = recorded.guesses(week(), proposals(), "event")
    after = recorded.guesses(week(), recorded.day_by_day(), "event")
    assert after.right >= before.right + 15


@PARTS
def test_unrelated_entries_mostly_get_no_event(entries: list[Entry]) -> None:
    right, there = recorded.rightly_none(entries, proposals(), "event")
    assert right >= 0.8 * there


def test_nothing_later_is_proposed_as_an_original() -> None:
    at = {entry.draft.id: entry.draft.published or entry.draft.received for entry in week()}
    for entry in week():
        for kin in proposals()[entry.name].kin:
            assert kin.on_file or at[kin.value] <= at[entry.draft.id], entry.name


def test_an_original_is_no_copy_itself() -> None:
    taken = {
        entry.draft.id: [k for k in proposals()[entry.name].kin if k.relation in recorded.TAKEN]
        for entry in week()
    }
    originals = {kin.value for found in taken.values() for kin in found if not kin.on_file}
    assert [name for name in originals if taken[name]] == []


def test_the_page_says_what_is_measured() -> None:
    page = (recorded.ROOT / "docs" / "inbox-proposals.md").read_text(encoding="utf-8")
    made = proposals()
    for name, count in {
        "copies and duplicates": recorded.copies(LATE, made),
        "shared origins": recorded.origins(LATE, made),
        "source, the first proposed": recorded.guesses(LATE, made, "source"),
        "source, one of the first three": recorded.guesses(LATE, made, "source", 3),
        "on or off": recorded.guesses(LATE, made, "claim"),
    }.items():
        right = f"{count.right} of {count.proposed} ({count.precision:.2f})"
        found = f"{count.right} of {count.there} ({count.recall:.2f})"
        assert f"| {name} | {right} | {found} |" in page
