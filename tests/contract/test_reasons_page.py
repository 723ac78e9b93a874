"""The page on reasons: its tables add up, and are of the items that are on file."""

import re

import pytest

from forecast.files._evidence_file import read_evidence
from forecast.time import day_label
from tests.contract.priors_table import cells
from tests.contract.reasons_page import EVENTS, FIGURES, PAGE, shown
from tests.contract.repository import ROOT

TABLES = [cells(shown(event))[2:] for event in EVENTS]
SURPRISES = cells(shown("surprises"))[2:]
TEXT = PAGE.read_text(encoding="utf-8")
A_POINT = 0.06
"""Points are shown to a tenth."""
A_FACTOR = 0.06
"""Odds are shown to two digits, which is 5% at the most."""


def number(text: str) -> float:
    """Return a figure of a table, with what it is shown with taken off; `<0.1%` is none."""
    return 0.0 if text.startswith("<") else float(re.sub(r"[×%*,+]", "", text.split(" ±", 1)[0]))


@pytest.mark.parametrize("rows", TABLES, ids=EVENTS)
def test_points_add_up_to_the_forecast(rows: list[list[str]]) -> None:
    *parts, total = (number(row[3]) for row in rows)
    whole = 0.5  # a level above ten percent is shown to the percent
    assert sum(parts) == pytest.approx(total, abs=A_POINT * len(parts) + 2 * whole)


@pytest.mark.parametrize("rows", TABLES, ids=EVENTS)
def test_factors_multiply_to_the_odds_of_the_forecast(rows: list[list[str]]) -> None:
    ends = [number(row[3]) / 100 for row in (rows[0], rows[-1])]
    first, last = (p / (1 - p) for p in ends)
    for row in rows[1:-1]:
        first *= number(row[2])
    rough = A_FACTOR * (len(rows) - 2) ** 0.5 + 0.1
    assert first == pytest.approx(last, rel=rough)


@pytest.mark.parametrize("rows", [*TABLES, SURPRISES], ids=[*EVENTS, "surprises"])
def test_items_are_told_as_they_are_on_file(rows: list[list[str]]) -> None:
    evidence = read_evidence(ROOT / "evidence")
    told = [(row[0], re.findall(r"\[(\w+)\]$", row[1])) for row in rows if row[0]]
    assert len(told) >= 1
    for day, (name,) in told:
        assert day == day_label(evidence.item(name).published_instant)


def test_every_event_has_a_picture_that_the_page_shows() -> None:
    for event in EVENTS:
        assert f"](figures/why_{event}.png)" in TEXT
        assert (FIGURES / f"why_{event}.png").exists()


def test_items_that_the_readings_name_are_on_file() -> None:
    known = {item.id for item in read_evidence(ROOT / "evidence")}
    named = set(re.findall(r"\b(?:ev\d{3}|quiet_\w+)\b", TEXT))
    assert named <= known
    assert len(named) > len(EVENTS)
