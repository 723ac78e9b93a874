"""What is allowed and probably not meant is named, with the way to say what is meant."""

from itertools import pairwise
from typing import Any

import pytest

from forecast.errors import Fault
from forecast.evidence import Evidence, Item, LikelihoodRatio, Place
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.network import Event, Network, Source, SourceType
from tests.contract.repository import ROOT
from tests.evidence.samples import make, said

OUTLETS = ("wire", "paper_b", "paper_c", "paper_d")
NETWORK = Network(
    name="harbour",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[
        Event(id=name, kind="onset", public=False, rate="20% [10%, 35%] within 1 year")
        for name in ("ferry", "tanker")
    ],
    source_types=[SourceType(id="outlet", hit_rate="80%", false_alarm_rate="10%", check="5%")],
    sources=[Source(id=name, type="outlet") for name in (*OUTLETS, "official")],
)
STORY = {"citation": "https://example.org/story", "text": "The ferry has left the harbour"}


def story(name: str, source: str = "wire", published: str = "2024-06-01", **fields: Any) -> Item:
    return said(name, published, **{"event": "ferry", "source": source, **STORY, **fields})


def remarks(*items: Item) -> tuple[Fault, ...]:
    places = {item.id: Place("items.csv", line) for line, item in enumerate(items, start=2)}
    evidence = Evidence(items, places=places)
    evidence.check(NETWORK)
    return evidence.remarks(NETWORK)


def test_one_article_filed_five_times_is_named_once() -> None:
    rows = [story(f"r{k}", source) for k, source in enumerate((*OUTLETS, "wire"))]
    (remark,) = remarks(*rows)
    assert (remark.file, remark.line, remark.field) == ("items.csv", 6, "item 'r4': derived_from")
    for name in ("r0", "r1", "r2", "r3", "items.csv:2", "citation and text"):
        assert name in remark.problem
    for way in ("derived_from", "origin", "check: 1"):
        assert way in remark.remedy


@pytest.mark.parametrize(
    ("citation", "text"),
    [
        ("HTTPS://www.Example.org/story/", "Something else"),
        ("http://example.org/story?utm_source=feed", "Something else"),
        ("https://example.org:443/story", "Something else"),
        ("https://other.org/", "  the FERRY has\tleft the  harbour. "),
        ("", "“The ferry has left the harbour”"),
        ("https://example.org/story", ""),
    ],
)
def test_the_same_page_and_the_same_words_are_known_however_they_are_typed(
    citation: str, text: str
) -> None:
    other = story("s", "paper_b", "2024-06-03", citation=citation, text=text)
    assert len(remarks(story("r"), other)) == 1


def test_rows_that_say_the_same_without_a_page_or_words_are_known_by_all_else() -> None:
    bare = {"citation": "", "text": ""}
    assert len(remarks(story("r", **bare), story("s", **bare, notes="again"))) == 1
    assert remarks(story("r", **bare), story("s", "paper_b", **bare)) == ()
    assert remarks(story("r", **bare), story("s", published="2024-06-02", **bare)) == ()


@pytest.mark.parametrize(
    "other",
    [
        {"event": "tanker"},
        {"claim": "off"},
        {"speaks_of": "2024-12-31"},
        {"citation": "https://example.org/story#p2", "text": "The captain says so too"},
        {"check": 1},
        {"derived_from": ["r"]},
        {"published": "2024-06-02", "retracts": ["r"]},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_says_something_else_or_says_what_it_repeats_is_not_named(
    other: dict[str, Any],
) -> None:
    assert remarks(story("r"), story("s", "paper_b", **other)) == ()


def test_items_tied_by_derivation_are_one_however_far_apart() -> None:
    rows = [story(f"r{k}", source) for k, source in enumerate(OUTLETS)]
    chain = [row.model_copy(update={"derived_from": (by.id,)}) for by, row in pairwise(rows)]
    assert remarks(rows[0], *chain) == ()
    siblings = [row.model_copy(update={"derived_from": ("r0",)}) for row in rows[1:]]
    assert remarks(rows[0], *siblings) == ()
    root = story("root", "official", citation="", text="")
    heard = [row.model_copy(update={"derived_from": ("root",)}) for row in rows]
    assert remarks(root, *heard) == ()
    (remark,) = remarks(rows[0], chain[0], *rows[2:])
    assert "'r0'" in remark.problem
    assert "'r1'" not in remark.problem


def test_reports_of_one_unseen_origin_are_one_statement() -> None:
    rows = [story(f"r{k}", source, origin="official") for k, source in enumerate(OUTLETS)]
    assert remarks(*rows) == ()


def test_a_ratio_filed_twice_is_named_and_two_ratios_of_one_page_are_not() -> None:
    def ratio(name: str, worth: str) -> Item:
        fields = {"event": "ferry", "published": "2024-06-01", "likelihood_ratio": worth}
        return make(LikelihoodRatio, id=name, **fields, citation=STORY["citation"])

    (remark,) = remarks(ratio("a", "x2"), ratio("b", "x2"))
    assert "derived_from" not in remark.remedy  # it has no such field
    assert remarks(ratio("a", "x2"), ratio("b", "x1.5")) == ()


def test_an_item_that_no_forecast_can_see_is_named() -> None:
    late = story("r", published="2204-09-26", speaks_of="2024-09-26")
    (remark,) = remarks(late)
    assert "no forecast sees it" in remark.problem
    assert remark.value == "2204-09-26"


def test_an_item_published_at_the_last_instant_is_still_seen() -> None:
    about = {"speaks_of": "2024-12-31"}
    assert remarks(story("r", published="2025-01-01T00:00Z", **about)) == ()
    assert len(remarks(story("r", published="2025-01-01T00:01Z", **about))) == 1


def test_the_evidence_of_the_library_itself_gives_no_remark() -> None:
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = read_evidence(ROOT / "evidence")
    assert evidence.remarks(network) == ()
    unsaid = Evidence(
        i.model_copy(update={"check": None}) if i.id == "ev058" else i for i in evidence
    )
    assert len(unsaid.remarks(network)) == 1
