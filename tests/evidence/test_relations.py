"""Reports of a hidden origin: which of them pass on one statement, and what is refused."""

from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Report, spoken_of, statements
from tests.evidence.samples import network, record, said


def heard(name: str, published: str, **fields: Any) -> Report:
    return said(name, published, **{"origin": "afp", **fields})


def groups(*items: Report) -> list[list[str]]:
    return [[item.id for item in group] for group in statements(record(*items))]


def test_reports_of_one_origin_pass_on_one_statement_though_they_appear_on_several_days() -> None:
    items = heard("a", "2024-03-01"), heard("b", "2024-03-04")
    assert groups(*items) == [["a", "b"]]
    assert spoken_of(record(*items))["b"] == items[0].published_instant


def test_an_origin_that_speaks_again_of_another_time_makes_another_statement() -> None:
    items = (
        heard("a", "2024-03-01"),
        heard("b", "2024-06-02", speaks_of="2024-06-01"),
        heard("c", "2024-06-03"),
    )
    assert groups(*items) == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    "other",
    [
        {"event": "pact"},
        {"origin": "kcna"},
        {"speaks_of": "2024-06-01"},
    ],
)
def test_another_event_origin_or_sense_of_time_is_another_statement(other: dict[str, str]) -> None:
    assert groups(heard("a", "2024-03-01"), heard("b", "2024-03-04", **other)) == [["a"], ["b"]]


def test_reports_without_an_origin_pass_on_none() -> None:
    assert groups(said("a", "2024-03-01"), said("b", "2024-03-01")) == []


def test_an_unknown_origin_is_refused() -> None:
    with pytest.raises(InputError, match=r"origin: unknown source.*'afpp'.*Did you mean 'afp'"):
        record(heard("a", "2024-03-01", origin="afpp")).check(network())


def test_an_item_is_not_its_own_origin() -> None:
    with pytest.raises(InputError, match="origin: is the item's own source"):
        heard("a", "2024-03-01", origin="reuters")


def test_an_item_has_either_an_origin_or_items_that_it_derives_from() -> None:
    with pytest.raises(InputError, match="origin: the item has derived_from"):
        heard("a", "2024-03-01", derived_from=["b"])
