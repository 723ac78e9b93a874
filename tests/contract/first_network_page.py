"""The page docs/first-network.md, taken apart: its tables, its spirals, its chain of news."""

import re
from typing import NamedTuple

from tests.contract.repository import ROOT

PAGE = (ROOT / "docs" / "first-network.md").read_text(encoding="utf-8")


class EventRow(NamedTuple):
    """A row of the table of events, as text."""

    event: str
    kind: str
    known: str
    prior: str
    by_2024: str
    by_2025: str
    why: str


class LinkRow(NamedTuple):
    """A row of the table of links, as text."""

    parent: str
    child: str
    how: str
    delay: str
    why: str
    cites: str


class News(NamedTuple):
    """One stretch of days of the chain of June 2024: first and last day, and what is said."""

    first: int
    last: int
    text: str


def section(heading: str) -> str:
    """Return the part of the page below a heading."""
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def event_rows() -> list[EventRow]:
    """Return the table of events."""
    return [EventRow(*cells) for cells in _cells("Events")]


def link_rows() -> list[LinkRow]:
    """Return the table of links."""
    return [LinkRow(*cells) for cells in _cells("Links")]


def restated() -> list[list[str]]:
    """Return the table of what was restated: what, before, now, reason."""
    return [cells for cells in _cells("What was restated, and why") if len(cells) == 4]


def chances_before_news() -> list[list[str]]:
    """Return the table of probabilities before any news: each year's before, now, confirmed."""
    return [cells for cells in _cells("What was restated, and why") if len(cells) == 7]


def spirals() -> list[list[str]]:
    """Return the cycles that the page names, each as the events along it."""
    ring = r"- ((?:`\w+` → )+`\w+`):"
    return [re.findall(r"`(\w+)`", path) for path in re.findall(ring, section("Links"))]


def chain() -> list[News]:
    """Return the news of June 2024, by the days at the head of each sentence."""
    days = r"(\d+)(?: (?:to|and) (\d+))? June: "
    parts = re.split(days, section("The chain of June 2024").split("\n1. ")[1].split("\n\n")[0])
    triples = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return [News(int(a), int(b or a), text) for a, b, text in triples]


def percentages(pattern: str) -> list[str]:
    """Return the percentages in the one place of the chain's section that fits a pattern."""
    text = " ".join(section("The chain of June 2024").split())
    (found,) = re.findall(pattern.replace("#", r"(\d+(?:\.\d+)?%)"), text)
    return list(found)


def _cells(heading: str) -> list[list[str]]:
    rows = [line for line in section(heading).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
