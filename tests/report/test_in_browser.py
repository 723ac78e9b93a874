"""The page in a real browser: it shows, sorts, asks for nothing, and can be used by everybody."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from forecast.report import page
from forecast.report._content import PageContent
from forecast.visible import visible
from tests.report.browser import running_browser, watched_page
from tests.report.payloads import PAYLOADS
from tests.report.sample import (
    content,
    drawn,
    fifteen_questions,
    first_run,
    long_history,
    panel,
)

STRUCTURE = """() => [...document.querySelectorAll("*")]
    .filter((each) => !each.closest(".node .title, .node title, cite, code, q"))
    .map((each) => each.tagName + " " + each.getAttributeNames().sort().join(" "))"""
"""Every element with the names of its attributes; but titles in boxes take as many lines as they
need, each an element, and are told in full where that is not enough; and what stands for an item is
a link where its citation holds an address, which `test_page` looks at."""


def column(shown: Page, number: int) -> list[str]:
    cells = f".headline tbody tr > :nth-child({number + 1})"
    return [each.strip() for each in shown.locator(cells).all_inner_texts()]


def test_without_chromium_the_tests_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    told = pytest.raises(FileNotFoundError, match="apt-get install chromium fonts-dejavu-core")
    with told, running_browser():
        pass


def instead(payload: str, text: str) -> str:
    del text
    return payload


def numbers(texts: Sequence[str]) -> list[float]:
    return [float(each.split("%")[0].lstrip("<>")) for each in texts]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_shows_and_asks_for_nothing(
    browser: Browser, written: Path, width: int, dark: bool
) -> None:
    with watched_page(browser, width=width, dark=dark) as watched:
        watched.open(written)
        shown = watched.page
        assert shown.locator("h1").inner_text() == "A pact and what follows"
        assert shown.locator("article").count() == 6
        assert shown.locator("figure svg").count() == 11
        # Wide tables scroll in their own boxes, the page itself does not.
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        # What stands above a table is read without scrolling it.
        ends = "[...document.querySelectorAll('caption')].map(e => e.getBoundingClientRect().right)"
        assert max(shown.evaluate(ends)) <= width
        # The style is in force: were its hash wrong, the page would be white on every screen.
        paper = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(18, 22, 27)" if dark else "rgb(255, 255, 255)")
        shown.locator("[id=--made]").scroll_into_view_if_needed()
        assert watched.told == []


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("asked", [False, True], ids=["events", "questions"])
def test_no_number_of_the_headline_is_cut(
    browser: Browser, tmp_path: Path, width: int, asked: bool
) -> None:
    file = tmp_path / "report.html"
    sample = content(15)
    part = replace(sample.networks[0], by_question=asked)
    file.write_text(page(replace(sample, networks=(part,))), encoding="utf-8")
    with watched_page(browser, width=width) as watched:
        watched.open(file)
        boxes = watched.page.evaluate(
            "[...document.querySelectorAll('.headline td > *, .headline td.c')].map((each) => "
            "each.getBoundingClientRect()).filter((box) => box.width).map((b) => [b.left, b.right])"
        )
        assert len(boxes) > 60
        assert min(left for left, _ in boxes) >= 0
        assert max(right for _, right in boxes) <= width
        charts = "[...document.querySelectorAll('figure svg, article table')]"
        ends = f"{charts}.map((each) => each.getBoundingClientRect().right)"
        assert max(watched.page.evaluate(ends)) <= width


def test_a_drawing_wider_than_the_screen_opens_on_its_first_row(
    browser: Browser, tmp_path: Path
) -> None:
    sample = content(12)
    part = sample.networks[0]
    links = tuple(
        replace(part.influences[0], parent="event_0", child=f"event_{n}") for n in range(1, 12)
    )
    part = replace(part, influences=links, drawn=drawn(part.events, links))
    file = tmp_path / "report.html"
    file.write_text(page(replace(sample, networks=(part,))), encoding="utf-8")
    with watched_page(browser, width=390) as watched:
        watched.open(file)
        first = watched.page.locator(".node").filter(has_text="Event 0")
        box = first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_a_heading_sorts_its_column_and_says_so(browser: Browser, written: Path) -> None:
    with watched_page(browser) as watched:
        watched.open(written)
        shown = watched.page
        first = column(shown, 1)
        assert numbers(first)[:-1] == sorted(numbers(first)[:-1], reverse=True)  # settled last
        heading = shown.locator(".headline th[data-column='1']")
        button = heading.get_by_role("button", name="Probability")
        button.click()
        assert heading.get_attribute("aria-sort") == "descending"
        assert numbers(column(shown, 1)) == sorted(numbers(first), reverse=True)
        button.click()
        assert heading.get_attribute("aria-sort") == "ascending"
        assert numbers(column(shown, 1)) == sorted(numbers(first))
        assert sorted(column(shown, 0)) == sorted(column(shown, 0), key=str)
        assert shown.locator("[aria-sort]").count() == 1
        assert watched.told == []


def test_a_table_sorts_by_keyboard_alone(browser: Browser, written: Path) -> None:
    with watched_page(browser) as watched:
        watched.open(written)
        shown = watched.page
        names = column(shown, 0)
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.className") == "skip"
        for _ in range(40):
            shown.keyboard.press("Tab")
            if shown.evaluate("document.activeElement.innerText") == "Event":
                break
        shown.keyboard.press("Enter")
        assert column(shown, 0) == sorted(names)
        shown.keyboard.press("Space")
        assert column(shown, 0) == sorted(names, reverse=True)


def test_on_paper_everything_shows(browser: Browser, written: Path) -> None:
    with watched_page(browser) as watched:
        watched.open(written)
        shown = watched.page
        assert shown.locator("details[open]").count() == 0
        assert len(shown.pdf(format="A4")) > 10_000
        assert shown.locator("details:not([open])").count() == 0
        assert watched.told == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("made", [content, first_run, fifteen_questions, long_history, panel])
def test_axe_finds_no_fault(
    browser: Browser, tmp_path: Path, made: Callable[[], PageContent], width: int, dark: bool
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(made()), encoding="utf-8")
    with watched_page(browser, width=width, dark=dark) as watched:
        watched.open(file)
        watched.page.evaluate(
            "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
        )
        found = Axe().run(watched.page)
        assert found.response["testEngine"]["name"] == "axe-core"
        assert len(found.response["passes"]) > 20
        told = [
            f"{fault['impact']}: {fault['help']}: {[n['html'] for n in fault['nodes']][:3]}"
            for fault in found.response["violations"]
        ]
        assert told == []


def test_two_hundred_texts_that_try_to_be_more_stay_text(browser: Browser, tmp_path: Path) -> None:
    assert len(set(PAYLOADS)) == 200
    file = tmp_path / "report.html"
    with watched_page(browser, width=800, height=600) as watched:
        file.write_text(page(content(3)), encoding="utf-8")
        watched.open(file)
        plain = watched.page.evaluate(STRUCTURE)
        for payload in PAYLOADS:
            file.write_text(page(content(3, partial(instead, payload))), encoding="utf-8")
            watched.open(file)
            assert watched.page.evaluate(STRUCTURE) == plain, payload
            assert watched.page.evaluate("window.harmed") is None, payload
            assert watched.told == [], payload
            # It stands there as it was typed, but for what steers a screen, which is written out.
            shown = watched.page.locator("article .definition p").first.text_content()
            assert shown == visible(payload, lines=True), payload
