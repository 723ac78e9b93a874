"""The page as text: the same for the same content, closed to the outside, and small."""

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape

import pytest

from forecast.calibration._record import Scores
from forecast.layout import Arrow, Diagram, Node, Part
from forecast.probability import percent
from forecast.report import page
from forecast.report._content import Influence
from forecast.time import day_words
from tests.report.sample import (
    AS_OF,
    DAY,
    content,
    drawn,
    event,
    fifteen_questions,
    network,
    plain,
)

PAGE = page(content())
MOST_BYTES = 550_000


def test_the_same_content_gives_the_same_bytes() -> None:
    assert page(content()) == PAGE


@pytest.mark.parametrize("name", ["style", "script"])
def test_the_policy_lets_in_the_pages_own_style_and_script_by_hash(name: str) -> None:
    (inside,) = re.findall(rf"<{name}>(.*?)</{name}>", PAGE, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', PAGE)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"


def test_only_citations_lead_to_another_place_and_only_to_the_web() -> None:
    led = re.findall(r'(?:src|href|action|data)="(?!#)(.*?)"', PAGE)
    assert set(led) == {f"https://example.org/news/{n}" for n in range(3)}
    assert led == re.findall(r'<(?:cite|code|q)><a href="(.*?)">', PAGE)
    assert not re.findall(r"\sstyle=|\son[a-z]+=|@import|url\((?!#)", PAGE)


@pytest.mark.parametrize(
    ("citation", "led"),
    [
        ("The Courier, https://example.org/n?a=1&b=2, p. 4", ["https://example.org/n?a=1&amp;b=2"]),
        ("javascript:alert(1)", []),
        ("data:text/html,https:/x", []),
        ("The Courier, p. 4", []),
    ],
)
def test_a_citation_is_a_link_where_it_holds_an_address_of_the_web(
    citation: str, led: list[str]
) -> None:
    def cited(text: str) -> str:
        return citation if text.startswith("https://") else text

    assert sorted(set(re.findall(r'href="(?!#)(.*?)"', page(content(2, cited))))) == led


def test_fifty_events_with_all_their_parts_stay_near_half_a_megabyte() -> None:
    def at_length(text: str) -> str:
        return text * 6 if text.startswith(("On from", "Two such")) else text

    long = content(50, at_length)
    assert len(long.networks[0].events[0].resolution) > 300
    assert len(page(long).encode()) <= MOST_BYTES


def test_years_of_nightly_runs_do_not_make_it_longer() -> None:
    sample = content()
    events = tuple(
        replace(
            event,
            history=tuple(
                replace(event.history[0], entry=n, as_of=AS_OF - (1000 - n) * DAY)
                for n in range(1001)
            ),
        )
        for event in sample.networks[0].events
    )
    long = page(replace(sample, networks=(replace(sample.networks[0], events=events),)))
    assert len(long) < 1.2 * len(PAGE)


def test_what_moved_a_forecast_adds_up_to_all_of_it() -> None:
    told = re.search(r"from (\S+) before any evidence to (\S+) now.*?</table>", PAGE, re.DOTALL)
    assert told is not None
    factors = [float(each) for each in re.findall(r">×([0-9.]+)<", told[0])]
    odds = [p / (1 - p) for p in (float(told[n].rstrip("%")) / 100 for n in (1, 2))]
    product = 1.0
    for factor in factors:
        product *= factor
    assert product * odds[0] == pytest.approx(odds[1], rel=0.15)  # all are shown to two digits
    assert "Sampling error" in told[0]  # what is left over, by its name
    points = [float(each) for each in re.findall(r">([+-][0-9.]+|0.0)<", told[0])]
    start, end = (100 * p / (1 + p) for p in odds)
    assert start + sum(points) == pytest.approx(end, abs=0.05 * len(points) + 0.5)


def test_every_place_has_one_name_and_every_link_leads_to_one() -> None:
    # These names are those of other parts of the page.
    networks = tuple(network(4, name=name) for name in ("main", "made", "calibration"))
    told = page(replace(content(), networks=networks))
    names = re.findall(r'\sid="(.*?)"', told)
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:href="|url\()#(.*?)["\)]', told)) <= set(names)
    labelled = re.findall(r'aria-(?:labelledby|describedby)="(.*?)"', told)
    assert len(labelled) > 15
    assert set(labelled) <= set(names)


