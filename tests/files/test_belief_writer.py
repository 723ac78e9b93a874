from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._elicitation_files import write_beliefs
from forecast.files._network_file import read_network
from forecast.network import UnknownNameError

NETWORK = """\
# A comment that stays.
name: demo
start: 2024-01-01
horizon: 2024-12-31
events:
  pact:   # and this
    kind: onset
    rate: "20% [10%, 40%] within 6 months"
    why: >-
      An old reason
      of two lines.

    # above the title
    title: "A pact: signed"
  troops:
    kind: state
    rate:
      pool: linear
      experts:
        - {belief: "1 per year", weight: 2}
        - {belief: "2 per year"}
    off_rate: "1 per year"
links: []
"""
POOL = {
    "pool": "logarithmic",
    "experts": [
        {"name": "kim", "belief": "10% [3%, 25%] within 6 months", "weight": 1.0},
        {"name": 'it\'s "lee"', "belief": "0.2 per year [0.1, 0.4]", "weight": 2.0},
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "demo.yaml"
    path.write_text(NETWORK, encoding="utf-8")
    return path


def test_only_the_lines_of_the_belief_change(path: Path) -> None:
    write_beliefs(path, "pact", {"rate": "10% [3%, 25%] within 6 months"})
    now = path.read_text(encoding="utf-8")
    assert now == NETWORK.replace("20% [10%, 40%] within", "10% [3%, 25%] within")


def test_a_block_gives_way_to_a_line_and_a_line_to_a_block(path: Path) -> None:
    write_beliefs(path, "troops", {"rate": "1 per year"})
    assert 'rate: "1 per year"\n    off_rate' in path.read_text(encoding="utf-8")
    write_beliefs(path, "pact", {"rate": POOL})
    network = read_network(path)
    assert str(network.event("pact").rate).startswith("pool: logarithmic")
    assert network.event("pact").title == "A pact: signed"


def test_a_reason_is_written_beside_the_number(path: Path) -> None:
    write_beliefs(path, "pact", {"rate": "1 per year"}, why="What was said: # and 'why'. " * 9)
    event = read_network(path).event("pact")
    assert event.why == ("What was said: # and 'why'. " * 9).strip()
    assert "# above the title" in path.read_text(encoding="utf-8")


def test_an_off_rate_can_be_written(path: Path) -> None:
    write_beliefs(path, "troops", {"off_rate": "once in 4 years [2, 8]"})
    assert str(read_network(path).event("troops").off_rate) == "once in 4 years [2, 8]"


@pytest.mark.parametrize(
    ("event", "field", "said", "message"),
    [
        ("pakt", "rate", "1 per year", r"unknown event 'pakt'\. Did you mean 'pact'"),
        ("pact", "off_rate", "1 per year", "has no off_rate to replace"),
        ("pact", "rate", "often", "often"),
    ],
)
def test_what_cannot_be_written_leaves_the_file_as_it_was(
    path: Path, event: str, field: str, said: str, message: str
) -> None:
    with pytest.raises((InputError, UnknownNameError), match=message):
        write_beliefs(path, event, {field: said})
    assert path.read_text(encoding="utf-8") == NETWORK
    assert [file.name for file in path.parent.iterdir()] == ["demo.yaml"]


def test_an_event_in_flow_form_is_left_to_a_person(path: Path) -> None:
    flow = NETWORK.replace("links: []", "") + '  aid: {kind: onset, rate: "1 per year"}\n'
    path.write_text(flow, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be edited line by line"):
        write_beliefs(path, "aid", {"rate": "2 per year"})
    assert path.read_text(encoding="utf-8") == flow


EVER = {"ever": "45% [20%, 70%]", "pace": "half of it within 4 months [2, 9]"}


def test_a_chance_and_a_pace_take_the_place_of_a_rate_and_give_way_to_one(path: Path) -> None:
    write_beliefs(path, "pact", EVER)
    now = path.read_text(encoding="utf-8")
    assert now == NETWORK.replace(
        'rate: "20% [10%, 40%] within 6 months"',
        'ever: "45% [20%, 70%]"\n    pace: "half of it within 4 months [2, 9]"',
    )
    write_beliefs(path, "pact", {"rate": "20% [10%, 40%] within 6 months"})
    assert path.read_text(encoding="utf-8") == NETWORK


def test_fields_that_stand_apart_are_found(path: Path) -> None:
    text = NETWORK.replace(
        'rate: "20% [10%, 40%] within 6 months"', 'pace: "half of it within 1 year"'
    ).replace("    # above the title\n", "    # above the title\n    ever: 20%\n")
    path.write_text(text, encoding="utf-8")
    write_beliefs(path, "pact", EVER)
    (event,) = (event for event in read_network(path).events if event.id == "pact")
    assert {name: str(getattr(event, name)) for name in EVER} == EVER
    assert "# above the title" in path.read_text(encoding="utf-8")


def test_a_state_takes_no_chance_that_it_ever_comes(path: Path) -> None:
    with pytest.raises(InputError, match="is a field of kind onset"):
        write_beliefs(path, "troops", EVER)
    assert path.read_text(encoding="utf-8") == NETWORK


def test_a_reason_is_written_where_there_was_none(path: Path) -> None:
    write_beliefs(path, "troops", {"rate": "1 per year"}, why="What was said.")
    network = read_network(path)
    assert (network.event("troops").why, str(network.event("troops").rate)) == (
        "What was said.",
        "1 per year",
    )
