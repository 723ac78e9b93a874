"""The page on the format of evidence names every field of every kind."""

import pytest

from forecast.evidence import KINDS, Item
from tests.contract.repository import ROOT

PAGE = (ROOT / "docs" / "evidence-format.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    assert f"\n## {heading}\n" in PAGE
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_every_common_field_has_its_place() -> None:
    text = section("Fields of every item")
    assert [name for name in Item.model_fields if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_has_its_place(kind: str) -> None:
    fields = set(KINDS[kind].model_fields) - set(Item.model_fields)
    names = fields - {"onset", "more_events"} | (
        {"onset_from", "onset_to"} if "onset" in fields else set()
    )
    text = section(kind)
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