def test_where_nothing_is_scored_it_says_so() -> None:
    nothing = Scores((), None, None, None, None, None, None, 24, 0, 0)
    told = page(replace(content(), scores=nothing))
    assert "No question has been answered yet" in told
    assert "24 not resolved, 0 annulled, 0 asked only when it was over" in told


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (1, "1 question has been answered, but it had no forecast in time"),
        (3, "3 questions have been answered, but none of them had a forecast in time"),
    ],
)
def test_where_all_answers_came_before_a_forecast_it_says_so(late: int, words: str) -> None:
    nothing = Scores((), None, None, None, None, None, None, 24, 0, late)
    told = page(replace(content(), scores=nothing))
    assert words in told
    assert "No question has been answered" not in told


def test_a_first_run_says_that_changes_come_later_and_has_no_column_for_them() -> None:
    sample = content()
    events = tuple(replace(event, before={}) for event in sample.networks[0].events)
    first = replace(sample.networks[0], previous=None, fresh=(), events=events)
    told = page(replace(sample, networks=(first,)))
    assert "This is the first run" in told
    (table,) = re.findall(r'<table class="sortable headline.*?</table>', told, re.DOTALL)
    assert "Change" not in table
    assert "–<" not in table
    columns = re.findall(r'data-column="(\d)"', table)
    assert columns == ["0", "1", "2"]
    asked = page(replace(sample, networks=(replace(first, by_question=True),)))
    (table,) = re.findall(r'<table class="sortable headline.*?</table>', asked, re.DOTALL)
    assert "Change" not in table
    assert "–<" not in table


def test_a_lone_event_is_not_drawn_as_a_network() -> None:
    sample = network(1)
    alone = replace(sample, influences=(), drawn=drawn(sample.events, ()))
    told = page(replace(content(), networks=(alone,)))
    assert '<div class="drawing">' not in told
    assert "--network" not in told
    assert '<div class="drawing">' in PAGE


def test_the_legend_has_the_kinds_of_arrow_that_there_are() -> None:
    sample = network(3)
    told = page(replace(content(), networks=(sample,)))
    assert {each.kind for each in sample.influences} == {"causes", "multiplies"}
    assert re.findall(r'class="swatch (.*?)"', told) == ["causes", "multiplies"]


def test_a_questions_section_has_wording_verdict_crowd_and_score() -> None:
    (section,) = re.findall(r'<article id="tiny-event_1">.*?</article>', PAGE, re.DOTALL)
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", section)))
    assert "Will both governments have signed by the new year?" in text
    verdict = (
        "75% by 31 December 2024: up 7.5 points since the run as of 24 June 2024; before any "
        "evidence it was 25%. From there it was moved most by: “Troops were seen near the border, "
        "says witness 0” "
        "(of “Event 5 by word of both governments”), 29 June 2024 ("
    )
    assert verdict in text
    assert "squares: the crowd" in text
    assert section.count('class="crowd" ') == 1  # its mark on the curve
    assert (
        "By 1 July 2024 it came. First said 40%, last 80%; Brier score 0.031 better than the "
        "prior over the question's life." in text
    )
    (other,) = re.findall(r'<article id="tiny-event_2">.*?</article>', PAGE, re.DOTALL)
    assert "How it was scored" not in other


@pytest.mark.parametrize(
    ("by", "shown", "not_shown"), [(0.05, "▲ 5.0", "▼"), (-0.05, "▼ 5.0", "▲")]
)
def test_what_rose_points_up_and_what_fell_points_down(
    by: float, shown: str, not_shown: str
) -> None:
    sample = content().networks[0]
    last = sample.events[2].figures[-1]
    event = replace(sample.events[2], before={last.deadline: last.probability - by})
    text = page(
        replace(
            content(),
            networks=(replace(sample, events=(event,), influences=(), drawn=drawn((event,), ())),),
        )
    )
    assert text.count(shown) == 2  # in the table, and under "What changed"
    assert not_shown not in text
    was, now = percent(last.probability - by), percent(last.probability)
    assert f"{was} → <strong>{now}</strong>" in text


def test_a_run_whose_gate_failed_says_so_at_the_top() -> None:
    start, _, _ = PAGE.partition("<table")
    assert "The convergence gate failed" in start


def test_the_gate_tells_each_check_and_a_figure_that_is_not_finite() -> None:
    assert "khat 0.21 (limit 0.7) <strong>ok</strong>" in PAGE
    assert "ess not finite (limit 400) <strong>FAILED</strong>" in PAGE


