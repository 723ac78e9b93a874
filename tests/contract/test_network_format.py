"""The page on the network file shows what the reader takes; the schema is the code's."""

import json
import re
from pathlib import Path

from forecast.files._network_file import read_network
from forecast.files._schema import network_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_example_of_the_page_is_a_network(tmp_path: Path) -> None:
    page = (DOCS / "network-format.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    file = tmp_path / "demo.yaml"
    file.write_text(example[1], encoding="utf-8")
    network = read_network(file)
    assert [event.id for event in network.events] == ["treaty", "troops", "office", "secret"]
    assert network.links[1].stages == 2


def test_the_published_schema_is_the_one_in_the_code() -> None:
    published = json.loads((DOCS / "network.schema.json").read_text(encoding="utf-8"))
    assert published == network_schema()
