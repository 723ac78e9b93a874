"""A draft as a row of evidence: what is stated, what is proposed, what a person must say."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.inbox._draft import Draft
from forecast.inbox._prefill import MOST_WORDS, item_id, prefilled
from forecast.inbox._proposal import Guess, Kin, Proposal
from forecast.inbox._store import Suggestion
from forecast.network._base import ID_PATTERN

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
DRAFT = Draft(
    "d0123456789ab", NOON, "feed.xml", "rss", "Talks begin", "", "https://x.org/1", published=NOON
)
WHOLE = Proposal(
    DRAFT.id,
    sources=(Guess("gazette", 0.9, "its outlet"), Guess("post", 0.1, "")),
    events=(Guess("pact", 0.8, "it says 'talks'"), Guess("troops", 0.3, "")),
    claims=(Guess("on", 0.7, "it says 'begin'"),),
    days=(Guess("2024-06-30", 0.6, "it says 'yesterday'"),),
    origin="nis",
)


def test_the_best_of_each_proposal_fills_its_column() -> None:
    row = prefilled(DRAFT, WHOLE, {"nis", "gazette"})
    assert row.cells == {
        "published": "2024-07-01T12:00:00Z",
        "kind": "report",
        "event": "pact",
        "source": "gazette",
        "claim": "on",
        "speaks_of": "2024-06-30",
        "origin": "nis",
        "citation": "https://x.org/1",
        "text": "Talks begin",
    }
    assert row.missing == ()
    assert row.proposed == {
        "event": "pact",
        "source": "gazette",
        "claim": "on",
        "speaks_of": "2024-06-30",
        "origin": "nis",
    }


def test_without_a_proposal_a_person_fills_in_what_a_report_says() -> None:
    row = prefilled(Draft("d1", NOON, "a", "text", text="A long text"))
    assert row.missing == ("published", "event", "source", "claim")
    assert (row.cells["text"], row.proposed) == ("A long text", {})


def test_an_origin_that_the_network_has_not_is_left_out() -> None:
    assert "origin" not in prefilled(DRAFT, WHOLE).cells


def test_what_repeats_another_names_it_and_no_origin() -> None:
    kin = (
        Kin("e0", "duplicate", 0.9, "", on_file=True),
        Kin("e1", "derived_from", 0.8, "", on_file=True),
    )
    row = prefilled(DRAFT, Proposal(DRAFT.id, kin=kin, origin="nis"), {"nis"})
    assert row.cells["derived_from"] == "e1"
    assert "origin" not in row.cells


def test_a_day_that_is_that_of_publication_is_left_out() -> None:
    days = (Guess("2024-07-01", 0.9, "it says 'today'"),)
    assert "speaks_of" not in prefilled(DRAFT, Proposal(DRAFT.id, days=days)).cells


def test_the_days_of_a_table_are_what_it_speaks_of() -> None:
    happened = Draft("d1", NOON, "a", "acled", "x", happened_from=date(2024, 6, 1))
    assert prefilled(happened).cells["speaks_of"] == "2024-06-01"


def test_a_headline_is_one_line_without_controls_and_of_bounded_length() -> None:
    long = Draft("d1", NOON, "a", "text", title="a\x1b[1m\nb " * 500)
    text = prefilled(long).cells["text"]
    assert len(text) <= MOST_WORDS
    assert text.isprintable()


@given(
    st.dictionaries(st.sampled_from(["source", "published", "text", "kind"]), st.text()),
    st.text(),
    st.integers(0, 6),
)
def test_an_id_is_always_a_legal_one_that_is_not_taken(
    cells: dict[str, str], draft: str, others: int
) -> None:
    taken: set[str] = set()
    for _ in range(others):
        name = item_id(cells, draft, taken)
        assert re.fullmatch(ID_PATTERN, name)
        assert name not in taken
        taken.add(name)


@pytest.mark.parametrize("text", ["Войска", "", "—", "'=1"])
def test_an_id_does_without_words_that_it_cannot_have(text: str) -> None:
    cells = {"source": "gazette", "published": "2024-07-01", "text": text}
    assert item_id(cells, DRAFT.id, ()).startswith("gazette_20240701_")


def test_what_an_assistant_proposes_stands_in_place_of_the_guesses() -> None:
    rows = ({"event": "pact", "kind": "observation", "text": "Signed\x1b[31m"}, {"event": "war"})
    suggested = Suggestion(DRAFT.id, "ada", DRAFT.received, rows)
    guesses = Proposal(DRAFT.id, events=(Guess("troops", 0.9, "x"),), claims=(Guess("on", 1, "y"),))
    row = prefilled(DRAFT, guesses, (), suggested)
    assert [cells["event"] for cells in row.rows] == ["pact", "war"]
    assert "claim" not in row.cells
    assert row.cells["text"] == "Signed[31m"
    assert row.more[0]["text"] == prefilled(DRAFT).cells["text"]
    assert row.proposed == {"by": "ada", "event": "pact", "kind": "observation"}
    assert "source" not in row.missing  # an observation has none