def test_the_errors_of_open_forecasts_and_their_intervals_stand_at_the_end() -> None:
    (table,) = re.findall(r'<table class="errors">.*?</table>', PAGE, re.DOTALL)
    waiting = [event for event in content().networks[0].events if not event.settled]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table)
    assert [name for name, _ in rows] == [event.title for event in waiting]
    assert rows[0][1].count('<td class="n">±&lt;0.1; ±0.2, ±1.2</td>') == len(waiting[0].figures)


def test_a_run_from_before_errors_of_ends_were_kept_shows_what_it_has() -> None:
    sample = network()
    events = tuple(
        replace(
            event,
            figures=tuple(
                replace(figure, lower_mcse=None, upper_mcse=None) for figure in event.figures
            ),
        )
        for event in sample.events
    )
    text = page(replace(content(), networks=(replace(sample, events=events),)))
    (table,) = re.findall(r'<table class="errors">.*?</table>', text, re.DOTALL)
    assert '<td class="n">±&lt;0.1</td>' in table


def test_where_all_is_settled_there_are_no_errors_to_tell() -> None:
    sample = network()
    settled = tuple(event for event in sample.events if event.settled)
    assert settled
    alone = replace(sample, events=settled, influences=(), drawn=drawn(settled, ()))
    text = page(replace(content(), networks=(alone,)))
    assert '<table class="errors">' not in text


def test_an_event_that_stands_for_several_things_has_a_row_for_each() -> None:
    parts = [event(name, level, plain) for name, level in (("vote.left", 0.6), ("vote.right", 0.3))]
    box = Node("vote", "The vote", "decision", (Part("vote.left", "left"), Part("vote.right", "r")))
    link = Influence("vote.left", "pact", "multiplies", "x2", 2.0)
    events = (event("pact", 0.2, plain), *parts)
    drawing = Diagram(
        (box, Node("pact", "A pact", "onset")),
        (Arrow("vote", "pact", "multiplies", 2.0, "left"),),
    )
    sample = replace(network(), events=events, influences=(link,), drawn=drawing)
    text = page(replace(content(), networks=(sample,)))
    drawn_part = re.findall(r'<div class="drawing">.*?</div>', text, re.DOTALL)[0]
    assert "if left: ×2" in drawn_part
    rows = re.findall(r'<a href="#(.*?)">.*?>(\d+%)</text>', drawn_part)
    assert rows == [("tiny-vote.left", "60%"), ("tiny-vote.right", "30%")]
    targets = set(re.findall(r' id="(.*?)"', text))
    assert set(re.findall(r'href="#(.*?)"', text)) <= targets


def test_dates_stand_as_people_write_them() -> None:
    text = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", "", PAGE, flags=re.DOTALL)
    assert "1 July 2024" in text
    assert not re.findall(r"\d{4}-\d{2}-\d{2}(?!-[0-9a-f]{12})", text)


def text_of(part: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", part)))


def test_an_event_without_a_section_is_named_by_its_title_and_is_no_link() -> None:
    """As where only questions are told: other events bear on theirs."""
    sample = network(3)
    unasked = "hidden_cause"
    link = Influence(unasked, "event_0", "causes", "x3", 3.0)
    called = {unasked: "What nobody asks about"}
    item = replace(sample.events[0].items[0], event=unasked)
    sample = replace(
        sample,
        influences=(*sample.influences, link),
        called=called,
        fresh=(item,),
        by_question=True,
    )
    told = page(replace(content(), networks=(sample,)))
    assert unasked not in told
    (section,) = re.findall(r'<article id="tiny-event_0">.*?</article>', told, re.DOTALL)
    assert "Opened by What nobody asks about (x3)" in text_of(section)
    assert "about: What nobody asks about" in text_of(told)
    names = set(re.findall(r'\sid="(.*?)"', told))
    assert set(re.findall(r'href="#(.*?)"', told)) <= names


def test_errors_stand_beside_each_questions_own_deadline() -> None:
    sample = fifteen_questions()
    told = page(sample)
    (table,) = re.findall(r'<table class="errors">.*?</table>', told, re.DOTALL)
    head, *rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    assert re.findall(r"<th[^>]*>(.*?)</th>", head) == ["Event", "By", "Errors"]
    shown = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)[:2] for row in rows]
    waiting = [event for event in sample.networks[0].events if not event.settled]
    assert shown == [[each.title, day_words(each.figures[0].deadline)] for each in waiting]
    assert len({day for _, day in shown}) > 10
