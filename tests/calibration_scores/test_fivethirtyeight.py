"""docs/calibration.md shows what the library finds; rewrite by the module beside this one."""

import re

import pytest

from tests.calibration_scores.fivethirtyeight import (
    PICTURE,
    RATES_BEGIN,
    RATES_END,
    Row,
    picture,
    rates,
    read,
    row,
    shown,
    table,
)
from tests.calibration_scores.worlds import Said
from tests.contract.repository import ROOT


@pytest.fixture(scope="module")
def sets() -> dict[str, Said]:
    return read()


def test_the_page_shows_the_table_that_the_data_give(sets: dict[str, Said]) -> None:
    assert shown() == table(sets)


def test_the_page_shows_the_picture_that_the_data_give(sets: dict[str, Said]) -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(sets)


def test_a_race_followed_for_months_is_one_question(sets: dict[str, Said]) -> None:
    found: Row = row("governors", sets["governors"])
    assert found.forecasts == 6583
    assert found.clusters == 72
    assert found.effective < 2 * found.clusters


def test_the_page_shows_the_rates_that_the_long_form_found() -> None:
    assert shown(RATES_BEGIN, RATES_END) == rates()


def test_the_code_of_the_page_runs() -> None:
    text = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    alone = [block for block in blocks if "my-workspace" not in block]  # that one needs a workspace
    assert len(alone) == len(blocks) - 1 == 2
    exec(compile("\n".join(alone), "calibration.md", "exec"), {})  # noqa: S102
