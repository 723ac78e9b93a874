"""The reference of fields is that of the schema, and is seen wherever the page is read."""

import pytest

from forecast.files._schema import network_schema
from tests.contract.fields_page import MARKED, PAGE, TOP, cell, page

SCHEMA = network_schema()


def test_the_page_is_what_the_schema_makes() -> None:
    """`python -m tests.contract.fields_page` writes it."""
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text


def test_it_has_every_kind_of_object_with_every_field_and_a_sentence_for_each() -> None:
    tables = {found[2]: found[3] for found in MARKED.finditer(PAGE.read_text(encoding="utf-8"))}
    kinds = {name for name, part in SCHEMA["$defs"].items() if "properties" in part}
    assert set(tables) == {TOP, *kinds}
    for kind, shown in tables.items():
        fields = (SCHEMA if kind == TOP else SCHEMA["$defs"][kind])["properties"]
        rows = [line.split(" | ") for line in shown.splitlines()[2:]]
        assert [row[0].strip("| `") for row in rows] == list(fields)
        assert all(row[2].strip() for row in rows)


@pytest.mark.parametrize("text", ["a|b", "*a*", "a_b_c", "<b>", "[a](b)", "two\nlines"])
def test_nothing_in_a_cell_is_markup(text: str) -> None:
    told = cell(text)
    assert "\n" not in told
    assert told.replace("\\", "") == text.replace("\n", " ")
    assert all(told[place - 1] == "\\" for place, letter in enumerate(told) if letter in "|*_<>[]")
