"""One table of limits: readers take theirs from it, and the page shows it."""

import re

import pytest

from forecast.files._limits import LIMITS, most
from tests.contract.limits_table import made, shown
from tests.contract.repository import PACKAGE

ASKED = re.compile(r"""\bmost\(\s*(["'])(.*?)\1,\s*"([^"]*)"\)""")


def asked() -> set[tuple[str, str]]:
    """Return the limits that the package asks the table for."""
    files = (file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))
    return {(what, unit) for text in files for _, what, unit in ASKED.findall(text)}


def test_each_limit_is_asked_for_and_stated_once() -> None:
    stated = [(each.what, each.unit) for each in LIMITS]
    assert len(set(stated)) == len(stated)
    assert asked() == set(stated)


@pytest.mark.parametrize("each", LIMITS, ids=lambda each: f"{each.what}, {each.unit}")
def test_a_limit_is_what_the_table_says(each: "type") -> None:
    assert most(each.what, each.unit) == each.most > 0


def test_the_page_shows_the_table() -> None:
    """Run ``python -m tests.contract.limits_table`` where this fails."""
    assert shown() == made()
