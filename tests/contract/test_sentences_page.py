"""The page from sentences to statements: its lines are read, and its figures follow from them."""

import re

import pytest

from forecast.evidence import Evidence
from forecast.evidence._all_remarks import remarks
from tests.contract.sentences_page import FIGURES, PAGE, Section, cases_of, made, page
from tests.tolerances import SHOWN

SOURCES, SECTIONS = page()
NAMES = [section.name for section in SECTIONS]
TEXT = PAGE.read_text(encoding="utf-8")


def figures(text: str) -> list[float]:
    """Return the percentages of a table as probabilities; `<1` is none, and `>99` is all."""
    shown = re.sub(r">99(?:\.\d)?%", "100%", re.sub(r"<[\d.]+", "0", text))
    cells = "|".join(line for line in shown.splitlines() if line.startswith("| `"))
    cells = re.sub(r"`[^`]*`|\b(?:on|as of) \d+ \w+ \d{4}", "", cells)
    return [float(number) / 100 for number in re.findall(r"\d+(?:\.\d+)?", cells)]


def test_twenty_sentences_each_have_their_picture() -> None:
    assert len(SECTIONS) == len(set(NAMES)) == 20
    assert len(re.findall(r"^> \".*\"$", TEXT, re.MULTILINE)) == len(SECTIONS)
    for name in NAMES:
        assert f"](figures/sentence_{name}.svg)" in TEXT
    assert {f"sentence_{name}.svg" for name in NAMES} == {
        file.name for file in FIGURES.glob("sentence_*.svg")
    }


def test_the_page_leads_to_its_own_sections() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in headings}
    assert set(re.findall(r"\(#([\w-]+)\)", TEXT)) <= anchors


@pytest.mark.parametrize("section", SECTIONS, ids=NAMES)
def test_the_lines_of_a_section_are_read_and_nothing_in_them_calls_for_a_warning(
    section: Section,
) -> None:
    network, items = section.read(SOURCES)
    named = {event.split(".")[0] for event in section.events}
    assert named <= {event.id for event in network.events}
    assert list(remarks(network, items or Evidence([]))) == []


@pytest.mark.parametrize("section", SECTIONS, ids=NAMES)
def test_the_figures_of_a_section_follow_from_its_lines(section: Section) -> None:
    now = made(section, cases_of(section, SOURCES))
    strip = re.compile(r"[<>]?\d[\d.]*")
    assert strip.sub("", section.made) == strip.sub("", now)
    told = figures(section.made)
    assert len(told) >= 3
    assert told == pytest.approx(figures(now), abs=SHOWN)
