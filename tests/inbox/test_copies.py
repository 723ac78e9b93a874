"""What a draft is proposed to repeat."""

from datetime import timedelta

import pytest

from forecast.evidence import Evidence
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Kin
from forecast.inbox._propose import propose
from forecast.inbox._reading import page_of
from tests.inbox.drafts import NOON, draft, network, report

STORY = (
    "ORMEN, Oct 16 (Wire One) - Grey hulls lay across the mouth of the strait on Wednesday, and "
    "pilots of nine freighters were told by radio to drop anchor and wait for orders. Nobody at "
    "the harbour office would say how long the wait might last."
)
HOUR = timedelta(hours=1)
FIRST = draft("Freighters told to wait", STORY, "https://wireone.example/world/1")


def kin_of(last: Draft, *earlier: Draft, evidence: Evidence | None = None) -> tuple[Kin, ...]:
    return propose([last], network(), evidence, others=earlier)[0].kin


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        STORY.replace("ORMEN, Oct 16 (Wire One) - ", ""),
        STORY.split(". Nobody", maxsplit=1)[0] + ".",
        STORY
        + " Fishermen on our own quay said that they had heard the guns of an exercise at night.",
        STORY.upper(),
    ],
    ids=["verbatim", "without dateline", "cut", "with a local sentence", "in capitals"],
)
def test_a_text_that_is_taken_over_is_a_copy(text: str) -> None:
    copy = draft("Ships at anchor", text, "https://quay.example/7", NOON + HOUR)
    (kin,) = kin_of(copy, FIRST)
    assert (kin.value, kin.relation, kin.on_file) == (FIRST.id, "derived_from", False)


def test_a_later_entry_is_never_the_original_of_an_earlier_one() -> None:
    copy = draft("Ships at anchor", STORY, "https://quay.example/7", NOON + HOUR)
    made = propose([copy, FIRST], network())
    assert made[1].kin == ()
    assert made[0].kin[0].value == FIRST.id


def test_a_chain_of_copies_leads_to_the_first() -> None:
    second = draft("Ships at anchor", STORY, "https://quay.example/7", NOON + HOUR)
    third = draft("Hulls in the strait", STORY, "https://dock.example/7", NOON + 2 * HOUR)
    assert [kin.value for kin in kin_of(third, FIRST, second)] == [FIRST.id]


def test_the_same_address_but_for_tracking_is_a_duplicate() -> None:
    url = "http://wireone.example/world/1/?utm_source=relay&fbclid=3#top"
    (kin,) = kin_of(draft("Freighters told to wait", "Read more", url, NOON + HOUR), FIRST)
    assert (kin.value, kin.relation) == (FIRST.id, "duplicate")


def test_the_same_text_of_the_same_outlet_is_a_duplicate() -> None:
    again = draft("Freighters told to wait", STORY, "https://wireone.example/world/2", NOON + HOUR)
    (kin,) = kin_of(again, FIRST)
    assert kin.relation == "duplicate"


def test_what_an_outlet_puts_under_everything_makes_no_copies() -> None:
    footer = (
        "Follow us on all channels and support our small newsroom with a monthly gift of yours."
    )
    openings = ["Rain fell", "A ferry sank", "Wheat is dear", "The mayor left", "Bells rang", "Ice"]
    drafts = [
        draft(each, f"{each} in Ormen. {footer}", f"https://quay.example/{n}", NOON + n * HOUR)
        for n, each in enumerate(openings)
    ]
    assert [made.kin for made in propose(drafts, network())] == [()] * len(drafts)


def test_a_headline_of_few_words_that_comes_back_is_no_copy() -> None:
    monday, tuesday = (
        draft("Weather in Ormen", "", f"https://quay.example/{n}", NOON + 24 * n * HOUR)
        for n in range(2)
    )
    assert kin_of(tuesday, monday) == ()


def test_a_correction_corrects_and_is_no_duplicate() -> None:
    text = STORY.replace("nine freighters", "seven freighters")
    url = "https://wireone.example/world/2"
    (kin,) = kin_of(draft("CORRECTED: Freighters told to wait", text, url, NOON + HOUR), FIRST)
    assert (kin.value, kin.relation) == (FIRST.id, "corrects")


def test_a_correction_of_an_entry_that_stands_twice_corrects_the_first() -> None:
    again = draft("Freighters told to wait", STORY, "https://wireone.example/world/2", NOON + HOUR)
    text, url = "Seven freighters, and not nine.", "https://wireone.example/world/3"
    late = draft("[Correction] Freighters told to wait", text, url, NOON + 2 * HOUR)
    assert [(kin.value, kin.relation) for kin in kin_of(late, FIRST, again)] == [
        (FIRST.id, "corrects")
    ]


def test_what_an_agency_is_said_to_report_is_a_copy_of_it() -> None:
    text = "Nine freighters wait at anchor before the strait of Ormen for orders, Wire One reports."
    late = draft("Freighters wait", text, "https://quay.example/8", NOON + HOUR)
    (kin,) = kin_of(late, FIRST)
    assert (kin.value, kin.relation) == (FIRST.id, "derived_from")
    assert '"Wire One"' in kin.reason


WAIT = "nine freighters wait at anchor before the strait of Ormen for orders by radio"


