"""The coding guide's worked example is what stands in the evidence."""

import re

import pytest

from forecast.evidence import Item
from forecast.files._evidence_file import read_evidence
from tests.contract.repository import ROOT

GUIDE = (ROOT / "docs" / "coding-guide.md").read_text(encoding="utf-8")
ROWS = re.findall(r"`(ev\d{3}) \| ([^`]*)`", GUIDE)
ITEMS = {item.id: item for item in read_evidence(ROOT / "evidence")}


def words(item: Item) -> set[str]:
    """Return what a row of the guide may say of an item, cell by cell."""
    fields = item.model_dump(mode="json")
    found = {str(value) for value in fields.values()}
    found |= {f"speaks of {item.speaks_of}", f"derived_from {';'.join(_list(fields))}", "…"}
    if fields.get("onset"):
        found.add(f"onset {fields['onset'][0]}")
    ratio = fields.get("likelihood_ratio")
    return found | ({str(ratio).replace("x", "×", 1)} if ratio else set())


def _list(fields: dict[str, object]) -> list[str]:
    origins = fields.get("derived_from")
    return [str(name) for name in origins] if isinstance(origins, list | tuple) else []


def test_the_example_has_the_whole_chain() -> None:
    assert {name for name, _ in ROWS} >= {"ev014", "ev019", "ev020", "ev021", "ev022", "ev028"}


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row_of_the_example_is_that_of_the_file(name: str, row: str) -> None:
    assert [cell for cell in row.split(" | ") if cell not in words(ITEMS[name])] == []


def test_every_item_that_the_guide_names_is_on_file() -> None:
    named = set(re.findall(r"\bev\d{3}\b", GUIDE))
    assert named - ITEMS.keys() == set()


def test_every_row_that_the_guide_calls_left_out_is() -> None:
    left = set(re.findall(r"\bEV\d{3}\b", GUIDE))
    assert {name for name in left if name.lower() in ITEMS} == set()


def test_every_row_of_the_timeline_is_an_item_or_left_out_with_a_reason() -> None:
    page = (ROOT / "evidence" / "README.md").read_text(encoding="utf-8").split("## Left out")[1]
    rows = re.findall(r"^\| ((?:EV\d{3},? )+)[^|]+\| [^|]{9,} \|$", page, re.M)
    left = [name.lower() for row in rows for name in re.findall(r"EV\d{3}", row)]
    coded = [name for name in ITEMS if re.fullmatch(r"ev\d{3}", name)]
    timeline = [f"ev{k:03}" for k in [*range(1, 120), 180]]
    assert sorted(left + coded) == timeline
    assert f"Of the timeline's {len(timeline)} rows, {len(coded)} are items" in page
    assert all(ITEMS[name].citation for name in ITEMS)
