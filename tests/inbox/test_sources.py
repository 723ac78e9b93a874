"""Who is proposed as the source, and why."""

import pytest

from forecast.inbox._sources import guess_sources
from tests.inbox.drafts import read


def proposed(*args: str, **more: str) -> list[str]:
    return [guess.value for guess in guess_sources(read(*args, **more))]


@pytest.mark.parametrize(
    "url",
    ["https://wireone.example/1", "http://www.wireone.example/1", "https://news.WireOne.example/1"],
)
def test_a_domain_is_that_of_its_subdomains_too(url: str) -> None:
    assert proposed("Ships in port", "", url) == ["wire_one"]


@pytest.mark.parametrize(
    "url", ["https://notwireone.example/1", "https://wireone.example.org/1", ""]
)
def test_a_domain_is_no_other_that_holds_its_letters(url: str) -> None:
    assert proposed("Ships in port", "", url) == []


def test_a_domain_of_two_sources_is_proposed_for_both() -> None:
    assert proposed("Ships in port", "", "https://mod.example/1") == [
        "ministry",
        "ministry_on_karsk",
    ]


def test_a_name_of_two_sources_is_told_to_be_of_several() -> None:
    guesses = guess_sources(read("General Abel: the strait is open"))
    assert {guess.value for guess in guesses} == {"ministry", "ministry_on_karsk"}
    assert all("others have that name" in guess.reason for guess in guesses)


def test_who_speaks_comes_before_who_prints_it() -> None:
    url = "https://wireone.example/1"
    text = "The strait is open, the defence ministry said on Monday."
    assert proposed("Strait open", text, url)[:2] == ["ministry", "wire_one"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Defence ministry denies that the strait is closed", ""),
        ("Strait is open - defence ministry", ""),
        ("Strait open", "According to the defence ministry, ships may pass."),
        ('국방부 "해협 봉쇄 없다"', ""),
        ("해협 개방", "국방부는 해협이 열려 있다고 16일 밝혔다."),
    ],
)
def test_a_speaker_is_read_from_words_of_saying(title: str, text: str) -> None:
    assert proposed(title, text)[:1] == ["ministry"]


@pytest.mark.parametrize(
    "text",
    [
        "Ships passed the defence ministry's quay without a word.",
        "Six men from the defence ministry are said to have left the port.",
        "A trader said that the defence ministry is slow.",
    ],
)
def test_who_is_only_spoken_of_does_not_speak(text: str) -> None:
    assert "ministry" not in proposed("Ships in port", text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Strait closed", "ORMEN, Oct 16 (Wire One) - The strait was closed on Wednesday."),
        ("Strait closed", "ORMEN, October 16. /Wire One/. The strait was closed on Wednesday."),
        ("Strait closed", "The strait was closed on Wednesday. (Wire One)"),
        ("Strait closed - Wire One", "The strait was closed on Wednesday."),
        ("Strait closed", "The strait was closed on Wednesday, Wire One reports."),
        ("Протоку закрито", "Протоку закрито, передає Провід."),
    ],
)
def test_an_agency_is_known_by_its_credit(title: str, text: str) -> None:
    assert proposed(title, text)[:1] == ["wire_one"]


def test_a_byline_names_a_source_and_not_whatever_it_mentions() -> None:
    assert proposed("Strait closed", byline="Wire One; staff") == ["wire_one"]
    assert proposed("Strait closed", byline="A friend of Wire One and of many other people") == []


def test_a_name_in_capitals_is_no_word_in_small_letters() -> None:
    assert proposed("Strait closed", "W1 reports that it is closed.") == ["wire_one"]
    assert proposed("Strait closed", "w1 reports that it is closed.") == []


@pytest.mark.parametrize(
    "text", ["Abels said so.", "General Abele said so.", "Wire Ones report it."]
)
def test_a_name_is_found_as_written_or_with_an_s(text: str) -> None:
    assert proposed("Strait closed", text) == (["wire_one"] if "Ones" in text else [])


def test_a_source_is_learned_from_what_was_filed_from_an_outlet() -> None:
    reading = read("Ships in port", outlet="The Quay")
    filed = {"the quay": {"ministry": 3, "wire_one": 1}}
    guesses = guess_sources(reading, filed)
    assert [guess.value for guess in guesses] == ["ministry", "wire_one"]
    assert guesses[0].reason == "3 of 4 accepted from this outlet were filed under it"
