"""The page on the network file shows what the reader takes; the schema is the code's."""

import json
import re
from pathlib import Path

import pytest

from forecast.files._network_file import read_network
from forecast.files._schema import network_schema
from forecast.posterior import prior

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "network-format.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_a_network(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    file = tmp_path / "demo.yaml"
    file.write_text(example[1], encoding="utf-8")
    network = read_network(file)
    assert [event.id for event in network.events] == ["treaty", "troops", "office", "secret"]
    assert network.links[1].stages == 2


FORMS = re.findall(r"### ([^\n]*)\n(?:(?!\n##).)*?```yaml\n(  .*?)```", PAGE, re.DOTALL)


def test_every_form_has_its_section() -> None:
    assert [title for title, _ in FORMS] == [
        "Ever, and how soon",
        "Confirmed later",
        "Decisions",
        "What happens again",
        "Facts that depend on facts",
    ]


@pytest.mark.parametrize(("title", "lines"), FORMS, ids=[title for title, _ in FORMS])
def test_the_example_of_each_form_runs(title: str, lines: str, tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    head = "name: demo\nstart: 2024-01-01\nhorizon: 2024-12-31\nevents:\n"
    file.write_text(head + lines, encoding="utf-8")
    network = read_network(file)
    section = PAGE.split(f"### {title}\n")[1].split("\n##")[0]
    table = prior(network, draws=64).table(by=["2024-12-31"])
    assert set(table.index) == {node.id for node in network.nodes}
    named = set(re.findall(r"`(\w+\.[\w.]+)`", section))
    assert named <= set(table.index)


def test_the_published_schema_is_the_one_in_the_code() -> None:
    published = json.loads((DOCS / "network.schema.json").read_text(encoding="utf-8"))
    assert published == network_schema()
