"""The crowd's line beside ours: the newest word of each source, and the difference told."""

from datetime import UTC, datetime

from forecast.report._content import NamedItem
from forecast.report._words import crowd_lines


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def said(source: str, published: datetime, p: float | None, by: datetime | None) -> NamedItem:
    return NamedItem(
        id=f"{source}{published:%m%d}",
        event="pact",
        published=published,
        kind="forecast",
        source=source,
        probability=p,
        deadline=by,
    )


def test_the_newest_word_of_each_source_stands_beside_ours() -> None:
    items = [
        said("Market", at(5, 1), 0.20, at(10, 1)),
        said("Market", at(6, 1), 0.40, at(10, 1)),
        said("Panel", at(3, 1), 0.10, at(12, 1)),
        said("Herald", at(6, 2), None, None),
    ]
    lines = crowd_lines(items, "pact", {at(10, 1): 0.25})
    assert lines == [
        "Market said 40% on 31 May 2024, by 30 September 2024; we say 25% (-15.0 points)",
        "Panel said 10% on 29 February 2024, by 30 November 2024",
    ]
    assert crowd_lines(items, "treaty", {}) == []
