"""Statements of hidden origins: which reports pass on one and the same word of somebody unnamed."""

from collections.abc import Iterable
from datetime import datetime

from forecast.evidence.item import Item
from forecast.evidence.report import Report

__all__ = ["spoken_of", "statements"]


def statements(items: Iterable[Item]) -> list[tuple[Report, ...]]:
    """Return the reports that share a hidden origin's statement, each group in order.

    A report that names an `origin` passes on a statement of it: on one event, in one sense of
    time (what is, or what will be). A report with a `speaks_of` of its own joins the statement
    that speaks of that instant, one without joins the latest statement before it; where there is
    none, it is the first to pass on a new one. What comes later changes nothing in this.

    Parameters
    ----------
    items
        In the order of the record.
    """
    found: list[list[Report]] = []
    for item in items:
        if not isinstance(item, Report) or item.origin is None:
            continue
        mine = next((group for group in reversed(found) if _joins(item, group[0])), None)
        if mine is None:
            found.append([item])
        else:
            mine.append(item)
    return [tuple(group) for group in found]


def _joins(report: Report, first: Report) -> bool:
    """Return whether a report passes on the statement that `first` was the first to pass on."""
    same = (report.origin, report.event, report.is_prediction)
    if same != (first.origin, first.event, first.is_prediction):
        return False
    return report.speaks_of is None or report.speaks_of_instant == first.speaks_of_instant


def spoken_of(items: Iterable[Item]) -> dict[str, datetime]:
    """Return the instant that each item tells of: for a shared statement, that of its first."""
    known = list(items)
    instants = {item.id: item.speaks_of_instant for item in known}
    for group in statements(known):
        instants |= dict.fromkeys((item.id for item in group), group[0].speaks_of_instant)
    return instants
