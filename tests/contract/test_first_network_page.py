"""The page on the first network says what the network's file and the evidence say."""

import re
from datetime import date
from itertools import pairwise

import pytest

from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.network import Event, Link, Network
from tests.contract import priors_table
from tests.contract.first_network_page import (
    PAGE,
    EventRow,
    LinkRow,
    chain,
    chances_before_news,
    event_rows,
    link_rows,
    restated,
    section,
    spirals,
)
from tests.contract.repository import ROOT


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(ROOT / "priors" / "nato_rok.yaml")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence(ROOT / "evidence" / "2024-06.csv")


def event_row(network: Network, event: Event) -> EventRow:
    """Return what the page is to say of an event, but for the two chances."""
    gated = any(link.child == event.id and link.kind == "requires" for link in network.links)
    words = [
        f"ever {event.ever}, {event.pace}" if event.ever is not None else str(event.rate),
        f"ends: {event.off_rate}" if event.off_rate is not None else "",
        "given what it requires" if gated else "",
        "by calendar" if event.windows else "",
    ]
    begun = event.initially is True
    return EventRow(
        event=f"`{event.id}` {event.title}",
        kind=f"{event.kind} (on from the start)" if begun else event.kind,
        known=str(event.known or ("at once" if event.public else "never")),
        prior="known on" if begun else "; ".join(word for word in words if word),
        by_2024="",
        by_2025="",
        why=_on_one_line(event.why),
    )


def link_row(link: Link) -> LinkRow:
    """Return what the page is to say of a link."""
    how = {
        "requires": "is required by it",
        "prevents": "prevents",
        "multiplies": f"multiplies {str(link.hazard_ratio).replace('x', '×')}",
        "causes": f"causes, {link.extra_rate}",
    }[link.kind]
    stages = f", {link.stages} stages" if link.stages != 1 else ""
    delay = f"{link.delay}{stages}" if link.delay is not None else ""
    return LinkRow(
        f"`{link.parent}`", f"`{link.child}`", how, delay, _on_one_line(link.why), link.cites
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_page_counts_events_and_links(network: Network) -> None:
    assert f"\n{len(network.events)} events, {len(network.links)} links. " in PAGE


def test_the_page_says_from_when_to_when_the_network_runs(network: Network) -> None:
    first, last = (f"{day.day} {day:%B} {day.year}" for day in (network.start, network.horizon))
    assert f"It runs from {first} to {last}." in PAGE


def test_the_table_of_events_is_the_networks(network: Network) -> None:
    rows = [row._replace(by_2024="", by_2025="") for row in event_rows()]
    assert sorted(rows) == sorted(event_row(network, event) for event in network.events)


def test_the_table_of_links_is_the_networks(network: Network) -> None:
    assert sorted(link_rows()) == sorted(link_row(link) for link in network.links)


def test_every_event_that_the_page_names_is_in_the_network(network: Network) -> None:
    named = set(re.findall(r"`([a-z][a-z0-9_]+)`", PAGE))
    assert named - {event.id for event in network.events} == set()


def test_the_spirals_are_cycles_of_the_network(network: Network) -> None:
    arrows = {(link.parent, link.child) for link in network.links}
    assert len(spirals()) == 2
    for ring in spirals():
        assert ring[0] == ring[-1]
        assert set(pairwise(ring)) <= arrows


def test_the_chain_tells_of_items_on_the_days_they_were_published(evidence: Evidence) -> None:
    told = {name: news for news in chain() for name in re.findall(r"ev\d+", news.text)}
    assert len(told) >= 18
    days = {name: evidence.item(name).published for name in told}
    wrong = {
        name: str(day)
        for name, day in days.items()
        if not date(2024, 6, told[name].first) <= day <= date(2024, 6, told[name].last)
    }
    assert wrong == {}


def test_the_copies_of_the_chain_are_the_items_derived_from_others(evidence: Evidence) -> None:
    derived = {i.id for i in evidence if isinstance(i, Report) and i.derived_from}
    copies = chain()[-1].text.split("All are derived")[0]
    assert set(re.findall(r"ev\d+", copies)) == derived
    assert len(derived) + 1 == 8
    assert "the eight reports" in " ".join(section("The chain of June 2024").split())


def test_what_the_chain_takes_for_worthless_has_a_likelihood_ratio_near_one(
    evidence: Evidence,
) -> None:
    text = " ".join(news.text for news in chain())
    about_one = re.findall(r"\((ev\d+), about one\)", text)
    assert len(about_one) == 2
    for name in about_one:
        item = evidence.item(name)
        assert isinstance(item, LikelihoodRatio)
        assert 0.8 < item.likelihood_ratio.range.median < 1.25


def test_what_was_restated_stands_in_the_network_as_the_page_says(network: Network) -> None:
    now = [cells[2] for cells in restated()]
    stated = [
        *(f"ever {event.ever}, {event.pace}" for event in network.events if event.ever is not None),
        *(
            f"known {event.known}; with `{event.id}.confirmed`"
            for event in network.events
            if event.lag is not None
        ),
    ]
    links = {f"`{link.parent}` → `{link.child}`": link_row(link).how for link in network.links}
    assert now[: len(stated)] == stated
    told = {cells[0]: cells[2] for cells in restated()[len(stated) :]}
    assert len(told) == 14
    assert told == {name: links[name] for name in told}


def test_the_chances_of_today_are_those_of_the_table_of_priors() -> None:
    """That table is remade from the network by a test of its own, and has two digits."""
    table = {cells[0]: cells for cells in priors_table.cells(priors_table.shown())[2:]}
    told = chances_before_news()
    assert len(told) == 10
    for name, _, now_2024, confirmed_2024, _, now_2025, confirmed_2025 in told:
        confirmed = f"{name[:-1]}.confirmed`"
        assert (confirmed in table) == (confirmed_2024 != "") == (confirmed_2025 != "")
        for node, texts in (
            (name, (now_2024, now_2025)),
            (confirmed, (confirmed_2024, confirmed_2025)),
        ):
            for column, text in zip((5, 8), texts, strict=True):
                if text:
                    assert percent(text) == pytest.approx(
                        percent(table[node][column].split("%")[0]), rel=0.06, abs=0.06
                    ), (node, text)


def percent(text: str) -> float:
    """Return a figure of a table; `<0.1%` is taken for its middle."""
    figure = float(text.strip("<%"))
    return figure / 2 if text.startswith("<") else figure