@pytest.mark.parametrize(
    "text",
    [
        f"Pilots told Wire One that {WAIT}.",
        f"Wire One said that {WAIT}.",
        f"Wire One: {WAIT}.",
        f"As first reported by Wire One, {WAIT}.",
        f"On Wednesday {WAIT}, according to Wire One.",
        f"W1에 따르면 {WAIT}.",
    ],
)
def test_an_agency_is_passed_on_in_many_words(text: str) -> None:
    quoting = FIRST.text.replace(
        "Nobody at the", "The defence ministry said no more. Nobody at the"
    )
    first = draft("Defence ministry: freighters wait", quoting, "https://wireone.example/world/1")
    (kin,) = kin_of(draft("", text, "https://quay.example/8", NOON + HOUR), first)
    assert (kin.value, kin.relation) == (first.id, "derived_from")


def test_a_ministry_that_speaks_for_itself_is_not_copied_from_its_page() -> None:
    page = draft("Statement", f"We see that {WAIT}.", "https://mod.example/1")
    late = draft(
        "",
        "Freighters, nine in all, wait for orders at Ormen's strait, the defence ministry said.",
        "https://quay.example/8",
        NOON + HOUR,
    )
    (kin,) = kin_of(late, page)
    assert kin.relation == "origin"


def test_what_an_agency_reports_on_another_subject_or_long_after_is_none() -> None:
    other = draft("Wheat", "The price of wheat fell again, Wire One reports.", "", NOON + HOUR)
    text = "Nine freighters wait at anchor before the strait of Ormen for orders, Wire One reports."
    late = draft("Freighters wait", text, "", NOON + timedelta(days=9))
    assert kin_of(other, FIRST) == ()
    assert kin_of(late, FIRST) == ()


def statement(outlet: str, text: str, at_hour: int) -> Draft:
    return draft("", text, f"https://{outlet}/{at_hour}", NOON + at_hour * HOUR)


def test_two_reports_of_one_statement_share_an_origin() -> None:
    one = statement(
        "wireone.example", "The defence ministry said 4200 sailors had reached Karsk.", 0
    )
    two = statement(
        "wiretwo.example", "Karsk now holds 4200 sailors, the defence ministry said.", 1
    )
    (made,) = propose([two], network(), others=[one])
    (kin,) = made.kin
    assert (kin.value, kin.relation, made.origin) == (one.id, "origin", "ministry")


def test_two_texts_that_share_a_quotation_share_an_origin() -> None:
    quote = '"We have seen the hulls and we will not look away this time"'
    one = statement(
        "wireone.example",
        f"{quote}, the defence ministry said in Ormen after a night of talks on dues.",
        0,
    )
    two = statement(
        "wiretwo.example",
        f"The defence ministry said at noon, to the surprise of its guests: {quote}.",
        1,
    )
    (kin,) = propose([two], network(), others=[one])[0].kin
    assert (kin.value, kin.relation) == (one.id, "origin")
    assert "We have seen" in kin.reason


def test_a_like_sounding_statement_days_later_is_none() -> None:
    one = statement(
        "wireone.example", "The defence ministry said 4200 sailors had reached Karsk.", 0
    )
    two = statement(
        "wiretwo.example", "Karsk now holds 4200 sailors, the defence ministry said.", 72
    )
    assert kin_of(two, one) == ()


def test_a_page_that_is_on_file_is_a_duplicate_of_its_item() -> None:
    item = report("blockade", "Freighters wait", "https://wireone.example/world/1")
    (kin,) = kin_of(FIRST, evidence=Evidence([item]))
    assert (kin.value, kin.relation, kin.on_file) == ("e1", "duplicate", True)


def test_a_report_of_a_statement_that_is_on_file_is_derived_from_its_item() -> None:
    item = report("blockade", "Defence ministry: 4200 sailors have reached Karsk")
    item = item.model_copy(update={"source": "ministry"})
    late = statement(
        "wiretwo.example", "Karsk now holds 4200 sailors, the defence ministry said.", 1
    )
    (made,) = propose([late], network(), Evidence([item]))
    assert [(kin.value, kin.relation, kin.on_file) for kin in made.kin] == [
        ("e1", "derived_from", True)
    ]
    assert made.origin == ""


def test_a_draft_without_a_date_is_no_original_of_a_dated_one() -> None:
    undated = draft("Ships at anchor", STORY, "https://quay.example/7", None)
    made = propose([FIRST, undated], network())
    assert made[0].kin == ()
    assert made[1].kin[0].value == FIRST.id


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.a.example/x/?id=2&utm_medium=rss", "http://a.example/x?id=2", True),
        ("https://m.a.example/x/amp/", "https://a.example/x", True),
        ("https://a.example/x?id=2", "https://a.example/x?id=3", False),
        ("https://a.example/x", "https://a.example/y", False),
    ],
)
def test_addresses_are_one_up_to_what_tracks_readers(one: str, other: str, same: bool) -> None:
    assert (page_of(one) == page_of(other)) is same


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://a.example",
        "https://a.example/",
        "no address",
        "http://[",
        "/x",
        "https://a.example/x?\ud800=1",
    ],
)
def test_what_is_the_address_of_no_page_is_no_address(url: str) -> None:
    assert page_of(url) == ""
