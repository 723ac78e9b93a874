"""Whatever an assistant hands in is made a draft, or refused in words; no more changes."""

import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.assistant._desk import Desk
from forecast.errors import InputError
from forecast.workspace._filed import inbox_of
from forecast.workspace._sheet import ITEM
from tests.assistant.asked import REPORT, a_desk, changed, digests

NASTY = st.sampled_from(
    ["\x1b[31m", "\x00", "=1+1", "<b>", "../x", "\u202e", "\ud800", "; ", "\r\n", "\u200d"]
)
TEXT = st.one_of(st.text(), st.lists(st.one_of(NASTY, st.text(max_size=5))).map("".join))
CELLS = st.dictionaries(
    st.one_of(st.sampled_from(ITEM), st.text(max_size=10)),
    st.one_of(TEXT, st.integers(), st.floats(), st.sampled_from(["troops", "2024-06-20", "on"])),
    max_size=5,
)
DRAFTS = {"inbox/drafts.jsonl", "inbox/proposals.jsonl"}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    folder = Path(mkdtemp())
    yield a_desk(folder / "workspace")
    shutil.rmtree(folder)


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_any_article_is_an_inert_draft_or_is_refused(
    desk: Desk, title: str, text: str, url: str, outlet: str, published: str
) -> None:
    before = digests(desk.folder)
    shutil.rmtree(desk.folder / "inbox", ignore_errors=True)
    try:
        added = desk.add_draft(title, text, url, outlet, outlet, outlet, published, [], text)
    except InputError:  # it says nothing
        added = None
    assert changed(before, digests(desk.folder)) <= DRAFTS
    drafts = inbox_of(desk.folder).drafts()
    assert [each.id for each in drafts] == ([] if added is None else [added.draft])
    for draft in drafts:
        for part in (draft.title, draft.url, draft.outlet, draft.byline, draft.published_as):
            assert not any(map(steers, part))
        assert not any(map(steers, draft.text.replace("\n", "")))
        desk.proposals(draft.id).model_dump_json().encode()


def steers(character: str) -> bool:
    """Return whether a character may steer a terminal, or break a line or an encoding."""
    kind = unicodedata.category(character)
    return kind in {"Cc", "Cs", "Zl", "Zp"} or (kind == "Cf" and character not in "\u200c\u200d")


@given(st.lists(CELLS, max_size=3))
def test_any_rows_are_checked_or_refused_in_words(
    desk: Desk, rows: list[dict[str, str | int | float]]
) -> None:
    before = digests(desk.folder)
    stated = [{**REPORT, "published": "2024-06-20", **row} for row in rows]
    try:
        found = desk.check_items(stated)
    except InputError as error:
        words = str(error)
    else:
        words = "\n".join(found.faults)
        assert found.ok != bool(found.faults)
        found.model_dump_json().encode()
    assert not any(map(steers, words.replace("\n", "")))
    assert changed(before, digests(desk.folder)) == set()
