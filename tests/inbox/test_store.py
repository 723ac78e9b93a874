"""Drafts and decisions on disk."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox._store import DRAFTS, SUGGESTIONS, Decision, Inbox, Suggestion

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


def a_draft(title: str) -> Draft:
    return Draft(draft_id("feed.xml", {"title": title}), NOON, "feed.xml", "rss", title=title)


def test_a_draft_comes_back_as_it_went_in(tmp_path: Path) -> None:
    full = Draft(
        "d1", NOON, "feed.xml", "ucdp", "A", "b\nc", "https://x.org", "X", "Y", "en", NOON,
        "1 July",
        date(2024, 6, 1), date(2024, 6, 2), {"fatalities": "3"}, ("the day was read as US",),
    )  # fmt: skip
    Inbox(tmp_path).add([full, a_draft("plain")])
    assert Inbox(tmp_path).drafts() == [full, a_draft("plain")]


def test_the_same_entry_twice_is_one_draft(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    assert inbox.add([a_draft("one"), a_draft("one")]) == [a_draft("one")]
    assert inbox.add([a_draft("one"), a_draft("two")]) == [a_draft("two")]


def test_what_is_decided_no_longer_waits(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    one, two = inbox.add([a_draft("one"), a_draft("two")])
    inbox.decide([Decision(one.id, "skipped", "ann", NOON, why="old news")])
    assert inbox.waiting() == [two]
    assert inbox.decisions()[0].why == "old news"


def test_a_line_that_a_crash_cut_off_is_passed_over_and_the_next_entry_stands_alone(
    tmp_path: Path,
) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([a_draft("one")])
    with (tmp_path / DRAFTS).open("ab") as file:
        file.write(b'{"id": "d9", "rec')
    assert inbox.drafts() == [a_draft("one")]
    inbox.add([a_draft("two")])
    assert inbox.drafts() == [a_draft("one"), a_draft("two")]


def test_a_spoiled_line_is_a_fault_with_its_number(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([a_draft("one")])
    (tmp_path / DRAFTS).write_text('{"id": 3}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"drafts\.jsonl:1: is not an entry of the inbox"):
        inbox.drafts()


def test_what_an_assistant_proposes_comes_back_in_order_and_decides_nothing(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    (one,) = inbox.add([a_draft("one")])
    rows = ({"event": "pact", "claim": "on"}, {"event": "troops", "text": "a\nb"})
    first = Suggestion(one.id, "ada", NOON, rows, "two claims")
    later = Suggestion(one.id, "bob", NOON, ({"event": "pact"},))
    inbox.suggest([first])
    inbox.suggest([later])
    assert Inbox(tmp_path).suggestions() == [first, later]
    assert inbox.waiting() == [one]
    (tmp_path / SUGGESTIONS).write_text('{"draft": "d1"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"proposals\.jsonl:1: is not an entry"):
        inbox.suggestions()


def test_what_is_reopened_waits_again_until_it_is_decided_anew(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    (one,) = inbox.add([a_draft("one")])
    inbox.decide([Decision(one.id, "skipped", "ann", NOON)])
    inbox.decide([Decision(one.id, "reopened", "bob", NOON)])
    assert inbox.waiting() == [one]
    assert inbox.standing() == {}
    inbox.decide([Decision(one.id, "merged", "eve", NOON, items=("e1",))])
    assert inbox.waiting() == []
    assert inbox.standing()[one.id].by == "eve"


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / DRAFTS).mkdir()
    with pytest.raises(InputError, match=r"drafts\.jsonl: is not a file"):
        Inbox(tmp_path).drafts()
