"""The Python of README.md runs as it stands and prints what the page shows."""

import re

import pytest

from tests.end_to_end.readme_snippet import run, shown
from tests.tolerances import SHOWN

_NUMBER = re.compile(r"-?\d+\.\d+%?")


@pytest.fixture(scope="module")
def printed() -> str:
    return run()[0]


def words(text: str) -> list[str]:
    """Return what a text says besides its decimals, whatever the width of its columns."""
    return _NUMBER.sub("#", text).split()


def numbers(text: str) -> list[float]:
    found = _NUMBER.findall(text)
    return [float(n.rstrip("%")) / (100 if n.endswith("%") else 1) for n in found]


def test_the_page_shows_the_output_of_its_snippet(printed: str) -> None:
    assert words(shown()) == words(printed)
    assert numbers(shown()) == pytest.approx(numbers(printed), abs=SHOWN)


def test_the_output_has_a_sentence_a_table_and_a_curve(printed: str) -> None:
    assert re.match(r"\d+\.\d%, 90% interval \d+\.\d% to \d+\.\d%\n", printed)
    assert len(numbers(printed)) > 50
    assert "2025-12-31" in printed
