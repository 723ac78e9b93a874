"""Tables for notebooks: everything escaped, nothing fetched, never too long."""

import re

import pytest

import forecast as fc
from forecast.network._html_table import MOST_ROWS, html_table

HOSTILE = '<script>alert("$5 & $6")</script><img src=x onerror=alert(1)>'
TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"}


def hostile_network() -> fc.Network:
    events = [
        fc.Event(id="a", title=HOSTILE, kind="onset", rate="40% within 1 year"),
        fc.Event(id="b", kind="fact", initially="30% [10%, 60%]"),
    ]
    return fc.Network(
        name="demo",
        title=HOSTILE,
        start="2024-01-01",
        horizon="2024-12-31",
        events=events,
        links=[fc.Link(parent="b", child="a", kind="multiplies", hazard_ratio="x3 [1.5, 6]")],
    )


def hostile_evidence() -> fc.Evidence:
    seen = fc.Observation(id="o", event="a", published="2024-02-01", state="off", text=HOSTILE)
    ratio = fc.LikelihoodRatio(
        id="l", event="b", published="2024-02-01", likelihood_ratio="x2 [1, 4]"
    )
    return fc.Evidence([seen, ratio])


def shown(what: object) -> str:
    return what._repr_html_()


@pytest.fixture(params=["network", "evidence", "posterior"])
def page(request: pytest.FixtureRequest) -> str:
    network, evidence = hostile_network(), hostile_evidence()
    if request.param == "posterior":
        return shown(fc.update(network, evidence, as_of="2024-03-01", draws=64))
    return shown(network if request.param == "network" else evidence)


def test_no_text_becomes_markup(page: str) -> None:
    assert set(re.findall(r"</?([a-z]+)", page)) <= TAGS
    assert "&lt;script&gt;alert(&quot;$5 &amp; $6&quot;)" in page


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    attributes = set(re.findall(r"<[a-z]+ ([a-z]+)=|\" ([a-z]+)=\"", page))
    assert {name for pair in attributes for name in pair if name} <= {"style", "scope"}


def test_what_was_stated_is_shown() -> None:
    page = shown(hostile_network())
    assert all(said in page for said in ("40% within 1 year", "30% [10%, 60%]", "x3 [1.5, 6]"))
    page = shown(hostile_evidence())
    assert all(
        said in page for said in ("likelihood ratio ×2 [1, 4]", "observed to be off", "2 items")
    )


def test_a_posterior_shows_its_probabilities() -> None:
    post = fc.update(hostile_network(), hostile_evidence(), as_of="2024-03-01", draws=64)
    assert f"{post.probability('b', by='2024-12-31').mean:.0%}" in shown(post)
    assert "2 items of evidence; importance" in shown(post)


def test_long_tables_and_long_texts_are_cut() -> None:
    page = html_table("t", ["c"], [["x" * 1_000]] * (MOST_ROWS + 7))
    assert page.count("<tr>") == MOST_ROWS + 1
    assert "and 7 more" in page
    assert "x" * 160 not in page


@pytest.mark.parametrize("size", [1, 40])
def test_a_network_in_print_fits_a_screen(size: int) -> None:
    events = [fc.Event(id=f"{'e' * 40}{i}", kind="onset", rate="1 per year") for i in range(size)]
    network = fc.Network(
        name="n", title=HOSTILE + "\x1b[2J", start="2024-01-01", horizon="2024-12-31", events=events
    )
    lines = str(network).splitlines()
    assert repr(network) == str(network)
    assert max(map(len, lines)) <= 79
    assert len(lines) <= 40
    assert "\x1b" not in str(network)
    assert f"{size} events" in lines[1]
    assert (lines[-1] == "  … and 28 more") == (size == 40)


def test_a_printed_network_says_what_is_stated_of_links() -> None:
    assert "  b       multiplies  a      x3 [1.5, 6]" in str(hostile_network()).splitlines()
