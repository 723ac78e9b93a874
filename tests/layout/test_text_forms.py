"""Diagrams as text: strengths as stated, and titles that nobody vetted shown as typed."""

import html
import re

import pytest

from forecast.layout import Arrow, Diagram, Node, diagram, dot, mermaid, said, width, wrapped
from forecast.network import Event, Link, Network
from forecast.visible import visible
from tests.networks import demo_network

HOSTILE = [
    'a" -> evil [label="',
    "back\\slash \\N \\G \\l",
    "<b>bold</b><script>alert(1)</script>",
    "&amp; &#34; &quot;",
    "one\ntwo\r\x00\x1b[31m",
    "`code` **x** 1. list",
    'end; subgraph; "] n1["',
    "#quot; #35;",
    "$5 or $6 [/nope] _x_",
]


def with_title(title: str) -> Diagram:
    return Diagram(
        (Node("a", title, "onset"), Node("b", "plain", "fact")),
        (Arrow("a", "b", "requires", None),),
    )


def printable(text: str) -> str:
    return visible(text)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_dot_label_says_what_the_title_says(title: str) -> None:
    line = dot(with_title(title)).splitlines()[2]
    found = re.fullmatch(r'  "a" \[label="((?:[^"\\]|\\.)*)", shape=box\];', line)
    assert found
    assert html.unescape(re.sub(r"\\(.)", r"\1", found[1])) == printable(title)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_mermaid_label_says_what_the_title_says(title: str) -> None:
    line = mermaid(with_title(title)).splitlines()[1]
    found = re.fullmatch(r'  n0\["((?:[^\W_]| |#\d+;)*)"\]', line)
    assert found
    assert re.sub(r"#(\d+);", lambda code: chr(int(code[1])), found[1]) == printable(title)


def test_mermaid_calls_no_node_by_a_word_of_its_own() -> None:
    drawing = Diagram((Node("end", "The end", "onset"), Node("x", "x", "state")), ())
    assert mermaid(drawing) == 'flowchart TB\n  n0["The end"]\n  n1(["x"])'


def test_a_diagram_has_the_networks_events_and_links() -> None:
    network = demo_network()
    drawing = diagram(network)
    assert [node.id for node in drawing.nodes] == [event.id for event in network.events]
    assert drawing.edges == [(link.parent, link.child) for link in network.links]


def test_a_cause_counts_as_the_ratio_that_it_makes_of_the_base_rate() -> None:
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="a", kind="onset", rate="0.1 per year"),
            Event(id="b", kind="onset", rate="0.2 per year"),
        ],
        links=[
            Link(parent="a", child="b", kind="causes", extra_rate="0.6 per year"),
            Link(parent="b", child="a", kind="requires"),
        ],
    )
    caused, gate = diagram(network).arrows
    assert caused.ratio == pytest.approx(4.0)
    assert said(caused) == "×4"
    assert gate.ratio is None
    assert said(gate) == "requires"


def test_a_box_shows_what_its_event_stands_for_and_arrows_say_which_of_it() -> None:
    rate = "1 per year"
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="bill", kind="onset", rate=rate, known="within 1 week"),
            Event(id="law", kind="decision", on="bill", outcomes={"yes": "60%", "not_yet": "40%"}),
            Event(id="raid", kind="repeated", rate=rate, up_to=3),
        ],
        links=[
            Link(parent="raid.2", child="law.yes", kind="multiplies", odds_ratio="x0.5"),
            Link(parent="law.yes", child="raid", kind="prevents"),
            Link(parent="raid.2", child="raid.3", kind="multiplies", hazard_ratio="x2"),
        ],
    )
    drawing = diagram(network)
    labels = {node.id: [part.label for part in node.parts] for node in drawing.nodes}
    assert labels == {
        "bill": ["happened", "confirmed"],
        "law": ["yes", "not yet"],
        "raid": ["once", "twice", "3 times"],
    }
    # What an event does to itself, and what its form implies, is not drawn.
    assert [(a.parent, said(a), a.child) for a in drawing.arrows] == [
        ("raid", "if twice: ×0.5 for yes", "law"),
        ("law", "if yes: prevents", "raid"),
        ("bill", "requires", "law"),
    ]
    assert '"law" [label="law: yes, not yet", shape=octagon];' in dot(drawing)
    assert 'n1{"law#58; yes#44; not yet"}' in mermaid(drawing)


def test_facts_that_depend_on_facts_are_joined_and_show_their_values() -> None:
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="aim", kind="fact", outcomes={"deter": "60%", "coerce": "the rest"}),
            Event(
                id="plan",
                kind="fact",
                given=["aim"],
                table=[
                    {"when": {"aim": "deter"}, "initially": "10%"},
                    {"when": {"aim": "coerce"}, "initially": "50%"},
                ],
            ),
        ],
    )
    drawing = diagram(network)
    assert [(a.parent, a.kind, a.child) for a in drawing.arrows] == [("aim", "given", "plan")]
    assert [part.label for part in drawing.nodes[0].parts] == ["deter", "coerce"]
    assert 'n0 -.->|"given"| n1' in mermaid(drawing)
    assert '"aim" -> "plan" [label="given", style=dotted];' in dot(drawing)


def test_arrows_are_as_wide_as_their_ratios_are_far_from_one() -> None:
    widths = [width(Arrow("a", "b", "multiplies", ratio)) for ratio in (1, 2, 3, 10, 20, 1_000)]
    assert widths == sorted(widths)
    assert (widths[0], widths[-2], widths[-1]) == (0, 1, 1)
    assert width(Arrow("a", "b", "multiplies", 0.5)) == pytest.approx(widths[1])


@pytest.mark.parametrize(
    "title", ["A long title of many words indeed", "x" * 200, "", "a\u202eb\n"]
)
def test_wrapped_titles_fit_their_box(title: str) -> None:
    lines = wrapped(title, columns=12, lines=2)
    assert 1 <= len(lines) <= 2
    assert all(len(line) <= 12 and line.isprintable() for line in lines)
